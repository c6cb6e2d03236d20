/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_flow.h"

#include "base/count.h"
#include "inspect/http_shown.h"

/* What a body says: small pieces gathered, codings undone, up to what the settings want of it. */

#define GATHER_MAX 16384

/* Empty between two calls of feed, and so one for all flows. */
static uint8_t gather[GATHER_MAX];

static void text_give(struct http_feed *fd, struct bytes piece, bool last)
{
    struct http_view view;
    struct field f;

    if (piece.len == 0 && !fd->s->text.started && !fd->s->shown)
        return;
    f = http_field(fd, &view);
    f.kind = http_is_request(fd) ? FIELD_HTTP_REQUEST_BODY : FIELD_HTTP_RESPONSE_BODY;
    f.coding = fd->s->said.coding;
    f.wire = fd->s->packed ? fd->s->body_len : 0;
    if (http_is_request(fd))
        window_give(&fd->s->text, &f, piece, last, fd->in->fn, fd->in->arg);
    else
        http_shown_give(fd->in, HTTP_SHOWN_ALONE, &fd->s->text, &f, piece, last, &fd->s->shown);
}

void http_text_flush(struct http_feed *fd)
{
    struct bytes piece = {gather, fd->gathered};

    fd->gathered = 0;
    if (piece.len)
        text_give(fd, piece, false);
}

static void text_end(struct http_feed *fd)
{
    struct bytes piece = {gather, fd->gathered};

    fd->gathered = 0;
    text_give(fd, piece, true);
}

static uint8_t *text_room(struct http_feed *fd, size_t *room)
{
    if (fd->gathered == sizeof gather)
        http_text_flush(fd);
    *room = sizeof gather - fd->gathered;
    return gather + fd->gathered;
}

static void text_wrote(struct http_feed *fd, size_t n)
{
    fd->gathered += n;
}

static void text_put(struct http_feed *fd, struct bytes piece)
{
    if (fd->s->body.framing != HTTP_CHUNKED || piece.len > sizeof gather / 4) {
        http_text_flush(fd);
        text_give(fd, piece, false);
        return;
    }
    if (piece.len > sizeof gather - fd->gathered)
        http_text_flush(fd);
    memcpy(gather + fd->gathered, piece.p, piece.len);
    fd->gathered += piece.len;
}

/* gRPC compresses each message on its own (grpc-encoding), behind five bytes of flag and length: they are
 * found where they begin. */
static void messages_take(struct http_feed *fd, struct bytes piece, bool last)
{
    struct http_view view;
    struct field f;

    if (!fd->s->said.framed || fd->s->muted ||
        (!http_is_request(fd) && !fd->in->config->http_decompress_responses))
        return;
    f = http_field(fd, &view);
    f.kind = http_is_request(fd) ? FIELD_HTTP_REQUEST_BODY : FIELD_HTTP_RESPONSE_BODY;
    f.coding = fd->s->said.coding;
    packed_feed(&fd->s->messages, fd->in->config, &f, piece, last, fd->in->fn, fd->in->arg);
}

/* --- codings --- */

static void decoder_begin(struct http_feed *fd, const struct http_codings *labels)
{
    const struct config *config = fd->in->config;

    codings_set_memcap(config->http_decompress_memcap);
    fd->s->packed = true;
    fd->s->decoder = http_decoder_new(labels, (struct http_coding_limits){config->http_decompress_limit,
                                                                          config->http_decompress_ratio,
                                                                          config->http_decompress_layers});
    if (!fd->s->decoder)
        count(COUNT_INSPECT_MEMORY);
}

static void decoder_end(struct http_side *s)
{
    if (http_decoder_is_bad(s->decoder))
        count(COUNT_HTTP_BAD_CODING);
    if (http_decoder_is_refused(s->decoder))
        count(COUNT_INSPECT_MEMORY);
    http_decoder_free(s->decoder);
    s->decoder = NULL;
}

/* So much of a body is shown. */
static uint64_t text_most(const struct http_feed *fd)
{
    return http_is_request(fd) ? UINT64_MAX : http_shown_most(fd->in, HTTP_SHOWN_ALONE);
}

static void text_skip(const struct http_feed *fd, size_t n)
{
    count_add(http_is_request(fd) ? COUNT_INSPECT_SKIPPED_BYTES : COUNT_HTTP_RESPONSE_SKIPPED, n);
}

static void text_enough(struct http_feed *fd)
{
    text_end(fd);
    fd->s->muted = true;
}

static void decode(struct http_feed *fd, struct bytes piece, bool last)
{
    struct http_side *s = fd->s;
    enum http_decoded got;

    do {
        size_t room, n;
        uint8_t *out = text_room(fd, &room);

        if (room > s->text_left)
            room = (size_t)s->text_left;
        got = http_decode(s->decoder, &piece, last, out, room, &n);
        text_wrote(fd, n);
        s->text_left -= n;
        if (got == HTTP_DECODED_ANEW) { /* what came out was no text: it is no part of the body */
            text_end(fd);
            s->text_left = text_most(fd);
        }
    } while ((got == HTTP_DECODED_ROOM || got == HTTP_DECODED_ANEW) && s->text_left);
    if (got == HTTP_DECODED_BOMB)
        count(COUNT_HTTP_BOMB);
    if (got == HTTP_DECODED_BOMB || s->text_left == 0) {
        text_skip(fd, piece.len);
        text_enough(fd);
    }
    if (s->muted || last || http_decoder_is_plain(s->decoder))
        decoder_end(s);
}

static bool undoes(const struct http_feed *fd)
{
    return http_is_request(fd) || fd->in->config->http_decompress_responses;
}

void http_text_begin(struct http_feed *fd)
{
    struct http_side *s = fd->s;
    struct http_codings all = s->said.content; /* codings of the transfer lie over them */

    all.too_many |= s->said.transfer.too_many;
    for (unsigned i = 0; i < s->said.transfer.n; i++)
        if (all.n < HTTP_CODINGS_MAX)
            all.label[all.n++] = s->said.transfer.label[i];
        else
            all.too_many = true;
    s->packed = false;
    s->text_left = text_most(fd);
    s->muted = s->text_left == 0;
    if (s->said.bad_coding)
        count(COUNT_HTTP_BAD_CODING);
    if (all.n && !s->muted && undoes(fd))
        decoder_begin(fd, &all);
}

/* A body that begins like a compressed one is taken for that: labels get lost, and applications unpack what
 * they are sent. */
static bool looks_coded(const struct http_feed *fd, struct bytes piece)
{
    return fd->s->body_len == 0 && piece.len && coding_may_begin(piece.p[0]) && undoes(fd);
}

void http_text_take(struct http_feed *fd, struct bytes piece)
{
    struct http_side *s = fd->s;
    size_t show = piece.len;

    messages_take(fd, piece, false);
    if (!s->decoder && !s->muted && looks_coded(fd, piece))
        decoder_begin(fd, &(struct http_codings){0});
    s->body_len += piece.len;
    if (s->muted) {
        text_skip(fd, piece.len);
    } else if (s->decoder) {
        decode(fd, piece, false);
    } else {
        if (show > s->text_left)
            show = (size_t)s->text_left;
        s->text_left -= show;
        text_put(fd, bytes_slice(piece, 0, show));
        text_skip(fd, piece.len - show);
        if (s->text_left == 0)
            text_enough(fd);
    }
}

void http_text_finish(struct http_feed *fd)
{
    messages_take(fd, (struct bytes){NULL, 0}, true);
    packed_drop(&fd->s->messages);
    if (fd->s->decoder)
        decode(fd, (struct bytes){NULL, 0}, true);
    text_end(fd);
    if (fd->s->muted && !http_is_request(fd)) {
        struct http_view view;
        struct field f = http_field(fd, &view);

        http_shown_end(fd->in, &f);
    }
}

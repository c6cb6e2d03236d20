/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_flow.h"

#include "base/count.h"
#include "inspect/http_shown.h"

#define GATHER_MAX 16384

/* Empty between two calls of feed, and so one for all flows. */
static uint8_t gather[GATHER_MAX];

static struct bytes nothing(void)
{
    return bytes_of(NULL, 0);
}

static void text_give(struct http2_feed *fd, struct http2_stream *st, struct bytes piece, bool last)
{
    unsigned way = http2_way(fd);
    struct http2_body *b = &st->body[way];
    struct http_view view;
    struct field f;

    if (piece.len == 0 && !b->text.started && !b->shown)
        return;
    f = http2_field(fd, st, &view);
    f.kind = way == HTTP2_REQUEST ? FIELD_HTTP_REQUEST_BODY : FIELD_HTTP_RESPONSE_BODY;
    f.coding = b->said.coding;
    f.wire = b->packed ? b->len : 0;
    if (way == HTTP2_REQUEST)
        window_give(&b->text, &f, piece, last, fd->in->fn, fd->in->arg);
    else
        http_shown_give(fd->in, HTTP_SHOWN_MIXED, &b->text, &f, piece, last, &b->shown);
}

void http2_body_flush(struct http2_feed *fd)
{
    struct bytes piece = {gather, fd->gathered};

    fd->gathered = 0;
    if (piece.len)
        text_give(fd, fd->gathering, piece, false);
    fd->gathering = NULL;
}

static void text_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece)
{
    if (fd->gathering != st || piece.len > sizeof gather - fd->gathered)
        http2_body_flush(fd);
    if (piece.len > sizeof gather / 4) {
        http2_body_flush(fd);
        text_give(fd, st, piece, false);
        return;
    }
    if (piece.len)
        memcpy(gather + fd->gathered, piece.p, piece.len);
    fd->gathered += piece.len;
    fd->gathering = st;
}

static void text_end(struct http2_feed *fd, struct http2_stream *st)
{
    http2_body_flush(fd);
    text_give(fd, st, nothing(), true);
}

/* gRPC compresses each message on its own (grpc-encoding), behind five bytes of flag and length: they are
 * found where they begin. */
static void messages_take(struct http2_feed *fd, struct http2_stream *st, struct bytes piece, bool last)
{
    unsigned way = http2_way(fd);
    struct http2_body *b = &st->body[way];
    struct http_view view;
    struct field f;

    if (!b->said.framed || b->muted || (way == HTTP2_RESPONSE && !fd->in->config->http_decompress_responses))
        return;
    f = http2_field(fd, st, &view);
    f.kind = way == HTTP2_REQUEST ? FIELD_HTTP_REQUEST_BODY : FIELD_HTTP_RESPONSE_BODY;
    f.coding = b->said.coding;
    packed_feed(&b->messages, fd->in->config, &f, piece, last, fd->in->fn, fd->in->arg);
}

/* A compressed request body as it came: most servers hand it to the application so, and a gzip header has
 * room for text. Not when the whole direction is given so already, nor while another stream's is: a receiver
 * sees one raw text of a direction at a time. */
static void sent_give(struct http2_feed *fd, struct http2_stream *st, struct bytes piece, bool last)
{
    struct http2_body *b = &st->body[HTTP2_REQUEST];
    struct http_view view;
    struct field f;

    if (last ? !b->sent.started : fd->s->also_raw || (fd->h->sent_of && fd->h->sent_of != st))
        return;
    fd->h->sent_of = last ? NULL : st;
    f = http2_field(fd, st, &view);
    f.kind = FIELD_RAW;
    f.packed = true;
    window_give(&b->sent, &f, piece, last, fd->in->fn, fd->in->arg);
}

static void decoder_begin(struct http2_feed *fd, struct http2_body *b, const struct http_codings *labels)
{
    const struct config *config = fd->in->config;

    b->packed = true;
    codings_set_memcap(config->http_decompress_memcap);
    b->decoder = http_decoder_new(labels, (struct http_coding_limits){config->http_decompress_limit,
                                                                      config->http_decompress_ratio,
                                                                      config->http_decompress_layers});
    if (!b->decoder)
        count(COUNT_INSPECT_MEMORY);
}

static void decoder_end(struct http2_body *b)
{
    if (http_decoder_is_bad(b->decoder))
        count(COUNT_HTTP_BAD_CODING);
    if (http_decoder_is_refused(b->decoder))
        count(COUNT_INSPECT_MEMORY);
    http_decoder_free(b->decoder);
    b->decoder = NULL;
}

/* So much of a body is shown. */
static uint64_t text_most(const struct http2_feed *fd)
{
    return http2_way(fd) == HTTP2_REQUEST ? UINT64_MAX : http_shown_most(fd->in, HTTP_SHOWN_MIXED);
}

static void text_skip(const struct http2_feed *fd, size_t n)
{
    count_add(http2_way(fd) == HTTP2_REQUEST ? COUNT_INSPECT_SKIPPED_BYTES : COUNT_HTTP_RESPONSE_SKIPPED, n);
}

static void text_enough(struct http2_feed *fd, struct http2_stream *st)
{
    text_end(fd, st);
    st->body[http2_way(fd)].muted = true;
}

static enum http_decoded decode_some(struct http2_feed *fd, struct http2_stream *st, struct bytes *piece,
                                     bool last)
{
    struct http2_body *b = &st->body[http2_way(fd)];
    enum http_decoded got;
    size_t n, room;

    if (fd->gathering != st || fd->gathered == sizeof gather)
        http2_body_flush(fd);
    fd->gathering = st;
    room = sizeof gather - fd->gathered;
    if (room > b->text_left)
        room = (size_t)b->text_left;
    got = http_decode(b->decoder, piece, last, gather + fd->gathered, room, &n);
    fd->gathered += n;
    b->text_left -= n;
    if (got == HTTP_DECODED_ANEW) {
        text_end(fd, st);
        b->text_left = text_most(fd);
    }
    return got;
}

static void decode(struct http2_feed *fd, struct http2_stream *st, struct bytes piece, bool last)
{
    struct http2_body *b = &st->body[http2_way(fd)];
    enum http_decoded got;

    do
        got = decode_some(fd, st, &piece, last);
    while ((got == HTTP_DECODED_ROOM || got == HTTP_DECODED_ANEW) && b->text_left);
    if (got == HTTP_DECODED_BOMB)
        count(COUNT_HTTP_BOMB);
    if (got == HTTP_DECODED_BOMB || b->text_left == 0) {
        text_skip(fd, piece.len);
        text_enough(fd, st);
    }
    if (b->muted || last || http_decoder_is_plain(b->decoder))
        decoder_end(b);
}

static bool undoes(const struct http2_feed *fd)
{
    return http2_way(fd) == HTTP2_REQUEST || fd->in->config->http_decompress_responses;
}

void http2_body_begin(struct http2_feed *fd, struct http2_stream *st, const struct http_said *said)
{
    unsigned way = http2_way(fd);
    struct http2_body *b = &st->body[way];

    b->said = *said;
    b->headed = true;
    if (way == HTTP2_RESPONSE && !said->bad_coding)
        http_java_watch(&st->java, fd->in->config,
                        &(struct http_java_head){.asked = st->tx ? &st->tx->view : NULL,
                                                 .type = bytes_of(st->type, st->type_len),
                                                 .codings = &said->content});
    if (said->bad_coding)
        count(COUNT_HTTP_BAD_CODING);
    if (said->content.n && !b->decoder && !b->open && text_most(fd) && undoes(fd))
        decoder_begin(fd, b, &said->content);
}

/* A body that begins like a compressed one is taken for that: labels get lost, and applications unpack what
 * they are sent. */
static bool looks_coded(const struct http2_feed *fd, const struct http2_body *b, struct bytes piece)
{
    return b->len == 0 && coding_may_begin(piece.p[0]) && undoes(fd);
}

/* Codings undone, as much as the settings want. */
static void text_take(struct http2_feed *fd, struct http2_stream *st, struct bytes piece)
{
    struct http2_body *b = &st->body[http2_way(fd)];
    size_t show = piece.len;

    if (!b->decoder && !b->muted && looks_coded(fd, b, piece))
        decoder_begin(fd, b, &(struct http_codings){0});
    b->len += piece.len;
    if (b->muted) {
        text_skip(fd, piece.len);
    } else if (b->decoder) {
        decode(fd, st, piece, false);
    } else {
        if (show > b->text_left)
            show = (size_t)b->text_left;
        b->text_left -= show;
        text_put(fd, st, bytes_slice(piece, 0, show));
        text_skip(fd, piece.len - show);
        if (b->text_left == 0)
            text_enough(fd, st);
    }
}

static void request_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece)
{
    struct http2_body *b = &st->body[HTTP2_REQUEST];
    uint64_t before = b->len, limit = fd->in->config->http_request_body_limit;

    text_take(fd, st, piece);
    if (before <= limit && b->len > limit)
        count(COUNT_HTTP_BODY_CUT);
    if (b->packed) {
        http2_body_flush(fd); /* first: what stands in both is in the body */
        sent_give(fd, st, piece, false);
    }
}

static void java_tell(struct http2_feed *fd, struct http2_stream *st)
{
    struct http_view view;
    struct field f;

    if (!st->java.watching)
        return;
    f = http2_field(fd, st, &view);
    http_java_tell(&st->java, fd->in, &f);
}

static void java_end(struct http2_feed *fd, struct http2_stream *st, bool whole)
{
    struct http_view view;
    struct field f;

    if (!st->java.watching)
        return;
    f = http2_field(fd, st, &view);
    http_java_end(&st->java, fd->in, &f, whole);
}

static void response_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece)
{
    if (http_java_take(&st->java, piece))
        java_tell(fd, st);
    text_take(fd, st, piece);
}

void http2_body_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece)
{
    unsigned way = http2_way(fd);

    if (piece.len == 0)
        return;
    if (!st->body[way].open) {
        st->body[way].open = true;
        st->body[way].text_left = text_most(fd);
        st->body[way].muted = st->body[way].text_left == 0;
    }
    if (http2_socket_put(fd, st, piece, 0, false))
        return;
    messages_take(fd, st, piece, false);
    if (way == HTTP2_REQUEST)
        request_put(fd, st, piece);
    else
        response_put(fd, st, piece);
}

/* Ends what has been given of the body in the direction of fd. */
static void end_texts(struct http2_feed *fd, struct http2_stream *st, bool whole)
{
    messages_take(fd, st, nothing(), true);
    if (http2_way(fd) == HTTP2_RESPONSE) {
        java_end(fd, st, whole);
        text_end(fd, st);
        return;
    }
    text_end(fd, st);
    sent_give(fd, st, nothing(), true);
}

void http2_body_broken(struct http2_feed *fd, struct http2_stream *st, uint64_t gap)
{
    if (gap)
        (void)http2_socket_put(fd, st, nothing(), gap, false);
    /* No decoder finds its way again after a gap. */
    if (st->body[http2_way(fd)].decoder)
        decode(fd, st, nothing(), true);
    end_texts(fd, st, false);
    st->body[http2_way(fd)].len += gap;
}

static void end_here(struct http2_feed *fd, struct http2_stream *st)
{
    (void)http2_socket_put(fd, st, nothing(), 0, true);
    if (st->body[http2_way(fd)].decoder)
        decode(fd, st, nothing(), true);
    end_texts(fd, st, true);
}

void http2_body_end(struct http2_feed *fd, struct http2_stream *st, unsigned way)
{
    struct http2_body *b = &st->body[way];

    if (b->ended)
        return;
    b->ended = true;
    http2_body_flush(fd);
    if (way == http2_way(fd)) {
        end_here(fd, st);
    } else if (b->open) {
        /* This side reset the stream: what the other one said of it is judged as its own. */
        struct chunk chunk = *fd->in->chunk;
        struct inspecting in = *fd->in;
        struct http2_feed other = {.h = fd->h, .s = &fd->h->side[way], .in = &in};

        chunk.side = !chunk.side;
        in.chunk = &chunk;
        in.from_client = !in.from_client;
        end_here(&other, st);
    }
}

void http2_body_drop(struct http2_body *b)
{
    packed_drop(&b->messages);
    window_drop(&b->text);
    window_drop(&b->sent);
    http_decoder_free(b->decoder);
    b->decoder = NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_flow.h"

#include "base/count.h"

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

    if (piece.len == 0 && !b->text.started)
        return;
    f = http2_field(fd, st, &view);
    f.kind = way == HTTP2_REQUEST ? FIELD_HTTP_REQUEST_BODY : FIELD_HTTP_RESPONSE_BODY;
    f.coding = b->said.coding;
    f.wire = b->packed ? b->len : 0;
    window_give(&b->text, &f, piece, last, fd->in->fn, fd->in->arg);
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

static void decode(struct http2_feed *fd, struct http2_stream *st, struct bytes piece, bool last)
{
    struct http2_body *b = &st->body[HTTP2_REQUEST];
    enum http_decoded got;

    do {
        size_t n;

        if (fd->gathering != st || fd->gathered == sizeof gather)
            http2_body_flush(fd);
        fd->gathering = st;
        got = http_decode(b->decoder, &piece, last, gather + fd->gathered, sizeof gather - fd->gathered, &n);
        fd->gathered += n;
        if (got == HTTP_DECODED_ANEW)
            text_end(fd, st);
    } while (got == HTTP_DECODED_ROOM || got == HTTP_DECODED_ANEW);
    if (got == HTTP_DECODED_BOMB) {
        count(COUNT_HTTP_BOMB);
        text_end(fd, st);
        b->muted = true;
    }
    if (got == HTTP_DECODED_BOMB || last || http_decoder_is_plain(b->decoder))
        decoder_end(b);
}

void http2_body_begin(struct http2_feed *fd, struct http2_stream *st, const struct http_said *said)
{
    unsigned way = http2_way(fd);
    struct http2_body *b = &st->body[way];

    b->said = *said;
    b->headed = true;
    if (way == HTTP2_RESPONSE) {
        if (!said->bad_coding)
            http_java_watch(&st->java, fd->in->config,
                            &(struct http_java_head){.asked = st->tx ? &st->tx->view : NULL,
                                                     .type = bytes_of(st->type, st->type_len),
                                                     .codings = &said->content});
        return;
    }
    if (said->bad_coding)
        count(COUNT_HTTP_BAD_CODING);
    if (said->content.n && !b->decoder && !b->open)
        decoder_begin(fd, b, &said->content);
}

/* A body that begins like a compressed one is taken for that: labels get lost, and applications unpack what
 * they are sent. */
static bool looks_coded(const struct http2_body *b, struct bytes piece)
{
    return b->len == 0 && coding_may_begin(piece.p[0]);
}

static void request_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece)
{
    struct http2_body *b = &st->body[HTTP2_REQUEST];
    uint64_t before = b->len, limit = fd->in->config->http_request_body_limit;
    bool as_sent;

    if (!b->decoder && looks_coded(b, piece))
        decoder_begin(fd, b, &(struct http_codings){0});
    b->len += piece.len;
    if (before <= limit && b->len > limit)
        count(COUNT_HTTP_BODY_CUT);
    as_sent = b->decoder || b->sent.started;
    if (b->muted)
        count_add(COUNT_INSPECT_SKIPPED_BYTES, piece.len);
    else if (b->decoder)
        decode(fd, st, piece, false);
    else
        text_put(fd, st, piece);
    if (as_sent) {
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
    struct http2_body *b = &st->body[HTTP2_RESPONSE];
    uint64_t before = b->len, limit = fd->in->config->http_response_body_limit;
    size_t show = piece.len;

    b->len += piece.len;
    if (http_java_take(&st->java, piece))
        java_tell(fd, st);
    if (before >= limit) {
        count_add(COUNT_HTTP_RESPONSE_SKIPPED, piece.len);
        return;
    }
    if (show > limit - before)
        show = (size_t)(limit - before);
    text_put(fd, st, bytes_slice(piece, 0, show));
    count_add(COUNT_HTTP_RESPONSE_SKIPPED, piece.len - show);
    if (b->len >= limit)
        text_end(fd, st);
}

void http2_body_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece)
{
    unsigned way = http2_way(fd);

    if (piece.len == 0)
        return;
    st->body[way].open = true;
    if (way == HTTP2_REQUEST)
        request_put(fd, st, piece);
    else
        response_put(fd, st, piece);
}

/* Ends what has been given of the body in the direction of fd. */
static void end_texts(struct http2_feed *fd, struct http2_stream *st, bool whole)
{
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
    /* No decoder finds its way again after a gap. */
    if (http2_way(fd) == HTTP2_REQUEST && st->body[HTTP2_REQUEST].decoder)
        decode(fd, st, nothing(), true);
    end_texts(fd, st, false);
    st->body[http2_way(fd)].len += gap;
}

static void end_here(struct http2_feed *fd, struct http2_stream *st)
{
    struct http2_body *b = &st->body[HTTP2_REQUEST];

    if (http2_way(fd) == HTTP2_REQUEST && b->decoder)
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
    window_drop(&b->text);
    window_drop(&b->sent);
    http_decoder_free(b->decoder);
    b->decoder = NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_flow.h"

#include "base/count.h"

/* References to the table make much of little: one byte may stand for its largest entry. What they name was
 * given when it entered the table, so leaving a repetition out hides nothing new. */
#define EXPANSION     128 /* bytes that a byte of a block may become */
#define EXPANSION_MAX (1u << 20)

/* An interim response (RFC 9110 15.2) is followed by the one that answers the request. */
static bool is_interim(unsigned status)
{
    return status >= 100 && status < 200;
}

static void head_give(struct http2_feed *fd, const struct http2_stream *st, const struct http2_said *said,
                      bool is_request)
{
    struct http_view view;
    struct field f = http2_field(fd, st, &view);

    if (said && is_request) {
        view = said->view;
        view.stream = fd->s->block.stream;
    }
    f.kind = is_request ? FIELD_HTTP_REQUEST_HEAD : FIELD_HTTP_RESPONSE_HEAD;
    f.parts = is_request ? http2_request_parts : http2_response_parts;
    f.value = http2_list_text();
    (void)fd->in->fn(fd->in->arg, &f);
}

static void request_begin(struct http2_feed *fd, struct http2_stream *st, const struct http2_said *said)
{
    count(COUNT_HTTP_REQUESTS);
    http_tx_release(st->tx);
    st->tx = http_tx_new(&said->view, st->number);
    http2_body_begin(fd, st, &said->said);
    if (said->websocket)
        http2_socket_begin(fd, st);
}

/* A fetch of Java code that leads elsewhere, or nowhere. */
static void answer_java(struct http2_feed *fd, const struct http2_stream *st, struct bytes location)
{
    struct http_view view;
    struct field f = http2_field(fd, st, &view);

    if (st->status >= 300)
        (void)http_java_answer(fd->in, &f, st->status < 400 ? location : bytes_of(NULL, 0));
}

static void response_begin(struct http2_feed *fd, struct http2_stream *st, const struct http2_said *said)
{
    struct bytes type = said->view.response_content_type;

    st->status = said->view.status;
    st->type_len = (uint8_t)(type.len < HTTP2_TYPE_MAX ? type.len : HTTP2_TYPE_MAX);
    if (st->type_len)
        memcpy(st->type, type.p, st->type_len);
    if (is_interim(st->status))
        return;
    count(COUNT_HTTP_RESPONSES);
    answer_java(fd, st, said->location);
    http2_body_begin(fd, st, &said->said);
}

/* The stream that the block speaks of. A promise is the server's word on a request that it expects (RFC 9113
 * 8.4): its headers are of that request's stream. */
static struct http2_stream *stream_of(struct http2_feed *fd)
{
    const struct http2_block *b = &fd->s->block;
    uint32_t id = b->promised ? b->promised : b->stream;
    struct http2_stream *st = http2_stream_find(fd->h, id);

    return st ? st : http2_stream_new(fd, id);
}

static void promise_give(struct http2_feed *fd, struct http2_stream *st, const struct http2_said *said)
{
    head_give(fd, st, said, false);
    if (!st || st->tx)
        return;
    st->tx = http_tx_new(&said->view, st->number);
    st->body[HTTP2_REQUEST].ended = true;
}

/* What a later piece of a long head says of the body counts as well. */
static void body_amend(struct http2_feed *fd, struct http2_stream *st, const struct http_said *said)
{
    struct http_said all = st->body[http2_way(fd)].said;

    if (said->content.n)
        all.content = said->content;
    all.bad_coding |= said->bad_coding;
    if (said->has_type) {
        all.coding = said->coding;
        all.framed = said->framed;
    }
    http2_body_begin(fd, st, &all);
}

/* The list as it stands is a head, a further piece of one, or a trailer. */
static void list_give(struct http2_feed *fd)
{
    struct http2_block *b = &fd->s->block;
    unsigned way = http2_way(fd);
    struct http2_stream *st = stream_of(fd);
    struct http2_said said;
    bool is_first;

    if (http2_list_is_empty())
        return;
    if (st)
        fd->s->message = st->number;
    http2_body_flush(fd);
    http2_list_read(&said);
    if (!b->continued)
        b->trails = st && st->body[way].headed;
    is_first = st && !b->continued && !b->trails;
    if (b->promised) {
        promise_give(fd, st, &said);
    } else if (way == HTTP2_REQUEST) {
        head_give(fd, st, is_first ? &said : NULL, true);
        if (is_first)
            request_begin(fd, st, &said);
    } else {
        if (is_first)
            response_begin(fd, st, &said);
        head_give(fd, st, &said, false);
    }
    if (st && b->continued && !b->promised && !b->trails)
        body_amend(fd, st, &said.said);
    b->continued = true;
    http2_list_clear();
}

static void add(struct http2_feed *fd, struct bytes name, struct bytes value)
{
    if (http2_list_add(name, value))
        return;
    if (!fd->s->block.continued)
        count(COUNT_HTTP_HEAD_CUT);
    list_give(fd);
    (void)http2_list_add(name, value);
}

static void header_put(struct http2_feed *fd, const struct http2_header *header)
{
    struct http2_side *s = fd->s;
    size_t len = header->name.len + header->value.len, wire = 2 * header->wire_len;

    s->credit += EXPANSION * (uint64_t)header->wire_len;
    if (s->credit > EXPANSION_MAX)
        s->credit = EXPANSION_MAX;
    if (len == 0) {
        if (s->partial)
            count(COUNT_HTTP2_UNKNOWN_HEADERS);
        return;
    }
    if (len > wire && len - wire > s->credit) {
        count(COUNT_HTTP2_REPEATED_HEADERS);
        if (header->value.len > wire)
            return;
        add(fd, bytes_slice(header->name, 0, 64),
            header->value); /* a long name of the table's, a new value */
        return;
    }
    s->credit -= len > wire ? len - wire : 0;
    add(fd, header->name, header->value);
}

static bool inflater_ready(struct http2_feed *fd)
{
    const struct config *config = fd->in->config;
    struct http2_side *s = fd->s;

    if (s->hpack)
        return true;
    /* Streams have the other half. */
    s->hpack = http2_hpack_new((uint32_t)config->http2_max_table_size, config->http2_memcap / 2, s->partial);
    return s->hpack != NULL;
}

bool http2_block_take(struct http2_feed *fd, struct bytes piece)
{
    struct http2_side *s = fd->s;
    enum http2_hpack_next next;
    struct http2_header header;

    if (!inflater_ready(fd))
        return false;
    while ((next = http2_hpack_next(s->hpack, &piece, &header)) == HTTP2_HPACK_HEADER)
        header_put(fd, &header);
    return next != HTTP2_HPACK_BAD;
}

void http2_block_wait(struct http2_feed *fd)
{
    if (fd->s->block.open && !http2_list_put_aside(&fd->s->block.aside))
        list_give(fd);
}

void http2_block_resume(struct http2_feed *fd)
{
    http2_list_clear();
    if (fd->s->block.open)
        http2_list_take_back(&fd->s->block.aside);
}

bool http2_block_end(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    bool good = inflater_ready(fd) && http2_hpack_end(s->hpack);
    struct http2_stream *st;

    list_give(fd);
    s->block.open = false;
    st = s->block.promised ? NULL : http2_stream_find(fd->h, s->block.stream);
    if (st && s->block.ends_stream)
        http2_stream_ended(fd, st, http2_way(fd));
    return good;
}

void http2_block_abandon(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;

    http2_hpack_free(s->hpack);
    s->hpack = NULL;
    if (!s->block.open)
        return;
    list_give(fd);
    s->block.open = false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_flow.h"

#include "base/count.h"

#include <stdlib.h>

/* Of all connections. */
static uint64_t n_all;

struct http2_stream *http2_stream_find(struct http2 *h, uint32_t id)
{
    struct http2_stream **at = &h->streams, *st;

    while (*at && (*at)->id != id)
        at = &(*at)->next;
    st = *at;
    if (!st || st == h->streams)
        return st;
    *at = st->next;
    st->next = h->streams;
    h->streams = st;
    return st;
}

static void stream_forget(struct http2_stream *st)
{
    for (unsigned way = 0; way < 2; way++)
        http2_body_drop(&st->body[way]);
    http_java_drop(&st->java);
    http2_socket_drop(st);
    http_tx_release(st->tx);
    free(st);
    n_all--;
}

static bool is_busy(const struct http2_stream *st)
{
    return (st->body[HTTP2_REQUEST].open && !st->body[HTTP2_REQUEST].ended) ||
           (st->body[HTTP2_RESPONSE].open && !st->body[HTTP2_RESPONSE].ended);
}

static void evict_last(struct http2_feed *fd)
{
    struct http2_stream *st = fd->h->streams;

    while (st && st->next)
        st = st->next;
    if (!st)
        return;
    if (is_busy(st))
        count(COUNT_HTTP2_STREAMS_EVICTED);
    http2_stream_close(fd, st);
}

struct http2_stream *http2_stream_new(struct http2_feed *fd, uint32_t id)
{
    const struct config *config = fd->in->config;
    struct http2 *h = fd->h;
    struct http2_stream *st = NULL;

    if (h->n_streams >= config->http2_max_streams)
        evict_last(fd);
    /* Header tables have the other half. */
    if ((n_all + 1) * sizeof *st > config->http2_memcap / 2)
        evict_last(fd);
    if ((n_all + 1) * sizeof *st <= config->http2_memcap / 2)
        st = calloc(1, sizeof *st);
    if (!st) {
        count(COUNT_INSPECT_MEMORY);
        return NULL;
    }
    n_all++;
    st->id = id;
    st->number = h->n_requests++;
    st->next = h->streams;
    h->streams = st;
    h->n_streams++;
    return st;
}

void http2_stream_close(struct http2_feed *fd, struct http2_stream *st)
{
    struct http2_stream **at = &fd->h->streams;

    for (unsigned way = 0; way < 2; way++)
        http2_body_end(fd, st, way);
    while (*at != st)
        at = &(*at)->next;
    *at = st->next;
    fd->h->n_streams--;
    stream_forget(st);
}

void http2_stream_ended(struct http2_feed *fd, struct http2_stream *st, unsigned way)
{
    http2_body_end(fd, st, way);
    if (st->body[HTTP2_REQUEST].ended && st->body[HTTP2_RESPONSE].ended)
        http2_stream_close(fd, st);
}

void http2_streams_drop(struct http2 *h)
{
    while (h->streams) {
        struct http2_stream *st = h->streams;

        h->streams = st->next;
        stream_forget(st);
    }
    h->n_streams = 0;
}

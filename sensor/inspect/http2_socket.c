/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_flow.h"

#include "base/count.h"
#include "inspect/inspector.h"

#include <stdlib.h>

/* WebSocket in a stream of HTTP/2 (RFC 8441): the content of an extended CONNECT are its frames, in both
 * directions. The parser is the one that reads them behind an upgrade. */

struct http2_socket {
    void *state;      /* of websocket_inspector */
    bool lost[2];     /* by way: it gave up, and what comes is a body */
    bool numbered[2]; /* the parser's last message has been given a number of the connection's */
    uint64_t theirs[2], ours[2];
};

/* Of all connections: each may be as large as its stream. */
static uint64_t n_all;

struct relay {
    struct http2_feed *fd;
    struct http2_socket *socket;
};

/* Messages are numbered with the connection's requests, so that each number is given once. */
static size_t relay_give(void *arg, const struct field *f)
{
    struct relay *r = arg;
    struct http2_socket *s = r->socket;
    unsigned way = http2_way(r->fd);
    struct field ours = *f;

    if (!s->numbered[way] || s->theirs[way] != f->message) {
        s->numbered[way] = true;
        s->theirs[way] = f->message;
        s->ours[way] = r->fd->h->n_requests++;
    }
    ours.message = s->ours[way];
    return r->fd->in->fn(r->fd->in->arg, &ours);
}

void http2_socket_begin(struct http2_feed *fd, struct http2_stream *st)
{
    size_t size = websocket_inspector.state_size;
    struct hand_over from = {.tx = st->tx};

    if (st->socket)
        return;
    if ((n_all + 1) * size <= fd->in->config->http2_memcap / 2)
        st->socket = calloc(1, sizeof *st->socket);
    if (st->socket)
        st->socket->state = calloc(1, size);
    if (!st->socket || !st->socket->state) {
        count(COUNT_INSPECT_MEMORY);
        free(st->socket);
        st->socket = NULL;
        return;
    }
    n_all++;
    websocket_inspector.begin(st->socket->state, fd->in, &from);
}

bool http2_socket_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece, uint64_t gap,
                      bool last)
{
    unsigned way = http2_way(fd);
    struct http2_socket *s = st->socket;
    struct relay relay = {fd, s};
    struct inspecting in = *fd->in;
    size_t used;

    /* A server that refuses may go on to read what the client sends. */
    if (!s || s->lost[way] || st->status >= 300)
        return false;
    in.fn = relay_give;
    in.arg = &relay;
    s->lost[way] = websocket_inspector.feed(s->state, &in, piece, gap, last, &used) != PROGRESS_MORE;
    return !s->lost[way] && st->status >= 200;
}

void http2_socket_drop(struct http2_stream *st)
{
    if (!st->socket)
        return;
    n_all--;
    websocket_inspector.free_state(st->socket->state);
    free(st->socket->state);
    free(st->socket);
    st->socket = NULL;
}

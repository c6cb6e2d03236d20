/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/websocket_inflate.h"

#include "base/count.h"

#include <stdlib.h>
#include <zlib.h>

#define WINDOW_BITS  15
#define WINDOW_SIZE  (1u << WINDOW_BITS)
#define CONTEXT_COST 45056 /* zlib's state and window, and ours */
#define FREE_OUTPUT  65536 /* short texts compress well */

struct websocket_context {
    struct websocket_context *newer, *older;
    struct websocket_inflate *owner;
    z_stream z;
};

/* All of them, by use. */
static struct websocket_context *newest, *oldest;
static uint64_t n_contexts;

static void unlink_context(struct websocket_context *x)
{
    if (x->newer)
        x->newer->older = x->older;
    else
        newest = x->older;
    if (x->older)
        x->older->newer = x->newer;
    else
        oldest = x->newer;
}

static void link_newest(struct websocket_context *x)
{
    x->newer = NULL;
    x->older = newest;
    if (newest)
        newest->newer = x;
    else
        oldest = x;
    newest = x;
}

void websocket_inflate_drop(struct websocket_inflate *w)
{
    struct websocket_context *x = w->context;

    if (!x)
        return;
    unlink_context(x);
    n_contexts--;
    (void)inflateEnd(&x->z);
    free(x);
    w->context = NULL;
    w->partial = true;
}

/* What messages refer to that were never seen. */
static bool fill(z_stream *z)
{
    static uint8_t unknown[WINDOW_SIZE];

    memset(unknown, '?', sizeof unknown);
    return inflateSetDictionary(z, unknown, sizeof unknown) == Z_OK;
}

static bool context_open(struct websocket_inflate *w, uint64_t memcap)
{
    struct websocket_context *x;

    if ((n_contexts + 1) * CONTEXT_COST > memcap && oldest) {
        count(COUNT_WEBSOCKET_CONTEXTS_EVICTED);
        websocket_inflate_drop(oldest->owner);
    }
    x = calloc(1, sizeof *x);
    if (!x || inflateInit2(&x->z, -WINDOW_BITS) != Z_OK) {
        count(COUNT_INSPECT_MEMORY);
        free(x);
        return false;
    }
    x->owner = w;
    w->context = x;
    link_newest(x);
    n_contexts++;
    return !w->partial || fill(&x->z);
}

static uint64_t allowance(const struct websocket_inflate *w, const struct websocket_ceilings *c,
                          size_t waiting)
{
    uint64_t in = w->n_in + waiting, most = in > UINT64_MAX / c->ratio ? UINT64_MAX : in * c->ratio;

    if (most < FREE_OUTPUT)
        most = FREE_OUTPUT;
    if (most > c->limit)
        most = c->limit;
    return most > w->n_out ? most - w->n_out : 0;
}

static void step(struct websocket_inflate *w, struct bytes *in, uint8_t *out, size_t room, size_t *n,
                 int *result)
{
    z_stream *z = &w->context->z;
    size_t used;

    z->next_in = (z_const Bytef *)in->p;
    z->avail_in = (uInt)(in->len < INT32_MAX ? in->len : INT32_MAX);
    z->next_out = out;
    z->avail_out = (uInt)(room < INT32_MAX ? room : INT32_MAX);
    *result = inflate(z, Z_SYNC_FLUSH);
    used = (size_t)((const uint8_t *)z->next_in - in->p);
    *n = (size_t)(z->next_out - out);
    w->n_in += used;
    w->n_out += *n;
    *in = bytes_from(*in, used);
}

enum websocket_inflated websocket_inflate(struct websocket_inflate *w, const struct websocket_ceilings *c,
                                          struct bytes *in, uint8_t *out, size_t room, size_t *n)
{
    uint64_t allowed = allowance(w, c, in->len);
    int result;

    *n = 0;
    if (!w->context && !context_open(w, c->memcap))
        return WEBSOCKET_INFLATED_BAD;
    if (allowed == 0) {
        websocket_inflate_drop(w);
        return WEBSOCKET_INFLATED_BOMB;
    }
    if (room > allowed)
        room = (size_t)allowed;
    step(w, in, out, room, n, &result);
    /* A sender may end a stream inside a message (RFC 7692 7.2.3.4): what it said stays known. */
    if (result == Z_STREAM_END && inflateResetKeep(&w->context->z) == Z_OK)
        return in->len ? WEBSOCKET_INFLATED_ROOM : WEBSOCKET_INFLATED_MORE;
    if (result != Z_OK && result != Z_BUF_ERROR) {
        websocket_inflate_drop(w);
        return WEBSOCKET_INFLATED_BAD;
    }
    return *n == room ? WEBSOCKET_INFLATED_ROOM : WEBSOCKET_INFLATED_MORE;
}

void websocket_inflate_next(struct websocket_inflate *w)
{
    w->n_in = w->n_out = 0;
    if (w->context) {
        unlink_context(w->context);
        link_newest(w->context);
    }
}

size_t websocket_inflate_start(struct bytes in, uint8_t *out, size_t room)
{
    z_stream z = {0};
    size_t n = 0;
    int result = Z_DATA_ERROR;

    if (inflateInit2(&z, -WINDOW_BITS) != Z_OK)
        return 0;
    z.next_in = (z_const Bytef *)in.p;
    z.avail_in = (uInt)in.len;
    z.next_out = out;
    z.avail_out = (uInt)room;
    if (fill(&z))
        result = inflate(&z, Z_SYNC_FLUSH);
    if (result == Z_OK || result == Z_BUF_ERROR)
        n = (size_t)(z.next_out - out);
    (void)inflateEnd(&z);
    return n;
}

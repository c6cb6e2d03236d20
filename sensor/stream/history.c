/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/history.h"

#include <stdlib.h>

#define MIN_RINGS 16
#define MASK      (HISTORY_BYTES - 1)

/* The byte with number n lies at n modulo the size: nothing is ever moved. */
struct ring {
    struct tcp_side *owner; /* NULL: free */
    uint32_t next_free;     /* number + 1 of another free one */
    uint32_t low, high;     /* holds the numbers from low to before high */
    bool recent;            /* written since the hand passed by */
    uint8_t data[HISTORY_BYTES];
};

struct history {
    struct ring *rings;
    uint32_t n, hand;
    uint32_t n_touched; /* rings from here on were never used, and cost no memory yet */
    uint32_t free; /* number + 1 of the one that was freed last: it is the likeliest to be in the cache */
};

struct history *history_new(size_t memcap)
{
    struct history *y = calloc(1, sizeof *y);

    if (!y)
        return NULL;
    y->n = (uint32_t)(memcap / sizeof *y->rings);
    if (y->n < MIN_RINGS)
        y->n = MIN_RINGS;
    y->rings = calloc(y->n, sizeof *y->rings);
    if (y->rings)
        return y;
    free(y);
    return NULL;
}

void history_free(struct history *y)
{
    if (!y)
        return;
    free(y->rings);
    free(y);
}

static struct ring *ring_of(const struct history *y, const struct tcp_side *h)
{
    return h->ring ? &y->rings[h->ring - 1] : NULL;
}

/* The clock algorithm: who was written to since the hand came by last is passed over once. Returns a number.
 */
static uint32_t ring_rob(struct history *y)
{
    struct ring *r;
    uint32_t at;

    for (;; y->hand = (y->hand + 1) % y->n) {
        r = &y->rings[y->hand];
        if (!r->recent)
            break;
        r->recent = false;
    }
    r->owner->ring = 0;
    at = y->hand;
    y->hand = (y->hand + 1) % y->n;
    return at;
}

static struct ring *ring_take(struct history *y, struct tcp_side *h)
{
    struct ring *r;
    uint32_t at;

    if (y->free) {
        at = y->free - 1;
        y->free = y->rings[at].next_free;
    } else if (y->n_touched < y->n) {
        at = y->n_touched++;
    } else {
        at = ring_rob(y);
    }
    r = &y->rings[at];
    r->owner = h;
    r->low = r->high = 0;
    h->ring = at + 1;
    return r;
}

/* memmove: knowing the size of the ring, gcc would put a rep movs in the place of memcpy, at twice the cost.
 */
static void ring_put(struct ring *r, uint32_t seq, struct bytes data)
{
    size_t at = seq & MASK, first = HISTORY_BYTES - at;

    if (first >= data.len) {
        memmove(r->data + at, data.p, data.len);
    } else {
        memmove(r->data + at, data.p, first);
        memmove(r->data, data.p + first, data.len - first);
    }
}

void history_note(struct history *y, struct tcp_side *h, uint32_t seq, struct bytes data)
{
    struct ring *r = h->ring ? &y->rings[h->ring - 1] : ring_take(y, h);
    uint32_t end = seq + (uint32_t)data.len;

    if (r->high != seq)
        r->low = seq;
    if (data.len > HISTORY_BYTES) {
        seq = end - HISTORY_BYTES;
        data = bytes_from(data, data.len - HISTORY_BYTES);
        r->low = seq;
    }
    ring_put(r, seq, data);
    r->high = end;
    if (r->high - r->low > HISTORY_BYTES)
        r->low = r->high - HISTORY_BYTES;
    r->recent = true;
}

static bool ring_equals(const struct ring *r, uint32_t seq, struct bytes data)
{
    size_t at = seq & MASK, first = HISTORY_BYTES - at;

    if (first >= data.len)
        return memcmp(r->data + at, data.p, data.len) == 0;
    return memcmp(r->data + at, data.p, first) == 0 && memcmp(r->data, data.p + first, data.len - first) == 0;
}

enum copy history_compare(const struct history *y, const struct tcp_side *h, uint32_t seq, struct bytes data)
{
    const struct ring *r = ring_of(y, h);
    uint32_t from = seq, to = seq + (uint32_t)data.len;

    if (!r)
        return COPY_UNKNOWN;
    if (seq_after(r->low, from))
        from = r->low;
    if (seq_after(to, r->high))
        to = r->high;
    if (!seq_after(to, from))
        return COPY_UNKNOWN;
    if (!ring_equals(r, from, bytes_slice(data, from - seq, to - seq)))
        return COPY_DIFFERS;
    return to - from == data.len ? COPY_SAME : COPY_UNKNOWN;
}

static size_t ring_read(const struct ring *r, uint32_t from, uint32_t to, uint8_t *out)
{
    for (uint32_t n = from; n != to; n++)
        *out++ = r->data[n & MASK];
    return to - from;
}

size_t history_before(const struct history *y, const struct tcp_side *h, uint32_t seq, uint8_t *to,
                      size_t max)
{
    const struct ring *r = ring_of(y, h);
    uint32_t from = seq - (uint32_t)max;

    if (!r || seq_after(seq, r->high) || !seq_after(seq, r->low))
        return 0;
    if (seq_after(r->low, from))
        from = r->low;
    return ring_read(r, from, seq, to);
}

size_t history_after(const struct history *y, const struct tcp_side *h, uint32_t seq, uint8_t *to, size_t max)
{
    const struct ring *r = ring_of(y, h);
    uint32_t end = seq + (uint32_t)max;

    if (!r || seq_after(r->low, seq) || !seq_after(r->high, seq))
        return 0;
    if (seq_after(end, r->high))
        end = r->high;
    return ring_read(r, seq, end, to);
}

void history_drop(struct history *y, struct tcp_side *h)
{
    struct ring *r = ring_of(y, h);

    if (!r)
        return;
    r->owner = NULL;
    r->recent = false;
    r->next_free = y->free;
    y->free = h->ring;
    h->ring = 0;
}

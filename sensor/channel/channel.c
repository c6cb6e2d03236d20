/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel/channel.h"
#include "base/count.h"

#include <assert.h>
#include <stdlib.h>

/* Far more than the findings of one frame. What goes beyond it is handed on before the frame is finished:
 * nothing is lost, and in order all the same, unless a clock closes thousands of flows at once. */
#define ENOUGH (4u << 20)

struct channel {
    void (*send)(void *arg, struct bytes records);
    void *arg;
    struct buf queue, sorted; /* the memory is kept for the next frames */
    size_t of_clock;          /* bytes of the queue that the clock brought about: its first ones */
    uint64_t frame, clock_us;
    enum record_rank rank;
    uint32_t generation;
    const char *source;
};

/* A record in the queue. */
struct piece {
    uint64_t flow_id;
    size_t at, len;
};

struct channel *channel_new(void (*send)(void *arg, struct bytes records), void *arg)
{
    struct channel *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->send = send;
    c->arg = arg;
    c->queue = buf_within(ENOUGH + RECORD_MAX);
    c->sorted = buf_within(ENOUGH + RECORD_MAX);
    return c;
}

void channel_free(struct channel *c)
{
    if (!c)
        return;
    buf_drop(&c->queue);
    buf_drop(&c->sorted);
    free(c);
}

void channel_frame(struct channel *c, uint64_t frame, uint64_t clock_us, const char *source)
{
    c->frame = frame;
    c->clock_us = clock_us;
    c->source = source;
    c->rank = RANK_CLOCK;
}

static int by_flow(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;

    if (a->flow_id != b->flow_id)
        return a->flow_id < b->flow_id ? -1 : 1;
    return a->at < b->at ? -1 : 1; /* of one flow: as they came */
}

static size_t pieces_of(struct bytes records, struct piece *out)
{
    size_t n = 0;

    for (size_t at = 0, len; at < records.len; at += len, n++) {
        struct record_place place;

        len = record_size(bytes_from(records, at));
        assert(len > 0 && len <= records.len - at);
        if (!out)
            continue;
        memcpy(&place, records.p + at, sizeof place);
        out[n] = (struct piece){.flow_id = place.flow_id, .at = at, .len = len};
    }
    return n;
}

/* The order in which the clock closes flows depends on which others there are, that is on how many workers
 * share them; the order of their ids does not. Without memory they stay as they came. */
static void sort_of_clock(struct channel *c)
{
    struct bytes records = bytes_slice(buf_bytes(&c->queue), 0, c->of_clock);
    size_t n = pieces_of(records, NULL);
    struct piece *pieces = n > 1 ? malloc(n * sizeof *pieces) : NULL;

    c->of_clock = 0;
    if (!pieces)
        return;
    pieces_of(records, pieces);
    qsort(pieces, n, sizeof *pieces, by_flow);
    buf_clear(&c->sorted);
    for (size_t i = 0; i < n; i++)
        buf_add(&c->sorted, bytes_slice(records, pieces[i].at, pieces[i].at + pieces[i].len));
    if (c->sorted.len == records.len)
        memcpy(c->queue.p, c->sorted.p, records.len);
    free(pieces);
}

void channel_flush(struct channel *c)
{
    if (c->queue.len == 0)
        return;
    if (c->of_clock > 0)
        sort_of_clock(c);
    c->send(c->arg, buf_bytes(&c->queue));
    buf_clear(&c->queue);
}

void channel_generation(struct channel *c, uint32_t generation)
{
    c->generation = generation;
}

void channel_rank(struct channel *c, enum record_rank rank)
{
    c->rank = rank;
}

/* The record that begins at start was written, or did not fit into memory. */
static void put_done(struct channel *c, size_t start, bool written)
{
    if (!written) {
        count(COUNT_CHANNEL_DROPPED);
        return;
    }
    record_set_place(&c->queue, start, c->rank, c->frame, c->clock_us);
    if (c->generation)
        record_set_generation(&c->queue, start, c->generation);
    if (c->rank == RANK_CLOCK)
        c->of_clock = c->queue.len;
    if (c->queue.len > ENOUGH)
        channel_flush(c);
}

static void put_sourced(struct channel *c, size_t start, bool written)
{
    if (written && c->source)
        record_add_source(&c->queue, start, c->source);
    put_done(c, start, written);
}

void channel_put(struct channel *c, const struct finding *f, size_t payload_max)
{
    size_t start = c->queue.len;

    put_sourced(c, start, record_write(&c->queue, f, payload_max));
}

void channel_put_anomaly(struct channel *c, const struct anomaly *a)
{
    size_t start = c->queue.len;

    put_sourced(c, start, record_write_anomaly(&c->queue, a));
}

void channel_put_line(struct channel *c, const struct line *l)
{
    size_t start = c->queue.len;

    put_done(c, start, record_write_line(&c->queue, l));
}

void channel_put_fact(struct channel *c, const struct fact *f)
{
    size_t start = c->queue.len;

    put_done(c, start, record_write_fact(&c->queue, f));
}

void channel_put_stats(struct channel *c, const struct tally *t)
{
    size_t start = c->queue.len;

    put_done(c, start, record_write_stats(&c->queue, t));
}

void channel_put_mark(struct channel *c)
{
    size_t start = c->queue.len;

    put_done(c, start, record_write_mark(&c->queue));
}

void channel_put_log(struct channel *c, enum log_level level, const char *text)
{
    size_t start = c->queue.len;

    put_done(c, start, record_write_log(&c->queue, level, text));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/road.h"

#include "base/count.h"
#include "stream/alternative.h"
#include "stream/reassemble.h"

#define MS UINT64_C(1000)

/* After the acknowledgment of a hole, its bytes may still be on their way to us: mirror ports merge the two
 * directions of a line out of order. Three segments are TCP's own measure of reordering (RFC 5681
 * section 3.2). */
#define PASSED_WAIT_US  (100 * MS)
#define PASSED_SEGMENTS 3
/* The receiver is never heard: a retransmission would come after 200 ms, Linux's shortest timeout. */
#define ONE_SIDED_WAIT_US (250 * MS)
#define ONE_SIDED_BYTES   ((size_t)64 * 1024)
/* The receiver is heard and asks for the bytes again. */
#define ASKED_WAIT_US (30000 * MS)

/* A tick looks at so many flows, the longest waiting first; the others are looked at when their packets come.
 */
#define TICK_FLOWS 1024

static uint64_t since(uint64_t then_us, uint64_t now_us)
{
    return now_us > then_us ? now_us - then_us : 0;
}

static bool is_passed(const struct tcp_side *h)
{
    return h->acked_known && seq_after(h->acked, h->next);
}

/* What was dropped as no host would take it, and was acknowledged all the same. */
static bool misses_doubted(const struct tcp_side *h)
{
    return h->doubted && is_passed(h) && seq_after(h->doubt_end, h->next);
}

static bool hole_is_open(const struct flow_entry *e, unsigned side)
{
    const struct tcp_side *h = &e->tcp.side[side];
    uint32_t seq;

    if (h->ended)
        return false;
    return h->fin_waiting || reassemble_waiting(e, side, &seq) || misses_doubted(h);
}

static bool hole_is_due(const struct flow_entry *e, unsigned side, uint64_t now_us)
{
    const struct tcp_side *h = &e->tcp.side[side];

    if (h->hole_us == 0)
        return false;
    if (h->passed_us)
        return h->n_since_passed >= PASSED_SEGMENTS || since(h->passed_us, now_us) >= PASSED_WAIT_US;
    if (!h->acked_known)
        return reassemble_held(e, side) >= ONE_SIDED_BYTES || since(h->hole_us, now_us) >= ONE_SIDED_WAIT_US;
    return since(h->hole_us, now_us) >= ASKED_WAIT_US;
}

static void wait_list_add(struct stream *s, struct flow_entry *e)
{
    e->waiting = true;
    e->wait_next = NULL;
    e->wait_prev = s->wait_newest;
    if (e->wait_prev)
        e->wait_prev->wait_next = e;
    else
        s->wait_oldest = e;
    s->wait_newest = e;
}

void hole_forget(struct stream *s, struct flow_entry *e)
{
    if (!e->waiting)
        return;
    e->waiting = false;
    if (e->wait_prev)
        e->wait_prev->wait_next = e->wait_next;
    else
        s->wait_oldest = e->wait_next;
    if (e->wait_next)
        e->wait_next->wait_prev = e->wait_prev;
    else
        s->wait_newest = e->wait_prev;
}

/* Notes when the present hole opened and when it was passed; keeps the flow on the list while it has one. */
static void watch(struct stream *s, struct flow_entry *e, unsigned side)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint64_t now_us = s->now_us ? s->now_us : 1;

    h->unsettled = false;
    if (!hole_is_open(e, side)) {
        h->hole_us = h->passed_us = 0;
    } else if (h->hole_us == 0 || h->hole_at != h->next) {
        h->hole_us = now_us;
        h->hole_at = h->next;
        h->passed_us = is_passed(h) ? now_us : 0;
        h->n_since_passed = 0;
    } else if (h->passed_us == 0 && is_passed(h)) {
        h->passed_us = now_us;
        h->n_since_passed = 0;
    }
    if (h->hole_us && !e->waiting)
        wait_list_add(s, e);
    else if (!h->hole_us && !e->tcp.side[!side].hole_us)
        hole_forget(s, e);
}

/* A FIN counts when everything before it has been given, not when it is seen: one that stands ahead of the
 * data may be overtaken by it, and then Linux forgets it, too. */
static void settle_fin(struct stream *s, struct flow_entry *e, unsigned side)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t seq;

    if (!h->fin_waiting || seq_after(h->fin, h->next))
        return;
    h->fin_waiting = false;
    if (h->next != h->fin)
        return;
    /* A FIN takes a number. Linux merges what waits in its queue, a FIN with the data behind it: that data is
     * still read. */
    if (reassemble_waiting(e, side, &seq) && seq == h->fin + 1)
        reassemble_skip(e, side, seq);
    else
        h->next = h->fin + 1;
    h->fin_taken = true;
    deliver_end(s, e, side);
}

void hole_skip_to(struct stream *s, struct flow_entry *e, unsigned side, uint32_t to)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t seq;

    if (seq_after(to, h->next)) {
        deliver_gap(s, e, side, to - h->next);
        if (h->doubted)
            alternative_believe(s, e, side, h->next, to);
        reassemble_skip(e, side, to);
        if (!reassemble_waiting(e, side, &seq))
            deliver_settle(e, side);
    }
    settle_fin(s, e, side);
}

/* Over the first hole, to what waits behind it. */
static void skip_one(struct stream *s, struct flow_entry *e, unsigned side)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t to = 0;
    bool data = reassemble_waiting(e, side, &to);

    if (h->fin_waiting && (!data || !seq_after(h->fin, to)))
        to = h->fin;
    else if (!data && misses_doubted(h))
        to = seq_after(h->acked, h->doubt_end) ? h->doubt_end : h->acked;
    else if (!data)
        return;
    hole_skip_to(s, e, side, to);
}

/* What no longer waits for anything. */
static void clear(struct stream *s, struct flow_entry *e, unsigned side)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (h->enough && h->fin_waiting) /* nobody reads what is missing before the FIN */
        h->next = h->fin;
    settle_fin(s, e, side);
    if (h->doubted && !seq_after(h->doubt_end, h->next))
        h->doubted = false; /* the bytes have come from elsewhere */
    if (h->ended || h->enough) {
        reassemble_purge(e, side);
        deliver_unread(e, side, h->pending);
        h->pending = 0;
    }
    watch(s, e, side);
}

void hole_settle(struct stream *s, struct flow_entry *e, unsigned side)
{
    clear(s, e, side);
    while (hole_is_due(e, side, s->now_us)) {
        skip_one(s, e, side);
        clear(s, e, side);
    }
}

void hole_release(struct stream *s, struct flow_entry *e, unsigned side)
{
    while (hole_is_open(e, side))
        skip_one(s, e, side);
    watch(s, e, side);
}

/* Of the flow that has waited longest, the side that has. */
static void skip_oldest(struct stream *s)
{
    struct flow_entry *e = s->wait_oldest;
    uint64_t a = e->tcp.side[0].hole_us, b = e->tcp.side[1].hole_us;
    unsigned side = a == 0 || (b != 0 && b < a);

    skip_one(s, e, side);
    hole_settle(s, e, side);
}

void hole_make_room(struct stream *s, struct flow_entry *e, unsigned side, size_t payload_len)
{
    /* Inspectors' windows have half of stream.memcap, history.c a sixteenth: the rest is for what waits here.
     */
    size_t ceiling = s->config->stream_memcap / 16 * 7, cost = reassemble_cost(payload_len);

    while (reassemble_held(e, side) + cost > REASSEMBLE_MAX_HELD) {
        count(COUNT_STREAM_QUEUE_FULL);
        skip_one(s, e, side);
    }
    while (s->wait_oldest && reassemble_held_by_all() + cost > ceiling) {
        count(COUNT_STREAM_QUEUE_FULL);
        skip_oldest(s);
    }
}

void hole_tick(struct stream *s)
{
    struct flow_entry *e = s->wait_oldest, *next;

    for (unsigned n = 0; e && n < TICK_FLOWS; e = next, n++) {
        next = e->wait_next;
        for (unsigned side = 0; side < 2; side++)
            if (hole_is_due(e, side, s->now_us))
                hole_settle(s, e, side);
    }
}

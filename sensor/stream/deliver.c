/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/road.h"

#include "base/count.h"
#include "stream/alternative.h"
#include "stream/history.h"

#define NOTED_OF_ANSWER 16384

static struct chunk chunk_of(struct flow_entry *e, unsigned side, struct bytes data)
{
    struct tcp_side *h = &e->tcp.side[side];
    struct chunk c = {
        .flow = &e->flow,
        .side = side,
        .data = data,
        .gap = h->gap,
        .at = h->given + h->missed + h->gap,
        .begin = !h->begun,
        .ts_us = h->last_us,
        .packet = e->flow.end[side].last_packet,
    };

    h->missed += h->gap;
    h->gap = 0;
    h->begun = true;
    return c;
}

/* The part of data that is within stream.depth. */
static struct bytes within_depth(const struct stream *s, struct tcp_side *h, struct bytes data)
{
    uint64_t depth = s->config->stream_depth;
    struct bytes kept = data;

    if (depth == 0 || data.len <= depth - h->given)
        return data;
    kept.len = (size_t)(depth - h->given);
    count_add(COUNT_STREAM_DEPTH_BYTES, data.len - kept.len);
    h->too_deep = true;
    return kept;
}

void deliver_unread(const struct flow_entry *e, unsigned side, uint64_t len)
{
    const struct flow_end *end = &e->flow.end[side];
    const struct tcp_side *h = &e->tcp.side[side];

    if (h->too_deep) {
        count_add(COUNT_STREAM_DEPTH_BYTES, len);
    } else if (h->enough) {
        count_add(COUNT_STREAM_UNREAD_BYTES, len);
        if (end->unread_counts)
            count_add(end->unread, len);
    } else {
        count_add(COUNT_STREAM_BAD_BYTES, len); /* after the end */
    }
}

void deliver_settle(struct flow_entry *e, unsigned side)
{
    count_add(COUNT_STREAM_RETRANSMITTED_BYTES, e->tcp.side[side].pending);
    e->tcp.side[side].pending = 0;
}

static enum appetite hand_over(struct stream *s, struct flow_entry *e, const struct chunk *c)
{
    enum appetite appetite = s->hooks.chunk(s->hooks.arg, c);

    if (e->flow.end[0].odd)
        anomaly_raise_noted(s, e, 0);
    if (e->flow.end[1].odd)
        anomaly_raise_noted(s, e, 1);
    return appetite;
}

static void give(struct stream *s, struct flow_entry *e, unsigned side, struct bytes data)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (h->ended || h->enough) {
        deliver_unread(e, side, data.len);
        h->gap += data.len;
        return;
    }
    data = within_depth(s, h, data);
    if (data.len) {
        struct chunk c = chunk_of(e, side, data);

        h->given += data.len;
        count_add(COUNT_STREAM_BYTES, data.len);
        if (hand_over(s, e, &c) == APPETITE_ENOUGH) {
            h->enough = true;
            history_drop(s->history, h);
        }
    }
    if (h->too_deep)
        deliver_end(s, e, side);
}

/* The urgent byte is no part of what a Linux host reads, unless it asked for it to be (SO_OOBINLINE): given
 * without it, and judged with it, too. */
static void give_around_urgent(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                               struct bytes data)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t at = h->urgent - seq;

    if (at >= data.len) {
        h->has_urgent = !seq_after(seq, h->urgent); /* it may have been in a hole */
        give(s, e, side, data);
        return;
    }
    h->has_urgent = false;
    give(s, e, side, bytes_slice(data, 0, at));
    count(COUNT_STREAM_ASIDE_BYTES);
    anomaly_raise(s, e, side, ANOMALY_URGENT);
    give(s, e, side, bytes_from(data, at + 1));
    alternative_judge(s, e, side, seq, data);
}

/* Of what servers send the first part of each answer: pages and pictures are most of all traffic, and what
 * follows an answer's first kilobytes is of little use to an attacker. */
static bool is_worth_noting(const struct flow_entry *e, unsigned side)
{
    const struct tcp_side *h = &e->tcp.side[side];

    return !h->ended && !h->enough &&
           (flow_to_server(&e->flow, side) || h->given - h->turn < NOTED_OF_ANSWER);
}

void deliver_data(struct stream *s, struct flow_entry *e, unsigned side, struct bytes data)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t seq = h->next - (uint32_t)data.len;

    h->pending -= data.len;
    e->tcp.side[!side].turn = e->tcp.side[!side].given;
    if (e->tcp.side[!side].n_following)
        alternative_pause(s, e, !side);
    if (is_worth_noting(e, side))
        history_note(s->history, h, seq, data);
    if (h->has_urgent)
        give_around_urgent(s, e, side, seq, data);
    else
        give(s, e, side, data);
    if (h->n_following)
        alternative_follow(s, e, side);
}

void deliver_gap(struct stream *s, struct flow_entry *e, unsigned side, uint32_t missing)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (missing == 0 || h->ended || h->enough)
        return;
    if (h->gap == 0) {
        count(COUNT_STREAM_GAPS);
        anomaly_raise(s, e, side, ANOMALY_SEQ_GAP);
    }
    count_add(COUNT_STREAM_GAP_BYTES, missing);
    h->gap += missing;
    e->flow.end[side].gap = true;
}

void deliver_end(struct stream *s, struct flow_entry *e, unsigned side)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (h->n_following)
        alternative_pause(s, e, side);
    if (h->begun && !h->ended) {
        struct chunk c = chunk_of(e, side, (struct bytes){NULL, 0});

        c.end = true;
        if (h->enough)
            c.gap = 0; /* not missing: unwanted */
        h->ended = true; /* first: whatever the hook does, it is told once */
        (void)hand_over(s, e, &c);
    }
    h->ended = true;
    history_drop(s->history, h); /* nothing is compared with it any more */
}

/* A datagram is a direction of its own: it begins and ends, and the appetite of one says nothing about the
 * next. */
void deliver_datagram(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p,
                      bool other)
{
    struct chunk c = {
        .flow = &e->flow,
        .side = side,
        .data = p->payload,
        .begin = !other,
        .end = !other,
        .alternative = other,
        .ts_us = p->ts_us,
        .packet = p->number,
    };

    if (p->payload_len >
        p->payload.len) { /* cut by the snap length: the tail has no chunk to be the gap of */
        count(COUNT_STREAM_GAPS);
        count_add(COUNT_STREAM_GAP_BYTES, p->payload_len - p->payload.len);
    }
    if (p->payload_len == 0)
        return;
    count_add(other ? COUNT_STREAM_ASIDE_BYTES : COUNT_STREAM_BYTES, p->payload.len);
    (void)s->hooks.chunk(s->hooks.arg, &c);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "decode/owner.h"
#include "stream/alternative.h"
#include "stream/connection.h"
#include "stream/defrag.h"
#include "stream/history.h"
#include "stream/reassemble.h"
#include "stream/tcp.h"

#include <stdlib.h>

#define TICK_US      UINT64_C(50000)
#define BACK_US      UINT64_C(60000000) /* a packet older than this means that the clock was set back */
#define TCP_HEADER   20
#define HISTORY_PART 16 /* of stream.memcap, for the bytes that copies are compared with */
#define UDP_HEADER   8

static void on_data(void *arg, struct flow_entry *e, unsigned side, struct bytes data)
{
    deliver_data(arg, e, side, data);
}

static void parts_free(struct stream *s)
{
    flow_table_free(s->flows);
    defrag_free(s->defrag);
    history_free(s->history);
    alternatives_free(s->alternatives);
    free(s->anomaly_pairs);
    free(s);
}

struct stream *stream_new(const struct config *config, struct decode *decode,
                          const struct stream_hooks *hooks, struct complaint *why)
{
    struct stream *s = calloc(1, sizeof *s);

    if (!s) {
        complain(why, "memory is short");
        return NULL;
    }
    s->config = config;
    s->decode = decode;
    s->share_n = 1;
    s->hooks = *hooks;
    s->flows = flow_table_new(config);
    s->defrag = defrag_new(config);
    s->history = history_new(config->stream_memcap / HISTORY_PART);
    s->alternatives = alternatives_new();
    s->anomaly_pairs = anomaly_pairs_new();
    if (!s->flows || !s->defrag || !s->history || !s->alternatives || !s->anomaly_pairs)
        complain(why, "memory is short for the flow table: lower flow.memcap");
    else if (reassemble_init(flow_table_ceiling(s->flows), on_data, s, why))
        return s;
    parts_free(s);
    return NULL;
}

static enum flow_state state_of(const struct flow_entry *e)
{
    if (e->phase == PHASE_CLOSED)
        return FLOW_CLOSED;
    return e->flow.end[0].packets && e->flow.end[1].packets ? FLOW_ESTABLISHED : FLOW_NEW;
}

static void end_flow(struct stream *s, struct flow_entry *e, enum flow_reason reason)
{
    e->flow.state = (uint8_t)state_of(e);
    e->flow.reason = (uint8_t)reason;
    if (e->flow.proto == PROTO_TCP) {
        tcp_end(s, e);
        connection_end(s, e);
    }
    anomaly_flow_end(s, e);
    s->hooks.flow_end(s->hooks.arg, &e->flow);
    flow_table_remove(s->flows, e);
}

/* No byte of it was given or waits: nothing is lost with it. */
static bool is_empty(const struct flow_entry *e)
{
    const struct tcp_side *a = &e->tcp.side[0], *b = &e->tcp.side[1];

    return e->flow.proto == PROTO_TCP && !a->begun && !b->begun && !a->pending && !b->pending;
}

static struct flow_entry *begin_flow(struct stream *s, const struct packet *p)
{
    struct flow_entry *e = flow_table_add(s->flows, p);

    if (!e) {
        struct flow_entry *victim = flow_table_victim(s->flows);

        count(is_empty(victim) ? COUNT_FLOW_HALF_OPEN : COUNT_FLOW_EVICTED);
        end_flow(s, victim, FLOW_FORCED);
        e = flow_table_add(s->flows, p);
    }
    count(p->proto == PROTO_TCP ? COUNT_FLOW_TCP : COUNT_FLOW_UDP);
    return e;
}

/* Another connection on the same ports, when the packet shows that there is one. */
static __attribute__((noinline)) struct flow_entry *successor_of(struct stream *s, struct flow_entry *e,
                                                                 const struct packet *p, unsigned *side)
{
    struct successor known;

    if (!condition_is_successor(e, *side, p, s->config->stream_midstream, &known))
        return e;
    for (unsigned i = 0; i < 2; i++)
        if (e->tcp.side[i].syn_len && e->tcp.side[i].begun)
            anomaly_raise(s, e, i, ANOMALY_SYN_DATA);
    end_flow(s, e, FLOW_FORCED);
    *side = 0;
    e = begin_flow(s, p);
    tcp_begin(e, &known);
    return e;
}

/* A conversation whose directions are in different VLANs, or that has been led another way. */
static __attribute__((noinline)) struct flow_entry *by_another_way(struct stream *s, const struct packet *p,
                                                                   unsigned *side)
{
    struct flow_entry *e = flow_table_other_way(s->flows, p, side);

    if (!e || !condition_joins(e, *side, p))
        return NULL;
    flow_table_rejoin(s->flows, e, *side, p);
    return e;
}

/* The packet's flow: the one it is known by, or a new one when that has been idle too long or is another
 * connection on the same ports. */
static struct flow_entry *flow_of(struct stream *s, const struct packet *p, unsigned *side)
{
    struct flow_entry *e = flow_table_find(s->flows, p, side);

    if (!e)
        e = by_another_way(s, p, side);
    if (e && flow_table_is_idle(s->flows, e, s->now_us)) {
        count(COUNT_FLOW_TIMEOUT);
        end_flow(s, e, FLOW_TIMEOUT);
        e = NULL;
    }
    if (!e) {
        *side = 0;
        return begin_flow(s, p);
    }
    if (p->proto != PROTO_TCP || !condition_may_be_successor(e, *side, p))
        return e;
    return successor_of(s, e, p, side);
}

static void account(const struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct flow_end *end = &e->flow.end[side];

    end->packets++;
    end->bytes += p->payload_len + (p->proto == PROTO_TCP ? TCP_HEADER : UDP_HEADER);
    end->last_packet = p->number;
    end->tcp_flags |= p->tcp.flags;
    e->tcp.side[side].last_us = p->ts_us;
    /* By the clock, not by the packet: a file half a minute older than the one before is no idle flow. */
    e->seen_us = s->now_us;
    if (p->ts_us > e->flow.last_us || e->flow.last_us - p->ts_us > BACK_US)
        e->flow.last_us = p->ts_us;
}

/* Somebody says that a packet of this flow did not arrive. No packet of the flow's own: it is not accounted,
 * makes no flow and ends none. */
static __attribute__((noinline)) void unreachable_packet(struct stream *s, const struct packet *p)
{
    unsigned side;
    struct flow_entry *e = flow_table_find(s->flows, p, &side);

    if (!e)
        e = flow_table_other_way(s->flows, p, &side);
    if (e)
        connection_unreachable(s, e, side, p);
}

/* other: the second version of a datagram. */
static void transport_packet(struct stream *s, const struct packet *p, bool other)
{
    unsigned side;
    struct flow_entry *e;

    if (p->proto != PROTO_TCP && p->proto != PROTO_UDP)
        return; /* not ours: decode/ has counted it */
    if (p->unreachable) {
        unreachable_packet(s, p);
        return;
    }
    count_add(COUNT_STREAM_PAYLOAD_BYTES, p->payload.len);
    e = flow_of(s, p, &side);
    account(s, e, side, p);
    if (other)
        anomaly_raise(s, e, side, ANOMALY_FRAG_OTHER_DATA);
    if (p->proto == PROTO_TCP) {
        tcp_segment(s, e, side, p);
    } else {
        flow_table_touch(s->flows, e, PHASE_UDP);
        deliver_datagram(s, e, side, p, other);
    }
    if (s->on_packet && !other)
        s->on_packet(s->hooks.arg, &e->flow, side, p);
}

static __attribute__((noinline)) void tick(struct stream *s)
{
    s->next_tick_us = s->now_us + TICK_US;
    hole_tick(s);
    defrag_tick(s->defrag, s->now_us);
    anomaly_tick(s, false);
    for (struct flow_entry *e = flow_table_idle(s->flows, s->now_us); e;
         e = flow_table_idle(s->flows, s->now_us)) {
        count(COUNT_FLOW_TIMEOUT);
        end_flow(s, e, FLOW_TIMEOUT);
    }
}

/* Packets of merged captures come a little out of order: the clock does not follow those back. */
static void set_clock(struct stream *s, uint64_t now_us)
{
    if (now_us >= s->now_us)
        s->now_us = now_us;
    else if (s->now_us - now_us > BACK_US)
        s->now_us = s->next_tick_us = now_us;
    if (s->now_us >= s->next_tick_us)
        tick(s);
}

/* What was put together from fragments that every worker saw goes on in one of them. */
static bool is_ours(const struct stream *s, const struct packet *p)
{
    return s->share_n == 1 || packet_owner(p, s->share_n) == s->share_index;
}

/* True when the fragment completes its datagram. */
static bool gather(struct stream *s, const struct packet *p, struct packet *whole, struct bytes *datagram)
{
    uint64_t overlaps = counters[COUNT_DEFRAG_OVERLAPS], copies = counters[COUNT_DEFRAG_COPIES];
    bool complete = defrag_packet(s->defrag, p, whole, datagram);

    if (s->share_index != 0)
        return complete; /* the first worker tells */
    if (counters[COUNT_DEFRAG_OVERLAPS] != overlaps)
        anomaly_of_fragment(s, p, p->src.version == 4 ? ANOMALY_FRAG4_OVERLAP : ANOMALY_FRAG6_OVERLAP);
    if (counters[COUNT_DEFRAG_COPIES] != copies)
        anomaly_of_fragment(s, p, ANOMALY_FRAG_OTHER_DATA);
    return complete;
}

/* The victim of a decoy that died on its way got the later copies. A segment goes the way of every copy. */
static void judge_other(struct stream *s, const struct packet *whole, struct bytes datagram)
{
    struct packet p = *whole;

    if (datagram.len == 0)
        return;
    count(COUNT_DEFRAG_DATAGRAMS);
    if (decode_transport(s->decode, datagram, &p) && !p.fragment && is_ours(s, &p))
        transport_packet(s, &p, true);
}

/* A datagram that is whole may be a tunnel's and carry another one's fragment. It ends: each round takes a
 * datagram out of those that wait. Not inlined: the packets that are whole need not pay for its stack. */
static __attribute__((noinline)) void fragment_packet(struct stream *s, const struct packet *p)
{
    struct packet piece = *p, whole;
    struct bytes datagram;
    bool found;

    do {
        if (!gather(s, &piece, &whole, &datagram))
            return;
        piece = whole;
        found = decode_transport(s->decode, datagram, &piece);
    } while (found && piece.fragment);
    if (found && is_ours(s, &piece))
        transport_packet(s, &piece, false);
    judge_other(s, &whole, defrag_other(s->defrag));
}

void stream_packet(struct stream *s, const struct packet *p)
{
    set_clock(s, p->ts_us);
    if (p->fragment)
        fragment_packet(s, p);
    else
        transport_packet(s, p, false);
}

void stream_on_packet(struct stream *s,
                      void (*fn)(void *arg, struct flow *f, unsigned side, const struct packet *p))
{
    s->on_packet = fn;
}

void stream_tick(struct stream *s, uint64_t now_us)
{
    set_clock(s, now_us);
}

void stream_share(struct stream *s, unsigned index, unsigned n)
{
    s->share_index = index;
    s->share_n = n;
}

static void ask_again(struct flow_entry *e)
{
    for (unsigned side = 0; side < 2; side++)
        if (!e->tcp.side[side].ended)
            e->tcp.side[side].enough = false;
}

void stream_ask_again(struct stream *s)
{
    flow_table_each(s->flows, ask_again);
}

void stream_flush(struct stream *s)
{
    size_t n = flow_table_n(s->flows);
    struct flow_entry **sorted = n ? malloc(n * sizeof *sorted) : NULL, *e;

    defrag_flush(s->defrag);
    anomaly_tick(s, true);
    if (sorted) {
        flow_table_sort(s->flows, sorted);
        for (size_t i = 0; i < n; i++)
            end_flow(s, sorted[i], FLOW_SHUTDOWN);
    }
    free(sorted);
    while ((e = flow_table_victim(s->flows))) /* memory was short: in any order */
        end_flow(s, e, FLOW_SHUTDOWN);
}

uint64_t stream_bytes_told(const struct stream *s)
{
    static const enum counter parts[] = {
        COUNT_STREAM_BYTES,        COUNT_STREAM_ASIDE_BYTES,         COUNT_STREAM_RETRANSMITTED_BYTES,
        COUNT_STREAM_BAD_BYTES,    COUNT_STREAM_OUT_OF_WINDOW_BYTES, COUNT_STREAM_MIDSTREAM_OFF_BYTES,
        COUNT_STREAM_UNREAD_BYTES, COUNT_STREAM_DEPTH_BYTES,
    };
    uint64_t sum = 0;

    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        sum += counters[parts[i]];
    for (const struct flow_entry *e = s->wait_oldest; e; e = e->wait_next) /* nobody else has bytes waiting */
        sum += e->tcp.side[0].pending + e->tcp.side[1].pending;
    return sum;
}

size_t stream_held(const struct stream *s)
{
    (void)s; /* libnids has one for all */
    return reassemble_held_by_all();
}

size_t stream_fragments_held(const struct stream *s)
{
    return defrag_held(s->defrag);
}

size_t stream_n_flows(const struct stream *s)
{
    return flow_table_n(s->flows);
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    stream_flush(s);
    reassemble_exit();
    parts_free(s);
}

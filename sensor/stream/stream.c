/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "stream/defrag.h"
#include "stream/reassemble.h"
#include "stream/tcp.h"

#include <stdlib.h>

#define TICK_US    UINT64_C(50000)
#define BACK_US    UINT64_C(60000000) /* a packet older than this means that the clock was set back */
#define TCP_HEADER 20
#define UDP_HEADER 8

static void on_data(void *arg, struct flow_entry *e, unsigned side, struct bytes data)
{
    deliver_data(arg, e, side, data);
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
    s->hooks = *hooks;
    s->flows = flow_table_new(config);
    s->defrag = defrag_new(config);
    if (!s->flows || !s->defrag)
        complain(why, "memory is short for the flow table: lower flow.memcap");
    else if (reassemble_init(flow_table_ceiling(s->flows), on_data, s, why))
        return s;
    flow_table_free(s->flows);
    defrag_free(s->defrag);
    free(s);
    return NULL;
}

static void end_flow(struct stream *s, struct flow_entry *e)
{
    if (e->flow.proto == PROTO_TCP)
        tcp_end(s, e);
    s->hooks.flow_end(s->hooks.arg, &e->flow);
    flow_table_remove(s->flows, e);
}

static struct flow_entry *begin_flow(struct stream *s, const struct packet *p)
{
    struct flow_entry *e = flow_table_add(s->flows, p);

    if (!e) {
        count(COUNT_FLOW_EVICTED);
        end_flow(s, flow_table_victim(s->flows));
        e = flow_table_add(s->flows, p);
    }
    count(p->proto == PROTO_TCP ? COUNT_FLOW_TCP : COUNT_FLOW_UDP);
    return e;
}

/* The packet's flow: the one it is known by, or a new one when that has been idle too long or is another
 * connection on the same ports. */
static struct flow_entry *flow_of(struct stream *s, const struct packet *p, unsigned *side)
{
    struct flow_entry *e = flow_table_find(s->flows, p, side);
    struct successor known;

    if (e && flow_table_is_idle(s->flows, e, s->now_us)) {
        count(COUNT_FLOW_TIMEOUT);
        end_flow(s, e);
        e = NULL;
    }
    if (!e) {
        *side = 0;
        return begin_flow(s, p);
    }
    if (p->proto != PROTO_TCP || !condition_may_be_successor(e, *side, p) ||
        !condition_is_successor(e, *side, p, s->config->stream_midstream, &known))
        return e;
    end_flow(s, e);
    *side = 0;
    e = begin_flow(s, p);
    tcp_begin(e, &known);
    return e;
}

static void account(struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct flow_end *end = &e->flow.end[side];

    end->packets++;
    end->bytes += p->payload_len + (p->proto == PROTO_TCP ? TCP_HEADER : UDP_HEADER);
    end->last_packet = p->number;
    e->tcp.side[side].last_us = p->ts_us;
    if (p->ts_us > e->flow.last_us || e->flow.last_us - p->ts_us > BACK_US)
        e->flow.last_us = p->ts_us;
}

static void transport_packet(struct stream *s, const struct packet *p)
{
    unsigned side;
    struct flow_entry *e;

    if (p->proto != PROTO_TCP && p->proto != PROTO_UDP)
        return; /* not ours: decode/ has counted it */
    e = flow_of(s, p, &side);
    account(e, side, p);
    if (p->proto == PROTO_TCP) {
        tcp_segment(s, e, side, p);
    } else {
        flow_table_touch(s->flows, e, PHASE_UDP);
        deliver_datagram(s, e, side, p);
    }
}

/* Packets of merged captures come a little out of order: the clock does not follow those back. */
static void set_clock(struct stream *s, uint64_t now_us)
{
    if (now_us >= s->now_us)
        s->now_us = now_us;
    else if (s->now_us - now_us > BACK_US)
        s->now_us = s->next_tick_us = now_us;
    if (s->now_us < s->next_tick_us)
        return;
    s->next_tick_us = s->now_us + TICK_US;
    hole_tick(s);
    defrag_tick(s->defrag, s->now_us);
    for (struct flow_entry *e = flow_table_idle(s->flows, s->now_us); e;
         e = flow_table_idle(s->flows, s->now_us)) {
        count(COUNT_FLOW_TIMEOUT);
        end_flow(s, e);
    }
}

/* A datagram that is whole may be a tunnel's and carry another one's fragment. It ends: each round takes a
 * datagram out of those that wait. */
static void fragment_packet(struct stream *s, const struct packet *p)
{
    struct packet piece = *p, whole;
    struct bytes datagram;

    do {
        if (!defrag_packet(s->defrag, &piece, &whole, &datagram) ||
            !decode_transport(s->decode, datagram, &whole))
            return;
        piece = whole;
    } while (piece.fragment);
    transport_packet(s, &piece);
}

void stream_packet(struct stream *s, const struct packet *p)
{
    set_clock(s, p->ts_us);
    if (p->fragment)
        fragment_packet(s, p);
    else
        transport_packet(s, p);
}

void stream_tick(struct stream *s, uint64_t now_us)
{
    set_clock(s, now_us);
}

void stream_flush(struct stream *s)
{
    struct flow_entry *e;

    defrag_flush(s->defrag);
    while ((e = flow_table_victim(s->flows)))
        end_flow(s, e);
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
    defrag_free(s->defrag);
    flow_table_free(s->flows);
    free(s);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/anomaly.h"

#include "base/count.h"
#include "stream/road.h"

#include <stdlib.h>

#define SECOND_US UINT64_C(1000000)

const struct anomaly_row anomaly_rows[ANOMALY_N] = {
#define X(symbol, type, event, help) {type, event, help},
    ANOMALIES(X)
#undef X
};

/* What a flow has shown. */
struct shown {
    struct {
        uint32_t n;
        uint8_t side;
        bool told;
    } kind[ANOMALY_N];
};

/* In a second of packet time, over all flows. Whoever floods us with odd packets must not flood whoever reads
 * our events. */
static bool may_tell(struct stream *s)
{
    uint64_t second = s->now_us / SECOND_US;

    if (second != s->anomaly_second) {
        s->anomaly_second = second;
        s->n_anomalies = 0;
    }
    if (s->n_anomalies < s->config->anomaly_rate) {
        s->n_anomalies++;
        return true;
    }
    return false;
}

static void tell(struct stream *s, const struct anomaly *a)
{
    if (s->hooks.anomaly)
        s->hooks.anomaly(s->hooks.arg, a);
}

/* A side that was never seen may be what is missing: then it is the other side's packet that says so. */
static void set_packet(struct anomaly *a, const struct flow_entry *e)
{
    unsigned sender = e->flow.end[a->side].packets ? a->side : !a->side;

    a->ts_us = e->tcp.side[sender].last_us;
    a->packet = e->flow.end[sender].last_packet;
}

_Static_assert(ANOMALY_N <= 32, "struct flow_end notes kinds as bits");

void anomaly_raise(struct stream *s, struct flow_entry *e, unsigned side, enum anomaly_kind kind)
{
    struct shown *shown = e->shown;
    struct anomaly a = {.kind = kind, .flow = &e->flow, .side = side, .n = 1};

    set_packet(&a, e);
    count(COUNT_STREAM_ANOMALIES);
    if (!shown)
        shown = e->shown = calloc(1, sizeof *shown);
    if (!shown) {
        count(COUNT_STREAM_ANOMALIES_UNTOLD);
        return;
    }
    shown->kind[kind].side = (uint8_t)side;
    if (shown->kind[kind].n++ > 0)
        return;
    if (!may_tell(s)) {
        count(COUNT_STREAM_ANOMALIES_UNTOLD);
        return;
    }
    shown->kind[kind].told = true;
    tell(s, &a);
}

void anomaly_raise_noted(struct stream *s, struct flow_entry *e, unsigned side)
{
    uint32_t odd = e->flow.end[side].odd;

    e->flow.end[side].odd = 0;
    for (unsigned kind = 0; odd; kind++, odd >>= 1)
        if (odd & 1)
            anomaly_raise(s, e, side, (enum anomaly_kind)kind);
}

/* Fragments have no flow: the two hosts take its place. */
struct pair {
    struct addr addr[2]; /* version 0: free */
    enum anomaly_kind kind;
    uint8_t proto, n_vlans;
    uint16_t vlans[PACKET_MAX_VLANS];
    bool told;
    uint64_t n, first_us, last_us, packet;
};

#define N_PAIRS 64
#define PAIR_US (60 * SECOND_US) /* how long a pair's further fragments are only counted */

struct anomaly_pairs {
    struct pair pairs[N_PAIRS];
    unsigned hand;
};

struct anomaly_pairs *anomaly_pairs_new(void)
{
    return calloc(1, sizeof(struct anomaly_pairs));
}

static void tell_pair(struct stream *s, const struct pair *p)
{
    struct flow flow = {
        .proto = p->proto, .n_vlans = p->n_vlans, .first_us = p->first_us, .last_us = p->last_us};
    struct anomaly a = {.kind = p->kind, .flow = &flow, .ts_us = p->last_us, .packet = p->packet, .n = p->n};

    flow.end[0].addr = p->addr[0];
    flow.end[1].addr = p->addr[1];
    memcpy(flow.vlans, p->vlans, sizeof flow.vlans);
    tell(s, &a);
}

static void pair_end(struct stream *s, struct pair *p)
{
    if (p->addr[0].version && (p->told ? p->n > 1 : may_tell(s)))
        tell_pair(s, p);
    p->addr[0].version = 0;
}

static struct pair *pair_of(struct stream *s, const struct packet *p, enum anomaly_kind kind)
{
    struct anomaly_pairs *all = s->anomaly_pairs;
    struct pair *pair;

    for (pair = all->pairs; pair < all->pairs + N_PAIRS; pair++)
        if (pair->addr[0].version && pair->kind == kind && addr_eq(&pair->addr[0], &p->src) &&
            addr_eq(&pair->addr[1], &p->dst))
            return pair;
    pair = &all->pairs[all->hand];
    all->hand = (all->hand + 1) % N_PAIRS;
    pair_end(s, pair);
    *pair = (struct pair){.addr = {p->src, p->dst}, .kind = kind, .proto = p->proto, .n_vlans = p->n_vlans};
    pair->first_us = p->ts_us;
    memcpy(pair->vlans, p->vlans, sizeof pair->vlans);
    return pair;
}

void anomaly_of_fragment(struct stream *s, const struct packet *p, enum anomaly_kind kind)
{
    struct pair *pair = pair_of(s, p, kind);

    count(COUNT_STREAM_ANOMALIES);
    pair->last_us = p->ts_us;
    pair->packet = p->number;
    if (pair->n++ > 0)
        return;
    if (!may_tell(s)) {
        count(COUNT_STREAM_ANOMALIES_UNTOLD);
        return;
    }
    pair->told = true;
    tell_pair(s, pair);
}

void anomaly_tick(struct stream *s, bool at_end)
{
    for (struct pair *p = s->anomaly_pairs->pairs; p < s->anomaly_pairs->pairs + N_PAIRS; p++)
        if (p->addr[0].version && (at_end || s->now_us - p->first_us > PAIR_US))
            pair_end(s, p);
}

/* How often a kind was shown, once it is known; what was not told in its time is made up for, if there is
 * room now. */
void anomaly_flow_end(struct stream *s, struct flow_entry *e)
{
    struct shown *shown = e->shown;

    if (!shown)
        return;
    for (unsigned kind = 0; kind < ANOMALY_N; kind++) {
        struct anomaly a = {.kind = (enum anomaly_kind)kind,
                            .flow = &e->flow,
                            .side = shown->kind[kind].side,
                            .n = shown->kind[kind].n};

        if (a.n == 0 || (shown->kind[kind].told ? a.n == 1 : !may_tell(s)))
            continue;
        set_packet(&a, e);
        tell(s, &a);
    }
    free(shown);
    e->shown = NULL;
}

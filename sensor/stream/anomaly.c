/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/anomaly.h"

#include "base/count.h"
#include "stream/road.h"

#include <stdlib.h>

/* In a second of packet time, over all flows; the rest is counted. Whoever floods us with odd packets must
 * not flood whoever reads our events. */
#define PER_SECOND 100
#define SECOND_US  UINT64_C(1000000)

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

static bool may_tell(struct stream *s)
{
    uint64_t second = s->now_us / SECOND_US;

    if (second != s->anomaly_second) {
        s->anomaly_second = second;
        s->n_anomalies = 0;
    }
    if (s->n_anomalies < PER_SECOND) {
        s->n_anomalies++;
        return true;
    }
    count(COUNT_STREAM_ANOMALIES_UNTOLD);
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
    if (shown->kind[kind].n++ > 0 || !may_tell(s))
        return;
    shown->kind[kind].told = true;
    tell(s, &a);
}

void anomaly_of_fragment(struct stream *s, const struct packet *p)
{
    struct flow flow = {.proto = p->proto, .n_vlans = p->n_vlans, .first_us = p->ts_us, .last_us = p->ts_us};
    struct anomaly a = {.kind = p->src.version == 4 ? ANOMALY_FRAG4_OVERLAP : ANOMALY_FRAG6_OVERLAP,
                        .flow = &flow,
                        .ts_us = p->ts_us,
                        .packet = p->number,
                        .n = 1};

    count(COUNT_STREAM_ANOMALIES);
    flow.end[0].addr = p->src;
    flow.end[1].addr = p->dst;
    memcpy(flow.vlans, p->vlans, sizeof flow.vlans);
    if (may_tell(s))
        tell(s, &a);
}

void anomaly_flow_end(struct stream *s, struct flow_entry *e)
{
    struct shown *shown = e->shown;

    if (!shown)
        return;
    for (unsigned kind = 0; kind < ANOMALY_N; kind++)
        if (shown->kind[kind].told && shown->kind[kind].n > 1) {
            struct anomaly a = {.kind = (enum anomaly_kind)kind,
                                .flow = &e->flow,
                                .side = shown->kind[kind].side,
                                .n = shown->kind[kind].n};

            set_packet(&a, e);
            tell(s, &a);
        }
    free(shown);
    e->shown = NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_shown.h"
#include "base/count.h"

#include <stdlib.h>

void situation_fill(struct situation *s, struct traffic_flow *tf, const struct chunk *c,
                    const char *app_proto)
{
    const struct flow *flow = c->flow;
    const struct flow_end *from = &flow->end[c->side], *to = &flow->end[!c->side];

    *s = (struct situation){
        .tf = tf,
        .chunk = c,
        .sighting = {.src = &from->addr,
                     .dst = &to->addr,
                     .src_port = from->port,
                     .dst_port = to->port,
                     .proto = flow->proto,
                     .app_proto = app_proto,
                     .to_server = flow_to_server(flow, c->side)},
        .established = true,
        .kind = FIELD_RAW,
        .shown = c->data,
    };
}

reach_classes traffic_reach(struct traffic *t, struct traffic_flow *tf, const struct flow *f, unsigned side)
{
    const struct flow_end *from = &f->end[side], *to = &f->end[!side];
    struct sighting s;

    if (tf->reach[side])
        return tf->reach[side];
    s = (struct sighting){.src = &from->addr,
                          .dst = &to->addr,
                          .src_port = from->port,
                          .dst_port = to->port,
                          .proto = f->proto};
    return tf->reach[side] = traffic_reach_of(&t->plan->reach, &t->known, &s);
}

bool traffic_reaches(struct traffic *t, struct traffic_flow *tf, const struct chunk *c,
                     const struct traffic_set *set)
{
    return (traffic_reach(t, tf, c->flow, c->side) & set->classes) != 0;
}

static bool app_layer_holds(const struct rule_traffic *ask, const char *app_proto)
{
    const char *now = app_proto ? app_proto : "unknown";
    bool same;

    if (!ask->app_layer)
        return true;
    same = strcmp(ask->app_layer, now) == 0 ||
           (strcmp(ask->app_layer, "http1") == 0 && strcmp(now, "http") == 0) ||
           (strcmp(ask->app_layer, "http") == 0 && strcmp(now, "http2") == 0);
    return same != ask->app_layer_negated;
}

/* As Suricata has it: the next sequence number less the first, and the SYN takes one. */
static uint32_t size_of(const struct situation *s, unsigned side)
{
    uint64_t size = s->tf->side[side].offset + 1;

    /* Transactions are asked before their bytes are counted. */
    if (s->kind != FIELD_RAW && side == s->chunk->side)
        size += s->chunk->data.len;
    return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

static bool stream_size_holds(const struct rule_stream_size *ask, const struct situation *s)
{
    const struct flow *flow = s->chunk->flow;
    struct rule_size size = {.how = ask->how, .low = ask->bytes};
    bool client = rule_size_holds(&size, size_of(s, flow->client));
    bool server = rule_size_holds(&size, size_of(s, !flow->client));

    if (flow->proto != PROTO_TCP)
        return false;
    switch (ask->side) {
    case STREAM_SIZE_CLIENT:
        return client;
    case STREAM_SIZE_SERVER:
        return server;
    case STREAM_SIZE_BOTH:
        return client && server;
    case STREAM_SIZE_EITHER:
        return client || server;
    }
    return false;
}

static bool flow_holds(const struct rule_traffic *ask, const struct situation *s)
{
    return ask->flow == SEEN_ANY || (ask->flow == SEEN_ESTABLISHED) == s->established;
}

static struct state_place state_place_of(struct traffic *t, const struct situation *s)
{
    return (struct state_place){.flow = &s->tf->state,
                                .xbits = t->xbits,
                                .src = s->sighting.src,
                                .dst = s->sighting.dst,
                                .now_us = s->chunk->ts_us};
}

/* The ends were looked at once for all packets of this side. */
static bool header_holds(struct traffic *t, const struct situation *s, const struct traffic_rule *r)
{
    const struct rule_match *m = r->rule->match;

    if (r->reach_class == REACH_OTHERS)
        return rule_header_holds(m, &s->sighting);
    return rule_protocol_holds(m, &s->sighting) &&
           (traffic_reach(t, s->tf, s->chunk->flow, s->chunk->side) >> r->reach_class & 1);
}

bool traffic_conditions_hold(struct traffic *t, const struct situation *s, const struct traffic_rule *r)
{
    const struct rule_traffic *ask = r->ask;
    struct state_place place = state_place_of(t, s);

    if (s->tf->passed || (s->tf->passed_at && s->tf->passed_at == s->chunk->packet) || !flow_holds(ask, s) ||
        !header_holds(t, s, r))
        return false;
    if (ask->same_ip && !addr_eq(s->sighting.src, s->sighting.dst))
        return false;
    if (ask->has_dsize && (!s->is_packet || !rule_size_holds(&ask->dsize, s->chunk->data.len)))
        return false;
    if (!app_layer_holds(ask, s->sighting.app_proto))
        return false;
    for (unsigned i = 0; i < ask->n_stream_sizes; i++)
        if (!stream_size_holds(&ask->stream_sizes[i], s))
            return false;
    for (unsigned i = 0; i < ask->n_states; i++)
        if (state_is_condition(&ask->states[i]) && !state_holds(&r->states[i], &place))
            return false;
    return true;
}

bool traffic_payload_holds(struct traffic *t, const struct traffic_rule *r, const struct confirm_value *v,
                           struct confirm_vars *vars)
{
    count(COUNT_TRAFFIC_ASKED);
    for (unsigned i = 0; i < r->ask->n_sections; i++)
        if (r->ask->sections[i].buffer == BUFFER_PAYLOAD &&
            !rule_confirm(&r->ask->sections[i], v, vars, t->scratch))
            return false;
    return true;
}

static void tell(struct traffic *t, const struct situation *s, const struct rule *rule)
{
    static const struct attrs none;
    struct shown_views views;
    struct field field = {.kind = s->kind,
                          .chunk = s->chunk,
                          .app_proto = s->sighting.app_proto ? s->sighting.app_proto : "failed",
                          .message = s->message,
                          .http = s->http,
                          .dns = s->dns,
                          .tls = s->tls,
                          .value = s->shown};
    const struct finding finding = {
        .rule = rule, .field = &field, .attrs = &none, .payload = s->shown, .confidence = rule->confidence};

    traffic_shown_fill(s->tf, &field, &views);
    t->fn(t->arg, &finding);
}

void traffic_matched(struct traffic *t, const struct situation *s, const struct traffic_rule *r)
{
    struct state_place place = state_place_of(t, s);
    size_t before = flow_marks_size(&s->tf->state);

    count(COUNT_TRAFFIC_MATCHED);
    for (unsigned i = 0; i < r->ask->n_states; i++)
        if (!state_is_condition(&r->ask->states[i]))
            state_do(&r->states[i], &place);
    t->memory += flow_marks_size(&s->tf->state) - before;
    if (r->rule->acts == RULE_PASS && s->is_packet && s->sighting.proto == PROTO_UDP)
        s->tf->passed_at = s->chunk->packet;
    else if (r->rule->acts == RULE_PASS)
        s->tf->passed = true;
    else if (!r->rule->noalert)
        for (unsigned ways = rule_header_ways(r->rule->match, &s->sighting); ways > 0; ways--)
            tell(t, s, r->rule);
}

#define MIXED_MAX 64 /* of one flow */

void traffic_mix(struct traffic *t, const struct situation *s, uint32_t rule)
{
    struct traffic_flow *tf = s->tf;
    struct traffic_mix *list;

    if (traffic_is_mixed(tf, rule, s->chunk->side))
        return;
    list = tf->n_mixed < MIXED_MAX ? realloc(tf->mixed, (tf->n_mixed + 1) * sizeof *list) : NULL;
    if (!list) {
        count(COUNT_TRAFFIC_MEMORY);
        return;
    }
    t->memory += sizeof *list;
    tf->mixed = list;
    list[tf->n_mixed++] = (struct traffic_mix){rule, s->chunk->side};
}

bool traffic_is_mixed(const struct traffic_flow *tf, uint32_t rule, unsigned side)
{
    for (uint32_t i = 0; i < tf->n_mixed; i++)
        if (tf->mixed[i].rule == rule && tf->mixed[i].side == side)
            return true;
    return false;
}

void traffic_unmix(struct traffic *t, struct traffic_flow *tf, unsigned side)
{
    uint32_t kept = 0;

    if (!tf->mixed)
        return;
    for (uint32_t i = 0; i < tf->n_mixed; i++)
        if (tf->mixed[i].side != side)
            tf->mixed[kept++] = tf->mixed[i];
    t->memory -= (tf->n_mixed - kept) * sizeof *tf->mixed;
    tf->n_mixed = kept;
    if (kept == 0) {
        free(tf->mixed);
        tf->mixed = NULL;
    }
}

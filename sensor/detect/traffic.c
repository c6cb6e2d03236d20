/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic.h"
#include "base/count.h"
#include "detect/traffic_http.h"
#include "detect/traffic_tx.h"
#include "inspect/inspect.h"

#include <stdlib.h>

static bool parts_new(struct traffic *t, const struct ruleset *rules, struct complaint *why)
{
    t->names = state_names_new();
    t->xbits = xbits_new(t->config->deterministic);
    t->scratch = confirm_scratch_new();
    t->http = http_buffers_new();
    if (!t->names || !t->xbits || !t->scratch || !t->http)
        return complain(why, "memory is short for the rules");
    t->plan = traffic_plan_new(rules, t->names, why);
    if (!t->plan)
        return false;
    t->told_of = calloc(t->plan->n, sizeof *t->told_of);
    t->told_flow = calloc(t->plan->n, sizeof *t->told_flow);
    return (traffic_finds_init(&t->finds, t->plan->n) && t->told_of && t->told_flow) ||
           complain(why, "memory is short for the rules");
}

bool traffic_new(const struct config *config, const struct ruleset *rules,
                 void (*fn)(void *arg, const struct finding *f), void *arg, struct traffic **out,
                 struct complaint *why)
{
    struct traffic *t;

    *out = NULL;
    if (ruleset_n_traffic(rules) == 0)
        return true;
    t = calloc(1, sizeof *t);
    if (!t)
        return complain(why, "memory is short for the rules");
    t->config = config;
    t->fn = fn;
    t->arg = arg;
    if (!parts_new(t, rules, why)) {
        traffic_free(t);
        return false;
    }
    *out = t;
    return true;
}

void traffic_free(struct traffic *t)
{
    if (!t)
        return;
    traffic_finds_drop(&t->finds);
    traffic_plan_free(t->plan);
    confirm_scratch_free(t->scratch);
    http_buffers_free(t->http);
    xbits_free(t->xbits);
    state_names_free(t->names);
    buf_drop(&t->window);
    free(t->told_of);
    free(t->told_flow);
    free(t);
}

struct traffic_flow *traffic_flow_of(struct traffic *t, struct flow *f)
{
    if (f->traffic_slot)
        return f->traffic_slot;
    f->traffic_slot = calloc(1, sizeof(struct traffic_flow));
    if (f->traffic_slot)
        t->memory += sizeof(struct traffic_flow);
    else
        count(COUNT_TRAFFIC_MEMORY);
    return f->traffic_slot;
}

void traffic_flow_end(struct traffic *t, struct flow *f)
{
    struct traffic_flow *tf = f->traffic_slot;

    if (!tf)
        return;
    for (unsigned side = 0; side < 2; side++) {
        traffic_side_drop(t, &tf->side[side]);
        traffic_unmix(t, tf, side);
    }
    traffic_bodies_drop(t, tf);
    t->memory -= flow_marks_size(&tf->state) + sizeof *tf;
    flow_marks_drop(&tf->state);
    free(tf);
    f->traffic_slot = NULL;
}

/* On its payload alone. */
static bool lets_pass(struct traffic *t, const struct situation *at, const struct traffic_rule *r)
{
    struct confirm_value v = {.bytes = at->chunk->data, .last = true};
    struct confirm_vars vars = {0};

    return !r->n_others && traffic_conditions_hold(t, at, r) && traffic_payload_holds(t, r, &v, &vars);
}

void traffic_before_chunk(struct traffic *t, const struct chunk *c)
{
    struct traffic_flow *tf = NULL;
    struct situation at;

    /* They stand in front. */
    for (unsigned i = 0; i < t->plan->n && t->plan->rule[i].rule->acts == RULE_PASS && !c->alternative; i++) {
        tf = tf ? tf : traffic_flow_of(t, c->flow);
        if (!tf || tf->passed)
            return;
        situation_fill(&at, tf, c, inspect_app_proto(c->flow));
        at.is_packet = c->flow->proto == PROTO_UDP;
        if (lets_pass(t, &at, &t->plan->rule[i]))
            traffic_matched(t, &at, &t->plan->rule[i]);
    }
}

enum appetite traffic_chunk(struct traffic *t, const struct chunk *c)
{
    struct traffic_flow *tf;

    if (c->alternative || c->flow->proto != PROTO_TCP)
        return APPETITE_ENOUGH;
    tf = traffic_flow_of(t, c->flow);
    return tf ? traffic_stream_chunk(t, tf, c, inspect_app_proto(c->flow)) : APPETITE_ENOUGH;
}

bool traffic_wants_packets(const struct traffic *t)
{
    return t->plan->asks_packets;
}

unsigned traffic_wants(const struct traffic *t)
{
    uint64_t to_server = t->plan->wanted[1], to_client = t->plan->wanted[0];
    unsigned wants = 0;

    if (to_server & (UINT64_C(1) << BUFFER_TLS_SNI | UINT64_C(1) << BUFFER_JA3_HASH))
        wants |= INSPECT_HELLOS;
    if (to_server & UINT64_C(1) << BUFFER_JA3_HASH)
        wants |= INSPECT_PRINTS;
    if (to_client & (UINT64_C(1) << BUFFER_FILE_DATA | UINT64_C(1) << BUFFER_HTTP_RESPONSE_BODY))
        wants |= INSPECT_BODIES;
    if (to_client & TRAFFIC_CERTIFICATE_BUFFERS)
        wants |= INSPECT_CERTIFICATES;
    return wants;
}

/* Both have been heard; for TCP, the handshake was over before this packet: its last is the third. */
static bool is_established(const struct flow *f, unsigned side, const struct packet *p)
{
    if (p->proto != PROTO_TCP)
        return f->end[!side].packets > 0;
    if (p->tcp.flags & (TH_FLAG_SYN | TH_FLAG_RST))
        return false;
    return p->payload_len > 0 || f->end[0].packets + f->end[1].packets > 3;
}

static bool is_due(const struct traffic_flow *tf, const struct traffic_rule *r, unsigned side)
{
    return !r->once_a_way || !(tf->ends_asked & 1u << side);
}

static void ask_packet(struct traffic *t, const struct situation *at, uint32_t rule)
{
    const struct traffic_rule *r = &t->plan->rule[rule];
    const struct chunk *c = at->chunk;
    struct confirm_value v = {.bytes = c->data, .last = true};
    struct confirm_vars vars = {0};

    if ((t->told_of[rule] == c->packet && t->told_flow[rule] == c->flow->id) || !is_due(at->tf, r, c->side))
        return;
    if (r->n_others && !traffic_is_mixed(at->tf, rule, c->side))
        return;
    if (!traffic_conditions_hold(t, at, r) || !traffic_payload_holds(t, r, &v, &vars))
        return;
    t->told_of[rule] = c->packet;
    t->told_flow[rule] = c->flow->id;
    traffic_matched(t, at, r);
}

void traffic_packet(struct traffic *t, struct flow *f, unsigned side, const struct packet *p)
{
    enum traffic_point point = p->proto == PROTO_TCP ? POINT_SEGMENT : POINT_DATAGRAM;
    const struct traffic_set *set = &t->plan->payload[point][flow_to_server(f, side)];
    struct traffic_flow *tf;
    struct situation at;
    struct chunk c = {.flow = f, .side = side, .data = p->payload, .ts_us = p->ts_us, .packet = p->number};

    if (!set->any || inspect_is_encrypted(f, side))
        return;
    traffic_set_find(set, c.data, &t->finds);
    if (t->finds.n == 0)
        return;
    tf = traffic_flow_of(t, f);
    traffic_finds_sort(&t->finds);
    if (tf) {
        situation_fill(&at, tf, &c, inspect_app_proto(f));
        at.is_packet = true;
        at.established = is_established(f, side, p);
        for (unsigned i = 0; i < t->finds.n; i++)
            ask_packet(t, &at, t->finds.find[i].rule);
        tf->ends_asked |= (uint8_t)(1u << side);
    }
    traffic_finds_clear(&t->finds);
    if (tf && point == POINT_DATAGRAM)
        traffic_unmix(t, tf, side);
}

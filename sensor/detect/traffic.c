/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic.h"
#include "base/count.h"
#include "detect/traffic_http.h"
#include "detect/traffic_shown.h"
#include "detect/traffic_tx.h"
#include "inspect/inspect.h"

#include <assert.h>
#include <stdlib.h>

static void room_drop(struct traffic_room *r)
{
    traffic_finds_drop(&r->finds);
    free(r->told_of);
    free(r->told_flow);
}

/* What the engine has for each of n rules. */
static bool room_of(unsigned n, struct traffic_room *r)
{
    *r = (struct traffic_room){0};
    r->told_of = calloc(n ? n : 1, sizeof *r->told_of);
    r->told_flow = calloc(n ? n : 1, sizeof *r->told_flow);
    if (traffic_finds_init(&r->finds, n ? n : 1) && r->told_of && r->told_flow)
        return true;
    room_drop(r);
    return false;
}

static bool parts_new(struct traffic *t, const struct ruleset *rules, struct complaint *why)
{
    t->names = state_names_new();
    t->xbits = xbits_new(t->config->deterministic);
    t->scratch = confirm_scratch_new();
    t->http = http_buffers_new();
    if (!t->names || !t->xbits || !t->scratch || !t->http)
        return complain(why, "memory is short for the rules");
    t->plan = ruleset_plan(rules);
    if (!traffic_plan_number(t->plan, t->names) || !room_of(t->plan->n, &t->room))
        return complain(why, "memory is short for the rules");
    return true;
}

bool traffic_new(const struct config *config, const struct ruleset *rules,
                 void (*fn)(void *arg, const struct finding *f), void *arg, struct traffic **out,
                 struct complaint *why)
{
    struct traffic *t;

    *out = NULL;
    if (ruleset_n_traffic(rules) == 0)
        return true;
    assert(ruleset_plan(rules));
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
    room_drop(&t->room);
    confirm_scratch_free(t->scratch);
    http_buffers_free(t->http);
    xbits_free(t->xbits);
    state_names_free(t->names);
    buf_drop(&t->window);
    free(t);
}

struct traffic_flow *traffic_flow_of(struct traffic *t, struct flow *f)
{
    struct traffic_flow *tf = f->traffic_slot;

    if (tf)
        return tf;
    tf = calloc(1, sizeof *tf);
    if (!tf) {
        count(COUNT_TRAFFIC_MEMORY);
        return NULL;
    }
    t->memory += sizeof *tf;
    tf->next = t->flows;
    tf->at = &t->flows;
    if (tf->next)
        tf->next->at = &tf->next;
    t->flows = f->traffic_slot = tf;
    return tf;
}

/* --- other rules --- */

struct placed {
    const struct rule *rule;
    uint32_t at;
};

static int by_address(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t)((const struct placed *)left)->rule,
              b = (uintptr_t)((const struct placed *)right)->rule;

    return a < b ? -1 : a > b;
}

/* Asks the same kinds of text: what waits for it makes sense to it. */
static bool is_like(const struct traffic_rule *a, const struct traffic_rule *b)
{
    return !a->payload == !b->payload && a->n_others == b->n_others && a->bodies == b->bodies;
}

static void renumber(const struct traffic_plan *from, const struct traffic_plan *to,
                     const struct placed *placed, uint32_t *out)
{
    for (uint32_t i = 0; i < from->n; i++) {
        const struct rule *rule = from->rule[i].rule;
        struct placed key = {.rule = ruleset_by_sid(to->rules, rule->gid, rule->sid)};
        const struct placed *found = to->n ? bsearch(&key, placed, to->n, sizeof *placed, by_address) : NULL;

        out[i] = found && is_like(&from->rule[i], &to->rule[found->at]) ? found->at : TRAFFIC_GONE;
    }
}

/* Where the rules of one plan stand in another, by gid and sid. NULL when memory is short. */
static uint32_t *renumbering(const struct traffic_plan *from, const struct traffic_plan *to)
{
    uint32_t *out = malloc((from->n ? from->n : 1) * sizeof *out);
    struct placed *placed = malloc((to->n ? to->n : 1) * sizeof *placed);

    if (!placed || !out) {
        free(placed);
        free(out);
        return NULL;
    }
    for (uint32_t i = 0; i < to->n; i++)
        placed[i] = (struct placed){to->rule[i].rule, i};
    if (to->n)
        qsort(placed, to->n, sizeof *placed, by_address);
    renumber(from, to, placed, out);
    free(placed);
    return out;
}

/* to: NULL when nothing goes on. */
static void flows_renumber(struct traffic *t, const uint32_t *to)
{
    for (struct traffic_flow *tf = t->flows; tf; tf = tf->next) {
        for (unsigned side = 0; side < 2; side++) {
            traffic_side_renumber(&tf->side[side], to);
            tf->reach[side] = 0;
        }
        tf->wants_for = WANTS_OPEN;
        tf->quiet = 0;
        for (uint32_t i = 0; i < tf->n_mixed; i++)
            tf->mixed[i].rule = traffic_renumbered(to, tf->mixed[i].rule);
        traffic_bodies_renumber(tf, to);
    }
}

bool traffic_use_rules(struct traffic *t, const struct ruleset *rules)
{
    static struct traffic_plan nothing;
    struct traffic_plan *plan = ruleset_plan(rules);
    struct traffic_room room;
    uint32_t *to = renumbering(t->plan, plan);
    bool good = to && traffic_plan_number(plan, t->names) && room_of(plan->n, &room);

    flows_renumber(t, good ? to : NULL);
    t->known = (struct reach_known){0};
    free(to);
    if (!good) {
        count(COUNT_TRAFFIC_MEMORY);
        t->plan = &nothing;
        return false;
    }
    room_drop(&t->room);
    t->room = room;
    t->plan = plan;
    return true;
}

/* --- flows --- */

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
    traffic_shown_drop(t, tf);
    t->memory -= flow_marks_size(&tf->state) + sizeof *tf;
    flow_marks_drop(&tf->state);
    *tf->at = tf->next;
    if (tf->next)
        tf->next->at = tf->at;
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

static void let_pass(struct traffic *t, const struct chunk *c)
{
    struct traffic_flow *tf = traffic_flow_of(t, c->flow);
    struct situation at;

    for (unsigned i = 0; i < t->plan->n_pass; i++) {
        if (!tf || tf->passed)
            return;
        situation_fill(&at, tf, c, inspect_app_proto(c->flow));
        at.is_packet = c->flow->proto == PROTO_UDP;
        if (lets_pass(t, &at, &t->plan->rule[i]))
            traffic_matched(t, &at, &t->plan->rule[i]);
    }
}

void traffic_before_chunk(struct traffic *t, const struct chunk *c)
{
    if (t->plan->n_pass && !c->alternative)
        let_pass(t, c);
}

static bool is_due(const struct traffic_flow *tf, const struct traffic_rule *r, unsigned side)
{
    return !r->once_a_way || !(tf->ends_asked & 1u << side);
}

/* before: as in confirm_value */
static void ask_once(struct traffic *t, const struct situation *at, uint32_t rule, uint64_t before)
{
    const struct traffic_rule *r = &t->plan->rule[rule];
    const struct chunk *c = at->chunk;
    struct confirm_value v = {.bytes = c->data, .before = before, .last = true};
    struct confirm_vars vars = {0};

    if ((t->room.told_of[rule] == c->packet && t->room.told_flow[rule] == c->flow->id) ||
        !is_due(at->tf, r, c->side))
        return;
    if (r->n_others && !traffic_is_mixed(at->tf, rule, c->side))
        return;
    if (!traffic_conditions_hold(t, at, r) || !traffic_payload_holds(t, r, &v, &vars))
        return;
    t->room.told_of[rule] = c->packet;
    t->room.told_flow[rule] = c->flow->id;
    traffic_matched(t, at, r);
}

/* Another reading of some bytes of a stream, which end hosts may have taken for the true one. Rules that are
 * found by a pattern are asked about it on its own; where in the stream it stands is not known. */
static void ask_alternative(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    const struct traffic_set *set = &t->plan->payload[POINT_STREAM][flow_to_server(c->flow, c->side)];
    const struct set_text text = {.window = c->data, .fresh = c->data.len};
    struct situation at;

    if (!set->patterns || !traffic_reaches(t, tf, c, set))
        return;
    traffic_set_find_new(set, &text, &t->room.finds);
    traffic_finds_sort(&t->room.finds);
    situation_fill(&at, tf, c, inspect_app_proto(c->flow));
    for (unsigned i = 0; i < t->room.finds.n; i++) {
        const struct traffic_find *find = &t->room.finds.find[i];

        /* Who has just spoken of this flow has seen one of the readings: that is enough. */
        if (!find->always && t->room.told_flow[find->rule] != c->flow->id)
            ask_once(t, &at, find->rule, UINT32_MAX);
    }
    traffic_finds_clear(&t->room.finds);
}

static unsigned client_of(const struct flow *f)
{
    return f->client_known ? CLIENT_FIRST + f->client : CLIENT_OPEN;
}

static __attribute__((noinline)) enum appetite ask_chunk(struct traffic *t, const struct chunk *c)
{
    struct traffic_flow *tf = traffic_flow_of(t, c->flow);
    enum appetite appetite;

    if (tf && c->alternative)
        ask_alternative(t, tf, c);
    if (c->alternative)
        return APPETITE_MORE;
    if (!tf)
        return APPETITE_ENOUGH;
    appetite = traffic_stream_chunk(t, tf, c);
    if (appetite == APPETITE_ENOUGH)
        tf->quiet |= (uint8_t)(1u << c->side);
    return appetite;
}

/* Most of what servers send: nobody asks about it. */
static bool is_quiet(const struct traffic_flow *tf, const struct chunk *c)
{
    return tf && (tf->quiet >> c->side & 1) && tf->wants_for == client_of(c->flow) && !c->alternative &&
           !traffic_other_has_spoken(tf, c);
}

enum appetite traffic_chunk(struct traffic *t, const struct chunk *c)
{
    struct traffic_flow *tf = c->flow->traffic_slot;

    if (c->flow->proto != PROTO_TCP)
        return APPETITE_ENOUGH;
    if (!is_quiet(tf, c))
        return ask_chunk(t, c);
    tf->side[c->side].offset += c->gap + c->data.len;
    return APPETITE_ENOUGH;
}

bool traffic_wants_packets(const struct traffic *t)
{
    return t->plan->asks_packets;
}

static unsigned wants_of(const struct traffic_plan *plan, reach_classes client, reach_classes server)
{
    unsigned wants = 0;

    for (unsigned i = 0; i < TRAFFIC_WANTS; i++)
        if ((plan->wanting[1][i] & client) || (plan->wanting[0][i] & server))
            wants |= 1u << i;
    return wants;
}

static unsigned wants_find(struct traffic *t, struct traffic_flow *tf, const struct flow *f)
{
    reach_classes client = traffic_reach(t, tf, f, f->client), server = traffic_reach(t, tf, f, !f->client);

    if (!f->client_known)
        client = server = client | server;
    return wants_of(t->plan, client, server);
}

unsigned traffic_wants(struct traffic *t, struct flow *f)
{
    unsigned now = client_of(f);
    struct traffic_flow *tf;

    /* Datagrams are many flows, and give little that anybody has to want. */
    tf = f->proto == PROTO_TCP ? traffic_flow_of(t, f) : NULL;
    if (!tf)
        return wants_of(t->plan, UINT64_MAX, UINT64_MAX);
    if (tf->wants_for != now) {
        tf->wants = (uint8_t)wants_find(t, tf, f);
        tf->wants_for = (uint8_t)now;
        tf->quiet = 0;
    }
    return tf->wants;
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

/* It may interest rules of the set. */
static __attribute__((noinline)) void packet_find(struct traffic *t, const struct traffic_set *set,
                                                  struct flow *f, unsigned side, const struct packet *p)
{
    struct traffic_flow *tf = f->traffic_slot;
    struct chunk c = {.flow = f, .side = side, .data = p->payload, .ts_us = p->ts_us, .packet = p->number};
    struct situation at;

    if (inspect_is_encrypted(f, side) || (tf && !traffic_reaches(t, tf, &c, set)))
        return;
    traffic_set_find(set, c.data, &t->room.finds);
    if (t->room.finds.n == 0)
        return;
    tf = traffic_flow_of(t, f);
    traffic_finds_sort(&t->room.finds);
    if (tf) {
        situation_fill(&at, tf, &c, inspect_app_proto(f));
        at.is_packet = true;
        at.established = is_established(f, side, p);
        for (unsigned i = 0; i < t->room.finds.n; i++)
            ask_once(t, &at, t->room.finds.find[i].rule, 0);
        tf->ends_asked |= (uint8_t)(1u << side);
    }
    traffic_finds_clear(&t->room.finds);
}

/* Most packets interest none, and show it with their first byte. */
static __attribute__((noinline)) void packet_look(struct traffic *t, struct flow *f, unsigned side,
                                                  const struct packet *p)
{
    enum traffic_point point = p->proto == PROTO_TCP ? POINT_SEGMENT : POINT_DATAGRAM;
    const struct traffic_set *set = &t->plan->payload[point][flow_to_server(f, side)];

    if (traffic_set_may_find(set, p->payload))
        packet_find(t, set, f, side, p);
    /* What a datagram's transaction had counts for it alone. */
    if (p->proto != PROTO_TCP && f->traffic_slot)
        traffic_unmix(t, f->traffic_slot, side);
}

/* Half of all packets only acknowledge. */
void traffic_packet(struct traffic *t, struct flow *f, unsigned side, const struct packet *p)
{
    if (p->payload.len > 0 || p->proto != PROTO_TCP || t->plan->asks_empty_segments)
        packet_look(t, f, side, p);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_plan.h"
#include "decode/decode.h"
#include "detect/rule_transform.h"
#include "detect/traffic_set.h"
#include "detect/traffic_tx.h"
#include "inspect/inspect.h"

#include <stdlib.h>

static bool grows(enum buffer_id id)
{
    return (buffer_rows[id].traits & BUFFER_STREAM) != 0;
}

/* The literal by which values of the section are found: the one that the rule names, else the longest. NULL
 * when there is none that is long enough. */
static const struct traffic_test *fast_of(const struct traffic_section *s)
{
    const struct traffic_test *best = NULL;

    for (unsigned i = 0; i < s->n_tests; i++) {
        const struct traffic_test *t = &s->tests[i];

        if (t->kind != ASK_CONTENT || t->negated || t->pattern.len < PATTERNS_MIN)
            continue;
        if (!best || (t->fast && !best->fast) ||
            (t->fast == best->fast && t->pattern.len > best->pattern.len))
            best = t;
    }
    return best;
}

/* More bytes behind the value cannot make the section fail. */
static bool only_gains(const struct traffic_section *s)
{
    for (unsigned i = 0; i < s->n_tests; i++) {
        const struct traffic_test *t = &s->tests[i];

        if (t->negated || t->ends || t->kind == ASK_BSIZE || (t->kind == ASK_DATAAT && !t->relative))
            return false;
        if (t->kind == ASK_BYTE_JUMP && t->number.from_end)
            return false;
        if (t->kind == ASK_BASE64 && !only_gains(t->decoded))
            return false;
    }
    return true;
}

static bool asks_ends_alone(const struct rule_match *m, const struct rule_traffic *ask)
{
    return ask->n_sections == 0 && !ask->has_flow && !ask->has_dsize && !ask->same_ip &&
           !ask->n_stream_sizes && !m->app_proto && !ask->app_layer && scope_is_any(m->src_port) &&
           scope_is_any(m->dst_port);
}

static unsigned ways_of(enum rule_direction d)
{
    return d == RULE_TO_SERVER ? BUFFER_TS : d == RULE_TO_CLIENT ? BUFFER_TC : BUFFER_BOTH;
}

static void rule_fill(struct traffic_rule *out, const struct rule *rule)
{
    const struct rule_match *m = rule->match;
    const struct rule_traffic *ask = m->traffic;

    *out =
        (struct traffic_rule){.rule = rule, .ask = ask, .at_once = true, .others_way = ways_of(m->direction)};
    for (unsigned i = 0; i < ask->n_sections; i++) {
        const struct traffic_section *s = &ask->sections[i];

        if (s->buffer == BUFFER_PAYLOAD) {
            out->payload = out->payload ? out->payload : s;
            out->at_once = out->at_once && only_gains(s);
            continue;
        }
        out->n_others++;
        out->others_way &= buffer_rows[s->buffer].directions;
        if (grows(s->buffer))
            out->bodies |= UINT64_C(1) << s->buffer;
    }
    out->once_a_way = asks_ends_alone(m, ask);
}

/* Who writes state comes before who reads it; who lets pass before all. */
static int rank_of(const struct traffic_rule *r)
{
    bool reads = false, writes = false;

    if (r->rule->acts == RULE_PASS)
        return 0;
    for (unsigned i = 0; i < r->ask->n_states; i++) {
        bool condition = state_is_condition(&r->ask->states[i]);

        reads |= condition;
        writes |= !condition;
    }
    return writes ? (reads ? 2 : 1) : reads ? 3 : 4;
}

static int in_order(const void *left, const void *right)
{
    const struct traffic_rule *a = left, *b = right;
    int by_rank = rank_of(a) - rank_of(b);

    if (by_rank)
        return by_rank;
    if (a->rule->priority != b->rule->priority)
        return a->rule->priority < b->rule->priority ? -1 : 1;
    if (a->rule->sid != b->rule->sid)
        return a->rule->sid < b->rule->sid ? -1 : 1;
    return a->rule->gid < b->rule->gid ? -1 : a->rule->gid > b->rule->gid;
}

static bool list_rules(struct traffic_plan *p)
{
    p->n = ruleset_n_traffic(p->rules);
    p->rule = calloc(p->n ? p->n : 1, sizeof *p->rule);
    if (!p->rule)
        return false;
    for (unsigned i = 0, n = 0; n < p->n && i < ruleset_n(p->rules); i++)
        if (rule_is_traffic(ruleset_at(p->rules, i)))
            rule_fill(&p->rule[n++], ruleset_at(p->rules, i));
    if (p->n)
        qsort(p->rule, p->n, sizeof *p->rule, in_order);
    for (unsigned i = 0; i < p->n; i++) {
        unsigned n = p->rule[i].ask->n_states;

        p->n_pass += p->rule[i].rule->acts == RULE_PASS;
        p->rule[i].reach_class = traffic_reach_class(&p->reach, p->rule[i].rule->match);
        p->rule[i].states = calloc(n ? n : 1, sizeof *p->rule[i].states);
        if (!p->rule[i].states)
            return false;
    }
    return true;
}

/* --- payload --- */

/* Does it matter where a packet's payload begins and ends? Else the stream shows all of it. */
static bool minds_ends(const struct traffic_section *s)
{
    for (unsigned i = 0; i < s->n_tests; i++) {
        const struct traffic_test *t = &s->tests[i];

        if (t->starts || t->ends || t->kind == ASK_BSIZE || t->negated)
            return true;
        if (t->kind == ASK_BYTE_TEST || t->kind == ASK_BYTE_JUMP || t->kind == ASK_BYTE_EXTRACT ||
            t->kind == ASK_BYTE_MATH) {
            if (!t->number.relative || t->number.from_beginning || t->number.from_end)
                return true;
        } else if (!t->relative && (t->kind != ASK_CONTENT || t->has_from || t->has_reach)) {
            return true;
        }
    }
    return false;
}

static bool asks_segments(const struct traffic_rule *r)
{
    if (!r->payload || !(r->ask->inspects & TRAFFIC_STREAM))
        return !r->payload || (r->ask->inspects & TRAFFIC_PACKET);
    return (r->ask->inspects & TRAFFIC_PACKET) && (r->ask->has_dsize || minds_ends(r->payload));
}

struct payload_drafts {
    struct set_draft draft[POINT_N][2];
};

static bool note_payload(struct payload_drafts *d, const struct traffic_plan *p, uint32_t i,
                         enum traffic_point point)
{
    const struct traffic_rule *r = &p->rule[i];
    unsigned ways = ways_of(r->rule->match->direction);
    bool good = true;

    for (unsigned to_server = 0; to_server < 2; to_server++) {
        struct set_draft *draft = &d->draft[point][to_server];

        if (!(ways & (to_server ? BUFFER_TS : BUFFER_TC)))
            continue;
        draft->classes |= UINT64_C(1) << r->reach_class;
        good = good && (r->payload ? set_draft_note(draft, i, r->payload, fast_of(r->payload))
                                   : set_draft_note_always(draft, i));
    }
    return good;
}

static bool note_points(struct payload_drafts *d, const struct traffic_plan *p, uint32_t i)
{
    const struct traffic_rule *r = &p->rule[i];
    uint8_t proto = r->rule->match->proto;
    bool good = true;

    if (r->n_others && !r->payload)
        return true; /* asked of transactions alone */
    if (r->payload && (r->ask->inspects & TRAFFIC_STREAM) && proto != PROTO_UDP)
        good = note_payload(d, p, i, POINT_STREAM);
    if (asks_segments(r) && proto != PROTO_UDP)
        good = good && note_payload(d, p, i, POINT_SEGMENT);
    if (proto != PROTO_TCP)
        good = good && note_payload(d, p, i, POINT_DATAGRAM);
    return good;
}

static bool plan_payload(struct traffic_plan *p, struct complaint *why)
{
    struct payload_drafts drafts = {0};
    bool good = true;

    for (uint32_t i = 0; good && i < p->n; i++)
        good = note_points(&drafts, p, i) || complain(why, "memory is short for the rules");
    for (unsigned point = 0; point < POINT_N; point++)
        for (unsigned way = 0; way < 2; way++) {
            good = good && set_draft_compile(&drafts.draft[point][way], &p->payload[point][way], why);
            set_draft_drop(&drafts.draft[point][way]);
            p->asks_packets |= point != POINT_STREAM && p->payload[point][way].any;
            p->asks_empty_segments |= point == POINT_SEGMENT && p->payload[point][way].may_be_empty;
        }
    return good;
}

/* --- buffers of transactions --- */

/* The section that a rule is found by: one whose buffer is there at once, since it is gone when a body comes;
 * of those the one with the longest literal. */
static const struct traffic_section *trigger_of(const struct traffic_rule *r)
{
    const struct traffic_section *best = NULL;
    const struct traffic_test *best_fast = NULL;

    for (unsigned i = 0; i < r->ask->n_sections; i++) {
        const struct traffic_section *s = &r->ask->sections[i];
        const struct traffic_test *fast = fast_of(s);

        if (s->buffer == BUFFER_PAYLOAD || (best && grows(s->buffer) && !grows(best->buffer)))
            continue;
        if (!best || (grows(best->buffer) && !grows(s->buffer)) ||
            (fast && (!best_fast || fast->pattern.len > best_fast->pattern.len))) {
            best = s;
            best_fast = fast;
        }
    }
    return best;
}

struct buffer_draft {
    struct traffic_buffer buffer;
    struct set_draft draft;
};

struct buffer_drafts {
    struct buffer_draft *list;
    unsigned n;
};

static struct set_draft *draft_of(struct buffer_drafts *d, const struct traffic_section *s, bool to_server)
{
    struct buffer_draft *list;

    for (unsigned i = 0; i < d->n; i++)
        if (d->list[i].buffer.id == s->buffer && d->list[i].buffer.to_server == to_server &&
            rule_transforms_same(d->list[i].buffer.like->transforms, d->list[i].buffer.like->n_transforms,
                                 s->transforms, s->n_transforms))
            return &d->list[i].draft;
    list = realloc(d->list, (d->n + 1) * sizeof *list);
    if (!list)
        return NULL;
    d->list = list;
    list[d->n] = (struct buffer_draft){.buffer = {.id = s->buffer, .like = s, .to_server = to_server}};
    return &list[d->n++].draft;
}

/* What inspection has to give for these buffers of one direction. */
static unsigned wants_of(uint64_t buffers, bool to_server)
{
    unsigned wants = 0;

    if (to_server && buffers & (UINT64_C(1) << BUFFER_TLS_SNI | UINT64_C(1) << BUFFER_JA3_HASH))
        wants |= INSPECT_HELLOS;
    if (to_server && buffers & UINT64_C(1) << BUFFER_JA3_HASH)
        wants |= INSPECT_PRINTS;
    if (!to_server && buffers & (UINT64_C(1) << BUFFER_FILE_DATA | UINT64_C(1) << BUFFER_HTTP_RESPONSE_BODY))
        wants |= INSPECT_BODIES;
    if (!to_server && buffers & TRAFFIC_CERTIFICATE_BUFFERS)
        wants |= INSPECT_CERTIFICATES;
    return wants;
}

static void note_wanted(struct traffic_plan *p, const struct traffic_rule *r, bool to_server)
{
    uint64_t buffers = 0;

    for (unsigned i = 0; i < r->ask->n_sections; i++)
        buffers |= UINT64_C(1) << r->ask->sections[i].buffer;
    p->wanted[to_server] |= buffers;
    for (unsigned i = 0; i < TRAFFIC_WANTS; i++)
        if (wants_of(buffers, to_server) >> i & 1)
            p->wanting[to_server][i] |= UINT64_C(1) << r->reach_class;
}

static bool note_buffers(struct buffer_drafts *d, struct traffic_plan *p, uint32_t i)
{
    const struct traffic_rule *r = &p->rule[i];
    const struct traffic_section *trigger = trigger_of(r);

    for (unsigned to_server = 0; trigger && to_server < 2; to_server++) {
        struct set_draft *draft;

        if (!(r->others_way & (to_server ? BUFFER_TS : BUFFER_TC)))
            continue;
        note_wanted(p, r, to_server);
        draft = draft_of(d, trigger, to_server);
        if (!draft || !set_draft_note(draft, i, trigger, fast_of(trigger)))
            return false;
        draft->classes |= UINT64_C(1) << r->reach_class;
        draft->grows = grows(trigger->buffer);
    }
    return true;
}

/* What alerts tell of the place: of a TLS connection the name that the client has asked for, of bytes of an
 * answer whose they are. */
static void want_shown(struct traffic_plan *p)
{
    const struct traffic_set *stream = p->payload[POINT_STREAM], *segment = p->payload[POINT_SEGMENT];
    bool hellos = p->wanted[0] & TRAFFIC_CERTIFICATE_BUFFERS;

    for (unsigned way = 0; way < 2; way++)
        hellos |= stream[way].any || segment[way].any;
    for (unsigned i = 0; i < TRAFFIC_WANTS; i++) {
        if (INSPECT_HELLOS >> i & 1 && hellos)
            p->wanting[1][i] = UINT64_MAX;
        if (INSPECT_ENDS >> i & 1)
            p->wanting[0][i] = stream[0].classes | segment[0].classes;
    }
}

static bool plan_buffers(struct traffic_plan *p, struct complaint *why)
{
    struct buffer_drafts d = {0};
    bool good = true;

    _Static_assert(BUFFER_N <= 64, "one bit for each buffer");
    for (uint32_t i = 0; good && i < p->n; i++)
        good = note_buffers(&d, p, i) || complain(why, "memory is short for the rules");
    p->buffers = calloc(d.n ? d.n : 1, sizeof *p->buffers);
    if (!p->buffers)
        good = complain(why, "memory is short for the rules");
    for (unsigned i = 0; i < d.n; i++) {
        if (good) {
            p->buffers[p->n_buffers] = d.list[i].buffer;
            good = set_draft_compile(&d.list[i].draft, &p->buffers[p->n_buffers++].set, why);
        }
        set_draft_drop(&d.list[i].draft);
    }
    free(d.list);
    want_shown(p);
    return good;
}

/* Not more names than a flow should have to carry bits for. */
static bool names_fit(struct traffic_plan *p, struct complaint *why)
{
    struct state_names *names = state_names_new();
    bool good = names && traffic_plan_number(p, names);
    static const char *const words[STATE_KINDS] = {"flowbits", "xbits", "flowint"};

    if (!good)
        complain(why, "memory is short for the rules");
    for (unsigned kind = 0; good && kind < STATE_KINDS; kind++)
        if (state_names_n(names, kind) > STATE_NAMES_MAX)
            good = complain(why, "the rules have more than %d names for %s: take out those you do not need",
                            STATE_NAMES_MAX, words[kind]);
    state_names_free(names);
    return good;
}

struct traffic_plan *traffic_plan_new(const struct ruleset *rules, struct complaint *why)
{
    struct traffic_plan *p = calloc(1, sizeof *p);

    if (!p) {
        complain(why, "memory is short for the rules");
        return NULL;
    }
    p->rules = rules;
    if (list_rules(p) ? names_fit(p, why) && plan_payload(p, why) && plan_buffers(p, why)
                      : complain(why, "memory is short for the rules"))
        return p;
    traffic_plan_free(p);
    return NULL;
}

bool traffic_plan_number(struct traffic_plan *p, struct state_names *names)
{
    for (unsigned i = 0; i < p->n; i++)
        for (unsigned k = 0; k < p->rule[i].ask->n_states; k++)
            if (!state_ask_init(&p->rule[i].states[k], &p->rule[i].ask->states[k], names))
                return false;
    return true;
}

void traffic_plan_free(struct traffic_plan *p)
{
    if (!p)
        return;
    for (unsigned point = 0; point < POINT_N; point++)
        for (unsigned way = 0; way < 2; way++)
            traffic_set_drop(&p->payload[point][way]);
    for (unsigned i = 0; i < p->n_buffers; i++)
        traffic_set_drop(&p->buffers[i].set);
    for (unsigned i = 0; p->rule && i < p->n; i++)
        free(p->rule[i].states);
    free(p->buffers);
    free(p->rule);
    free(p);
}

void traffic_plan_explain(const struct rule *rule, struct traffic_found *out)
{
    const struct traffic_section *trigger;
    struct traffic_rule r;

    rule_fill(&r, rule);
    trigger = r.n_others ? trigger_of(&r) : r.payload;
    *out = (struct traffic_found){.section = trigger,
                                  .test = trigger ? fast_of(trigger) : NULL,
                                  .packets = asks_segments(&r) || rule->match->proto == PROTO_UDP,
                                  .stream = r.payload && (r.ask->inspects & TRAFFIC_STREAM)};
}

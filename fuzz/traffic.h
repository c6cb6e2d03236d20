/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_TRAFFIC_H
#define FUZZ_TRAFFIC_H

#include "detect/traffic_engine.h"

#include <assert.h>
#include <stdlib.h>

/* What the targets of the engine of traffic rules share: two sets of rules, compiled once; one flow at a
 * time, whose memory all comes back with its end; who spoke of it; and inputs read as scripts. */

#define N_SIDS   128
#define STATEFUL 60 /* sids from here on depend on more than the bytes */

static struct {
    struct config *config;
    struct ruleset *rules[2];
    struct traffic *traffic;
    struct flow flow;
    uint64_t now_us, packet, flow_id;
    unsigned told[N_SIDS];
} all;

static void on_finding(void *arg, const struct finding *f)
{
    assert(arg == &all && f->rule->sid < N_SIDS && f->rule->acts != RULE_PASS && !f->rule->noalert);
    assert(f->field->chunk->flow == &all.flow && f->attrs->n == 0);
    all.told[f->rule->sid]++;
}

static struct ruleset *rules_of(const char *text)
{
    struct complaint why = {""};
    struct ruleset *r = ruleset_new(all.config, &why);
    bool good = r && ruleset_add_text(r, "fuzz", bytes_str(text), &why) && ruleset_n_refused(r) == 0 &&
                ruleset_compile(r, &why);

    assert(good);
    return r;
}

static void begin_all(const char *rules, const char *others)
{
    struct complaint why = {""};
    bool good;

    all.config = config_new();
    assert(all.config);
    all.config->deterministic = true;
    all.rules[0] = rules_of(rules);
    all.rules[1] = rules_of(others);
    good = traffic_new(all.config, all.rules[0], on_finding, &all, &all.traffic, &why);
    assert(good && all.traffic);
}

static void use_rules(unsigned which)
{
    bool good = traffic_use_rules(all.traffic, all.rules[which & 1]);

    assert(good);
}

static void flow_begin(uint8_t proto, bool client_known)
{
    memset(all.told, 0, sizeof all.told);
    all.now_us += 3600000000; /* no bit of an address is older */
    all.flow = (struct flow){.id = ++all.flow_id, .proto = proto, .client_known = client_known};
    for (unsigned side = 0; side < 2; side++) {
        all.flow.end[side].addr = addr_v4((uint8_t[]){192, 0, (uint8_t)(2 + side), 1});
        all.flow.end[side].port = (uint16_t)(1080 - side * 1000);
    }
}

static void flow_over(void)
{
    traffic_flow_end(all.traffic, &all.flow);
    assert(!all.flow.traffic_slot && all.traffic->memory == 0 && !all.traffic->flows);
    assert(all.traffic->room.finds.n == 0);
}

/* A copy in memory of just its size. */
static struct bytes exact(struct bytes b)
{
    uint8_t *p = malloc(b.len + !b.len);

    assert(p);
    if (b.len)
        memcpy(p, b.p, b.len);
    return bytes_of(p, b.len);
}

static struct bytes filler(size_t n)
{
    static uint8_t text[255 * 64];

    assert(n <= sizeof text);
    memset(text, 'x', sizeof text);
    return bytes_of(text, n);
}

/* One step of a script: a byte for what is done and the side, one for a number, then as many bytes as its
 * lower six bits say, where the step has any. */
struct script {
    struct bytes rest;
    unsigned step, side, n;
    struct bytes data;
};

static uint8_t script_byte(struct script *s)
{
    uint8_t b = s->rest.len ? s->rest.p[0] : 0;

    s->rest = bytes_from(s->rest, 1);
    return b;
}

/* with_data: one bit for each step that has data. */
static bool script_next(struct script *s, unsigned n_steps, unsigned with_data)
{
    uint8_t op;

    if (!s->rest.len)
        return false;
    op = script_byte(s);
    s->step = (op & 0x7f) % n_steps;
    s->side = op >> 7;
    s->n = script_byte(s);
    s->data = bytes_slice(s->rest, 0, with_data >> s->step & 1 ? s->n & 63 : 0);
    s->rest = bytes_from(s->rest, s->data.len);
    return true;
}

#endif

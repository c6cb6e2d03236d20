/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_TRAFFIC_WORLD_H
#define TESTS_TRAFFIC_WORLD_H

/* Rules over traffic, and a flow from 192.0.2.1 to 192.0.2.2 that is given to them. Behind cmocka.h. */

#include "detect/traffic.h"

struct traffic_world {
    struct config *config;
    struct ruleset *rules;
    struct traffic *traffic;
    struct flow flow;
    uint64_t packet;
};

static inline struct ruleset *world_rules(const struct traffic_world *w, const char *text)
{
    struct complaint why = {""};
    struct ruleset *r = ruleset_new(w->config, &why);

    assert_non_null(r);
    assert_true(ruleset_add_text(r, "test", bytes_str(text), &why));
    if (ruleset_n_refused(r))
        fail_msg("%s", ruleset_refusal(r, 0));
    assert_true(ruleset_compile(r, &why));
    return r;
}

/* Another flow, in place of the one before. */
static inline void world_flow(struct traffic_world *w, uint8_t proto)
{
    traffic_flow_end(w->traffic, &w->flow);
    w->flow = (struct flow){.id = w->flow.id + 1, .proto = proto, .client_known = true};
    w->flow.end[0].addr = addr_v4((uint8_t[]){192, 0, 2, 1});
    w->flow.end[1].addr = addr_v4((uint8_t[]){192, 0, 2, 2});
}

static inline void world_begin(struct traffic_world *w, const char *rules, uint8_t proto,
                               void (*fn)(void *arg, const struct finding *f), void *arg)
{
    struct complaint why = {""};

    w->config = config_new();
    assert_non_null(w->config);
    w->rules = world_rules(w, rules);
    assert_true(traffic_new(w->config, w->rules, fn, arg, &w->traffic, &why));
    world_flow(w, proto);
}

/* The rules are read again, and are these now. */
static inline void world_reload(struct traffic_world *w, const char *rules)
{
    struct ruleset *before = w->rules;

    w->rules = world_rules(w, rules);
    assert_true(traffic_use_rules(w->traffic, w->rules));
    ruleset_free(before);
}

static inline void world_end(struct traffic_world *w)
{
    traffic_flow_end(w->traffic, &w->flow);
    traffic_free(w->traffic);
    ruleset_free(w->rules);
    config_free(w->config);
}

#endif

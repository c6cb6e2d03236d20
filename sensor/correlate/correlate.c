/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/correlate.h"
#include "base/count.h"
#include "channel/fact.h"

#include <assert.h>
#include <stdlib.h>

/* The values of jndi.stage (inspect/attr.h), and what an alert without one is called. */
static const char *const stage_names[STAGE_N] = {
    [STAGE_LOOKUP] = "lookup",
    [STAGE_CALLBACK] = "callback",
    [STAGE_REFERRAL] = "referral",
    [STAGE_REFERENCE] = "reference",
    [STAGE_DESERIALIZATION] = "deserialization",
    [STAGE_CLASS_DELIVERY] = "class_delivery",
    [STAGE_OTHER] = "other",
};

struct correlate {
    const struct ruleset *rules;
    void (*fn)(void *arg, const struct alert *a);
    void (*on_anomaly)(void *arg, const struct record *r);
    void *arg;
    uint64_t n_alerts[STAGE_N];
};

const char *stage_name(enum stage s)
{
    assert(s < STAGE_N);
    return stage_names[s];
}

struct correlate *correlate_new(const struct config *config, const struct ruleset *rules,
                                void (*fn)(void *arg, const struct alert *a), void *arg)
{
    struct correlate *c = calloc(1, sizeof *c);

    (void)config;
    if (!c)
        return NULL;
    c->rules = rules;
    c->fn = fn;
    c->arg = arg;
    return c;
}

void correlate_free(struct correlate *c)
{
    free(c);
}

void correlate_on_anomaly(struct correlate *c, void (*fn)(void *arg, const struct record *r))
{
    c->on_anomaly = fn;
}

static enum stage stage_of(struct bytes name)
{
    for (enum stage s = 0; s < STAGE_N; s++)
        if (bytes_eq(name, bytes_str(stage_names[s])))
            return s;
    return STAGE_OTHER;
}

/* What was seen says where it stands. A rule over plain buffers may say so itself: metadata: jndi_stage
 * callback. */
static enum stage stage_judge(const struct record *r, const struct rule *rule)
{
    struct bytes seen = attrs_get(&r->attrs, ATTR_JNDI_STAGE);

    if (seen.len > 0)
        return stage_of(seen);
    for (unsigned i = 0; i < rule->n_metadata; i++)
        if (strcmp(rule->metadata[i].key, "jndi_stage") == 0)
            return stage_of(bytes_str(rule->metadata[i].value));
    return STAGE_OTHER;
}

void correlate_record(struct correlate *c, const struct record *r)
{
    struct alert a = {.record = r};

    if (r->head.kind == RECORD_ANOMALY) {
        if (c->on_anomaly)
            c->on_anomaly(c->arg, r);
        return;
    }
    a.rule = ruleset_by_sid(c->rules, r->head.gid, r->head.sid);
    if (!a.rule) { /* only a sender with other rules than ours names one that we do not have */
        count(COUNT_CHANNEL_BAD);
        return;
    }
    a.stage = stage_judge(r, a.rule);
    c->n_alerts[a.stage]++;
    c->fn(c->arg, &a);
}

void correlate_fact(struct correlate *c, const struct fact *f)
{
    struct fact_connection connection;
    struct fact_name name;

    (void)c;
    if (!fact_get_connection(f, &connection) && !fact_get_name(f, &name))
        count(COUNT_CHANNEL_BAD);
}

uint64_t correlate_n_alerts(const struct correlate *c, enum stage s)
{
    assert(s < STAGE_N);
    return c->n_alerts[s];
}

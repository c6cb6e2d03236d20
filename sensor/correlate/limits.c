/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/limits.h"
#include "correlate/table.h"
#include "base/mix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US UINT64_C(1000000)

struct period {
    struct table_entry entry;
    uint64_t begun_us;
    uint64_t n; /* matches in it; LIMIT_EACH: since it spoke last */
};

struct limits {
    struct table *table;
    uint64_t seed;
};

struct limits *limits_new(const struct config *config)
{
    const struct table_plan plan = {.entry_size = sizeof(struct period),
                                    .max_bytes = config->threshold_memcap,
                                    .evicted = COUNT_LIMITS_FORGOTTEN};
    struct limits *l = calloc(1, sizeof *l);
    uint64_t secrets[MIX_SECRETS];

    if (!l)
        return NULL;
    mix_secrets(config->deterministic, secrets);
    l->seed = secrets[1]; /* another than the stories' */
    l->table = table_new(&plan);
    if (l->table)
        return l;
    free(l);
    return NULL;
}

void limits_free(struct limits *l)
{
    if (!l)
        return;
    table_free(l->table);
    free(l);
}

static void pair_add(struct table_text *text, const struct addr *a, const struct addr *b)
{
    int order = a->version != b->version ? a->version - b->version : memcmp(a->b, b->b, sizeof a->b);

    key_addr(text, order < 0 ? a : b);
    key_addr(text, order < 0 ? b : a);
}

static struct table_key key_of(const struct limits *l, const struct rule *rule, enum limit_track track,
                               const struct limit_subject *who)
{
    struct table_text text;

    key_begin(&text, (uint8_t)track);
    key_number(&text, (uint64_t)rule->gid << 32 | rule->sid);
    switch (track) {
    case TRACK_SRC:
        key_addr(&text, &who->src);
        break;
    case TRACK_DST:
        key_addr(&text, &who->dst);
        break;
    case TRACK_BOTH:
        pair_add(&text, &who->src, &who->dst);
        break;
    case TRACK_FLOW:
        key_number(&text, who->flow_id);
        break;
    case TRACK_RULE:
    case TRACK_EITHER: /* of suppress, which counts nothing */
        break;
    }
    return key_end(&text, l->seed);
}

static struct period *period_of(struct limits *l, const struct rule *rule, enum limit_track track,
                                const struct limit_subject *who)
{
    struct table_key key = key_of(l, rule, track, who);
    struct period *p = table_find(l->table, &key);

    if (p) {
        table_touch(l->table, p);
        return p;
    }
    p = table_add(l->table, &key);
    if (p)
        p->begun_us = who->ts_us;
    return p;
}

static bool may_speak(struct period *p, const struct rule_limit *limit)
{
    p->n++;
    switch (limit->kind) {
    case LIMIT_FIRST:
        return p->n <= limit->count;
    case LIMIT_EACH:
        if (p->n < limit->count)
            return false;
        p->n = 0;
        return true;
    case LIMIT_ONCE:
        return p->n == limit->count;
    case LIMIT_BEYOND:
        return p->n > limit->count;
    case LIMIT_NONE:
        break;
    }
    return true;
}

bool limits_allow(struct limits *l, const struct rule *rule, const struct rule_limit *limit,
                  const struct limit_subject *who)
{
    struct period *p;

    if (limit->kind == LIMIT_NONE || (limit->kind == LIMIT_EACH && limit->count == 1))
        return true;
    p = period_of(l, rule, limit->track, who);
    if (!p)
        return true;
    if (who->ts_us > p->begun_us + limit->seconds * SECOND_US) {
        p->begun_us = who->ts_us;
        p->n = 0;
    }
    return may_speak(p, limit);
}

size_t limits_n(const struct limits *l)
{
    return table_n(l->table);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* A rule over sightings, from its draft. */

/* How much work a section is: what is settled by a comparison is asked first. */
static unsigned section_cost(const struct rule_section *s)
{
    unsigned cost = s->n_chain + s->n_never;

    for (unsigned i = 0; i < s->n_chain; i++)
        if (s->chain[i].kind == TEST_PCRE)
            cost += 1000;
    for (unsigned i = 0; i < s->n_never; i++)
        if (s->never[i].kind == TEST_PCRE)
            cost += 1000;
    return cost;
}

/* By cost, and among equals as written: the order changes the time, never the answer. */
static void sort_sections(struct rule_section *s, unsigned n)
{
    for (unsigned i = 1; i < n; i++) {
        struct rule_section moving = s[i];
        unsigned k = i;

        for (; k > 0 && section_cost(&s[k - 1]) > section_cost(&moving); k--)
            s[k] = s[k - 1];
        s[k] = moving;
    }
}

/* Narrows the lengths that a value may have. */
static bool narrow(struct rule_draft *d, struct rule_section *s, uint64_t least, uint64_t most)
{
    if (s->least < least)
        s->least = least;
    if (s->most > most)
        s->most = most;
    s->sized = true;
    return s->least <= s->most || draft_refuse(d, "no value has such a length: mend the sizes");
}

static bool narrow_size(struct rule_draft *d, struct rule_section *s, const struct rule_size *size)
{
    switch (size->how) {
    case COMPARE_EQUAL:
        return narrow(d, s, size->low, size->low);
    case COMPARE_LESS:
        return narrow(d, s, 0, size->low - 1);
    case COMPARE_LESS_EQUAL:
        return narrow(d, s, 0, size->low);
    case COMPARE_MORE:
        return narrow(d, s, size->low + 1, UINT64_MAX);
    case COMPARE_MORE_EQUAL:
        return narrow(d, s, size->low, UINT64_MAX);
    case COMPARE_BETWEEN:
        return narrow(d, s, size->low + 1, size->high - 1);
    case COMPARE_DIFFERENT:
    case COMPARE_AND:
    case COMPARE_XOR:
        break;
    }
    return draft_refuse(d, "'!=' is not read over sightings: write two rules, with < and with >");
}

static enum rule_test_kind kind_of(const struct traffic_test *t)
{
    return t->kind == ASK_PCRE ? TEST_PCRE : t->kind == ASK_DATAAT ? TEST_DATAAT : TEST_CONTENT;
}

static struct rule_test test_from(const struct traffic_test *t)
{
    return (struct rule_test){
        .kind = kind_of(t),
        .negated = t->negated,
        .nocase = t->nocase,
        .starts = t->starts,
        .ends = t->ends,
        .relative = t->relative,
        .from_set = t->has_from,
        .reach_set = t->has_reach,
        .pattern = t->pattern,
        .from = (int32_t)(t->kind == ASK_DATAAT ? t->at_least.n : t->from.n),
        .reach = (uint32_t)t->reach.n,
        .pcre = t->pcre,
    };
}

/* Negated and counted from the start: speaks of every value. All else is a chain within one value. */
static bool is_never(const struct traffic_test *t)
{
    return t->negated && !t->relative;
}

/* Sizes narrow the section, all else becomes one of its tests. Suricata's counting, in which the absolute
 * isdataat wants one byte more. */
static bool take_test(struct rule_draft *d, struct rule_section *s, const struct traffic_test *t)
{
    uint64_t n = (uint64_t)t->at_least.n;

    if (t->kind == ASK_BSIZE)
        return narrow_size(d, s, &t->size);
    if (t->kind == ASK_DATAAT && !t->relative)
        return t->negated ? narrow(d, s, 0, n) : narrow(d, s, n + 1, UINT64_MAX);
    if (is_never(t))
        s->never[s->n_never++] = test_from(t);
    else
        s->chain[s->n_chain++] = test_from(t);
    return true;
}

static bool section_finish(struct rule_draft *d, unsigned number, struct rule_section *s)
{
    const struct draft_section *from = &d->sections[number];

    struct rule_transform *transforms = draft_room(d, from->n_transforms * sizeof *transforms + 1);

    *s = (struct rule_section){.id = from->attr, .buffer = from->buffer, .most = UINT64_MAX};
    if (!transforms)
        return false;
    memcpy(transforms, from->transforms, from->n_transforms * sizeof *transforms);
    s->transforms = transforms;
    s->n_transforms = from->n_transforms;
    s->chain = draft_room(d, from->n_tests * sizeof *s->chain + 1);
    s->never = draft_room(d, from->n_tests * sizeof *s->never + 1);
    if (!s->chain || !s->never)
        return false;
    for (unsigned i = 0; i < d->n_tests; i++)
        if (d->section_of[i] == number && !take_test(d, s, &d->tests[i]))
            return false;
    for (unsigned i = 0; i + 1 < s->n_chain; i++)
        s->chain[i].followed = s->chain[i + 1].relative;
    return true;
}

/* Of two rules that match, the one that asks more of what it saw knows more about it. */
static unsigned count_conditions(const struct rule_match *m)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->n_sections; i++)
        n += m->sections[i].sized + m->sections[i].n_chain + m->sections[i].n_never;
    return n + (m->direction != RULE_ANY_DIRECTION) + (m->app_proto || m->proto || m->version) +
           !scope_is_any(m->src) + !scope_is_any(m->dst) + !scope_is_any(m->src_port) +
           !scope_is_any(m->dst_port);
}

/* What is known of a sighting's transaction beside the sighting. */
static bool of_transaction(enum buffer_id id)
{
    return (id >= BUFFER_HTTP_METHOD && id <= BUFFER_HTTP_RESPONSE_BODY) || id == BUFFER_DNS_QUERY ||
           id == BUFFER_TLS_SNI;
}

/* What only traffic has cannot be asked of what was understood of it. */
static bool refuse_traffic(struct rule_draft *d)
{
    if (d->traffic_reason) {
        d->option = d->traffic_option.keyword.len ? &d->traffic_option : NULL;
        return draft_refuse(d, "%s", d->traffic_reason);
    }
    for (unsigned i = 0; i < d->n_sections; i++) {
        const struct draft_section *s = &d->sections[i];

        if (s->attr != ATTR_N || of_transaction(s->buffer))
            continue;
        d->option = &s->named_by;
        return draft_refuse(d, "sightings have no such buffer, and a rule that names one of the sensor's own "
                               "is asked about sightings: write two rules");
    }
    return true;
}

bool draft_finish_sighting(struct rule_draft *d)
{
    struct rule_match *m = d->rule->match;

    if (!refuse_traffic(d))
        return false;
    m->sections = draft_room(d, d->n_sections * sizeof *m->sections);
    if (!m->sections)
        return false;
    for (unsigned i = 0; i < d->n_sections; i++) {
        if (!section_finish(d, i, &m->sections[i]))
            return false;
        if (m->sections[i].id != ATTR_N)
            attr_set_add(&m->needs, m->sections[i].id);
        else
            m->tx_buffers |= UINT64_C(1) << m->sections[i].buffer;
    }
    m->n_sections = d->n_sections;
    sort_sections(m->sections, m->n_sections);
    m->conditions = count_conditions(m);
    return true;
}

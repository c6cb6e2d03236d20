/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

#include <stdarg.h>
#include <stdio.h>

bool draft_refuse(struct rule_draft *d, const char *fmt, ...)
{
    char where[64] = "", keyword[96] = "", reason[384];
    va_list args;

    if (d->sid)
        snprintf(where, sizeof where, "sid %u: ", d->sid);
    if (d->option)
        snprintf(keyword, sizeof keyword, "keyword '%.*s': ", DRAFT_SHOWN(d->option->keyword));
    va_start(args, fmt);
    vsnprintf(reason, sizeof reason, fmt, args);
    va_end(args);
    return complain(d->why, "%s:%u: %s%s%s", d->rule->file, d->rule->line, where, keyword, reason);
}

void *draft_room(struct rule_draft *d, size_t len)
{
    void *room = pool_room(d->pool, len);

    if (!room)
        draft_refuse(d, "memory is short");
    return room;
}

char *draft_str(struct rule_draft *d, struct bytes b)
{
    char *copy = pool_str(d->pool, b);

    if (!copy)
        draft_refuse(d, "memory is short");
    return copy;
}

bool draft_quoted(struct rule_draft *d, struct bytes *inside, bool *negated)
{
    struct bytes v = d->option->value;
    bool bang = v.len && v.p[0] == '!';

    if (bang)
        v = bytes_trim(bytes_from(v, 1));
    if (v.len < 2 || v.p[0] != '"' || v.p[v.len - 1] != '"')
        return draft_refuse(d, "the value is not quoted: write %.*s:\"...\";",
                            DRAFT_SHOWN(d->option->keyword));
    if (bang && !negated)
        return draft_refuse(d, "cannot be negated: leave the '!' out");
    if (negated)
        *negated = bang;
    *inside = bytes_slice(v, 1, v.len - 1);
    return true;
}

bool draft_number(struct rule_draft *d, struct bytes text, int64_t least, int64_t most, int64_t *out)
{
    bool minus = text.len && text.p[0] == '-';
    uint64_t n;

    if (bytes_to_u64(minus ? bytes_from(text, 1) : text, UINT32_MAX, &n)) {
        *out = minus ? -(int64_t)n : (int64_t)n;
        if (*out >= least && *out <= most)
            return true;
    }
    return draft_refuse(d, "'%.*s' is no number from %lld to %lld: write one", DRAFT_SHOWN(text),
                        (long long)least, (long long)most);
}

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

/* Negated and counted from the start: speaks of every value. All else is a chain within one value. */
static bool is_never(const struct rule_test *t)
{
    return t->negated && !t->relative;
}

static bool section_finish(struct rule_draft *d, struct rule_section *s, const struct rule_test *tests,
                           unsigned n)
{
    if (n == 0 && !s->sized)
        return draft_refuse(d,
                            "nothing is asked of buffer %s: write bsize:>0; after it to ask that it is there",
                            attr_rows[s->id].name);
    s->chain = draft_room(d, n * sizeof *tests + 1);
    s->never = draft_room(d, n * sizeof *tests + 1);
    if (!s->chain || !s->never)
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (is_never(&tests[i]))
            s->never[s->n_never++] = tests[i];
        else
            s->chain[s->n_chain++] = tests[i];
    }
    for (unsigned i = 0; i + 1 < s->n_chain; i++)
        s->chain[i].followed = s->chain[i + 1].relative;
    return true;
}

/* Of two rules that match, the one that asks more of what it saw knows more about it. */
static unsigned count_conditions(const struct rule_draft *d, const struct rule_match *m)
{
    unsigned n = d->n_tests;

    for (unsigned i = 0; i < d->n_sections; i++)
        n += d->sections[i].sized;
    return n + (m->direction != RULE_ANY_DIRECTION) + (m->app_proto || m->proto) + !scope_is_any(m->src) +
           !scope_is_any(m->dst) + !scope_is_any(m->src_port) + !scope_is_any(m->dst_port);
}

static bool finish_match(struct rule_draft *d)
{
    struct rule_match *m = d->rule->match;

    d->first_test[d->n_sections] = d->n_tests;
    m->sections = draft_room(d, d->n_sections * sizeof *m->sections);
    if (!m->sections)
        return false;
    for (unsigned i = 0; i < d->n_sections; i++) {
        if (!section_finish(d, &d->sections[i], &d->tests[d->first_test[i]],
                            d->first_test[i + 1] - d->first_test[i]))
            return false;
        m->sections[i] = d->sections[i];
        attr_set_add(&m->needs, d->sections[i].id);
    }
    m->n_sections = d->n_sections;
    sort_sections(m->sections, m->n_sections);
    m->conditions = count_conditions(d, m);
    return true;
}

/* Words of the metadata that ET's rules carry. */
static unsigned confidence_of(const struct rule *r)
{
    for (unsigned i = 0; i < r->n_metadata; i++) {
        if (strcmp(r->metadata[i].key, "confidence") != 0)
            continue;
        if (bytes_eq_nocase(bytes_str(r->metadata[i].value), BYTES_LIT("medium")))
            return 60;
        if (bytes_eq_nocase(bytes_str(r->metadata[i].value), BYTES_LIT("low")))
            return 30;
    }
    return 100;
}

bool draft_finish(struct rule_draft *d)
{
    struct rule *r = d->rule;

    d->option = NULL;
    if (!r->sid)
        return draft_refuse(d, "the rule has no sid: write sid:N; with a number of its own");
    if (!r->msg)
        return draft_refuse(d, "the rule has no msg: write msg:\"what it found\";");
    if (d->n_sections == 0)
        return draft_refuse(
            d, "the rule asks nothing of any buffer and would match everything: write a buffer such as "
               "jndi.stage; and a content after it");
    if (!finish_match(d))
        return false;
    r->metadata = draft_room(d, r->n_metadata * sizeof *r->metadata + 1);
    r->references = draft_room(d, r->n_references * sizeof *r->references + 1);
    if (!r->metadata || !r->references)
        return false;
    memcpy(r->metadata, d->metadata, r->n_metadata * sizeof *r->metadata);
    r->confidence = confidence_of(r);
    memcpy(r->references, d->references, r->n_references * sizeof *r->references);
    if (!r->category)
        r->category = draft_str(d, (struct bytes){NULL, 0});
    return r->category != NULL;
}

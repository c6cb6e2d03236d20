/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_confirm.h"
#include "base/count.h"
#include "detect/rule_transform.h"

#include <assert.h>

/* Work that the expressions of one rule may cost on one sighting: about 50 ms at the very worst. */
#define RULE_PCRE_UNITS 1000000

/* Traffic rules mean Suricata's addresses. */
static bool address_holds(const struct rule_match *m, const struct scope *scope, const struct addr *a)
{
    return scope_has_addr(scope, a) && (!m->traffic || scope_names_family(scope, a->version));
}

static bool ends_hold(const struct rule_match *m, const struct addr *src, uint16_t src_port,
                      const struct addr *dst, uint16_t dst_port)
{
    return address_holds(m, m->src, src) && address_holds(m, m->dst, dst) &&
           scope_has_port(m->src_port, src_port) && scope_has_port(m->dst_port, dst_port);
}

/* As in Suricata, http is any version of it, and http1 and http2 say which. */
static bool app_holds(const char *rule, const char *field)
{
    if (!field)
        return false;
    if (strcmp(rule, "http1") == 0)
        return strcmp(field, "http") == 0;
    return strcmp(rule, field) == 0 || (strcmp(rule, "http") == 0 && strcmp(field, "http2") == 0);
}

bool rule_protocol_holds(const struct rule_match *m, const struct sighting *s)
{
    if (m->proto && m->proto != s->proto)
        return false;
    if (m->version && m->version != s->src->version)
        return false;
    if (m->direction != RULE_ANY_DIRECTION && (m->direction == RULE_TO_SERVER) != s->to_server)
        return false;
    return !m->app_proto || app_holds(m->app_proto, s->app_proto);
}

unsigned rule_header_ways(const struct rule_match *m, const struct sighting *s)
{
    if (!rule_protocol_holds(m, s))
        return 0;
    return (ends_hold(m, s->src, s->src_port, s->dst, s->dst_port) ? 1u : 0u) +
           (m->both_ways && ends_hold(m, s->dst, s->dst_port, s->src, s->src_port) ? 1u : 0u);
}

bool rule_header_holds(const struct rule_match *m, const struct sighting *s)
{
    return rule_header_ways(m, s) > 0;
}

/* Where the pattern starts next, at or after at. */
static size_t next_start(const struct rule_test *t, struct bytes value, size_t at)
{
    size_t found;

    if (value.len < t->pattern.len || at > value.len - t->pattern.len)
        return BYTES_NONE;
    if (t->ends)
        at = value.len - t->pattern.len;
    if (t->starts && at > 0)
        return BYTES_NONE;
    if (t->starts || t->ends) {
        struct bytes there = bytes_slice(value, at, at + t->pattern.len);

        found = t->nocase ? bytes_eq_nocase(there, t->pattern) : bytes_eq(there, t->pattern);
        return found ? at : BYTES_NONE;
    }
    found = t->nocase ? bytes_find_nocase(bytes_from(value, at), t->pattern)
                      : bytes_find(bytes_from(value, at), t->pattern);
    return found == BYTES_NONE ? found : at + found;
}

/* The window of a content that counts from base: [*low, *high). */
static void window(const struct rule_test *t, size_t base, size_t len, size_t *low, size_t *high)
{
    int64_t from = (int64_t)base + t->from, end = from + t->reach;

    *low = from < 0 ? 0 : (size_t)from;
    *high = !t->reach_set || end > (int64_t)len ? len : end < 0 ? 0 : (size_t)end;
}

/* Adds the end of each occurrence that some member of in allows. Walks occurrences and members upwards
 * together: of the members whose window has begun, the latest one's reaches furthest. */
static bool content_step(const struct rule_test *t, struct bytes value, const struct spots *in,
                         struct spots *out)
{
    size_t base = spots_next(in, 0, value.len), low, high, best_high = 0;
    bool any = false;

    window(t, base, value.len, &low, &high);
    for (size_t at = next_start(t, value, low); at != BYTES_NONE; at = next_start(t, value, at + 1)) {
        while (base != BYTES_NONE && low <= at) {
            best_high = high;
            base = spots_next(in, base + 1, value.len);
            if (base != BYTES_NONE)
                window(t, base, value.len, &low, &high);
        }
        if (at + t->pattern.len > best_high)
            continue;
        any = true;
        if (!t->followed)
            break;
        spots_add(out, at + t->pattern.len);
    }
    return any;
}

/* Keeps the members from which the pattern is not found. */
static bool content_absent_step(const struct rule_test *t, struct bytes value, const struct spots *in,
                                struct spots *out)
{
    size_t low, high, at = 0;
    bool any = false, known = false;

    for (size_t base = spots_next(in, 0, value.len); base != BYTES_NONE;
         base = spots_next(in, base + 1, value.len)) {
        window(t, base, value.len, &low, &high);
        if (!known || (at != BYTES_NONE && at < low))
            at = next_start(t, value, low);
        known = true;
        if (at != BYTES_NONE && at + t->pattern.len <= high)
            continue;
        spots_add(out, base);
        any = true;
    }
    return any;
}

/* Adds the ends of the matches that start from base on. A relative expression sees the value from there only.
 */
static bool pcre_matches(const struct rule_test *t, struct bytes value, size_t base, struct spots *out,
                         struct pcre_scratch *work)
{
    struct bytes subject = bytes_from(value, base);
    size_t from = 0, start, end;
    bool any = false;

    while (from <= subject.len) {
        start = rule_pcre_find(t->pcre, work, subject, from, &end);
        if (start == BYTES_NONE)
            break;
        any = true;
        if (!t->followed || t->negated)
            break;
        spots_add(out, base + end);
        from = (start > from ? start : from) + 1;
    }
    return any;
}

static bool pcre_step(const struct rule_test *t, struct bytes value, const struct spots *in,
                      struct spots *out, struct pcre_scratch *work)
{
    bool any = false;

    for (size_t base = spots_next(in, 0, value.len); base != BYTES_NONE;
         base = spots_next(in, base + 1, value.len)) {
        bool hit = pcre_matches(t, value, base, out, work);

        if (hit == t->negated)
            continue;
        any = true;
        if (!t->followed)
            break;
        if (t->negated)
            spots_add(out, base);
    }
    return any;
}

static bool dataat_step(const struct rule_test *t, struct bytes value, const struct spots *in,
                        struct spots *out)
{
    bool any = false;

    for (size_t base = spots_next(in, 0, value.len); base != BYTES_NONE;
         base = spots_next(in, base + 1, value.len)) {
        if ((base + (size_t)t->from <= value.len) == t->negated)
            continue;
        spots_add(out, base);
        any = true;
    }
    return any;
}

static bool test_step(const struct rule_test *t, struct bytes value, const struct spots *in,
                      struct spots *out, struct rule_scratch *scratch)
{
    switch (t->kind) {
    case TEST_PCRE:
        return pcre_step(t, value, in, out, scratch->pcre);
    case TEST_DATAAT:
        return dataat_step(t, value, in, out);
    case TEST_CONTENT:
        break;
    }
    return t->negated ? content_absent_step(t, value, in, out) : content_step(t, value, in, out);
}

static void start_spots(struct spots *s, size_t len)
{
    spots_clear(s, len);
    spots_add(s, 0);
}

static bool value_fits(const struct rule_section *sec, struct bytes value, struct rule_scratch *scratch)
{
    struct spots *in = &scratch->spots[0], *out = &scratch->spots[1];

    if (value.len < sec->least || value.len > sec->most)
        return false;
    value = bytes_slice(value, 0, SPOTS_MAX);
    start_spots(in, value.len);
    for (unsigned i = 0; i < sec->n_chain; i++) {
        const struct rule_test *t = &sec->chain[i];
        struct spots *was = in;

        if (!t->relative)
            start_spots(in, value.len);
        spots_clear(out, value.len);
        if (!test_step(t, value, in, out, scratch))
            return false;
        in = out;
        out = was;
    }
    return true;
}

/* Does the value hold what no value may? */
static bool value_forbidden(const struct rule_section *sec, struct bytes value, struct rule_scratch *scratch)
{
    struct spots *in = &scratch->spots[0], *out = &scratch->spots[1];

    value = bytes_slice(value, 0, SPOTS_MAX);
    for (unsigned i = 0; i < sec->n_never; i++) {
        start_spots(in, value.len);
        if (!test_step(&sec->never[i], value, in, out, scratch))
            return true;
    }
    return false;
}

/* One value more: false when it settles that the section does not hold. */
static bool value_judge(const struct rule_section *sec, struct bytes value, bool *found,
                        struct rule_scratch *scratch)
{
    value = rule_transform_all(sec->transforms, sec->n_transforms, value, scratch->room, scratch->pcre);
    if (value.len > SPOTS_MAX)
        count(COUNT_DETECT_SCAN_FAILED); /* what is beyond is not judged */
    if (value_forbidden(sec, value, scratch))
        return false;
    if (!*found)
        *found = value_fits(sec, value, scratch);
    return true;
}

static bool attr_holds(const struct rule_section *sec, const struct attrs *attrs,
                       struct rule_scratch *scratch)
{
    bool found = sec->n_chain == 0 && !sec->sized;

    for (unsigned i = 0; i < attrs->n; i++)
        if (attrs->v[i].id == sec->id && !value_judge(sec, attrs->v[i].value, &found, scratch))
            return false;
    return found;
}

#define TX_VALUES_MAX 1024 /* of one buffer: nobody sends more in earnest */

/* The same of the transaction: without a value nothing holds. */
static bool buffer_holds(const struct rule_section *sec, const struct sighting_tx *tx,
                         struct rule_scratch *scratch)
{
    bool found = sec->n_chain == 0 && !sec->sized;
    struct bytes value;
    unsigned i = 0;

    for (; tx && i < TX_VALUES_MAX && tx->get(tx->arg, sec->buffer, i, &value); i++)
        if (!value_judge(sec, value, &found, scratch))
            return false;
    return found && i > 0;
}

static bool section_holds(const struct rule_section *sec, const struct sighting *s,
                          struct rule_scratch *scratch)
{
    return sec->id != ATTR_N ? attr_holds(sec, s->attrs, scratch) : buffer_holds(sec, s->tx, scratch);
}

/* All that it asks, but for sections over the buffer without. */
static bool all_holds(const struct rule_match *m, const struct sighting *s, const struct attr_set *present,
                      enum buffer_id without, struct rule_scratch *scratch)
{
    bool holds = true;
    uint64_t begun;

    if (!attr_set_covers(present, &m->needs) || !rule_header_holds(m, s))
        return false;
    begun = rule_use_begin(m->use);
    pcre_scratch_allow(scratch->pcre, RULE_PCRE_UNITS);
    for (unsigned i = 0; holds && i < m->n_sections; i++)
        holds = (m->sections[i].id == ATTR_N && m->sections[i].buffer == without) ||
                section_holds(&m->sections[i], s, scratch);
    rule_use_end(m->use, begun, holds);
    if (!pcre_scratch_spent(scratch->pcre))
        return holds;
    count(COUNT_DETECT_SCAN_FAILED);
    return false;
}

bool rule_match_test(const struct rule_match *m, const struct sighting *s, const struct attr_set *present,
                     struct rule_scratch *scratch)
{
    return all_holds(m, s, present, BUFFER_N, scratch);
}

bool rule_match_waits(const struct rule_match *m, const struct sighting *s, const struct attr_set *present,
                      struct rule_scratch *scratch)
{
    return (m->tx_buffers >> BUFFER_HTTP_REQUEST_BODY & 1) &&
           all_holds(m, s, present, BUFFER_HTTP_REQUEST_BODY, scratch);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"
#include "decode/decode.h"
#include "detect/rule_transform.h"

/* A traffic rule, from its draft. */

/* Naming a buffer again goes on with what was asked of it before, unless it has many values: then another one
 * may satisfy the second. */
static unsigned joined_with(const struct rule_draft *d, unsigned section)
{
    const struct draft_section *s = &d->sections[section];

    for (unsigned i = 0; i < section && !s->decoded; i++)
        if (d->sections[i].buffer == s->buffer && !(buffer_rows[s->buffer].traits & BUFFER_MANY) &&
            rule_transforms_same(d->sections[i].transforms, d->sections[i].n_transforms, s->transforms,
                                 s->n_transforms))
            return i;
    return section;
}

/* The last content or pcre in front of a relative test is worth trying elsewhere when the test fails. */
static bool mark_followed(struct rule_draft *d, struct traffic_section *s)
{
    for (unsigned i = 0; i < s->n_tests; i++) {
        const struct traffic_test *t = &s->tests[i];
        unsigned k = i;

        if (!t->relative || t->kind == ASK_BASE64)
            continue;
        while (k > 0 && s->tests[k - 1].kind != ASK_CONTENT && s->tests[k - 1].kind != ASK_PCRE)
            k--;
        if (k > 0)
            s->tests[k - 1].followed = true;
        else if (t->kind == ASK_PCRE && s->buffer == BUFFER_PAYLOAD)
            return draft_refuse(
                d,
                "flag 'R' of a pcre counts from a match before it, and the payload has none: leave 'R' out");
    }
    return true;
}

/* isdataat:!1,relative; after a content is another way to write endswith, and Suricata reads it as that. */
static bool means_endswith(const struct traffic_section *s, const struct traffic_test *t)
{
    return t->kind == ASK_DATAAT && t->negated && t->relative && !t->at_least.var && t->at_least.n == 1 &&
           s->n_tests && s->tests[s->n_tests - 1].kind == ASK_CONTENT;
}

static bool section_take(struct rule_draft *d, unsigned section, struct traffic_section *out)
{
    const struct draft_section *from = &d->sections[section];
    unsigned n = 0;

    *out = (struct traffic_section){.buffer = from->buffer, .n_transforms = from->n_transforms};
    out->transforms = draft_room(d, from->n_transforms * sizeof *out->transforms + 1);
    for (unsigned i = 0; i < d->n_tests; i++)
        n += joined_with(d, d->section_of[i]) == section;
    out->tests = draft_room(d, n * sizeof *out->tests + 1);
    if (!out->transforms || !out->tests)
        return false;
    memcpy(out->transforms, from->transforms, from->n_transforms * sizeof *out->transforms);
    for (unsigned i = 0; i < d->n_tests; i++) {
        if (joined_with(d, d->section_of[i]) != section)
            continue;
        if (means_endswith(out, &d->tests[i]))
            out->tests[out->n_tests - 1].ends = true;
        else
            out->tests[out->n_tests++] = d->tests[i];
    }
    return mark_followed(d, out);
}

/* What is asked of decoded text hangs on the test that decodes. */
static bool take_decoded(struct rule_draft *d)
{
    struct traffic_section *out = draft_room(d, sizeof *out);
    unsigned i = 0;

    while (i < d->n_sections && !d->sections[i].decoded)
        i++;
    if (d->base64 == DRAFT_NONE)
        return out != NULL;
    if (i == d->n_sections)
        return draft_refuse(
            d, "nothing is asked of what base64_decode decodes: write base64_data; and a content");
    d->tests[d->base64].decoded = out;
    return out && section_take(d, i, out);
}

static bool take_sections(struct rule_draft *d, struct rule_traffic *t)
{
    t->sections = draft_room(d, d->n_sections * sizeof *t->sections + 1);
    if (!t->sections)
        return false;
    for (unsigned i = 0; i < d->n_sections; i++) {
        if (!d->sections[i].n_tests || d->sections[i].decoded || joined_with(d, i) != i)
            continue;
        if (!section_take(d, i, &t->sections[t->n_sections++]))
            return false;
    }
    return true;
}

/* The protocols and directions that the buffers imply must agree with one another and with the header. */
static bool check_buffers(struct rule_draft *d, const struct rule_traffic *t)
{
    struct rule_match *m = d->rule->match;
    unsigned directions = m->direction == RULE_TO_SERVER   ? BUFFER_TS
                          : m->direction == RULE_TO_CLIENT ? BUFFER_TC
                                                           : BUFFER_BOTH;

    for (unsigned i = 0; i < t->n_sections; i++) {
        const struct buffer_row *b = &buffer_rows[t->sections[i].buffer];

        if (!(directions & b->directions))
            return draft_refuse(d, "buffer %s and the rest of the rule go opposite ways: mend flow", b->name);
        directions &= b->directions;
        if (!b->app_proto[0])
            continue;
        if (m->app_proto && strcmp(m->app_proto, b->app_proto) != 0 &&
            !(strcmp(b->app_proto, "http") == 0 && strncmp(m->app_proto, "http", 4) == 0))
            return draft_refuse(d,
                                "buffer %s is of protocol %s, and the rule is about %s: mend one of the two",
                                b->name, b->app_proto, m->app_proto);
        if (!m->app_proto)
            m->app_proto = b->app_proto;
    }
    if (directions != BUFFER_BOTH)
        m->direction = directions == BUFFER_TS ? RULE_TO_SERVER : RULE_TO_CLIENT;
    return true;
}

static bool counts_from_start(const struct traffic_section *s)
{
    for (unsigned i = 0; i < s->n_tests; i++) {
        const struct traffic_test *t = &s->tests[i];

        if (t->kind == ASK_CONTENT && !t->relative && (t->has_from || t->has_reach || t->starts))
            return true;
    }
    return false;
}

/* As Suricata 7 decides it (detect-parse.c): the stream, unless the header or flow or dsize say packets; both
 * when a content counts from the start, which a packet and a stream have each their own of. */
static unsigned inspects(const struct rule_draft *d, const struct rule_traffic *t)
{
    const struct traffic_section *payload = NULL;

    for (unsigned i = 0; i < t->n_sections; i++)
        if (t->sections[i].buffer == BUFFER_PAYLOAD)
            payload = &t->sections[i];
    if (d->packets_only || d->rule->match->proto == PROTO_UDP || !payload)
        return d->stream_only ? TRAFFIC_STREAM : TRAFFIC_PACKET;
    if (d->stream_only)
        return TRAFFIC_STREAM;
    return counts_from_start(payload) ? TRAFFIC_PACKET | TRAFFIC_STREAM : TRAFFIC_STREAM;
}

static bool take_lists(struct rule_draft *d, struct rule_traffic *t)
{
    t->states = draft_room(d, t->n_states * sizeof *t->states + 1);
    t->stream_sizes = draft_room(d, t->n_stream_sizes * sizeof *t->stream_sizes + 1);
    if (!t->states || !t->stream_sizes)
        return false;
    memcpy(t->states, d->states, t->n_states * sizeof *t->states);
    memcpy(t->stream_sizes, d->stream_sizes, t->n_stream_sizes * sizeof *t->stream_sizes);
    return true;
}

bool draft_finish_traffic(struct rule_draft *d)
{
    struct rule_traffic *t = draft_room(d, sizeof *t);

    if (!t)
        return false;
    *t = d->traffic;
    if (!take_decoded(d) || !take_sections(d, t) || !take_lists(d, t) || !check_buffers(d, t))
        return false;
    t->inspects = inspects(d, t);
    d->rule->match->traffic = t;
    return true;
}

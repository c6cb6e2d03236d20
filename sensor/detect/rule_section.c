/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

static unsigned section_add(struct rule_draft *d, enum attr_id attr, enum buffer_id buffer)
{
    static const struct rule_option payload = {{(const uint8_t *)"pkt_data", 8}, {NULL, 0}, false};

    if (d->n_sections == RULE_MAX_SECTIONS) {
        draft_refuse(d, "a rule has at most %d buffers: split it", RULE_MAX_SECTIONS);
        return DRAFT_NONE;
    }
    d->sections[d->n_sections] = (struct draft_section){
        .attr = attr, .buffer = buffer, .named_by = buffer == BUFFER_PAYLOAD ? payload : *d->option};
    return d->n_sections++;
}

unsigned draft_move(struct rule_draft *d, enum buffer_id buffer)
{
    for (unsigned i = 0; i < d->n_sections; i++)
        if (d->sections[i].buffer == buffer && !d->sections[i].n_transforms)
            return i;
    return section_add(d, ATTR_N, buffer);
}

/* ldap.request.operation:search_request; is Suricata 8's way to ask for equality. */
static bool ask_equal(struct rule_draft *d, struct bytes value)
{
    struct traffic_test *t, *size;

    for (size_t i = 0; i < value.len; i++)
        if (value.p[i] != '_' && (value.p[i] < 'a' || value.p[i] > 'z'))
            return draft_refuse(d, "'%.*s' is no name: write one such as search_request or success",
                                DRAFT_SHOWN(value));
    t = draft_test(d, ASK_CONTENT, false);
    if (!t)
        return false;
    t->pattern = bytes_str(draft_str(d, value));
    t->starts = t->ends = true;
    size = t->pattern.p ? draft_test(d, ASK_BSIZE, false) : NULL;
    if (!size)
        return false;
    size->size = (struct rule_size){COMPARE_EQUAL, value.len, 0};
    return true;
}

bool draft_buffer(struct rule_draft *d, enum attr_id attr, enum buffer_id buffer)
{
    const char *name = attr != ATTR_N ? attr_rows[attr].name : buffer_rows[buffer].name;
    bool ldap = attr == ATTR_LDAP_REQUEST_OPERATION || attr == ATTR_LDAP_RESPONSES_OPERATION ||
                attr == ATTR_LDAP_RESPONSES_RESULT_CODE;

    if (d->option->has_value && !(ldap && d->option->value.len))
        return draft_refuse(d, "a buffer takes no value: write %s; and then what is asked of it", name);
    d->last = DRAFT_NONE;
    if (buffer == BUFFER_PAYLOAD) {
        d->current = DRAFT_NONE;
        return true;
    }
    d->current = section_add(d, attr, buffer);
    return d->current != DRAFT_NONE && (!d->option->has_value || ask_equal(d, d->option->value));
}

#define PAYLOAD_REASON \
    "no buffer stands before it, and sightings have no raw payload to search: write one such as jndi.name; " \
    "in front (docs/RULES.md lists them)"

struct draft_section *draft_section(struct rule_draft *d)
{
    unsigned at = d->current;

    if (at == DRAFT_NONE) {
        at = draft_move(d, BUFFER_PAYLOAD);
        draft_traffic_only(d, PAYLOAD_REASON);
    }
    return at == DRAFT_NONE ? NULL : &d->sections[at];
}

struct traffic_test *draft_test(struct rule_draft *d, enum traffic_test_kind kind, bool negated)
{
    struct draft_section *s = draft_section(d);
    struct traffic_test *t;

    if (!s)
        return NULL;
    if (d->n_tests == RULE_MAX_TESTS) {
        draft_refuse(d, "a rule has at most %d contents: split it", RULE_MAX_TESTS);
        return NULL;
    }
    d->section_of[d->n_tests] = (uint8_t)(s - d->sections);
    s->n_tests++;
    t = &d->tests[d->n_tests++];
    *t = (struct traffic_test){.kind = kind, .negated = negated};
    return t;
}

bool draft_modifier(struct rule_draft *d, enum buffer_id buffer)
{
    unsigned to;

    if (d->current != DRAFT_NONE)
        return draft_refuse(
            d,
            "it moves a content to another buffer, and a buffer stands before that: write %s; "
            "in front of the content",
            buffer_rows[buffer].name);
    if (d->last == DRAFT_NONE)
        return draft_refuse(
            d, "no content of this buffer stands before it: write it right after the content it is for");
    draft_traffic_only(d, "it moves a content to a buffer, and a rule over sightings names buffers in front");
    to = draft_move(d, buffer);
    if (to == DRAFT_NONE)
        return false;
    d->sections[d->section_of[d->last]].n_tests--;
    d->sections[to].n_tests++;
    d->section_of[d->last] = (uint8_t)to;
    return true;
}

/* Where a transform goes: to the buffer named before it, of which nothing is asked yet. */
static struct rule_transform *transform_add(struct rule_draft *d, enum transform_kind kind)
{
    struct draft_section *s = d->current == DRAFT_NONE ? NULL : &d->sections[d->current];

    if (!s || s->n_tests) {
        draft_refuse(d,
                     "it changes a buffer before anything is asked of it: write it right after the buffer");
        return NULL;
    }
    if (s->n_transforms == TRANSFORM_MAX) {
        draft_refuse(d, "a buffer is changed at most %d times: leave some out", TRANSFORM_MAX);
        return NULL;
    }
    s->transforms[s->n_transforms] = (struct rule_transform){.kind = kind};
    return &s->transforms[s->n_transforms++];
}

bool draft_transform(struct rule_draft *d, enum transform_kind kind)
{
    return transform_add(d, kind) != NULL;
}

bool draft_xor(struct rule_draft *d)
{
    struct rule_transform *t = transform_add(d, TRANSFORM_XOR);
    struct bytes inside;
    uint8_t *key;

    if (!t || !draft_quoted(d, &inside, NULL))
        return false;
    key = draft_room(d, inside.len / 2 + 1);
    if (!key)
        return false;
    if (!inside.len || inside.len % 2)
        return draft_refuse(d, "the key is not made of pairs of hex digits: write xor:\"0d0ac8ff\";");
    for (size_t i = 0; i < inside.len; i++) {
        int digit = hex_value(inside.p[i]);

        if (digit < 0)
            return draft_refuse(d, "the key is not made of pairs of hex digits: write xor:\"0d0ac8ff\";");
        key[i / 2] = (uint8_t)(key[i / 2] << 4 | digit);
    }
    t->key = bytes_of(key, inside.len / 2);
    return true;
}

bool draft_pcrexform(struct rule_draft *d)
{
    struct rule_transform *t = transform_add(d, TRANSFORM_PCREXFORM);
    struct bytes inside;

    if (!t || !draft_quoted(d, &inside, NULL))
        return false;
    t->pcre = draft_expression(d, inside, true);
    return t->pcre != NULL;
}

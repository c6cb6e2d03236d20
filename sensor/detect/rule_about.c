/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_class.h"
#include "detect/rule_draft.h"

#include <assert.h>
#include <stdio.h>

/* Escapes of a text that people read. */
static char *read_text(struct rule_draft *d, struct bytes in)
{
    char *out = draft_room(d, in.len + 1);
    size_t n = 0;

    for (size_t i = 0; out && i < in.len; i++) {
        uint8_t c = in.p[i];

        if (c == '\\') {
            assert(i + 1 < in.len); /* or it would have escaped the closing quote */
            c = in.p[++i];
            if (c != '"' && c != ';' && c != ':' && c != '\\') {
                draft_refuse(d, "'\\%c' is no escape: write \\\" \\; \\: or \\\\", c);
                return NULL;
            }
        }
        out[n++] = (char)c;
    }
    return out;
}

bool draft_msg(struct rule_draft *d)
{
    struct bytes inside;

    if (!draft_quoted(d, &inside, NULL))
        return false;
    if (!bytes_trim(inside).len)
        return draft_refuse(d, "the message is empty: say what the rule found");
    d->rule->msg = read_text(d, inside);
    return d->rule->msg != NULL;
}

static bool read_u32(struct rule_draft *d, int64_t least, int64_t most, uint32_t *out)
{
    int64_t n;

    if (!draft_number(d, d->option->value, least, most, &n))
        return false;
    *out = (uint32_t)n;
    return true;
}

bool draft_sid(struct rule_draft *d)
{
    return read_u32(d, 1, UINT32_MAX, &d->rule->sid);
}

bool draft_gid(struct rule_draft *d)
{
    return read_u32(d, 1, UINT32_MAX, &d->rule->gid);
}

bool draft_rev(struct rule_draft *d)
{
    return read_u32(d, 0, UINT32_MAX, &d->rule->rev);
}

bool draft_priority(struct rule_draft *d)
{
    d->priority_seen = true;
    return read_u32(d, 1, 255, &d->rule->priority);
}

static bool set_class(struct rule_draft *d, const char *text, uint32_t priority)
{
    d->rule->category = draft_str(d, bytes_str(text));
    if (!d->priority_seen)
        d->rule->priority = priority;
    return d->rule->category != NULL;
}

/* A SOC has classtypes of its own: Suricata warns of one that it does not know and takes the rule. */
static bool set_unknown_class(struct rule_draft *d)
{
    d->rule->unknown_class = draft_str(d, d->option->value);
    return d->rule->unknown_class && set_class(d, UNKNOWN_CLASS_TEXT, UNKNOWN_CLASS_PRIORITY);
}

bool draft_classtype(struct rule_draft *d)
{
    const struct rule_class *c = rule_class_find(d->classes, d->option->value);

    return c ? set_class(d, c->text, c->priority) : set_unknown_class(d);
}

/* An unquoted value may escape ';', which would end it. */
static struct bytes without_escapes(struct rule_draft *d, struct bytes in)
{
    uint8_t *out = draft_room(d, in.len + 1);
    size_t n = 0;

    for (size_t i = 0; out && i < in.len; i++)
        if (in.p[i] != '\\' || i + 1 == in.len || in.p[i + 1] != ';')
            out[n++] = in.p[i];
    return bytes_of(out, out ? n : 0);
}

bool draft_reference(struct rule_draft *d)
{
    struct bytes v = without_escapes(d, d->option->value);
    size_t comma = bytes_find_byte(v, ',');

    if (comma == BYTES_NONE || !bytes_trim(bytes_slice(v, 0, comma)).len ||
        !bytes_trim(bytes_from(v, comma + 1)).len)
        return draft_refuse(d,
                            "'%.*s' has no kind and name: write reference:cve,2021-44228; or url,host/path",
                            DRAFT_SHOWN(v));
    if (d->rule->n_references == RULE_MAX_LISTED)
        return draft_refuse(d, "a rule has at most %d references: leave some out", RULE_MAX_LISTED);
    d->references[d->rule->n_references] = draft_str(d, v);
    return d->references[d->rule->n_references++] != NULL;
}

static bool read_metadata_item(struct rule_draft *d, struct bytes item)
{
    size_t blank = bytes_find_byte(item, ' ');
    struct rule_metadata *m = &d->metadata[d->rule->n_metadata];

    /* A key alone, or nothing between two commas: Suricata takes the rule and does not show the item. */
    if (blank == BYTES_NONE)
        return true;
    if (d->rule->n_metadata == RULE_MAX_LISTED)
        return draft_refuse(d, "a rule has at most %d metadata items: leave some out", RULE_MAX_LISTED);
    m->key = draft_str(d, bytes_slice(item, 0, blank));
    m->value = draft_str(d, bytes_trim(bytes_from(item, blank)));
    d->rule->n_metadata++;
    return m->key && m->value;
}

bool draft_metadata(struct rule_draft *d)
{
    struct bytes rest = without_escapes(d, d->option->value);
    size_t comma;

    do {
        comma = bytes_find_byte(rest, ',');
        if (!read_metadata_item(d, bytes_trim(bytes_slice(rest, 0, comma))))
            return false;
        rest = bytes_from(rest, comma + (comma != BYTES_NONE));
    } while (comma != BYTES_NONE);
    return true;
}

bool draft_target(struct rule_draft *d)
{
    struct bytes v = d->option->value;

    if (bytes_eq(v, BYTES_LIT("src_ip")))
        d->rule->target = RULE_TARGET_SRC_IP;
    else if (bytes_eq(v, BYTES_LIT("dest_ip")))
        d->rule->target = RULE_TARGET_DEST_IP;
    else
        return draft_refuse(d, "'%.*s' is no end of a packet: write src_ip or dest_ip", DRAFT_SHOWN(v));
    return true;
}

/* What every rule does anyway: alert, and be tried by its buffers first. */
bool draft_no_matter(struct rule_draft *d)
{
    (void)d;
    return true;
}

bool draft_noalert(struct rule_draft *d)
{
    d->rule->noalert = true;
    return draft_traffic_only(d,
                              "a rule over sightings that never alerts would do nothing: take the rule out");
}

static bool read_limit(struct rule_draft *d, bool filter)
{
    struct complaint reason = {""};

    if (d->rule->limit.kind != LIMIT_NONE)
        return draft_refuse(d, "a rule has one of threshold and detection_filter: leave one out");
    return rule_limit_read(d->option->value, filter, &d->rule->limit, &reason) ||
           draft_refuse(d, "%s", reason.text);
}

bool draft_threshold(struct rule_draft *d)
{
    return read_limit(d, false);
}

bool draft_detection_filter(struct rule_draft *d)
{
    return read_limit(d, true);
}

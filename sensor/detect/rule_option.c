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

static bool read_msg(struct rule_draft *d)
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

static bool read_sid(struct rule_draft *d)
{
    return read_u32(d, 1, UINT32_MAX, &d->rule->sid);
}

static bool read_gid(struct rule_draft *d)
{
    return read_u32(d, 1, UINT32_MAX, &d->rule->gid);
}

static bool read_rev(struct rule_draft *d)
{
    return read_u32(d, 0, UINT32_MAX, &d->rule->rev);
}

static bool read_priority(struct rule_draft *d)
{
    d->priority_seen = true;
    return read_u32(d, 1, 255, &d->rule->priority);
}

static bool unknown_class(struct rule_draft *d)
{
    const char *names[64], *near;
    char word[64];
    unsigned n = n_rule_classes < 64 ? n_rule_classes : 64;

    for (unsigned i = 0; i < n; i++)
        names[i] = rule_classes[i].name;
    snprintf(word, sizeof word, "%.*s", DRAFT_SHOWN(d->option->value));
    near = nearest_word(word, names, n);
    if (near)
        return draft_refuse(d, "no classtype '%s': did you mean %s", word, near);
    return draft_refuse(d, "no classtype '%s': use one of Suricata's (docs/RULES.md lists them)", word);
}

static bool read_classtype(struct rule_draft *d)
{
    for (unsigned i = 0; i < n_rule_classes; i++) {
        const struct rule_class *c = &rule_classes[i];

        if (!bytes_eq_nocase(d->option->value, bytes_str(c->name)))
            continue;
        d->rule->category = draft_str(d, bytes_str(c->text));
        if (!d->priority_seen)
            d->rule->priority = c->priority;
        return d->rule->category != NULL;
    }
    return unknown_class(d);
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

static bool read_reference(struct rule_draft *d)
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

    if (!item.len || blank == BYTES_NONE)
        return draft_refuse(d, "item '%.*s' is not a key and a value: write metadata: key value, key value;",
                            DRAFT_SHOWN(item));
    if (d->rule->n_metadata == RULE_MAX_LISTED)
        return draft_refuse(d, "a rule has at most %d metadata items: leave some out", RULE_MAX_LISTED);
    m->key = draft_str(d, bytes_slice(item, 0, blank));
    m->value = draft_str(d, bytes_trim(bytes_from(item, blank)));
    d->rule->n_metadata++;
    return m->key && m->value;
}

static bool read_metadata(struct rule_draft *d)
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

static bool read_target(struct rule_draft *d)
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

struct flow_word {
    const char *name;
    enum rule_direction direction; /* RULE_ANY_DIRECTION: true of whatever rules see */
};

static const struct flow_word flow_words[] = {
    {"established", RULE_ANY_DIRECTION}, {"stateless", RULE_ANY_DIRECTION}, {"to_server", RULE_TO_SERVER},
    {"from_client", RULE_TO_SERVER},     {"to_client", RULE_TO_CLIENT},     {"from_server", RULE_TO_CLIENT},
};

static bool read_flow_word(struct rule_draft *d, struct bytes word)
{
    enum rule_direction *direction = &d->rule->match->direction;

    for (size_t i = 0; i < sizeof flow_words / sizeof *flow_words; i++) {
        const struct flow_word *f = &flow_words[i];

        if (!bytes_eq_nocase(word, bytes_str(f->name)))
            continue;
        if (f->direction != RULE_ANY_DIRECTION && *direction != RULE_ANY_DIRECTION &&
            *direction != f->direction)
            return draft_refuse(d, "nothing goes both to_server and to_client: write one");
        if (f->direction != RULE_ANY_DIRECTION)
            *direction = f->direction;
        return true;
    }
    return draft_refuse(d,
                        "'%.*s' is not read, since rules see understood messages of connections only: write "
                        "established, to_server or to_client",
                        DRAFT_SHOWN(word));
}

static bool read_flow(struct rule_draft *d)
{
    struct bytes rest = d->option->value;
    size_t comma;

    do {
        comma = bytes_find_byte(rest, ',');
        if (!read_flow_word(d, bytes_trim(bytes_slice(rest, 0, comma))))
            return false;
        rest = bytes_from(rest, comma + (comma != BYTES_NONE));
    } while (comma != BYTES_NONE);
    return true;
}

enum argument { ARG_NONE, ARG_NEEDED, ARG_OPTIONAL };

struct keyword {
    const char *name;
    enum argument argument;
    bool once; /* in a rule */
    bool (*read)(struct rule_draft *d);
    const char *example;
};

static const struct keyword keywords[] = {
    {"msg", ARG_NEEDED, true, read_msg, "msg:\"what it found\";"},
    {"sid", ARG_NEEDED, true, read_sid, "sid:1000001;"},
    {"gid", ARG_NEEDED, true, read_gid, "gid:1;"},
    {"rev", ARG_NEEDED, true, read_rev, "rev:1;"},
    {"classtype", ARG_NEEDED, true, read_classtype, "classtype:attempted-admin;"},
    {"priority", ARG_NEEDED, true, read_priority, "priority:2;"},
    {"reference", ARG_NEEDED, false, read_reference, "reference:cve,2021-44228;"},
    {"metadata", ARG_NEEDED, false, read_metadata, "metadata: key value, key value;"},
    {"target", ARG_NEEDED, true, read_target, "target:dest_ip;"},
    {"flow", ARG_NEEDED, true, read_flow, "flow:established,to_server;"},
    {"content", ARG_NEEDED, false, draft_content, "content:\"text\";"},
    {"pcre", ARG_NEEDED, false, draft_pcre, "pcre:\"/expression/i\";"},
    {"isdataat", ARG_NEEDED, false, draft_isdataat, "isdataat:10;"},
    {"bsize", ARG_NEEDED, false, draft_bsize, "bsize:>0;"},
    {"nocase", ARG_NONE, false, draft_nocase, "nocase;"},
    {"startswith", ARG_NONE, false, draft_startswith, "startswith;"},
    {"endswith", ARG_NONE, false, draft_endswith, "endswith;"},
    {"offset", ARG_NEEDED, false, draft_offset, "offset:2;"},
    {"depth", ARG_NEEDED, false, draft_depth, "depth:10;"},
    {"distance", ARG_NEEDED, false, draft_distance, "distance:0;"},
    {"within", ARG_NEEDED, false, draft_within, "within:10;"},
    {"fast_pattern", ARG_OPTIONAL, false, draft_fast_pattern, "fast_pattern;"},
};

#define N_KEYWORDS (sizeof keywords / sizeof *keywords)

static bool read_keyword(struct rule_draft *d, unsigned row)
{
    const struct keyword *k = &keywords[row];
    const struct rule_option *o = d->option;

    if (k->argument == ARG_NEEDED && !o->value.len)
        return draft_refuse(d, "the value is missing: write %s", k->example);
    if (k->argument == ARG_NONE && o->has_value)
        return draft_refuse(d, "it takes no value: write %s", k->example);
    if (k->once && d->seen >> row & 1)
        return draft_refuse(d, "stands there twice: leave one out");
    d->seen |= (uint64_t)1 << row;
    return k->read(d);
}

static bool unknown_keyword(struct rule_draft *d)
{
    const char *names[N_KEYWORDS + ATTR_N], *near;
    char word[64];
    unsigned n = 0;

    for (unsigned i = 0; i < N_KEYWORDS; i++)
        names[n++] = keywords[i].name;
    for (unsigned i = 0; i < ATTR_N; i++)
        names[n++] = attr_rows[i].name;
    snprintf(word, sizeof word, "%.*s", DRAFT_SHOWN(d->option->keyword));
    near = nearest_word(word, names, n);
    if (near)
        return draft_refuse(d, "no such keyword or buffer: did you mean %s", near);
    return draft_refuse(d, "no such keyword or buffer: docs/RULES.md lists those that are read");
}

bool draft_read_option(struct rule_draft *d, const struct rule_option *o)
{
    d->option = o;
    for (unsigned i = 0; i < ATTR_N; i++) {
        if (!bytes_eq(o->keyword, bytes_str(attr_rows[i].name)))
            continue;
        if (o->has_value)
            return draft_refuse(d, "a buffer takes no value: write %s; and then what is asked of it",
                                attr_rows[i].name);
        return draft_buffer(d, (enum attr_id)i);
    }
    for (unsigned i = 0; i < N_KEYWORDS; i++)
        if (bytes_eq(o->keyword, bytes_str(keywords[i].name)))
            return read_keyword(d, i);
    return draft_refuse_keyword(d) && unknown_keyword(d);
}

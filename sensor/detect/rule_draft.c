/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

#include <stdarg.h>
#include <stdio.h>

bool draft_refuse(struct rule_draft *d, const char *fmt, ...)
{
    char where[64] = "", keyword[96] = "", reason[384];
    va_list args;

    if (!d->why)
        return false;
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

/* A quote that ends the text, and is not one of it. */
static bool ends_quoted(struct bytes v)
{
    size_t slashes = 0;

    while (slashes + 2 < v.len && v.p[v.len - 2 - slashes] == '\\')
        slashes++;
    return v.len >= 2 && v.p[v.len - 1] == '"' && slashes % 2 == 0;
}

bool draft_quoted(struct rule_draft *d, struct bytes *inside, bool *negated)
{
    struct bytes v = d->option->value;
    bool bang = v.len && v.p[0] == '!';

    if (bang)
        v = bytes_trim(bytes_from(v, 1));
    if (v.len < 2 || v.p[0] != '"' || !ends_quoted(v))
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

bool draft_traffic_only(struct rule_draft *d, const char *reason)
{
    if (!d->traffic_reason) {
        d->traffic_reason = reason;
        d->traffic_option = d->option ? *d->option : (struct rule_option){0};
    }
    return true;
}

bool draft_value(struct rule_draft *d, struct bytes text, int64_t least, int64_t most, struct rule_value *out)
{
    *out = (struct rule_value){0};
    for (unsigned i = 0; i < d->traffic.n_vars; i++) {
        if (!bytes_eq(text, d->variables[i]))
            continue;
        out->var = i + 1;
        return draft_traffic_only(d, "variables are read out of traffic, of which sightings have none: "
                                     "write a number");
    }
    return draft_number(d, text, least, most, &out->n);
}

struct rule_pcre *draft_expression(struct rule_draft *d, struct bytes written, bool capture)
{
    struct rule_match *m = d->rule->match;
    struct complaint reason = {""};
    struct rule_pcre *p = NULL;
    size_t size;

    if (*d->pcre_room == 0)
        complain(&reason, "the expressions of all rules take more than %u MB: use fewer or smaller ones",
                 RULE_PCRE_ROOM / 1024 / 1024);
    else
        p = capture ? rule_pcre_capture_new(written, m->expressions, &reason)
                    : rule_pcre_new(written, m->expressions, &reason);
    if (!p) {
        draft_refuse(d, "%s", reason.text);
        return NULL;
    }
    m->expressions = p;
    size = rule_pcre_size(p);
    *d->pcre_room -= size < *d->pcre_room ? size : *d->pcre_room;
    return p;
}

bool draft_part(struct bytes *rest, char separator, struct bytes *part)
{
    size_t end;

    if (!rest->p)
        return false;
    end = bytes_find_byte(*rest, (uint8_t)separator);
    *part = bytes_trim(bytes_slice(*rest, 0, end));
    *rest = end == BYTES_NONE ? (struct bytes){NULL, 0} : bytes_from(*rest, end + 1);
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

/* A rule is over sightings when it names a buffer that traffic does not have. */
static bool over_sightings(const struct rule_draft *d)
{
    for (unsigned i = 0; i < d->n_sections; i++)
        if (d->sections[i].buffer == BUFFER_N && !d->sections[i].decoded)
            return true;
    return false;
}

bool draft_finish(struct rule_draft *d)
{
    struct rule *r = d->rule;

    d->option = NULL;
    if (!r->sid)
        return draft_refuse(d, "the rule has no sid: write sid:N; with a number of its own");
    if (!r->msg)
        return draft_refuse(d, "the rule has no msg: write msg:\"what it found\";");
    for (unsigned i = 0; i < d->n_sections; i++)
        if (d->sections[i].n_tests == 0 && d->sections[i].buffer != BUFFER_PAYLOAD)
            return draft_refuse(
                d, "nothing is asked of buffer %.*s: write bsize:>0; after it to ask that it is there",
                DRAFT_SHOWN(d->sections[i].named_by.keyword));
    if (!(over_sightings(d) ? draft_finish_sighting(d) : draft_finish_traffic(d)))
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

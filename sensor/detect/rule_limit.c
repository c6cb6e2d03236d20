/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_limit.h"

/* Words of the operator in a message: enough to find them, not a page of them. */
#define SHOWN(b) (int)((b).len < 60 ? (b).len : 60), (const char *)(b).p

struct word {
    const char *text;
    int value;
};

static const struct word kinds[] = {{"limit", LIMIT_FIRST}, {"threshold", LIMIT_EACH}, {"both", LIMIT_ONCE}};

static const struct word tracks[] = {
    {"by_src", TRACK_SRC},   {"by_dst", TRACK_DST},   {"by_either", TRACK_EITHER},
    {"by_both", TRACK_BOTH}, {"by_rule", TRACK_RULE}, {"by_flow", TRACK_FLOW},
};

enum part { PART_TYPE = 1, PART_TRACK = 2, PART_COUNT = 4, PART_SECONDS = 8 };

struct reading {
    struct rule_limit *out;
    struct complaint *why;
    bool filter;
    unsigned seen; /* enum part, each its bit */
};

static bool word_find(const struct word *words, size_t n, struct bytes text, int *value)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_is_nocase(text, words[i].text)) {
            *value = words[i].value;
            return true;
        }
    return false;
}

bool limit_track_read(struct bytes word, enum limit_track *out)
{
    int value;

    if (!word_find(tracks, sizeof tracks / sizeof *tracks, word, &value))
        return false;
    *out = (enum limit_track)value;
    return true;
}

static bool read_type(struct reading *r, struct bytes value)
{
    int kind;

    if (r->filter)
        return complain(r->why, "a detection_filter has no type: leave it out");
    if (bytes_eq_nocase(value, BYTES_LIT("backoff")))
        return complain(r->why, "type backoff is not read: use limit, threshold or both");
    if (!word_find(kinds, sizeof kinds / sizeof *kinds, value, &kind))
        return complain(r->why, "type '%.*s' is unknown: use limit, threshold or both", SHOWN(value));
    r->out->kind = (enum limit_kind)kind;
    return true;
}

static bool read_track(struct reading *r, struct bytes value)
{
    bool known = limit_track_read(value, &r->out->track);

    if (r->filter && (!known || r->out->track > TRACK_DST))
        return complain(r->why, "track '%.*s': a detection_filter tracks by_src or by_dst", SHOWN(value));
    if (!known || r->out->track == TRACK_EITHER)
        return complain(r->why, "track '%.*s' is unknown: use by_src, by_dst, by_both, by_rule or by_flow",
                        SHOWN(value));
    return true;
}

static bool read_number(struct reading *r, const char *name, struct bytes value, uint32_t *out)
{
    uint64_t n;

    if (!bytes_to_u64(value, UINT32_MAX, &n) || n == 0)
        return complain(r->why, "%s '%.*s' is no whole number from 1 to 4294967295", name, SHOWN(value));
    *out = (uint32_t)n;
    return true;
}

static bool read_part(struct reading *r, enum part part, struct bytes value)
{
    switch (part) {
    case PART_TYPE:
        return read_type(r, value);
    case PART_TRACK:
        return read_track(r, value);
    case PART_COUNT:
        return read_number(r, "count", value, &r->out->count);
    case PART_SECONDS:
        break;
    }
    return read_number(r, "seconds", value, &r->out->seconds);
}

static bool read_item(struct reading *r, struct bytes item)
{
    static const struct word parts[] = {
        {"type", PART_TYPE}, {"track", PART_TRACK}, {"count", PART_COUNT}, {"seconds", PART_SECONDS}};
    size_t n = 0;
    int part;

    while (n < item.len && item.p[n] != ' ' && item.p[n] != '\t')
        n++;
    if (!word_find(parts, sizeof parts / sizeof *parts, bytes_slice(item, 0, n), &part))
        return complain(r->why, "'%.*s' is not one of type, track, count, seconds", SHOWN(item));
    if (r->seen & (unsigned)part)
        return complain(r->why, "'%.*s' is there twice", SHOWN(item));
    r->seen |= (unsigned)part;
    return read_part(r, (enum part)part, bytes_trim(bytes_from(item, n)));
}

bool rule_limit_read(struct bytes text, bool filter, struct rule_limit *out, struct complaint *why)
{
    struct reading r = {.out = out, .why = why, .filter = filter};

    *out = (struct rule_limit){.kind = filter ? LIMIT_BEYOND : LIMIT_NONE};
    for (size_t from = 0; from <= text.len;) {
        struct bytes rest = bytes_from(text, from);
        size_t comma = bytes_find_byte(rest, ','), n = comma == BYTES_NONE ? rest.len : comma;

        if (!read_item(&r, bytes_trim(bytes_slice(rest, 0, n))))
            return false;
        from += n + 1;
    }
    if (filter)
        r.seen |= PART_TYPE;
    return r.seen == (PART_TYPE | PART_TRACK | PART_COUNT | PART_SECONDS) ||
           complain(why, "%strack, count and seconds are all needed", filter ? "" : "type, ");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

#include <assert.h>

/* "|0d 0a|": what stands between the bars, decoded to out. SIZE_MAX, and refused, when it is not hex. */
static size_t read_hex(struct rule_draft *d, struct bytes inside, uint8_t *out)
{
    size_t n_digits = 0;

    for (size_t i = 0; i < inside.len; i++) {
        int digit = hex_value(inside.p[i]);

        if (inside.p[i] == ' ')
            continue;
        if (digit < 0) {
            draft_refuse(d, "'%.*s' between bars is no hex: write pairs of digits, |0d 0a|",
                         DRAFT_SHOWN(inside));
            return SIZE_MAX;
        }
        out[n_digits / 2] = (uint8_t)(out[n_digits / 2] << 4 | digit);
        n_digits++;
    }
    if (n_digits == 0 || n_digits % 2) {
        draft_refuse(d, "the hex between bars is not made of pairs: write |0d 0a|");
        return SIZE_MAX;
    }
    return n_digits / 2;
}

/* Escapes and hex undone, never longer than written. */
bool draft_pattern(struct rule_draft *d, struct bytes in, struct bytes *pattern)
{
    uint8_t *out = draft_room(d, in.len + 1);
    size_t n = 0;

    if (!out)
        return false;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.p[i];

        if (c == '|') {
            size_t close = bytes_find_byte(bytes_from(in, i + 1), '|'), wrote;

            if (close == BYTES_NONE)
                return draft_refuse(d,
                                    "a bar '|' is not closed: hex stands between two, a bar itself is |7c|");
            wrote = read_hex(d, bytes_slice(in, i + 1, i + 1 + close), out + n);
            if (wrote == SIZE_MAX)
                return false;
            n += wrote;
            i += 1 + close;
            continue;
        }
        if (c == '\\') {
            assert(i + 1 < in.len); /* or it would have escaped the closing quote */
            c = in.p[++i];
            if (c != '"' && c != ';' && c != ':' && c != '\\')
                return draft_refuse(d, "'\\%c' is no escape: write \\\" \\; \\: \\\\ or hex, |5c|", c);
        }
        out[n++] = c;
    }
    if (n == 0 || n > RULE_PATTERN_MAX)
        return draft_refuse(d, n ? "the content is longer than 1024 bytes: look for less"
                                 : "the content is empty: write bsize:>0; to ask that the buffer is there");
    *pattern = bytes_of(out, n);
    return true;
}

static bool new_content(struct rule_draft *d)
{
    struct bytes inside, pattern;
    struct traffic_test *t;
    bool negated;

    if (!draft_quoted(d, &inside, &negated) || !draft_pattern(d, inside, &pattern))
        return false;
    t = draft_test(d, ASK_CONTENT, negated);
    if (!t)
        return false;
    t->pattern = pattern;
    d->last = d->n_tests - 1;
    return true;
}

bool draft_content(struct rule_draft *d)
{
    return new_content(d);
}

bool draft_uricontent(struct rule_draft *d)
{
    return new_content(d) && draft_modifier(d, BUFFER_HTTP_URI);
}

/* Older ways to ask a buffer for a content; what stands before and after them goes on where it was. */
static bool content_of(struct rule_draft *d, enum buffer_id buffer)
{
    unsigned current = d->current;
    bool good;

    draft_traffic_only(d, "sightings have no certificates: write two rules");
    d->current = draft_move(d, buffer);
    good = d->current != DRAFT_NONE && new_content(d);
    d->current = current;
    d->last = DRAFT_NONE;
    return good;
}

bool draft_tls_subject(struct rule_draft *d)
{
    return content_of(d, BUFFER_TLS_CERT_SUBJECT);
}

bool draft_tls_issuer(struct rule_draft *d)
{
    return content_of(d, BUFFER_TLS_CERT_ISSUER);
}

struct pcre_buffer {
    char letter;
    enum buffer_id buffer;
};

/* Suricata's rules/payload-keywords, "pcre modifiers". */
static const struct pcre_buffer pcre_buffers[] = {
    {'U', BUFFER_HTTP_URI},      {'I', BUFFER_HTTP_URI_RAW},    {'P', BUFFER_HTTP_REQUEST_BODY},
    {'Q', BUFFER_FILE_DATA},     {'H', BUFFER_HTTP_HEADER},     {'D', BUFFER_HTTP_HEADER_RAW},
    {'M', BUFFER_HTTP_METHOD},   {'C', BUFFER_HTTP_COOKIE},     {'S', BUFFER_HTTP_STAT_CODE},
    {'Y', BUFFER_HTTP_STAT_MSG}, {'V', BUFFER_HTTP_USER_AGENT}, {'W', BUFFER_HTTP_HOST},
    {'Z', BUFFER_HTTP_HOST_RAW},
};

/* Moves the pcre just read to the buffer that its flags name. */
static bool pcre_move(struct rule_draft *d, char letter)
{
    size_t row = 0;

    while (pcre_buffers[row].letter != letter)
        row++;
    if (d->current != DRAFT_NONE && d->sections[d->current].buffer == pcre_buffers[row].buffer)
        return true;
    if (d->current != DRAFT_NONE)
        return draft_refuse(d,
                            "flag '%c' names buffer %s, and %.*s stands before it: leave one of the two out",
                            letter, buffer_rows[pcre_buffers[row].buffer].name,
                            DRAFT_SHOWN(d->sections[d->current].named_by.keyword));
    d->last = d->n_tests - 1;
    return draft_modifier(d, pcre_buffers[row].buffer);
}

bool draft_pcre(struct rule_draft *d)
{
    struct rule_pcre *p;
    struct bytes inside;
    struct traffic_test *t;
    bool negated;

    if (!draft_quoted(d, &inside, &negated))
        return false;
    t = draft_test(d, ASK_PCRE, negated);
    if (!t)
        return false;
    p = t->pcre = draft_expression(d, inside, false);
    if (!p)
        return false;
    t->relative = rule_pcre_relative(p);
    if (rule_pcre_buffer(p) && !pcre_move(d, rule_pcre_buffer(p)))
        return false;
    d->last = DRAFT_NONE;
    return true;
}

/* The content that a modifier speaks of; NULL, and refused, when there is none. */
static struct traffic_test *modified(struct rule_draft *d)
{
    if (d->last != DRAFT_NONE)
        return &d->tests[d->last];
    draft_refuse(d, "no content of this buffer stands before it: write it right after the content it is for");
    return NULL;
}

static bool set_once(struct rule_draft *d, bool *flag)
{
    if (*flag)
        return draft_refuse(d, "stands there twice for the same content: leave one out");
    *flag = true;
    return true;
}

bool draft_nocase(struct rule_draft *d)
{
    struct traffic_test *t = modified(d);

    return t && set_once(d, &t->nocase);
}

bool draft_startswith(struct rule_draft *d)
{
    struct traffic_test *t = modified(d);

    if (!t)
        return false;
    if (t->has_from || t->has_reach)
        return draft_refuse(d, "the content has another place already: leave one of the two out");
    return set_once(d, &t->starts);
}

bool draft_endswith(struct rule_draft *d)
{
    struct traffic_test *t = modified(d);

    return t && set_once(d, &t->ends);
}

/* offset and distance say where the search begins, depth and within how far it goes: counted from the value's
 * start the first of each pair, from the end of what was found before the second. One content is one or the
 * other. */
static bool place(struct rule_draft *d, bool relative, struct traffic_test **out)
{
    struct traffic_test *t = *out = modified(d);

    if (!t)
        return false;
    if (t->starts)
        return draft_refuse(d, "the content has startswith: leave one of the two out");
    if ((t->has_from || t->has_reach) && t->relative != relative)
        return draft_refuse(
            d, "offset and depth count from the start, distance and within from the content before: "
               "use one pair");
    t->relative = relative;
    return true;
}

static bool place_from(struct rule_draft *d, bool relative, int64_t least, int64_t most)
{
    struct traffic_test *t;

    return place(d, relative, &t) && set_once(d, &t->has_from) &&
           draft_value(d, d->option->value, least, most, &t->from);
}

static bool place_reach(struct rule_draft *d, bool relative, int64_t most)
{
    struct traffic_test *t;

    if (!place(d, relative, &t) || !set_once(d, &t->has_reach) ||
        !draft_value(d, d->option->value, 1, most, &t->reach))
        return false;
    if (!t->reach.var && (size_t)t->reach.n < t->pattern.len)
        return draft_refuse(d, "%lld bytes do not hold the content's %zu: write at least that",
                            (long long)t->reach.n, t->pattern.len);
    return true;
}

bool draft_offset(struct rule_draft *d)
{
    return place_from(d, false, 0, 65535);
}

bool draft_depth(struct rule_draft *d)
{
    return place_reach(d, false, 65535);
}

bool draft_distance(struct rule_draft *d)
{
    return place_from(d, true, -RULE_FAR, RULE_FAR);
}

bool draft_within(struct rule_draft *d)
{
    return place_reach(d, true, RULE_FAR);
}

/* "fast_pattern", "fast_pattern:only", "fast_pattern:2,5": by the whole content, a chop says less. */
bool draft_fast_pattern(struct rule_draft *d)
{
    struct traffic_test *t = modified(d);

    if (!t)
        return false;
    t->fast = true;
    return true;
}

/* Decoders of other engines changed the payload; nothing changes ours. */
bool draft_rawbytes(struct rule_draft *d)
{
    return modified(d) != NULL;
}

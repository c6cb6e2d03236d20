/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

#include <assert.h>

bool draft_buffer(struct rule_draft *d, enum attr_id id)
{
    if (d->n_sections == RULE_MAX_SECTIONS)
        return draft_refuse(d, "a rule has at most %d buffers: split it", RULE_MAX_SECTIONS);
    d->first_test[d->n_sections] = d->n_tests;
    d->sections[d->n_sections++] = (struct rule_section){.id = id, .most = UINT64_MAX};
    d->last = NULL;
    return true;
}

/* The section that a content or a size belongs to; NULL, and refused, when no buffer stands before it. */
static struct rule_section *section_of(struct rule_draft *d)
{
    if (d->n_sections)
        return &d->sections[d->n_sections - 1];
    draft_refuse(
        d, "no buffer stands before it, and there is no raw payload to search: write one such as jndi.name; "
           "in front (docs/RULES.md lists them)");
    return NULL;
}

static struct rule_test *new_test(struct rule_draft *d, enum rule_test_kind kind, bool negated)
{
    struct rule_test *t;

    if (!section_of(d))
        return NULL;
    if (d->n_tests == RULE_MAX_TESTS) {
        draft_refuse(d, "a rule has at most %d contents: split it", RULE_MAX_TESTS);
        return NULL;
    }
    t = &d->tests[d->n_tests++];
    *t = (struct rule_test){.kind = kind, .negated = negated};
    return t;
}

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
static bool read_pattern(struct rule_draft *d, struct bytes in, struct bytes *pattern)
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

bool draft_content(struct rule_draft *d)
{
    struct bytes inside, pattern;
    struct rule_test *t;
    bool negated;

    if (!section_of(d) || !draft_quoted(d, &inside, &negated) || !read_pattern(d, inside, &pattern))
        return false;
    t = new_test(d, TEST_CONTENT, negated);
    if (!t)
        return false;
    t->pattern = pattern;
    d->last = t;
    return true;
}

bool draft_pcre(struct rule_draft *d)
{
    struct rule_match *m = d->rule->match;
    struct complaint reason = {0};
    struct rule_pcre *p;
    struct bytes inside;
    struct rule_test *t;
    bool negated;

    if (!section_of(d) || !draft_quoted(d, &inside, &negated))
        return false;
    t = new_test(d, TEST_PCRE, negated);
    if (!t)
        return false;
    p = rule_pcre_new(inside, m->expressions, &reason);
    if (!p)
        return draft_refuse(d, "%s", reason.text);
    m->expressions = p;
    t->pcre = p;
    t->relative = rule_pcre_relative(p);
    d->last = NULL;
    return true;
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

/* "10", "!10", "10,relative": Suricata's counting, in which the absolute form wants one byte more. */
bool draft_isdataat(struct rule_draft *d)
{
    struct bytes v = d->option->value;
    bool negated = v.len && v.p[0] == '!';
    size_t comma = bytes_find_byte(v, ',');
    struct bytes number = bytes_trim(bytes_slice(v, negated, comma));
    struct rule_section *s = section_of(d);
    struct rule_test *t;
    int64_t n;

    if (!s || !draft_number(d, number, 0, 65535, &n))
        return false;
    if (comma == BYTES_NONE)
        return negated ? narrow(d, s, 0, (uint64_t)n) : narrow(d, s, (uint64_t)n + 1, UINT64_MAX);
    if (!bytes_eq(bytes_trim(bytes_from(v, comma + 1)), BYTES_LIT("relative")))
        return draft_refuse(d, "'%.*s' is not read: write isdataat:N; or isdataat:N,relative; or with !N",
                            DRAFT_SHOWN(v));
    t = new_test(d, TEST_DATAAT, negated);
    if (!t)
        return false;
    t->relative = true;
    t->from = (int32_t)n;
    return true;
}

struct size_form {
    const char *sign;
    int64_t least_add, most_add; /* what the number becomes as a bound; see read_size */
    bool open_below, open_above;
};

static const struct size_form size_forms[] = {
    {">=", 0, 0, false, true}, {"<=", 0, 0, true, false}, {">", 1, 0, false, true},
    {"<", 0, -1, true, false}, {"=", 0, 0, false, false}, {"", 0, 0, false, false},
};

static bool read_size(struct rule_draft *d, struct rule_section *s, struct bytes v)
{
    const struct size_form *f = size_forms;
    int64_t n;

    while (!bytes_starts(v, bytes_str(f->sign)))
        f++;
    if (!draft_number(d, bytes_trim(bytes_from(v, strlen(f->sign))), 0, 65535, &n))
        return false;
    if (n + f->most_add < 0)
        return draft_refuse(d, "no value is shorter than nothing: write bsize:0; for an empty one");
    return narrow(d, s, f->open_below ? 0 : (uint64_t)(n + f->least_add),
                  f->open_above ? UINT64_MAX : (uint64_t)(n + f->most_add));
}

bool draft_bsize(struct rule_draft *d)
{
    static const struct bytes between = {(const uint8_t *)"<>", 2};
    struct bytes v = d->option->value;
    struct rule_section *s = section_of(d);
    size_t at = bytes_find(v, between);
    int64_t low, high;

    if (!s)
        return false;
    if (at == BYTES_NONE)
        return read_size(d, s, v);
    if (!draft_number(d, bytes_trim(bytes_slice(v, 0, at)), 0, 65535, &low) ||
        !draft_number(d, bytes_trim(bytes_from(v, at + 2)), 0, 65535, &high))
        return false;
    if (high - low < 2)
        return draft_refuse(d, "no number lies between %lld and %lld: the bounds themselves do not count",
                            (long long)low, (long long)high);
    return narrow(d, s, (uint64_t)low + 1, (uint64_t)high - 1);
}

/* The content that a modifier speaks of; NULL, and refused, when there is none. */
static struct rule_test *modified(struct rule_draft *d)
{
    if (!d->last)
        draft_refuse(
            d, "no content of this buffer stands before it: write it right after the content it is for");
    return d->last;
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
    struct rule_test *t = modified(d);

    return t && set_once(d, &t->nocase);
}

bool draft_startswith(struct rule_draft *d)
{
    struct rule_test *t = modified(d);

    if (!t)
        return false;
    if (t->from_set || t->reach_set)
        return draft_refuse(d, "the content has another place already: leave one of the two out");
    return set_once(d, &t->starts);
}

bool draft_endswith(struct rule_draft *d)
{
    struct rule_test *t = modified(d);

    return t && set_once(d, &t->ends);
}

/* offset and distance say where the search begins, depth and within how far it goes: counted from the value's
 * start the first of each pair, from the end of what was found before the second. One content is one or the
 * other. */
static bool place(struct rule_draft *d, bool relative, struct rule_test **out)
{
    struct rule_test *t = *out = modified(d);

    if (!t)
        return false;
    if (t->starts)
        return draft_refuse(d, "the content has startswith: leave one of the two out");
    if ((t->from_set || t->reach_set) && t->relative != relative)
        return draft_refuse(
            d, "offset and depth count from the start, distance and within from the content before: "
               "use one pair");
    t->relative = relative;
    return true;
}

static bool place_from(struct rule_draft *d, bool relative, int64_t least)
{
    struct rule_test *t;
    int64_t n;

    if (!place(d, relative, &t) || !set_once(d, &t->from_set) ||
        !draft_number(d, d->option->value, least, 65535, &n))
        return false;
    t->from = (int32_t)n;
    return true;
}

static bool place_reach(struct rule_draft *d, bool relative)
{
    struct rule_test *t;
    int64_t n;

    if (!place(d, relative, &t) || !set_once(d, &t->reach_set) ||
        !draft_number(d, d->option->value, 1, 65535, &n))
        return false;
    if ((size_t)n < t->pattern.len)
        return draft_refuse(d, "%lld bytes do not hold the content's %zu: write at least that", (long long)n,
                            t->pattern.len);
    t->reach = (uint32_t)n;
    return true;
}

bool draft_offset(struct rule_draft *d)
{
    return place_from(d, false, 0);
}

bool draft_depth(struct rule_draft *d)
{
    return place_reach(d, false);
}

bool draft_distance(struct rule_draft *d)
{
    return place_from(d, true, -65535);
}

bool draft_within(struct rule_draft *d)
{
    return place_reach(d, true);
}

bool draft_fast_pattern(struct rule_draft *d)
{
    return modified(d) != NULL;
}

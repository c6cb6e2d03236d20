/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_filter.h"

#define MAX_DEPTH 24

enum {
    TAG_OCTETS = 0x04,
    TAG_SEQUENCE = 0x30,
    FILTER_AND = 0xa0,
    FILTER_OR = 0xa1,
    FILTER_NOT = 0xa2,
    FILTER_EQUAL = 0xa3,
    FILTER_SUBSTRINGS = 0xa4,
    FILTER_GREATER = 0xa5,
    FILTER_LESS = 0xa6,
    FILTER_PRESENT = 0x87,
    FILTER_APPROX = 0xa8,
    FILTER_EXTENSIBLE = 0xa9,
};
enum { SUBSTRING_INITIAL = 0x80, SUBSTRING_ANY = 0x81, SUBSTRING_FINAL = 0x82 };
enum { MATCH_RULE = 0x81, MATCH_TYPE = 0x82, MATCH_VALUE = 0x83, MATCH_DN = 0x84 };

/* Both uses walk the same tree; each leaf is read by one of the two. */
struct walk {
    bool (*leaf)(struct walk *w, struct ber filter);
    ldap_filter_fn *fn; /* texts */
    void *arg;
    struct buf *out; /* print; NULL otherwise */
};

static bool put(struct walk *w, const char *text)
{
    return !w->out || buf_add_str(w->out, text);
}

static bool walk(struct walk *w, struct ber filter, unsigned depth);

static bool walk_set(struct walk *w, struct ber set, const char *sign, unsigned depth)
{
    struct cursor c = cursor_over(set.value);

    if (!put(w, "(") || !put(w, sign))
        return false;
    while (cursor_left(&c)) {
        struct ber filter;

        if (ber_next(&c, &filter) != BER_OK || !walk(w, filter, depth + 1))
            return false;
    }
    return put(w, ")");
}

static bool walk(struct walk *w, struct ber filter, unsigned depth)
{
    if (depth > MAX_DEPTH)
        return false;
    switch (filter.tag) {
    case FILTER_AND:
        return walk_set(w, filter, "&", depth);
    case FILTER_OR:
        return walk_set(w, filter, "|", depth);
    case FILTER_NOT:
        return walk_set(w, filter, "!", depth);
    default:
        return w->leaf(w, filter);
    }
}

/* equalityMatch, greaterOrEqual, lessOrEqual, approxMatch: { attributeDesc, assertionValue } */
static bool take_assertion(struct bytes assertion, struct bytes *name, struct bytes *value)
{
    struct cursor c = cursor_over(assertion);

    return ber_take(&c, TAG_OCTETS, name) && ber_take(&c, TAG_OCTETS, value);
}

/* substrings: { type, SEQUENCE OF initial [0], any [1], final [2] } */
static bool take_substrings(struct bytes substrings, struct bytes *name, struct cursor *pieces)
{
    struct cursor c = cursor_over(substrings);
    struct bytes list;

    if (!ber_take(&c, TAG_OCTETS, name) || !ber_take(&c, TAG_SEQUENCE, &list))
        return false;
    *pieces = cursor_over(list);
    return true;
}

static void text_name(struct walk *w, struct bytes name)
{
    if (bytes_find_byte(name, '$') != BYTES_NONE)
        w->fn(w->arg, name);
}

static bool text_substrings(struct walk *w, struct bytes substrings)
{
    struct bytes name;
    struct cursor pieces;

    if (!take_substrings(substrings, &name, &pieces))
        return false;
    text_name(w, name);
    while (cursor_left(&pieces)) {
        struct ber piece;

        if (ber_next(&pieces, &piece) != BER_OK)
            return false;
        w->fn(w->arg, piece.value);
    }
    return true;
}

static bool text_extensible(struct walk *w, struct bytes match)
{
    struct cursor c = cursor_over(match);

    while (cursor_left(&c)) {
        struct ber part;

        if (ber_next(&c, &part) != BER_OK)
            return false;
        if (part.tag == MATCH_VALUE)
            w->fn(w->arg, part.value);
        else
            text_name(w, part.value);
    }
    return true;
}

static bool text_leaf(struct walk *w, struct ber filter)
{
    struct bytes name, value;

    switch (filter.tag) {
    case FILTER_EQUAL:
    case FILTER_GREATER:
    case FILTER_LESS:
    case FILTER_APPROX:
        if (!take_assertion(filter.value, &name, &value))
            return false;
        text_name(w, name);
        w->fn(w->arg, value);
        return true;
    case FILTER_SUBSTRINGS:
        return text_substrings(w, filter.value);
    case FILTER_PRESENT:
        text_name(w, filter.value);
        return true;
    case FILTER_EXTENSIBLE:
        return text_extensible(w, filter.value);
    default:
        return false;
    }
}

bool ldap_filter_texts(struct ber filter, ldap_filter_fn *fn, void *arg)
{
    struct walk w = {.leaf = text_leaf, .fn = fn, .arg = arg};

    return walk(&w, filter, 0);
}

/* RFC 4515 section 3: what has a meaning in a filter, and what is no character. UTF-8 stays. */
static bool print_text(struct walk *w, struct bytes text)
{
    bool fits = true;

    for (size_t i = 0; i < text.len && fits; i++) {
        uint8_t byte = text.p[i];

        if (byte < 0x20 || byte == 0x7f || byte == '(' || byte == ')' || byte == '*' || byte == '\\')
            fits = buf_addf(w->out, "\\%02x", byte);
        else
            fits = buf_add_byte(w->out, byte);
    }
    return fits;
}

static bool print_assertion(struct walk *w, struct bytes assertion, const char *sign)
{
    struct bytes name, value;

    return take_assertion(assertion, &name, &value) && put(w, "(") && print_text(w, name) && put(w, sign) &&
           print_text(w, value) && put(w, ")");
}

/* cn=initial*any*final: each border between two pieces is an asterisk, and so is an end that is missing. */
static bool print_substrings(struct walk *w, struct bytes substrings)
{
    struct bytes name;
    struct cursor pieces;
    uint8_t last = 0;

    if (!take_substrings(substrings, &name, &pieces) || !put(w, "(") || !print_text(w, name) || !put(w, "="))
        return false;
    while (cursor_left(&pieces)) {
        struct ber piece;

        if (ber_next(&pieces, &piece) != BER_OK || (piece.tag != SUBSTRING_INITIAL && !put(w, "*")) ||
            !print_text(w, piece.value))
            return false;
        last = piece.tag;
    }
    return (last == SUBSTRING_FINAL || put(w, "*")) && put(w, ")");
}

/* (type:dn:rule:=value) */
static bool print_extensible(struct walk *w, struct bytes match)
{
    struct cursor c = cursor_over(match);
    struct bytes part[4] = {{0}};

    while (cursor_left(&c)) {
        struct ber each;

        if (ber_next(&c, &each) != BER_OK || each.tag < MATCH_RULE || each.tag > MATCH_DN)
            return false;
        part[each.tag - MATCH_RULE] = each.value;
    }
    if (!put(w, "(") || !print_text(w, part[MATCH_TYPE - MATCH_RULE]))
        return false;
    if (part[MATCH_DN - MATCH_RULE].len == 1 && part[MATCH_DN - MATCH_RULE].p[0] && !put(w, ":dn"))
        return false;
    if (part[0].len && (!put(w, ":") || !print_text(w, part[0])))
        return false;
    return put(w, ":=") && print_text(w, part[MATCH_VALUE - MATCH_RULE]) && put(w, ")");
}

static bool print_leaf(struct walk *w, struct ber filter)
{
    switch (filter.tag) {
    case FILTER_EQUAL:
        return print_assertion(w, filter.value, "=");
    case FILTER_GREATER:
        return print_assertion(w, filter.value, ">=");
    case FILTER_LESS:
        return print_assertion(w, filter.value, "<=");
    case FILTER_APPROX:
        return print_assertion(w, filter.value, "~=");
    case FILTER_SUBSTRINGS:
        return print_substrings(w, filter.value);
    case FILTER_PRESENT:
        return put(w, "(") && print_text(w, filter.value) && put(w, "=*)");
    case FILTER_EXTENSIBLE:
        return print_extensible(w, filter.value);
    default:
        return false;
    }
}

bool ldap_filter_print(struct ber filter, struct buf *out)
{
    struct walk w = {.leaf = print_leaf, .out = out};

    return walk(&w, filter, 0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/leaks.h"

#include <sha2.h>
#include <stdlib.h>

#define PARTS_MAX 32
#define BLOCK     16

static const char *const place_names[LEAK_PLACE_N] = {[LEAK_DNS] = "dns",
                                                      [LEAK_LDAP] = "ldap.dn",
                                                      [LEAK_RMI] = "rmi.name",
                                                      [LEAK_GIOP] = "giop.name",
                                                      [LEAK_HTTP] = "http.uri"};

const char *leak_place_name(enum leak_place p)
{
    return place_names[p];
}

/* Where the expression that begins at from ends, its closing brace included; BYTES_NONE when it is open. */
static size_t expression_end(struct bytes text, size_t from)
{
    unsigned depth = 0;

    for (size_t i = from; i < text.len; i++) {
        if (text.p[i] == '$' && i + 1 < text.len && text.p[i + 1] == '{') {
            depth++;
            i++;
        } else if (text.p[i] == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return BYTES_NONE;
}

/* The next run of expressions that stand side by side, from at on: [*from, *to). False when there is none. */
static bool next_run(struct bytes text, size_t at, size_t *from, size_t *to)
{
    size_t open = bytes_find(bytes_from(text, at), BYTES_LIT("${")), end;

    if (open == BYTES_NONE)
        return false;
    *from = at + open;
    end = expression_end(text, *from);
    if (end == BYTES_NONE)
        return false;
    while (bytes_starts(bytes_from(text, end), BYTES_LIT("${"))) {
        size_t more = expression_end(text, end);

        if (more == BYTES_NONE)
            break;
        end = more;
    }
    *to = end;
    return true;
}

bool leak_is_pattern(struct bytes pattern)
{
    size_t from, to;

    return next_run(pattern, 0, &from, &to);
}

struct bytes leak_tail(struct bytes pattern)
{
    size_t at = 0, from, to;

    while (next_run(pattern, at, &from, &to))
        at = to;
    return bytes_from(pattern, at);
}

static size_t find(struct bytes hay, struct bytes needle, bool nocase)
{
    return nocase ? bytes_find_nocase(hay, needle) : bytes_find(hay, needle);
}

static bool ends(struct bytes b, struct bytes tail, bool nocase)
{
    if (b.len < tail.len)
        return false;
    b = bytes_from(b, b.len - tail.len);
    return nocase ? bytes_eq_nocase(b, tail) : bytes_eq(b, tail);
}

struct part {
    struct bytes expressions, value;
};

/* The values in seen of the runs of expressions. False when it does not fit. */
static bool align(const struct leak_sight *s, struct part parts[PARTS_MAX], unsigned *n)
{
    struct bytes pattern = s->pattern, seen = s->seen, literal;
    size_t at = 0, pos = 0, from, to;

    *n = 0;
    while (*n < PARTS_MAX && next_run(pattern, at, &from, &to)) {
        literal = bytes_slice(pattern, at, from);
        if (*n == 0) { /* what stands before the first is where seen begins */
            if (!(s->nocase ? bytes_starts_nocase(seen, literal) : bytes_starts(seen, literal)))
                return false;
            pos = literal.len;
        } else {
            size_t there = find(bytes_from(seen, pos), literal, s->nocase);

            if (there == BYTES_NONE)
                return false;
            parts[*n - 1].value = bytes_slice(seen, pos, pos + there);
            pos += there + literal.len;
        }
        parts[(*n)++].expressions = bytes_slice(pattern, from, to);
        at = to;
    }
    literal = bytes_from(pattern, at);
    if (*n == 0 || seen.len < pos + literal.len || !ends(seen, literal, s->nocase))
        return false;
    parts[*n - 1].value = bytes_slice(seen, pos, seen.len - literal.len);
    return true;
}

/* "${env:A}${sys:b:-none}": env:A+sys:b. */
static char *variable_of(struct bytes expressions)
{
    struct buf out = buf_within(512);
    size_t at = 0;
    char *text;

    while (at < expressions.len) {
        size_t end = expression_end(expressions, at), stop;
        struct bytes inside;

        if (end == BYTES_NONE)
            break;
        inside = bytes_slice(expressions, at + 2, end - 1);
        stop = bytes_find(inside, BYTES_LIT(":-"));
        if (at > 0)
            buf_add_byte(&out, '+');
        buf_add(&out, bytes_slice(inside, 0, stop));
        at = end;
    }
    text = strndup(out.len ? (const char *)out.p : "", out.len);
    buf_drop(&out);
    return text;
}

static bool known(const struct leak *l, enum leak_place place, const char *variable, struct bytes value)
{
    for (; l; l = l->next)
        if (l->place == place && strcmp(l->variable, variable) == 0 &&
            bytes_eq(bytes_of(l->value, l->value_len), value))
            return true;
    return false;
}

/* variable becomes the list's. */
static void add(struct leak **list, const struct leak_sight *s, char *variable, struct bytes value)
{
    struct leak *l = calloc(1, sizeof *l), **at = list;
    unsigned n = 0;

    value = bytes_slice(value, 0, LEAK_VALUE_MAX);
    for (; *at; at = &(*at)->next)
        n++;
    if (!l || !variable || n >= LEAKS_MAX || known(*list, s->place, variable, value) ||
        !(l->value = malloc(value.len))) {
        free(variable);
        free(l);
        return;
    }
    memcpy(l->value, value.p, value.len);
    l->value_len = value.len;
    l->variable = variable;
    l->place = s->place;
    l->ts_us = s->ts_us;
    l->packet = s->packet;
    l->flow_id = s->flow_id;
    SHA256Data(value.p, value.len, l->sha256);
    *at = l;
}

bool leaks_learn(struct leak **list, const struct leak_sight *s)
{
    struct part parts[PARTS_MAX];
    unsigned n;

    if (!align(s, parts, &n))
        return false;
    for (unsigned i = 0; i < n; i++)
        if (parts[i].value.len > 0 && bytes_find(parts[i].value, BYTES_LIT("${")) == BYTES_NONE)
            add(list, s, variable_of(parts[i].expressions), parts[i].value);
    return true;
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c >= 0x80;
}

static bool has_word(struct bytes text, struct bytes word)
{
    size_t at = 0, there;

    while ((there = bytes_find_nocase(bytes_from(text, at), word)) != BYTES_NONE) {
        size_t from = at + there, end = from + word.len;

        if ((from == 0 || !is_word(text.p[from - 1])) && (end == text.len || !is_word(text.p[end])))
            return true;
        at = from + 1;
    }
    return false;
}

void leaks_find(struct leak **list, const struct leak_sight *s)
{
    for (const struct leak *l = *list; l; l = l->next) {
        struct bytes value = bytes_of(l->value, l->value_len);

        if (l->place != s->place && value.len >= LEAK_SHORT && has_word(s->seen, value) &&
            !has_word(s->pattern, value))
            add(list, s, strdup(l->variable), value);
    }
}

void leak_redact(const struct leak *l, struct buf *out)
{
    if (l->value_len >= LEAK_SHORT)
        buf_add_byte(out, l->value[0]);
    buf_add_str(out, "***");
    if (l->value_len >= LEAK_SHORT)
        buf_add_byte(out, l->value[l->value_len - 1]);
}

/* How many bytes of text are the byte c, as it is or escaped; 0: it is another one. */
static size_t is_byte(struct bytes text, uint8_t c)
{
    if (text.len >= 3 && (text.p[0] == '%' || text.p[0] == '\\') && hex_value(text.p[1]) >= 0 &&
        hex_value(text.p[2]) >= 0 &&
        ascii_lower((uint8_t)(hex_value(text.p[1]) << 4 | hex_value(text.p[2]))) == ascii_lower(c))
        return 3;
    if (text.len >= 2 && text.p[0] == '\\' && text.p[1] == c)
        return 2;
    return text.len >= 1 && ascii_lower(text.p[0]) == ascii_lower(c);
}

/* How many bytes of text, from its front, are the value; 0: they are something else. *first and *last: how
 * many of them are its first and its last one. */
static size_t is_value(struct bytes text, struct bytes value, size_t *first, size_t *last)
{
    size_t at = 0;

    for (size_t k = 0; k < value.len; k++) {
        *last = is_byte(bytes_from(text, at), value.p[k]);
        if (*last == 0)
            return 0;
        at += *last;
        if (k == 0)
            *first = at;
    }
    return at;
}

void leaks_mask(const struct leak *list, uint8_t *text, size_t len)
{
    for (const struct leak *l = list; l; l = l->next) {
        struct bytes value = bytes_of(l->value, l->value_len);
        size_t first = 0, last = 0, n;

        if (value.len < LEAK_SHORT)
            continue;
        for (size_t at = 0; at < len; at += n ? n : 1) {
            n = is_value(bytes_of(text + at, len - at), value, &first, &last);
            if (n)
                memset(text + at + first, '*', n - first - last);
        }
    }
}

size_t leaks_bytes(const struct leak *l)
{
    size_t n = 0;

    for (; l; l = l->next)
        n += sizeof *l + l->value_len + strlen(l->variable) + 1 + 3 * BLOCK;
    return n;
}

static void leak_free(struct leak *l)
{
    free(l->variable);
    free(l->value);
    free(l);
}

void leaks_move(struct leak **to, struct leak **from)
{
    struct leak **at = to, *l;
    unsigned n = 0;

    for (; *at; at = &(*at)->next)
        n++;
    while ((l = *from)) {
        *from = l->next;
        l->next = NULL;
        if (n >= LEAKS_MAX || known(*to, l->place, l->variable, bytes_of(l->value, l->value_len))) {
            leak_free(l);
            continue;
        }
        *at = l;
        at = &l->next;
        n++;
    }
}

void leaks_free(struct leak *l)
{
    while (l) {
        struct leak *next = l->next;

        leak_free(l);
        l = next;
    }
}

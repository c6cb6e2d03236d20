/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/utf16.h"

#include <stdlib.h>

static bool u16_grow(struct u16 *t, size_t need)
{
    size_t cap = t->cap ? t->cap : 64;
    uint16_t *c;

    if (need <= t->cap)
        return true;
    if (need > t->ceiling)
        return false;
    while (cap < need)
        cap *= 2;
    if (cap > t->ceiling)
        cap = t->ceiling;
    c = realloc(t->c, cap * sizeof *c);
    if (!c)
        return false;
    t->c = c;
    t->cap = cap;
    return true;
}

uint16_t *u16_room(struct u16 *t, size_t n)
{
    return n <= t->ceiling - t->len && u16_grow(t, t->len + n + (n == 0)) ? t->c + t->len : NULL;
}

bool u16_add(struct u16 *t, const uint16_t *units, size_t n)
{
    uint16_t *room;

    if (n == 0)
        return true;
    room = u16_room(t, n);
    if (!room)
        return false;
    memcpy(room, units, n * sizeof *units);
    t->len += n;
    return true;
}

bool u16_add_ascii(struct u16 *t, const char *s)
{
    return u16_from_latin1(t, bytes_str(s));
}

bool u16_replace(struct u16 *t, size_t from, size_t to, const uint16_t *units, size_t n)
{
    size_t tail = t->len - to;

    if (n > to - from && (n - (to - from) > t->ceiling - t->len || !u16_grow(t, t->len + n - (to - from))))
        return false;
    memmove(t->c + from + n, t->c + to, tail * sizeof *t->c);
    if (n)
        memcpy(t->c + from, units, n * sizeof *units);
    t->len = from + n + tail;
    return true;
}

bool u16_eq(const struct u16 *a, const struct u16 *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->c, b->c, a->len * sizeof *a->c) == 0);
}

/* The code point at p[0] and its length. A byte that begins no well-formed sequence (RFC 3629 section 4) is one by
 * itself, as in Latin-1. */
static size_t code_point(const uint8_t *p, size_t left, uint32_t *cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0xc2 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 1;
    uint32_t v = n > 1 ? p[0] & (0x7fu >> n) : p[0];

    for (size_t i = 1; i < n; i++) {
        if (i >= left || (p[i] & 0xc0) != 0x80)
            goto alone;
        v = v << 6 | (p[i] & 0x3fu);
    }
    if (n > 1 && (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000)))
        goto alone;
    *cp = v;
    return n;
alone:
    *cp = p[0];
    return 1;
}

bool u16_from_utf8(struct u16 *t, struct bytes text)
{
    uint16_t *out = u16_room(t, text.len);
    size_t n = 0;

    if (!out)
        return false;
    for (size_t i = 0; i < text.len;) {
        uint32_t cp = text.p[i];

        i += cp < 0x80 ? 1 : code_point(text.p + i, text.len - i, &cp);
        if (cp >= 0x10000) {
            out[n++] = (uint16_t)(0xd800 + ((cp - 0x10000) >> 10));
            out[n++] = (uint16_t)(0xdc00 + (cp & 0x3ff));
        } else {
            out[n++] = (uint16_t)cp;
        }
    }
    t->len += n;
    return true;
}

bool u16_from_latin1(struct u16 *t, struct bytes text)
{
    uint16_t *out = u16_room(t, text.len);

    if (!out)
        return false;
    for (size_t i = 0; i < text.len; i++)
        out[i] = text.p[i];
    t->len += text.len;
    return true;
}

static bool add_code_point(struct buf *out, uint32_t cp)
{
    uint8_t b[4];
    size_t n;

    if (cp < 0x80) {
        return buf_add_byte(out, (uint8_t)cp);
    } else if (cp < 0x800) {
        b[0] = (uint8_t)(0xc0 | cp >> 6);
        n = 2;
    } else if (cp < 0x10000) {
        b[0] = (uint8_t)(0xe0 | cp >> 12);
        n = 3;
    } else {
        b[0] = (uint8_t)(0xf0 | cp >> 18);
        n = 4;
    }
    for (size_t i = 1; i < n; i++)
        b[i] = (uint8_t)(0x80 | (cp >> 6 * (n - 1 - i) & 0x3f));
    return buf_add(out, bytes_of(b, n));
}

bool u16_to_utf8(struct buf *out, const uint16_t *units, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t cp = units[i];

        if (cp >= 0xd800 && cp < 0xdc00 && i + 1 < n && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000)
            cp = 0x10000 + ((cp - 0xd800) << 10) + (units[++i] - 0xdc00u);
        else if (cp >= 0xd800 && cp < 0xe000)
            cp = '?';
        if (!add_code_point(out, cp))
            return false;
    }
    return true;
}

size_t u16_offset_in_utf8(struct bytes text, size_t unit)
{
    size_t i = 0;

    while (i < text.len && unit > 0) {
        uint32_t cp;
        size_t len = code_point(text.p + i, text.len - i, &cp);
        size_t units = len == 4 ? 2 : 1;

        if (units > unit)
            break;
        unit -= units;
        i += len;
    }
    return i;
}

void u16_drop(struct u16 *t)
{
    free(t->c);
    t->c = NULL;
    t->len = t->cap = 0;
}

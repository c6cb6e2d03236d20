/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bytes.h"

bool bytes_eq(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool bytes_eq_nocase(struct bytes a, struct bytes b)
{
    return a.len == b.len && bytes_starts_nocase(a, b);
}

bool bytes_starts(struct bytes b, struct bytes prefix)
{
    return b.len >= prefix.len && (prefix.len == 0 || memcmp(b.p, prefix.p, prefix.len) == 0);
}

bool bytes_starts_nocase(struct bytes b, struct bytes prefix)
{
    if (b.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (ascii_lower(b.p[i]) != ascii_lower(prefix.p[i]))
            return false;
    return true;
}

bool bytes_ends(struct bytes b, struct bytes suffix)
{
    return b.len >= suffix.len && bytes_starts(bytes_from(b, b.len - suffix.len), suffix);
}

/* memmem looks at two bytes one place after the other, memchr at one byte in many places at a time. */
static size_t find_pair(struct bytes hay, const uint8_t pair[2])
{
    const uint8_t *p = hay.p, *last = hay.p + hay.len - 1;

    for (; (p = memchr(p, pair[0], (size_t)(last - p))); p++)
        if (p[1] == pair[1])
            return (size_t)(p - hay.p);
    return BYTES_NONE;
}

size_t bytes_find(struct bytes hay, struct bytes needle)
{
    const uint8_t *at;

    if (needle.len == 0)
        return 0;
    if (hay.len < needle.len)
        return BYTES_NONE;
    if (needle.len == 2)
        return find_pair(hay, needle.p);
    at = memmem(hay.p, hay.len, needle.p, needle.len);
    return at ? (size_t)(at - hay.p) : BYTES_NONE;
}

size_t bytes_find_nocase(struct bytes hay, struct bytes needle)
{
    if (needle.len == 0)
        return 0;
    for (size_t i = 0; i + needle.len <= hay.len; i++)
        if (bytes_starts_nocase(bytes_from(hay, i), needle))
            return i;
    return BYTES_NONE;
}

size_t bytes_find_byte(struct bytes hay, uint8_t c)
{
    const uint8_t *at = hay.len ? memchr(hay.p, c, hay.len) : NULL;

    return at ? (size_t)(at - hay.p) : BYTES_NONE;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct bytes bytes_trim(struct bytes b)
{
    while (b.len && is_blank(b.p[0]))
        b = bytes_from(b, 1);
    while (b.len && is_blank(b.p[b.len - 1]))
        b.len--;
    return b;
}

bool bytes_to_u64(struct bytes b, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    if (b.len == 0)
        return false;
    for (size_t i = 0; i < b.len; i++) {
        unsigned digit = (unsigned)b.p[i] - '0';

        if (digit > 9 || n > (max - digit) / 10 || digit > max)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Somebody else's memory, never owned, never terminated. What outlives the call is copied into a struct buf.
 */
struct bytes {
    const uint8_t *p;
    size_t len;
};

#define BYTES_NONE   SIZE_MAX /* "not found" of the searches below */
#define BYTES_LIT(s) ((struct bytes){(const uint8_t *)(s), sizeof(s) - 1})

static inline struct bytes bytes_of(const void *p, size_t len)
{
    return (struct bytes){p, len};
}

static inline struct bytes bytes_str(const char *s)
{
    return (struct bytes){(const uint8_t *)s, s ? strlen(s) : 0};
}

/* The part [from, to) of b; both ends are clamped to what is there. */
static inline struct bytes bytes_slice(struct bytes b, size_t from, size_t to)
{
    if (to > b.len)
        to = b.len;
    if (from >= to)
        return (struct bytes){b.len ? b.p + (from < b.len ? from : b.len) : b.p, 0};
    return (struct bytes){b.p + from, to - from};
}

static inline struct bytes bytes_from(struct bytes b, size_t from)
{
    return bytes_slice(b, from, b.len);
}

/* ASCII only: protocol words have no locale. */
static inline uint8_t ascii_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Value of a hex digit, or -1. */
static inline int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool bytes_eq(struct bytes a, struct bytes b);
bool bytes_eq_nocase(struct bytes a, struct bytes b);

/* The same with a word of a table, of which most differ in their first character. NULL is empty. */
static inline bool bytes_is_nocase(struct bytes b, const char *word)
{
    for (size_t i = 0; i < b.len; i++)
        if (!word || !word[i] || ascii_lower((uint8_t)word[i]) != ascii_lower(b.p[i]))
            return false;
    return !word || !word[b.len];
}

bool bytes_starts(struct bytes b, struct bytes prefix);
bool bytes_starts_nocase(struct bytes b, struct bytes prefix);
bool bytes_ends(struct bytes b, struct bytes suffix);

/* Offset of the first occurrence, or BYTES_NONE. An empty needle is found at 0. */
size_t bytes_find(struct bytes hay, struct bytes needle);
size_t bytes_find_nocase(struct bytes hay, struct bytes needle);
size_t bytes_find_byte(struct bytes hay, uint8_t c);

/* Without blanks and tabs (and CR, LF) at both ends. */
struct bytes bytes_trim(struct bytes b);

/* A decimal number that is all of b. False when b is empty, has another character, or exceeds max. */
bool bytes_to_u64(struct bytes b, uint64_t max, uint64_t *out);

#endif

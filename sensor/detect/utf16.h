/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_UTF16_H
#define DETECT_UTF16_H

#include "base/buf.h"

/* Text as Java holds it: UTF-16 code units, owned, with a ceiling (in units). */
struct u16 {
    uint16_t *c;
    size_t len, cap, ceiling;
};

static inline struct u16 u16_within(size_t ceiling)
{
    return (struct u16){.ceiling = ceiling};
}

/* Append; false (and nothing done) when the ceiling or memory says no. */
bool u16_add(struct u16 *t, const uint16_t *units, size_t n);
bool u16_add_ascii(struct u16 *t, const char *s);

/* Room for n units at the end, for the caller to fill and to add to len. NULL when there is none. */
uint16_t *u16_room(struct u16 *t, size_t n);

/* The units [from, to) give way to n others (which are not part of t). False when there is no room. */
bool u16_replace(struct u16 *t, size_t from, size_t to, const uint16_t *units, size_t n);

bool u16_eq(const struct u16 *a, const struct u16 *b);

/* Append UTF-8, in which a byte that belongs to no well-formed sequence counts as Latin-1; append bytes as Latin-1. */
bool u16_from_utf8(struct u16 *t, struct bytes text);
bool u16_from_latin1(struct u16 *t, struct bytes text);

/* Appends units to out as UTF-8; a lone surrogate becomes '?', as Java's encoder has it. */
bool u16_to_utf8(struct buf *out, const uint16_t *units, size_t n);

/* The byte at which the unit-th code unit of such UTF-8 begins; text.len when there are fewer. */
size_t u16_offset_in_utf8(struct bytes text, size_t unit);

void u16_drop(struct u16 *t);

#endif

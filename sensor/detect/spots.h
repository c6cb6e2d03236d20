/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_SPOTS_H
#define DETECT_SPOTS_H

#include "base/bytes.h"

/* A set of offsets into one value, from 0 to SPOTS_MAX: every place where a chain of contents may stand.
 * Following all of them at once is what makes a chain exact at a cost that grows with the value's length
 * only; trying one after the other costs the product of the occurrences, or stops early and is slipped past
 * by repeating a word. */
#define SPOTS_MAX 65536

struct spots {
    uint64_t bits[SPOTS_MAX / 64 + 1];
};

/* Empties the part that offsets 0..len use. */
static inline void spots_clear(struct spots *s, size_t len)
{
    memset(s->bits, 0, (len / 64 + 1) * sizeof *s->bits);
}

static inline void spots_add(struct spots *s, size_t at)
{
    s->bits[at / 64] |= (uint64_t)1 << at % 64;
}

/* The lowest member from at on, none above len: BYTES_NONE. */
static inline size_t spots_next(const struct spots *s, size_t at, size_t len)
{
    uint64_t word;

    if (at > len)
        return BYTES_NONE;
    word = s->bits[at / 64] & UINT64_MAX << at % 64;
    for (size_t i = at / 64;; word = s->bits[i]) {
        if (word) {
            at = i * 64 + (size_t)__builtin_ctzll(word);
            return at <= len ? at : BYTES_NONE;
        }
        if (++i > len / 64)
            return BYTES_NONE;
    }
}

#endif

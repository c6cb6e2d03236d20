/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_INFLATE_H
#define INSPECT_INFLATE_H

#include "base/buf.h"

/* Compressed messages that come in one piece: gzip (RFC 1952) or zlib (RFC 1950), told by their first bytes.
 */

/* True when text begins as one of the two does. */
bool inflate_begins(struct bytes text);

enum inflated {
    INFLATED_WHOLE, /* all of it is in out */
    INFLATED_PART,  /* it ends early or is damaged: out has what came before that, perhaps nothing */
    INFLATED_BOMB,  /* out's ceiling is reached (counted): out has what fits */
};

/* What a message of n bytes may become: so that a few bytes cannot cost a megabyte, and at most max. */
#define INFLATE_RATIO 100
#define INFLATE_FREE  4096
static inline size_t inflate_ceiling(size_t n, uint64_t max)
{
    uint64_t most = (uint64_t)n * INFLATE_RATIO + INFLATE_FREE;

    return (size_t)(most < max ? most : max);
}

/* Appends what in becomes to out, up to its ceiling. What is behind the compressed data is not looked at. */
enum inflated inflate_all(struct bytes in, struct buf *out);

/* The same of deflate without a header (RFC 1951). */
enum inflated inflate_raw(struct bytes in, struct buf *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_POOL_H
#define DETECT_POOL_H

#include "base/bytes.h"

/* Many small things that live and die together: all that one rule owns. Zeroed at birth. Each piece has
 * memory of its own, so that a sanitizer sees an overread of one byte. */
struct pool_piece;

struct pool {
    struct pool_piece *last;
    size_t bytes; /* that its pieces take */
};

void *pool_room(struct pool *p, size_t len); /* zeroed; NULL when memory is short */

/* A copy that ends in a zero byte, which does not count. NULL when memory is short. */
char *pool_str(struct pool *p, struct bytes b);

void pool_drop(struct pool *p); /* the pool is empty and may be used again */

#endif

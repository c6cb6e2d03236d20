/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/pool.h"

#include <stdlib.h>

struct pool_piece {
    struct pool_piece *before;
    max_align_t room[];
};

void *pool_room(struct pool *p, size_t len)
{
    struct pool_piece *piece;

    if (len > SIZE_MAX - sizeof *piece)
        return NULL;
    piece = calloc(1, sizeof *piece + len);
    if (!piece)
        return NULL;
    piece->before = p->last;
    p->last = piece;
    p->bytes += sizeof *piece + len;
    return piece->room;
}

char *pool_str(struct pool *p, struct bytes b)
{
    char *copy = pool_room(p, b.len + 1);

    if (copy && b.len)
        memcpy(copy, b.p, b.len);
    return copy;
}

void pool_drop(struct pool *p)
{
    while (p->last) {
        struct pool_piece *before = p->last->before;

        free(p->last);
        p->last = before;
    }
    p->bytes = 0;
}

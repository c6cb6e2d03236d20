/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DECODE_OWNER_H
#define DECODE_OWNER_H

#include "decode/decode.h"

/* Which of n workers a packet belongs to: by its two addresses, in either order, so that both directions,
 * every connection and every fragment between two hosts stay together. What a tunnel carries goes by the
 * addresses inside. */
static inline unsigned packet_owner(const struct packet *p, unsigned n)
{
    uint64_t a[2], b[2], mixed;

    memcpy(a, p->src.b, sizeof a);
    memcpy(b, p->dst.b, sizeof b);
    mixed = ((a[0] ^ b[0]) + (a[1] ^ b[1])) * UINT64_C(0x9e3779b97f4a7c15);
    return (unsigned)((mixed >> 32) * n >> 32);
}

#endif

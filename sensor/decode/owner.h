/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DECODE_OWNER_H
#define DECODE_OWNER_H

#include "decode/decode.h"

/* Which of n workers something between two hosts belongs to: by the two addresses, in either order, so that
 * both directions, every connection and every fragment stay together. What a tunnel carries goes by the
 * addresses inside. */

static inline unsigned owner_of_bits(uint64_t bits, unsigned n)
{
    return (unsigned)((bits * UINT64_C(0x9e3779b97f4a7c15) >> 32) * n >> 32);
}

static inline unsigned packet_owner(const struct packet *p, unsigned n)
{
    uint64_t a[2], b[2];

    memcpy(a, p->src.b, sizeof a);
    memcpy(b, p->dst.b, sizeof b);
    return owner_of_bits((a[0] ^ b[0]) + (a[1] ^ b[1]), n);
}

/* The owner of what decode_frame makes of this frame, or of the frame itself when that is nothing. Counts
 * nothing. *shared: every worker needs it, whoever counts it: a fragment, which may be part of a tunnel, or a
 * frame that helps to decide what checksums mean. */
unsigned decode_owner(struct decode *d, const struct frame *frame, unsigned n, bool *shared);

#endif

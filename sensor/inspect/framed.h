/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_FRAMED_H
#define INSPECT_FRAMED_H

#include "inspect/open.h"

/* Protocols that are packets with a length in front, one behind the other, the same in both directions. What
 * differs is how a length is written and what a packet says; the rest is here. */

/* First in a parser's state; zeroed at first. */
struct framed {
    struct buf held[2]; /* the packet that is not whole yet, by direction */
    struct buf open[2]; /* see open.h */
    uint64_t n[2];      /* packets so far: the number of the one at hand */
};

struct framing {
    const char *app_proto;
    hold_size_fn *size;
    /* One whole packet, its length included. */
    void (*packet)(struct framed *f, const struct inspecting *in, struct bytes packet);
};

/* The feed of such a parser (inspector.h). A packet above app-layer.max-message, nonsense or a gap: what is
 * held is given raw, and the direction given up. */
enum progress framed_feed(struct framed *f, const struct framing *framing, const struct inspecting *in,
                          struct bytes data, uint64_t gap, bool last, size_t *used);

/* The free_state of such a parser. */
void framed_free(void *state);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_ALTERNATIVE_H
#define STREAM_ALTERNATIVE_H

#include "stream/road.h"

/* Other versions of bytes: a copy that differs from what was given, a segment that we think the host drops.
 * Which one the host has read is not always ours to know, so they are judged, too: as text, with what stands
 * before and behind them in the stream, beside the road that the stream itself takes. */
struct alternatives;

struct alternatives *alternatives_new(void);
void alternatives_free(struct alternatives *a); /* NULL is welcome */

/* Judged now, and again as the bytes behind it come: each time that they have doubled, when the other side
 * speaks, and at the end. Of the last few versions in all flows only: what follows the others is not looked
 * at. */
void alternative_judge(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                       struct bytes data);

/* A copy that does not differ, but may go on where a version has ended, or end where one begins: the two are
 * judged together. */
void alternative_extend(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                        struct bytes data);

/* Judged when it turns out that the host has acknowledged it all the same. */
void alternative_doubt(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                       struct bytes data);
void alternative_believe(struct stream *s, struct flow_entry *e, unsigned side, uint32_t from, uint32_t to);

/* More was given of this side. */
void alternative_follow(struct stream *s, struct flow_entry *e, unsigned side);
/* The other side answers, or this one ends: perhaps nothing more comes. */
void alternative_pause(struct stream *s, struct flow_entry *e, unsigned side);

void alternative_forget(struct stream *s, struct flow_entry *e); /* the flow ends */

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_REASSEMBLE_H
#define STREAM_REASSEMBLE_H

#include "stream/flow_table.h"

/* libnids, behind a door. It knows each flow under a stand-in IPv4 address made from the entry's slot, gets
 * its segments one by one, keeps those that came too early, and gives bytes in order. What a segment's
 * numbers are worth has been decided before (condition.c): anything given here counts as sent and received.
 */

/* The next bytes of one direction. Must not call into this file. */
typedef void reassemble_fn(void *arg, struct flow_entry *e, unsigned side, struct bytes data);

/* Once per process, for slots below max_flows. False with a complaint when libnids refuses, was opened
 * before, or is another one than this file was written for. */
bool reassemble_init(size_t max_flows, reassemble_fn *fn, void *arg, struct complaint *why);
void reassemble_exit(void); /* every flow must have been closed */

enum reassembled {
    REASSEMBLED_GIVEN,   /* in order: it, and what waited for it, has been given; side.next has moved */
    REASSEMBLED_WAITS,   /* kept until the bytes before it come or are skipped */
    REASSEMBLED_NOTHING, /* every byte of it is there already */
};

/* One segment of a side whose next is known. The first one opens libnids' stream. In order and with nothing
 * waiting, the bytes are given from where they are; else libnids keeps them. */
enum reassembled reassemble_segment(struct flow_entry *e, unsigned side, uint32_t seq, struct bytes payload);

/* True when a waiting segment has other bytes than this one where both have some: each is told to fn, whole,
 * before the new one comes to be queued and one of the two is overwritten. */
bool reassemble_conflicts(const struct flow_entry *e, unsigned side, uint32_t seq, struct bytes payload,
                          void (*fn)(void *arg, uint32_t seq, struct bytes data), void *arg);

/* Gives up the bytes from side.next up to `to`; what waited right behind them is given. */
void reassemble_skip(struct flow_entry *e, unsigned side, uint32_t to);

/* Whether anything waits, and where it begins. */
bool reassemble_waiting(const struct flow_entry *e, unsigned side, uint32_t *seq);

/* Memory that waits in one direction, in all flows, and that a segment of this length would take. Bytes. */
size_t reassemble_held(const struct flow_entry *e, unsigned side);
size_t reassemble_held_by_all(void);
size_t reassemble_cost(size_t payload_len);

/* The most that one direction may hold: beyond it libnids throws all of it away. */
#define REASSEMBLE_MAX_HELD ((size_t)65535 * 16)

/* Forgets what waits in one direction. */
void reassemble_purge(struct flow_entry *e, unsigned side);

/* Forgets the stream; nothing is given. */
void reassemble_close(struct flow_entry *e);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_RING_H
#define PROCESS_RING_H

#include "base/bytes.h"

/* Frames on their way from the process that reads files to one worker: a ring in memory that both see, with
 * one writer and one reader. It outlives either: who takes over a dead worker's ring goes on where that one
 * stopped. */
struct ring;

enum ring_kind {
    RING_FRAME = 1, /* data is the worker's to work on */
    RING_SHARED,    /* the same, but every worker gets it and only one counts it (pipeline.h) */
    RING_CLOCK,     /* somebody else's frame: only its time and number */
    RING_SOURCE, /* data: the name of the file that the next frames come from, with a zero byte behind it */
    RING_COUNT,  /* what the reader has counted: number is the counter, ts_us how many */
};

struct ring_entry {
    enum ring_kind kind;
    uint64_t ts_us, number;
    uint32_t wire_len;
    int link_type;
    struct bytes data;
};

/* NULL when memory is short. */
struct ring *ring_new(void);
void ring_free(struct ring *r); /* NULL is welcome; this process's view only */

#define RING_DATA_MAX 262144 /* longest data of an entry */

/* The writer's side. False when there is no room now; there will be once the reader has taken something. */
bool ring_put(struct ring *r, const struct ring_entry *e);
void ring_close(struct ring *r); /* nothing more will come */

/* In a process that has just been made: it goes on where the one before it came to, at most a little earlier.
 */
void ring_take_over(struct ring *r);

/* The reader's side. False when there is nothing now. data is good until ring_done. */
bool ring_get(struct ring *r, struct ring_entry *e);
void ring_done(struct ring *r);            /* the entry got last may be overwritten */
bool ring_is_closed(const struct ring *r); /* and empty: ask ring_get first */

/* Sleeps a moment, longer each time that nothing has come of it. *naps: 0 at first, and after each success.
 */
void ring_nap(unsigned *naps);

/* How many bytes wait. */
size_t ring_waiting(const struct ring *r);

#endif

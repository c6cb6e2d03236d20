/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_MERGE_H
#define PROCESS_MERGE_H

#include "channel/record.h"

/* Many workers' records become one sequence.
 *
 * Files are read: in the order of their places, so that one worker and many give the same. A record waits
 * until every other worker has shown a later one (a mark, if it has nothing to tell). Whoever is not waited
 * for is not read, so memory is bounded: a worker's next record, and what one read brings.
 *
 * Live: by time, as well as can be without keeping an alert back: a record waits for those who have nothing
 * to show, but not longer than hold_us, and not when so much waits with it that its sender would be held up.
 */
struct merge;

struct merge_plan {
    unsigned n; /* workers */
    bool live;
    uint64_t hold_us;
    /* One record; its place has been checked and nothing else. */
    void (*record)(void *arg, unsigned worker, struct bytes record);
    void *arg;
};

struct merge *merge_new(const struct merge_plan *plan); /* NULL when memory is short */
void merge_free(struct merge *m);                       /* NULL is welcome */

/* Whether this worker's bytes should be read now. */
bool merge_wants(const struct merge *m, unsigned worker);

/* Room for what is read; merge_wrote says how many bytes of it came, and when (a clock that never jumps).
 * NULL when memory is short. */
uint8_t *merge_room(struct merge *m, unsigned worker, size_t *len);

/* False when what came is no sequence of records with growing places: its sender is not to be trusted any
 * more. What it sent before stands. */
bool merge_wrote(struct merge *m, unsigned worker, size_t n, uint64_t now_us);

/* The worker's sequence is over, for good or until merge_begin: nothing waits for it any more. Half a record
 * is dropped. */
void merge_end(struct merge *m, unsigned worker);
void merge_begin(struct merge *m, unsigned worker);

/* Gives every record whose turn it is. False when a record was found that is none (see merge_wrote): *bad is
 * whose. */
bool merge_run(struct merge *m, uint64_t now_us, unsigned *bad);

/* True when this worker's records have all been given. */
bool merge_is_empty(const struct merge *m, unsigned worker);

/* How long, in microseconds, until merge_run has something to do without new bytes; UINT64_MAX: never. */
uint64_t merge_wait_us(const struct merge *m, uint64_t now_us);

#endif

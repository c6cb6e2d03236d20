/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_TALLY_H
#define PROCESS_TALLY_H

#include "channel/report.h"

/* The counters of n workers become those of the sensor. */
struct tally_sum;

struct tally_sum *tally_new(unsigned n,
                            bool shared); /* shared: all workers see the same fragments. NULL: no memory */
void tally_free(struct tally_sum *s);     /* NULL is welcome */

/* One worker's share of the statistics at a place. True when they are complete: every worker has told its
 * part. */
bool tally_add(struct tally_sum *s, unsigned worker, const struct record_place *place, const struct tally *t);

/* True when some were added that are not complete, but never will be: the sequence of records is past their
 * place. */
bool tally_is_left(const struct tally_sum *s, const struct record_place *now);

/* What was added since the last time: puts the sum of it into counters[] and gives the rest. False: nothing
 * was. */
bool tally_take(struct tally_sum *s, struct tally *rest, uint64_t *ts_us);

/* counters[] = what this process has counted itself + the sum over the workers. pages: their COUNT_N counters
 * each. */
void tally_count(struct tally_sum *s, const volatile uint64_t *const *pages);

#endif

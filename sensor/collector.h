/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COLLECTOR_H
#define COLLECTOR_H

#include "correlate/ioc_sieve.h"
#include "output/output.h"

/* The half of the road that never meets a packet: the far end of the channel, correlate, output. The other
 * half is pipeline.h. */
struct collector;

/* The parts stay the caller's. NULL when memory is short. */
struct collector *collector_new(const struct config *config, const struct ruleset *rules,
                                struct output *output);
/* correlate_use_rules, correlate_forget_rules. */
void collector_use_rules(struct collector *c, const struct ruling *ruling);
void collector_forget_rules(struct collector *c);

void collector_free(struct collector *c); /* NULL is welcome */

/* Lists of indicators, in force from now on; takes both over. NULL for none. */
void collector_use_lists(struct collector *c, const struct ioc_lists *lists);

/* What workers ask before they tell of a call: theirs as long as the collector lives. */
const struct ioc_sieve *collector_sieve(const struct collector *c);

/* One record that is not one of the statistics. False when it is none: whoever sent it is not to be trusted.
 */
bool collector_record(struct collector *c, struct bytes record);

/* Packet time is now_us: what was due by then is done, though no record came in between. */
void collector_clock(struct collector *c, uint64_t now_us);

/* A stats event of the counters as they are now. */
void collector_stats(struct collector *c, uint64_t ts_us, uint64_t first_us, uint64_t last_us,
                     size_t n_flows);

/* Writes the files of what was learned and of exposure now, those that are on. */
void collector_snapshots(struct collector *c);

/* The input is over: what correlation still waits for does not come. */
void collector_finish(struct collector *c);

const struct correlate *collector_correlate(const struct collector *c);
uint64_t collector_n_alerts(const struct collector *c);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "output/output.h"

/* The road of a packet, whole: the only file besides main.c that knows every stage. */
struct pipeline_plan {
    const struct config *config;
    struct capture *capture;
    const struct ruleset *rules;
    struct output *output;
    uint64_t max_packets; /* 0 = no limit */
    void (*tick)(
        void *arg); /* every 4,096 frames, each second of packet time, and when idle; NULL for none */
    void *tick_arg;
};

struct pipeline;

/* At most one per process (libnids). The plan's parts stay the caller's. */
struct pipeline *pipeline_new(const struct pipeline_plan *plan, struct complaint *why);

/* Reads the capture to its end (or until capture_stop), judges flows that are still open, writes the closing
 * stats. */
void pipeline_run(struct pipeline *p);

/* An EVE stats event with the counters as they are now: may be called from tick (SIGUSR1). */
void pipeline_stats(struct pipeline *p);

/* Packet time of the first and last frame, 0 when there was none. */
void pipeline_times(const struct pipeline *p, uint64_t *first_us, uint64_t *last_us);

const struct correlate *pipeline_correlate(const struct pipeline *p);

void pipeline_free(struct pipeline *p); /* NULL is welcome */

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "capture/capture.h"
#include "correlate/ioc_sieve.h"
#include "detect/rules.h"
#include "process/quarantine.h"
#include "process/status.h"

/* The half of the road that meets hostile bytes: capture, decode, stream, inspect, detect, and the near end
 * of the channel. The other half is collector.h. */

enum feed_result {
    FEED_FRAME,  /* *out is filled */
    FEED_SHARED, /* the same, but every worker gets this frame, and one of them counts it */
    FEED_CLOCK,  /* another worker's frame: only time and number are filled */
    FEED_IDLE,   /* nothing for now; ask again */
    FEED_END,
};

/* Where frames come from. *source, what the frame came from, is good until the next call that names another.
 */
struct feed {
    enum feed_result (*next)(void *arg, struct frame *out, const char **source);
    void *arg;
};

struct pipeline_plan {
    const struct config *config;
    const struct ruleset *rules;
    const struct ioc_sieve *sieve; /* what may be on a list; NULL: nothing is told of that */
    struct feed feed;

    /* Which of how many workers that share the same frames. n is 1 when none are shared (live, each gets its
     * own). */
    unsigned share_index, share_n;
    bool picks; /* the feed gives all frames, and this worker picks its own */

    uint64_t max_frames; /* the number of the last frame; 0 = no limit */
    bool live;           /* else files are read, and lines say pcap_cnt */
    bool tell_stats;     /* a record of the counters each stats.interval and at the end: the collector has no
                            other */

    /* Whole records; takes them all. */
    void (*send)(void *arg, struct bytes records);
    /* Every 4,096 frames, each second of packet time, and when idle (true). False: stop here. NULL for none.
     */
    bool (*tick)(void *arg, bool idle);
    void *arg;

    struct recent *recent; /* keeps the last frames for whoever asks why this process died; NULL for none */
    struct status *status; /* begun, done, n_flows, first_us, last_us are kept up to date */
};

struct pipeline;

/* Compiles what takes long, so that workers made of this process afterwards share it. The plan's parts stay
 * the caller's. */
struct pipeline *pipeline_new(const struct pipeline_plan *plan, struct complaint *why);

/* What a worker of its own has: the flow table, libnids. Once in a process. False with a complaint. */
bool pipeline_begin(struct pipeline *p, struct complaint *why);

/* For a worker made of the process that called pipeline_new: its part of the plan in place of that one. */
void pipeline_set_plan(struct pipeline *p, const struct pipeline_plan *plan);

/* Between two frames: the rules of a later reading, and its number. Flows keep their state. A mark tells with
 * the next tick which one is gone by from here on. rules as in the plan. */
void pipeline_use_rules(struct pipeline *p, uint32_t generation, const struct ruleset *rules);

/* Reads the feed to its end, judges flows that are still open, and says so. */
void pipeline_run(struct pipeline *p);

/* Hands on what has not been: before an end that is none of pipeline_run's. */
void pipeline_flush(struct pipeline *p);

/* A line for the operator at its place among the records. */
void pipeline_log(struct pipeline *p, enum log_level level, const char *text);

void pipeline_free(struct pipeline *p); /* NULL is welcome */

#endif

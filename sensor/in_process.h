/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IN_PROCESS_H
#define IN_PROCESS_H

#include "capture/capture.h"
#include "collector.h"

/* Both halves of the road in one process, joined by a function call: for debuggers and profilers
 * (--in-process). The same records in the same order as with workers, and so the same output. */
struct in_process;

struct in_process_plan {
    const struct config *config;
    const struct ruleset *rules;
    struct capture *capture; /* the caller's */
    struct collector *collector;
    struct output *output;
    bool live;           /* interfaces are read */
    uint64_t max_frames; /* 0 = no limit */
    void (*tick)(void *arg);
    void *arg;
};

/* NULL with a complaint. Once in a process. */
struct in_process *in_process_new(const struct in_process_plan *plan, struct complaint *why);
void in_process_free(struct in_process *p); /* NULL is welcome */

/* pipeline_use_rules; from tick. */
void in_process_use_rules(struct in_process *p, uint32_t generation, const struct ruleset *rules);

void in_process_run(struct in_process *p);

void in_process_stats(struct in_process *p); /* a stats event of now; from tick */
/* As supervisor_n_flows, supervisor_held. */
uint64_t in_process_n_flows(const struct in_process *p);
void in_process_held(const struct in_process *p, uint64_t *streams, uint64_t *fragments);

void in_process_times(const struct in_process *p, uint64_t *first_us, uint64_t *last_us);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_REPLACE_H
#define PROCESS_REPLACE_H

/* Inside process/ only: what the supervisor holds, and how its children begin and are replaced. */

#include "capture/loss.h"
#include "process/child.h"
#include "process/merge.h"
#include "process/supervisor.h"
#include "process/tally.h"

#include <signal.h>

#define SECOND_US UINT64_C(1000000)

struct supervisor {
    struct supervisor_plan plan;
    struct pipeline *pipeline;
    struct merge *merge;
    struct tally_sum *tally;
    unsigned n;
    struct child *workers;
    struct child reader; /* over: there is none */
    struct ring **rings; /* one for each worker; NULL without a reader */
    struct buf reader_bytes;
    bool again;        /* the input can be read again from its beginning */
    uint64_t stats_us; /* live: when the next are due */
    uint64_t look_us;  /* when heartbeats are looked at next */
    unsigned n_quarantined;
    uint32_t generation; /* of the rules that workers are made with */
    struct loss_watch loss;
    bool failed, ending, any_ready;
    volatile sig_atomic_t stopping;
    int wake[2]; /* a pipe to ourselves: signals end a poll that way */
};

uint64_t realtime_us(void);

/* figures.c: the child that tells how far the input has been read. */
struct child *who_reads(const struct supervisor *s);

/* Reader and workers, for the first time. */
void children_begin(struct supervisor *s);

/* Live: a worker that misses an interface hands its share over to a successor that has it, and ends. */
void worker_retire(struct supervisor *s, unsigned i);

/* Tells of those that have ended, and makes their successors when it is time. */
void children_replace(struct supervisor *s);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_WORKER_H
#define PROCESS_WORKER_H

#include "capture/set.h"
#include "pipeline.h"
#include "process/descriptors.h"
#include "process/opener.h"
#include "process/quarantine.h"
#include "process/ring.h"
#include "process/status.h"

#include <sys/types.h>

/* The processes that the collector makes of itself, by fork without exec: all that they need is in memory
 * already. */

/* What one of them is to do. */
struct job {
    const struct config *config;
    const struct ruleset *rules;
    const struct ioc_sieve *sieve;
    struct pipeline *pipeline; /* made by the collector; a worker's copy is its own */
    struct capture *capture;   /* what is read, unless it comes by a ring, or live */
    struct capture_set *set;   /* live: of which its own part is taken */
    bool live;
    unsigned index, n;   /* which of how many workers */
    struct ring **rings; /* n of them; NULL: no reader, the one worker reads by itself */
    struct shared_status *status;
    struct recent *recent; /* NULL: no quarantine */
    pid_t parent;
    int pipe;                       /* to the collector, O_NONBLOCK */
    int rules_pipe;                 /* live: from it, other rules (learner.h); else -1 */
    uint64_t skip;                  /* files: the frame that killed the one before; 0 for none */
    uint64_t max_frames;            /* 0: no limit */
    const struct descriptors *keep; /* of the capture */
    bool reads_stdin;
    struct opener *opener; /* files: behind the capture's open_input */
    /* In the new process, before anything else: gives up what is none of its own. */
    void (*forget)(void *arg, const struct job *job);
    void *arg;
    bool sandbox;
    uint64_t memory; /* of its address space; 0: no limit */
};

/* Exit statuses of these processes. */
enum { JOB_DONE = 0, JOB_CANNOT_START = 3, JOB_ALONE = 4, JOB_CANNOT_OPEN = 5 };

/* In the child: from here on it is a worker. */
_Noreturn void worker_run(const struct job *job);

/* In the child: from here on it reads files for job->n workers. */
_Noreturn void reader_run(const struct job *job);

/* Once all is there that takes rights to get: everything else is given up. False with a complaint: it must
 * not go on. */
bool job_confine(const struct job *job, struct complaint *why);

/* What both begin with: ends with its parent, leaves signals and descriptors that are not its own. on_stop:
 * for SIGTERM. */
void job_begin(const struct job *job, void (*on_stop)(int sig));

#endif

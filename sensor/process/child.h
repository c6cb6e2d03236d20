/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_CHILD_H
#define PROCESS_CHILD_H

#include "base/stamp.h"
#include "process/death.h"
#include "process/learner.h"
#include "process/worker.h"

/* A process of the collector's: a worker, or the reader of files. */
struct child {
    pid_t pid;            /* 0: none now */
    int pipe;             /* what it sends; -1: nothing more will come */
    int rules_pipe;       /* live workers: rules go down it; -1: none */
    struct parcel parcel; /* what is on its way there */
    uint32_t generation;  /* of the rules that it has shown to go by */
    struct shared_status *status;
    struct recent *recent;
    bool ended; /* wait_status says how */
    int wait_status;
    bool retires; /* it was asked to end, and is to be replaced */
    bool over;    /* finished, or not to be replaced */
    enum offence offence;
    struct deaths deaths;
    uint64_t begin_us; /* when its successor is due; 0: it lives, or is over */

    uint64_t sign, sign_us,
        cpu_us;   /* the last sign of life, when it was seen, how much it had worked by then */
    bool stopped; /* by a signal */
};

/* Makes the process; it begins with run. job->pipe and job->parent are filled in here. False when the kernel
 * says no. */
bool child_begin(struct child *c, struct job *job, void (*run)(const struct job *job));

/* Looks whether it has ended or was stopped. */
void child_reap(struct child *c);

/* Looks for a sign of life; kills it when there has been none for so long. waits: that alone is no hang, for
 * it may wait for input; only if it works all the time, or somebody has stopped it. */
void child_check(struct child *c, uint64_t now_us, uint64_t hang_us, bool waits);

void child_kill(struct child *c, enum offence offence);
void child_close(struct child *c); /* its pipes */

/* Ended, and all that it sent was taken. */
bool child_is_dead(const struct child *c);

/* At the end of the program: none is left. */
void child_free(struct child *c);

#endif

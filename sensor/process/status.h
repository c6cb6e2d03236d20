/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_STATUS_H
#define PROCESS_STATUS_H

#include "base/count.h"

/* What a worker (or the reader of files) leaves for the collector to look at, in memory that both see:
 * nothing of it is lost when the process dies. Each number has one writer. The collector believes none of
 * them more than it must: they are counted and shown, and the frame decides where a successor goes on. */
#define STATUS_INTERFACES 16

struct status {
    /* Written in this order around each frame: they differ while one is being worked on. */
    volatile uint64_t begun, done; /* frame numbers; 0 before the first */
    volatile uint64_t beats;       /* grows with whatever else is no hang: waiting, being idle, starting */
    volatile uint64_t n_flows;
    volatile uint64_t stream_bytes, fragment_bytes; /* held now */
    volatile uint64_t first_us, last_us;            /* packet times */
    volatile uint32_t ready;                        /* it has started, and watches */
    volatile uint32_t complete;                     /* it has sent all that it ever will */
    volatile uint32_t rules_refused; /* the generation of rules that it could not make its own; 0: none */
    volatile uint32_t input_failed;  /* some input could not be read, or not to its end */

    /* Of the process that reads files. */
    volatile uint64_t bytes_done, bytes_total;
    volatile uint32_t file, n_files;
    volatile char source[256];

    /* Live, by the place in the settings: what the kernel had for this worker and those before it, read or
     * dropped, as of the last look. */
    struct {
        volatile uint64_t packets, drops;
    } interfaces[STATUS_INTERFACES];
};

struct shared_status;

/* One page for the status and one for the counters. NULL when memory is short. */
struct shared_status *status_new(void);
void status_free(struct shared_status *s); /* NULL is welcome */

struct status *status_of(struct shared_status *s);

/* The COUNT_N counters of the process that has called status_take. */
const volatile uint64_t *status_counters(const struct shared_status *s);

/* In the worker: the page of counters takes the place of this process's own, which are forgotten. From then
 * on counting is visible to the collector, and costs nothing more. False when the kernel refuses. */
bool status_take(struct shared_status *s);

#endif

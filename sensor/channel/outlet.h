/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANNEL_OUTLET_H
#define CHANNEL_OUTLET_H

#include "base/bytes.h"

/* The worker's end of the pipe to the collector. What a worker has seen of an attack must not die with it, so
 * findings are written at once; lines and facts may wait for company. */
struct outlet;

struct outlet_plan {
    int fd;       /* the pipe's, O_NONBLOCK; stays the caller's */
    bool patient; /* files are read: a full pipe is waited for. Otherwise nothing ever waits: see outlet_send
                   */
    size_t max_bytes;        /* what may wait for the collector here, beside what the pipe holds */
    void (*beat)(void *arg); /* called at least each second while waiting: it is not a hang */
    void *arg;
};

/* NULL when memory is short. */
struct outlet *outlet_new(const struct outlet_plan *plan);
void outlet_free(struct outlet *o); /* NULL is welcome; what waits is gone */

/* Whole records. When what waits would exceed max_bytes and the outlet is not patient, records are dropped,
 * each counted by its kind: lines and facts from half of max_bytes on, anomalies from three quarters,
 * findings last. */
void outlet_send(void *outlet, struct bytes records);

/* Writes what waits, as far as the pipe takes it; all of it when the outlet is patient. */
void outlet_flush(struct outlet *o);

/* Waits until all is written, whether patient or not, but at most so long. */
void outlet_drain(struct outlet *o, unsigned max_ms);

/* True when the collector is gone: nobody will ever read again. */
bool outlet_broken(const struct outlet *o);

size_t outlet_waiting(const struct outlet *o); /* bytes */

#endif

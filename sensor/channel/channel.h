/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANNEL_CHANNEL_H
#define CHANNEL_CHANNEL_H

#include "channel/record.h"

/* From detection to correlation. In one process a queue in memory; records are plain bytes all the same, so
 * that the two ends can stand in two processes without either noticing. */
struct channel;

/* Holds at most max_bytes of records. */
struct channel *channel_new(size_t max_bytes);
void channel_free(struct channel *c);

/* Queues the finding. False when it does not fit (counted). */
bool channel_put(struct channel *c, const struct finding *f, size_t payload_max);

bool channel_put_anomaly(struct channel *c, const struct anomaly *a);

/* Gives every queued record to fn, in order, and empties the queue. */
void channel_drain(struct channel *c, void (*fn)(void *arg, const struct record *r), void *arg);

#endif

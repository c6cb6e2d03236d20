/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANNEL_CHANNEL_H
#define CHANNEL_CHANNEL_H

#include "channel/report.h"

/* The near end of the channel from detection to correlation: collects the records of one frame, gives each
 * its place, and hands them on in order. Where they go, to another process or to a function of this one, is
 * send's affair. */
struct channel;

/* send gets whole records, one after the other, good for the call; it must take them all (or count what it
 * drops). */
struct channel *channel_new(void (*send)(void *arg, struct bytes records), void *arg);
void channel_free(struct channel *c); /* NULL is welcome; what is queued is gone */

/* The frame at hand, and where it came from. What is put from now on belongs to it, with RANK_CLOCK at first.
 * source is kept, not copied: good until the next call, or NULL. */
void channel_frame(struct channel *c, uint64_t frame, uint64_t clock_us, const char *source);

/* By which reading of the rules all is made that is put from now on; 0 at first. A mark tells of it even when
 * nothing is found. */
void channel_generation(struct channel *c, uint32_t generation);

/* Never back within one frame. */
void channel_rank(struct channel *c, enum record_rank rank);

void channel_put(struct channel *c, const struct finding *f, size_t payload_max);
void channel_put_anomaly(struct channel *c, const struct anomaly *a);
void channel_put_line(struct channel *c, const struct line *l);
void channel_put_fact(struct channel *c, const struct fact *f);
void channel_put_stats(struct channel *c, const struct tally *t);
void channel_put_mark(struct channel *c);
void channel_put_log(struct channel *c, enum log_level level, const char *text);

/* Hands on what was put since the last time. */
void channel_flush(struct channel *c);

#endif

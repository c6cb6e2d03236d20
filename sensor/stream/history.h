/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_HISTORY_H
#define STREAM_HISTORY_H

#include "base/bytes.h"
#include "stream/tcp_state.h"

/* The last bytes that were given of a direction, as they were sent: what a copy that comes later is compared
 * with, and what stands before it. For as many directions as the memory is enough for; the ones that have
 * been still for long go first. */
struct history;

#define HISTORY_BYTES 4096 /* of one direction */

/* NULL when memory is short. */
struct history *history_new(size_t memcap);
void history_free(struct history *y); /* NULL is welcome */

/* These are given now; seq is the first one's number. What was known before counts if they follow it. */
void history_note(struct history *y, struct tcp_side *h, uint32_t seq, struct bytes data);

enum copy { COPY_SAME, COPY_DIFFERS, COPY_UNKNOWN };

/* UNKNOWN: what is known of it is the same, but not all is known. */
enum copy history_compare(const struct history *y, const struct tcp_side *h, uint32_t seq, struct bytes data);

/* Copies the bytes that end right before seq, or begin right at it, at most max; says how many. */
size_t history_before(const struct history *y, const struct tcp_side *h, uint32_t seq, uint8_t *to,
                      size_t max);
size_t history_after(const struct history *y, const struct tcp_side *h, uint32_t seq, uint8_t *to,
                     size_t max);

void history_drop(struct history *y, struct tcp_side *h);

#endif

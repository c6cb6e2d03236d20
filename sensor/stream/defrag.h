/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_DEFRAG_H
#define STREAM_DEFRAG_H

#include "decode/decode.h"

/* Fragments of IP datagrams, version 4 and 6, until they are whole.
 *
 * By Linux's rule (inet_frag_queue_insert, since 4.20): a fragment that lies within what is there already is
 * a duplicate and dropped; one that overlaps it in part condemns the whole datagram. */
struct defrag;

/* Holds at most config->defrag_memcap bytes; beyond it the oldest datagram is given up. NULL when memory is
 * short. */
struct defrag *defrag_new(const struct config *config);
void defrag_free(struct defrag *d); /* NULL is welcome */

/* True when p completes its datagram: *whole then has its addresses, its transport, and p's time and number,
 * and *datagram its bytes, borrowed until the next call. */
bool defrag_packet(struct defrag *d, const struct packet *p, struct packet *whole, struct bytes *datagram);

/* After defrag_packet has given one: the same datagram with the later copies of what came twice with other
 * bytes, borrowed as the first was. Empty when no copies differed. */
struct bytes defrag_other(const struct defrag *d);

/* Gives up what began more than config->defrag_timeout_us ago. */
void defrag_tick(struct defrag *d, uint64_t now_us);

/* Gives up everything: the input has ended. */
void defrag_flush(struct defrag *d);

/* Memory held, for tests and stats. */
size_t defrag_held(const struct defrag *d);

#endif

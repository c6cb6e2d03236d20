/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_IOC_SIEVE_H
#define CORRELATE_IOC_SIEVE_H

#include "correlate/ioc.h"

/* What may be on a list, in memory that the collector writes and workers read: a worker tells of a Host
 * header or a visitor only when the sieve says perhaps, so that nothing else crosses the channel, and lists
 * that are read again are in force in workers that have no file system. A bit for each hash; no entry is ever
 * missed, and the collector, who has the lists, turns away what only looks like one. */
struct ioc_sieve;

/* Before workers are made: they inherit a view that nobody can write through, and not the writer's. NULL when
 * memory is short. Fixed: as mix_secrets, so that what is let through is the same each time. */
struct ioc_sieve *ioc_sieve_new(bool fixed);
void ioc_sieve_free(struct ioc_sieve *s); /* NULL is welcome */

/* The collector alone. NULL for no list. What is in the list before and after is never missing between. */
void ioc_sieve_fill(struct ioc_sieve *s, const struct iocs *list);

/* False: certainly on no list. */
bool ioc_sieve_host(const struct ioc_sieve *s, struct bytes host); /* a name, or an address as text */
bool ioc_sieve_addr(const struct ioc_sieve *s, const struct addr *a);
bool ioc_sieve_sha256(const struct ioc_sieve *s, struct bytes hex);

#endif

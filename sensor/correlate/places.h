/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_PLACES_H
#define CORRELATE_PLACES_H

#include "base/bytes.h"

/* Hosts and ports in what people write: authorities, URLs, lines for a shell. Nothing is resolved; a host may
 * be a name, or an address without brackets. Views into what is given. */

/* host:port as URLs and Host headers write it (RFC 3986 section 3.2), with user@ before it perhaps; n when no
 * port is written. False when there is no host in it. */
bool place_authority(struct bytes authority, uint64_t n, struct bytes *host, uint16_t *port);

/* scheme://host:port/..., and what Java's URL takes for one. False when there is no host in it, or no port is
 * known. */
bool place_url(struct bytes url, struct bytes *host, uint16_t *port);

/* Each place that a line for a shell would call: URLs; bash's /dev/tcp/HOST/PORT; HOST:PORT; a number behind
 * a host (nc HOST PORT, connect(("HOST",PORT))); what curl, wget and their like are to fetch without a
 * scheme; and the same of what stands in it in base64, of PowerShell's UTF-16 too. At most PLACES_MAX in all;
 * host is good for the call. */
#define PLACES_MAX 16
void places_find(struct bytes text, void (*fn)(void *arg, struct bytes host, uint16_t port), void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

/* Inside this folder only: a capture filter over files (pcap-filter(7)). A filter is a program for one link
 * type, and a file says only when it is read which types it has. Compiling may look up names of ports and
 * hosts, which a worker cannot any more: so it is compiled at once for every link type that decode/ opens. */

#include "base/bytes.h"
#include "base/log.h"

#include <pcap/pcap.h>

struct filters;

/* "": everything passes. NULL and a complaint when it makes no sense for Ethernet, or memory is short. */
struct filters *filters_new(const char *bpf, struct complaint *why);
void filters_free(struct filters *f); /* NULL is welcome */

/* The same look at the text alone. */
bool filter_is_sound(const char *bpf, struct complaint *why);

/* NULL when it fits the link type; else why not, as long as the filters live. */
const char *filters_misfit(const struct filters *f, int link_type);

/* Only for a link type that it fits. */
bool filters_pass(const struct filters *f, int link_type, struct bytes data, uint32_t wire_len);

const char *filters_text(const struct filters *f);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_FANOUT_H
#define CAPTURE_FANOUT_H

/* Inside this folder only: the classic BPF program by which the kernel deals frames out to the sockets of a
 * PACKET_FANOUT group (packet(7), PACKET_FANOUT_CBPF): both directions of a host pair and all fragments of a
 * datagram go to one socket, whatever the interface. */

#include "config/config.h"

#include <linux/filter.h>

#define FANOUT_MAX_WORKERS 64
#define FANOUT_MAX_CODE    4096 /* BPF_MAXINSNS of the kernel */

/* What deals: an equal seed on all interfaces gives an equal share. config says which tunnels are opened, and
 * on which ports; NULL: none. */
struct fanout_plan {
    const struct config *config;
    unsigned n_workers; /* 1 to FANOUT_MAX_WORKERS */
    uint32_t seed;      /* so that nobody outside chooses whom a worker's burden falls on */
};

/* place[k]: the place in the kernel's list of the socket that is to have share k; n_workers of them. The
 * share is a hash of the innermost pair of IP addresses in reach: below VLAN tags, MPLS, PPPoE,
 * and inside at most two of VXLAN, GENEVE, GRE (with ERSPAN), GTP-U and IP in IP, as far as decode/ would
 * open them, and of ICMP messages that quote what is unreachable. A tunnel's fragments go by the tunnel's own
 * pair. What has no IP is share 0. Returns the number of instructions written to code, which has
 * FANOUT_MAX_CODE. */
unsigned fanout_program(const struct fanout_plan *plan, const unsigned char *place, struct sock_filter *code);

#endif

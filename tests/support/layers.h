/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_LAYERS_H
#define SUPPORT_LAYERS_H

#include "support/craft.h"

/* A frame from a word, one letter per header, outermost first; all lengths and types are right:
 *   E Ethernet   V VLAN tag 0x123   M MPLS label   W control word of a pseudowire   P PPPoE session
 *   4 IPv4   6 IPv6   G GRE   K GRE with checksum, key and sequence number
 *   1 2 3 S ERSPAN (S: III with subheader), GRE included
 *   X VXLAN   x VXLAN-GPE   N GENEVE   U GTP-U   u GTP-U with extensions   Z TZSP: UDP included
 *   T TCP and REQUEST   D UDP and "query": to port 53
 * The last IP header has the addresses of craft.h; those around it end in 77. */
void layers_craft(struct craft *w, const char *word);

/* Where the header of the n-th letter of the last word begins. */
size_t layers_at(unsigned n);

/* The link type whose frames begin with that letter. */
int layers_link(const char *word);

#endif

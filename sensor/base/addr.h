/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include "base/bytes.h"

/* An IPv4 or IPv6 address in network order. IPv4 fills the first four bytes, the rest are zero, so that two
 * addresses are equal exactly when their bytes are. */
struct addr {
    uint8_t b[16];
    uint8_t version; /* 4, 6, or 0 for none */
};

#define ADDR_TEXT 46 /* INET6_ADDRSTRLEN */

struct addr addr_v4(const uint8_t b[4]);
struct addr addr_v6(const uint8_t b[16]);
bool addr_eq(const struct addr *a, const struct addr *b);

/* Bytes that count: 4, 16 or 0. */
size_t addr_len(const struct addr *a);

/* Suricata's notation: IPv4 dotted, IPv6 written in full ("2001:0db8:0000:..."), as its EVE has it. */
void addr_print(const struct addr *a, char out[ADDR_TEXT]);

/* Reads either notation. False when text is no address. */
bool addr_parse(struct bytes text, struct addr *out);

/* A network: an address and how many leading bits count. */
struct net {
    struct addr addr;
    uint8_t prefix_bits;
};

/* "10.0.0.0/8", "2001:db8::/32" or a single address. Bits beyond the prefix are cleared. */
bool net_parse(struct bytes text, struct net *out);
bool net_has(const struct net *n, const struct addr *a);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_IOC_KEY_H
#define CORRELATE_IOC_KEY_H

#include "correlate/ioc.h"

/* Inside correlate/ only: the one form in which an indicator, and a thing seen, are compared. */
struct ioc_key {
    uint8_t kind; /* enum ioc_kind; an address is the network that holds it alone */
    uint16_t len;
    uint8_t bytes[IOC_TEXT_MAX];
};

uint64_t ioc_key_hash(const struct ioc_key *k, uint64_t seed);

/* Bits of the address beyond the prefix do not count. */
void ioc_key_net(struct ioc_key *k, const struct addr *a, unsigned prefix_bits);

/* False when text is no domain: two labels of letters, digits, - and _ at least. A dot at the end is left
 * out. */
bool ioc_key_domain(struct ioc_key *k, struct bytes text);

/* A domain or an address and its port: "evil.example:1389", "[2001:0db8:...]:389". False when host is
 * neither. */
bool ioc_key_server(struct ioc_key *k, struct bytes host, uint16_t port);

/* scheme://host[:port]/path[?query]: scheme and host in small letters; user, default port, fragment left out.
 * False when text is no URL, or too long. */
bool ioc_key_url(struct ioc_key *k, struct bytes text);

bool ioc_key_sha256(struct ioc_key *k, struct bytes text);

/* What a URL is taken apart into; views into text. */
struct ioc_url {
    struct bytes scheme, host, path; /* host without brackets; path without fragment, may be empty */
    uint16_t port;                   /* the scheme's own when none is written; 0: it has none */
    bool port_default;
};

bool ioc_url_split(struct bytes text, struct ioc_url *out);

/* "host:port", "[address]:port". False when text has no port. */
bool ioc_server_split(struct bytes text, struct bytes *host, uint16_t *port);

/* The names that stand for a host: itself, then what is above it, down to two labels. Begins with at 0; false
 * when there is none left. k is overwritten each time. Names of any bytes are walked, at most their last 253.
 */
bool ioc_walk_domains(struct bytes host, size_t *at, struct ioc_key *k);

/* Prefix lengths that are in use, so that only these are asked for. */
struct ioc_lengths {
    uint64_t v4, v6[3]; /* one bit each, from 0 */
};

void ioc_lengths_add(struct ioc_lengths *l, unsigned version, unsigned bits);

/* The next shorter length in use than *bits (begin with 129), or false. */
bool ioc_lengths_next(const struct ioc_lengths *l, unsigned version, unsigned *bits);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_CALLERS_H
#define CORRELATE_CALLERS_H

#include "channel/fact.h"
#include "correlate/table.h"

/* Who called whom, lately, and who is known to call anybody: what a connection that shows no words is worth
 * as evidence. Bounded tables in packet time. A port is that of one protocol, PROTO_TCP or PROTO_UDP. */
struct callers;

/* The connections of one client to one server's port. */
struct call {
    struct table_entry entry;
    struct fact_connection first, last; /* by the time they were asked for */
    uint64_t flow_id;                   /* of last */
    uint64_t n;
    bool spoke; /* one of them had words that were understood: last_spoken */
    struct fact_connection last_spoken;
    uint64_t spoken_flow_id;
};

struct callers *callers_new(size_t max_bytes, uint64_t seed);
void callers_free(struct callers *c);          /* NULL is welcome */
size_t callers_bytes(const struct callers *c); /* kept now */

/* Notes a connection; expected: an incident waits for it, which keeps it from counting as part of a scan.
 * NULL when memory is short. The call is good until the next note. */
struct call *callers_note(struct callers *c, const struct fact_connection *f, uint64_t flow_id,
                          bool expected);

struct call *callers_find(const struct callers *c, const struct addr *client, const struct addr *server,
                          uint8_t proto, uint16_t port);

/* How many other clients than this have called there, up to CALLERS_KNOWN. */
#define CALLERS_KNOWN 8
unsigned callers_others(const struct callers *c, const struct addr *client, const struct addr *server,
                        uint8_t proto, uint16_t port);

/* Copies the TCP ports of that server that the client called, the latest first, at most CALLERS_PORTS. */
#define CALLERS_PORTS 8
unsigned callers_ports(const struct callers *c, const struct addr *client, const struct addr *server,
                       uint16_t out[CALLERS_PORTS]);

/* True when the client tried many different places around ts_us and got no further: it scans. */
bool callers_scans(const struct callers *c, const struct addr *client, uint64_t ts_us);

#endif

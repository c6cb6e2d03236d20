/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_H
#define DETECT_TRAFFIC_H

#include "detect/finding.h"

/* Traffic rules: those that name none of the sensor's own buffers, and mean what Suricata 7 means by them.
 * They are asked of packets, of streams and of transactions, beside everything else that is detected: each
 * rule that matches is a finding of its own, without attrs. docs/RULES.md says when. */
struct traffic;

/* rules stays the caller's, compiled, and must outlive it, or the next traffic_use_rules. *out is NULL when
 * there is no traffic rule: then nothing of this needs to be called. False with a complaint. */
bool traffic_new(const struct config *config, const struct ruleset *rules,
                 void (*fn)(void *arg, const struct finding *f), void *arg, struct traffic **out,
                 struct complaint *why);

/* Between two packets: what is asked from now on, from the next bytes of each direction on (stream_ask_again:
 * the new rules may want what the former had enough of). Flows keep their bits and numbers, and what waits
 * for the rest of its match goes on waiting when its rule (gid and sid) is in the new set as well. rules as
 * above; the former set is not needed any more. False when memory is short: then nothing is asked until the
 * next time. */
bool traffic_use_rules(struct traffic *t, const struct ruleset *rules);

void traffic_free(struct traffic *t); /* after every flow has ended; NULL is welcome */

/* In this order for each packet: the fields of what it completed (before inspect_chunk returns), the chunk
 * that they were found in, the packet itself. */

/* A field_fn, but for what it returns: windows are kept here. */
void traffic_field(struct traffic *t, const struct field *f);

/* Before the inspectors see it: a pass rule that the bytes of the chunk satisfy holds for all that is found
 * in them. */
void traffic_before_chunk(struct traffic *t, const struct chunk *c);

/* ENOUGH when no rule can want more of this direction. */
enum appetite traffic_chunk(struct traffic *t, const struct chunk *c);

/* stream_hooks.packet. */
void traffic_packet(struct traffic *t, struct flow *f, unsigned side, const struct packet *p);

/* True when packets have to be given at all. */
bool traffic_wants_packets(const struct traffic *t);

/* What inspection has to give of this flow (inspect_want): what rules ask for whose addresses and ports it
 * has. */
unsigned traffic_wants(struct traffic *t, struct flow *f);

/* Gives flow->traffic_slot back. */
void traffic_flow_end(struct traffic *t, struct flow *f);

#endif

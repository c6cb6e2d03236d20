/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_CONNECTION_H
#define STREAM_CONNECTION_H

#include "stream/road.h"

/* How far a TCP connection came: told once, by the packet that shows it, or by its end when nobody answers.
 * That a network or its host cannot be reached is told besides, also of UDP. */

/* After each segment of a flow, until the outcome is told. */
void connection_note(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p);

/* An ICMP message says that a packet of this side did not arrive; p is what it quotes. Believed only while
 * nobody has answered, and of TCP only when it quotes the SYN's number. */
void connection_unreachable(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p);

/* The flow ends. */
void connection_end(struct stream *s, struct flow_entry *e);

#endif

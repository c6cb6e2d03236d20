/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_TCP_H
#define STREAM_TCP_H

#include "stream/condition.h"
#include "stream/road.h"

/* A segment of a flow that it belongs to: its bytes are given, or wait, or are counted as not taken. */
void tcp_segment(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p);

/* What is known of a connection before its first packet: side 0 is that packet's sender. */
void tcp_begin(struct flow_entry *e, const struct successor *known);

/* Everything that waits is given, both directions end. */
void tcp_end(struct stream *s, struct flow_entry *e);

#endif

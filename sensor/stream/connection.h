/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_CONNECTION_H
#define STREAM_CONNECTION_H

#include "stream/road.h"

/* How far a TCP connection came: told once, by the packet that shows it, or by its end when nobody answers.
 */

/* After each segment of a flow, until the outcome is told. */
void connection_note(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p);

/* The flow ends. */
void connection_end(struct stream *s, struct flow_entry *e);

#endif

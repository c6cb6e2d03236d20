/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_PACKED_H
#define INSPECT_PACKED_H

#include "config/config.h"
#include "inspect/field.h"

/* Compressed texts in a stream that no parser takes apart: log shippers and message brokers put gzip, zlib or
 * Zstandard into frames of their own (Beats, Kafka, GELF over TCP ...). They are known by their first bytes,
 * wherever those stand, and unpacked beside the raw window, each as far as app-layer.max-inflated and a
 * hundred times what came for it, and all of a stream as far as 64 KB and a hundred times what came of that.
 * A start inside of another text is tried as well, so that a false one hides nothing; with more than four
 * under way the oldest is left (counted). Nothing is held while none is under way. */
struct packed;

/* The next bytes of the stream. *p is NULL at first and belongs to the caller, who gives it back with
 * packed_drop. What comes out is given as texts of their own, like the field given (kind, chunk, app_proto,
 * message, http; at: of the piece in its stream), with where they begin in the stream (at) and how much of it
 * they have taken (wire); long ones in pieces that overlap. last: no more comes of the stream. */
void packed_feed(struct packed **p, const struct config *config, const struct field *like, struct bytes piece,
                 bool last, field_fn *fn, void *arg);

/* The same of a text that is whole: a datagram, a message of a broker. What stands in front of compressed
 * text in one is short (rsyslog puts one byte there), so that it begins within the first PACKED_FRONT bytes,
 * or is not looked for: what is encrypted costs a glance. What comes out has no place in a stream (at and
 * wire are 0), and is a hundred times the text at most. */
void packed_whole(const struct config *config, const struct field *like, struct bytes text, field_fn *fn,
                  void *arg);

#define PACKED_FRONT 32

/* Forgets what is under way, without giving it: the stream has a hole. NULL inside is welcome. */
void packed_drop(struct packed **p);

#endif

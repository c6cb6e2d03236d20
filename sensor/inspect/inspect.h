/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include "inspect/field.h"

struct inspect;

struct inspect *inspect_new(const struct config *config, field_fn *fn, void *arg);
void inspect_free(struct inspect *i);

/* Recognises the protocol of the flow from its first bytes, on any port, and gives fields. Bytes of a
 * direction that no parser reads (any more) go through the raw window: they are never unwatched.
 * APPETITE_ENOUGH when nothing more can be read from this direction (TLS) or its depth is spent (counted). */
enum appetite inspect_chunk(struct inspect *i, const struct chunk *c);

/* Gives flow->inspect_slot back. */
void inspect_flow_end(struct inspect *i, struct flow *f);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include "inspect/field.h"

struct inspect;

struct inspect *inspect_new(const struct config *config, field_fn *fn, void *arg);
void inspect_free(struct inspect *i);

/* What is given beyond what the settings ask for, because rules need it: of the chunks that come now. None at
 * first. */
enum {
    INSPECT_HELLOS = 1,       /* a record of each TLS hello */
    INSPECT_PRINTS = 2,       /* with its JA3 */
    INSPECT_BODIES = 4,       /* responses as far as traffic-rules.body-limit: FIELD_HTTP_RESPONSE_REST */
    INSPECT_CERTIFICATES = 8, /* FIELD_TLS_CERTIFICATES */
    INSPECT_ENDS = 16,        /* an empty FIELD_HTTP_RESPONSE_REST where a response ends, of HTTP/2 with each
                               * piece: whose bytes those are, and how many they were */
};
void inspect_want(struct inspect *i, unsigned wants);

/* Recognises the protocol of the flow from its first bytes, on any port, and gives fields. Bytes of a
 * direction that no parser reads (any more) go through the raw window: they are never unwatched.
 * APPETITE_ENOUGH when nothing more can be read from this direction (TLS) or its depth is spent (counted). */
enum appetite inspect_chunk(struct inspect *i, const struct chunk *c);

/* What the flow speaks: an inspector's name, "tls", or "failed" when nobody will say. NULL while that is
 * still open. */
const char *inspect_app_proto(const struct flow *f);

/* True when the bytes that this side sends next are of a message that has begun, and which is known by its
 * head: the number is EVE's tx_id; bytes of its body so far. HTTP/1 only: elsewhere messages come whole, or
 * mixed. */
bool inspect_message(const struct flow *f, unsigned side, uint64_t *number, uint64_t *body_len);

/* True when what this side says is encrypted from here on. */
bool inspect_is_encrypted(const struct flow *f, unsigned side);

/* Gives flow->inspect_slot back. */
void inspect_flow_end(struct inspect *i, struct flow *f);

#endif

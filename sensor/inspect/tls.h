/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_TLS_H
#define INSPECT_TLS_H

#include "inspect/inspector.h"

/* What a TLS handshake says in clear (RFC 5246, RFC 8446): the name a client asks for, the protocols it
 * offers, the names in certificates up to TLS 1.2. No inspector of the registry: TLS begins anywhere in a
 * conversation (STARTTLS, CONNECT), and the raw window goes on beside it as long as both sides have not
 * agreed on TLS, so that a false hello switches nothing off. */

/* A record with a hello (RFC 8446 sections 4 and 5.1): 16, version 03 xx, length, 1 (client) or 2 (server).
 */
enum recognition tls_recognise(struct bytes first);

/* One direction's handshake, from its hello on. NULL when memory is short. */
struct tls_side;
struct tls_side *tls_side_new(void);
void tls_side_free(struct tls_side *t); /* NULL is welcome */

enum tls_state {
    TLS_CLEAR,     /* the handshake goes on in clear */
    TLS_ENCRYPTED, /* the rest of this direction cannot be read */
    TLS_NONSENSE,  /* what follows is no TLS, or a message above the ceiling of the settings */
};

/* The next bytes of the direction. Gives tls.* fields; nothing more after another answer than TLS_CLEAR.
 * *clear: so many bytes of data are of records in clear. */
enum tls_state tls_side_feed(struct tls_side *t, const struct inspecting *in, struct bytes data,
                             size_t *clear);

/* True when no message or record is under way: all that came has been read. */
bool tls_side_idle(const struct tls_side *t);

#endif

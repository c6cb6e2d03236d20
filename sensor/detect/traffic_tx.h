/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_TX_H
#define DETECT_TRAFFIC_TX_H

#include "detect/traffic_engine.h"

/* The buffers that one transaction has in one direction, all there at once. */
struct transaction {
    uint64_t has; /* buffers that it may have, one bit each */
    /* The i-th value of a buffer; false when there is none. Good until the next call. */
    bool (*get)(void *arg, enum buffer_id id, unsigned i, struct bytes *out);
    void *arg;
};

/* Asks the rules over these buffers. Those that want a body as well wait for it. */
void traffic_ask_transaction(struct traffic *t, struct situation *at, const struct transaction *tx);

/* --- traffic_certificate.c --- */

#define TRAFFIC_CERTIFICATE_BUFFERS \
    (UINT64_C(1) << BUFFER_TLS_CERT_SUBJECT | UINT64_C(1) << BUFFER_TLS_CERT_ISSUER | \
     UINT64_C(1) << BUFFER_TLS_CERT_SERIAL | UINT64_C(1) << BUFFER_TLS_CERT_FINGERPRINT | \
     UINT64_C(1) << BUFFER_TLS_CERTS)

/* A FIELD_TLS_CERTIFICATES. */
void traffic_certificates(struct traffic *t, struct situation *at, const struct field *f);

/* --- traffic_body.c --- */

/* The rule holds as far as the head goes: it waits for the body of this message. */
void traffic_body_wait(struct traffic *t, const struct situation *at, uint32_t rule);

/* The next bytes of a body or file. first: it begins, last: no more will come. */
void traffic_body_piece(struct traffic *t, struct situation *at, struct bytes piece, bool first, bool last);

void traffic_bodies_drop(struct traffic *t, struct traffic_flow *tf);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_MESSAGE_H
#define INSPECT_LDAP_MESSAGE_H

#include "inspect/ber.h"
#include "inspect/inspector.h"

/* One LDAP message (RFC 4511 section 4.1.1), whole: the fields it gives. */

enum ldap_op_kind { LDAP_OP_UNKNOWN, LDAP_OP_REQUEST, LDAP_OP_RESPONSE };

/* By the tag of protocolOp. */
enum ldap_op_kind ldap_op_kind(uint8_t tag);

#define LDAP_MAX_OPEN 8 /* requests that wait for their end; beyond it the oldest is forgotten */

/* A search (or bind) whose last answer has not come. */
struct ldap_open {
    uint64_t number;
    uint32_t id;        /* messageID */
    const char *client; /* ldap.client; NULL for anything but a search */
    bool used;          /* the place is taken */
    bool lookup;        /* a search as the JDK sends it for a lookup */
    bool got_java, got_entry, got_referral;
    bool missed; /* something of the server's was lost, or could not be read: perhaps of this answer */
};

/* What is remembered between messages of a flow. Zero at first. */
struct ldap_talk {
    uint64_t n_requests;
    struct ldap_open open[LDAP_MAX_OPEN];
    uint8_t next_open;
    bool opened;              /* the first request of weight was told (flow.opening) */
    bool windows;             /* the client binds as Windows does */
    bool given_raw;           /* the message being read has been given raw already */
    size_t cut_from;          /* values so long may be cut in it; 0: none is */
    bool bound, binds_as_jdk; /* it has bound; the last time so */
    bool skips;               /* a message id is not the one behind the last */
    uint32_t last_id;         /* 0: no request yet */
};

/* Number of the request that was sent last; from 0. */
uint64_t ldap_talk_number(const struct ldap_talk *t);

/* Gives TEXT fields of requests, a FACT for what is understood, and raw what no field covers. A message that
 * cannot be read is given raw and counted (LDAP_MALFORMED). */
void ldap_message(struct ldap_talk *t, const struct inspecting *in, struct bytes pdu);

/* Bytes of the server were lost, or too long to be read: nobody knows any more what the open searches got. */
void ldap_talk_missed(struct ldap_talk *t);

/* A JDK's lookup waits for its answer. */
bool ldap_talk_waits(const struct ldap_talk *t);

/* The client says no more: what it came for is told if nothing else has told it. */
void ldap_talk_end(struct ldap_talk *t, const struct inspecting *in);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_MESSAGE_H
#define INSPECT_LDAP_MESSAGE_H

#include "inspect/ber.h"
#include "inspect/inspector.h"

/* One LDAP message (RFC 4511 section 4.1.1), whole: the fields it gives. */

enum ldap_op_kind { LDAP_OP_UNKNOWN, LDAP_OP_REQUEST, LDAP_OP_RESPONSE };

/* By the tag of protocolOp. */
enum ldap_op_kind ldap_op_kind(uint8_t tag);

/* What is remembered between messages of a flow. */
struct ldap_talk {
    uint64_t n_requests;
};

/* Number of the request that is being answered, or was sent last; from 0. */
uint64_t ldap_talk_number(const struct ldap_talk *t);

/* Gives TEXT fields of requests, a FACT for what is understood, and raw what no field covers. A message that
 * cannot be read is given raw and counted (LDAP_MALFORMED). */
void ldap_message(struct ldap_talk *t, const struct inspecting *in, struct bytes pdu);

#endif

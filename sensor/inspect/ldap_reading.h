/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_READING_H
#define INSPECT_LDAP_READING_H

#include "inspect/ldap_message.h"

/* What the files that read LDAP messages share; nobody else includes this. */

enum {
    LDAP_BOOLEAN = 0x01,
    LDAP_INTEGER = 0x02,
    LDAP_OCTETS = 0x04,
    LDAP_ENUM = 0x0a,
    LDAP_SEQUENCE = 0x30,
};

/* protocolOp tags, RFC 4511 section 4.2 to 4.13. */
enum {
    LDAP_OP_BIND = 0x60,
    LDAP_OP_BIND_RESPONSE = 0x61,
    LDAP_OP_UNBIND = 0x42,
    LDAP_OP_SEARCH = 0x63,
    LDAP_OP_ENTRY = 0x64,
    LDAP_OP_DONE = 0x65,
    LDAP_OP_MODIFY = 0x66,
    LDAP_OP_MODIFY_RESPONSE = 0x67,
    LDAP_OP_ADD = 0x68,
    LDAP_OP_ADD_RESPONSE = 0x69,
    LDAP_OP_DELETE = 0x4a,
    LDAP_OP_DELETE_RESPONSE = 0x6b,
    LDAP_OP_RENAME = 0x6c,
    LDAP_OP_RENAME_RESPONSE = 0x6d,
    LDAP_OP_COMPARE = 0x6e,
    LDAP_OP_COMPARE_RESPONSE = 0x6f,
    LDAP_OP_ABANDON = 0x50,
    LDAP_OP_REFERENCE = 0x73,
    LDAP_OP_EXTENDED = 0x77,
    LDAP_OP_EXTENDED_RESPONSE = 0x78,
    LDAP_OP_INTERMEDIATE = 0x79,
};

/* A message being read. */
struct reading {
    struct ldap_talk *talk;
    const struct inspecting *in;
    uint64_t number; /* of the request that it is, or answers */
    uint32_t id;
    struct bytes pdu;
    struct bytes controls; /* what follows the operation */
    unsigned n_texts;
    uint32_t version; /* of a bind */
};

/* A server may log what came, or what it means: both are given where they differ. */
void ldap_give_text(struct reading *r, enum field_kind kind, struct bytes text);
void ldap_give_raw(struct reading *r, struct bytes text);
void ldap_give_fact(struct reading *r, const struct attrs *a);

/* One LDAP_REQUEST_CONTROL per control's name. True when JNDI's own is the only one (RFC 3296, not critical).
 */
bool ldap_add_controls(const struct reading *r, struct attrs *a);

/* The message is a request that says what the client wants of this flow: the first to do so is marked. */
void ldap_add_opening(struct reading *r, struct attrs *a);

/* Read the value of a protocolOp with this tag. False when it cannot be read. */
bool ldap_read_request(struct reading *r, struct ber op);
bool ldap_read_answer(struct reading *r, struct ber op);

#endif

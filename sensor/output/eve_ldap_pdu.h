/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_EVE_LDAP_PDU_H
#define OUTPUT_EVE_LDAP_PDU_H

#include "base/jsonw.h"

/* What an ldap record says that no rule asks for, read from the message itself (RFC 4511 section 4): as much
 * of it as can be read. Each writes its keys into the object that is open. */

/* version; sasl with its mechanism. Credentials are not written. */
void eve_ldap_bind(struct jsonw *w, struct bytes pdu);

/* size_limit, time_limit, types_only of a search. */
void eve_ldap_limits(struct jsonw *w, struct bytes pdu);

/* attributes of an entry: type, and the first values, each cut, text as it is and all else in hex behind 0x;
 * none of passwords. False when there are none, or they cannot be read: nothing is written then. */
bool eve_ldap_attributes(struct jsonw *w, struct bytes pdu, bool values);

#endif

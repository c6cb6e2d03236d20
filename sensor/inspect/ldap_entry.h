/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_ENTRY_H
#define INSPECT_LDAP_ENTRY_H

#include "base/buf.h"
#include "inspect/attr.h"

/* What a SearchResultEntry (the value of its protocolOp, and what follows it in the message) tells: the Java
 * object it stands for (RFC 2713), if any, and the names of its attributes. Values are views into entry, and
 * into room where something had to be decoded: a buf within LDAP_ENTRY_ROOM, the caller's to drop when it is
 * done with *a. False when it cannot be read; *a then holds what could. */
bool ldap_entry_attrs(struct bytes entry, struct attrs *a, struct buf *room);

#define LDAP_ENTRY_ROOM 65536 /* bytes of base64 that are decoded in one entry */

#endif

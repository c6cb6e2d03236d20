/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_ENTRY_H
#define INSPECT_LDAP_ENTRY_H

#include "inspect/attr.h"

/* What a SearchResultEntry (the value of its protocolOp) tells: the Java object it stands for (RFC 2713), if
 * any, and the names of its attributes. Values are views into entry. False when it cannot be read; *a then
 * holds what could. */
bool ldap_entry_attrs(struct bytes entry, struct attrs *a);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_TEXT_H
#define INSPECT_LDAP_TEXT_H

#include "base/buf.h"

/* A name or a filter value as it was meant: "\24" and "\," without their backslashes (RFC 4514 section 2.4,
 * RFC 4515 section 3). Appended to out; false, with nothing appended, when there is no escape in it or out
 * has no room. Never longer than in. */
bool ldap_unescape(struct bytes in, struct buf *out);

#endif

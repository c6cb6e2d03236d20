/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_FILTER_H
#define INSPECT_LDAP_FILTER_H

#include "base/buf.h"
#include "inspect/ber.h"

/* A search filter (RFC 4511 section 4.5.1.7). */

typedef void ldap_filter_fn(void *arg, struct bytes text);

/* Each value that is searched for, and each attribute name with a "$" in it: attribute names are the
 * program's, not the user's, with rare exceptions. False when the filter cannot be read, or nests deeper than
 * 24: some of it was not given then. */
bool ldap_filter_texts(struct ber filter, ldap_filter_fn *fn, void *arg);

/* Appends the filter as RFC 4515 writes it: (&(objectClass=person)(uid=alice)). Bytes that no text has are
 * written as \XX. False when it cannot be read or out has no room: what was appended is its beginning. */
bool ldap_filter_print(struct ber filter, struct buf *out);

#endif

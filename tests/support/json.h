/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_JSON_H
#define SUPPORT_JSON_H

#include "base/bytes.h"

/* A strict reader for tests: what a picky consumer of EVE would accept. */

/* True when doc is exactly one JSON value (RFC 8259): strings well-formed UTF-8, no object with a key twice
 * or with more than 100 keys (Arkime's limit), nothing before or behind it. */
bool json_valid(struct bytes doc);

/* The text of the value at "alert.context.jndi.port", as it stands in the valid doc (strings with their
 * quotes); p NULL when there is none. */
struct bytes json_get(struct bytes doc, const char *path);

/* The same, compared: json_is(doc, "alert.gid", "1"). */
bool json_is(struct bytes doc, const char *path, const char *text);

#endif

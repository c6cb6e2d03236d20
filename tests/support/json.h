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

/* For tests, which have cmocka.h. value is the text of it, with its quotes. */
#define assert_json(text, path, value) \
    do { \
        struct bytes found_ = json_get(text, path); \
        if (!bytes_eq(found_, bytes_str(value))) \
            fail_msg("%s is %.*s, not %s", path, (int)found_.len, (const char *)found_.p, value); \
    } while (0)
#define assert_no_json(text, path) assert_null(json_get(text, path).p)

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_URI_H
#define DETECT_TRAFFIC_URI_H

#include "base/bytes.h"

/* A request target as http.uri shows it: what libhtp's IDS personality makes of it in Suricata 7. Measured
 * against Suricata 7.0.10, target by target (tests/unit/test_traffic_uri.c has the table). */

struct uri_parts {
    struct bytes host, path, query, fragment; /* p NULL: none */
};

void uri_split(struct bytes target, struct uri_parts *out);

/* Path, query and fragment: percent-encoding undone once, in the path %u as well, UTF-8 made one byte a
 * character, slashes and dot segments made plain. Writes at most target.len bytes. BYTES_NONE: there is
 * neither of the three. */
size_t uri_normal(struct bytes target, uint8_t *out);

#endif

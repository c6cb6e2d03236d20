/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_TRANSFORM_H
#define DETECT_RULE_TRANSFORM_H

#include "detect/rule_traffic.h"

/* What a buffer becomes before it is asked about: Suricata's rules/transforms. */

#define TRANSFORM_BYTES_MAX \
    65536 /* of a value; what is beyond is not looked at and counted as detect.scan_failed */

struct transform_room {
    uint8_t bytes[2][TRANSFORM_BYTES_MAX + 1]; /* dotprefix adds one */
};

/* The value after n transforms, one after the other; in room, or value itself when none changed it. pcre:
 * what pcrexform works in, its work allowed by the caller. */
struct bytes rule_transform_all(const struct rule_transform *t, unsigned n, struct bytes value,
                                struct transform_room *room, struct pcre_scratch *pcre);

/* True when both lists make the same of every value. */
bool rule_transforms_same(const struct rule_transform *a, unsigned n_a, const struct rule_transform *b,
                          unsigned n_b);

#endif

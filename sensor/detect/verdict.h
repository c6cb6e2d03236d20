/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_VERDICT_H
#define DETECT_VERDICT_H

#include "detect/jndi_name.h"
#include "detect/resolve.h"

#define VERDICT_COMMAND_MAX 1024

/* What a resolved lookup comes to, in the words of rules and events: the same for traffic, log files and
 * texts typed in by hand. */
struct verdict {
    struct attrs
        attrs; /* stage, name and its parts, effective, techniques, leaks; whoever knows the place adds it */
    struct jndi_name name;
    struct bytes raw;     /* as it came: the piece, or the slice of it when nothing was taken off */
    struct bytes decoded; /* the expression that was worked out, without encodings */
    unsigned depth;
    unsigned confidence;     /* 0..100 */
    const char *ineffective; /* NULL when a JDK would connect */
    const char *versions;    /* smallest range of Log4j versions that can run it */
    char port[6];
    size_t command_len;
    uint8_t command[VERDICT_COMMAND_MAX]; /* what a tool's path in the name asks for, decoded */
};

/* Views into r and into out itself, which is not to be copied. */
void verdict_of(const struct resolved *r, struct verdict *out);

#endif

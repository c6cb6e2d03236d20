/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_FINDING_H
#define DETECT_FINDING_H

#include "detect/rules.h"
#include "inspect/field.h"

/* What was seen, unwrapped, and the rule that says it matters. Views, good for the call. */
struct finding {
    const struct rule *rule;
    const struct field *field; /* where: kind, name, flow, side, packet, transaction */
    const struct attrs *attrs; /* what: jndi.*, ldap.*, java.* ... */
    struct bytes payload;      /* the text or PDU it was found in */
    struct bytes raw;          /* lookups: the slice of payload that holds it */
    struct bytes decoded;      /* lookups: the text as Log4j would have got it */
    unsigned depth;            /* lookups: nesting */
    unsigned confidence;       /* 0..100 */
    const char *ineffective;   /* lookups: why no JDK would connect, NULL when one would */
    const char
        *versions; /* lookups: smallest range of Log4j versions that can run it; NULL = all before 2.15 */
};

#endif

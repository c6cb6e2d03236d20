/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_JNDI_NAME_H
#define DETECT_JNDI_NAME_H

#include "base/bytes.h"

/* A name as InitialContext.lookup gets it, taken apart as the JDK's URL contexts do. Views into the name, but
 * for an IPv4 address that is written in another way than with four numbers, or as an IPv6 one: that is
 * written out in dots. */
struct jndi_name {
    struct bytes scheme; /* in the case it has; "java" for a name without a colon */
    struct bytes user;   /* before an "@", empty without one */
    struct bytes host;   /* without brackets; empty when the name has no authority */
    struct bytes path;   /* what follows the authority, without its slash */
    uint16_t port;       /* JNDI's default for the scheme when there is none; 0 when unknown */
    bool local_bypass;   /* Log4j 2.15.0 takes the name for one of its own host, an old JDK for another's */
    const char *ineffective; /* why no JDK would connect anywhere, NULL when one would */
    char dotted[16];
};

/* Always succeeds: what cannot be made out stays empty. Sources: com.sun.jndi.{ldap,rmi,dns} of JDK 8 and 17.
 */
void jndi_name_parse(struct bytes name, struct jndi_name *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_FACTS_H
#define OUTPUT_FACTS_H

#include "correlate/correlate.h"

/* What both the EVE line and the terminal line say of an alert, worked out once. Views into the alert, good
 * as long as it is; p NULL where nothing is known. Not to be copied: host may point into host_text. */
struct facts {
    unsigned src, dst; /* sides: the packet that showed it went from src to dst */
    bool to_server;
    bool attacker_known, victim_known;
    unsigned attacker, victim; /* sides */
    struct bytes lookup;       /* the first name handed to JNDI */
    struct bytes scheme, host; /* of the lookup; of the server, when a victim is seen calling it */
    bool port_known;
    uint16_t port;
    struct bytes location, name; /* where in the protocol; which header */
    char host_text[ADDR_TEXT];
};

void facts_of(struct facts *f, const struct alert *a);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_DNS_NOTE_H
#define INSPECT_DNS_NOTE_H

#include "base/cursor.h"
#include "inspect/view.h"

/* What a DNS message says, gathered while dns.c reads it: for records and for correlation. Texts are copied,
 * as far as there is room; what does not fit is left out of the view. */

#define DNS_NOTE_ROOM 4096

struct dns_note {
    struct dns_view view;
    bool texts; /* names and texts of the answer are wanted, not only its addresses */
    bool plain; /* one question of class IN, and nothing else */
    size_t used;
    uint8_t room[DNS_NOTE_ROOM];
};

/* head: the message's first 12 bytes (RFC 1035 section 4.1.1); shorter is as good as none. */
void dns_note_begin(struct dns_note *n, struct bytes head, bool texts);

void dns_note_question(struct dns_note *n, struct bytes name, uint16_t type, uint16_t class);

/* A record of the answer section. text: its data, when that is a name or text; data: as sent. */
void dns_note_answer(struct dns_note *n, struct bytes name, uint16_t type, uint32_t ttl, struct bytes text,
                     struct bytes data);

/* The message is read to its end. Says whether it is a query as the JDK's JNDI provider sends it: recursion
 * desired and no other flag, one question for TXT (what a lookup asks for) or ANY (what listing attributes
 * does), no EDNS. Ordinary resolvers ask for addresses, and most say what size they take. */
void dns_note_end(struct dns_note *n);

#endif

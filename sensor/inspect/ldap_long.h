/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LDAP_LONG_H
#define INSPECT_LDAP_LONG_H

#include "inspect/hold.h"

/* A message that is longer than may be held, read as it comes: all of its elements stay, long values are cut
 * to a quarter of the ceiling, at most LDAP_LONG_VALUE. What is left is a message like any other. A client
 * reads such a one to its end, so padding must not hide what lies behind it. Constant work per byte. */
#define LDAP_LONG_VALUE 65536

struct ldap_long; /* NULL: there is none */

struct ldap_long *ldap_long_new(size_t ceiling); /* NULL when memory is short */
void ldap_long_free(struct ldap_long *l);        /* NULL is welcome */

enum ldap_long_state {
    LDAP_LONG_MORE, /* all of *data is taken */
    LDAP_LONG_OVER, /* the message has ended; what follows is left in *data */
    LDAP_LONG_BAD,  /* it is no BER from somewhere on, the rest of *data among it */
};

/* Takes bytes off the front of *data. */
enum ldap_long_state ldap_long_take(struct ldap_long *l, struct bytes *data);

/* The message as far as it has come, in good order; l's own. No more can be taken after that. */
struct bytes ldap_long_message(struct ldap_long *l);

/* Elements had to be left out: nobody can say what is not in the message. */
bool ldap_long_lacks(const struct ldap_long *l);

/* Values of so many bytes may have been longer. */
size_t ldap_long_cut_from(const struct ldap_long *l);

#endif

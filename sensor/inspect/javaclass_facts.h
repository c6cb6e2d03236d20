/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_JAVACLASS_FACTS_H
#define INSPECT_JAVACLASS_FACTS_H

#include "inspect/attr.h"

/* What a class file says of itself before anybody runs it (JVMS chapter 4): from its constant pool, and from
 * the constants that its code hands on next to each other. */

#define JAVA_CLASS_TEXTS     12 /* of each kind; further ones are not kept */
#define JAVA_CLASS_HOSTS     6
#define JAVA_CLASS_HOST_TEXT 264   /* a host's name, a colon and a port */
#define JAVA_CLASS_CONSTANTS 65536 /* more than a pool can have, so that none is hidden behind others */

struct java_class_facts {
    uint16_t major;           /* 52 is Java 8 */
    struct bytes name, super; /* with slashes; empty when they lie behind what is at hand, or make no sense */
    uint64_t apis;            /* one bit per row of the table in the .c file */
    unsigned n_urls, n_commands, n_hosts;
    struct bytes urls[JAVA_CLASS_TEXTS], commands[JAVA_CLASS_TEXTS];
    char hosts[JAVA_CLASS_HOSTS][JAVA_CLASS_HOST_TEXT]; /* "203.0.113.9:4444", or without a port */
    char version[8];                                    /* "8"; empty when unknown */
};

/* False when file does not begin as a class file does. Of a file that is cut, what its part says. One walk
 * over the pool and one over what is behind it; nothing is allocated. Views into file. */
bool java_class_read(struct bytes file, struct java_class_facts *out);

/* Adds JAVA_API, JAVA_COMMAND, JAVA_URL and JAVA_HOST, each value once. facts must live as long as a is used.
 */
void java_class_add_attrs(const struct java_class_facts *facts, struct attrs *a);

#endif

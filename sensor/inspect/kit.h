/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_KIT_H
#define INSPECT_KIT_H

#include "base/buf.h"
#include "inspect/attr.h"

/* The tools that serve JNDI attacks take their orders in the name that is looked up: which payload to send,
 * and the command it is to run. Names of payloads are read from their documentation (kit.c has the table). */

#define KIT_COMMAND_MAX 2048 /* bytes of a decoded command */

struct kit {
    const char *name;     /* the tool, or the tools that understand this path; NULL: a path like any other */
    struct bytes payload; /* its word for what it serves: "TomcatBypass", "Deserialization/URLDNS"; a view */
};

/* path: a search base, a registry name, or what follows the authority of a URL. The command, host or domain
 * that the payload is made for is appended to command, decoded where it was encoded; nothing when there is
 * none. command may be NULL. */
struct kit kit_of_path(struct bytes path, struct buf *command);

/* Adds JNDI_KIT, JNDI_PAYLOAD and JNDI_COMMAND, as far as there are any. */
void kit_add_attrs(const struct kit *kit, struct bytes command, struct attrs *a);

/* The tool whose ready-made classes have this name; NULL when none is known for it. */
const char *kit_of_class(struct bytes class_name);

/* The tool that makes references like this one: known by its factory, or else by the names that it writes
 * down itself. NULL when none is known for it. */
const char *kit_of_reference(struct bytes class_name, struct bytes factory, struct bytes codebase);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_RMI_MESSAGE_H
#define INSPECT_RMI_MESSAGE_H

#include "inspect/inspector.h"

/* One JRMP message: the fields it gives. */

/* What is remembered between messages of a flow. */
struct rmi_talk {
    uint64_t n_calls;
    bool lookup_open; /* the last call was a registry lookup, not answered yet */
    char name[64];    /* that was looked up last, as far as it fits; "" for none */
    bool greeted;     /* there was a handshake */
    bool opened;      /* the first call was told (flow.opening) */
};

/* Size of the Call (50) or Return (51) at the front of text, 0 while that cannot be said: calls of methods
 * that we do not know end where the other side begins. */
size_t rmi_object_size(struct bytes text);

/* Gives the fields of a message, whole or as far as it came: a name looked up, a FACT, and raw what holds
 * text. */
void rmi_message(struct rmi_talk *t, const struct inspecting *in, struct bytes message);

/* The client says no more: what it came for is told if nothing else has told it. */
void rmi_talk_end(struct rmi_talk *t, const struct inspecting *in);

#endif

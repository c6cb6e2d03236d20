/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_GIOP_MESSAGE_H
#define INSPECT_GIOP_MESSAGE_H

#include "inspect/inspector.h"

/* One GIOP message (OMG formal/2011-11-02, section 9.4), whole: the fields it gives. */

#define GIOP_HEADER 12 /* "GIOP", version, flags, type, size */

enum giop_type {
    GIOP_REQUEST,
    GIOP_REPLY,
    GIOP_CANCEL_REQUEST,
    GIOP_LOCATE_REQUEST,
    GIOP_LOCATE_REPLY,
    GIOP_CLOSE_CONNECTION,
    GIOP_MESSAGE_ERROR,
    GIOP_FRAGMENT,
    GIOP_TYPE_N
};

/* What is remembered between messages of a flow. Zero at first. */
struct giop_talk {
    uint64_t n_requests;
    bool opened; /* the first request was told (flow.opening) */
};

/* message: header and body, the bodies of its fragments joined to it. Gives what is understood as a FACT, and
 * all of it raw. What cannot be read is counted (GIOP_MALFORMED). */
void giop_message(struct giop_talk *t, const struct inspecting *in, struct bytes message);

#endif

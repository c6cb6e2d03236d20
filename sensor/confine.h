/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFINE_H
#define CONFINE_H

#include "config/config.h"
#include "options.h"

/* From the command line and the settings to what the collector gives up: who it becomes, which places it
 * keeps. process/privileges.h and process/sandbox.h say what that means. */

struct confine_plan {
    const struct config *config;
    const struct options *options;
    bool live;
    bool files;         /* something is written to the log directory */
    const char *socket; /* the control socket's file, to be removed at the end; NULL: there is none */
};

/* Between opening the interfaces and opening the outputs; before the first worker. What it cannot give up for
 * lack of a kernel that takes it is said in a warning; with --no-sandbox nothing is given up, and that is
 * said, too. False with a complaint: the program must not go on. */
bool confine(const struct confine_plan *plan, struct complaint *why);

#endif

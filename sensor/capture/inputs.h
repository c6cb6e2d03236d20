/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_INPUTS_H
#define CAPTURE_INPUTS_H

#include "base/log.h"

/* What -r names, as a list of files: a directory stands for the captures in it. */

#define INPUTS_MAX 1000000

struct inputs {
    char **paths; /* n of them, owned */
    unsigned n;
    unsigned max;
};

/* A path that is no directory is taken as it is ("-" too), and reported by whoever opens it. A directory, not
 * those below it, gives its captures by the time of their first packet, then by name; those without a packet,
 * and files that may not be read, come last. What is no capture, packed or not, is passed over with one log
 * line for the directory. One file is open at a time. False with a complaint when a directory cannot be read
 * or has no capture, when there are more than INPUTS_MAX files or memory is short; out is then empty. Free
 * with inputs_drop. */
bool inputs_find(struct inputs *out, const char *const *paths, unsigned n, struct complaint *why);
void inputs_drop(struct inputs *in); /* a zeroed one is welcome */

#endif

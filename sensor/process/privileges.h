/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_PRIVILEGES_H
#define PROCESS_PRIVILEGES_H

#include "base/buf.h"
#include "base/log.h"

#include <stdbool.h>

/* Who the program is, and which capabilities it holds (credentials(7), capabilities(7)). It may be started as
 * root, as a plain user with CAP_NET_RAW (file capability or ambient), or with nothing to read files. */

struct privileges_plan {
    const char *user, *group;  /* run-as.*: a name or a number; "": chosen, see below */
    const char *log_dir;       /* NULL: no file is written */
    const char *const *inputs; /* files and directories that are opened later */
    unsigned n_inputs;
    bool live; /* CAP_NET_RAW stays, so that a capture socket can be opened again */
};

/* Root becomes somebody else: plan->user, or else jndi-sensor, or else nobody. Afterwards no capability is
 * left but CAP_NET_RAW (live), whoever started the program. Call it once the capture sockets are open, before
 * any output file is, and before any thread.
 *
 * Which files it may touch is decided apart. With plan->user: those of that user. Without: those of the owner
 * of log_dir (root, when nothing is written), so that what root was told to write can be opened again after a
 * rotation. This is fsuid alone: signals, /proc and new processes go by the user above. When no user is named
 * and an input is closed even to that owner, CAP_DAC_READ_SEARCH stays as well.
 *
 * The signal that was asked for at the parent's death is kept: the kernel forgets it at such a change.
 * False with a complaint: no such user or group, or a user is named and the kernel refuses the change. Where
 * the kernel has no other user to offer (a name space that maps root alone) and none is named, it stays.
 * Started by anybody but root, run-as.* is not looked at. */
bool privileges_drop(const struct privileges_plan *plan, struct complaint *why);

/* The worker's share: every set of capabilities empty (the bounding set as far as privileges_drop could), and
 * files by the user alone. Irrevocable. False when the kernel refuses: the worker must not go on. */
bool privileges_forget(void);

/* "user nobody, files of root, cap_net_raw": for the start-up line. */
void privileges_describe(struct buf *out);

#endif

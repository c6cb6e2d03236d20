/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_CTL_TALK_H
#define COMMANDS_CTL_TALK_H

#include "base/log.h"

#include <jansson.h>

/* The client's end of the control socket: control/request.h says what is spoken. */

/* Connected, and greeted. A descriptor; -1 with a complaint: nobody answers there, or somebody who speaks
 * otherwise. */
int ctl_connect(const char *path, struct complaint *why);

/* Asks, and waits for the answer, which may take minutes when rules are compiled. The answer, an object with
 * "return": the caller's to json_decref. arguments (may be NULL) stay the caller's. NULL with a complaint. */
json_t *ctl_ask(int fd, const char *command, json_t *arguments, struct complaint *why);

/* Whether an answer is "return": "OK". */
bool ctl_good(const json_t *answer);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_CTL_PRINT_H
#define COMMANDS_CTL_PRINT_H

#include "base/buf.h"

#include <jansson.h>

/* What the sensor answered, for people: lists of incidents, hosts and ceilings as tables, anything else a
 * line for each value, the deeper the further in. Nothing in it reaches a terminal but what can be seen. */
void ctl_print(struct buf *out, const char *command, const json_t *message);

#endif

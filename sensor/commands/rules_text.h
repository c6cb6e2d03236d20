/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_RULES_TEXT_H
#define COMMANDS_RULES_TEXT_H

#include "base/buf.h"
#include "detect/rules.h"

/* Rules in words, for people. Messages and contents come from rule files: they are written as they may be
 * written to a terminal. */

/* One line: sid, kind, severity, the buffers that it asks about, message. */
void rule_print_line(struct buf *out, const struct rule *rule);

/* All of it, a line for each thing: where it stands, what it asks of which buffer, by what it is found, how
 * often it may speak, what it says of itself. */
void rule_print(struct buf *out, const struct rule *rule);

#endif

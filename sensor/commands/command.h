/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "arguments.h"

/* What the program does when its first word is the name of a command. */

/* As grep's: what could not be read makes "nothing found" unreliable. */
enum command_status { COMMAND_FOUND = 0, COMMAND_NOT_FOUND = 1, COMMAND_ERROR = 2 };

struct command {
    const char *name, *words, *summary;
    const struct option_table *options;
    const char *notes;                  /* for --help, below the options */
    int (*run)(int argc, char *argv[]); /* argv[0] is the command's name; the exit status */
};

extern const struct command ctl_command, decode_command, rules_command, scan_command;

/* NULL when the word is no command. */
const struct command *command_find(const char *word);

/* Runs the command that argv[1] names, which exists. The exit status. */
int command_run(int argc, char *argv[]);

/* One command's help, on stdout. The exit status. */
int command_help(const struct command *c);

/* Tells the operator what is wrong, and where help is. COMMAND_ERROR. */
int command_refuse(const struct command *c, const struct complaint *why);

/* Writes text to stdout and clears it. False when that is the end: *status is the exit status. A reader that
 * left is a quiet end (COMMAND_FOUND: it has seen what it wanted); anything else is said. */
bool command_put(struct buf *text, int *status);

/* A line per command. */
void commands_list(struct buf *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SWITCH_H
#define SWITCH_H

#include "collector.h"
#include "in_process.h"
#include "process/supervisor.h"
#include "reload.h"

/* From one rulebook to the next while the sensor watches. The collector knows both until no worker goes by
 * the earlier one any more, and nothing that was found by it is on its way; then that one is freed. */
struct rule_switch {
    const struct config *config;
    const struct options *options;
    struct collector *collector;
    struct output *output;
    struct supervisor *supervisor; /* one of them, and the other NULL */
    struct in_process *in_process;
    struct rulebook *now, *before; /* before: NULL when the switch is complete */
    uint32_t generation;           /* given last */
};

/* Reads the rules that the program starts with. False with a
 * complaint. */
bool switch_begin(struct rule_switch *s, const struct config *config, const struct options *options,
                  struct complaint *why);

/* Once collector and output are there: what the rules mean to them. */
void switch_ready(struct rule_switch *s);

/* As a part of what is reloaded. arg: the switch, with all its members set. */
extern const struct reload_part switch_part;

/* Several times a second: frees what nobody needs any more. */
void switch_look(struct rule_switch *s);

void switch_end(struct rule_switch *s); /* when nobody uses the rules any more */

#endif

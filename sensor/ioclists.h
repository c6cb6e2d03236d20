/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOCLISTS_H
#define IOCLISTS_H

#include "config/config.h"
#include "collector.h"
#include "correlate/ioc.h"
#include "reload.h"

/* Reads iocs.files, iocs.allow-files and iocs.never-files, anew each time. The lists are the caller's
 * (ioc_lists_free, or collector_use_lists). Patterns may match nothing; a file that is named must be there.
 * False with a complaint (file:line: what, and the cure), and then none is given. */
bool ioclists_load(const struct config *config, struct ioc_lists *lists, struct complaint *why);

/* The lists that the program starts with, and their part in a reload. */
struct ioc_switch {
    const struct config *config;
    struct collector *collector;
    struct ioc_lists lists; /* until ioclists_ready */
};

bool ioclists_begin(struct ioc_switch *s, const struct config *config, struct complaint *why);
void ioclists_ready(struct ioc_switch *s, struct collector *collector);
extern const struct reload_part ioclists_part; /* arg: the switch */
void ioclists_end(struct ioc_switch *s);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOCLISTS_H
#define IOCLISTS_H

#include "config/config.h"
#include "correlate/ioc.h"

/* Reads iocs.files and iocs.allow-files, anew each time. Both lists are the caller's (iocs_free, or
 * collector_use_lists). Patterns may match nothing; a file that is named must be there. False with a
 * complaint (file:line: what, and the cure), and then neither list is given. */
bool ioclists_load(const struct config *config, struct iocs **bad, struct iocs **allowed,
                   struct complaint *why);

#endif

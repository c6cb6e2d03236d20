/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include "config/config.h"
#include "options.h"

/* The settings of a run: those of -c, or of the system's file when there is one, then --set and the options
 * that stand for settings; and how much is logged. NULL with a complaint. Free with config_free. */
struct config *configure(const struct options *o, struct complaint *why);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "arguments.h"

/* True when stdout is to have colours: asked for, or a terminal that has them and an operator who did not set
 * NO_COLOR. */
bool terminal_color(enum when color);

/* True when stderr may carry a line that is redrawn: asked for, or a terminal that can do it. */
bool terminal_progress(enum when progress);

#endif

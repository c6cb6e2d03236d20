/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_EVE_ENGINE_H
#define OUTPUT_EVE_ENGINE_H

#include "output/eve.h"
#include "output/output.h"

/* The line of an engine event with its newline. line is cleared first. False when memory is short. */
bool eve_engine(struct buf *line, const struct eve *eve, const struct engine_event *e);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_RULES_STATS_H
#define COMMANDS_RULES_STATS_H

#include "base/buf.h"
#include "config/config.h"
#include "detect/rules.h"

/* What rules do with captures: read here, in this process, by the road that a worker has. paths as of -r.
 * Appends a line for each rule that was asked or matched, the dearest first: what it cost, how often its
 * contents were looked for and held, how often it matched (before thresholds). False with a complaint;
 * *complete: every input was read to its end. */
bool rules_stats(struct ruleset *rules, const struct config *config, const char *const *paths, unsigned n,
                 struct buf *out, bool *complete, struct complaint *why);

#endif

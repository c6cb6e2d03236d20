/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RULEBOOK_H
#define RULEBOOK_H

#include "correlate/terms.h"
#include "detect/pool.h"
#include "options.h"

/* One reading of the rule files and of the threshold file: what is judged by until the next. The collector
 * reads the files; a worker, which has none, makes the same of their texts. */
struct rulebook {
    uint32_t generation;
    struct ruleset *rules;
    struct terms *terms; /* NULL: no threshold-file, or in a worker, which counts nothing */
    struct buf texts;    /* of the files: for rulebook_learn; empty there */
    struct pool names;
};

/* NULL with a complaint: a file that cannot be read, no rule at all, a mistake in the threshold file, and,
 * unless
 * --skip-bad-rules, a rule that is refused. Each of those is logged: as an error, or as a warning when the
 * others are used without it. */
struct rulebook *rulebook_read(const struct config *config, const struct options *o, uint32_t generation,
                               struct complaint *why);

/* The same rules, in the same order, from texts; those that rulebook_read left out are left out again. */
struct rulebook *rulebook_learn(const struct config *config, struct bytes texts, uint32_t generation,
                                struct complaint *why);

void rulebook_free(struct rulebook *b); /* NULL is welcome */

#endif

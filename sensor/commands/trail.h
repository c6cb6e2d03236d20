/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_TRAIL_H
#define COMMANDS_TRAIL_H

#include "base/buf.h"
#include "detect/resolve.h"

/* The steps of the reading at hand, collected while the resolver tries one after the other: the encodings
 * taken off and the steps of the evaluation, of a run of equal ones the last. When the resolver reports a
 * lookup, this is how it came about. */

#define TRAIL_MAX_LAYERS 128
#define TRAIL_MAX_STEPS  256
#define TRAIL_MAX_TEXT   (1u << 20) /* bytes of all of an evaluation's steps */

struct trail_step {
    const char *what;
    struct buf text;
};

struct trail {
    struct trail_step layers[TRAIL_MAX_LAYERS], steps[TRAIL_MAX_STEPS];
    unsigned taken, n_steps;
    size_t kept; /* bytes of the steps */
    bool cut;    /* there were more steps: the last one is the last of all */
};

/* NULL when memory is short. Free with trail_free. */
struct trail *trail_new(void);
void trail_free(struct trail *t); /* NULL is welcome */

/* Forgets everything. */
void trail_clear(struct trail *t);

/* A reading_fn. */
void trail_note(void *trail, enum reading_event event, unsigned taken, const char *what, struct bytes text);

/* The steps in their order; NULL past the end. */
const struct trail_step *trail_step(const struct trail *t, unsigned i);

#endif

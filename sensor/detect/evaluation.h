/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_EVALUATION_H
#define DETECT_EVALUATION_H

#include "detect/lookup.h"
#include "detect/utf16.h"

/* What the three parts of the evaluator share: lookup.c (the message loop), substitute.c (StrSubstitutor) and
 * interpolate.c (Interpolator and the lookups behind it). It works on UTF-16, as Java does: the loop over the
 * message and the case mappings count code units. */

struct level {
    struct u16 name;  /* an expression's inside, being evaluated */
    struct u16 top;   /* the buffer's text when its first variable was met: the cycle check wants it */
    struct u16 value; /* what a lookup gave */
};

struct lookup {
    size_t max_depth, max_input;
    uint64_t max_steps;
    uint64_t shared; /* work left for all evaluations until the next lookup_share */
    struct u16 message;
    struct level *levels;
    size_t n_levels;
    struct buf names; /* UTF-8 of the hits */
    lookup_step_fn *step;
    void *step_arg;
};

/* An expression whose inside is worked out in a buffer of its own: buf[from, to) is what that buffer stands
 * for. */
struct frame {
    const struct u16 *buf;
    size_t from, to;
    const struct frame *outer;
};

struct evaluation {
    struct lookup *l;
    struct lookup_result *result;
    uint64_t work, max_work; /* code units */
    unsigned techniques;     /* of the expression being worked out */
    unsigned carried;        /* what earlier passes did to the message: part of a later pass's story */
    unsigned nesting, deepest;
    unsigned pass;
    size_t from, to;           /* the outermost expression, in units of the message as it came */
    bool stop;                 /* aborted or spent */
    const struct frame *frame; /* of the buffer at hand; NULL in the message itself */
};

/* One of lookup.h's steps, in units of work. */
#define EVALUATION_STEP 64

/* Work costs: a code unit walked over is one. Past the budget the evaluation stops and says so. */
static inline void evaluation_spend(struct evaluation *ev, uint64_t units)
{
    ev->work += units;
    if (ev->work > ev->max_work) {
        ev->result->spent = true;
        ev->stop = true;
    }
}

/* Memory, or the ceiling of a buffer. */
static inline void evaluation_out_of_room(struct evaluation *ev)
{
    ev->result->spent = true;
    ev->stop = true;
}

/* As Log4j gives the whole message up. */
static inline void evaluation_give_up(struct evaluation *ev)
{
    ev->result->aborted = true;
    ev->stop = true;
}

/* lookup.c: a call to JNDI with a name, noted once. */
void evaluation_hit(struct evaluation *ev, const uint16_t *name, size_t len, unsigned techniques);

/* lookup.c: tells whoever watches that buf has just become what it is. */
void evaluation_tell(struct evaluation *ev, const char *what, const struct u16 *buf);

/* substitute.c: one evaluation of the whole message. False when it changed nothing. */
bool evaluation_pass(struct evaluation *ev);

/* interpolate.c: what the lookups say to "prefix:key". False: null, and value is of no meaning. */
bool interpolate(struct evaluation *ev, const uint16_t *name, size_t len, struct u16 *value);

/* The word of the lookup that answers this name with a value of its own; "" when none does. */
const char *interpolate_word(const struct u16 *name);

/* True when the name begins with this ASCII prefix and a colon, as the Interpolator compares. */
bool interpolate_is(const struct u16 *name, const char *prefix);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RESOLVE_H
#define DETECT_RESOLVE_H

#include "detect/lookup.h"
#include "detect/scan.h"
#include "detect/unwrap.h"
#include "inspect/field.h"

/* From a marked text to the lookups in it: takes it to pieces, takes the encodings off, layer by layer, and works out
 * what stands there. */

struct resolved {
    const struct lookup_hit *hit;
    struct bytes decoded;  /* the text that was worked out */
    struct bytes piece;    /* the part of the given text that it came from */
    unsigned layers;       /* 1 << enum unwrap_layer of each encoding taken off */
    bool aborted;          /* Log4j would have given the message up after this lookup */
};

/* The views are good for the call. */
typedef void resolved_fn(void *arg, const struct resolved *r);

struct resolver;

/* config: lookup.*; scan stays the caller's. NULL when memory is short. */
struct resolver *resolver_new(const struct config *config, struct scan *scan);
void resolver_free(struct resolver *r); /* NULL is welcome */

/* Watches the readings that are tried, whether they lead anywhere or not. */
enum reading_event {
    READING_LAYER, /* an encoding was taken off: its word, and the text without it */
    READING_BEGIN, /* the evaluation of a text begins */
    READING_STEP,  /* a step of it: its word, and the message after it */
};

/* taken: how many encodings had been taken off before. Of the layers told so far, the last one told with 0, the last
 * one with 1 ... up to an evaluation's own count made the text that it begins with. */
typedef void reading_fn(void *arg, enum reading_event event, unsigned taken, const char *what, struct bytes text);

/* NULL ends it. */
void resolver_watch(struct resolver *r, reading_fn *fn, void *arg);

/* Gives every lookup found. True when there was one. whole: nothing will be added to the text; otherwise a reading in
 * which an expression is still open at its end keeps the less likely readings waiting. *spent: a budget ended the work
 * somewhere. */
bool resolver_run(struct resolver *r, struct bytes text, enum field_coding coding, bool whole, resolved_fn *fn,
                  void *arg, bool *spent);

/* The same of what hidden_in says may be hidden in it (ways), which no trigger sees. */
bool resolver_run_hidden(struct resolver *r, struct bytes text, unsigned ways, bool whole, resolved_fn *fn, void *arg,
                         bool *spent);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_LOOKUP_H
#define DETECT_LOOKUP_H

#include "base/buf.h"
#include "config/config.h"

/* Works a text out exactly as Log4j 2.14.1 does when it formats a message with %m: StrSubstitutor,
 * Interpolator and the loop of MessagePatternConverter, to its fixpoint. What only the victim knows
 * (environment, system properties, the clock) is taken as unset: a default is used where there is one, and
 * the expression stays where there is none, so that it shows in the name. Truth is Log4j itself:
 * tests/oracle. */

/* How a lookup was disguised, one bit each; lookup_technique_name gives the word. */
enum lookup_technique {
    LOOKUP_NESTED = 1 << 0,  /* an expression inside an expression */
    LOOKUP_DEFAULT = 1 << 1, /* ${::-j}: a default value */
    LOOKUP_LOWER = 1 << 2,
    LOOKUP_UPPER = 1 << 3,
    LOOKUP_DATE = 1 << 4, /* ${date:'j'} */
    LOOKUP_ENV = 1 << 5,  /* ${env:NOPE:-j} */
    LOOKUP_SYS = 1 << 6,
    LOOKUP_ESCAPE = 1 << 7,       /* $${ */
    LOOKUP_MULTI_PASS = 1 << 8,   /* only a second evaluation of the message reaches it */
    LOOKUP_UNICODE_CASE = 1 << 9, /* a letter that becomes ASCII by case mapping: U+0131, U+017F, U+212A */
    LOOKUP_PREFIX_CASE = 1 << 10, /* ${jNdI: */
    LOOKUP_DELIMITER = 1 << 11,   /* ${x:\-y}: the escaped default delimiter */
    LOOKUP_BUDGET = 1 << 12,      /* a budget ended the evaluation: there may be more */
};

#define LOOKUP_N_TECHNIQUES 13

/* Word of one bit, by its number. */
const char *lookup_technique_name(unsigned bit);

#define LOOKUP_MAX_HITS 8

struct lookup_hit {
    struct bytes name; /* what follows "jndi:", UTF-8; good until the next lookup_resolve */
    size_t from, to;   /* the slice of the text whose evaluation asked for it */
    unsigned techniques;
    unsigned depth; /* deepest nesting met on the way, 1 for a bare ${jndi:..} */
};

struct lookup_result {
    struct lookup_hit hits[LOOKUP_MAX_HITS]; /* distinct names, in the order of the calls */
    unsigned n_hits;
    bool cut;     /* there were more names than fit */
    bool aborted; /* Log4j gives the message up after the hits: a cycle (CVE-2021-45105), or a lookup that
                     throws */
    bool spent;   /* a budget was spent: depth, input or steps */
};

struct lookup;

/* Budgets from config: lookup.max-depth (nested expressions), max-input (bytes; longer texts are cut),
 * max-steps (one step: one expression resolved, or 64 characters walked; a text never gets more than 256
 * steps and one for each of its bytes, so the cost per byte is bounded). NULL when memory is short. */
struct lookup *lookup_new(const struct config *config);
void lookup_free(struct lookup *l); /* NULL is welcome */

/* From here on all evaluations share what three texts of len bytes would get: for one text that is read in
 * many ways. The pool lasts until the next call; without a call there is none, and each text has its own
 * budget alone. */
void lookup_share(struct lookup *l, size_t len);

/* Watches an evaluation: each step's word ("lower", "default-value", "escape" ...) and the whole message
 * after it, UTF-8, good for the call. NULL ends it. For people: it costs a copy of the message per step. */
typedef void lookup_step_fn(void *arg, const char *what, struct bytes message);
void lookup_watch(struct lookup *l, lookup_step_fn *fn, void *arg);

/* True when the text asks JNDI for at least one name. */
bool lookup_resolve(struct lookup *l, struct bytes text, struct lookup_result *out);

/* Appends the message as Log4j would write it after the last lookup_resolve; of no meaning when that was
 * aborted or spent. False when out has no room. */
bool lookup_message(const struct lookup *l, struct buf *out);

/* The smallest range of Log4j versions that can run a hit, by what it is made of. until_2_15: its name
 * passes 2.15.0's check (which evaluates a message once, and only when told to). */
const char *lookup_versions(unsigned techniques, bool until_2_15);

#endif

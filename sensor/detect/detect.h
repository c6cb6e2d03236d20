/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include "detect/finding.h"

/* One field in; findings out. Cheap scan first, resolver for what it marked, rules over what is known then.
 */
struct detect;

/* rules stays the caller's and must outlive it. NULL with a complaint. */
struct detect *detect_new(const struct config *config, const struct ruleset *rules,
                          void (*fn)(void *arg, const struct finding *f), void *arg, struct complaint *why);
/* Between two fields: what is asked from now on. Flows keep what they hold. rules as in detect_new. */
void detect_use_rules(struct detect *d, const struct ruleset *rules);

void detect_free(struct detect *d); /* after every flow has ended; NULL is welcome */

/* A field_fn: of a WINDOW, the bytes of its tail that must come again. One lookup in one request is one
 * finding, however often and wherever in that request it is seen (DETECT_REPEATS). */
size_t detect_field(void *detect, const struct field *f);

/* Gives flow->detect_slot back. */
void detect_flow_end(struct detect *d, struct flow *f);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_ASK_H
#define DETECT_ASK_H

#include "detect/messages.h"

/* Which rule speaks for what was found. */
struct ask;

/* rules stays the caller's and must outlive it; fn gets the findings that a rule speaks for. NULL when memory
 * is short. */
struct ask *ask_new(const struct config *config, const struct ruleset *rules,
                    void (*fn)(void *arg, const struct finding *f), void *arg);
void ask_use_rules(struct ask *a, const struct ruleset *rules); /* from now on */
void ask_free(struct ask *a);                                   /* NULL is welcome */

/* True when messages are kept for rules: then each flow has a list, and its fields go through these two,
 * before and after they are searched. */
bool ask_keeps_messages(const struct ask *a);
void ask_before(struct ask *a, struct message_list *list, const struct field *f);
void ask_after(struct ask *a, struct message_list *list, const struct field *f);
void ask_flow_end(struct ask *a, struct message_list *list);

/* finding without its rule. list: NULL when none is kept. The finding is told now, later (when a rule waits
 * for the body of the request), or never. */
void ask_rules(struct ask *a, const struct message_list *list, struct finding *finding);

#endif

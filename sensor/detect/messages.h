/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_MESSAGES_H
#define DETECT_MESSAGES_H

#include "detect/finding.h"

/* HTTP messages, for rules over sightings that ask for more of the transaction than a sighting has: their
 * heads, and bodies as far as a rule may look at them. Kept only while the rules have such buffers, under
 * sighting-rules.memcap: full, the oldest message goes (detect.messages_lost). */
struct messages;

/* Those of one flow. All zero at first. */
struct message;
struct message_list {
    struct message *first;
};

/* tell gets the findings that waited for a body. NULL when memory is short. */
struct messages *messages_new(const struct config *config,
                              void (*tell)(void *arg, struct finding *f, const struct sighting_tx *tx),
                              void *arg);
void messages_free(struct messages *m); /* after every flow has ended; NULL is welcome */

/* What rules ask for from now on: one bit for each enum buffer_id. */
void messages_want(struct messages *m, uint64_t buffers);

/* True when anything is to be kept at all. */
bool messages_wanted(const struct messages *m);

/* Keeps what f shows of a message: before anything is found in it. */
void messages_note(struct messages *m, struct message_list *list, const struct field *f);

/* f has been searched: was it the end of a body, what waited for it is told. */
void messages_settle(struct messages *m, struct message_list *list, const struct field *f);

/* The buffers of the transaction that f is a part of. Never NULL; good until the next call of any of these.
 */
const struct sighting_tx *messages_of(struct messages *m, const struct message_list *list,
                                      const struct field *f);

/* True when more of the request's body is still to come. */
bool messages_more(struct messages *m, const struct message_list *list, const struct field *f);

/* Keeps a copy of the finding until its request's body, or its flow, is over. False when memory is short. */
bool messages_wait(struct messages *m, const struct message_list *list, const struct finding *f);

/* The flow ends: what waits is told. */
void messages_drop(struct messages *m, struct message_list *list);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_CORRELATE_H
#define CORRELATE_CORRELATE_H

#include "channel/channel.h"

/* The step of an attack that an alert shows. */
enum stage {
    STAGE_LOOKUP,          /* the text that makes a victim call out */
    STAGE_CALLBACK,        /* the victim calls out: LDAP, RMI, DNS */
    STAGE_REFERRAL,        /* the answer: another server to ask */
    STAGE_REFERENCE,       /* the answer: a reference to a class */
    STAGE_DESERIALIZATION, /* the answer: a serialized object */
    STAGE_CLASS_DELIVERY,  /* a class is fetched */
    STAGE_OTHER,           /* a rule of the operator's own */
    STAGE_N
};

/* As in alert.context.jndi.stage. */
const char *stage_name(enum stage s);

/* A finding with its place in a story. Views, good for the call. */
struct alert {
    const struct record *record;
    const struct rule *rule;
    enum stage stage;
};

struct correlate;

struct correlate *correlate_new(const struct config *config, const struct ruleset *rules,
                                void (*fn)(void *arg, const struct alert *a), void *arg);
void correlate_free(struct correlate *c);

/* Anomalies are nobody's step: they are passed on as they are, to fn, with the arg of correlate_new. */
void correlate_on_anomaly(struct correlate *c, void (*fn)(void *arg, const struct record *r));

void correlate_record(struct correlate *c, const struct record *r);

/* Facts are checked; a malformed one, or one of an unknown number, is counted (channel.bad). */
void correlate_fact(struct correlate *c, const struct fact *f);

/* How many alerts of each stage, for the summary. */
uint64_t correlate_n_alerts(const struct correlate *c, enum stage s);

#endif

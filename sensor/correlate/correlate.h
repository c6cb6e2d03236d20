/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_CORRELATE_H
#define CORRELATE_CORRELATE_H

#include "channel/channel.h"
#include "correlate/terms.h"

/* The step of an attack that an alert shows, in the order in which an attack goes. */
enum stage {
    STAGE_LOOKUP,          /* the text that makes a victim call out */
    STAGE_RESOLUTION,      /* the victim asks DNS for the callback's name */
    STAGE_CONNECTION,      /* the victim tries to reach the callback; nothing of its words is read */
    STAGE_CALLBACK,        /* the victim calls out: LDAP, RMI, DNS */
    STAGE_REFERRAL,        /* the answer: another server to ask */
    STAGE_REFERENCE,       /* the answer: a reference to a class */
    STAGE_DESERIALIZATION, /* the answer: a serialized object */
    STAGE_CLASS_DELIVERY,  /* a class is fetched */
    STAGE_SECOND,          /* a new connection to the attacker, once the payload was there */
    STAGE_INDICATOR,       /* none: something on a list of indicators was met */
    STAGE_OTHER,           /* a rule of the operator's own */
    STAGE_N
};

/* As in alert.context.jndi.stage. */
const char *stage_name(enum stage s);

/* How far an incident has come. */
enum incident_verdict {
    VERDICT_NONE,
    VERDICT_ATTEMPTED,   /* a lookup was sent */
    VERDICT_VULNERABLE,  /* the victim called back */
    VERDICT_DELIVERED,   /* a class or an object reached it */
    VERDICT_COMPROMISED, /* and then it opened a new connection to the attacker */
    VERDICT_N
};

/* As in alert.context.jndi.incident.verdict. */
const char *verdict_name(enum incident_verdict v);

struct incident; /* correlate/incident.h */
struct labels;   /* correlate/labels.h */
struct fold;     /* correlate/folds.h */

/* A finding with its place in a story; or an incident that has come further. Views, good for the call. */
struct alert {
    const struct record *record;
    const struct rule *rule;
    unsigned severity;           /* the rule's, moved by the labels; 1 is most severe */
    const struct labels *labels; /* what it is known for; NULL: nothing */
    enum stage stage;
    const struct incident *incident; /* NULL: the finding belongs to none */
    enum incident_verdict verdict;   /* the incident's, this step included */
    unsigned incident_confidence;    /* 0..100 */
    bool show_secrets;               /* the incident's leaks may be written in full */
    bool story;                      /* about the incident; record has what showed it, and no payload */
    const struct fold *fold; /* about repeats of what was told; record has the last. NULL: it is not */
};

struct correlate;

/* One reading of the rule files. A finding names the one it was made by: its worker may have gone over to the
 * next a moment earlier or later than others. */
struct ruling {
    uint32_t generation; /* 0: what the program was started with */
    const struct ruleset *rules;
    const struct terms *terms; /* NULL: no threshold file */
};

/* Generation 0, without terms. */
struct correlate *correlate_new(const struct config *config, const struct ruleset *rules,
                                void (*fn)(void *arg, const struct alert *a), void *arg);
void correlate_free(struct correlate *c);

/* What is judged from now on; the one before it stays known until correlate_forget_rules. The ruling's parts
 * stay the caller's, as long as they are known here. Counts of thresholds go on. */
void correlate_use_rules(struct correlate *c, const struct ruling *ruling);

/* No finding of the generation before will come any more. */
void correlate_forget_rules(struct correlate *c);

/* Anomalies are nobody's step: they are passed on as they are, to fn, with the arg of correlate_new. */
void correlate_on_anomaly(struct correlate *c, void (*fn)(void *arg, const struct record *r));

/* Lists of indicators (correlate/ioc.h) to label alerts by, and to hold back what must not be blocked, from
 * now on. Takes them over, also of a later call. */
struct ioc_lists;
void correlate_use_lists(struct correlate *c, const struct ioc_lists *lists);

/* A finding of a rule that a threshold or suppression keeps quiet is a step of its story all the same. */
void correlate_record(struct correlate *c, const struct record *r);

/* A fact whose number nobody here asks for, or whose body is none, is counted (channel.bad) and forgotten. */
void correlate_fact(struct correlate *c, const struct fact *f);

/* Packet time: what has waited for so long is judged now. Call before each record with its clock, so that
 * what is told does not depend on how records were batched. */
void correlate_clock(struct correlate *c, uint64_t now_us);

/* The input is over: what still waits is judged. */
void correlate_finish(struct correlate *c);

/* What was learned so far of attackers, and about home hosts: correlate/learned.h, correlate/exposure.h. */
struct learned;
struct exposure;
struct learned *correlate_learned(const struct correlate *c);
const struct exposure *correlate_exposure(const struct correlate *c);

/* Incidents for whoever looks on, between two records: incidents_by_id, incidents_latest, incidents_page. The
 * incidents stay here, good until the next record. */
const struct incident *correlate_incident(const struct correlate *c, uint64_t id);
size_t correlate_latest(const struct correlate *c, const struct incident **out, size_t max);
size_t correlate_page(const struct correlate *c, size_t *at, const struct incident **out, size_t max);

/* How much is kept. */
struct correlate_fill {
    uint64_t bytes; /* of correlate.memcap: incidents, connections, names, repeats */
    uint64_t incidents, learned, exposed_hosts;
};
void correlate_fill(const struct correlate *c, struct correlate_fill *out);

/* How many alerts of each stage were told, for the summary; alerts about incidents not among them. */
uint64_t correlate_n_alerts(const struct correlate *c, enum stage s);

/* How many alerts about incidents that came so far. */
uint64_t correlate_n_verdicts(const struct correlate *c, enum incident_verdict v);

#endif

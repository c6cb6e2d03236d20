/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULES_H
#define DETECT_RULES_H

#include "base/addr.h"
#include "config/config.h"
#include "detect/rule_limit.h"
#include "detect/rule_use.h"
#include "inspect/attr.h"

/* Suricata's rule language. A rule that names one of the sensor's own buffers (inspect/attr.h) is asked about
 * sightings (ruleset_match); one that names none of them is a traffic rule, means what Suricata 7 means by it
 * (rule_traffic.h) and is no concern of ruleset_match. A rule that cannot be honoured is refused by name,
 * line and reason; it is never half-applied. docs/RULES.md lists what is read. */

struct rule_metadata {
    char *key, *value;
};

/* Which end of the packet the rule's author sees under attack (keyword target). */
enum rule_target { RULE_TARGET_NONE, RULE_TARGET_SRC_IP, RULE_TARGET_DEST_IP };

/* Drop and reject act inline only, which the sensor never is: they alert, and what they speak of is
 * "allowed", as Suricata in IDS mode. */
enum rule_action { RULE_ALERT, RULE_PASS, RULE_DROP, RULE_REJECT };

/* What an alert says of its rule. Owned by the ruleset. */
struct rule {
    uint32_t sid, gid, rev;
    uint32_t priority; /* 1 is most severe: EVE's severity */
    enum rule_action acts;
    char *action; /* as written: "alert", "drop" ... */
    bool noalert; /* matches, changes flowbits, says nothing */
    char *msg;
    char *category;      /* the classtype's long text, "" without one */
    char *unknown_class; /* the classtype when it is none of ours; NULL */
    struct rule_metadata *metadata;
    unsigned n_metadata;
    char **references; /* "url,example.org/x", as written */
    unsigned n_references;
    enum rule_target target;
    unsigned
        confidence; /* 0..100, from the word in its metadata: High 100 (as without one), Medium 60, Low 30 */
    struct rule_limit limit; /* LIMIT_NONE without threshold and detection_filter */
    const char *file;        /* where it stands */
    unsigned line;
    struct rule_match *match; /* rule_match.h: header, flow and contents */
};

/* What the transaction of a sighting has beside the sighting's attrs. */
struct sighting_tx {
    /* The i-th value of a buffer (enum buffer_id); false when there is none. Good until the next call. */
    bool (*get)(void *arg, unsigned buffer, unsigned i, struct bytes *out);
    void *arg;
};

/* What rules are asked about. */
struct sighting {
    const struct addr *src, *dst; /* of the packet that showed it */
    uint16_t src_port, dst_port;
    uint8_t proto;         /* PROTO_TCP or PROTO_UDP */
    const char *app_proto; /* "http", "dns", "ldap", "rmi", "failed" */
    bool to_server;
    const struct attrs *attrs;
    const struct sighting_tx *tx; /* NULL: nothing */
};

struct ruleset;

/* Holds at most 65,536 rules. */
struct ruleset *ruleset_new(const struct config *config, struct complaint *why); /* checks the vars */
void ruleset_free(struct ruleset *r);

#define RULESET_REFUSALS_KEPT 256    /* whose words are kept; beyond they are counted only */
#define RULESET_REFUSALS_MAX  200000 /* a file with so many is none of rules */

/* Adds the rules of a file. A rule that is refused is left out, alone, and remembered (ruleset_refusal). A
 * sid that is already there is refused, too. False with a complaint when the file cannot be read as a whole,
 * or nearly all of it is refused: then the ruleset is of no more use. */
bool ruleset_add_file(struct ruleset *r, const char *path, struct complaint *why);

/* The same from memory; name stands for the file in complaints and must outlive the ruleset. */
bool ruleset_add_text(struct ruleset *r, const char *name, struct bytes text, struct complaint *why);

/* Classtypes of an operator (rule_class.h), for the rules that are added afterwards. False with a complaint.
 */
bool ruleset_add_classes(struct ruleset *r, const char *name, struct bytes text, struct complaint *why);

/* Warns of classtypes that are not known, once each. */
void ruleset_warn(const struct ruleset *r);

/* How many rules were refused so far, and the words for the i-th of them ("file:line: sid N: keyword 'x':
 * what, and the cure"), in the order read; NULL when there is none or its words were not kept. */
unsigned ruleset_n_refused(const struct ruleset *r);
const char *ruleset_refusal(const struct ruleset *r, unsigned i);

unsigned ruleset_n(const struct ruleset *r);         /* all that were read */
unsigned ruleset_n_traffic(const struct ruleset *r); /* of them, traffic rules */
const struct rule *ruleset_at(const struct ruleset *r, unsigned i);
/* Makes what traffic rules are asked by (traffic_plan.h), once all rules are added. False with a complaint.
 */
bool ruleset_compile(struct ruleset *r, struct complaint *why);
struct traffic_plan;
struct traffic_plan *ruleset_plan(const struct ruleset *r); /* the ruleset's; NULL before */

bool rule_is_traffic(const struct rule *r); /* false for one that was made without a match */
const struct rule *ruleset_by_sid(const struct ruleset *r, uint32_t gid,
                                  uint32_t sid); /* NULL when there is none */

/* Keeps account of what each rule costs from now on: uses has one for each, in the order of ruleset_at, and
 * outlives the ruleset. */
void ruleset_watch(struct ruleset *r, struct rule_use *uses);

/* True when the address is in HOME_NET, as rules mean it; everybody is when the settings define none. */
bool ruleset_is_home(const struct ruleset *r, const struct addr *a);

/* The one rule that speaks for a sighting: of those that match, the most severe; then the one with more
 * conditions; then the lower sid. NULL when none matches, or one whose action is pass. Never allocates.
 * Traffic rules are not asked. */
const struct rule *ruleset_match(const struct ruleset *r, const struct sighting *s);

/* What rules over sightings ask for of the transaction: one bit for each enum buffer_id. */
uint64_t ruleset_tx_buffers(const struct ruleset *r);

/* True when a rule that asks for the request's body may still come to speak for the sighting, in place of
 * whichever would speak now: all else that it asks for is there. */
bool ruleset_waits(const struct ruleset *r, const struct sighting *s);

#endif

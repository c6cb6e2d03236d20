/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_LABELS_H
#define CORRELATE_LABELS_H

#include "channel/fact.h"
#include "correlate/ioc.h"

/* What an alert is known for beside what it shows: docs/IOCS.md. A label never takes an alert away; it moves
 * its severity, and says why. */
enum label {
    LABEL_IOC,       /* something in it is on one of iocs.files */
    LABEL_ALLOWED,   /* something in it is on one of iocs.allow-files */
    LABEL_SCANNER,   /* one of SCANNERS sent it, or the lookup that led to it */
    LABEL_DIRECTORY, /* the directory is one of LDAP_ALLOWED */
    LABEL_N
};

/* As in alert.context.jndi.label: ioc, allowed, scanner, ldap-allowed. */
const char *label_name(enum label l);

/* Where an indicator was met. */
enum hit_where {
    HIT_LOOKUP,  /* the payload's resolved name */
    HIT_DNS,     /* a name asked for */
    HIT_HTTP,    /* Host, or the URL */
    HIT_TLS,     /* the name in a hello (SNI) */
    HIT_ADDRESS, /* one end of the connection */
    HIT_ANSWER,  /* an address in an answer or in code: codebase, referral, host in a class */
    HIT_FILE,    /* the hash of what was delivered */
    HIT_WHERE_N
};

const char *hit_where_name(
    enum hit_where w); /* "lookup", "dns", "http", "tls", "address", "answer", "file" */

/* An item of iocs.files and where it was met. */
struct hit {
    const struct ioc *ioc; /* good until the lists are read again */
    enum hit_where where;
    struct bytes seen;             /* what was met, where no finding shows it */
    uint64_t n, first_us, last_us; /* of an alert that folds several: how many; else n is 0 */
};

#define HITS_MAX 8 /* of one alert; the label stands for those beyond */

struct labels {
    uint32_t set; /* one bit for each enum label */
    unsigned n_hits;
    struct hit hits[HITS_MAX];
};

static inline bool labels_have(const struct labels *l, enum label label)
{
    return l->set >> label & 1;
}

/* What an alert is about. */
enum label_stage { LABEL_OF_LOOKUP, LABEL_OF_STEP, LABEL_OF_STORY };

/* The severity of an alert whose rule says so much (1 is most severe). What an allow list, SCANNERS or
 * LDAP_ALLOWED explains is worth 3 at most; an alert about an incident is lowered by one only, since the hole
 * is real whoever found it. Otherwise an indicator raises by one, a mere lookup not to 1: that takes a
 * victim.
 */
unsigned labels_severity(const struct labels *l, unsigned severity, enum label_stage stage);

/* The lists and address groups in use. */
struct labeller;
struct incident;

/* NULL when memory is short. The lists are empty at first. */
struct labeller *labeller_new(const struct config *config);
void labeller_free(struct labeller *l); /* NULL is welcome */

/* Takes both over; what was there before is gone. Either may be NULL for none. */
void labeller_set_lists(struct labeller *l, struct iocs *bad, struct iocs *allowed);

/* In SCANNERS or LDAP_ALLOWED. */
bool labeller_is_ours(const struct labeller *l, const struct addr *a);
bool labeller_is_home(const struct labeller *l, const struct addr *a);
const struct iocs *labeller_bad(const struct labeller *l);
const struct iocs *labeller_allowed(const struct labeller *l);

/* What a finding is known for. Of its incident (NULL: none) it learns whose lookups led there, and what was
 * met in its earlier findings. */
void labels_of_record(struct labels *out, const struct labeller *l, const struct record *r,
                      enum label_stage stage, struct incident *i);

/* Adds what text (a host, host:port, or URL) is known for. */
void labels_add_text(struct labels *out, const struct labeller *l, struct bytes text, enum hit_where where);
void labels_add_addr(struct labels *out, const struct labeller *l, const struct addr *a, uint16_t port,
                     enum hit_where where); /* port 0: not as a server */
void labels_add_file(struct labels *out, const struct labeller *l, struct bytes sha256);

/* Adds allowed or scanner, when this end is. */
void labels_add_end(struct labels *out, const struct labeller *l, const struct addr *a);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_LEARNED_H
#define CORRELATE_LEARNED_H

#include "correlate/incident.h"
#include "correlate/labels.h"

/* What incidents taught of the other side: for block lists and for a SIEM. Nothing of home hosts, nothing
 * that an allow list, SCANNERS or LDAP_ALLOWED explains, no address that is no host's, nothing that
 * iocs.never-files names. */
enum learned_kind {
    LEARNED_ADDRESS, /* a server that victims called or were sent to */
    LEARNED_SENDER,  /* an address that sent a lookup */
    LEARNED_DOMAIN,  /* a callback's name; with parts that only the victim knows, what stands behind them */
    LEARNED_URL,     /* code base, referral */
    LEARNED_SHA256,  /* a class file, JAR or object that was delivered */
    LEARNED_KIND_N
};

const char *learned_kind_name(enum learned_kind k); /* "address", "sender", "domain", "url", "sha256" */

#define LEARNED_TEXT_MAX 500

struct learned_item {
    struct table_entry entry;
    uint64_t first_us, last_us;
    uint64_t n;        /* alerts */
    uint64_t incident; /* id of the latest */
    uint8_t kind, verdict;
    uint16_t len;
    char text[LEARNED_TEXT_MAX + 1]; /* of a domain: small letters; of a URL: any bytes */
};

struct learned;

/* At most config->learned_max_items; full, the one least recently met goes (learned.forgotten). NULL when
 * memory is short. */
struct learned *learned_new(const struct config *config);
void learned_free(struct learned *l); /* NULL is welcome */

/* Shared places: their names and addresses are never learned as what to block, URLs there are. Takes it over;
 * NULL: none. */
struct iocs;
void learned_set_never(struct learned *l, struct iocs *never);

/* An address that such a name, or one that an allow list names, came to is not learned, and forgotten if it
 * was: at most LEARNED_SPARED of them, the latest. */
#define LEARNED_SPARED 4096
struct fact_name;
void learned_name(struct learned *l, const struct labeller *labeller, const struct fact_name *f);

/* Takes what an alert shows of an incident that has come as far as the settings want. */
void learned_alert(struct learned *l, const struct labeller *labeller, const struct alert *a);

/* All items, by kind and text, in an array that the caller frees; the items stay the table's. NULL when there
 * are none, or memory is short. */
const struct learned_item **learned_sort(const struct learned *l, size_t *n);

size_t learned_n(const struct learned *l); /* items */

/* True once after something changed. */
bool learned_changed(struct learned *l);

#endif

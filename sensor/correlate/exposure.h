/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_EXPOSURE_H
#define CORRELATE_EXPOSURE_H

#include "channel/fact.h"
#include "correlate/correlate.h"
#include "correlate/table.h"

/* What was learned about each home host: which Java it runs, what its Java asks for by JNDI, how far attacks
 * on it came, and whether its JDK would load a class from elsewhere. */

/* Whether the JDK loads remote classes for a JNDI reference in LDAP.
 * com.sun.jndi.ldap.object.trustURLCodebase is off since 6u211, 7u201, 8u191 and 11.0.1 (October 2018;
 * Oracle's release notes of 8u191); 9 and 10 were never mended. Objects in the answer are deserialized by all
 * of them. */
enum exposure_loads {
    LOADS_UNKNOWN,
    LOADS_NO,     /* every version seen is newer */
    LOADS_LIKELY, /* a version that was seen is older */
    LOADS_YES,    /* it fetched a class that an attacker's reference named */
    LOADS_N
};

const char *exposure_loads_name(enum exposure_loads l); /* "unknown", "no", "likely", "yes" */

/* By what a User-Agent says: "Java/1.8.0_181", "Java-http-client/11.0.1". */
enum exposure_loads exposure_loads_of(struct bytes version);

/* The version in a User-Agent; empty when it names none. */
struct bytes exposure_version(struct bytes agent);

#define EXPOSURE_VERSIONS 6 /* kept of one host, the latest */

struct exposure_host {
    struct table_entry entry;
    struct addr addr;
    uint64_t first_us, last_us;
    unsigned n_versions;
    struct {
        char text[24]; /* "1.8.0_181", or "17" by its TLS hello */
        bool tls;
        uint64_t first_us, last_us;
    } versions[EXPOSURE_VERSIONS];
    struct {
        uint64_t n, first_us, last_us;
    } shows[SHOWS_N];              /* enum client_shows */
    uint8_t verdict;               /* the farthest of its incidents */
    bool fetched;                  /* a class, in an incident */
    uint64_t incident, verdict_us; /* id and time of that */
};

struct exposure;

/* At most config->exposure_max_hosts; full, the one least recently heard of goes (exposure.forgotten). NULL
 * when memory is short. */
struct exposure *exposure_new(const struct config *config);
void exposure_free(struct exposure *e); /* NULL is welcome */

void exposure_client(struct exposure *e, const struct fact *fact, const struct fact_client *c);

/* An alert about an incident, or that belongs to one. */
void exposure_alert(struct exposure *e, const struct alert *a);

enum exposure_loads exposure_loads_remote(const struct exposure_host *h);

/* What is known of that host; NULL: nothing. */
const struct exposure_host *exposure_find(const struct exposure *e, const struct addr *a);

/* For whoever looks on: at most max hosts. Latest: those most recently heard of, the latest first. Page:
 * table_page. */
size_t exposure_latest(const struct exposure *e, const struct exposure_host **out, size_t max);
size_t exposure_page(const struct exposure *e, size_t *at, const struct exposure_host **out, size_t max);
size_t exposure_n(const struct exposure *e);

/* All hosts by address, in an array that the caller frees. NULL when there are none, or memory is short. */
const struct exposure_host **exposure_sort(const struct exposure *e, size_t *n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_INCIDENT_H
#define CORRELATE_INCIDENT_H

#include "correlate/correlate.h"
#include "correlate/leaks.h"
#include "correlate/names.h"
#include "correlate/table.h"

/* Incidents and what leads to them: one victim, one callback. The store is bounded in bytes; full, the
 * attempt least recently heard of makes room, and an incident that came further only when they are more than
 * three of four. */

/* What was seen of one stage, folded: the first sighting tells where, the last how long. */
struct mark {
    struct mark *next; /* by stage */
    enum stage stage;
    uint8_t confidence; /* 0..100, the best of them */
    uint8_t proto;
    uint16_t port;    /* of peer */
    struct addr peer; /* the other end: who sent the lookup, the server that was called */
    uint64_t first_us, last_us;
    uint64_t flow_id, packet; /* of the first */
    uint64_t n;
};

/* What an endpoint is to an incident. */
enum link_role { LINK_CALLBACK, LINK_REFERRAL, LINK_CODEBASE, LINK_SECOND };

struct link {
    struct link *newer, *older; /* in its bucket */
    struct link *next;          /* of the same incident */
    struct table_key key;
    struct incident *incident;
    struct name_span span; /* when what it was made of was true */
    uint16_t port;         /* of a name: where its addresses are waited at; 0: nowhere */
    uint8_t role;
};

/* What a callback asked for while no lookup was known, and where the Java code came from while values of the
 * lookup may turn up: it may hold what leaked. */
struct asked {
    struct asked *next; /* in the order in which they were kept */
    char *text;         /* of LEAK_HTTP: authority and path */
    enum leak_place place;
    uint64_t ts_us, packet, flow_id;
};

/* Another victim that may be the one who did what is known of an incident. */
struct doubt {
    struct doubt *next;
    struct addr victim;
    uint64_t id; /* of its incident, then */
};

struct incident {
    struct incident *older, *newer; /* of the same list; the store's affair */
    struct incident *chain;         /* by id; the same */
    struct link *links;
    struct mark *marks;
    struct leak *leaks;
    struct asked *asked;  /* NULL: nothing, or it has been judged */
    struct doubt *doubts; /* see incident_doubted */
    char *name;           /* the first lookup's: ldap://203.0.113.9:1389/a; NULL: unseen */
    char *host;           /* of the callback: a name or an address */
    char scheme[8];
    struct addr victim;
    uint64_t id;
    uint64_t origin; /* id of the incident of the home host that handed the string on; 0: none */
    uint64_t merged; /* id of one that turned out to be this; 0: none */
    uint64_t first_us, last_us;
    uint64_t lookup_us; /* the earliest lookup; UINT64_MAX: unseen */
    uint16_t port;
    uint16_t n_links;
    uint8_t told;       /* enum incident_verdict of the last alert */
    uint8_t confidence; /* of the verdict */
    uint8_t alone;      /* how sure it can be while no lookup is known; 0: as sure as any */
    bool visible;       /* told of; else only remembered, in case that more comes */
    bool whole;         /* a reference that needs no class from elsewhere */
    bool update;        /* two became one, or a value leaked: to be told */
    bool counted;       /* in the list of those that came further */
    bool scanner;       /* all lookups came from SCANNERS */
    uint64_t habit;     /* hash of what the directory was asked for before the lookup came; 0: nothing */
    uint32_t heard;     /* labels: enum label, one bit each */
};

struct incidents;

struct incidents *incidents_new(size_t max_bytes, uint64_t seed);
void incidents_free(struct incidents *s); /* NULL is welcome */

/* A fresh one, not visible. host may be empty. NULL when memory is short. */
struct incident *incidents_open(struct incidents *s, const struct addr *victim, struct bytes host,
                                uint16_t port, uint64_t ts_us);

/* Forgets one. */
void incidents_drop(struct incidents *s, struct incident *i);

/* Makes room, if need be, by dropping others than keep. Call when all that an event adds is added. */
void incidents_trim(struct incidents *s, const struct incident *keep);

/* Heard of at ts_us: the latest of its list. */
void incidents_touch(struct incidents *s, struct incident *i, uint64_t ts_us);

/* The incident is found by that key from now on; at most LINKS_MAX, once each, beyond which it is not. span:
 * for what is seen then; a key that it has already gets the longer time. */
#define LINKS_MAX 32
void incidents_link(struct incidents *s, struct incident *i, const struct table_key *key, enum link_role role,
                    const struct name_span *span);
void incidents_link_port(struct incidents *s, struct incident *i, const struct table_key *key,
                         enum link_role role, const struct name_span *span, uint16_t port);

/* The latest link with that key, and the one before it. NULL when there is none (left). Callers follow
 * LINKS_FOLLOWED of them, so that nobody makes an event expensive by making many. */
#define LINKS_FOLLOWED 16
struct link *incidents_find(const struct incidents *s, const struct table_key *key);
struct link *incidents_next(const struct link *l);

/* Whether it says anything about what was seen at ts_us. */
bool link_holds(const struct link *l, uint64_t ts_us);

/* The mark of a stage; a new one is zero but for its stage. NULL when memory is short. */
struct mark *incident_mark(struct incidents *s, struct incident *i, enum stage stage);
struct mark *incident_seen(const struct incident *i, enum stage stage); /* NULL when it was not */

/* Takes a mark, or the name, away again. */
void incidents_unmark(struct incidents *s, struct incident *i, enum stage stage);
void incidents_unname(struct incidents *s, struct incident *i);

void incidents_set_name(struct incidents *s, struct incident *i, struct bytes name, struct bytes scheme);

/* Keeps a copy of what was asked for (text and next are the copy's), once, and so many of each place. */
#define ASKED_EACH 2
void incidents_keep_asked(struct incidents *s, struct incident *i, struct bytes text,
                          const struct asked *asked);
void incidents_drop_asked(struct incidents *s, struct incident *i, bool but_fetched);

/* The other one may be the victim as well as i; at most DOUBTS_MAX of them. True when that was not known. */
#define DOUBTS_MAX 15
bool incidents_doubt(struct incidents *s, struct incident *i, const struct incident *other);

/* Whether all that is known beyond the lookup is a question that may be another victim's. */
bool incident_doubted(const struct incident *i);

/* b turns out to be a: a gets all it has, b is gone. */
void incidents_merge(struct incidents *s, struct incident *a, struct incident *b);

/* It was known by an address alone, and now by what its lookup says. */
void incidents_set_host(struct incidents *s, struct incident *i, struct bytes host);

/* How sure a mark makes: as long as no lookup is known, not very. */
uint8_t incident_sure(const struct incident *i, const struct mark *m);

/* How far a stage alone takes the incident. */
enum incident_verdict incident_stage_verdict(const struct incident *i, enum stage stage);

/* What the marks say. */
enum incident_verdict incident_verdict(const struct incident *i, uint8_t *confidence);

/* It goes on under the number of another that is gone. */
void incidents_set_id(struct incidents *s, struct incident *i, uint64_t id);

/* The one with that id; NULL: there is none (any more). */
struct incident *incidents_by_id(const struct incidents *s, uint64_t id);

/* For whoever looks on: visible ones alone, at most max; how many. Each call costs at most INCIDENTS_LOOK
 * looks. Latest: those most recently heard of, the latest first. Page: from *at on (0 at first), which is
 * SIZE_MAX when all have been seen; an incident that lives from the first page to the last is in one of them,
 * in no order. */
#define INCIDENTS_LOOK 2048
size_t incidents_latest(const struct incidents *s, const struct incident **out, size_t max);
size_t incidents_page(const struct incidents *s, size_t *at, const struct incident **out, size_t max);

size_t incidents_n(const struct incidents *s);
size_t incidents_bytes(const struct incidents *s);
void incidents_spend(struct incidents *s, long bytes); /* what hangs on incidents, and is not made here */

/* --- between the files of the incident --- */

#define INCIDENT_BLOCK 16 /* what an allocation costs beside its size */

/* A copy that ends in a zero byte, in the store's account, cut to max. NULL when memory is short. */
char *incidents_keep(struct incidents *s, struct bytes text, size_t max);
void incidents_release(struct incidents *s, char *text); /* NULL is welcome */
void incidents_drop_doubts(struct incidents *s, struct incident *i);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_STORY_H
#define CORRELATE_STORY_H

#include "correlate/callers.h"
#include "correlate/incident.h"
#include "correlate/names.h"
#include "detect/rule_scope.h"

/* Inside correlate/ only: how sightings become incidents. story.c has the keys and lookups, story_steps.c
 * what findings show of a callback and after it, story_facts.c connections and names. */

enum {
    SURE_SPOKEN = 95,    /* the protocol's own words, at the place that the payload named */
    SURE_WORDS = 90,     /* first words there, or a name that only the victim can have made */
    SURE_SAME_HOST = 80, /* at another port of that host */
};

/* How soon the other address of a victim fetches what the first was told of. */
#define TWIN_US UINT64_C(60000000)

/* As many other hosts that have no part in it make a place, or a name, a popular one. */
#define POPULAR 3

/* Something seen on the wire that is a step of a story. client is the victim, except in a lookup, where it is
 * who receives it and server who sent it. */
struct step {
    enum stage stage;
    uint8_t confidence, proto;
    uint64_t ts_us, packet, flow_id;
    struct addr client, server;
    uint16_t client_port, server_port;
    const char *app_proto; /* "" for unknown */
    bool fetched;          /* a class or an object that came over HTTP */
};

/* A connection that is judged when there was time for its first words. */
struct pending {
    struct fact_connection fact;
    uint64_t flow_id, due_us;
};

#define PENDING_MAX 4096

struct story {
    const struct config *config;
    struct incidents *incidents;
    struct callers *callers;
    struct names *names;
    struct pool pool;
    const struct scope *home, *directories; /* LDAP_ALLOWED */
    uint64_t seed, now_us;
    bool quiet;              /* nothing is told: whoever set it will */
    struct pending *pending; /* a ring */
    unsigned pending_first, n_pending;
    void (*promoted)(void *arg, const struct incident *i, const struct step *step);
    void *arg;
};

struct story *story_new(const struct config *config,
                        void (*promoted)(void *arg, const struct incident *i, const struct step *step),
                        void *arg);
void story_free(struct story *s); /* NULL is welcome */

/* A finding of that stage. The incident that it belongs to, good until the next call; NULL: none. step is
 * filled, for story_tell. */
struct incident *story_finding(struct story *s, const struct record *r, enum stage stage, struct step *step);

void story_connection(struct story *s, const struct fact *fact, const struct fact_connection *f);

/* Whether an incident of the client's waits for it, so that it is judged, and perhaps told, as a part of that. */
bool story_expects(struct story *s, const struct fact_connection *f);
void story_name(struct story *s, const struct fact *fact, const struct fact_name *f);

/* Judges what has waited long enough at now_us. */
void story_clock(struct story *s, uint64_t now_us);

/* Judges all that waits. */
void story_finish(struct story *s);

/* Says so (promoted) when the incident has come further than what was told of it, and makes room for the
 * next. */
void story_tell(struct story *s, struct incident *i, const struct step *step);
void story_say(struct story *s, struct incident *i, const struct step *step); /* drops none */

/* --- between the files of the story --- */

struct incident *story_lookup(struct story *s, const struct record *r, const struct step *step);

/* How sure the step is to belong to an attack, whatever else is known of it; 0: it makes no incident of its
 * own. */
uint8_t story_alone(const struct story *s, const struct record *r, const struct step *step);

enum key_kind {
    KEY_SERVER = 1, /* victim, address, port */
    KEY_NAMED,      /* victim, name, port */
    KEY_HOST,       /* victim, address */
    KEY_NAME,       /* victim, name */
    KEY_BELOW,      /* victim, name: payloads for names below it, with parts that only the victim knows */
    KEY_ANY_SERVER, /* address, port */
    KEY_ANY_NAME,   /* name */
    KEY_ANY_BELOW,
    KEY_ID,
};

struct table_key story_key_addr(const struct story *s, enum key_kind kind, const struct addr *victim,
                                const struct addr *a, uint16_t port);
struct table_key story_key_name(const struct story *s, enum key_kind kind, const struct addr *victim,
                                uint64_t name, uint16_t port);

/* The incident of a key, unless its window is over (then it is forgotten). NULL: none. */
struct incident *story_find(struct story *s, const struct table_key *key, uint64_t ts_us);

/* The incident that waits for this victim at this server: by its address, or by a name that came to it. role
 * may be NULL. */
struct incident *story_find_server(struct story *s, const struct addr *victim, const struct addr *server,
                                   uint16_t port, uint64_t ts_us, enum link_role *role);

/* Lets it be found at host (a name or an address) and port; what else waited there for the victim is the same
 * incident. */
void story_link_host(struct story *s, struct incident *i, struct bytes host, uint16_t port,
                     enum link_role role);
void story_link_addr(struct story *s, struct incident *i, const struct addr *a, uint16_t port,
                     enum link_role role);
void story_link_named(struct story *s, struct incident *i, const struct name_addr *a, uint16_t port,
                      enum link_role role);

/* The addresses of a name and their times; an address is always its own. */
unsigned story_addrs(const struct story *s, struct bytes host, struct name_addr out[NAMES_ADDRS]);

/* Waits for a new connection to any port of that host. */
void story_link_any_port(struct story *s, struct incident *i, const struct name_addr *a);

/* The incident is found by the number that it has now, also when it goes on under another one. NULL: none, or
 * forgotten. */
void story_link_id(struct story *s, struct incident *i);
struct incident *story_by_id(struct story *s, uint64_t id);

/* Waits where an answer sends the victim next. */
void story_follow_answer(struct story *s, struct incident *i, const struct record *r,
                         const struct step *step);

/* In LDAP_ALLOWED. */
bool story_is_allowed(const struct story *s, const struct addr *server);

/* A question to a directory for something else than what the payload names, where the client was used to ask
 * before the lookup, many ask, or LDAP_ALLOWED explains it. The same of what an incident has, whose lookup
 * has come only now. */
bool story_is_habit(struct story *s, const struct incident *i, const struct record *r,
                    const struct step *step);
void story_forget_habit(struct story *s, struct incident *i, uint64_t lookup_us);

/* Another home host was sent the lookup, and this one calls: the string was handed on to where it is logged.
 * The other way round: the lookup is known only now, and they have called. */
void story_find_first_victim(struct story *s, struct incident *i, const struct record *r,
                             const struct step *step);
void story_adopt(struct story *s, const struct incident *i);

/* Waits at the places that the payload, or the command in its name, says that it will call once it runs:
 * hosts in its URLs and commands. */
void story_follow_payload(struct story *s, struct incident *i, const struct record *r);

/* Values that came back in what the callback asks for, or in the request for Java code. */
void story_learn_leaks(struct story *s, struct incident *i, const struct record *r, const struct step *step);

/* What is remembered of such questions, held against what is known of the lookup and its values now. */
void story_learn_asked(struct story *s, struct incident *i);

/* Lays sight along its pattern, which is part of the incident's name. False when it does not fit. */
bool story_learn_sight(struct story *s, struct incident *i, const struct leak_sight *sight);

/* b turns out to be i, whom callers hold and who therefore stays. */
void story_absorb(struct story *s, struct incident *i, struct incident *b);

/* Adds the step to the incident's marks. */
void story_mark(struct story *s, struct incident *i, const struct step *step);

/* Waits for the first words of the connection, then judges it. */
void story_await(struct story *s, const struct fact_connection *f, uint64_t flow_id);

/* The payload is known to be with the victim: whether it has called the attacker's hosts since; one of its
 * hosts; a place that the payload names. What they find is judged later. */
void story_recall_second(struct story *s, struct incident *i);
void story_recall_host(struct story *s, struct incident *i, const struct addr *host);
void story_recall_named(struct story *s, struct incident *i, struct bytes host, uint16_t port);

void story_recall_calls(struct story *s, struct incident *i, const struct addr *a, uint16_t port);

/* A name that the incident waits for, asked for by a resolver before its lookup was known. Whose it is, is
 * told: this one's, or another one's that names this one, too. */
void story_recall_somebody(struct story *s, struct incident *i);

/* What is known already of the callback that the incident has just begun to wait for. */
void story_recall(struct story *s, struct incident *i);

bool story_is_home(const struct story *s, const struct addr *a);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_NAMES_H
#define CORRELATE_NAMES_H

#include "channel/fact.h"
#include "correlate/table.h"

/* What names came to, and who asked for them: learned from captured DNS alone. Nothing is ever asked.
 * A name is known by a number, 64 bits of a hash with a secret seed, ASCII case aside. */
struct names;

/* What a question is for: an address, which is what a client resolves before it calls; the text that JNDI's
 * DNS provider wants; anything else, as mail servers and scanners of links ask. */
enum asked_for { ASKED_ADDRESS = 1, ASKED_TEXT = 2, ASKED_OTHER = 4 };
uint8_t names_asked_for(uint16_t type);

/* One client's questions for one name. */
struct question {
    struct table_entry entry;
    uint64_t first_us, last_us;
    uint64_t packet, flow_id; /* of the last */
    struct addr server;
    uint16_t server_port;
    uint8_t kinds; /* enum asked_for, of all of them */
    bool news;     /* the last note was a question, or an answer whose question was not seen */
    uint64_t n;
};

/* The latest name below another one that a client asked for. */
struct below {
    struct table_entry entry;
    uint64_t ts_us, packet, flow_id;
    struct addr client, server;
    uint16_t server_port;
    char name[FACT_NAME_MAX + 1];
};

/* How many names above one it is remembered below: for a.b.evil.example these are b.evil.example,
 * evil.example. The last label alone would be below everything. */
#define NAMES_ABOVE 4

/* An answer places its name for as long as it may be kept, and as long before: an earlier one may not have
 * been captured. Not less than what is kept against its will (JDKs and resolvers have floors of their own, a
 * retry takes its time, the clocks of two captures differ), and not more than a day, whatever it says:
 * addresses change hands. Answers for the same address join to one time. */
#define NAMES_LIFE_MIN_US UINT64_C(600000000)
#define NAMES_LIFE_MAX_US UINT64_C(86400000000)

struct name_span {
    uint64_t from_us, until_us; /* both included */
};

extern const struct name_span name_span_always;

struct name_span names_span(const struct fact_name *f, uint64_t ts_us);
void name_span_widen(struct name_span *span, const struct name_span *by);

struct name_addr {
    struct addr addr;
    struct name_span span;
};

#define NAMES_ADDRS   8 /* of one name, the latest */
#define NAMES_OF_ADDR 4 /* of one address, the latest */

struct names *names_new(size_t max_bytes, uint64_t seed);
void names_free(struct names *n);          /* NULL is welcome */
size_t names_bytes(const struct names *n); /* kept now */

uint64_t names_number(const struct names *n, struct bytes name);

/* The question is NULL when memory is short; good until the next note. */
struct question *names_note(struct names *n, const struct fact_name *f, uint64_t ts_us, uint64_t packet,
                            uint64_t flow_id);

struct question *names_asked(const struct names *n, const struct addr *client, uint64_t name);

/* client NULL: whoever asked last. */
struct below *names_below(const struct names *n, const struct addr *client, uint64_t name);

/* The name above: without its first label. Empty when it has only one label left. */
struct bytes names_above(struct bytes name);

/* Copies at most NAMES_ADDRS addresses that the name came to, whoever asked, and when. */
unsigned names_addrs(const struct names *n, uint64_t name, struct name_addr out[NAMES_ADDRS]);

/* Copies the names that this address belonged to at ts_us, the latest first. */
unsigned names_of_addr(const struct names *n, const struct addr *a, uint64_t ts_us,
                       uint64_t out[NAMES_OF_ADDR]);

/* How many other clients than this asked for the name, up to NAMES_CLIENTS. */
#define NAMES_CLIENTS 8
unsigned names_others(const struct names *n, const struct addr *client, uint64_t name);

/* Whether another client asked this one for the name: a resolver, which asks on for others. */
bool names_relayed(const struct names *n, const struct addr *client, uint64_t name);

#endif

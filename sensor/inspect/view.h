/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_VIEW_H
#define INSPECT_VIEW_H

#include "base/addr.h"

/* What a transaction was, for the records of outputs. Views, borrowed for the call; p NULL where nothing was
 * seen. */

#define FILE_SHA256_TEXT 65

struct file_view {
    struct bytes filename;         /* the path that was asked for */
    const char *magic;             /* what it is, in file(1)'s words */
    uint64_t size;                 /* bytes seen */
    bool whole;                    /* false: the end, or something in between, is missing */
    char sha256[FILE_SHA256_TEXT]; /* in hex; empty unless whole */
};

#define DNS_VIEW_ANSWERS 24
#define DNS_VIEW_MORE    8

struct dns_record_view {
    struct bytes name;
    uint16_t type;
    uint32_t ttl;
    struct bytes text; /* data that is a name or text; empty for others */
    struct addr addr;  /* of A and AAAA; version 0 for others */
};

struct dns_view {
    bool response, truncated;
    uint16_t id, flags; /* RFC 1035 section 4.1.1, as sent */
    uint8_t rcode, opcode;
    struct bytes name; /* of the first question */
    uint16_t type;
    struct bytes more[DNS_VIEW_MORE]; /* names of the questions behind it; no resolver sends any */
    unsigned n_more;
    bool jndi; /* a query as the JDK's provider sends it */
    unsigned n_answers;
    struct dns_record_view answers[DNS_VIEW_ANSWERS]; /* the first ones; addresses at least */
};

#define TLS_JA3_TEXT 33
#define TLS_JA4_TEXT 40

struct x509_text;

struct tls_view {
    bool server;                         /* a ServerHello or what follows it; else a ClientHello */
    const struct x509_text *certificate; /* no hello, but whose certificate this side shows first; or NULL */
    struct bytes sni;
    uint16_t version;                          /* chosen by the server, or the highest offered */
    char ja3[TLS_JA3_TEXT], ja4[TLS_JA4_TEXT]; /* of a ClientHello; of a ServerHello ja3 is JA3S */
    const char *client;                        /* whose fingerprint it is; NULL when unknown */
};

#endif

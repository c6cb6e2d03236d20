/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_SIGHTED_H
#define SUPPORT_SIGHTED_H

#include "detect/rules.h"

/* A made sighting: 192.0.2.1:40000 -> 198.51.100.2:389, TCP, to the server, app_proto "ldap". Change what the
 * case needs; each value lies in memory of exactly its size, freed by sighted_free. */
struct sighted {
    struct sighting s;
    struct addr src, dst;
    struct attrs attrs;
};

void sighted_init(struct sighted *it);

/* Adds one value of a buffer, by its name in the rule language. */
void sighted_add(struct sighted *it, const char *buffer, const char *value);
void sighted_add_bytes(struct sighted *it, const char *buffer, struct bytes value);

/* "jndi.stage=lookup jndi.leak=env:X": values without blanks. */
void sighted_add_all(struct sighted *it, const char *pairs);

void sighted_free(struct sighted *it);

/* Adds rules of which none may be refused. False with the first refusal. */
bool rules_all_added(struct ruleset *r, const char *name, struct bytes text, struct complaint *why);

/* A ruleset over HOME_NET, EXTERNAL_NET, NOBODY ("[]"), LDAP_ALLOWED (198.51.100.7) and HTTP_PORTS. */
struct ruleset *sighted_ruleset(void);

#endif

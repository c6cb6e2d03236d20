/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RECORDS_H
#define RECORDS_H

#include "channel/channel.h"
#include "output/ldap_records.h"

/* What a worker tells beside its findings: the lines of the records that were asked for, and which names home
 * hosts asked for. All zero but for what is named at first. */
struct records {
    struct eve eve; /* config, and offline */
    const struct ruleset *rules;
    struct channel *channel;
    struct ldap_records *ldap; /* NULL unless wanted */
    struct buf line;           /* kept for its memory */
};

/* Opens what the settings ask for: records whose parts come one by one. eve, rules and channel are set. False
 * when memory is short. */
bool records_begin(struct records *r);
void records_drop(struct records *r); /* all zero is welcome */

void records_field(struct records *r, const struct field *f);

/* Correlation asks for the connections that home hosts open, and for no others: a flood from outside costs no
 * more than the question whose it is. app_proto: "" while unknown. */
void records_connection(struct records *r, const struct connection *c, const char *app_proto);

void records_flow_end(struct records *r, const struct flow *f);

#endif

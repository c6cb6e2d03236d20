/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RECORDS_H
#define RECORDS_H

#include "channel/channel.h"
#include "output/eve_record.h"

/* What a worker tells beside its findings: the lines of the records that were asked for, and which names home
 * hosts asked for. All zero but for what is named at first. */
struct records {
    struct eve eve; /* config, and offline */
    const struct ruleset *rules;
    struct channel *channel;
    struct buf line; /* kept for its memory; buf_drop it */
};

void records_field(struct records *r, const struct field *f);

/* Correlation asks for the connections that home hosts open, and for no others: a flood from outside costs no
 * more than the question whose it is. app_proto: "" while unknown. */
void records_connection(struct records *r, const struct connection *c, const char *app_proto);

void records_flow_end(struct records *r, const struct flow *f);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HINTS_H
#define HINTS_H

#include "channel/channel.h"
#include "channel/fact.h"
#include "correlate/ioc_sieve.h"

/* What a worker tells the collector of the calls that home hosts make, whether or not a rule speaks: those
 * that may be on a list of indicators, and what shows the Java behind them. Facts; nothing of it is written
 * as it is.
 */
struct hints {
    const struct ruleset *rules;
    const struct ioc_sieve *sieve; /* NULL: no lists */
    struct channel *channel;
};

/* After detection has had the field, so that a finding about the same comes first. */
void hints_field(const struct hints *h, const struct field *f);

/* Somebody from outside has come to a home host and was answered. */
void hints_connection(const struct hints *h, const struct connection *c);

#endif

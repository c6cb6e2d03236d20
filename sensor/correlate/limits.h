/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_LIMITS_H
#define CORRELATE_LIMITS_H

#include "base/addr.h"
#include "config/config.h"
#include "detect/rules.h"

/* Counts how often each rule matched, for those that may speak only so often, as Suricata 7 counts: in packet
 * time, a period begins with a match and includes its last microsecond. Here, behind the merge, as many
 * workers count as one. What is remembered has a ceiling (correlate.threshold-memcap): full, the count that
 * was asked for least recently begins anew (LIMITS_FORGOTTEN), so a rule rather speaks too often than too
 * seldom. */
struct limits;

/* NULL when memory is short. */
struct limits *limits_new(const struct config *config);
void limits_free(struct limits *l); /* NULL is welcome */

/* Who is counted: the two ends of the packet that matched, its flow, its time. */
struct limit_subject {
    struct addr src, dst;
    uint64_t flow_id, ts_us;
};

/* Counts one match. True when the rule may speak of it. Without memory it may. */
bool limits_allow(struct limits *l, const struct rule *rule, const struct rule_limit *limit,
                  const struct limit_subject *who);

size_t limits_n(const struct limits *l); /* counts that are remembered */

#endif

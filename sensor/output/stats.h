/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_STATS_H
#define OUTPUT_STATS_H

#include "base/jsonw.h"
#include "config/config.h"

/* What detect.engines says of the rules. */
struct stats_rules {
    uint64_t loaded, failed;
    uint64_t read_us; /* when; 0: not said */
};

/* An EVE stats event with its newline, of the counters as they are now. What Suricata's schema has a name for
 * goes under it into "stats"; every counter that is not zero under its own name into "metadata.flowints"
 * (what was lost first, 100 keys at most). line is cleared first. False when memory is short. */
bool stats_line(struct buf *line, const struct config *config, uint64_t ts_us, uint64_t uptime_us,
                size_t n_flows, const struct stats_rules *rules);

/* What is in its "stats", into an object that is open; and the array of detect.engines, which has one. */
void stats_put(struct jsonw *w, uint64_t uptime_us, size_t n_flows, const struct stats_rules *rules);
void stats_put_engines(struct jsonw *w, const char *key, const struct stats_rules *rules);

#endif

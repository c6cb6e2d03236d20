/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_LIMIT_H
#define DETECT_RULE_LIMIT_H

#include "base/bytes.h"
#include "base/log.h"

/* How often a rule may speak: keywords threshold and detection_filter, and the lines of a threshold file.
 * correlate/limits.h does the counting. Suricata's own manual: "Thresholding Keywords". */
enum limit_kind {
    LIMIT_NONE,   /* always */
    LIMIT_FIRST,  /* type limit: the first count matches of a period */
    LIMIT_EACH,   /* type threshold: each count-th match of a period */
    LIMIT_ONCE,   /* type both: the count-th match of a period and no other */
    LIMIT_BEYOND, /* detection_filter: every match of a period after the first count */
};

enum limit_track {
    TRACK_SRC,    /* by_src: each sender of the packet that matched is counted for itself */
    TRACK_DST,    /* by_dst */
    TRACK_EITHER, /* by_either: one of both ends; suppress only */
    TRACK_BOTH,   /* by_both: each pair of hosts, whichever of them sends */
    TRACK_RULE,   /* by_rule: all together */
    TRACK_FLOW,   /* by_flow (Suricata 8) */
};

struct rule_limit {
    enum limit_kind kind;
    enum limit_track track;
    uint32_t count, seconds; /* a period begins with a match and holds all until so many seconds later */
};

/* "type limit, track by_src, count 1, seconds 60", in any order; filter: of detection_filter, which has no
 * type and tracks by_src or by_dst. False with a complaint that holds the reason alone. */
bool rule_limit_read(struct bytes text, bool filter, struct rule_limit *out, struct complaint *why);

/* by_src and the like. False when it is no such word. */
bool limit_track_read(struct bytes word, enum limit_track *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_CONFIRM_H
#define DETECT_RULE_CONFIRM_H

#include "detect/rule_traffic.h"

/* Asks one section of a traffic rule about one value of its buffer, as Suricata 7 does: tests in the order
 * written, each from where the one before it ended, and back to the next occurrence of a content or pcre
 * that a later one depends on. */

/* What one section's tests are asked of. */
struct confirm_value {
    struct bytes bytes;
    uint64_t before; /* bytes of the buffer in front of these, which are gone: BUFFER_STREAM */
    bool last;       /* the buffer ends with these */
};

/* What byte_extract has read so far. One per rule and judgement: zero it, then hand it to the rule's sections
 * one after the other. */
struct confirm_vars {
    uint64_t v[TRAFFIC_MAX_VARS];
};

/* What confirming works in, one per engine; all memory is taken when it is made. */
struct confirm_scratch;
struct confirm_scratch *confirm_scratch_new(void); /* NULL when memory is short */
void confirm_scratch_free(struct confirm_scratch *s);

/* Transforms are applied first. Never allocates. A section that costs too much on this value (expressions, or
 * 3,000 steps back and forth: Suricata's own limit) does not hold and is counted as detect.scan_failed. */
bool rule_confirm(const struct traffic_section *section, const struct confirm_value *value,
                  struct confirm_vars *vars, struct confirm_scratch *scratch);

/* The value as the section's tests see it, for whoever looks at it before they are asked: in scratch, or
 * value itself. Good until the next call of either. */
struct bytes rule_transformed(const struct traffic_section *section, struct bytes value,
                              struct confirm_scratch *scratch);

/* True when the header allows these ends, protocol and direction: addresses, ports, proto, app_proto.
 * app_proto NULL when not known. */
bool rule_header_holds(const struct rule_match *m, const struct sighting *s);

/* All of that but addresses and ports. */
bool rule_protocol_holds(const struct rule_match *m, const struct sighting *s);

/* In how many of its ways: 2 when a rule with <> holds with the ends exchanged as well. Suricata makes two
 * rules of such a one, and both alert. */
unsigned rule_header_ways(const struct rule_match *m, const struct sighting *s);

#endif

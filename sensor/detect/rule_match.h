/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_MATCH_H
#define DETECT_RULE_MATCH_H

#include "detect/rule_buffer.h"
#include "detect/rule_pcre.h"
#include "detect/rule_scope.h"
#include "detect/rules.h"
#include "detect/spots.h"

/* What a rule asks of a sighting, as the parser leaves it and the matcher reads it. docs/RULES.md says what
 * each means to whoever writes rules. */

struct rule_traffic; /* rule_traffic.h */
struct rule_transform;
struct transform_room; /* rule_transform.h */

#define RULE_MAX_TESTS   64
#define RULE_PATTERN_MAX 1024

enum rule_test_kind { TEST_CONTENT, TEST_PCRE, TEST_DATAAT };

/* One content, pcre or relative isdataat. */
struct rule_test {
    enum rule_test_kind kind;
    bool negated, nocase, starts, ends;
    bool relative; /* counted from where the test before it ended, not from the start */
    bool followed; /* the next test is relative: every place it can end in is wanted */
    bool from_set, reach_set;
    struct bytes pattern;
    int32_t from;   /* offset or distance; TEST_DATAAT: bytes that must follow */
    uint32_t reach; /* depth or within */
    struct rule_pcre *pcre;
};

/* One sticky buffer and what is asked of it. */
struct rule_section {
    enum attr_id id;                         /* ATTR_N: of no attr, but of ... */
    enum buffer_id buffer;                   /* ... the transaction */
    const struct rule_transform *transforms; /* rule_traffic.h: what a value becomes before it is asked */
    unsigned n_transforms;
    uint64_t least, most; /* length of the value */
    bool sized;
    struct rule_test *chain; /* one value must satisfy them all, in this order */
    unsigned n_chain;
    struct rule_test *never; /* negated and not relative: no value may satisfy any */
    unsigned n_never;
};

enum rule_direction { RULE_ANY_DIRECTION, RULE_TO_SERVER, RULE_TO_CLIENT };

struct rule_match {
    struct pool pool;              /* all that the rule owns, itself included */
    struct rule_pcre *expressions; /* but these */
    struct rule_traffic
        *traffic;          /* NULL: a rule over sightings; else what follows needs and sections is empty */
    uint8_t proto;         /* PROTO_TCP, PROTO_UDP; 0 = either */
    uint8_t version;       /* of IP: 4, 6; 0 = either */
    const char *app_proto; /* NULL = any */
    const struct scope *src, *dst, *src_port, *dst_port;
    bool both_ways;
    const char *src_written, *src_port_written, *dst_written, *dst_port_written;
    enum rule_direction direction;
    struct attr_set needs; /* what must be there */
    uint64_t tx_buffers;   /* what is asked of the transaction: one bit for each */
    struct rule_section *sections;
    unsigned n_sections;
    struct rule_use *use; /* NULL: nobody asks what it costs */
    unsigned conditions;  /* how much the rule asks: decides between equals */
};

/* What matching works in. */
struct rule_scratch {
    struct pcre_scratch *pcre;
    struct transform_room *room;
    struct spots spots[2];
};

/* Never allocates. present: attrs_present of the sighting's. A rule that could not be decided, because
 * its expressions cost too much on these values, does not match and is counted as detect.scan_failed. */
bool rule_match_test(const struct rule_match *m, const struct sighting *s, const struct attr_set *present,
                     struct rule_scratch *scratch);

/* True when the rule asks for the request's body and all else holds. */
bool rule_match_waits(const struct rule_match *m, const struct sighting *s, const struct attr_set *present,
                      struct rule_scratch *scratch);

#endif

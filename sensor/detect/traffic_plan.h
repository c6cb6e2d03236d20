/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_PLAN_H
#define DETECT_TRAFFIC_PLAN_H

#include "detect/gates.h"
#include "detect/traffic_reach.h"
#include "detect/traffic_state.h"

/* The traffic rules of a ruleset, sorted by what they have to be asked of. Read-only once made. */

#define SET_SHORTS 4 /* each costs a look at every byte */

/* Rules that one kind of text is asked about. A text is looked at once for all of them: those whose pattern
 * is in it are worth asking. */
struct traffic_set {
    bool any;
    reach_classes classes;     /* of its rules */
    struct patterns *patterns; /* NULL: none of the rules has one */
    unsigned n_patterns;
    struct gates gates;      /* of the patterns */
    bool shorts_as_well;     /* where none of the gates is, none of the shorts is either */
    uint32_t *first, *found; /* rules of pattern i: found[first[i]] to found[first[i + 1] - 1] */
    uint32_t *lens;          /* beside found: of the literal that the pattern is the end of */
    /* Rules whose text begins with a literal, by its first byte b: starts[starts_first[b]] ... */
    struct set_start {
        uint32_t rule;
        struct bytes text; /* the section's */
    } * starts;
    uint32_t starts_first[257];
    uint32_t *always; /* rules without a literal that is long enough to be searched for with the others */
    unsigned n_always;
    /* Literals of a byte or two, each looked for by itself: where one is not, rules that need it cannot hold.
     * 0: none, i + 1: shorts[i]; beside found and always. */
    uint8_t *found_needs, *always_needs;
    struct set_short {
        uint8_t text[2];
        uint8_t len;
    } shorts[SET_SHORTS];
    unsigned n_shorts;
    /* Whether texts that begin with this byte, and empty ones, are worth a look. */
    uint8_t may_begin[32]; /* one bit each */
    bool may_be_empty;
};

#define TRAFFIC_WANTS 5 /* INSPECT_HELLOS and its like */

/* What a payload section, or a rule without sections, is asked of. */
enum traffic_point { POINT_STREAM, POINT_SEGMENT, POINT_DATAGRAM, POINT_N };

struct traffic_rule {
    const struct rule *rule;
    const struct rule_traffic *ask;
    unsigned reach_class;
    struct state_ask *states;              /* ask->n_states */
    const struct traffic_section *payload; /* NULL: none */
    unsigned n_others;                     /* sections over buffers of transactions */
    unsigned others_way;                   /* BUFFER_TS, BUFFER_TC: where all of those are */
    uint64_t bodies;                       /* of those: the ones that grow (BUFFER_STREAM), one bit each */
    /* More text can only make it hold: it is judged at once. Else when the piece that Suricata would look at
     * is over. */
    bool at_once;
    bool once_a_way; /* asks for nothing but addresses: once per flow and direction */
};

/* The set of one buffer under the same transforms. */
struct traffic_buffer {
    enum buffer_id id;
    const struct traffic_section *like; /* a section with its transforms */
    bool to_server;
    struct traffic_set set;
};

struct traffic_plan {
    const struct ruleset *rules;
    struct traffic_rule *rule; /* in the order asked: who sets state before who reads it, then by sid */
    unsigned n, n_pass;        /* rules that let pass stand in front */
    struct traffic_reach reach;
    struct traffic_set payload[POINT_N][2]; /* [to_server] */
    struct traffic_buffer *buffers;
    unsigned n_buffers;
    uint64_t wanted[2]; /* buffers that any rule names, by direction [to_server], one bit each */
    /* Whose rules need bit i of what is asked of inspect/: of what goes [to_server]. */
    reach_classes wanting[2][TRAFFIC_WANTS];
    bool asks_packets;        /* something is to be asked of packets, */
    bool asks_empty_segments; /* of those as well that only acknowledge */
};

/* NULL with a complaint. rules must outlive it. */
struct traffic_plan *traffic_plan_new(const struct ruleset *rules, struct complaint *why);

/* Before it is used, and again when that is in another engine: the names of state become numbers. False when
 * memory is short. */
bool traffic_plan_number(struct traffic_plan *p, struct state_names *names);

/* What a traffic rule is found by, for whoever explains it. */
struct traffic_found {
    const struct traffic_section *section; /* NULL: the rule has none */
    const struct traffic_test *test;       /* NULL: no literal, the rule is asked always */
    bool packets, stream;                  /* the payload is asked of each packet, of the stream */
};

void traffic_plan_explain(const struct rule *rule, struct traffic_found *out);

void traffic_plan_free(struct traffic_plan *p); /* NULL is welcome */

#endif

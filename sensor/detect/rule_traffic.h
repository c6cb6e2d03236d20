/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_TRAFFIC_H
#define DETECT_RULE_TRAFFIC_H

#include "detect/rule_buffer.h"
#include "detect/rule_match.h"

/* What a traffic rule asks: a rule that names none of the sensor's own buffers means what Suricata 7 means by
 * it. The parser fills this in, all of it owned by the rule's pool; the engine (traffic*.c) reads it. Header
 * (proto, app_proto, addresses, ports, both_ways) and direction stand in struct rule_match. */

#define TRAFFIC_MAX_VARS   16 /* byte_extract names of one rule */
#define TRAFFIC_MAX_STATES 32 /* flowbits, xbits, flowints of one rule */

/* What the payload section is asked of, and a rule without any section is judged at. */
#define TRAFFIC_PACKET 1u /* each packet's own payload */
#define TRAFFIC_STREAM 2u /* the reassembled stream, chunk by chunk */

/* A number of the rule, or one that byte_extract reads from the traffic: then var - 1 is its place in
 * confirm_vars. */
struct rule_value {
    int64_t n;
    unsigned var; /* 0 = n counts */
};

enum rule_compare {
    COMPARE_EQUAL,
    COMPARE_DIFFERENT,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_MORE,
    COMPARE_MORE_EQUAL,
    COMPARE_BETWEEN, /* low and high excluded; bsize, dsize, urilen */
    COMPARE_AND,     /* byte_test's & and ^, flow of bits */
    COMPARE_XOR,
};

struct rule_size {
    enum rule_compare how;
    uint64_t low, high; /* high: COMPARE_BETWEEN alone */
};

bool rule_size_holds(const struct rule_size *s, uint64_t n);

/* The longest number in octal digits that 64 bits hold, with a zero in front. */
#define NUMBER_DIGITS_MAX 23

enum number_base { NUMBER_AUTO, NUMBER_OCTAL, NUMBER_DECIMAL, NUMBER_HEX }; /* AUTO: as strtoull's base 0 */

/* byte_math; a shift by 64 bits or more leaves nothing, a division by zero holds never. */
enum number_oper { OPER_ADD, OPER_SUBTRACT, OPER_MULTIPLY, OPER_DIVIDE, OPER_LEFT, OPER_RIGHT };

/* byte_test, byte_jump, byte_extract, byte_math: how a number is read out of the bytes, and what is done with
 * it. */
struct rule_number {
    struct rule_value bytes; /* 0 in byte_jump: nothing is read, the number is 0 */
    struct rule_value offset;
    bool string; /* digits in base, else binary */
    enum number_base base;
    bool relative, little;
    uint64_t bitmask; /* 0 = none; the number is shifted right by the mask's zeros below */
    unsigned shift;
    uint64_t multiplier;           /* byte_jump, byte_extract; 1 without */
    unsigned align;                /* byte_extract: to 2 or 4; byte_jump: 4; 0 = no */
    bool from_beginning, from_end; /* byte_jump */
    int64_t post;                  /* byte_jump: added at last */
    struct rule_value compared;    /* byte_test */
    enum rule_compare how;         /* byte_test */
    unsigned var;                  /* byte_extract, byte_math: where it goes, from 0 */
    enum number_oper oper;         /* byte_math: what is done with it ... */
    struct rule_value operand;     /* ... and this */
};

enum traffic_test_kind {
    ASK_CONTENT,
    ASK_PCRE,
    ASK_DATAAT,
    ASK_BSIZE,
    ASK_URILEN,
    ASK_BYTE_TEST,
    ASK_BYTE_JUMP,
    ASK_BYTE_EXTRACT,
    ASK_BYTE_MATH,
    ASK_BASE64,
};

struct traffic_section;

/* base64_decode: the text from number.offset on, number.bytes of it (0: all), is decoded, and what
 * base64_data asks of the result decides: tests behind it in the same section are not asked any more. */
struct traffic_test {
    enum traffic_test_kind kind;
    bool negated;
    bool relative; /* counted from where the test before it ended */
    bool followed; /* a later test is relative to this one: other occurrences are worth trying */

    /* ASK_CONTENT */
    bool nocase, starts, ends;
    bool fast; /* fast_pattern: what the rule wants to be found by */
    struct bytes pattern;
    bool has_from, has_reach;
    struct rule_value from;  /* offset; distance when relative */
    struct rule_value reach; /* depth; within when relative */

    struct rule_pcre *pcre;                /* ASK_PCRE */
    struct rule_value at_least;            /* ASK_DATAAT */
    struct rule_size size;                 /* ASK_BSIZE, ASK_URILEN */
    struct rule_number number;             /* ASK_BYTE_*, ASK_BASE64 */
    const struct traffic_section *decoded; /* ASK_BASE64 */
};

enum transform_kind {
    TRANSFORM_DOTPREFIX,
    TRANSFORM_TO_LOWERCASE,
    TRANSFORM_TO_UPPERCASE,
    TRANSFORM_HEADER_LOWERCASE,
    TRANSFORM_URL_DECODE,
    TRANSFORM_STRIP_WHITESPACE,
    TRANSFORM_COMPRESS_WHITESPACE,
    TRANSFORM_STRIP_PSEUDO_HEADERS,
    TRANSFORM_XOR,
    TRANSFORM_PCREXFORM,
};

#define TRANSFORM_MAX 8 /* of one section */

struct rule_transform {
    enum transform_kind kind;
    struct rule_pcre *pcre; /* TRANSFORM_PCREXFORM */
    struct bytes key;       /* TRANSFORM_XOR */
};

/* One buffer, and what one of its values must satisfy together, in the order written. Sections of the same
 * buffer and the same transforms are one section, unless the buffer is BUFFER_MANY. */
struct traffic_section {
    enum buffer_id buffer; /* BUFFER_N: of a test, which makes its value */
    struct rule_transform *transforms;
    unsigned n_transforms;
    struct traffic_test *tests; /* at least one */
    unsigned n_tests;
    struct rule_use *use; /* the rule's; NULL: nobody asks what it costs */
};

enum state_kind { STATE_FLOWBITS, STATE_XBITS, STATE_FLOWINT };
#define STATE_KINDS 3

#define STATE_NAMES_MAX 16384 /* of a kind, in all rules: a flow has one bit for each flowbits name */

enum state_action {
    STATE_ISSET,    /* flowbits, xbits: condition */
    STATE_ISNOTSET, /* condition */
    STATE_SET,
    STATE_UNSET,
    STATE_TOGGLE,
    STATE_COMPARE, /* flowint: condition how/value; isset and isnotset as above */
    STATE_ASSIGN,  /* flowint =, +, - */
    STATE_ADD,
    STATE_SUBTRACT,
};

enum xbits_track { XBITS_NONE, XBITS_SRC, XBITS_DST, XBITS_PAIR };

#define STATE_MAX_NAMES 8

/* One flowbits, xbits or flowint. Conditions are asked before the rule's contents count as matched; actions
 * are taken when all of the rule holds, in the order written, alert or not (noalert). */
struct rule_state {
    enum state_kind kind;
    enum state_action action;
    const char *names[STATE_MAX_NAMES]; /* "a|b": any of them, flowbits isset and isnotset alone */
    unsigned n_names;
    enum xbits_track track; /* xbits */
    uint32_t expire;        /* xbits: seconds */
    enum rule_compare how;  /* STATE_COMPARE */
    uint32_t value;         /* flowint */
    const char *value_name; /* flowint: another variable of the flow instead; NULL = value */
};

static inline bool state_is_condition(const struct rule_state *s)
{
    return s->action == STATE_ISSET || s->action == STATE_ISNOTSET || s->action == STATE_COMPARE;
}

/* stream_size: payload bytes of the flow so far, counted by sequence numbers. */
enum stream_side { STREAM_SIZE_SERVER, STREAM_SIZE_CLIENT, STREAM_SIZE_BOTH, STREAM_SIZE_EITHER };

struct rule_stream_size {
    enum stream_side side;
    enum rule_compare how;
    uint32_t bytes;
};

#define TRAFFIC_MAX_STREAM_SIZES 4

enum flow_seen { SEEN_ANY, SEEN_ESTABLISHED, SEEN_NOT_ESTABLISHED };

struct rule_traffic {
    struct traffic_section *sections; /* may be none: the header, flow and sizes are all that is asked */
    unsigned n_sections;
    unsigned inspects; /* TRAFFIC_PACKET, TRAFFIC_STREAM or both */
    enum flow_seen flow;
    bool has_flow; /* any word of flow stood there but the stream ones: packets without a flow do not match */
    bool same_ip; /* sender and receiver have one address */
    bool has_dsize;
    struct rule_size dsize; /* of the packet's payload */
    struct rule_stream_size *stream_sizes;
    unsigned n_stream_sizes;
    struct rule_state *states;
    unsigned n_states;
    const char *app_layer; /* app-layer-protocol:NAME; NULL without. "failed", "unknown" are values, too */
    bool app_layer_negated;
    unsigned n_vars;
};

#endif

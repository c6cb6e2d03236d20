/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_DRAFT_H
#define DETECT_RULE_DRAFT_H

#include "detect/rule_class.h"
#include "detect/rule_traffic.h"

/* A rule while it is read: shared by the files that read one, of no concern to others. Which kind of rule it
 * is shows at its end only, so everything is kept as a traffic rule has it until then. */

#define RULE_MAX_OPTIONS  1024
#define RULE_MAX_SECTIONS 64
#define RULE_MAX_LISTED   64      /* metadata items, references */
#define RULE_MAX_KEYWORDS 96      /* rows of the keyword table */
#define RULE_FAR          1048576 /* distance and within reach no further: Suricata's bound */

/* "keyword: value;" as written; value without the blanks around it. */
struct rule_option {
    struct bytes keyword, value;
    bool has_value;
};

struct draft_section {
    enum attr_id attr;     /* ATTR_N: no buffer of sightings */
    enum buffer_id buffer; /* BUFFER_N: no buffer of traffic */
    bool decoded;          /* base64_data: neither */
    struct rule_option named_by;
    unsigned n_tests; /* of the tests below */
    struct rule_transform transforms[TRANSFORM_MAX];
    unsigned n_transforms;
};

#define DRAFT_NONE UINT32_MAX

struct rule_draft {
    struct rule *rule;
    struct pool *pool; /* the rule's */
    const struct rule_classes *classes;
    struct scope_vars *vars;
    struct complaint *why;
    uint32_t sid;                     /* as far as known: for complaints */
    const struct rule_option *option; /* being read */
    size_t *pcre_room;                /* bytes that compiled expressions may still take */
    bool seen[RULE_MAX_KEYWORDS];

    struct draft_section sections[RULE_MAX_SECTIONS];
    unsigned n_sections;
    unsigned current; /* the section that a content goes to; DRAFT_NONE: the payload's, to be made */
    struct traffic_test tests[RULE_MAX_TESTS];
    uint8_t section_of[RULE_MAX_TESTS];
    unsigned n_tests;
    unsigned last;   /* the content that modifiers speak of; DRAFT_NONE when there is none */
    unsigned base64; /* the base64_decode test; DRAFT_NONE */
    bool priority_seen;
    struct rule_metadata metadata[RULE_MAX_LISTED];
    char *references[RULE_MAX_LISTED];

    /* What traffic rules alone may ask, and the first option that did, with the reason why sightings cannot.
     */
    struct rule_traffic traffic;
    struct rule_state states[TRAFFIC_MAX_STATES];
    struct rule_stream_size stream_sizes[TRAFFIC_MAX_STREAM_SIZES];
    struct bytes variables[TRAFFIC_MAX_VARS];
    bool packets_only,
        stream_only; /* by the header's tcp-pkt, tcp-stream, by flow's no_stream, only_stream */
    struct rule_option traffic_option;
    const char *traffic_reason; /* NULL: none did */
};

/* Bytes of the operator for "%.*s" in a message: enough to find it, not a page of it. */
#define DRAFT_SHOWN(b) (int)((b).len < 60 ? (b).len : 60), (const char *)(b).p

/* Always false. "file:line: sid N: keyword 'x': " goes in front, as far as known. */
bool draft_refuse(struct rule_draft *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Remembers that this option makes no sense over sightings, and why. Always true. */
bool draft_traffic_only(struct rule_draft *d, const char *reason);

/* NULL, and refused, when memory is short. */
void *draft_room(struct rule_draft *d, size_t len);
char *draft_str(struct rule_draft *d, struct bytes b);

/* The inside of a quoted value, escapes still in it, and whether a '!' stands before. False, and refused,
 * when it is not quoted. negated may be NULL: then a '!' is refused. */
bool draft_quoted(struct rule_draft *d, struct bytes *inside, bool *negated);

/* A whole number within bounds. False, and refused. */
bool draft_number(struct rule_draft *d, struct bytes text, int64_t least, int64_t most, int64_t *out);

/* The same, or the name of a byte_extract before it. */
bool draft_value(struct rule_draft *d, struct bytes text, int64_t least, int64_t most,
                 struct rule_value *out);

/* Compiles an expression for the rule, from "/expression/flags" or alone with one group (rule_pcre.h). NULL,
 * and refused. */
struct rule_pcre *draft_expression(struct rule_draft *d, struct bytes written, bool capture);

/* Takes the next part of a list off its front; false when nothing is left. Blanks around it are gone. */
bool draft_part(struct bytes *rest, char separator, struct bytes *part);

/* The section of the payload, made when there is none; NULL, and refused. */
struct draft_section *draft_section(struct rule_draft *d);
struct traffic_test *draft_test(struct rule_draft *d, enum traffic_test_kind kind, bool negated);

/* Escapes and hex of a content undone. False, and refused. */
bool draft_pattern(struct rule_draft *d, struct bytes in, struct bytes *pattern);

/* rule_option.c: the keyword table. */
bool draft_read_option(struct rule_draft *d, const struct rule_option *o);

/* rule_about.c: what an alert says. */
bool draft_msg(struct rule_draft *d);
bool draft_sid(struct rule_draft *d);
bool draft_gid(struct rule_draft *d);
bool draft_rev(struct rule_draft *d);
bool draft_priority(struct rule_draft *d);
bool draft_classtype(struct rule_draft *d);
bool draft_reference(struct rule_draft *d);
bool draft_metadata(struct rule_draft *d);
bool draft_target(struct rule_draft *d);
bool draft_noalert(struct rule_draft *d);
bool draft_no_matter(struct rule_draft *d);
bool draft_threshold(struct rule_draft *d);
bool draft_detection_filter(struct rule_draft *d);

/* rule_section.c: which buffer is asked. */
bool draft_buffer(struct rule_draft *d, enum attr_id attr, enum buffer_id buffer);
bool draft_modifier(struct rule_draft *d, enum buffer_id buffer); /* http_uri; after a content */
unsigned draft_move(struct rule_draft *d, enum buffer_id buffer); /* finds or makes; DRAFT_NONE, refused */
bool draft_transform(struct rule_draft *d, enum transform_kind kind);
bool draft_xor(struct rule_draft *d);
bool draft_pcrexform(struct rule_draft *d);

/* rule_content.c: what is asked of it. */
bool draft_content(struct rule_draft *d);
bool draft_uricontent(struct rule_draft *d);
bool draft_tls_subject(struct rule_draft *d);
bool draft_tls_issuer(struct rule_draft *d);
bool draft_pcre(struct rule_draft *d);
bool draft_nocase(struct rule_draft *d);
bool draft_startswith(struct rule_draft *d);
bool draft_endswith(struct rule_draft *d);
bool draft_offset(struct rule_draft *d);
bool draft_depth(struct rule_draft *d);
bool draft_distance(struct rule_draft *d);
bool draft_within(struct rule_draft *d);
bool draft_fast_pattern(struct rule_draft *d);
bool draft_rawbytes(struct rule_draft *d);

/* rule_size.c */
bool draft_isdataat(struct rule_draft *d);
bool draft_bsize(struct rule_draft *d);
bool draft_dsize(struct rule_draft *d);
bool draft_sameip(struct rule_draft *d);
bool draft_urilen(struct rule_draft *d);
bool draft_stream_size(struct rule_draft *d);

/* rule_number.c */
bool draft_byte_test(struct rule_draft *d);
bool draft_byte_jump(struct rule_draft *d);
bool draft_byte_extract(struct rule_draft *d);
bool draft_byte_math(struct rule_draft *d);

/* rule_base64.c */
bool draft_base64_decode(struct rule_draft *d);
bool draft_base64_data(struct rule_draft *d);

/* rule_flow.c */
bool draft_flow(struct rule_draft *d);
bool draft_flowbits(struct rule_draft *d);
bool draft_xbits(struct rule_draft *d);
bool draft_flowint(struct rule_draft *d);
bool draft_app_layer_protocol(struct rule_draft *d);

/* rule_draft.c: checks what was read as a whole and gives it to the rule. */
bool draft_finish(struct rule_draft *d);
bool draft_finish_sighting(struct rule_draft *d); /* rule_sighting.c */
bool draft_finish_traffic(struct rule_draft *d);  /* rule_traffic.c */

/* rule_head.c: "alert ldap $HOME_NET any -> any any". */
bool draft_head(struct rule_draft *d, struct bytes head);
bool draft_app_known(struct bytes name); /* a protocol that inspectors recognise */

/* rule_refused.c: false, and refused, when the keyword is one of Suricata's that is not read. */
bool draft_refuse_keyword(struct rule_draft *d);

#endif

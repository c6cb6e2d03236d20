/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_DRAFT_H
#define DETECT_RULE_DRAFT_H

#include "detect/rule_match.h"

/* A rule while it is read: shared by the files that read one, of no concern to others. */

#define RULE_MAX_OPTIONS  1024
#define RULE_MAX_SECTIONS 64
#define RULE_MAX_LISTED   64 /* metadata items, references */

/* "keyword: value;" as written; value without the blanks around it. */
struct rule_option {
    struct bytes keyword, value;
    bool has_value;
};

struct rule_draft {
    struct rule *rule;
    struct pool *pool; /* the rule's */
    struct scope_vars *vars;
    struct complaint *why;
    uint32_t sid;                     /* as far as known: for complaints */
    const struct rule_option *option; /* being read */
    uint64_t seen;                    /* one bit per row of the keyword table */

    struct rule_section sections[RULE_MAX_SECTIONS];
    unsigned first_test[RULE_MAX_SECTIONS + 1];
    unsigned n_sections;
    struct rule_test tests[RULE_MAX_TESTS];
    unsigned n_tests;
    struct rule_test *last; /* the content that modifiers speak of; NULL when there is none */
    bool flow_seen, priority_seen;
    struct rule_metadata metadata[RULE_MAX_LISTED];
    char *references[RULE_MAX_LISTED];
};

/* Bytes of the operator for "%.*s" in a message: enough to find it, not a page of it. */
#define DRAFT_SHOWN(b) (int)((b).len < 60 ? (b).len : 60), (const char *)(b).p

/* Always false. "file:line: sid N: keyword 'x': " goes in front, as far as known. */
bool draft_refuse(struct rule_draft *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* NULL, and refused, when memory is short. */
void *draft_room(struct rule_draft *d, size_t len);
char *draft_str(struct rule_draft *d, struct bytes b);

/* The inside of a quoted value, escapes still in it, and whether a '!' stands before. False, and refused,
 * when it is not quoted. negated may be NULL: then a '!' is refused. */
bool draft_quoted(struct rule_draft *d, struct bytes *inside, bool *negated);

/* A whole number within bounds. False, and refused. */
bool draft_number(struct rule_draft *d, struct bytes text, int64_t least, int64_t most, int64_t *out);

/* rule_option.c: the keyword table. */
bool draft_read_option(struct rule_draft *d, const struct rule_option *o);

/* rule_content.c: buffers and what is asked of them. */
bool draft_buffer(struct rule_draft *d, enum attr_id id);
bool draft_content(struct rule_draft *d);
bool draft_pcre(struct rule_draft *d);
bool draft_isdataat(struct rule_draft *d);
bool draft_bsize(struct rule_draft *d);
bool draft_nocase(struct rule_draft *d);
bool draft_startswith(struct rule_draft *d);
bool draft_endswith(struct rule_draft *d);
bool draft_offset(struct rule_draft *d);
bool draft_depth(struct rule_draft *d);
bool draft_distance(struct rule_draft *d);
bool draft_within(struct rule_draft *d);
bool draft_fast_pattern(struct rule_draft *d);

/* rule_draft.c: checks what was read as a whole and gives it to the rule. */
bool draft_finish(struct rule_draft *d);

/* rule_head.c: "alert ldap $HOME_NET any -> any any". */
bool draft_head(struct rule_draft *d, struct bytes head);

/* rule_refused.c: false, and refused, when the keyword is one of Suricata's that is not read. */
bool draft_refuse_keyword(struct rule_draft *d);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_PARSE_H
#define DETECT_RULE_PARSE_H

#include "detect/rule_class.h"
#include "detect/rule_match.h"

#define RULE_LINE_MAX 32768 /* bytes of one rule, continuation lines joined */

/* The next rule of a file: lines that end in a backslash joined, comments and empty lines passed over. */
struct rule_lines {
    struct bytes rest;
    unsigned line;  /* of what comes next */
    unsigned first; /* where the rule that was given begins */
    uint8_t joined[RULE_LINE_MAX];
};

enum rule_line { RULE_LINE_END, RULE_LINE_GIVEN, RULE_LINE_TOO_LONG };

void rule_lines_over(struct rule_lines *l, struct bytes text);

/* *text is good until the next call. */
enum rule_line rule_lines_next(struct rule_lines *l, struct bytes *text);

/* A rule from its text, header and options. NULL with a complaint; why may be NULL: nobody will read it, and
 * it costs no time. file must outlive it. classes may be NULL. pcre_room: bytes that compiled expressions may
 * still take, which those of this rule are taken off, refused or not: what bounds the time, too, that a
 * hostile file costs. Free with rule_free. */
struct rule *rule_read(struct bytes text, const char *file, unsigned line, const struct rule_classes *classes,
                       struct scope_vars *vars, size_t *pcre_room, struct complaint *why);
void rule_free(struct rule *r); /* NULL is welcome */

/* The i-th keyword that is read, buffers and content modifiers apart (rule_buffer.h, inspect/attr.h); NULL
 * beyond the last. */
const char *rule_keyword(unsigned i);

#endif

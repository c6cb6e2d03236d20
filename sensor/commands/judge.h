/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_JUDGE_H
#define COMMANDS_JUDGE_H

#include "detect/verdict.h"

/* Judges the lines of a log: what Log4j would look up, and also what was written but would not have been:
 * logs cut long lines, and whoever searches for traces wants to see the beginnings, too. */

enum judged_kind {
    JUDGED_LOOKUP,   /* Log4j 2.14.1 asks JNDI for this name */
    JUDGED_UNCLOSED, /* it would, were the expression closed: the brace is missing */
    JUDGED_TEXT,     /* "${jndi:" stands there, where Log4j leaves it alone */
    JUDGED_SPENT,    /* nothing was found until a budget ended the search */
};

/* "lookup", "unclosed", "text", "budget". */
const char *judged_kind_name(enum judged_kind kind);

struct judged {
    enum judged_kind kind;
    struct bytes name; /* empty when only the budget is known */
    struct verdict verdict;
};

/* Good for the call. */
typedef void judged_fn(void *arg, const struct judged *j);

struct judge;

/* config: lookup.*; scan stays the caller's. NULL when memory is short. Free with judge_free. */
struct judge *judge_new(const struct config *config, struct scan *scan);
void judge_free(struct judge *j); /* NULL is welcome */

/* A line, or a part of a long one, without its newline. inside: it goes on from the part before; a name that
 * was told then is not told again, nor is one that a line has twice. cut: it goes on, and its last
 * LINES_OVERLAP bytes will come again: what is not closed there may yet be. True when anything was told. */
bool judge_line(struct judge *j, struct bytes line, bool inside, bool cut, judged_fn *fn, void *arg);

#endif

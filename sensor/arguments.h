/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "base/buf.h"
#include "base/log.h"

/* A command line, read as a table says. The table gives the parser, --help and the words of every refusal. */

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };
enum choice { CHOICE_OPEN, CHOICE_YES, CHOICE_NO };

struct option_list {
    const char **v; /* argv's own texts */
    unsigned n;
};

enum option_type {
    OPTION_FLAG, /* bool */
    OPTION_MORE, /* unsigned, one more each time */
    OPTION_YES,  /* enum choice; with OPTION_NO in another row: of two letters for one thing the last one
                    counts */
    OPTION_NO,
    OPTION_TEXT,  /* const char *, once */
    OPTION_LIST,  /* struct option_list */
    OPTION_COUNT, /* uint64_t from 1 */
    OPTION_WORD,  /* unsigned: which of the words in row.argument ("all|none"), from 1 on */
    OPTION_WHEN,  /* enum when */
};

struct option_row {
    char letter; /* 0 for none */
    const char *name, *argument;
    enum option_type type;
    size_t at; /* in the structure that is filled */
    const char *help;
};

struct option_table {
    const struct option_row *rows;
    unsigned n;
    size_t words_at; /* a struct option_list for what is no option */
};

/* Fills the structure, which begins as zeros, from argv[1] on; argv must outlive it. False with a complaint:
 * an unknown option (and the one that was perhaps meant), a missing or bad argument. *memory is behind the
 * lists: to be freed in either case. */
bool arguments_parse(const struct option_table *table, void *into, int argc, char *const argv[],
                     const char ***memory, struct complaint *why);

/* A line per option. */
void arguments_help(const struct option_table *table, struct buf *out);

#endif

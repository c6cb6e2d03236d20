/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_SCAN_PRINT_H
#define COMMANDS_SCAN_PRINT_H

#include "commands/judge.h"

/* How the command scan writes what it found. */

enum scan_form {
    SCAN_LINES,  /* file:line: decoded  <- the line */
    SCAN_ONLY,   /* -o: the names alone */
    SCAN_COUNTS, /* -c: how many lines of each file */
    SCAN_FILES,  /* -l: which files */
    SCAN_JSON,
};

struct scan_style {
    enum scan_form form;
    bool color, names, numbers; /* numbers: also where a form has none */
};

struct scan_place {
    const char *file;
    uint64_t line, offset; /* of the line's first byte in the text */
    struct bytes text;     /* the line, or the part of it that was judged */
};

/* SCAN_LINES, SCAN_ONLY and SCAN_JSON: a line for one hit. */
void scan_print_hit(struct buf *out, const struct scan_style *s, const struct scan_place *place,
                    const struct judged *j);

/* The line of a binary file with a hit, which would be no sight on a terminal. */
void scan_print_binary(struct buf *out, const struct scan_style *s, const char *file);

/* SCAN_COUNTS and SCAN_FILES: the line of a file. */
void scan_print_file(struct buf *out, const struct scan_style *s, const char *file, uint64_t n_lines);

#endif

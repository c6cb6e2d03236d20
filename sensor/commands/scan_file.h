/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_SCAN_FILE_H
#define COMMANDS_SCAN_FILE_H

#include "commands/scan_print.h"

/* Searches one file after the other and writes what it finds to stdout. */

struct scan_plan {
    struct scan_style style;
    uint64_t max_lines; /* of one file; 0 = no limit */
    bool has_since, binary_too;
    int64_t since; /* lines with an earlier time are passed over */
};

struct scanner;

/* NULL with a complaint. Free with scanner_free. The plan is copied. */
struct scanner *scanner_new(const struct scan_plan *plan, struct complaint *why);
void scanner_free(struct scanner *s); /* NULL is welcome */

/* tick: called every now and then while it reads. */
void scanner_on_tick(struct scanner *s, void (*tick)(void));

/* Reads fd to its end, or as far as the plan asks. What cannot be read is said on stderr, and remembered.
 * written: a line without a year is not of a later time than this. False when there is nobody to write for
 * any more. */
bool scanner_file(struct scanner *s, const char *name, int fd, int64_t written);

/* So far. name: the file being read; NULL before the first. */
struct scanner_state {
    const char *name;
    uint64_t n_hits, n_files, bytes;
    bool failed; /* something could not be read */
    int status;  /* after scanner_file was false */
};
void scanner_state(const struct scanner *s, struct scanner_state *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "arguments.h"

/* The command line without a command: capture, in, alerts, out. */

enum checksums { CHECKSUMS_AS_SET, CHECKSUMS_ALL, CHECKSUMS_NONE, CHECKSUMS_AUTO };

struct options {
    const char *config, *log_dir, *filter_file;
    struct option_list reads, interfaces, add_rules, only_rules, sets;
    struct option_list words; /* of the capture filter */
    enum checksums checksums;
    uint64_t max_packets; /* 0 = no limit */
    unsigned verbose;
    bool in_process;
    bool quiet, json, exit_code, strict, deterministic, no_sandbox, skip_bad_rules;
    enum when color, progress;

    bool test;
    bool explain, counters, list_buffers, version, help; /* print something and leave */

    const char **memory; /* behind the lists */
};

/* argv must outlive o. False with a complaint: an unknown option (and the one that was perhaps meant), a
 * missing or bad argument, two options that contradict each other. options_free in either case. */
bool options_parse(struct options *o, int argc, char *const argv[], struct complaint *why);
void options_free(struct options *o);

void options_usage(struct buf *out); /* fifteen lines for somebody who typed the name alone */
void options_help(struct buf *out);  /* every option */

#endif

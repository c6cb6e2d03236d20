/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANNEL_REPORT_H
#define CHANNEL_REPORT_H

#include "base/count.h"
#include "channel/record.h"

/* The small kinds of record: lines and facts, and what a worker says of itself. The writers append to out and
 * return false, adding nothing, when it has no room; the place is set afterwards (record_set_place). The
 * readers believe nothing: false when b is no whole, well-formed record of that kind. Views point into b. */

/* A line of EVE JSON, finished by the worker: written as it is, at its place. */
struct line {
    uint64_t ts_us, packet; /* what it tells of */
    uint64_t flow_id;
    struct bytes text; /* "{...}\n", at most EVE_LINE_MAX bytes, no other control character in it */
};

#define EVE_LINE_MAX 32768

bool record_write_line(struct buf *out, const struct line *l);
bool record_read_line(struct bytes b, struct line *out);

/* Something that only correlation needs. What number means and how body is laid out (a plain struct without
 * pointers, gaps zeroed) is agreed between the one who sends it and the one who asks for it; the length is
 * checked by the latter. */
struct fact {
    uint32_t number; /* below FACT_N_MAX */
    uint64_t ts_us, packet;
    uint64_t flow_id;
    struct bytes body; /* at most FACT_MAX bytes */
};

#define FACT_N_MAX 256
#define FACT_MAX   2048

bool record_write_fact(struct buf *out, const struct fact *f);
bool record_read_fact(struct bytes b, struct fact *out);

/* The sender's counters at this place; due: a stats event is wanted here. */
struct tally {
    uint64_t first_us, last_us; /* packet times so far; 0: none */
    uint64_t n_flows;           /* open */
    uint64_t counters[COUNT_N];
};

bool record_write_stats(struct buf *out, const struct tally *t);
bool record_read_stats(struct bytes b, struct tally *out);

bool record_write_mark(struct buf *out);

/* Printable text of at most LOG_LINE_MAX - 1 bytes; its end is not sent. text: at least LOG_LINE_MAX bytes.
 */
bool record_write_log(struct buf *out, enum log_level level, const char *text);
bool record_read_log(struct bytes b, enum log_level *level, char *text);

#endif

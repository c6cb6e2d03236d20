/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include "correlate/correlate.h"
#include "output/stats.h"

/* The end of the road: EVE lines to a file and to stdout, readable lines to a terminal. stdout carries EVE or
 * readable lines, never engine messages. */
struct output_plan {
    const struct config *config;
    bool eve_file;   /* write config->eve_filename in config->log_dir */
    bool eve_stdout; /* -j, or stdout is a pipe and files are read */
    bool human;      /* readable alert lines and a summary on stdout */
    bool color;      /* human only */
    bool snapshots;  /* write the files of outputs.learned and outputs.exposure, those that are on */
    bool offline;    /* pcap_cnt instead of in_iface */
};

struct output;

/* Something that an operator has to know beyond what the log says. */
struct engine_event {
    uint64_t ts_us;
    const char *log_level; /* "Error", "Warning", "Notice" */
    const char *module;    /* the part of the sensor: "worker" */
    const char *thread;    /* which one of them; NULL for none */
    const char *error;     /* one word for machines; NULL for none */
    const char *message;   /* a sentence for people */
};

/* NULL with a complaint (path and reason) when a file cannot be opened. */
struct output *output_new(const struct output_plan *plan, struct complaint *why);

/* Where the next event's packet comes from: in_iface, or pcap_filename when configured. NULL: unknown. Kept,
 * not copied. */
void output_set_source(struct output *o, const char *source);

void output_alert(struct output *o, const struct alert *a);

/* An EVE anomaly event, when the settings want them; a terminal only gets their number, at the end. */
void output_anomaly(struct output *o, const struct record *r);

/* A finished line of EVE, its newline included. */
void output_line(struct output *o, struct bytes line);

/* An EVE engine event: what happened to the sensor itself. */
void output_engine(struct output *o, const struct engine_event *event);

/* What stats events say of the rules from now on. */
void output_set_rules(struct output *o, const struct stats_rules *rules);
const struct stats_rules *output_rules(const struct output *o);

/* An EVE stats event with the counters as they are now. n_flows: flows open. */
void output_stats(struct output *o, uint64_t ts_us, uint64_t uptime_us, size_t n_flows);

/* The closing table for a terminal: what was read, what was found by stage, and every LOSS counter that is
 * not zero
 * ("not seen"). Written only with human. first_us, last_us: packet times. */
void output_summary(struct output *o, const struct correlate *c, uint64_t first_us, uint64_t last_us);

/* The files of what was learned, when their interval is over at now_us, or at once. */
void output_snapshots(struct output *o, const struct correlate *c, uint64_t now_us, bool at_once);

/* Writes what is buffered. */
void output_flush(struct output *o);

/* Reopens the file by its name (SIGHUP, after logrotate). */
void output_reopen(struct output *o);

/* True when something could not be written: exit status 3. A closed stdout pipe is not a failure. */
bool output_failed(const struct output *o);

/* True when stdout was closed by its reader: there is nobody left to tell. */
bool output_closed(const struct output *o);

void output_free(struct output *o); /* flushes; NULL is welcome */

#endif

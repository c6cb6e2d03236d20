/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include "control/clients.h"
#include "correlate/correlate.h"
#include "output/stats.h"

/* The commands of the control socket: docs/COMMANDS.md lists them, with what they answer. */

enum control_result {
    CONTROL_WAITS, /* not yet */
    CONTROL_GOOD,
    CONTROL_BAD
};

/* What the program does at a client's word, and what it alone knows. */
struct control_host {
    /* counters[] then hold the whole sensor's; the numbers are of now. */
    void (*count)(void *arg);
    uint64_t (*n_flows)(void *arg);
    /* Rules and lists are read again: a number to ask control_result by, not 0; or 0 with a complaint. */
    uint64_t (*reload)(void *arg, struct complaint *why);
    /* What came of it: in force everywhere; or refused, with a complaint. */
    enum control_result (*reload_result)(void *arg, uint64_t number, struct complaint *why);
    void (*reopen)(void *arg);
    void (*stop)(void *arg);
    const struct ruleset *(*rules)(void *arg);
    const struct stats_rules *(*stats_rules)(void *arg);
    /* Of one interface of the settings; false: it is not known. */
    bool (*interface)(void *arg, unsigned i, uint64_t *packets, uint64_t *drops);
    /* What workers hold now, in bytes. */
    void (*held)(void *arg, uint64_t *streams, uint64_t *fragments);
    void *arg;
};

struct control_plan {
    const struct config *config;
    const struct correlate *correlate;
    struct control_host host;
    const char *version;                 /* of the program */
    bool offline;                        /* files are read */
    unsigned n_workers;                  /* 0: all in one process */
    uint64_t flow_memcap, stream_memcap; /* of all workers together */
};

struct control {
    struct control_plan plan;
    uint64_t begun_us; /* monotonic_us */
    bool stops;        /* it has been asked for */
};

/* clients_plan.answer; arg is the struct control. */
enum answer control_answer(void *arg, const struct request *r, struct asker *who, struct jsonw *w);

/* What the k-th word behind that command is called in "arguments"; NULL: it takes no such word, or is
 * unknown. */
const char *control_argument(const char *command, unsigned k);

/* --- between the files of this folder --- */

/* One command: a row of the table in control.c. */
struct command_call {
    struct control *control;
    const struct request *request;
    struct asker *who;
    struct jsonw *w;
};

/* "message": what was wrong. */
enum answer control_refuse(const struct command_call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* show.c: what the sensor has counted, and how full it is. */
enum answer show_counters(const struct command_call *c);
enum answer show_interfaces(const struct command_call *c);
enum answer show_interface(const struct command_call *c);
enum answer show_memcaps(const struct command_call *c);
enum answer show_rules(const struct command_call *c);
enum answer show_rules_time(const struct command_call *c);
enum answer show_rules_failed(const struct command_call *c);

/* stories.c: what it has learned. */
enum answer stories_incidents(const struct command_call *c);
enum answer stories_incident(const struct command_call *c);
enum answer stories_hosts(const struct command_call *c);

#endif

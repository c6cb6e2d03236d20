/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_SUPERVISOR_H
#define PROCESS_SUPERVISOR_H

#include "capture/set.h"
#include "collector.h"
#include "detect/rules.h"
#include "process/descriptors.h"
#include "process/opener.h"
#include "rulebook.h"

#include <poll.h>

/* The collector's main loop: makes the workers, reads what they send, replaces those that die. */
struct supervisor;

/* How many workers share interfaces. */
unsigned supervisor_n_live(const struct config *config);

/* Descriptors of others that the loop waits for, too. */
#define SUPERVISOR_GUESTS 65
struct supervisor_guests {
    /* Fills at most SUPERVISOR_GUESTS, and says how many. NULL: there are none. */
    unsigned (*fill)(void *arg, struct pollfd *fds);
    /* After each poll that found anything. Must not wait, nor take long: packets do. */
    void (*serve)(void *arg, const struct pollfd *fds, unsigned n);
    void *arg;
};

struct supervisor_plan {
    struct config *config; /* what is shared among workers is divided here */
    const struct ruleset *rules;
    const struct capture_plan *capture_plan;
    struct capture *capture;        /* files: open; the supervisor's from here on */
    const struct descriptors *keep; /* its own: all others are closed in workers */
    struct capture_set *set;        /* live: the workers' handles */
    struct collector *collector;
    struct output *output;
    uint64_t max_frames; /* 0 = no limit */
    bool live;
    struct opener
        *opener;  /* behind open_input of capture_plan, not begun; NULL when nothing is opened later */
    bool sandbox; /* for workers; the collector has entered its own */

    struct supervisor_guests guests;
    void (*tick)(void *arg); /* several times a second; counters are as they are now */
    void *arg;
};

/* Compiles what workers share. NULL with a complaint. */
struct supervisor *supervisor_new(const struct supervisor_plan *plan, struct complaint *why);
void supervisor_free(struct supervisor *s); /* NULL is welcome; no worker survives it */

/* Until everything is read, or supervisor_stop. */
void supervisor_run(struct supervisor *s);

/* Async-signal-safe. Stop: what has been captured until now is still worked on. Wake: calls tick soon. */
void supervisor_stop(struct supervisor *s);
void supervisor_wake(struct supervisor *s);

/* Live, from tick: the rules of another reading for workers that are made from now on, and, by and by, for
 * those that watch: each goes over to them between two packets. book must live until the next call, its texts
 * until supervisor_rules_settled. */
void supervisor_use_rules(struct supervisor *s, const struct rulebook *book);

/* True when every worker has gone over, and all that it found by earlier rules was taken. */
bool supervisor_rules_settled(const struct supervisor *s);

/* A stats event of now; from tick. */
void supervisor_stats(struct supervisor *s);

/* Adds up what the workers have counted so far: counters[] then holds the whole sensor's. */
void supervisor_count(struct supervisor *s);

/* For the line that shows progress. source: good until the next call. */
void supervisor_progress(const struct supervisor *s, uint64_t *done, uint64_t *total, unsigned *file,
                         unsigned *n_files, const char **source);

/* Flows open; frames of one interface of the settings, and how many the kernel dropped (false: not known, as
 * of files); bytes that workers hold of streams and of fragments: as of a moment ago. */
uint64_t supervisor_n_flows(const struct supervisor *s);
bool supervisor_interface(const struct supervisor *s, unsigned interface, uint64_t *packets, uint64_t *drops);
void supervisor_held(const struct supervisor *s, uint64_t *streams, uint64_t *fragments);

/* Packet times of the first and last frame, 0 when there was none. */
void supervisor_times(const struct supervisor *s, uint64_t *first_us, uint64_t *last_us);

/* True when some input could not be read, or a worker died while files were read, or none could start: exit
 * status 3. */
bool supervisor_failed(const struct supervisor *s);

unsigned supervisor_n(const struct supervisor *s); /* workers */

#endif

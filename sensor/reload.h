/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RELOAD_H
#define RELOAD_H

#include "base/log.h"

#include <stdint.h>

/* What operators change while the sensor watches (rules, lists) is read again on SIGUSR2: in a thread of its
 * own, beside what is in use, and taken into use only when all of it can be. A mistake changes nothing. */
struct reload;

/* One kind of thing that is read again. */
struct reload_part {
    const char *name; /* for messages: "rules" */
    /* In the reading thread: opens and checks the files. It must not touch what the first thread changes;
     * what it logs is told when it is done. NULL with a complaint. */
    void *(*read)(void *arg, struct complaint *why);
    /* In the first thread, between two records: fresh is in use from here on, and the part's own. Cannot
     * fail. */
    void (*use)(void *arg, void *fresh);
    /* What was read is not used, because another part was refused. */
    void (*drop)(void *arg, void *fresh);
    /* True while what was last taken into use has not arrived everywhere: nothing is read before. NULL:
     * never. */
    bool (*busy)(void *arg);
    void *arg;
};

#define RELOAD_PARTS 8

struct reload_plan {
    void (*wake)(void *arg); /* from the reading thread: the first one is to call reload_look soon */
    /* good: what was read is in use; else what the reason is for which it is not. */
    void (*told)(void *arg, bool good, const char *message);
    void *arg;
};

struct reload *reload_new(const struct reload_plan *plan); /* NULL when memory is short */
void reload_free(struct reload *r);                        /* waits for the thread; NULL is welcome */

/* At the start. They are read, and used, in this order. */
void reload_add(struct reload *r, const struct reload_part *part);

/* Begins, or remembers that it is to be done once more when what is under way is done. The number of the
 * reading that will find what lies there now, from 1 on. */
uint64_t reload_ask(struct reload *r);

enum reload_state {
    RELOAD_UNDER_WAY, /* not read yet, or not arrived everywhere */
    RELOAD_IN_USE,
    RELOAD_REFUSED, /* the complaint says why */
};

/* What came of a reading; of one before the last, what came of the last. */
enum reload_state reload_result(const struct reload *r, uint64_t number, struct complaint *why);

/* Several times a second: carries on. */
void reload_look(struct reload *r);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_LEARNER_H
#define PROCESS_LEARNER_H

#include "base/bytes.h"
#include "base/log.h"

/* A worker's second thread: what the collector sends down a pipe is made into something to work by, however
 * long that takes, while the first thread goes on watching and takes the result between two packets.
 *
 * Why a thread: a worker can neither open files nor make a process any more, rules are full of pointers that
 * mean nothing in another process, and Hyperscan compiles in one call that cannot be done in steps. It yields
 * the processor to the first one (a tenth of a core that both want). */
struct learner;

struct learner_plan {
    int fd; /* of the pipe, blocking; the learner's */
    /* In the second thread. confine, before anything is read: false: the process ends. */
    bool (*confine)(void *arg, struct complaint *why);
    /* NULL with a complaint. It must not count, log or touch what the first thread has. */
    void *(*make)(void *arg, uint32_t generation, struct bytes text, struct complaint *why);
    void (*drop)(void *arg, void *made); /* nobody has taken it before the next one was there */
    void *arg;
};

#define LEARNER_TEXT_MAX ((size_t)512 << 20)

/* Returns when the thread is confined; so before the caller is, which may make no thread then. NULL with a
 * complaint. It ends with the process. */
struct learner *learner_begin(const struct learner_plan *plan, struct complaint *why);

struct lesson {
    uint32_t generation;
    void *made; /* the taker's; NULL: why says why not */
    struct complaint why;
};

/* In the first thread; costs a load when there is nothing. */
bool learner_take(struct learner *l, struct lesson *out);

/* The other end of the pipe, in the collector. */
struct parcel {
    uint8_t head[16];
    struct bytes rest[2]; /* what is still to be written: of head, of the text */
};

/* text must live until it is delivered or given up. */
void parcel_pack(struct parcel *p, uint32_t generation, struct bytes text);
bool parcel_waits(const struct parcel *p); /* something is to be written */

/* Writes what fd (O_NONBLOCK) takes. False when nobody reads any more. */
bool parcel_write(struct parcel *p, int fd);

#endif

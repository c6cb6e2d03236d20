/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_SET_H
#define CAPTURE_SET_H

/* Live capture by several workers, as the process that starts them sees it. It opens a handle for each worker
 * on each interface (it has the right to), keeps a copy of every one, and forks; workers only read. On each
 * interface the handles share the frames: both directions of a host pair, and all fragments of a datagram, go
 * to one worker, the same one on all interfaces. Nobody else's share moves when a worker is replaced.
 *
 *     capture_set_open, for each k: fork, and in the child capture_set_take(k)
 *     while running: when capture_set_fd is readable or a second has gone by, capture_set_watch until it
 *         has nothing to say; then capture_set_wants for each k
 *     worker k has died: capture_set_renew(k), capture_set_settle(k), fork, take
 *     worker k is wanted: capture_set_renew(k), stop it, when it is gone: capture_set_settle(k), fork, take
 *     at the end, for each worker that did not end by itself: capture_set_settle(k); then capture_set_close
 */

#include "capture/capture.h"

#define CAPTURE_SET_MAX_WORKERS 64

struct capture_set;

/* 1 to CAPTURE_SET_MAX_WORKERS. NULL and a complaint when an interface cannot be opened or a filter does not
 * compile. The plan, which must have interfaces, must outlive the set and what is taken from it. */
struct capture_set *capture_set_open(const struct capture_plan *plan, unsigned n_workers,
                                     struct complaint *why);

/* In the child that becomes worker k, right after the fork: its own handles as a capture, all others are
 * closed here, and the set is no more. NULL when memory is short. */
struct capture *capture_set_take(struct capture_set *s, unsigned k);

/* Fresh handles for worker k: from here its share goes there, to wait for a successor. What cannot be opened
 * because it is missing or down is left out, and the successor wanted again when it comes. False with a
 * complaint when something else is wrong: ask again. */
bool capture_set_renew(struct capture_set *s, unsigned k, struct complaint *why);

/* The process that was worker k is gone, and its old handles go, too (all, when it was not renewed). What was
 * left in their rings is counted (COUNT_CAPTURE_LEFT here, in the caller's counters) by what the kernel says
 * and by the COUNT_N counters of all workers k so far, which go on counting where the one before ended. */
void capture_set_settle(struct capture_set *s, unsigned k, const volatile uint64_t *its_counters);

/* Something happened to an interface: logged and counted already. */
struct capture_news {
    const char *interface;
    const char *what;    /* one word: interface_down, _up, _gone, _back */
    const char *message; /* a few more */
    bool bad;
};

int capture_set_fd(const struct capture_set *s);
bool capture_set_watch(struct capture_set *s, struct capture_news *news);

/* True when worker k misses an interface that could be opened for a successor. */
bool capture_set_wants(const struct capture_set *s, unsigned k);

/* True while an interface is missing: exit status 3. */
bool capture_set_failed(const struct capture_set *s);

/* What the drivers dropped (COUNT_CAPTURE_INTERFACE_DROPS); workers look after the rest. */
void capture_set_update_drops(struct capture_set *s);

void capture_set_close(struct capture_set *s); /* NULL is welcome */

#endif

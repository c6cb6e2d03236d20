/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_OPENER_H
#define PROCESS_OPENER_H

#include <stdbool.h>
#include <sys/types.h>

/* Opens input files for a process that has no file system any more. It is a process of its own, which parses
 * nothing: it is asked for the number of an input and passes back a descriptor (SCM_RIGHTS, unix(7)). Opening
 * may take its time (a named pipe waits for its writer) without keeping anybody else waiting. */

struct opener {
    const char *const *paths; /* borrowed; "-" is standard input */
    unsigned n;
    int fd; /* -1: not begun, files are opened here */
    pid_t pid;
};

/* Forks the opener; from here on opener_open asks it. Before sandbox_worker, which must then know o->fd as
 * writable. The opener ends when the caller does. leave: a descriptor that it must not hold open, -1 for
 * none. False with errno; nothing has changed then. */
bool opener_begin(struct opener *o, int leave);

/* A descriptor for paths[k], the caller's to close; -1 with errno. A signal that came while it waited: EINTR.
 * Fits struct capture_plan: arg is the struct opener. */
int opener_open(void *arg, unsigned k);

/* Begun or not; not from inside a sandbox, where it ends with its parent. */
void opener_end(struct opener *o);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_APART_H
#define SUPPORT_APART_H

#include <stdbool.h>

/* Runs a function in a process of its own, because what it does cannot be undone. */

#define APART_GOOD 0
#define APART_BAD  1

/* How it ended: what the function returned (APART_*, or a number of its own below 100), or 128 + the signal.
 * Its standard error is a pipe that nobody reads, so that RLIMIT_FSIZE is what it would be under a service.
 */
int apart(int (*act)(void));

/* The same, but looked at from outside while it waits: act runs first (false: ends as APART_BAD), then look()
 * gets its process id. */
int apart_watched(bool (*act)(void), void (*look)(int pid));

/* The value behind "name:" in /proc/PID/file, without leading blanks; "" when there is none. Static memory.
 */
const char *apart_proc(int pid, const char *file, const char *name);

#endif

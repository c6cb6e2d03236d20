/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_SYSCALLS_H
#define PROCESS_SYSCALLS_H

#include <stdbool.h>

/* seccomp(2) filters, by libseccomp. Each sets no_new_privs, holds for all threads and children, and stacks:
 * a later filter can only take away more. The tables in syscalls.c say what is allowed and why. */

/* True when the kernel can end a process at a forbidden call. */
bool syscalls_can_filter(void);

/* The worker's allow-list; anything else ends the process at once (SIGSYS). Bytes may only leave through
 * writable[0..n) and standard error: capture sockets are for reading. 0, or an errno. */
int syscalls_confine_worker(const int *writable, unsigned n);

/* The collector's deny-list: what it never needs fails with EPERM. It forks, opens files and capture sockets,
 * and its libraries differ from one Debian to the next, so it is told what not to do. 0, or an errno. */
int syscalls_confine_collector(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_LANDLOCK_H
#define PROCESS_LANDLOCK_H

#include <stdbool.h>

/* Landlock (landlock(7), Documentation/userspace-api/landlock.rst): from here on a process opens only files
 * below the places it named. Restrictions add up and are inherited; none can be lifted. What is open already
 * stays usable. By system call: there is no library for it in Debian 12, and its headers know version 2. */

enum landlock_use {
    LANDLOCK_READ,   /* a file, or everything below a directory */
    LANDLOCK_WRITE,  /* below a directory: also create, rename, remove, truncate */
    LANDLOCK_REMOVE, /* below a directory: remove files, and nothing else */
};

/* Version of the interface, 0 where the kernel has none or does not let us. 1: files. 4: TCP. 6: signals and
 * abstract sockets. */
int landlock_version(void);

/* Nothing is allowed yet: no file, no TCP port, no signal to a process outside. A descriptor to be
 * given to the two below, -1 (errno) when it cannot be had. */
int landlock_begin(void);

/* False (errno) when the place cannot be opened or has no rules (pipes, sockets: those stay open to all). */
bool landlock_allow(int rules, const char *path, enum landlock_use use);

/* For this process and its future children; no_new_privs must be set. Closes rules in any case. */
bool landlock_enter(int rules);

#endif

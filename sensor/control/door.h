/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_DOOR_H
#define CONTROL_DOOR_H

#include "base/log.h"

/* The control socket in the file system (unix(7)): mode 0660, so that its owner and one group may connect. */

#define DOOR_PATH "/run/jndi-sensor/control.socket" /* where control.socket: auto means */

struct door {
    int fd; /* listening, not blocking; -1: there is none */
    char path[128];
    unsigned long long device, inode; /* of the file that was made */
};

/* group: a name or a number; "": that of the process. What a sensor that is no more has left there is
 * replaced. False with a complaint: no such directory or group, a name that is too long (107 bytes),
 * something else under that name, another sensor that answers there. To be called while the program still has
 * the right to give the file to the group, and before any thread (the file's mode needs the umask). */
bool door_open(struct door *d, const char *path, const char *group, struct complaint *why);

/* Removes the file, too, when it is still the one that was made and the process may. Once more is fine. */
void door_close(struct door *d);

#endif

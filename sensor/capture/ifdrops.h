/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_IFDROPS_H
#define CAPTURE_IFDROPS_H

/* Inside this folder only: frames that an interface dropped before the kernel saw them, as its driver counts
 * them in /sys. The files are opened at once, since later there may be no file system. */

#include <stdint.h>

struct ifdrops {
    int missed, fifo; /* descriptors, -1 when there is no such file ("any") */
    uint64_t before;
};

void ifdrops_open(struct ifdrops *d, const char *interface);

/* Counts what is new (COUNT_CAPTURE_INTERFACE_DROPS). */
void ifdrops_update(struct ifdrops *d);
void ifdrops_close(struct ifdrops *d);

#endif

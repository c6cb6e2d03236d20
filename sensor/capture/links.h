/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_LINKS_H
#define CAPTURE_LINKS_H

/* Inside this folder only: what becomes of the interfaces, as the kernel tells it by rtnetlink(7). Sockets on
 * an interface that goes down and comes up again go on; on one that is deleted they are dead, also when
 * another of its name appears. */

#include "config/config.h"

enum link_change {
    LINK_DOWN,
    LINK_UP,   /* again; sockets that were there before go on */
    LINK_GONE, /* deleted */
    LINK_BACK, /* another of its name is there, and up */
};

struct links;

/* Looks at n interfaces by name; they must outlive it. "any" never changes. NULL when memory is short or the
 * kernel has no such socket (errno). */
struct links *links_new(const struct config_interface *interfaces, unsigned n);
void links_free(struct links *l); /* NULL is welcome */

/* Readable when something may have changed. */
int links_fd(const struct links *l);

/* The next change of interface *which. False when there is none for now. */
bool links_next(struct links *l, unsigned *which, enum link_change *change);

/* One log line and one count for a change. */
void links_report(const char *name, enum link_change change);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_DESCRIPTORS_H
#define PROCESS_DESCRIPTORS_H

#include <stdbool.h>

#define DESCRIPTORS_MAX 1024

/* Descriptors that are open now, beyond the standard ones. */
struct descriptors {
    int fd[DESCRIPTORS_MAX]; /* in order */
    unsigned n;
};

void descriptors_now(struct descriptors *d);

/* Takes those away that are in other, too: what was opened since then is left. */
void descriptors_without(struct descriptors *d, const struct descriptors *other);

/* Closes all but those in keep, the standard ones and two more (-1: none). Standard output becomes /dev/null,
 * and standard input unless it is wanted. */
void descriptors_close(const struct descriptors *keep, const int mine[2], bool keep_stdin);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_LOSS_H
#define CAPTURE_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Looks at the counters of the whole sensor now and then: is the kernel dropping more than it may? */
struct loss_watch {
    uint64_t packets, drops; /* as they were at the last look */
};

/* True when, since the last look, the kernel dropped more than so many percent of its frames. message: then a
 * sentence with figures and the cure. 0 percent: never. */
bool loss_look(struct loss_watch *w, uint64_t percent, char *message, size_t size);

#endif

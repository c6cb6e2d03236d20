/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_OPEN_H
#define INSPECT_OPEN_H

#include "inspect/hold.h"
#include "inspect/inspector.h"

/* A length in front of a text cuts it for who believes the length. Somebody may claim one to a receiver that
 * knows lines only, which reads over the border: so what a framed text leaves open is read with the bytes
 * behind it, too. open is a hold, empty but for that case. */

/* Keeps text from the first expression on that does not end in it; instead of what was kept before. */
void open_keep(struct buf *open, const struct inspecting *in, struct bytes text);

/* The next bytes, as they were sent. Gives them raw behind what is kept, if anything, and forgets that. */
void open_join(struct buf *open, const struct inspecting *in, const char *app_proto, uint64_t message,
               struct bytes sent);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HOLD_H
#define INSPECT_HOLD_H

#include "base/buf.h"

/* Bytes that wait for the rest of their message. All holds of the process together stay below one ceiling, so
 * that many unfinished messages cannot eat the memory; what is refused there is counted (INSPECT_MEMORY) and
 * the caller judges what it has. A hold is a buf that is zero at first and is touched only through these
 * functions. */

/* Appends, up to ceiling bytes in this hold. False, with nothing added, when it does not all fit. */
bool hold_add(struct buf *hold, size_t ceiling, struct bytes piece);

/* Forgets the first n bytes; the memory goes back when nothing is left. */
void hold_cut_front(struct buf *hold, size_t n);
void hold_drop(struct buf *hold);

/* Ceiling of all holds, and what they take now. Without a call the ceiling is 64 MB. */
void holds_set_memcap(uint64_t bytes);
uint64_t holds_bytes(void);

/* The size of a message, told by its first bytes: 0 = more bytes are needed to say, HOLD_NONSENSE = no
 * message begins so. Never answers nonsense on a prefix of a message. */
#define HOLD_NONSENSE SIZE_MAX
typedef size_t hold_size_fn(struct bytes start);

enum hold_next {
    HOLD_MESSAGE,  /* *message is whole; give the hold back with hold_drop when done with it */
    HOLD_WAIT,     /* all of *data is taken; the message is not whole yet */
    HOLD_BAD,      /* what is held (perhaps nothing) and *data together begin no message */
    HOLD_TOO_LONG, /* the message is above ceiling, or memory is short */
};

/* Takes the next message off the front of *data. Copies only what is not whole yet. Bytes that turn out bad
 * stay in the hold for the caller to look at; what the hold has taken is no longer in *data. */
enum hold_next hold_next(struct buf *hold, size_t ceiling, hold_size_fn *size, struct bytes *data,
                         struct bytes *message);

#endif

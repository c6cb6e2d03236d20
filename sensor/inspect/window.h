/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_WINDOW_H
#define INSPECT_WINDOW_H

#include "base/buf.h"
#include "inspect/field.h"

/* The tail of a longer text (a body, a raw stream), kept as long as its receiver asks for: while nothing
 * suspicious is open only a little lookback is kept, so an idle window costs no memory. All windows together
 * stay below windows_set_memcap; beyond it pieces are judged without lookback (counted). */
struct window {
    struct buf held;
    bool started;
    uint64_t given; /* bytes, each once, over all texts */
};

#define WINDOW_CEILING 65536 /* longest text given at once */

/* Gives f (kind, name, coding, chunk ... filled by the caller) with value, fresh, first, last, at set. piece is
 * copied only as far as the receiver wants it again. Longer pieces are given in slices that overlap by what
 * the receiver wants to keep. Call with last and an empty piece to end. */
void window_give(struct window *w, struct field *f, struct bytes piece, bool last, field_fn *fn, void *arg);

/* Forgets the text; the next piece is a first one. */
void window_drop(struct window *w);

/* Ceiling of the memory that all windows hold together (stream.memcap). */
void windows_set_memcap(uint64_t bytes);

#endif

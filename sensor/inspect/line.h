/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_LINE_H
#define INSPECT_LINE_H

#include "inspect/hold.h"

/* Protocols of lines: what comes in any pieces is taken apart at its line feeds. */

/* Takes the next line off the front of *data, without its end (LF or CR LF). HOLD_MESSAGE: *line is whole,
 * and the hold is to be given back with hold_drop when done with it. HOLD_WAIT: all of *data is taken.
 * HOLD_TOO_LONG: there is no end within ceiling bytes, or memory is short; what is held stays there, and
 * *data is what was not taken. */
enum hold_next line_next(struct buf *hold, size_t ceiling, struct bytes *data, struct bytes *line);

/* Header fields (RFC 5322 section 2.2, RFC 3261 section 7.3.1): a line that begins with a blank continues the
 * one before it. */
typedef void header_fn(void *arg, struct bytes name, struct bytes value);

struct headers {
    struct buf held; /* a hold: the field that may still be continued */
};

/* The next line. Gives the field before it when that is now known to be whole; a line without a colon has an
 * empty name. What does not fit into ceiling bytes is given in pieces. */
void headers_line(struct headers *h, size_t ceiling, struct bytes line, header_fn *fn, void *arg);

/* No further line: gives what is held, if anything. */
void headers_end(struct headers *h, header_fn *fn, void *arg);
void headers_drop(struct headers *h);

#endif

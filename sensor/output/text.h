/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

#include "base/buf.h"

/* The beginning of b that a JSON reader sees as at most max_chars characters, given how jsonw_bytes writes it
 * (four for each \xNN). Never ends inside a UTF-8 sequence. */
struct bytes text_cut(struct bytes b, size_t max_chars);

/* For terminals: printable ASCII as it is, a backslash doubled, everything else as \xNN, so that no byte from
 * the wire moves the cursor, changes colours or turns the reading direction. At most max_bytes of b; "..."
 * follows a cut. */
void text_plain(struct buf *out, struct bytes b, size_t max_bytes);

/* For terminals, and to be read: valid UTF-8 as it is, but for what moves the cursor, is invisible or turns
 * the reading direction; that, and what is not valid, as \xNN per byte. A backslash stays one. At most
 * max_bytes; "..." follows a cut. */
void text_visible(struct buf *out, struct bytes b, size_t max_bytes);

/* 1234567 as "1,234,567". */
void text_number(struct buf *out, uint64_t n);

/* 1536 as "1.5 KB"; below 1 KB in whole bytes. */
void text_size(struct buf *out, uint64_t n);

#endif

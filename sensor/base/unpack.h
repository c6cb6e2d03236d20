/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_UNPACK_H
#define BASE_UNPACK_H

#include "base/bytes.h"
#include "base/log.h"

#include <signal.h>

/* A file as the text in it: as it is, or out of gzip, bzip2, xz or zstd, which is known by content. Several
 * packed parts behind one another are one text. Nothing grows with the file: a packer that wants more than
 * 128 MB for itself is refused. */
struct unpack;

/* NULL when memory is short. Free with unpack_free. */
struct unpack *unpack_new(void);
void unpack_free(struct unpack *u); /* NULL is welcome */

/* Another file begins; fd stays the caller's. */
void unpack_begin(struct unpack *u, int fd);

/* A read that a signal interrupts goes on, unless *stopped is set by then: that is a complaint. NULL, and at
 * first: it always goes on. Must outlive u. */
void unpack_stop_with(struct unpack *u, const volatile sig_atomic_t *stopped);

/* The next bytes of the text, at most room of them (at least 1). 0 at its end. -1 with a complaint (without
 * the file's name) when it cannot be read, is damaged or ends too early: what was given before is good. */
ptrdiff_t unpack_read(struct unpack *u, uint8_t *out, size_t room, struct complaint *why);

/* Bytes of the file that have been read. */
uint64_t unpack_position(const struct unpack *u);

/* True once the file has been seen to be packed: after the first unpack_read. */
bool unpack_is_packed(const struct unpack *u);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_READER_H
#define CAPTURE_READER_H

/* Inside this folder only: the bytes of a descriptor, unpacked on the way (gzip, zstd, bzip2, xz, known by
 * content), so that all who read captures read packed ones and pipes alike. Nothing is ever unpacked as a
 * whole. */

#include "base/bytes.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct reader;

/* fd is the reader's from here, also when it fails: NULL when memory is short. buffer_size: bytes asked of
 * the kernel at once. stopped may be NULL; when it is set, a read that a signal interrupts is an error. */
struct reader *reader_new(int fd, size_t buffer_size, const volatile sig_atomic_t *stopped);

/* The next bytes, in one piece where they are: len of them, or fewer at the end, or when reading fails or
 * memory is short for a piece beyond buffer_size. They stay the next ones, and good until the next call that
 * is given r. */
struct bytes reader_peek(struct reader *r, size_t len);

/* Those of them that were read already: none, or any number. */
struct bytes reader_held(const struct reader *r);
void reader_pass(struct reader *r, size_t len); /* at most as many as were just peeked at, or are held */
uint64_t reader_passed(const struct reader *r);

/* The same bytes for those who want a stream: once it was read from, nobody peeks any more. Reads only. Who
 * closes it must do so before reader_free, and reader_free does not. ftell gives bytes of what is read from
 * it, which is not the file's position when that is packed. */
FILE *reader_stream(const struct reader *r);

/* Why a read failed, "" when none did. */
const char *reader_complaint(const struct reader *r);

/* Bytes read from the descriptor: some are ahead of what the stream gave. */
uint64_t reader_position(const struct reader *r);

bool reader_is_packed(const struct reader *r);

void reader_free(struct reader *r); /* NULL is welcome */

#endif

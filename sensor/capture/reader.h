/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_READER_H
#define CAPTURE_READER_H

/* Inside this folder only: a descriptor as a stream, unpacked on the way (gzip, zstd, bzip2, xz, known by
 * content), so that libpcap and our own pcapng reader read packed captures and pipes alike. Nothing is ever
 * unpacked as a whole. */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct reader;

/* fd is the reader's from here, also when it fails: NULL when memory is short. buffer_size: bytes asked of
 * the kernel at once. stopped may be NULL; when it is set, a read that a signal interrupts is an error. */
struct reader *reader_new(int fd, size_t buffer_size, const volatile sig_atomic_t *stopped);

/* Reads only. Who closes it must do so before reader_free, and reader_free does not. ftell gives bytes of
 * what is read from it, which is not the file's position when that is packed. */
FILE *reader_stream(const struct reader *r);

/* Why a read of the stream failed, "" when none did. */
const char *reader_complaint(const struct reader *r);

/* Bytes read from the descriptor: some are ahead of what the stream gave. */
uint64_t reader_position(const struct reader *r);

bool reader_is_packed(const struct reader *r);

void reader_free(struct reader *r); /* NULL is welcome */

#endif

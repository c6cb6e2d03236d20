/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/bytes.h"

/* Bytes that are owned, with a ceiling given at birth. Allocates on the first byte; grows by doubling. */
struct buf {
    uint8_t *p;
    size_t len, cap, ceiling;
};

static inline struct buf buf_within(size_t ceiling)
{
    return (struct buf){.ceiling = ceiling};
}

static inline struct bytes buf_bytes(const struct buf *b)
{
    return (struct bytes){b->p, b->len};
}

/* Appends. Keeps what fits under the ceiling; false when not all of it did (or memory is short). */
bool buf_add(struct buf *b, struct bytes piece);
bool buf_add_byte(struct buf *b, uint8_t c);
bool buf_add_str(struct buf *b, const char *s);

/* printf into the buffer. Without the part that did not fit, and then false. */
bool buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Room for n more bytes without another allocation: NULL when the ceiling or memory says no. The bytes are
 * the caller's to write; buf_wrote says how many of them now belong to the buffer. */
uint8_t *buf_room(struct buf *b, size_t n);
void buf_wrote(struct buf *b, size_t n);

/* Forgets the first n bytes (all of them when there are fewer). The memory stays. */
void buf_cut_front(struct buf *b, size_t n);

/* Forgets the content; the memory stays for the next user. */
static inline void buf_clear(struct buf *b)
{
    b->len = 0;
}

/* Gives the memory back. The buffer is empty and may be used again under the same ceiling. */
void buf_drop(struct buf *b);

#endif

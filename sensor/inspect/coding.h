/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_CODING_H
#define INSPECT_CODING_H

#include "base/buf.h"

/* Undoes one coding of a text that comes in pieces: gzip (RFC 1952), zlib (RFC 1950), raw deflate (RFC 1951),
 * Zstandard (RFC 8878) or Brotli (RFC 7932). Which of them is told by the first bytes as far as they can
 * tell; a label helps only where they cannot. What turns out not to be coded comes out as it went in. */
enum coding_label {
    CODING_UNLABELLED, /* gzip, zlib or Zstandard when it begins so, else as it is */
    CODING_DEFLATE,    /* the same, else raw deflate */
    CODING_BROTLI,     /* gzip or Zstandard when it begins so, else Brotli */
    CODING_ALONE,      /* as CODING_UNLABELLED, but of one text in a stream of other bytes: what is behind it,
                        * or is no text of it, is left in *in and never comes out */
};

struct coding;

/* Ceiling of the memory that all codings of the process hold together. Without a call it is 48 MB. */
void codings_set_memcap(uint64_t bytes);
uint64_t codings_bytes(void);

/* NULL when memory is short. */
struct coding *coding_new(enum coding_label label);
void coding_free(struct coding *c); /* NULL is welcome */

enum coding_next {
    CODING_MORE, /* all of *in is taken, and all that follows from it is out */
    CODING_ROOM, /* call again, with more room */
    CODING_ANEW, /* no coded text after all: forget what came out; the text as it went in follows. Call again
                  */
};

/* Takes from the front of *in, writes at most room bytes (at least 1) to out; *n says how many. last: nothing
 * comes behind *in. Each call takes or gives something, or says CODING_MORE or, once, CODING_ANEW. */
enum coding_next coding_run(struct coding *c, struct bytes *in, bool last, uint8_t *out, size_t room,
                            size_t *n);

/* True while something is being undone: more may come out than goes in. */
bool coding_is_open(const struct coding *c);

/* True when all that still comes in will come out as it is, and nothing waits. */
bool coding_is_plain(const struct coding *c);

/* CODING_ALONE: the next text of the same stream; keeps the memory that it has. */
void coding_reset(struct coding *c);

/* True when a label was wrong, or the coded text broke off. */
bool coding_is_bad(const struct coding *c);

/* True when the ceiling of memory ended it. */
bool coding_is_refused(const struct coding *c);

/* True when such a first byte may begin what CODING_UNLABELLED undoes: most texts need no more than that. */
static inline bool coding_may_begin(uint8_t first)
{
    return first == 0x1f || first == 0x28 || first == 0x78;
}

/* A text that breaks within so many bytes is given again as it went in; a longer one was good until there. */
#define CODING_HELD 4096

#endif

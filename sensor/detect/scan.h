/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_SCAN_H
#define DETECT_SCAN_H

#include "base/bytes.h"
#include "base/log.h"

/* The trigger: the weakest condition that no lookup can avoid, under each encoding, so that whatever the
 * resolver would report is marked, and little else. This file and patterns.c alone include hs.h. */
struct scan;
struct scan_stream; /* a text that comes in pieces */

/* Takes the database that the build has compiled, or compiles it: that costs as much as reading 30 MB. NULL
 * with a complaint: no SSSE3, or memory is short. */
struct scan *scan_new(struct complaint *why);
/* For the build: the database as bytes, for the levels of processors that Hyperscan knows, from the best (0)
 * down. *out is the caller's to free; NULL when there is no such level. */
bool scan_bake(unsigned level, char **out, size_t *len, struct complaint *why);

void scan_free(struct scan *s); /* after every stream is closed; NULL is welcome */

/* What was seen, and so which readings of the text are worth trying. */
enum {
    SCAN_OPEN = 1,    /* "${" or an encoding of it: a lookup may be under way */
    SCAN_PLAIN = 2,   /* an expression that the evaluator may answer as it stands */
    SCAN_MIXED = 4,   /* "${" in clear, with an escape of some kind behind it */
    SCAN_ENCODED = 8, /* an encoded "${" */
    SCAN_WIDE = 16,   /* the same in 16-bit units */
    SCAN_BLOB = 32,   /* what may be base64 or hex of it */
    SCAN_HIT = 62,    /* any of these five: resolve this text */
    SCAN_TIGHT = 64, /* an expression in an expression, or the word itself: worth it where templates abound */
};

/* Scans a whole text up to the first hit of five. A scan that fails is counted and taken as a hit of every
 * kind: better looked at than lost. */
unsigned scan_block(struct scan *s, struct bytes text);

/* The same to its end: everything that is there. A text that is little but "${" is taken to have all of it:
 * to try every reading costs less than such a scan. */
unsigned scan_all(struct scan *s, struct bytes text);

/* NULL when memory is short. */
struct scan_stream *scan_stream_open(struct scan *s);

/* The next piece; what was seen since the last reset. After one of the five hits further pieces are not
 * looked at, unless everything is asked for. */
unsigned scan_stream_feed(struct scan *s, struct scan_stream *stream, struct bytes piece, bool everything);
void scan_stream_reset(struct scan *s, struct scan_stream *stream);
void scan_stream_close(struct scan *s, struct scan_stream *stream); /* NULL is welcome */

#endif

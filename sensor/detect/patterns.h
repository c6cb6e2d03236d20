/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_PATTERNS_H
#define DETECT_PATTERNS_H

#include "base/bytes.h"
#include "base/log.h"

/* Many literals looked for at once: the first thing that is asked of a buffer, before any rule is. */
struct patterns;
struct patterns_stream; /* a text that comes in pieces */

#define PATTERNS_MIN 3    /* shorter ones cost more than the rules that they would save */
#define PATTERNS_MAX 1024 /* bytes of one */

struct pattern {
    struct bytes text; /* PATTERNS_MIN to PATTERNS_MAX bytes, copied */
    bool nocase;       /* ASCII letters in either case */
    unsigned id;
};

/* One call for each occurrence. end: offset behind it, in all of the text. */
typedef void patterns_fn(void *arg, unsigned id, uint64_t end);

/* At least one pattern. pieces: for texts that come in pieces, else for whole ones. NULL with a complaint. */
struct patterns *patterns_new(const struct pattern *list, unsigned n, bool pieces, struct complaint *why);
void patterns_free(struct patterns *p); /* after every stream is closed; NULL is welcome */

/* False when the scan failed (counted as detect.scan_failed): anything may be in the text then. */
bool patterns_scan(struct patterns *p, struct bytes text, patterns_fn *fn, void *arg);

/* The same for the next piece of a text. Bytes of memory that a stream takes: patterns_stream_size. */
size_t patterns_stream_size(const struct patterns *p);
struct patterns_stream *patterns_stream_open(struct patterns *p); /* NULL when memory is short */
bool patterns_stream_feed(struct patterns *p, struct patterns_stream *s, struct bytes piece, patterns_fn *fn,
                          void *arg);
void patterns_stream_reset(struct patterns_stream *s);
void patterns_stream_close(struct patterns_stream *s); /* NULL is welcome */

#endif

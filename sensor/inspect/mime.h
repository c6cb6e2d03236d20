/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_MIME_H
#define INSPECT_MIME_H

#include "inspect/inspector.h"
#include "inspect/line.h"
#include "inspect/window.h"

/* A mail (RFC 5322, RFC 2045, RFC 2046), line by line: header fields with their encoded words undone, bodies
 * with their transfer encoding undone, part by part. Labels are believed only as far as the bytes agree: a
 * line that is no base64 is given as it stands. */

#define MIME_DEPTH 8 /* multiparts inside multiparts; deeper ones are read as text */

enum mime_coding { MIME_PLAIN, MIME_QUOTED, MIME_BASE64 };

struct mime {
    struct headers headers;
    struct window body;
    struct buf boundary[MIME_DEPTH]; /* holds: without the dashes */
    struct buf out;                  /* decoded, and not given yet; empty between two calls of mime_flush */
    uint32_t quantum;                /* base64: up to three characters that wait for the fourth */
    uint8_t n_quantum, n_boundaries;
    uint8_t coding; /* enum mime_coding, of the part at hand */
    bool in_body;
    uint64_t number; /* of the mail in its flow */
    const char *app_proto;
};

/* Zeroed memory is a mime at rest. Begins a mail: its header comes next. */
void mime_begin(struct mime *m, const char *app_proto, uint64_t number);

/* A line without its end, or (whole: false) the beginning of one that is too long to be kept. */
void mime_line(struct mime *m, const struct inspecting *in, struct bytes line, bool whole);

/* Gives what is decoded. To be called before a feed returns: an alert belongs to the packet that completes
 * it. */
void mime_flush(struct mime *m, const struct inspecting *in);

/* The mail is over. */
void mime_end(struct mime *m, const struct inspecting *in);
void mime_drop(struct mime *m);

#endif

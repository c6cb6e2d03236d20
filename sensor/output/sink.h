/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "base/buf.h"
#include "base/log.h"

/* Where lines go: a file or stdout. Whole lines only: a line that was written half is finished, or begun
 * anew, before another follows, across a full disk, logrotate and a restart. Lines wait in 64 KB of memory;
 * when that is full and cannot be written, new lines are lost (counted OUTPUT_FAILED, logged once a minute).
 * SIGPIPE must be ignored. */
struct sink;

/* Opened for appending, made with these permissions. NULL with a complaint. */
struct sink *sink_file(const char *path, unsigned mode, struct complaint *why);

/* Never closes stdout. A reader that went away is not a failure. */
struct sink *sink_stdout(void);

/* line with its newline. Counts it OUTPUT_LINES once it is taken. */
void sink_line(struct sink *s, struct bytes line);

/* Longer text made of lines, for terminals; not counted. */
void sink_text(struct sink *s, struct bytes text);

void sink_flush(struct sink *s);

/* Opens the path again; on failure the old file stays in use (logged). Nothing for stdout. */
void sink_reopen(struct sink *s);

/* Lines were lost, or cannot be written as things stand. */
bool sink_failed(const struct sink *s);

/* stdout's reader has gone. */
bool sink_closed(const struct sink *s);

/* Flushes; what cannot be written then is lost. */
void sink_free(struct sink *s); /* NULL is welcome */

#endif

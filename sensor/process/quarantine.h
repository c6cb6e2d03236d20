/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_QUARANTINE_H
#define PROCESS_QUARANTINE_H

#include "capture/capture.h"

/* The last frames before a worker died, for whoever wants to know why. The worker keeps them in memory that
 * the collector sees; the collector writes them to a file. */
struct recent;

#define RECENT_SNAP 65536 /* bytes kept of a frame */

/* Room for n frames. NULL when memory is short. */
struct recent *recent_new(unsigned n);
void recent_free(struct recent *r); /* NULL is welcome */

/* In the worker. */
void recent_note(struct recent *r, const struct frame *frame);

/* In the collector, when the worker is dead: writes what it kept as DIR/quarantine-NUMBER.pcapng, oldest
 * first, and forgets it. number: 1 to max_files; an older file of that number is replaced. Returns the frames
 * written; 0 with a complaint when nothing could be. path (path_size bytes) receives the file's name. */
unsigned quarantine_write(struct recent *r, const char *dir, unsigned number, char *path, size_t path_size,
                          struct complaint *why);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "base/bytes.h"

/* One line on stderr while files are read: bar, bytes, rate, time left, what was found, file. Redrawn at most
 * five times a second; erased before anything else is written to the terminal. */

struct progress_view {
    uint64_t done, total; /* bytes; total 0 when unknown ... */
    uint64_t n_parts;     /* ... then these show that it goes on ... */
    const char *part;     /* ... by this word: "packet" */
    uint64_t n_found;
    const char *found;      /* "alert" */
    unsigned file, n_files; /* n_files 0 when unknown */
    const char *name;
    uint64_t elapsed_us; /* filled in here */
};
typedef void progress_fn(void *arg, struct progress_view *view);

/* at_once: from the beginning, not only when reading takes longer than half a second. */
void progress_begin(progress_fn *fn, void *arg, bool at_once);
void progress_tick(void); /* without progress_begin: does nothing */
void progress_end(void);

/* The line itself, without the control sequences. columns: what fits. For tests, too. */
void progress_print(const struct progress_view *view, unsigned columns, char *out, size_t size);

#endif

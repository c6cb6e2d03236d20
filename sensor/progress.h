/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "capture/capture.h"

/* One line on stderr while files are read: bar, bytes, rate, time left, alerts, file. Redrawn at most five
 * times a second; erased before anything else is written to the terminal. */

/* at_once: from the beginning, not only when reading takes longer than half a second. */
void progress_begin(const struct capture *capture, bool at_once);
void progress_tick(void); /* without progress_begin: does nothing */
void progress_end(void);

/* The line itself, without the control sequences. columns: what fits. For tests, too. */
struct progress_view {
    uint64_t done, total; /* bytes; total 0 when unknown */
    uint64_t elapsed_us, packets, alerts;
    unsigned file, n_files;
    const char *name;
};
void progress_print(const struct progress_view *view, unsigned columns, char *out, size_t size);

#endif

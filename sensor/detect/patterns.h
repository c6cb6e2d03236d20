/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_PATTERNS_H
#define DETECT_PATTERNS_H

#include "base/bytes.h"
#include "base/log.h"

/* Many literals looked for at once: the first thing that is asked of a buffer, before any rule is. */
struct patterns;

#define PATTERNS_MIN 3    /* shorter ones cost more than the rules that they would save */
#define PATTERNS_MAX 1024 /* bytes of one */

struct pattern {
    struct bytes text; /* PATTERNS_MIN to PATTERNS_MAX bytes, copied */
    bool nocase;       /* ASCII letters in either case */
    unsigned id;
};

/* One call for each occurrence. end: offset behind it. */
typedef void patterns_fn(void *arg, unsigned id, uint64_t end);

/* At least one pattern. Searched in whole texts: who has a text in pieces searches the end of the last one
 * again, which costs less than Hyperscan's streams on the short messages of most protocols, and keeps no
 * state. NULL with a complaint. */
struct patterns *patterns_new(const struct pattern *list, unsigned n, struct complaint *why);
void patterns_free(struct patterns *p); /* NULL is welcome */

/* False when the scan failed (counted as detect.scan_failed): anything may be in the text then. */
bool patterns_scan(struct patterns *p, struct bytes text, patterns_fn *fn, void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_SCAN_BAKED_H
#define DETECT_SCAN_BAKED_H

#include <stddef.h>
#include <stdint.h>

/* The trigger's database as the build has compiled it (cmake/scan_bake.c), best processor first; ends with a
 * row of zeros. */
struct scan_baked {
    const uint64_t *words; /* in this machine's byte order: any bytes, well aligned */
    size_t len;            /* bytes */
};

extern const struct scan_baked scan_baked[];

#endif

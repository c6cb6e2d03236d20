/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_SLURP_H
#define BASE_SLURP_H

#include "base/buf.h"

/* Appends a whole file. 0, or an errno: EFBIG when out has no room for all of it, and then holds a part. */
int slurp(const char *path, struct buf *out);

#endif

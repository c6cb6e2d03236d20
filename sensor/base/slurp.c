/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/slurp.h"

#include <errno.h>
#include <stdio.h>

#define STEP 65536

/* The last step may be a short one: out may end right behind the file. */
static int slurp_open(FILE *file, struct buf *out)
{
    uint8_t piece[STEP];
    size_t got;

    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        if (!buf_add(out, bytes_of(piece, got)))
            return EFBIG;
    return ferror(file) ? errno : 0;
}

int slurp(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    int error = errno;

    if (!file)
        return error;
    error = slurp_open(file, out);
    fclose(file);
    return error;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_PACK_H
#define SUPPORT_PACK_H

#include "base/buf.h"

/* Puts content codings on: the other direction of inspect/coding.h. */
enum packing { PACK_GZIP, PACK_ZLIB, PACK_DEFLATE, PACK_ZSTD, PACK_BROTLI, PACK_N };

/* Appends. level: 1 to 9. */
void pack(enum packing how, struct bytes plain, int level, struct buf *out);

/* gzip with a comment in its header. */
void pack_with_comment(struct bytes plain, const char *comment, struct buf *out);

#endif

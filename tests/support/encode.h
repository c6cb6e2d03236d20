/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_ENCODE_H
#define SUPPORT_ENCODE_H

#include "detect/unwrap.h"

/* The other direction of detect/unwrap.h: puts encodings on, in any of the spellings that the layer reads. */

/* The same numbers for the same seed. */
struct chance {
    uint64_t state;
};

uint32_t chance_below(struct chance *c, uint32_t n);

/* Appends in under one layer. Of each ASCII character chance decides with percent whether it is encoded, and
 * how; always, if one stands in must. UTF-16, base64 and hex encode all of it. */
void encode(struct chance *c, enum unwrap_layer layer, struct bytes in, unsigned percent, const char *must,
            struct buf *out);

#endif

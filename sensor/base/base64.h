/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* RFC 4648 section 4, with padding, appended to out. False when it did not all fit. */
bool base64_encode(struct buf *out, struct bytes in);

/* Value of a character of the base64 or base64url alphabet, or -1. */
extern const int8_t base64_values[256];

static inline int base64_value(uint8_t c)
{
    return base64_values[c];
}

/* Decodes the leading run of base64 or base64url characters of in, appended to out; padding is optional, bits
 * that fill no byte are dropped. Returns how many characters of in were used. */
size_t base64_decode(struct buf *out, struct bytes in);

/* The same, over blanks and line ends. */
size_t base64_decode_lines(struct buf *out, struct bytes in);

/* The same, over everything that is not of the alphabet, base64url's '-' and '_' among it, up to the padding: as
 * java.util.Base64's MIME decoder does. */
size_t base64_decode_mime(struct buf *out, struct bytes in);

#endif

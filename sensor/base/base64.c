/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool base64_encode(struct buf *out, struct bytes in)
{
    size_t need = (in.len + 2) / 3 * 4;
    uint8_t *p = buf_room(out, need);
    size_t i;

    if (need == 0) /* an empty buffer has no room to point at, and none is wanted */
        return true;
    if (!p)
        return false;
    for (i = 0; i + 3 <= in.len; i += 3) {
        uint32_t v = (uint32_t)in.p[i] << 16 | (uint32_t)in.p[i + 1] << 8 | in.p[i + 2];

        *p++ = (uint8_t)alphabet[v >> 18];
        *p++ = (uint8_t)alphabet[v >> 12 & 63];
        *p++ = (uint8_t)alphabet[v >> 6 & 63];
        *p++ = (uint8_t)alphabet[v & 63];
    }
    if (i < in.len) {
        uint32_t v = (uint32_t)in.p[i] << 16 | (i + 1 < in.len ? (uint32_t)in.p[i + 1] << 8 : 0);

        *p++ = (uint8_t)alphabet[v >> 18];
        *p++ = (uint8_t)alphabet[v >> 12 & 63];
        *p++ = i + 1 < in.len ? (uint8_t)alphabet[v >> 6 & 63] : '=';
        *p++ = '=';
    }
    buf_wrote(out, need);
    return true;
}

/* Both alphabets, RFC 4648 sections 4 and 5. A table: the resolver looks at every character of long tokens.
 */
/* clang-format off */
const int8_t base64_values[256] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, 62, -1, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
    -1,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
/* clang-format on */

/* What stands between the characters and is stepped over. */
enum between { NOTHING, BLANKS, ANYTHING };

static bool is_between(uint8_t c, enum between between)
{
    if (between == ANYTHING) /* RFC 2045 section 6.8, which knows one alphabet */
        return c != '=' && (base64_values[c] < 0 || c == '-' || c == '_');
    return between == BLANKS && base64_values[c] < 0 && c <= ' ';
}

static size_t decode(struct buf *out, struct bytes in, enum between between)
{
    uint8_t *to = buf_room(out, in.len / 4 * 3 + 2);
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t i, n = 0;

    for (i = 0; i < in.len; i++) {
        int v = base64_values[in.p[i]];
        uint8_t byte;

        if (is_between(in.p[i], between))
            continue;
        if (v < 0)
            break;
        bits = bits << 6 | (uint32_t)v;
        n_bits += 6;
        if (n_bits < 8)
            continue;
        n_bits -= 8;
        byte = (uint8_t)(bits >> n_bits);
        if (to)
            to[n++] = byte;
        else if (!buf_add_byte(out, byte)) /* no room for all: what fits */
            break;
    }
    if (to)
        buf_wrote(out, n);
    return i;
}

size_t base64_decode(struct buf *out, struct bytes in)
{
    return decode(out, in, NOTHING);
}

size_t base64_decode_lines(struct buf *out, struct bytes in)
{
    return decode(out, in, BLANKS);
}

size_t base64_decode_mime(struct buf *out, struct bytes in)
{
    return decode(out, in, ANYTHING);
}

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

int base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

size_t base64_decode(struct buf *out, struct bytes in)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t i;

    for (i = 0; i < in.len; i++) {
        int v = base64_value(in.p[i]);

        if (v < 0)
            break;
        bits = bits << 6 | (uint32_t)v;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            if (!buf_add_byte(out, (uint8_t)(bits >> n_bits)))
                break;
        }
    }
    return i;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ber.h"

enum ber_result ber_length(struct cursor *c, size_t *value_len)
{
    uint8_t first = cursor_u8(c), n = first & 0x7f;
    uint64_t len = 0;

    *value_len = 0;
    if (!cursor_ok(c))
        return BER_SHORT;
    if (first < 0x80) {
        *value_len = first;
        return BER_OK;
    }
    /* 0 is the indefinite form, forbidden by RFC 4511; beyond 8 not even leading zeros make sense. */
    if (n == 0 || n > 8)
        return BER_BAD;
    for (unsigned i = 0; i < n; i++) {
        len = len << 8 | cursor_u8(c);
        /* Said at the first byte too many, not when all have come: a prefix must not look better than the
         * whole. */
        if (len > UINT32_MAX)
            return BER_BAD;
    }
    if (!cursor_ok(c))
        return BER_SHORT;
    *value_len = (size_t)len;
    return BER_OK;
}

enum ber_result ber_head(struct cursor *c, uint8_t *tag, size_t *value_len)
{
    *tag = cursor_u8(c);
    *value_len = 0;
    /* LDAP has no tag above 30, and this form could go on without end. */
    if ((*tag & 0x1f) == 0x1f)
        return BER_BAD;
    return ber_length(c, value_len);
}

enum ber_result ber_next(struct cursor *c, struct ber *out)
{
    size_t len;
    enum ber_result r;

    *out = (struct ber){0};
    r = ber_head(c, &out->tag, &len);
    if (r != BER_OK)
        return r;
    out->value = cursor_take(c, len);
    return cursor_ok(c) ? BER_OK : BER_SHORT;
}

bool ber_take(struct cursor *c, uint8_t tag, struct bytes *value)
{
    struct ber e;
    bool fits = ber_next(c, &e) == BER_OK && e.tag == tag;

    *value = e.value;
    if (!fits)
        c->state = CURSOR_SHORT;
    return fits;
}

bool ber_uint(struct bytes value, uint32_t *out)
{
    uint64_t v = 0;

    *out = 0;
    if (value.len == 0 || value.len > 8 || value.p[0] & 0x80)
        return false;
    for (size_t i = 0; i < value.len; i++)
        v = v << 8 | value.p[i];
    if (v > UINT32_MAX)
        return false;
    *out = (uint32_t)v;
    return true;
}

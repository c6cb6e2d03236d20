/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_text.h"

#include "base/cursor.h"

/* Two hex digits are a byte; any other character stands for itself. */
static uint8_t escaped(struct cursor *c)
{
    struct bytes pair = bytes_slice(cursor_rest(c), 0, 2);

    if (pair.len == 2 && hex_value(pair.p[0]) >= 0 && hex_value(pair.p[1]) >= 0) {
        cursor_skip(c, 2);
        return (uint8_t)(hex_value(pair.p[0]) << 4 | hex_value(pair.p[1]));
    }
    return cursor_u8(c);
}

bool ldap_unescape(struct bytes in, struct buf *out)
{
    struct cursor c = cursor_over(in);

    if (bytes_find_byte(in, '\\') == BYTES_NONE || !buf_room(out, in.len))
        return false;
    while (cursor_left(&c)) {
        uint8_t byte = cursor_u8(&c);

        /* A backslash at the end escapes nothing. */
        (void)buf_add_byte(out, byte == '\\' && cursor_left(&c) ? escaped(&c) : byte);
    }
    return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/options.h"

#include "base/cursor.h"

enum { END = 0, PAD = 1, TIMESTAMP = 8, SIGNATURE = 19 };

struct tcp_options options_read(struct bytes options)
{
    struct tcp_options out = {0};
    struct cursor c = cursor_over(options);

    if (options.len && !options_are_odd(options)) { /* at once: it is nearly every segment's */
        cursor_skip(&c, 4);
        out.stamped = true;
        out.stamp = cursor_u32be(&c);
        return out;
    }
    while (cursor_left(&c) > 0) {
        uint8_t kind = cursor_u8(&c), len;
        struct cursor body;

        if (kind == END)
            break;
        if (kind == PAD)
            continue;
        len = cursor_u8(&c);
        if (!cursor_ok(&c) || len < 2 || cursor_left(&c) < len - 2u)
            break;
        body = cursor_sub(&c, len - 2u);
        if (kind == TIMESTAMP && len == 10) {
            out.stamped = true;
            out.stamp = cursor_u32be(&body);
        }
        out.signed_ |= kind == SIGNATURE && len == 18;
    }
    return out;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/options.h"

#include "base/cursor.h"

enum { END = 0, PAD = 1, BLOCKS = 5, TIMESTAMP = 8, SIGNATURE = 19 };

/* RFC 2018 section 3: left and right edge of each block, 4 bytes each; nobody says in which order. */
static void read_blocks(struct cursor *body, struct tcp_options *out)
{
    while (cursor_left(body) >= 8) {
        uint32_t end;

        cursor_skip(body, 4);
        end = cursor_u32be(body);
        if (!out->has_blocks || (int32_t)(out->blocks_end - end) < 0)
            out->blocks_end = end;
        out->has_blocks = true;
    }
}

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
        if (kind == BLOCKS)
            read_blocks(&body, &out);
        out.signed_ |= kind == SIGNATURE && len == 18;
    }
    return out;
}

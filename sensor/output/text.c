/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text.h"
#include "base/jsonw.h"

#include <inttypes.h>

#define ESCAPED_CHARS 4 /* of \xNN */

static struct bytes cut_between_sequences(struct bytes b, size_t max)
{
    size_t end = max;

    if (b.len <= max)
        return b;
    while (end > 0 && max - end < 3 &&
           (b.p[end] & 0xc0) == 0x80) /* RFC 3629: at most three continuation bytes */
        end--;
    return bytes_slice(b, 0, end);
}

struct bytes text_cut(struct bytes b, size_t max_chars)
{
    struct bytes kept = cut_between_sequences(b, max_chars);
    size_t chars = 0, i;

    if (utf8_valid(kept))
        return kept;
    for (i = 0; i < b.len; i++) {
        chars += b.p[i] > 0x7e ? ESCAPED_CHARS : 1;
        if (chars > max_chars)
            break;
    }
    return bytes_slice(b, 0, i);
}

void text_plain(struct buf *out, struct bytes b, size_t max_bytes)
{
    for (size_t i = 0; i < b.len && i < max_bytes; i++) {
        uint8_t c = b.p[i];

        if (c == '\\')
            buf_add_str(out, "\\\\");
        else if (c >= 0x20 && c < 0x7f)
            buf_add_byte(out, c);
        else
            buf_addf(out, "\\x%02x", c);
    }
    if (b.len > max_bytes)
        buf_add_str(out, "...");
}

/* Of a valid sequence. */
static uint32_t code_point(const uint8_t *p, size_t n)
{
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);

    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3fu);
    return c;
}

/* Controls (Unicode Cc), and of the format characters (Cf) and separators those that a terminal obeys or
 * hides. */
static bool is_visible(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } hidden[] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
        {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (c >= hidden[i].from && c <= hidden[i].to)
            return false;
    return true;
}

void text_visible(struct buf *out, struct bytes b, size_t max_bytes)
{
    struct bytes kept = cut_between_sequences(b, max_bytes);

    for (size_t i = 0; i < kept.len;) {
        size_t n = utf8_sequence(bytes_from(kept, i));
        bool visible = n > 0 && is_visible(code_point(kept.p + i, n));
        size_t end = i + (n ? n : 1);

        if (visible)
            buf_add(out, bytes_slice(kept, i, end));
        for (; i < end; i++)
            if (!visible)
                buf_addf(out, "\\x%02x", kept.p[i]);
    }
    if (b.len > kept.len)
        buf_add_str(out, "...");
}

void text_number(struct buf *out, uint64_t n)
{
    if (n < 1000) {
        buf_addf(out, "%" PRIu64, n);
        return;
    }
    text_number(out, n / 1000);
    buf_addf(out, ",%03u", (unsigned)(n % 1000));
}

void text_size(struct buf *out, uint64_t n)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
    unsigned unit = 0;
    uint64_t whole = n, rest = 0;

    while (whole >= 1024) {
        rest = whole % 1024;
        whole /= 1024;
        unit++;
    }
    if (unit == 0)
        buf_addf(out, "%" PRIu64 " bytes", n);
    else
        buf_addf(out, "%" PRIu64 ".%" PRIu64 " %s", whole, rest * 10 / 1024, units[unit]);
}

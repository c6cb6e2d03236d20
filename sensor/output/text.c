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

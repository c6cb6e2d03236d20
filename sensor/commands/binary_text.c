/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/binary_text.h"
#include "base/base64.h"

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool too_long(struct complaint *why)
{
    return complain(why, "the input is too long");
}

bool hex_text_read(struct bytes text, struct buf *out, struct complaint *why)
{
    size_t i = 0;

    while (i < text.len) {
        uint8_t c = text.p[i], next = i + 1 < text.len ? text.p[i + 1] : '\0';

        if (is_blank(c) || c == ':' || c == ',') {
            i++;
        } else if ((c == '0' || c == '\\') && ascii_lower(next) == 'x') {
            i += 2;
        } else if (hex_value(c) >= 0 && hex_value(next) >= 0) {
            if (!buf_add_byte(out, (uint8_t)(hex_value(c) << 4 | hex_value(next))))
                return too_long(why);
            i += 2;
        } else {
            return complain(why, "character %zu is no hexadecimal byte: two digits each, as in 24 7b", i + 1);
        }
    }
    return true;
}

bool base64_text_read(struct bytes text, struct buf *out, struct complaint *why)
{
    struct buf run = buf_within(text.len);
    size_t i;
    bool good = true;

    for (i = 0; i < text.len && (is_blank(text.p[i]) || base64_value(text.p[i]) >= 0); i++)
        if (!is_blank(text.p[i]))
            good = good && buf_add_byte(&run, text.p[i]);
    while (i < text.len && (is_blank(text.p[i]) || text.p[i] == '='))
        i++;
    if (i < text.len)
        good = complain(why, "character %zu is not of the base64 alphabets", i + 1);
    else if (run.len % 4 == 1)
        good = complain(why, "the base64 ends in the middle: one character too many or three too few");
    else if (good)
        good = base64_decode(out, buf_bytes(&run)) == run.len;
    if (!good)
        too_long(why); /* the first complaint stays */
    buf_drop(&run);
    return good;
}

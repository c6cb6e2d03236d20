/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/glance.h"

bool glance_has_letters(struct bytes text)
{
    static const uint8_t letters[][2] = {{'j', 'J'}, {'d', 'D'}, {'n', 'N'}};
    struct bytes dotless = BYTES_LIT("\xc4\xb1");

    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (bytes_find_byte(text, letters[i][0]) == BYTES_NONE &&
            bytes_find_byte(text, letters[i][1]) == BYTES_NONE)
            return false;
    return bytes_find_byte(text, 'i') != BYTES_NONE || bytes_find_byte(text, 'I') != BYTES_NONE ||
           bytes_find(text, dotless) != BYTES_NONE;
}

size_t glance_opens(struct bytes text)
{
    size_t n = 0, at;

    while ((at = bytes_find(text, BYTES_LIT("${"))) != BYTES_NONE) {
        n++;
        text = bytes_from(text, at + 2);
    }
    return n;
}

bool glance_ends_open(struct bytes text)
{
    size_t depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '$' && i + 1 < text.len && text.p[i + 1] == '{')
            depth++;
        else if (text.p[i] == '}' && depth)
            depth--;
    }
    return depth > 0;
}

bool glance_has_escape(struct bytes text)
{
    for (size_t i = 0; i + 2 < text.len; i++)
        if (text.p[i] == '%' && hex_value(text.p[i + 1]) >= 0 && hex_value(text.p[i + 2]) >= 0)
            return true;
    return false;
}

enum field_coding glance_coding(struct bytes text)
{
    text = bytes_trim(text);
    if (text.len && (text.p[0] == '{' || text.p[0] == '['))
        return FIELD_JSON;
    return text.len && text.p[0] == '<' ? FIELD_XML : FIELD_PLAIN;
}

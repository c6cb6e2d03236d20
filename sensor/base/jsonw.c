/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/jsonw.h"
#include "base/base64.h"

#include <stdio.h>

static void put(struct jsonw *w, struct bytes b)
{
    if (!buf_add(w->out, b))
        w->ok = false;
}

static void put_byte(struct jsonw *w, uint8_t c)
{
    if (!buf_add_byte(w->out, c))
        w->ok = false;
}

static void start_value(struct jsonw *w, const char *key)
{
    if (w->comma)
        put_byte(w, ',');
    w->comma = true;
    if (key) {
        put_byte(w, '"');
        put(w, bytes_str(key));
        put(w, BYTES_LIT("\":"));
    }
}

void jsonw_object(struct jsonw *w, const char *key)
{
    start_value(w, key);
    put_byte(w, '{');
    w->comma = false;
}

void jsonw_end_object(struct jsonw *w)
{
    put_byte(w, '}');
    w->comma = true;
}

void jsonw_array(struct jsonw *w, const char *key)
{
    start_value(w, key);
    put_byte(w, '[');
    w->comma = false;
}

void jsonw_end_array(struct jsonw *w)
{
    put_byte(w, ']');
    w->comma = true;
}

size_t utf8_sequence(struct bytes b)
{
    const uint8_t *p = b.p;
    uint8_t low = 0x80, high = 0xbf;
    size_t n;

    if (b.len == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        n = 3;
        low = p[0] == 0xe0 ? 0xa0 : low;
        high = p[0] == 0xed ? 0x9f : high; /* no surrogates */
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        low = p[0] == 0xf0 ? 0x90 : low;
        high = p[0] == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (b.len < n || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    return n;
}

bool utf8_valid(struct bytes b)
{
    for (size_t i = 0; i < b.len;) {
        size_t n = utf8_sequence(bytes_from(b, i));

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c < 0x7f;
}

static void put_escaped(struct jsonw *w, uint8_t c, bool utf8)
{
    char text[8];

    if (c == '"' || c == '\\') {
        put_byte(w, '\\');
        put_byte(w, c);
    } else if (c == '\n') {
        put(w, BYTES_LIT("\\n"));
    } else if (c == '\r') {
        put(w, BYTES_LIT("\\r"));
    } else if (c == '\t') {
        put(w, BYTES_LIT("\\t"));
    } else if (c < 0x20 || c == 0x7f) {
        snprintf(text, sizeof text, "\\u%04x", c);
        put(w, bytes_str(text));
    } else if (utf8) {
        put_byte(w, c);
    } else {
        snprintf(text, sizeof text, "\\\\x%02X", c);
        put(w, bytes_str(text));
    }
}

static void put_string(struct jsonw *w, struct bytes value)
{
    bool utf8 = utf8_valid(value);
    size_t i = 0;

    put_byte(w, '"');
    while (i < value.len) {
        size_t from = i;

        while (i < value.len && is_plain(value.p[i]))
            i++;
        put(w, bytes_slice(value, from, i));
        if (i < value.len)
            put_escaped(w, value.p[i++], utf8);
    }
    put_byte(w, '"');
}

void jsonw_bytes(struct jsonw *w, const char *key, struct bytes value)
{
    start_value(w, key);
    put_string(w, value);
}

void jsonw_str(struct jsonw *w, const char *key, const char *value)
{
    jsonw_bytes(w, key, bytes_str(value));
}

void jsonw_array_named(struct jsonw *w, struct bytes key)
{
    start_value(w, NULL);
    put_string(w, key);
    put(w, BYTES_LIT(":["));
    w->comma = false;
}

void jsonw_u64(struct jsonw *w, const char *key, uint64_t value)
{
    uint8_t digits[20];
    size_t n = sizeof digits;

    start_value(w, key);
    do
        digits[--n] = (uint8_t)('0' + value % 10);
    while (value /= 10);
    put(w, bytes_of(digits + n, sizeof digits - n));
}

void jsonw_bool(struct jsonw *w, const char *key, bool value)
{
    start_value(w, key);
    put(w, value ? BYTES_LIT("true") : BYTES_LIT("false"));
}

void jsonw_base64(struct jsonw *w, const char *key, struct bytes value)
{
    start_value(w, key);
    put_byte(w, '"');
    if (!base64_encode(w->out, value))
        w->ok = false;
    put_byte(w, '"');
}

void jsonw_printable(struct jsonw *w, const char *key, struct bytes value)
{
    start_value(w, key);
    put_byte(w, '"');
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.p[i];

        if (is_plain(c))
            put_byte(w, c);
        else if (c == '"' || c == '\\' || c == '\r' || c == '\n')
            put_escaped(w, c, true);
        else
            put_byte(w, '.');
    }
    put_byte(w, '"');
}

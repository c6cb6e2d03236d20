/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/pieces.h"

/* Splits at either of two separators; empty pieces are passed over. */
static bool each_between(struct bytes text, const char separators[2], enum field_coding coding, piece_fn *fn, void *arg)
{
    size_t from = 0;
    bool stop = false;

    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.p[i] != (uint8_t)separators[0] && text.p[i] != (uint8_t)separators[1])
            continue;
        if (i > from)
            stop |= fn(arg, bytes_slice(text, from, i), coding);
        from = i + 1;
    }
    return stop;
}

static bool ends_line(uint8_t c)
{
    return c == '\r' || c == '\n';
}

bool pieces_each_line_with(struct bytes text, struct bytes word, piece_fn *fn, void *arg)
{
    size_t done = 0;
    bool stop = false;

    for (;;) {
        size_t from = bytes_find(bytes_from(text, done), word), to;

        if (from == BYTES_NONE)
            return stop;
        from += done;
        to = from;
        while (from > done && !ends_line(text.p[from - 1]))
            from--;
        while (to < text.len && !ends_line(text.p[to]))
            to++;
        stop |= fn(arg, bytes_slice(text, from, to), FIELD_PLAIN);
        done = to;
    }
}

/* name=value, each on its own; the value first: that is where attackers write. */
static bool each_parameter(struct bytes text, char separator, enum field_coding coding, piece_fn *fn, void *arg)
{
    size_t from = 0;
    bool stop = false;

    for (size_t i = 0; i <= text.len; i++) {
        struct bytes pair;
        size_t equals;

        if (i < text.len && text.p[i] != (uint8_t)separator)
            continue;
        pair = bytes_slice(text, from, i);
        from = i + 1;
        equals = bytes_find_byte(pair, '=');
        if (equals != BYTES_NONE) {
            stop |= fn(arg, bytes_from(pair, equals + 1), coding);
            stop |= fn(arg, bytes_slice(pair, 0, equals), coding);
        } else if (pair.len) {
            stop |= fn(arg, pair, coding);
        }
    }
    return stop;
}

/* The strings of a JSON text, without their quotes (RFC 8259 section 7). */
static bool each_string(struct bytes text, piece_fn *fn, void *arg)
{
    bool stop = false;
    size_t i = 0;

    while (i < text.len) {
        size_t from;

        while (i < text.len && text.p[i] != '"')
            i++;
        from = ++i;
        while (i < text.len && text.p[i] != '"')
            i += text.p[i] == '\\' ? 2 : 1;
        if (from < text.len)
            stop |= fn(arg, bytes_slice(text, from, i), FIELD_JSON);
        i++;
    }
    return stop;
}

static bool each_uri_piece(struct bytes uri, piece_fn *fn, void *arg)
{
    size_t query = bytes_find_byte(uri, '?');
    bool stop = fn(arg, bytes_slice(uri, 0, query), FIELD_URI);

    if (query != BYTES_NONE)
        stop |= each_parameter(bytes_from(uri, query + 1), '&', FIELD_FORM, fn, arg);
    return stop;
}

bool pieces_each(struct bytes text, enum field_coding coding, piece_fn *fn, void *arg)
{
    switch (coding) {
    case FIELD_URI:
        return each_uri_piece(text, fn, arg);
    case FIELD_FORM:
        return each_parameter(text, '&', FIELD_FORM, fn, arg);
    case FIELD_COOKIE:
        return each_parameter(text, ';', FIELD_COOKIE, fn, arg);
    case FIELD_JSON:
        return each_string(text, fn, arg);
    case FIELD_XML:
        return each_between(text, "<>", FIELD_XML, fn, arg);
    case FIELD_PLAIN:
        break;
    }
    return each_between(text, "\r\n", FIELD_PLAIN, fn, arg);
}

bool text_is_binary(struct bytes text)
{
    size_t n = 0;

    text = bytes_slice(text, 0, 2048); /* a sample says enough */
    for (size_t i = 0; i < text.len; i++)
        n += text.p[i] < 0x20 && text.p[i] != '\t' && text.p[i] != '\r' && text.p[i] != '\n';
    return n > text.len / 32;
}

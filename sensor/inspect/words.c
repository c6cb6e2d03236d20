/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/words.h"

#include "base/base64.h"
#include "base/cursor.h"

struct word {
    struct bytes text;
    uint8_t coding; /* 'b' or 'q' */
    size_t len;     /* of all of it, from "=?" to "?=" */
};

#define WORD_MAX 998 /* the longest line of a mail; the RFC allows 75 */

/* "=?" charset "?" coding "?" text "?=" */
static bool read_word(struct bytes at, struct word *w)
{
    struct bytes rest;
    size_t charset, end;

    at = bytes_slice(at, 0, WORD_MAX);
    rest = bytes_from(at, 2);
    if (!bytes_starts(at, BYTES_LIT("=?")))
        return false;
    charset = bytes_find_byte(rest, '?');
    if (charset == BYTES_NONE || rest.len < charset + 3 || rest.p[charset + 2] != '?')
        return false;
    w->coding = ascii_lower(rest.p[charset + 1]);
    rest = bytes_from(rest, charset + 3);
    end = bytes_find(rest, BYTES_LIT("?="));
    if (end == BYTES_NONE || (w->coding != 'b' && w->coding != 'q'))
        return false;
    w->text = bytes_slice(rest, 0, end);
    w->len = 2 + charset + 3 + end + 2;
    return true;
}

/* Section 4.2: "_" is a blank, "=XX" a byte. */
static void decode_q(struct bytes text, struct buf *out)
{
    struct cursor c = cursor_over(text);

    while (cursor_left(&c)) {
        uint8_t byte = cursor_u8(&c);
        struct bytes pair = bytes_slice(cursor_rest(&c), 0, 2);

        if (byte == '=' && pair.len == 2 && hex_value(pair.p[0]) >= 0 && hex_value(pair.p[1]) >= 0) {
            byte = (uint8_t)(hex_value(pair.p[0]) << 4 | hex_value(pair.p[1]));
            cursor_skip(&c, 2);
        } else if (byte == '_') {
            byte = ' ';
        }
        (void)buf_add_byte(out, byte);
    }
}

static void decode(const struct word *w, struct buf *out)
{
    if (w->coding == 'q')
        decode_q(w->text, out);
    else
        (void)base64_decode(out, w->text);
}

static size_t n_blanks(struct bytes text)
{
    size_t n = 0;

    while (n < text.len && (text.p[n] == ' ' || text.p[n] == '\t' || text.p[n] == '\r' || text.p[n] == '\n'))
        n++;
    return n;
}

bool words_decode(struct bytes in, struct buf *out)
{
    size_t before = out->len;
    bool any = false;
    struct word w;

    if (bytes_find(in, BYTES_LIT("=?")) == BYTES_NONE || !buf_room(out, in.len))
        return false;
    for (size_t at = 0; at < in.len;) {
        struct bytes rest = bytes_from(in, at);
        size_t blanks = n_blanks(rest);

        if (any && blanks && read_word(bytes_from(rest, blanks), &w)) {
            at += blanks;
        } else if (!read_word(rest, &w)) {
            size_t next = bytes_find(bytes_from(rest, 1), BYTES_LIT("=?"));
            size_t plain = next == BYTES_NONE ? rest.len : next + 1;

            (void)buf_add(out, bytes_slice(rest, 0, plain));
            at += plain;
            continue;
        }
        decode(&w, out);
        any = true;
        at += w.len;
    }
    if (!any)
        out->len = before;
    return any;
}

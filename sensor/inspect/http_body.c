/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_body.h"

/* chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF (RFC 9112 7.1). What ends a chunk's data is read as
 * an empty line before the next size. */
enum place { BEFORE_SIZE, IN_SIZE, BEHIND_SIZE, IN_EXTENSION, IN_DATA };

#define SIZE_DIGITS 15 /* what does not fit into an int64_t frames nothing; leading zeros are not counted */

static enum http_body_next take_content(struct http_body *b, struct cursor *c, struct bytes *piece)
{
    size_t n = cursor_left(c);

    if (n == 0)
        return HTTP_BODY_MORE;
    if (b->framing != HTTP_TO_CLOSE) {
        if (n > b->left)
            n = (size_t)b->left;
        b->left -= n;
    }
    *piece = cursor_take(c, n);
    return HTTP_BODY_PIECE;
}

/* False when the byte at the cursor belongs to no chunk size; it is then not taken. As lenient as Netty,
 * which trims what String.trim does, ends a size at any control character and has Integer.parseInt read "+5".
 */
static bool size_byte(struct http_body *b, struct cursor *c)
{
    uint8_t byte = *cursor_rest(c).p;
    int digit = hex_value(byte);

    if (digit >= 0) {
        if (b->digits == SIZE_DIGITS)
            return false;
        if (b->place == BEFORE_SIZE)
            b->left = 0;
        b->place = IN_SIZE;
        b->left = b->left * 16 + (unsigned)digit;
        b->digits = (uint8_t)(b->digits + (b->left != 0));
    } else if (b->place == BEFORE_SIZE) {
        if (byte > ' ' && byte != '+')
            return false;
    } else if (byte == '\n') {
        b->place = IN_DATA;
    } else if (byte == ';') {
        b->place = IN_EXTENSION;
    } else if (byte <= ' ' || byte == 0x7f) {
        b->place = BEHIND_SIZE;
    } else {
        return false;
    }
    cursor_skip(c, 1);
    return true;
}

/* Blanks, mostly the CR of the line's end; anything else is no size any more, and so an extension. */
static void behind_size(struct http_body *b, struct cursor *c)
{
    uint8_t byte = *cursor_rest(c).p;

    if (byte > ' ' && byte != 0x7f) {
        b->place = IN_EXTENSION;
        return;
    }
    if (byte == '\n')
        b->place = IN_DATA;
    cursor_skip(c, 1);
}

static struct bytes take_extension(struct http_body *b, struct cursor *c)
{
    size_t lf = bytes_find_byte(cursor_rest(c), '\n');

    if (lf != BYTES_NONE)
        b->place = IN_DATA;
    return cursor_take(c, lf == BYTES_NONE ? cursor_left(c) : lf + 1);
}

static enum http_body_next next_chunked(struct http_body *b, struct cursor *c, struct bytes *piece)
{
    while (cursor_left(c) && b->place != IN_DATA) {
        if (b->place == IN_EXTENSION) {
            *piece = take_extension(b, c);
            return HTTP_BODY_EXTENSION;
        }
        if (b->place == BEHIND_SIZE)
            behind_size(b, c);
        else if (!size_byte(b, c))
            return HTTP_BODY_BAD;
    }
    if (b->place != IN_DATA)
        return HTTP_BODY_MORE;
    b->digits = 0;
    /* The last chunk has no data: its trailers follow its line (RFC 9112 7.1.2). */
    if (b->left == 0) {
        b->place = BEFORE_SIZE;
        return HTTP_BODY_DONE;
    }
    if (cursor_left(c) == 0)
        return HTTP_BODY_MORE;
    (void)take_content(b, c, piece);
    if (b->left == 0)
        b->place = BEFORE_SIZE;
    return HTTP_BODY_PIECE;
}

enum http_body_next http_body_next(struct http_body *b, struct cursor *c, struct bytes *piece)
{
    if (b->framing == HTTP_CHUNKED)
        return next_chunked(b, c, piece);
    if (http_body_complete(b))
        return HTTP_BODY_DONE;
    return take_content(b, c, piece);
}

bool http_body_gap(struct http_body *b, uint64_t gap)
{
    if (b->framing == HTTP_TO_CLOSE)
        return true;
    if (gap > b->left || (b->framing == HTTP_CHUNKED && b->place != IN_DATA))
        return false;
    b->left -= gap;
    if (b->framing == HTTP_CHUNKED && b->left == 0)
        b->place = BEFORE_SIZE;
    return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_frame.h"

#include "base/cursor.h"
#include "inspect/http2_hpack.h"

struct http2_frame http2_frame_read(struct bytes head)
{
    struct cursor c = cursor_over(head);
    uint32_t high = cursor_u8(&c);
    struct http2_frame f;

    f.len = high << 16 | cursor_u16be(&c);
    f.type = cursor_u8(&c);
    f.flags = cursor_u8(&c);
    f.stream = cursor_u32be(&c) & 0x7fffffff; /* the reserved bit is ignored (RFC 9113 4.1) */
    return f;
}

/* Types in use beyond the core: ALTSVC (RFC 7838), ORIGIN (RFC 8336), PRIORITY_UPDATE (RFC 9218) and their
 * like, and the series that browsers send at random so that receivers stay tolerant. */
static bool is_extension(uint8_t type)
{
    return type <= 0x10 || (type - 0x0b) % 0x1f == 0;
}

bool http2_frame_is_good(const struct http2_frame *f)
{
    switch (f->type) {
    case HTTP2_DATA:
    case HTTP2_HEADERS:
    case HTTP2_CONTINUATION:
        return f->stream != 0;
    case HTTP2_PUSH_PROMISE:
        return f->stream != 0 && f->len >= 4;
    case HTTP2_PRIORITY:
        return f->stream != 0 && f->len == 5;
    case HTTP2_RST_STREAM:
        return f->stream != 0 && f->len == 4;
    case HTTP2_SETTINGS:
        return f->stream == 0 && f->len % 6 == 0 && (!(f->flags & HTTP2_ACK) || f->len == 0);
    case HTTP2_PING:
        return f->stream == 0 && f->len == 8;
    case HTTP2_GOAWAY:
        return f->stream == 0 && f->len >= 8;
    case HTTP2_WINDOW_UPDATE:
        return f->len == 4;
    default:
        return is_extension(f->type);
    }
}

/* A server's first word: at least one setting, and each a registered one with a value that it may have (RFC
 * 9113 6.5.2, RFC 8441, RFC 9218). Nothing else begins so. */
static enum recognition recognise_settings(const struct http2_frame *f, struct bytes content, bool whole)
{
    struct cursor c = cursor_over(content);

    if (f->flags || !http2_frame_is_good(f) || f->len == 0 || f->len > 6 * 16)
        return RECOGNISE_NO;
    for (uint32_t at = 0; at < f->len; at += 6) {
        uint16_t id = cursor_u16be(&c);
        uint32_t value = cursor_u32be(&c);

        if (!cursor_ok(&c))
            return whole ? RECOGNISE_NO : RECOGNISE_MORE;
        if (id == 0 || id > 9 || ((id == 2 || id == 8 || id == 9) && value > 1) ||
            (id == 4 && value > 0x7fffffff) || (id == 5 && (value < 16384 || value > 0xffffff)))
            return RECOGNISE_NO;
    }
    return RECOGNISE_RESPONSE;
}

/* What a header block in the middle of a connection decodes to, as far as it does not refer to what was
 * before: a request or a response says so in its first headers (RFC 9113 8.3). */
static enum recognition judge_block(struct bytes block)
{
    struct http2_hpack *p = http2_hpack_new(65536, UINT64_MAX, true);
    enum recognition r = RECOGNISE_NO;
    enum http2_hpack_next next = HTTP2_HPACK_BAD;
    struct http2_header header;
    unsigned n = 0;

    while (p && (next = http2_hpack_next(p, &block, &header)) == HTTP2_HPACK_HEADER) {
        n++;
        if (bytes_eq(header.name, BYTES_LIT(":status")) && n == 1 && header.value.len == 3)
            r = RECOGNISE_RESPONSE;
        else if (bytes_eq(header.name, BYTES_LIT(":method")) || bytes_eq(header.name, BYTES_LIT(":scheme")) ||
                 bytes_eq(header.name, BYTES_LIT(":path")))
            r = n <= 4 && r != RECOGNISE_RESPONSE ? RECOGNISE_REQUEST : RECOGNISE_NO;
    }
    if (next != HTTP2_HPACK_MORE || !http2_hpack_end(p) || n < 2)
        r = RECOGNISE_NO;
    http2_hpack_free(p);
    return r;
}

/* Midstream: HEADERS that is a whole header block, with flags that it can have. */
static enum recognition recognise_headers(const struct http2_frame *f, struct bytes content, bool whole)
{
    const uint8_t known = HTTP2_END_STREAM | HTTP2_END_HEADERS | HTTP2_PADDED | HTTP2_PRIORITISED;
    struct cursor c = cursor_over(content);
    struct cursor frame;
    size_t padding = 0;

    if ((f->flags & ~known) || !(f->flags & HTTP2_END_HEADERS) || f->stream % 2 == 0 || f->len > 16384 ||
        f->len < 2)
        return RECOGNISE_NO;
    frame = cursor_sub(&c, f->len);
    if (!cursor_ok(&c))
        return whole ? RECOGNISE_NO : RECOGNISE_MORE;
    if (f->flags & HTTP2_PADDED)
        padding = cursor_u8(&frame);
    if (f->flags & HTTP2_PRIORITISED)
        cursor_skip(&frame, 5);
    if (!cursor_ok(&frame) || padding >= cursor_left(&frame))
        return RECOGNISE_NO;
    return judge_block(bytes_slice(cursor_rest(&frame), 0, cursor_left(&frame) - padding));
}

enum recognition http2_recognise(struct bytes first, uint8_t proto, bool whole)
{
    struct bytes preface = HTTP2_PREFACE;
    struct http2_frame f;

    if (proto != PROTO_TCP || first.len == 0)
        return proto == PROTO_TCP && !whole ? RECOGNISE_MORE : RECOGNISE_NO;
    if (first.p[0] == preface.p[0]) {
        if (bytes_starts(first, preface))
            return RECOGNISE_REQUEST;
        return !whole && bytes_starts(preface, first) ? RECOGNISE_MORE : RECOGNISE_NO;
    }
    /* No first frame of use is longer than 16 KB, and most of what else begins so fails here. */
    if (first.p[0] != 0 || (first.len > 3 && first.p[3] != HTTP2_HEADERS && first.p[3] != HTTP2_SETTINGS))
        return RECOGNISE_NO;
    if (first.len < HTTP2_FRAME_HEAD)
        return whole ? RECOGNISE_NO : RECOGNISE_MORE;
    f = http2_frame_read(first);
    if (f.type == HTTP2_SETTINGS)
        return recognise_settings(&f, bytes_from(first, HTTP2_FRAME_HEAD), whole);
    return recognise_headers(&f, bytes_from(first, HTTP2_FRAME_HEAD), whole);
}

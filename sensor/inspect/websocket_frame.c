/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/websocket_frame.h"

#include "base/cursor.h"
#include "inspect/websocket_inflate.h"

size_t websocket_head_len(struct bytes start)
{
    unsigned len;

    if (start.len < 2)
        return 2;
    len = start.p[1] & 0x7f;
    return 2u + (len == 126 ? 2 : len == 127 ? 8 : 0) + (start.p[1] & 0x80 ? 4 : 0);
}

static bool is_control(uint8_t opcode)
{
    return opcode & 8;
}

/*  fin rsv1-3 opcode | mask len | len, 0, 2 or 8 bytes | mask, 0 or 4 bytes */
bool websocket_frame_read(struct bytes head, struct websocket_frame *f)
{
    struct cursor c = cursor_over(head);
    uint8_t first = cursor_u8(&c), second = cursor_u8(&c);

    f->fin = first & 0x80;
    f->compressed = first & 0x40;
    f->opcode = first & 0x0f;
    f->masked = second & 0x80;
    f->len = second & 0x7f;
    if (f->len == 126)
        f->len = cursor_u16be(&c);
    else if (f->len == 127)
        f->len = cursor_u64be(&c);
    for (unsigned i = 0; i < 4; i++)
        f->mask[i] = f->masked ? cursor_u8(&c) : 0;
    /* RSV2 and RSV3 belong to no extension that is registered. */
    if (!cursor_ok(&c) || (first & 0x30) || f->len > INT64_MAX)
        return false;
    if (is_control(f->opcode))
        return f->opcode <= WEBSOCKET_PONG && f->fin && !f->compressed && f->len <= 125;
    return f->opcode <= WEBSOCKET_BINARY && !(f->opcode == WEBSOCKET_CONTINUATION && f->compressed);
}

void websocket_unmask(const struct websocket_frame *f, uint64_t at, struct bytes masked, uint8_t *out)
{
    uint8_t turned[8];
    size_t i = 0;

    for (unsigned k = 0; k < 8; k++)
        turned[k] = f->mask[(at + k) % 4];
    for (; i + 8 <= masked.len; i += 8) {
        uint64_t word, mask;

        memcpy(&word, masked.p + i, 8);
        memcpy(&mask, turned, 8);
        word ^= mask;
        memcpy(out + i, &word, 8);
    }
    for (; i < masked.len; i++)
        out[i] = masked.p[i] ^ turned[i % 8];
}

/* UTF-8 (RFC 3629) without control characters but blanks and line ends; it may be cut. */
static bool is_text(struct bytes b)
{
    unsigned more = 0;

    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.p[i];

        if (more) {
            if ((c & 0xc0) != 0x80)
                return false;
            more--;
        } else if (c >= 0x80) {
            more = c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 0;
            if (!more)
                return false;
        } else if (c == 0x7f || (c < ' ' && c != '\t' && c != '\n' && c != '\r')) {
            return false;
        }
    }
    return true;
}

#define JUDGED 256 /* bytes of a payload that are looked at */
#define ENOUGH 8   /* fewer bytes may be text by chance */

/* A whole frame that ends where the segment ends or another begins. */
static bool is_followed(struct bytes behind)
{
    struct websocket_frame f;
    size_t len = websocket_head_len(behind);

    return behind.len == 0 || (behind.len >= len && websocket_frame_read(bytes_slice(behind, 0, len), &f));
}

static bool inflates_to_text(struct bytes payload)
{
    uint8_t text[JUDGED];
    size_t n = websocket_inflate_start(payload, text, sizeof text);

    return n >= ENOUGH && is_text(bytes_of(text, n));
}

enum recognition websocket_recognise(struct bytes first, uint8_t proto, bool whole)
{
    struct websocket_frame f;
    struct bytes payload, shown;
    uint8_t plain[JUDGED];
    size_t head_len = websocket_head_len(first);

    if (proto != PROTO_TCP)
        return RECOGNISE_NO;
    if (first.len && (first.p[0] & 0xbf) != (0x80 | WEBSOCKET_TEXT))
        return RECOGNISE_NO;
    if (first.len < head_len)
        return whole ? RECOGNISE_NO : RECOGNISE_MORE;
    if (!websocket_frame_read(bytes_slice(first, 0, head_len), &f) || f.len < ENOUGH ||
        (!f.masked && !f.compressed))
        return RECOGNISE_NO;
    payload = bytes_from(first, head_len);
    if (payload.len < ENOUGH || (f.compressed && payload.len < f.len && payload.len < JUDGED))
        return whole ? RECOGNISE_NO : RECOGNISE_MORE;
    shown = bytes_slice(payload, 0, f.len < JUDGED ? (size_t)f.len : JUDGED);
    websocket_unmask(&f, 0, shown, plain);
    shown = bytes_of(plain, shown.len);
    if (!(f.compressed ? inflates_to_text(shown) : is_text(shown)))
        return RECOGNISE_NO;
    if (payload.len >= f.len && !is_followed(bytes_from(payload, (size_t)f.len)))
        return RECOGNISE_NO;
    return f.masked ? RECOGNISE_REQUEST : RECOGNISE_RESPONSE;
}

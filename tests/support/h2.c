/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/h2.h"

#include <assert.h>
#include <nghttp2/nghttp2.h>

#define PAIRS_MAX 2000

void h2_begin(struct h2 *w)
{
    nghttp2_hd_deflater *deflater;

    assert(nghttp2_hd_deflate_new(&deflater, 4096) == 0);
    *w = (struct h2){.out = buf_within(8 << 20), .deflater = deflater, .block = buf_within(1 << 20)};
}

void h2_drop(struct h2 *w)
{
    nghttp2_hd_deflate_del(w->deflater);
    buf_drop(&w->out);
    buf_drop(&w->block);
}

void h2_frame(struct h2 *w, uint8_t type, uint8_t flags, uint32_t stream, struct bytes content)
{
    const uint8_t head[HTTP2_FRAME_HEAD] = {(uint8_t)(content.len >> 16),
                                            (uint8_t)(content.len >> 8),
                                            (uint8_t)content.len,
                                            type,
                                            flags,
                                            (uint8_t)(stream >> 24),
                                            (uint8_t)(stream >> 16),
                                            (uint8_t)(stream >> 8),
                                            (uint8_t)stream};

    assert(buf_add(&w->out, bytes_of(head, sizeof head)) && buf_add(&w->out, content));
}

void h2_preface(struct h2 *w)
{
    assert(buf_add(&w->out, HTTP2_PREFACE));
    h2_settings(w);
}

void h2_settings(struct h2 *w)
{
    h2_frame(w, HTTP2_SETTINGS, 0, 0, BYTES_LIT("\x00\x03\x00\x00\x00\x64"));
}

struct bytes h2_block(struct h2 *w, const struct h2_pair *pairs)
{
    nghttp2_nv nv[PAIRS_MAX];
    size_t n = 0;
    ssize_t len;

    for (; pairs[n].name; n++) {
        assert(n < PAIRS_MAX);
        nv[n] = (nghttp2_nv){(uint8_t *)(uintptr_t)pairs[n].name, (uint8_t *)(uintptr_t)pairs[n].value,
                             strlen(pairs[n].name), strlen(pairs[n].value), 0};
    }
    buf_clear(&w->block);
    len = nghttp2_hd_deflate_hd(w->deflater, buf_room(&w->block, 200000), 200000, nv, n);
    assert(len > 0);
    buf_wrote(&w->block, (size_t)len);
    return buf_bytes(&w->block);
}

/* A string's length in a 7-bit prefix (RFC 7541 5.1). */
static void put_string(struct buf *out, const char *text)
{
    size_t len = strlen(text);

    if (len < 127) {
        buf_add_byte(out, (uint8_t)len);
    } else {
        buf_add_byte(out, 127);
        for (len -= 127; len >= 128; len >>= 7)
            buf_add_byte(out, (uint8_t)(0x80 | (len & 127)));
        buf_add_byte(out, (uint8_t)len);
    }
    assert(buf_add_str(out, text));
}

struct bytes h2_literals(struct h2 *w, const struct h2_pair *pairs)
{
    buf_clear(&w->block);
    for (; pairs->name; pairs++) {
        buf_add_byte(&w->block, 0x00);
        put_string(&w->block, pairs->name);
        put_string(&w->block, pairs->value);
    }
    return buf_bytes(&w->block);
}

void h2_headers(struct h2 *w, uint8_t flags, uint32_t stream, const struct h2_pair *pairs)
{
    h2_frame(w, HTTP2_HEADERS, flags | HTTP2_END_HEADERS, stream, h2_block(w, pairs));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What HTTP/2 requests and WebSocket messages cost from their first byte to the last reading: bench_http2
 * [once [WORD]]
 *
 * Prints what bench_http prints, and bench/http.sh counts its instructions in the same way. */
#include "reading.h"
#include "inspect/http2_frame.h"

#include <nghttp2/nghttp2.h>

/* --- frames --- */

static void add_frame(struct buf *to, uint8_t type, uint8_t flags, uint32_t stream, struct bytes content)
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

    buf_add(to, bytes_of(head, sizeof head));
    buf_add(to, content);
}

static void add_preface(struct buf *to)
{
    buf_add(to, HTTP2_PREFACE);
    add_frame(to, HTTP2_SETTINGS, 0, 0, BYTES_LIT("\x00\x03\x00\x00\x00\x64"));
}

#define NV(name, value) \
    { \
        (uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), strlen(name), strlen(value), 0 \
    }

static size_t deflate_request(nghttp2_hd_deflater *d, const char *path, const char *cookie, bool post,
                              uint8_t *block, size_t room)
{
    nghttp2_nv nv[] = {
        NV(":method", post ? "POST" : "GET"),
        NV(":scheme", "http"),
        NV(":authority", "shop.example"),
        NV(":path", path),
        NV("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"),
        NV("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
        NV("accept-language", "en-US,en;q=0.5"),
        NV("cookie", cookie),
        NV("content-type", "application/json"),
    };
    ssize_t len = nghttp2_hd_deflate_hd(d, block, room, nv, sizeof nv / sizeof nv[0] - !post);

    if (len < 0)
        abort();
    return (size_t)len;
}

static void add_request(struct buf *to, nghttp2_hd_deflater *d, unsigned i, bool post)
{
    char path[64], cookie[64];
    uint8_t block[4096];

    (void)snprintf(path, sizeof path, "/catalogue/items/%u?sort=price&page=%u", i * 7919, i);
    (void)snprintf(cookie, sizeof cookie, "session=8c1f2b7e4d; theme=dark; seen=%u", i);
    add_frame(to, HTTP2_HEADERS, (uint8_t)(HTTP2_END_HEADERS | (post ? 0 : HTTP2_END_STREAM)), 2 * i + 1,
              bytes_of(block, deflate_request(d, path, cookie, post, block, sizeof block)));
}

static void ordinary(struct bench *b)
{
    for (unsigned post = 0; post < 2; post++) {
        struct buf wire = buf_within(1 << 20), body = buf_within(4096);
        nghttp2_hd_deflater *d;

        if (nghttp2_hd_deflate_new(&d, 4096) != 0)
            abort();
        add_preface(&wire);
        for (unsigned i = 0; i < N_ORDINARY; i++) {
            add_request(&wire, d, i, post);
            buf_clear(&body);
            for (unsigned n = 0; n < 20; n++)
                buf_addf(&body, "{\"id\":%u,\"title\":\"item %u of the catalogue\",\"price\":%u.99}\n", i, n,
                         n);
            if (post)
                add_frame(&wire, HTTP2_DATA, HTTP2_END_STREAM, 2 * i + 1, buf_bytes(&body));
        }
        measure(b, post ? "h2 JSON POST" : "h2 GET", N_ORDINARY, buf_bytes(&wire));
        nghttp2_hd_deflate_del(d);
        buf_drop(&wire);
        buf_drop(&body);
    }
}

/* --- hostile: the same frames again and again --- */

#define GET  BYTES_LIT("\x82\x86\x84")
#define POST BYTES_LIT("\x83\x86\x84")

static void put_settings(struct buf *to, unsigned i)
{
    (void)i;
    add_frame(to, HTTP2_SETTINGS, 0, 0, bytes_of(NULL, 0));
}

static void put_empty_data(struct buf *to, unsigned i)
{
    add_frame(to, HTTP2_DATA, 0, 2 * (i % 1000) + 1, bytes_of(NULL, 0));
}

/* As many streams as are followed, in turns: the one that comes was used least recently. */
static void put_turns(struct buf *to, unsigned i)
{
    if (i < 128)
        add_frame(to, HTTP2_HEADERS, HTTP2_END_HEADERS, 2 * i + 1, POST);
    else
        add_frame(to, HTTP2_DATA, 0, 2 * (i % 128) + 1, BYTES_LIT("$"));
}

static void put_expressions(struct buf *to, unsigned i)
{
    if (i < 128)
        add_frame(to, HTTP2_HEADERS, HTTP2_END_HEADERS, 2 * i + 1, POST);
    else
        add_frame(to, HTTP2_DATA, 0, 2 * (i % 128) + 1, BYTES_LIT("${a:${"));
}

static void put_more_streams(struct buf *to, unsigned i)
{
    add_frame(to, HTTP2_HEADERS, HTTP2_END_HEADERS, 2 * i + 1, POST);
    add_frame(to, HTTP2_DATA, 0, 2 * i + 1, BYTES_LIT("$"));
}

static void put_reset(struct buf *to, unsigned i)
{
    add_frame(to, HTTP2_HEADERS, HTTP2_END_HEADERS, 2 * i + 1, GET);
    add_frame(to, HTTP2_RST_STREAM, 0, 2 * i + 1, BYTES_LIT("\0\0\0\x08"));
}

static void put_continuation(struct buf *to, unsigned i)
{
    add_frame(to, i ? HTTP2_CONTINUATION : HTTP2_HEADERS, 0, 1, BYTES_LIT("\x82"));
}

static void put_literals(struct buf *to, unsigned i)
{
    add_frame(to, i ? HTTP2_CONTINUATION : HTTP2_HEADERS, 0, 1,
              BYTES_LIT("\0\1a\1$\0\1a\1$\0\1a\1$\0\1a\1$"));
}

/* One large entry, and references to it. */
static void put_references(struct buf *to, unsigned i)
{
    uint8_t block[8000];

    memset(block, 0x80 | 62, sizeof block);
    if (i == 0) {
        memcpy(block, "\x40\1x\x7f\xc1\x1d", 6); /* a value of 3,904 bytes */
        memset(block + 6, 'a', 3904);
    }
    add_frame(to, i ? HTTP2_CONTINUATION : HTTP2_HEADERS, 0, 1, bytes_of(block, sizeof block));
}

static void put_table_sizes(struct buf *to, unsigned i)
{
    add_frame(to, HTTP2_HEADERS, HTTP2_END_HEADERS, 2 * i + 1, BYTES_LIT("\x20\x3f\xe1\x1f\x82"));
}

static const struct {
    const char *name;
    void (*put)(struct buf *to, unsigned i);
} hostile[] = {
    {"h2 settings, hostile", put_settings},          {"h2 empty frames, hostile", put_empty_data},
    {"h2 one byte in turns, hostile", put_turns},    {"h2 expressions in turns, hostile", put_expressions},
    {"h2 more streams, hostile", put_more_streams},  {"h2 rapid resets, hostile", put_reset},
    {"h2 continuations, hostile", put_continuation}, {"h2 tiny headers, hostile", put_literals},
    {"h2 references, hostile", put_references},      {"h2 table sizes, hostile", put_table_sizes},
};

/* Masked with zeros, so that it is what it says. */
static const struct {
    const char *name;
    struct bytes frame;
} sockets[] = {
    {"ws messages of one byte, hostile", BYTES_LIT("\x81\x81\0\0\0\0$")},
    {"ws fragments, hostile", BYTES_LIT("\x00\x81\0\0\0\0$")},
    {"ws expressions, hostile", BYTES_LIT("\x00\x86\0\0\0\0${a:${")},
    {"ws pings, hostile", BYTES_LIT("\x89\x80\0\0\0\0")},
    {"ws ends of streams, hostile", BYTES_LIT("\xc1\x83\0\0\0\0\x03\0\0")},
    {"ws bad compression, hostile", BYTES_LIT("\xc1\x81\0\0\0\0\x07")},
};

int main(int argc, char **argv)
{
    struct bench b;

    if (!bench_begin(&b, argc, argv))
        return 3;
    ordinary(&b);
    for (unsigned i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct buf wire = buf_within(1 << 20);

        add_preface(&wire);
        for (unsigned n = 0; wire.len < HOSTILE; n++)
            hostile[i].put(&wire, n);
        measure(&b, hostile[i].name, 1, buf_bytes(&wire));
        buf_drop(&wire);
    }
    for (unsigned i = 0; i < sizeof sockets / sizeof *sockets; i++) {
        struct buf wire = buf_within(1 << 20);

        buf_add(&wire, BYTES_LIT("\x81\x8d\0\0\0\0hello, world!")); /* which says what this is */
        if (!sockets[i].frame.p[0])
            buf_add(&wire, BYTES_LIT("\x01\x80\0\0\0\0")); /* a message of which those are fragments */
        while (wire.len < HOSTILE)
            buf_add(&wire, sockets[i].frame);
        measure(&b, sockets[i].name, 1, buf_bytes(&wire));
        buf_drop(&wire);
    }
    bench_end(&b);
    return 0;
}

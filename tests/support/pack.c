/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/pack.h"

#include <assert.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

static void pack_zlib(int bits, struct bytes plain, int level, const char *comment, struct buf *out)
{
    z_stream z = {0};
    gz_header header = {.comment = (Bytef *)(uintptr_t)comment};
    size_t room = plain.len + plain.len / 100 + 4096;

    assert(deflateInit2(&z, level, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    if (comment)
        assert(deflateSetHeader(&z, &header) == Z_OK);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.len;
    z.next_out = buf_room(out, room);
    z.avail_out = (uInt)room;
    assert(z.next_out && deflate(&z, Z_FINISH) == Z_STREAM_END);
    buf_wrote(out, room - z.avail_out);
    deflateEnd(&z);
}

static void pack_zstd(struct bytes plain, int level, struct buf *out)
{
    size_t room = ZSTD_compressBound(plain.len), n;
    uint8_t *to = buf_room(out, room);

    assert(to);
    n = ZSTD_compress(to, room, plain.p, plain.len, level);
    assert(!ZSTD_isError(n));
    buf_wrote(out, n);
}

static void pack_brotli(struct bytes plain, int level, struct buf *out)
{
    size_t n = BrotliEncoderMaxCompressedSize(plain.len) + 64;
    uint8_t *to = buf_room(out, n);

    assert(to);
    assert(BrotliEncoderCompress(level, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, plain.len, plain.p, &n, to));
    buf_wrote(out, n);
}

void pack(enum packing how, struct bytes plain, int level, struct buf *out)
{
    switch (how) {
    case PACK_GZIP:
        pack_zlib(15 + 16, plain, level, NULL, out);
        break;
    case PACK_ZLIB:
        pack_zlib(15, plain, level, NULL, out);
        break;
    case PACK_DEFLATE:
        pack_zlib(-15, plain, level, NULL, out);
        break;
    case PACK_ZSTD:
        pack_zstd(plain, level, out);
        break;
    case PACK_BROTLI:
        pack_brotli(plain, level, out);
        break;
    case PACK_N:
        break;
    }
}

void pack_with_comment(struct bytes plain, const char *comment, struct buf *out)
{
    pack_zlib(15 + 16, plain, 6, comment, out);
}

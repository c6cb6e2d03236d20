/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "inspect/http_body.h"
#include "inspect/http_coding.h"

/* What became of a body fed in steps: its content, and how much of the input was taken in the end. */
struct outcome {
    enum http_body_next end; /* MORE when the input ran out */
    size_t used;
    struct buf content, extensions;
};

static struct outcome read_body(struct http_body b, struct bytes in, size_t step)
{
    struct outcome o = {
        .end = HTTP_BODY_MORE, .content = buf_within(1 << 20), .extensions = buf_within(1 << 20)};

    for (size_t at = 0; at < in.len && o.end == HTTP_BODY_MORE; at += step) {
        struct bytes part = bytes_slice(in, at, at + step), piece;
        uint8_t *exact = memcpy(malloc(part.len), part.p, part.len);
        struct cursor c = cursor_over(bytes_of(exact, part.len));

        while ((o.end = http_body_next(&b, &c, &piece)) == HTTP_BODY_PIECE || o.end == HTTP_BODY_EXTENSION) {
            assert_true(piece.len > 0);
            buf_add(o.end == HTTP_BODY_PIECE ? &o.content : &o.extensions, piece);
        }
        assert_true(cursor_ok(&c));
        o.used = at + part.len - cursor_left(&c);
        free(exact);
    }
    return o;
}

static void test_chunked(void **state)
{
    static const struct {
        const char *in, *content;
        enum http_body_next end;
        size_t left; /* input bytes not taken */
    } rows[] = {
        {"5\r\nhello\r\n0\r\nX", "hello", HTTP_BODY_DONE, 1},
        {"2\r\nhe\r\n3\r\nllo\r\n0\r\n", "hello", HTTP_BODY_DONE, 0},
        {"5\nhello\n0\n", "hello", HTTP_BODY_DONE, 0},
        {"A;x=y\r\n0123456789\r\n0;z\r\n", "0123456789", HTTP_BODY_DONE, 0},
        {" 5 \t\r\nhello\r\n\r\n\r\n 0 \r\n", "hello", HTTP_BODY_DONE, 0},
        {"0000000000000000000005\r\nhello\r\n00\r\n", "hello", HTTP_BODY_DONE, 0},
        {"5\r\nhello5\r\nworld0\r\n", "helloworld", HTTP_BODY_DONE, 0},
        {"+5\r\nhello\r\n\v+0\v\r\n", "hello", HTTP_BODY_DONE, 0}, /* Netty */
        {"5\x0c;x\r\nhello\r\n0\x7f\r\n", "hello", HTTP_BODY_DONE, 0},
        {"5\r\nhel", "hel", HTTP_BODY_MORE, 0},
        {"5\r\nhello\r\nxyz", "hello", HTTP_BODY_BAD, 3},
        {"5x\r\nhello", "", HTTP_BODY_BAD, 8},
        {"0x5\r\nhello", "", HTTP_BODY_BAD, 9},
        {"-5\r\nhello", "", HTTP_BODY_BAD, 9},
        {";5\r\nhello", "", HTTP_BODY_BAD, 9},
        {"7fffffffffffffff\r\nhello", "", HTTP_BODY_BAD, 8},
        {"fffffffffffffff\r\nhello", "hello", HTTP_BODY_MORE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes in = bytes_str(rows[i].in);

        for (size_t step = 1; step <= in.len; step++) {
            struct outcome o = read_body(http_body_chunked(), in, step);

            assert_int_equal(o.end, rows[i].end);
            assert_true(bytes_eq(buf_bytes(&o.content), bytes_str(rows[i].content)));
            if (o.end != HTTP_BODY_MORE)
                assert_int_equal(o.used, in.len - rows[i].left);
            buf_drop(&o.content);
            buf_drop(&o.extensions);
        }
    }
}

static void test_extensions(void **state)
{
    struct bytes in = BYTES_LIT("5;a=b\r\nhello\r\n1 x \n!\r\n0;last\r\nX: y\r\n");

    (void)state;
    for (size_t step = 1; step <= in.len; step++) {
        struct outcome o = read_body(http_body_chunked(), in, step);

        assert_int_equal(o.end, HTTP_BODY_DONE);
        assert_true(bytes_eq(buf_bytes(&o.content), BYTES_LIT("hello!")));
        assert_true(bytes_eq(buf_bytes(&o.extensions), BYTES_LIT("a=b\r\nx \nlast\r\n")));
        assert_int_equal(o.used, in.len - 6);
        buf_drop(&o.content);
        buf_drop(&o.extensions);
    }
}

static void test_length(void **state)
{
    (void)state;
    for (size_t step = 1; step < 8; step++) {
        struct outcome o = read_body(http_body_of_length(5), BYTES_LIT("helloGET"), step);

        assert_int_equal(o.end, HTTP_BODY_DONE);
        assert_true(bytes_eq(buf_bytes(&o.content), BYTES_LIT("hello")));
        buf_drop(&o.content);
        o = read_body(http_body_to_close(), BYTES_LIT("helloGET"), step);
        assert_int_equal(o.end, HTTP_BODY_MORE);
        assert_int_equal(o.content.len, 8);
        buf_drop(&o.content);
    }
}

static void test_gaps(void **state)
{
    struct http_body length = http_body_of_length(10), chunked = http_body_chunked(),
                     open = http_body_to_close();
    struct cursor c = cursor_over(BYTES_LIT("a\r\n123"));
    struct bytes piece;

    (void)state;
    assert_true(http_body_gap(&length, 10));
    assert_true(http_body_complete(&length));
    assert_false(http_body_gap(&length, 1));
    assert_true(http_body_gap(&open, UINT64_MAX));
    assert_false(http_body_gap(&chunked, 1));
    assert_int_equal(http_body_next(&chunked, &c, &piece), HTTP_BODY_PIECE);
    assert_false(http_body_gap(&chunked, 8));
    assert_true(http_body_gap(&chunked, 7));
    c = cursor_over(BYTES_LIT("\r\n0\r\n"));
    assert_int_equal(http_body_next(&chunked, &c, &piece), HTTP_BODY_DONE);
}

/* --- content coding --- */

static struct buf coded(struct bytes plain, int bits)
{
    struct buf out = buf_within(4 << 20);
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_non_null(buf_room(&out, deflateBound(&z, plain.len)));
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.len;
    z.next_out = out.p;
    z.avail_out = (uInt)out.cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_wrote(&out, out.cap - z.avail_out);
    deflateEnd(&z);
    return out;
}

static enum http_decoded decode_all(struct http_decoder *d, struct bytes in, size_t step, size_t room,
                                    struct buf *out)
{
    enum http_decoded got = HTTP_DECODED_MORE;

    for (size_t at = 0; at < in.len && got == HTTP_DECODED_MORE; at += step) {
        struct bytes part = bytes_slice(in, at, at + step), rest;
        uint8_t *exact = memcpy(malloc(part.len), part.p, part.len), *to = malloc(room);
        size_t n;

        rest = bytes_of(exact, part.len);
        do {
            got = http_decode(d, &rest, to, room, &n);
            assert_true(n <= room);
            buf_add(out, bytes_of(to, n));
        } while (got == HTTP_DECODED_ROOM);
        assert_true(got != HTTP_DECODED_MORE || rest.len == 0);
        free(exact);
        free(to);
    }
    return got == HTTP_DECODED_MORE ? http_decoder_close(d) : got;
}

static void test_codings(void **state)
{
    static const int bits[] = {15 + 16, 15, -15};
    static const size_t steps[] = {1, 2, 3, 1000, 100000}, rooms[] = {1, 7, 16384};
    uint8_t plain[30000];

    (void)state;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)((size_t) "${jndi}"[i % 7] + (i * i) % 5);
    for (size_t i = 0; i < 3; i++) {
        struct buf in = coded(bytes_of(plain, sizeof plain), bits[i]);

        for (size_t j = 0; j < 15; j++) {
            struct http_decoder *d = http_decoder_new(1 << 20, 1000);
            struct buf out = buf_within(1 << 20);

            assert_int_equal(decode_all(d, buf_bytes(&in), steps[j % 5], rooms[j / 5], &out),
                             HTTP_DECODED_PLAIN);
            assert_true(bytes_eq(buf_bytes(&out), bytes_of(plain, sizeof plain)));
            buf_drop(&out);
            http_decoder_free(d);
        }
        buf_drop(&in);
    }
}

static void test_not_coded(void **state)
{
    static const char *const texts[] = {"q=${jndi:ldap://h/a}",    "{\"a\":\"${jndi:ldap://h/a}\"}", "x", "",
                                        "\x1f\x8b no gzip at all", "<a>${jndi:ldap://h/a}</a>"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct bytes in = bytes_str(texts[i]);

        for (size_t step = 1; step <= in.len; step++) {
            struct http_decoder *d = http_decoder_new(1 << 20, 100);
            struct buf out = buf_within(1 << 20);
            struct bytes sent;

            assert_int_equal(decode_all(d, in, step, 100, &out), HTTP_DECODED_BAD);
            sent = http_decoder_sent(d); /* a part of the text, from its start on */
            assert_true(sent.len && sent.len <= in.len && bytes_starts(in, sent));
            buf_drop(&out);
            http_decoder_free(d);
        }
    }
}

/* A good start that goes wrong late is not given again. */
static void test_broken_late(void **state)
{
    struct http_decoder *d = http_decoder_new(1 << 20, 100);
    struct buf out = buf_within(1 << 20), in;
    uint8_t plain[20000];
    uint32_t x = 1;

    (void)state;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
    in = coded(bytes_of(plain, sizeof plain), 15);
    in.p[in.len - 1] ^= 1; /* Adler-32 */
    assert_int_equal(decode_all(d, buf_bytes(&in), 1000, 1000, &out), HTTP_DECODED_BAD);
    assert_int_equal(http_decoder_sent(d).len, 0);
    assert_true(bytes_eq(buf_bytes(&out), bytes_of(plain, sizeof plain)));
    http_decoder_free(d);
    buf_drop(&in);
    buf_drop(&out);
}

static void test_bomb(void **state)
{
    struct bytes zeros = {calloc(1, 3 << 20), 3 << 20};
    struct buf in = coded(zeros, 15 + 16);
    static const struct {
        uint64_t limit, ratio, most;
    } rows[] = {{1 << 20, 10000, 1 << 20}, {1 << 20, 10, HTTP_DECODE_FREE}, {4096, 10000, 4096}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_decoder *d = http_decoder_new(rows[i].limit, rows[i].ratio);
        struct buf out = buf_within(8 << 20);

        assert_int_equal(decode_all(d, buf_bytes(&in), 100, 5000, &out), HTTP_DECODED_BOMB);
        assert_int_equal(out.len, rows[i].most);
        buf_drop(&out);
        http_decoder_free(d);
    }
    buf_drop(&in);
    free((void *)(uintptr_t)zeros.p);
}

static void test_ceiling_of_decoders(void **state)
{
    struct http_decoder *d[HTTP_DECODERS_MAX];

    (void)state;
    for (size_t i = 0; i < HTTP_DECODERS_MAX; i++)
        assert_non_null(d[i] = http_decoder_new(1, 1));
    assert_null(http_decoder_new(1, 1));
    for (size_t i = 0; i < HTTP_DECODERS_MAX; i++)
        http_decoder_free(d[i]);
    assert_non_null(d[0] = http_decoder_new(1, 1));
    http_decoder_free(d[0]);
    http_decoder_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunked),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_codings),
        cmocka_unit_test(test_not_coded),
        cmocka_unit_test(test_broken_late),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_ceiling_of_decoders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "inspect/http_body.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunked),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

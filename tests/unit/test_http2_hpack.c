/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_hpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/count.h"

/* RFC 7541 C.4: three requests, in Huffman's code, each referring to those before. */
static const struct bytes blocks[] = {
    BYTES_LIT("\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"),
    BYTES_LIT("\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf"),
    BYTES_LIT(
        "\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf"),
};

#define MEMCAP (1u << 20)

/* All headers of a block, as "name=value;", fed in pieces of at most step bytes that each lie in memory of
 * their size. */
static bool read_block(struct http2_hpack *p, struct bytes block, size_t step, struct buf *out)
{
    for (size_t at = 0; at < block.len; at += step) {
        struct bytes piece = bytes_slice(block, at, at + step);
        uint8_t *exact = memcpy(malloc(piece.len), piece.p, piece.len);
        enum http2_hpack_next next;
        struct http2_header h;

        piece.p = exact;
        while ((next = http2_hpack_next(p, &piece, &h)) == HTTP2_HPACK_HEADER) {
            buf_add(out, h.name);
            buf_add_str(out, "=");
            buf_add(out, h.value);
            buf_add_str(out, ";");
        }
        free(exact);
        if (next == HTTP2_HPACK_BAD)
            return false;
    }
    return http2_hpack_end(p);
}

static void assert_block(struct http2_hpack *p, struct bytes block, size_t step, const char *expected)
{
    struct buf got = buf_within(65536);

    assert_true(read_block(p, block, step, &got));
    if (!bytes_eq(buf_bytes(&got), bytes_str(expected)))
        fail_msg("%.*s", (int)got.len, (const char *)got.p);
    buf_drop(&got);
}

static void examples_of_the_rfc(void **state)
{
    (void)state;
    for (size_t step = 1; step < 30; step++) {
        struct http2_hpack *p = http2_hpack_new(4096, MEMCAP, false);

        assert_block(p, blocks[0], step, ":method=GET;:scheme=http;:path=/;:authority=www.example.com;");
        assert_block(p, blocks[1], step,
                     ":method=GET;:scheme=http;:path=/;:authority=www.example.com;cache-control=no-cache;");
        assert_block(p, blocks[2], step,
                     ":method=GET;:scheme=https;:path=/"
                     "index.html;:authority=www.example.com;custom-key=custom-value;");
        http2_hpack_free(p);
    }
    assert_int_equal(http2_hpack_bytes(), 0);
}

/* The second block alone: what it refers to is empty; the third then finds what the second has added. */
static void partial_tables(void **state)
{
    struct http2_hpack *p = http2_hpack_new(65536, MEMCAP, true);

    (void)state;
    assert_block(p, blocks[1], 100, ":method=GET;:scheme=http;:path=/;=;cache-control=no-cache;");
    assert_block(p, blocks[2], 100, ":method=GET;:scheme=https;:path=/index.html;=;custom-key=custom-value;");
    assert_block(p, BYTES_LIT("\xbe\xbf\xc0"), 1, "custom-key=custom-value;cache-control=no-cache;=;");
    http2_hpack_free(p);
}

/* A block cut anywhere but behind a header is none, and tells so at its end. */
static void cut_blocks(void **state)
{
    static const bool ends_header[] = {true, true, true, true};

    (void)state;
    for (size_t cut = 1; cut < blocks[0].len; cut++) {
        struct http2_hpack *p = http2_hpack_new(4096, MEMCAP, false);
        struct buf got = buf_within(1000);

        assert_int_equal(read_block(p, bytes_slice(blocks[0], 0, cut), cut, &got),
                         cut < sizeof ends_header / sizeof ends_header[0]);
        buf_drop(&got);
        http2_hpack_free(p);
    }
}

/* Table sizes: what the block says, as long as it is below the ceiling. */
static void table_sizes(void **state)
{
    static const struct {
        uint32_t max;
        struct bytes block;
        bool good;
    } rows[] = {
        {4096, BYTES_LIT("\x3f\xe1\x1f\x82"), true},          /* 4096 */
        {4096, BYTES_LIT("\x3f\xe2\x1f\x82"), false},         /* 4097 */
        {65536, BYTES_LIT("\x3f\xe1\xff\x03\x82"), true},     /* 65536 */
        {65536, BYTES_LIT("\x20\x3f\xe1\xff\x03\x82"), true}, /* 0, then 65536 */
        {65536, BYTES_LIT("\x82\x20"), false},                /* behind a header */
        {4096, BYTES_LIT("\x80"), false},                     /* index 0 */
        {4096, BYTES_LIT("\xbe"), false},                     /* an entry that nobody made */
        {4096, BYTES_LIT("\xff\xff\xff\xff\xff\xff"), false}, /* a number without end */
        {4096, BYTES_LIT("\x40\x81\xff\x00"), false},         /* padding of a full byte in Huffman's code */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http2_hpack *p = http2_hpack_new(rows[i].max, MEMCAP, false);
        struct buf got = buf_within(1000);

        if (read_block(p, rows[i].block, 1, &got) != rows[i].good)
            fail_msg("row %zu", i);
        buf_drop(&got);
        http2_hpack_free(p);
    }
}

/* A string that says it is long takes memory before it has come: not beyond the ceiling of all tables. */
static void memory_has_a_ceiling(void **state)
{
    struct http2_hpack *p[64];
    unsigned n_bad = 0;

    (void)state;
    count_reset();
    for (unsigned i = 0; i < 64; i++) {
        struct bytes in = BYTES_LIT("\x00\x01x\x7f\x80\xff\x02"); /* a value of 49,151 bytes */
        struct http2_header h;

        p[i] = http2_hpack_new(4096, MEMCAP, false);
        if (!p[i] || http2_hpack_next(p[i], &in, &h) == HTTP2_HPACK_BAD)
            n_bad++;
        assert_true(http2_hpack_bytes() <= MEMCAP);
    }
    assert_true(n_bad > 0 && n_bad < 64);
    assert_true(counters[COUNT_INSPECT_MEMORY] > 0);
    for (unsigned i = 0; i < 64; i++)
        http2_hpack_free(p[i]);
    assert_int_equal(http2_hpack_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rfc),  cmocka_unit_test(partial_tables),
        cmocka_unit_test(cut_blocks),           cmocka_unit_test(table_sizes),
        cmocka_unit_test(memory_has_a_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

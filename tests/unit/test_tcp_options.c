/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct tcp_options read_exact(struct bytes b)
{
    uint8_t *exact = memcpy(malloc(b.len + !b.len), b.p ? b.p : (const uint8_t *)"", b.len);
    struct tcp_options o = options_read(bytes_of(exact, b.len));

    (void)options_are_odd(bytes_of(exact, b.len));
    free(exact);
    return o;
}

static void reads_what_counts(void **state)
{
    static const struct {
        struct bytes options;
        bool stamped, signed_, odd;
        uint32_t stamp;
    } rows[] = {
        {BYTES_LIT(""), false, false, false, 0},
        {BYTES_LIT("\1\1\10\12\1\2\3\4\0\0\0\0"), true, false, false, 0x01020304},
        {BYTES_LIT("\10\12\1\2\3\4\0\0\0\0\1\1"), true, false, true, 0x01020304},
        {BYTES_LIT("\2\4\5\264\4\2\10\12\377\377\377\377\0\0\0\0\1\3\3\7"), true, false, true, 0xffffffff},
        {BYTES_LIT("\23\22aaaaaaaaaaaaaaaa\1\1"), false, true, true, 0},
        {BYTES_LIT("\1\1\23\22aaaaaaaaaaaaaaaa\10\12\0\0\0\5\0\0\0\0\1\1"), true, true, true, 5},
        {BYTES_LIT("\23\20aaaaaaaaaaaaaa\1\1"), false, false, true, 0},   /* not that long: another thing */
        {BYTES_LIT("\0\23\22aaaaaaaaaaaaaaaa"), false, false, true, 0},   /* behind the end */
        {BYTES_LIT("\5\0\23\22aaaaaaaaaaaaaaaa"), false, false, true, 0}, /* a wrong length ends the list */
        {BYTES_LIT("\5\1\23\22aaaaaaaaaaaaaaaa"), false, false, true, 0},
        {BYTES_LIT("\5\377\23\22aaaaaaaaaaaaaaaa"), false, false, true, 0},
        {BYTES_LIT("\10\12\0\0\0\1\0\0\0\0\10\12\0\0\0\2\0\0\0\0"), true, false, true, 2}, /* the last one */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcp_options o = read_exact(rows[i].options);

        assert_int_equal(o.stamped, rows[i].stamped);
        assert_int_equal(o.signed_, rows[i].signed_);
        assert_int_equal(o.stamp, rows[i].stamp);
        assert_int_equal(options_are_odd(rows[i].options), rows[i].odd);
    }
}

static void cut_anywhere(void **state)
{
    static const struct bytes all =
        BYTES_LIT("\2\4\5\264\1\1\10\12\1\2\3\4\0\0\0\0\23\22aaaaaaaaaaaaaaaa\1\1");

    (void)state;
    for (size_t cut = 0; cut <= all.len; cut++) {
        struct tcp_options o = read_exact(bytes_slice(all, 0, cut));

        assert_int_equal(o.stamped, cut >= 16);
        assert_int_equal(o.signed_, cut >= 34);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_counts),
        cmocka_unit_test(cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

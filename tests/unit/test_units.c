/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static void test_units(void **state)
{
    static const uint64_t sizes[] = {0, 1, 1023, 1024, 1536, 65536, 1 << 20, UINT64_C(5) << 30, UINT64_MAX};
    char text[UNITS_TEXT];
    uint64_t n;

    (void)state;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        units_print_size(sizes[i], text);
        assert_true(units_read_size(bytes_str(text), &n));
        assert_int_equal(n, sizes[i]);
        units_print_time(sizes[i] / 1000 * 1000, text); /* milliseconds are the smallest unit */
        assert_true(units_read_time(bytes_str(text), &n));
        assert_int_equal(n, sizes[i] / 1000 * 1000);
    }
    assert_true(units_read_size(BYTES_LIT(" 64 KiB "), &n));
    assert_int_equal(n, 65536);
    assert_true(units_read_time(BYTES_LIT("7d"), &n));
    assert_int_equal(n, UINT64_C(604800000000));
    assert_false(units_read_size(BYTES_LIT(""), &n));
    assert_false(units_read_size(BYTES_LIT("kb"), &n));
    assert_false(units_read_size(BYTES_LIT("1.5gb"), &n));
    assert_false(units_read_size(BYTES_LIT("1kb2"), &n));
    assert_false(units_read_size(BYTES_LIT("18446744073709551616"), &n));
    assert_false(units_read_size(BYTES_LIT("17179869184gb"), &n));
    assert_false(units_read_time(BYTES_LIT("18446744073709551615"), &n));
    assert_false(units_read_mode(BYTES_LIT("0o640"), &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

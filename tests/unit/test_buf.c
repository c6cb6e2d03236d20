/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void keeps_what_fits(void **state)
{
    struct buf b = buf_within(5);

    (void)state;
    assert_true(buf_add(&b, BYTES_LIT("abc")));
    assert_false(buf_add(&b, BYTES_LIT("def")));
    assert_true(bytes_eq(buf_bytes(&b), BYTES_LIT("abcde")));
    assert_false(buf_add_byte(&b, 'f'));
    assert_true(buf_add(&b, (struct bytes){NULL, 0}));
    assert_null(buf_room(&b, 1));
    buf_drop(&b);
    assert_false(buf_addf(&b, "%d-%s", 12, "xyz"));
    assert_true(bytes_eq(buf_bytes(&b), BYTES_LIT("12-xy")));
    buf_drop(&b);
    b = buf_within(0);
    assert_false(buf_add_byte(&b, 'a'));
    assert_null(b.p);
}

static void long_prints(void **state)
{
    struct buf b = buf_within(1000);

    (void)state;
    for (int n = 254; n <= 257; n++) { /* around the space that is on the stack */
        buf_clear(&b);
        assert_true(buf_addf(&b, "%*d", n, 7));
        assert_int_equal(b.len, n);
        assert_int_equal(b.p[n - 1], '7');
    }
    buf_drop(&b);
}

static void cut_from_the_front(void **state)
{
    struct buf b = buf_within(100);

    (void)state;
    assert_true(buf_add_str(&b, "abcdef"));
    buf_cut_front(&b, 0);
    buf_cut_front(&b, 2);
    assert_true(bytes_eq(buf_bytes(&b), BYTES_LIT("cdef")));
    buf_cut_front(&b, 9);
    assert_int_equal(b.len, 0);
    assert_true(b.cap > 0);
    buf_drop(&b);
    assert_int_equal(b.cap, 0);
    assert_int_equal(b.ceiling, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_what_fits), cmocka_unit_test(long_prints),
                                       cmocka_unit_test(cut_from_the_front)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

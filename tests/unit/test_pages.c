/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/pages.h"

static void zeroed_and_writable(void **state)
{
    const size_t n = 3 * 4096 + 1;
    uint8_t *p = pages_new(n, 3);

    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < n * 3; i++)
        assert_int_equal(p[i], 0);
    p[0] = p[n * 3 - 1] = 1;
    pages_free(p, n, 3);
    pages_free(NULL, n, 3);
}

static void refuses_what_overflows(void **state)
{
    volatile size_t n = SIZE_MAX / 2;

    (void)state;
    assert_null(pages_new(n, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed_and_writable),
        cmocka_unit_test(refuses_what_overflows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

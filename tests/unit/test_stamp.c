/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void always_31_characters_of_utc(void **state)
{
    static const struct {
        uint64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000+0000"},
        {1639130400000001, "2021-12-10T10:00:00.000001+0000"},
        {951782399999999, "2000-02-28T23:59:59.999999+0000"},
        {951782400000000, "2000-02-29T00:00:00.000000+0000"},
        {253402300799999999, "9999-12-31T23:59:59.999999+0000"},
        {253402300800000000, "9999-12-31T23:59:59.000000+0000"}, /* EVE has no notation for more */
        {UINT64_MAX, "9999-12-31T23:59:59.551615+0000"},
    };
    char text[STAMP_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stamp_print(cases[i].us, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(always_31_characters_of_utc)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

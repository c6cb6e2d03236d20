/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void the_nearest_word(void **state)
{
    static const char *const words[] = {"depth", "midstream", "memcap", "dns"};
    static const char *const twins[] = {"cat", "bat"};

    (void)state;
    assert_string_equal(nearest_word("dept", words, 4), "depth");
    assert_string_equal(nearest_word("MEMCAP", words, 4), "memcap");
    assert_string_equal(nearest_word("mittstream", words, 4), "midstream"); /* two changes */
    assert_null(nearest_word("mittssstream", words, 4));                    /* four */
    assert_null(nearest_word("xyz", words, 4)); /* three changes of three letters are another word */
    assert_string_equal(nearest_word("hat", twins, 2), "cat"); /* the first of equals */
    assert_null(nearest_word("", words, 0));
    assert_null(nearest_word("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                             words, 4));
}

static void the_first_complaint_stays(void **state)
{
    struct complaint why = {0};

    (void)state;
    assert_false(complain(&why, "%s:%d: one", "file", 7));
    assert_false(complain(&why, "two"));
    assert_string_equal(why.text, "file:7: one");
    assert_false(complain(NULL, "nobody listens"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_nearest_word),
                                       cmocka_unit_test(the_first_complaint_stays)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

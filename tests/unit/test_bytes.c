/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void decimal_numbers_have_a_maximum(void **state)
{
    uint64_t n = 7;

    (void)state;
    assert_true(bytes_to_u64(BYTES_LIT("0"), 0, &n));
    assert_int_equal(n, 0);
    assert_true(bytes_to_u64(BYTES_LIT("00255"), 255, &n));
    assert_int_equal(n, 255);
    assert_false(bytes_to_u64(BYTES_LIT("256"), 255, &n));
    assert_false(bytes_to_u64(BYTES_LIT("9"), 8, &n));
    assert_true(bytes_to_u64(BYTES_LIT("18446744073709551615"), UINT64_MAX, &n));
    assert_true(n == UINT64_MAX);
    assert_false(bytes_to_u64(BYTES_LIT("18446744073709551616"), UINT64_MAX, &n));
    assert_false(bytes_to_u64(BYTES_LIT("184467440737095516150"), UINT64_MAX, &n));
    assert_false(bytes_to_u64(BYTES_LIT(""), 9, &n));
    assert_false(bytes_to_u64(BYTES_LIT("1 "), 9, &n));
    assert_false(bytes_to_u64(BYTES_LIT("-1"), 9, &n));
    assert_true(n == UINT64_MAX); /* untouched by what is no number */
}

static void slices_are_clamped(void **state)
{
    struct bytes b = BYTES_LIT("abcdef"), none = {NULL, 0};

    (void)state;
    assert_true(bytes_eq(bytes_slice(b, 2, 4), BYTES_LIT("cd")));
    assert_true(bytes_eq(bytes_slice(b, 4, SIZE_MAX), BYTES_LIT("ef")));
    assert_int_equal(bytes_slice(b, 4, 2).len, 0);
    assert_ptr_equal(bytes_slice(b, 9, 9).p, b.p + 6);
    assert_ptr_equal(bytes_slice(none, 1, 2).p, NULL);
    assert_int_equal(bytes_from(b, 6).len, 0);
}

static void searches(void **state)
{
    struct bytes b = BYTES_LIT("x${JnDi:"), none = {NULL, 0};

    (void)state;
    assert_int_equal(bytes_find(b, BYTES_LIT("${")), 1);
    assert_true(bytes_find(b, BYTES_LIT("jndi")) == BYTES_NONE);
    assert_int_equal(bytes_find(BYTES_LIT("$$$ {${"), BYTES_LIT("${")), 5);
    assert_true(bytes_find(BYTES_LIT("$$$$ {$"), BYTES_LIT("${")) == BYTES_NONE);
    assert_true(bytes_find(bytes_slice(BYTES_LIT("ab${"), 0, 3), BYTES_LIT("${")) == BYTES_NONE);
    assert_true(bytes_find(bytes_slice(BYTES_LIT("${"), 0, 1), BYTES_LIT("${")) == BYTES_NONE);
    assert_int_equal(bytes_find_nocase(b, BYTES_LIT("jndi:")), 3);
    assert_true(bytes_find_nocase(b, BYTES_LIT("jndi::")) == BYTES_NONE);
    assert_int_equal(bytes_find(none, none), 0);
    assert_true(bytes_find(none, b) == BYTES_NONE);
    assert_true(bytes_find_byte(none, 0) == BYTES_NONE);
    assert_int_equal(bytes_find_byte(b, ':'), 7);
}

static void starts_and_ends(void **state)
{
    struct bytes b = BYTES_LIT("Content-Type");

    (void)state;
    assert_true(bytes_starts(b, BYTES_LIT("Content")));
    assert_false(bytes_starts(b, BYTES_LIT("content")));
    assert_true(bytes_starts_nocase(b, BYTES_LIT("content")));
    assert_false(bytes_starts_nocase(bytes_slice(b, 0, 3), b));
    assert_true(bytes_ends(b, BYTES_LIT("-Type")));
    assert_false(bytes_ends(BYTES_LIT("Type"), BYTES_LIT("-Type")));
    assert_false(bytes_eq_nocase(b, BYTES_LIT("content-typ")));
    assert_false(bytes_eq_nocase(BYTES_LIT("["), BYTES_LIT("{"))); /* only letters have a case */
    assert_true(bytes_eq(bytes_trim(BYTES_LIT("\t\r\n a b \n")), BYTES_LIT("a b")));
    assert_int_equal(bytes_trim(BYTES_LIT(" \n")).len, 0);
}

/* By a function of its own: where the compiler knows both at once it warns of ends that are never reached. */
static __attribute__((noinline)) bool is_word(struct bytes b, const char *word)
{
    return bytes_is_nocase(b, word);
}

static void words_of_tables(void **state)
{
    (void)state;
    assert_true(is_word(BYTES_LIT("Content"), "content"));
    assert_true(is_word(BYTES_LIT("content"), "CONTENT"));
    assert_false(is_word(BYTES_LIT("content"), "contents"));
    assert_false(is_word(BYTES_LIT("contents"), "content"));
    assert_false(is_word(BYTES_LIT("content"), ""));
    assert_false(is_word(BYTES_LIT("a\0b"), "a"));
    assert_false(is_word(BYTES_LIT("["), "{"));
    assert_true(is_word(BYTES_LIT(""), ""));
    assert_true(is_word(BYTES_LIT(""), NULL));
    assert_false(is_word(BYTES_LIT("a"), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_numbers_have_a_maximum),
        cmocka_unit_test(slices_are_clamped),
        cmocka_unit_test(searches),
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(words_of_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_pcre.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#define UNITS 1000000

size_t __sanitizer_get_current_allocated_bytes(void)
    __attribute__((weak)); /* AddressSanitizer's, where it is in use */

static size_t allocated(void)
{
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
                                                   : mallinfo2().uordblks;
}

static uint8_t *repeat(const char *unit, size_t len)
{
    uint8_t *text = malloc(len ? len : 1);

    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)unit[i % strlen(unit)];
    return text;
}

static void finds_from_where_it_is_told(void **state)
{
    struct pcre_scratch *s = pcre_scratch_new();
    struct rule_pcre *p = rule_pcre_new(BYTES_LIT("/b+/"), NULL, NULL);
    uint8_t *text = repeat("abbc", 12);
    size_t end;

    (void)state;
    assert_non_null(s);
    assert_non_null(p);
    pcre_scratch_allow(s, UNITS);
    assert_int_equal(rule_pcre_find(p, s, bytes_of(text, 12), 0, &end), 1);
    assert_int_equal(end, 3);
    assert_int_equal(rule_pcre_find(p, s, bytes_of(text, 12), 2, &end), 2);
    assert_int_equal(rule_pcre_find(p, s, bytes_of(text, 12), 3, &end), 5);
    assert_int_equal(rule_pcre_find(p, s, bytes_of(text, 12), 11, &end), BYTES_NONE);
    assert_int_equal(rule_pcre_find(p, s, bytes_of(text, 12), 12, &end), BYTES_NONE);
    assert_int_equal(rule_pcre_find(p, s, bytes_of(NULL, 0), 0, &end), BYTES_NONE);
    assert_false(pcre_scratch_spent(s));
    assert_false(rule_pcre_relative(p));
    free(text);
    rule_pcre_free(p);
    pcre_scratch_free(s);
}

/* Expressions made to blow up, on texts made for them. What costs too much ends, soon, and says so. */
static void work_is_bounded(void **state)
{
    static const char *const bad[] = {
        "/([ab]+)+[xyz]/",        "/(?:a|b)*[cd]/",       "/(a|aa)+[xyz]/",
        "/[ab]+[ab]+[ab]+[xyz]/", "/(?s)a.*b.*a.*[xyz]/", "/^(?:(?:ab)*)*[xyz]/",
    };
    struct pcre_scratch *s = pcre_scratch_new();
    uint8_t *text = repeat("ab", 65536);
    size_t end;

    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rule_pcre *p = rule_pcre_new(bytes_str(bad[i]), NULL, NULL);
        clock_t before = clock();

        assert_non_null(p);
        pcre_scratch_allow(s, UNITS);
        assert_int_equal(rule_pcre_find(p, s, bytes_of(text, 65536), 0, &end), BYTES_NONE);
        assert_true(pcre_scratch_spent(s));
        /* 70 ms at most where it was written; the factor is for slow machines under sanitizers. */
        assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
        rule_pcre_free(p);
    }
    /* The next rule is not made to pay for it. */
    pcre_scratch_allow(s, UNITS);
    assert_false(pcre_scratch_spent(s));
    free(text);
    pcre_scratch_free(s);
}

static void many_calls_share_one_allowance(void **state)
{
    struct pcre_scratch *s = pcre_scratch_new();
    struct rule_pcre *p = rule_pcre_new(BYTES_LIT("/zz/"), NULL, NULL);
    size_t end, calls = 0;

    (void)state;
    pcre_scratch_allow(s, 1000);
    while (calls < 5000 && !pcre_scratch_spent(s)) {
        assert_int_equal(rule_pcre_find(p, s, BYTES_LIT("abc"), 0, &end), BYTES_NONE);
        calls++;
    }
    assert_in_range(calls, 100, 1001);
    rule_pcre_free(p);
    pcre_scratch_free(s);
}

/* Deep backtracking that fits the frames is answered; the first search has taken all the memory there may be. */
static void matching_takes_no_further_memory(void **state)
{
    struct pcre_scratch *s = pcre_scratch_new();
    struct rule_pcre *p = rule_pcre_new(BYTES_LIT("/^(?:a|b)*[cd]$/"), NULL, NULL);
    uint8_t *text = repeat("ab", 3000);
    size_t end, before;

    (void)state;
    text[2999] = 'c';
    pcre_scratch_allow(s, UNITS);
    assert_int_equal(rule_pcre_find(p, s, BYTES_LIT("c"), 0, &end), 0);
    before = allocated();
    assert_int_equal(rule_pcre_find(p, s, bytes_of(text, 3000), 0, &end), 0);
    assert_int_equal(allocated(), before);
    assert_int_equal(end, 3000);
    assert_false(pcre_scratch_spent(s));
    free(text);
    rule_pcre_free(p);
    pcre_scratch_free(s);
}

static void refusals(void **state)
{
    static const struct {
        const char *written, *why;
    } rows[] = {
        {"", "the expression stands between slashes: write \"/expression/flags\""},
        {"/", "the expression stands between slashes: write \"/expression/flags\""},
        {"/abc", "the expression stands between slashes: write \"/expression/flags\""},
        {"abc/", "the expression stands between slashes: write \"/expression/flags\""},
        {"/a\\C/", "the expression does not compile, at offset 3: using \\C is disabled by the application"},
        {"/(*UTF)a/",
         "the expression does not compile, at offset 6: using UTF is disabled by the application"},
        {"/(?:(?:(?:a{900}){900}){900})/", "the expression does not compile, at offset"},
    };
    char *text = (char *)repeat("a", 1027);

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct complaint why = {""};

        assert_null(rule_pcre_new(bytes_str(rows[i].written), NULL, &why));
        if (strncmp(why.text, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("%s", why.text);
    }
    text[0] = text[1026] = '/';
    assert_null(rule_pcre_new(bytes_of(text, 1027), NULL, NULL));
    text[1025] = '/';
    rule_pcre_free(rule_pcre_new(bytes_of(text, 1026), NULL, NULL));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_from_where_it_is_told),
        cmocka_unit_test(work_is_bounded),
        cmocka_unit_test(many_calls_share_one_allowance),
        cmocka_unit_test(matching_takes_no_further_memory),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

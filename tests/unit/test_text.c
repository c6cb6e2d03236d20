/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void cuts_between_characters(void **state)
{
    static const struct {
        const char *in;
        size_t max, kept;
    } cases[] = {
        {"abc", 3, 3},
        {"abcd", 3, 3},
        {"", 0, 0},
        {"ab\xc3\xa9", 3, 2},
        {"a\xe2\x82\xac", 3, 1},
        {"\xf0\x9f\x98\x80 and more", 3, 0},
        {"\xf0\x9f\x98\x80 and more", 4, 4},
        {"\xc3\xa9\xf0\x9f\x98\x80", 5, 2},
        {"ab\xff\xff", 9, 3}, /* each stands for four characters of output */
        {"ab\xff\xff", 10, 4},
        {"\x80\x80\x80\x80\x80\x80", 5, 1}, /* nothing to step back to */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_cut(bytes_str(cases[i].in), cases[i].max).len, cases[i].kept);
}

static void plain(const char *in, size_t max, const char *out)
{
    struct buf b = buf_within(100);

    text_plain(&b, bytes_str(in), max);
    assert_true(bytes_eq(buf_bytes(&b), bytes_str(out)));
    buf_drop(&b);
}

static void a_terminal_obeys_nothing(void **state)
{
    (void)state;
    plain("a\x1b[31m\n\x7f\\", 100, "a\\x1b[31m\\x0a\\x7f\\\\");
    plain("\xe2\x80\xae", 100, "\\xe2\\x80\\xae");
    plain("abcd", 4, "abcd");
    plain("abcde", 4, "abcd...");
}

static void visible(const char *in, size_t max, const char *out)
{
    size_t n = strlen(in);
    uint8_t *exact = memcpy(malloc(n + !n), in, n);
    struct buf b = buf_within(200);

    text_visible(&b, bytes_of(exact, n), max);
    assert_true(bytes_eq(buf_bytes(&b), bytes_str(out)));
    buf_drop(&b);
    free(exact);
}

static void people_read_what_can_be_read(void **state)
{
    (void)state;
    visible("", 100, "");
    visible("a\\u0024 \"", 100, "a\\u0024 \"");
    visible("jnd\xc4\xb1 \xef\xbc\x84 \xf0\x9f\x98\x80", 100, "jnd\xc4\xb1 \xef\xbc\x84 \xf0\x9f\x98\x80");
    visible("a\x1b[31m\n\x7f", 100, "a\\x1b[31m\\x0a\\x7f");
    visible("\xc2\x9b[31m", 100, "\\xc2\\x9b[31m");      /* CSI in one character */
    visible("\xe2\x80\xae", 100, "\\xe2\\x80\\xae");    /* right to left */
    visible("a\xe2\x80\x8b" "b", 100, "a\\xe2\\x80\\x8b" "b"); /* no width */
    visible("\xf3\xa0\x81\x81", 100, "\\xf3\\xa0\\x81\\x81"); /* a tag character */
    visible("\xff\xc3", 100, "\\xff\\xc3");
    visible("\xc0\xa4", 100, "\\xc0\\xa4"); /* overlong */
    visible("abcd", 4, "abcd");
    visible("abcde", 4, "abcd...");
    visible("abc\xc3\xa9", 4, "abc...");
}

static void amounts(void **state)
{
    struct buf b = buf_within(1000);

    (void)state;
    text_number(&b, 0);
    buf_add_byte(&b, ' ');
    text_number(&b, 999);
    buf_add_byte(&b, ' ');
    text_number(&b, 1000);
    buf_add_byte(&b, ' ');
    text_number(&b, UINT64_MAX);
    buf_add_byte(&b, ' ');
    text_size(&b, 1023);
    buf_add_byte(&b, ' ');
    text_size(&b, 1536);
    buf_add_byte(&b, ' ');
    text_size(&b, UINT64_MAX);
    assert_true(bytes_eq(buf_bytes(&b),
                         BYTES_LIT("0 999 1,000 18,446,744,073,709,551,615 1023 bytes 1.5 KB 15.9 EB")));
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(a_terminal_obeys_nothing),
        cmocka_unit_test(people_read_what_can_be_read),
        cmocka_unit_test(amounts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

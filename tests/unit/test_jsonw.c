/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/jsonw.h"
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void strings_from_the_wire(void **state)
{
    static const struct {
        struct bytes in;
        const char *out;
    } cases[] = {
        {BYTES_LIT(""), "\"\""},
        {BYTES_LIT("a\"\\b\n\r\t\0\x1f\x7f"), "\"a\\\"\\\\b\\n\\r\\t\\u0000\\u001f\\u007f\""},
        {BYTES_LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {BYTES_LIT("\xc3\xa9\xff"), "\"\\\\xC3\\\\xA9\\\\xFF\""}, /* one bad byte, and all are shown */
        {BYTES_LIT("\xc0\xa4"), "\"\\\\xC0\\\\xA4\""},            /* overlong */
        {BYTES_LIT("\xed\xa0\x80"), "\"\\\\xED\\\\xA0\\\\x80\""}, /* a surrogate */
        {BYTES_LIT("\xe2\x82"), "\"\\\\xE2\\\\x82\""},            /* cut */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = buf_within(1000);
        struct jsonw w = jsonw_to(&out);

        jsonw_bytes(&w, NULL, cases[i].in);
        assert_true(w.ok);
        assert_true(bytes_eq(buf_bytes(&out), bytes_str(cases[i].out)));
        buf_drop(&out);
    }
}

/* RFC 3629 section 4, at the edges of each row of its grammar. */
static void well_formed_utf8(void **state)
{
    static const char *const good[] = {
        "\x7f",         "\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",     "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80",         "\xc1\xbf",         "\xc2\x7f",         "\xc2\xc0",         "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe1\x80\x7f",
        "\xe1\x80\xc0", "\xf1\x80\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_valid(bytes_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_valid(bytes_str(bad[i])));
}

static void commas_and_kinds(void **state)
{
    struct buf out = buf_within(1000);
    struct jsonw w = jsonw_to(&out);

    (void)state;
    jsonw_object(&w, NULL);
    jsonw_u64(&w, "n", UINT64_MAX);
    jsonw_array(&w, "a");
    jsonw_u64(&w, NULL, 0);
    jsonw_bool(&w, NULL, true);
    jsonw_end_array(&w);
    jsonw_array_named(&w, BYTES_LIT("k\"ey"));
    jsonw_end_array(&w);
    jsonw_base64(&w, "b", BYTES_LIT("\x00\xff"));
    jsonw_printable(&w, "p", BYTES_LIT("a\"\\\r\n\t\x80"));
    jsonw_end_object(&w);
    assert_true(w.ok);
    assert_true(bytes_eq(buf_bytes(&out),
                         bytes_str("{\"n\":18446744073709551615,\"a\":[0,true],\"k\\\"ey\":[],\"b\":\"AP8=\","
                                   "\"p\":\"a\\\"\\\\\\r\\n..\"}")));
    buf_drop(&out);
}

/* Whatever does not fit is said. */
static void a_ceiling_is_noticed(void **state)
{
    (void)state;
    for (size_t ceiling = 0; ceiling < 20; ceiling++) {
        struct buf out = buf_within(ceiling);
        struct jsonw w = jsonw_to(&out);

        jsonw_object(&w, NULL);
        jsonw_str(&w, "key", "a\x01");
        jsonw_end_object(&w);
        assert_int_equal(w.ok, ceiling >= strlen("{\"key\":\"a\\u0001\"}"));
        buf_drop(&out);
    }
}

static void base64_both_ways(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xfb\xff\xbf", "+/+/"}}; /* RFC 4648 */
    struct buf text = buf_within(100), plain = buf_within(2);

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        buf_clear(&text);
        assert_true(base64_encode(&text, bytes_str(pairs[i][0])));
        assert_true(bytes_eq(buf_bytes(&text), bytes_str(pairs[i][1])));
    }
    assert_int_equal(base64_decode(&plain, BYTES_LIT("-_8=x")),
                     3); /* the other alphabet; padding ends the run */
    assert_true(bytes_eq(buf_bytes(&plain), BYTES_LIT("\xfb\xff")));
    assert_int_equal(base64_decode(&plain, BYTES_LIT("Zm9v")), 1); /* no room for a byte */
    buf_drop(&text);
    buf_drop(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_from_the_wire), cmocka_unit_test(well_formed_utf8),
        cmocka_unit_test(commas_and_kinds),      cmocka_unit_test(a_ceiling_is_noticed),
        cmocka_unit_test(base64_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

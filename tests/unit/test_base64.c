/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void assert_decoded(const char *text, size_t ceiling, const char *expected, size_t used)
{
    struct buf out = buf_within(ceiling);
    size_t n = strlen(text);
    uint8_t *exact = memcpy(malloc(n + !n), text, n);

    assert_int_equal(base64_decode(&out, bytes_of(exact, n)), used);
    assert_true(bytes_eq(buf_bytes(&out), bytes_str(expected)));
    buf_drop(&out);
    free(exact);
}

static void runs_are_decoded(void **state)
{
    (void)state;
    assert_decoded("", 100, "", 0);
    assert_decoded("YQ==", 100, "a", 2);
    assert_decoded("YWI", 100, "ab", 3);
    assert_decoded("YWJj", 100, "abc", 4);
    assert_decoded("YWJjZ", 100, "abc", 5);
    assert_decoded("YWJj YWJj", 100, "abc", 4);
    assert_decoded("-_-_", 100, "\xfb\xff\xbf", 4);
    assert_decoded("+/+/", 100, "\xfb\xff\xbf", 4);
    assert_decoded("\xff", 100, "", 0);
    /* what fits; the character that made the byte too many is not used */
    assert_decoded("YWJjZGVm", 4, "abcd", 6);
    assert_decoded("YWJj", 3, "abc", 4);
}

/* As java.util.Base64.getMimeDecoder() does. */
static void junk_is_stepped_over(void **state)
{
    struct buf out = buf_within(100);

    (void)state;
    assert_int_equal(base64_decode_mime(&out, BYTES_LIT("-Y*W\nJ\xffj_ Y=WJj")), 11);
    assert_true(bytes_eq(buf_bytes(&out), BYTES_LIT("abc")));
    buf_drop(&out);
}

static void what_is_encoded_is_decoded(void **state)
{
    uint8_t plain[64];

    (void)state;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 37 + 5);
    for (size_t n = 0; n <= sizeof plain; n++) {
        struct buf text = buf_within(100), back = buf_within(100);

        assert_true(base64_encode(&text, bytes_of(plain, n)));
        assert_int_equal(text.len, (n + 2) / 3 * 4);
        base64_decode(&back, buf_bytes(&text));
        assert_true(bytes_eq(buf_bytes(&back), bytes_of(plain, n)));
        buf_drop(&text);
        buf_drop(&back);
    }
}

static void each_character_has_its_value(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        const char *at = c ? strchr(alphabet, (int)c) : NULL;

        assert_int_equal(base64_value((uint8_t)c), at ? at - alphabet : c == '-' ? 62 : c == '_' ? 63 : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_decoded),
        cmocka_unit_test(junk_is_stepped_over),
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(each_character_has_its_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

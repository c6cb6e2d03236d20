/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/binary_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

typedef bool reader(struct bytes text, struct buf *out, struct complaint *why);

static void assert_read(reader *read, const char *text, const char *expected)
{
    struct buf out = buf_within(100);
    struct complaint why = {""};
    size_t n = strlen(text);
    uint8_t *exact = memcpy(malloc(n + !n), text, n);

    if (!read(bytes_of(exact, n), &out, &why))
        fail_msg("%s: %s", text, why.text);
    assert_true(bytes_eq(buf_bytes(&out), bytes_str(expected)));
    buf_drop(&out);
    free(exact);
}

static void assert_refused(reader *read, const char *text, const char *words)
{
    struct buf out = buf_within(4);
    struct complaint why = {""};

    assert_false(read(bytes_str(text), &out, &why));
    assert_non_null(strstr(why.text, words));
    buf_drop(&out);
}

static void hex_is_read(void **state)
{
    (void)state;
    assert_read(hex_text_read, "", "");
    assert_read(hex_text_read, "247B", "${");
    assert_read(hex_text_read, "24 7b\n6a", "${j");
    assert_read(hex_text_read, "24:7b,6a", "${j");
    assert_read(hex_text_read, "0x24 0X7b", "${");
    assert_read(hex_text_read, "\\x24\\x7b", "${");
    assert_refused(hex_text_read, "247", "character 3 ");
    assert_refused(hex_text_read, "24 7 b", "character 4 ");
    assert_refused(hex_text_read, "24zz", "character 3 ");
    assert_refused(hex_text_read, "2424242424", "too long");
}

static void base64_is_read(void **state)
{
    (void)state;
    assert_read(base64_text_read, "", "");
    assert_read(base64_text_read, "JHs=", "${");
    assert_read(base64_text_read, "JHs", "${");
    assert_read(base64_text_read, "J H\ns =", "${");
    assert_read(base64_text_read, "4pyT_-8", "\xe2\x9c\x93\xff\xef");
    assert_read(base64_text_read, "4pyT/+8", "\xe2\x9c\x93\xff\xef");
    assert_refused(base64_text_read, "JHs*", "character 4 ");
    assert_refused(base64_text_read, "JHs=x", "character 5 ");
    assert_refused(base64_text_read, "JHsqJ", "ends in the middle");
    assert_refused(base64_text_read, "JHsqJHsq", "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hex_is_read), cmocka_unit_test(base64_is_read)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

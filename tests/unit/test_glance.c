/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/glance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
    const char *text;
    bool letters, open, escape;
    size_t opens;
    enum field_coding coding;
} rows[] = {
    {"", false, false, false, 0, FIELD_PLAIN},           {"${jndi:", true, true, false, 1, FIELD_PLAIN},
    {"${JNDI:x}", true, false, false, 1, FIELD_PLAIN},   {"jnd", false, false, false, 0, FIELD_PLAIN},
    {"jnd\xc4\xb1", true, false, false, 0, FIELD_PLAIN}, {"jnd\xc4", false, false, false, 0, FIELD_PLAIN},
    {"${${}", false, true, false, 2, FIELD_PLAIN},       {"}}${", false, true, false, 1, FIELD_PLAIN},
    {"$ {$", false, false, false, 0, FIELD_PLAIN},       {"%4", false, false, false, 0, FIELD_PLAIN},
    {"%%4a", false, false, true, 0, FIELD_PLAIN},        {"%4g%", false, false, false, 0, FIELD_PLAIN},
    {" {\"a\":1}", false, false, false, 0, FIELD_JSON},  {"\t[", false, false, false, 0, FIELD_JSON},
    {"\r\n<x>", false, false, false, 0, FIELD_XML},      {"x{", false, false, false, 0, FIELD_PLAIN},
};

/* Each in memory of its own size. */
static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].text);
        uint8_t *exact = malloc(len + !len);
        struct bytes text = {exact, len};

        assert_non_null(exact);
        memcpy(exact, rows[i].text, len);
        assert_int_equal(glance_has_letters(text), rows[i].letters);
        assert_int_equal(glance_ends_open(text), rows[i].open);
        assert_int_equal(glance_has_escape(text), rows[i].escape);
        assert_int_equal(glance_opens(text), rows[i].opens);
        assert_int_equal(glance_coding(text), rows[i].coding);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

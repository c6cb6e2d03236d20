/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/hidden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define LOOKUP "${jndi:ldap://h/a}"
#define TEXT(s) \
    { \
        (const uint8_t *)(s), sizeof(s) - 1 \
    }

/* What is hidden in a text, and what comes out; NULL for nothing. */
static const struct {
    enum unwrap_layer way;
    struct bytes in;
    const char *out;
} rows[] = {
    {UNWRAP_UTF32, TEXT("\xff\xfe\0\0$\0\0\0{\0\0\0a\0\0\0}\0\0\0"), "${a}"},
    {UNWRAP_UTF32, TEXT("x\0\0\0$\0\0\0{\0\0\0a\0\0\0}"), "x${a"},
    {UNWRAP_UTF32, TEXT("$\0\0\0{\0\0\0"), NULL},
    {UNWRAP_DEFLATE, TEXT("SAMLRequest=U6nOSswryUzJTEm1AQA%3D&x=y"), NULL},
    {UNWRAP_DTD, TEXT("<!DOCTYPE r [<!ENTITY a '$'><!ENTITY b \"&a;{\">]><r>&b;&c;</r>"), "><r>${&c;</r>"},
    {UNWRAP_DTD, TEXT("<!DOCTYPE r [<!ENTITY % a '$'><!ENTITY b SYSTEM 'x'>]><r>&b;</r>"), NULL},
    {UNWRAP_UU, TEXT("begin 644 a\n#86)C\n`\nend\n"), "abc\n"},
    {UNWRAP_UU, TEXT("x\nbegin 644 a\r\n!80``\r\n"), "a\n"},
    {UNWRAP_UU, TEXT("begin the day\n#86)C\n"), NULL},
    {UNWRAP_PARAMETER, TEXT("a; n*0=\"${\"; n*1*=%6a; n*2=x"), "${jx\n"},
    {UNWRAP_PARAMETER, TEXT("a; n*1=b"), NULL},
};

static void each_way_is_undone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = buf_within(4096);
        enum field_coding coding;
        bool any = hidden_unfold(rows[i].way, rows[i].in, &out, &coding);

        if (rows[i].out && (!any || bytes_find(buf_bytes(&out), bytes_str(rows[i].out)) == BYTES_NONE))
            fail_msg("row %zu: %.*s", i, (int)out.len, (const char *)out.p);
        if (!rows[i].out && any && rows[i].way != UNWRAP_DEFLATE)
            fail_msg("row %zu: %.*s", i, (int)out.len, (const char *)out.p);
        buf_drop(&out);
    }
}

/* Cut anywhere, in exactly as much memory as it has. */
static void cut_anywhere_it_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 0; cut < rows[i].in.len; cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), rows[i].in.p, cut);
            struct field f = {.kind = FIELD_HTTP_REQUEST_BODY, .value = {exact, cut}};
            struct buf out = buf_within(4096);
            enum field_coding coding;

            (void)hidden_in(&f);
            (void)hidden_unfold(rows[i].way, f.value, &out, &coding);
            assert_true(out.len <= 4096);
            buf_drop(&out);
            free(exact);
        }
}

/* Ten of ten of ten ...: neither more text nor more work than a text of that length may make. */
static void nobody_laughs_a_billion_times(void **state)
{
    static const char *const lasts[] = {"ha", ""};

    (void)state;
    for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++) {
        struct buf in = buf_within(1 << 20), out = buf_within(1 << 20);
        enum field_coding coding;

        buf_addf(&in, "<!DOCTYPE r [<!ENTITY l0 \"%s\">", lasts[i]);
        for (unsigned level = 1; level < 60; level++) {
            buf_addf(&in, "<!ENTITY l%u \"", level);
            for (unsigned n = 0; n < 10; n++)
                buf_addf(&in, "&l%u;", level - 1);
            buf_add_str(&in, "\">");
        }
        buf_add_str(&in, "]><r>&l59;&l9;</r>");
        assert_true(hidden_unfold(UNWRAP_DTD, buf_bytes(&in), &out, &coding));
        assert_true(out.len <= 16 * in.len && coding == FIELD_XML);
        buf_drop(&in);
        buf_drop(&out);
    }
}

static void only_its_own_fields_are_searched(void **state)
{
    static const struct {
        enum field_kind kind;
        enum field_coding coding;
        const char *text;
        unsigned ways;
    } cases[] = {
        {FIELD_HTTP_URI, FIELD_URI, "/sso?SAMLRequest=0123456789012345678901234567890123456789",
         1u << UNWRAP_DEFLATE},
        {FIELD_HTTP_URI, FIELD_URI, "/SSO?SAML=abc", 0},
        {FIELD_HTTP_REQUEST_BODY, FIELD_XML, "<a/><!ENTITY", 1u << UNWRAP_DTD},
        {FIELD_HTTP_REQUEST_BODY, FIELD_JSON, "{\"a\":\"<!ENTITY\"}", 0},
        {FIELD_HTTP_REQUEST_BODY, FIELD_PLAIN, "begin 644 a\n", 1u << UNWRAP_UU},
        {FIELD_HTTP_REQUEST_BODY, FIELD_PLAIN, "--b\r\na*0=x", 1u << UNWRAP_PARAMETER},
        {FIELD_EMAIL_BODY, FIELD_PLAIN, "Hi,\nbegin at once\nbegin 644 a\n", 1u << UNWRAP_UU},
        {FIELD_EMAIL_BODY, FIELD_PLAIN, "Hi,\nbegin at once\n", 0},
        {FIELD_EMAIL_HEADER, FIELD_PLAIN, "attachment; filename*0=x", 1u << UNWRAP_PARAMETER},
        {FIELD_EMAIL_HEADER, FIELD_PLAIN, LOOKUP, 0},
        {FIELD_RAW, FIELD_PLAIN, "<!DOCTYPE a [<!ENTITY b 'c'>]>", 1u << UNWRAP_DTD},
        {FIELD_RAW, FIELD_PLAIN, "x<!ENTITY begin 644 *0", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct field f = {
            .kind = cases[i].kind, .coding = cases[i].coding, .value = bytes_str(cases[i].text)};

        if (hidden_in(&f) != cases[i].ways)
            fail_msg("%s: %x", cases[i].text, hidden_in(&f));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_is_undone),
        cmocka_unit_test(cut_anywhere_it_ends),
        cmocka_unit_test(nobody_laughs_a_billion_times),
        cmocka_unit_test(only_its_own_fields_are_searched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

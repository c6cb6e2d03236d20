/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/unwrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct {
    enum unwrap_layer layer;
    const char *in, *out; /* out NULL: nothing to take off */
} rows[] = {
    {UNWRAP_URL, "%24%7bjndi%3A", "${jndi:"},
    {UNWRAP_URL, "%2524", "%24"},
    {UNWRAP_URL, "a+b%2", NULL},
    {UNWRAP_URL, "100% %zz", NULL},
    {UNWRAP_URL, "%u0024%U007b", "${"},
    {UNWRAP_FORM, "a+b%2Bc", "a b+c"},
    {UNWRAP_JSON, "\\u0024\\u007Bjndi:\\/\\/x\\\"", "${jndi://x\""},
    {UNWRAP_JSON, "a\\\\u0024", "a\\u0024"},
    {UNWRAP_JSON, "\\ud83d\\ude00", "\360\237\230\200"},
    {UNWRAP_JSON, "\\ud83d!", "\355\240\275!"},
    {UNWRAP_JSON, "${a:\\-b}", NULL},
    {UNWRAP_ESCAPE, "\\x24\\x7bj", "${j"},
    {UNWRAP_ESCAPE, "\\44{j", "${j"},
    {UNWRAP_ESCAPE, "\\044\\173j", "${j"},
    {UNWRAP_ESCAPE, "\\\\u0024\\uuuu007b", "${"},
    {UNWRAP_ESCAPE, "ldap:\\/\\/x", "ldap://x"},
    {UNWRAP_ESCAPE, "C:\\new\\1", NULL},
    {UNWRAP_ESCAPE, "${jndi:\\-ldap}", NULL},
    {UNWRAP_ENTITY, "&#36;&#123;jndi&#x3a;", "${jndi:"},
    {UNWRAP_ENTITY, "&#0000036;&#X7B;", "${"},
    {UNWRAP_ENTITY, "&dollar;&lbrace;jndi&colon;&rcub;", "${jndi:}"},
    {UNWRAP_ENTITY, "&#36{", "${"},
    {UNWRAP_ENTITY, "AT&T &nosuch; &#; &#x;", NULL},
    {UNWRAP_ENTITY, "&#99999999999;", NULL},
    {UNWRAP_UTF8, "\300\244\301\273", "${"},
    {UNWRAP_UTF8, "\340\200\244", "$"},
    {UNWRAP_UTF8, "\357\274\204\357\275\233", "${"},
    {UNWRAP_UTF8, "caf\303\251", NULL},
    {UNWRAP_QUOTED, "=24=7bjn=\r\ndi=\n:", "${jndi:"},
    {UNWRAP_QUOTED, "a==b=c=", NULL},
    {UNWRAP_UTF7, "+ACQAew-jndi:", "${jndi:"},
    {UNWRAP_UTF7, "x+AGEAJAB7.", "xa${."},
    {UNWRAP_UTF7, "+-", "+"},
    {UNWRAP_UTF7, "1+2 c++ a+b", NULL},
    {UNWRAP_UTF7, "+xy+ACQAew-", NULL}, /* one run, not two */
};

static void layers_come_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = buf_within(4096);
        bool changed = unwrap(rows[i].layer, bytes_str(rows[i].in), &out);

        if (changed != (rows[i].out != NULL) ||
            (changed && !bytes_eq(buf_bytes(&out), bytes_str(rows[i].out))))
            fail_msg("row %zu, %s: \"%s\" became \"%.*s\"", i, unwrap_name(rows[i].layer), rows[i].in, (int)out.len,
                     (const char *)out.p);
        if (!changed)
            assert_int_equal(out.len, 0);
        buf_drop(&out);
    }
}

static void every_cut_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 0; cut <= strlen(rows[i].in); cut++)
            for (unsigned layer = 0; layer < UNWRAP_N_TEXT; layer++) {
                uint8_t *exact = malloc(cut + !cut);
                struct buf out = buf_within(4096);

                assert_non_null(exact);
                memcpy(exact, rows[i].in, cut);
                unwrap((enum unwrap_layer)layer, bytes_of(exact, cut), &out);
                buf_drop(&out);
                free(exact);
            }
}

static void wide_text_becomes_narrow(void **state)
{
    static const uint8_t little[] = {'$', 0, '{', 0, 'j', 0, 'n', 0, 'd', 0, 'i', 0, 0xe9, 0, ':', 0};
    static const uint8_t big[] = {'a', '=', 0, '$', 0, '{', 0, 'j', 0, 'n', 0, 'd', 0, 'i', 0, ':'};
    struct buf out = buf_within(4096);

    (void)state;
    assert_true(unwrap(UNWRAP_UTF16, bytes_of(little, sizeof little), &out));
    assert_true(bytes_eq(buf_bytes(&out), BYTES_LIT("${jndi\303\251:")));
    buf_clear(&out);
    assert_true(unwrap(UNWRAP_UTF16, bytes_of(big, sizeof big), &out));
    assert_int_not_equal(bytes_find(buf_bytes(&out), BYTES_LIT("${jndi")), BYTES_NONE);
    buf_clear(&out);
    assert_false(unwrap(UNWRAP_UTF16, BYTES_LIT("plain text"), &out));
    buf_drop(&out);
}

static void blobs_are_found_at_any_alignment(void **state)
{
    static const char *const texts[] = {"JHtqbmRpOmxkYXA6Ly94fQ==", "Basic JHtqbmRpOmxkYXA6Ly94fQ==",
                                        "xJHtqbmRpOmxkYXA6Ly94fQ", "xyJHtqbmRpOmxkYXA6Ly94fQ", "/a/JHtqbmRpOmxkYXA6Ly94fQ",
                                        "Li4uLi4uLi4uLi4u\r\nJHtqbmRpOmxk\r\nYXA6Ly94fQ==\r\n",
                                        "b64/Li4uLi4uJHtqbmRpOmxk\n    YXA6Ly94fQ==\n",
                                        "word\nJHtqbmRpOmxkYXA6Ly94fQ\nword"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool found = false;

        for (unsigned shift = 0; shift < 4; shift++) {
            size_t at = 0;
            struct buf out = buf_within(4096);

            while (unwrap_blob(UNWRAP_BASE64, bytes_str(texts[i]), &at, shift, &out)) {
                found |= bytes_find(buf_bytes(&out), BYTES_LIT("${jndi:ldap://x}")) != BYTES_NONE;
                buf_clear(&out);
            }
            buf_drop(&out);
        }
        if (!found)
            fail_msg("not found in %s", texts[i]);
    }
}

/* The worst texts for each layer cost no more than their length: this would run for minutes otherwise. */
static void long_runs_stay_linear(void **state)
{
    static const char units[] = {'\\', '&', '%', '+', '$', 'A'};
    struct buf out = buf_within(400000);
    uint8_t *text = malloc(200000);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof units; i++) {
        memset(text, units[i], 200000);
        for (unsigned layer = 0; layer < UNWRAP_N_TEXT; layer++) {
            buf_clear(&out);
            unwrap((enum unwrap_layer)layer, bytes_of(text, 200000), &out);
        }
    }
    for (size_t i = 0; i < 200000; i++)
        text[i] = i % 2 ? 'j' : '+';
    buf_clear(&out);
    unwrap(UNWRAP_UTF7, bytes_of(text, 200000), &out);
    buf_drop(&out);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_come_off),
        cmocka_unit_test(every_cut_is_safe),
        cmocka_unit_test(wide_text_becomes_narrow),
        cmocka_unit_test(blobs_are_found_at_any_alignment),
        cmocka_unit_test(long_runs_stay_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

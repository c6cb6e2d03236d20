/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "detect/place.h"

#define PART_1 "--b\r\nContent-Disposition: form-data; name=\"one\"\r\n\r\n1\r\n-\r\n--\r\n--c\r\n"
#define NAMED  "--b\r\nContent-Disposition: form-data; name=\"two\"; filename=\"f\"\r\n"

/* The place of the "$" in each text. */
static const struct {
    const char *text;
    enum field_coding coding;
    const char *name, *key, *part; /* NULL: none */
} rows[] = {
    {"/path/$?q=1", FIELD_URI, NULL, NULL, NULL},
    {"/path?a=1&q=$", FIELD_URI, "q", NULL, "value"},
    {"/path?a=1&user%5Bna+me%5d=x$", FIELD_URI, "user[na me]", NULL, "value"},
    {"/path?a=1&$=1", FIELD_URI, NULL, NULL, "name"},
    {"/path?{\"a\"=$", FIELD_URI, "{\"a\"", NULL, "value"},
    {"a=1&q=$", FIELD_FORM, "q", NULL, "value"},
    {"a=1&q=2=$", FIELD_FORM, "q", NULL, "value"},
    {"a=1&$=q", FIELD_FORM, NULL, NULL, "name"},
    {"$", FIELD_FORM, NULL, NULL, "name"},
    {"{\"a\":\"$\"}", FIELD_FORM, "$.a", NULL, "value"}, /* curl's label */
    {"a=1; session=$", FIELD_COOKIE, "session", NULL, "value"},
    {"a=1; $", FIELD_COOKIE, NULL, NULL, "name"},
    {"{\"user\":{\"name\":\"x$\"}}", FIELD_JSON, "$.user.name", NULL, "value"},
    {"{\"items\":[1,{\"a\":2},[],{\"b\":0,\"x\":\"$\"}]}", FIELD_JSON, "$.items[3].x", NULL, "value"},
    {"{\"a\":[[1,2],[3,\"$\"]]}", FIELD_JSON, "$.a[1][1]", NULL, "value"},
    {"[\"a\\\\\",\"b\\\"\",\"$\"]", FIELD_JSON, "$[2]", NULL, "value"},
    {"{\"a b\":{\"c\":\"$\"}}", FIELD_JSON, "$['a b'].c", NULL, "value"},
    {"{\"a\":{\"b\":1},\"c\":{\"$\":1}}", FIELD_JSON, "$.c", NULL, "name"},
    {"{\"a\":{\"b\":1},\"$\":1}", FIELD_JSON, "$", NULL, "name"},
    {"{\"query\":\"{ user(name: \\\"$\\\") }\",\"variables\":{}}", FIELD_JSON, "$.query", NULL, "value"},
    {"{\"variables\":{\"n\":\"$\"}}", FIELD_PLAIN, "$.variables.n", NULL, "value"},
    {"\xef\xbb\xbf{\"a\":\"$\"}", FIELD_JSON, "$.a", NULL, "value"}, /* as Windows writes it */
    {"\"$\"", FIELD_JSON, NULL, NULL, NULL},
    {"just text $", FIELD_PLAIN, NULL, NULL, NULL},
    {"<order><id>1</id><item no='$'/></order>", FIELD_XML, "/order/item/@no", NULL, "value"},
    {"<?xml version=\"1.0\"?><!-- <x> --><a><b x=\"1\" y = \"2\" >$</b></a>", FIELD_XML, "/a/b", NULL,
     "value"},
    {"<a><b/><c><![CDATA[<d>]] >$]]></c></a>", FIELD_XML, "/a/c", NULL, "value"},
    {"<a><![CDATA[<d>]]><e>$", FIELD_XML, "/a/e", NULL, "value"},
    {"<a><b></b></a><c>$", FIELD_PLAIN, "/c", NULL, "value"},
    {"<s:Envelope xmlns:s=\"u\"><s:Body>$", FIELD_XML, "/s:Envelope/s:Body", NULL, "value"},
    {"<a $='1'>", FIELD_XML, "/a", NULL, "name"},
    {PART_1 NAMED "\r\n$\r\n--b--\r\n", FIELD_PLAIN, "two", NULL, "value"},
    {PART_1 "--b\r\nContent-Disposition: form-data; name=\"$\"\r\n\r\n", FIELD_PLAIN, NULL, NULL, "name"},
    {PART_1 "--b\r\ncontent-disposition: form-data; name=two; filename=\"$\"\r\n\r\n", FIELD_PLAIN, "two",
     NULL, "filename"},
    {PART_1 "--b\r\nContent-Disposition: form-data; filename=\"$\"; name=two\r\n\r\n", FIELD_PLAIN, NULL,
     NULL, "filename"},
    {PART_1 "--b\r\nContent-Disposition: form-data; name=two; filename*=UTF-8''$\r\n\r\n", FIELD_PLAIN, "two",
     NULL, "filename"},
    {PART_1 NAMED "Content-Type: $\r\n\r\n", FIELD_PLAIN, "two", NULL, "header"},
    {PART_1 NAMED "\r\n{\"a\":[\"$\"]}\r\n--b--\r\n", FIELD_PLAIN, "two", "$.a[0]", "value"},
    {PART_1 NAMED "\r\n<a>$</a>\r\n--b--\r\n", FIELD_PLAIN, "two", "/a", "value"},
    {"--b\nContent-Disposition: form-data; name=\"two\"\n\n$", FIELD_PLAIN, "two", NULL, "value"},
};

static bool same(struct bytes found, const char *want)
{
    return want ? found.p && bytes_eq(found, bytes_str(want)) : !found.p;
}

static void assert_place(size_t row, const struct place *p)
{
    if (!same(p->name, rows[row].name) || !same(p->key, rows[row].key) ||
        strcmp(p->part ? p->part : "", rows[row].part ? rows[row].part : "") != 0)
        fail_msg("%s: name %.*s, key %.*s, part %s", rows[row].text, (int)p->name.len,
                 (const char *)p->name.p, (int)p->key.len, (const char *)p->key.p,
                 p->part ? p->part : "none");
}

static size_t dollar(const char *text)
{
    return (size_t)(strchr(text, '$') - text);
}

static void test_places(void **state)
{
    struct place p;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        place_find(bytes_str(rows[i].text), rows[i].coding, dollar(rows[i].text), &p);
        assert_place(i, &p);
    }
}

static void test_in_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = dollar(rows[i].text);

        if (rows[i].coding == FIELD_URI)
            continue;
        for (size_t step = 1; step < 20; step++) {
            struct place_walk w;
            struct place p;

            place_begin(&w, rows[i].coding);
            for (size_t from = 0; from < at; from += step) {
                size_t n = at - from < step ? at - from : step;
                uint8_t *exact = memcpy(malloc(n), rows[i].text + from, n);

                place_feed(&w, bytes_of(exact, n));
                free(exact);
            }
            place_tell(&w, &p);
            assert_place(i, &p);
        }
    }
}

/* JSON and XML in UTF-16, either way round, with and without a byte-order mark. */
static void test_utf16(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned how = 0; how < 4; how++) {
            struct buf text = buf_within(1 << 16);
            bool little = how & 1;
            struct place p;

            if ((rows[i].coding != FIELD_JSON && rows[i].coding != FIELD_XML) || (rows[i].text[0] & 0x80))
                continue;
            if (how & 2)
                buf_add_str(&text, little ? "\xff\xfe" : "\xfe\xff");
            for (size_t n = 0; n < dollar(rows[i].text); n++) {
                const uint8_t wide[] = {little ? (uint8_t)rows[i].text[n] : 0,
                                        little ? 0 : (uint8_t)rows[i].text[n]};

                buf_add(&text, bytes_of(wide, sizeof wide));
            }
            place_find(buf_bytes(&text), rows[i].coding, text.len, &p);
            assert_place(i, &p);
            buf_drop(&text);
        }
}

/* Deeper, longer and more broken than is kept: a place, perhaps a poor one, and no harm. */
static void test_ceilings(void **state)
{
    static const char *const again[] = {
        "[",    "{\"a\":",   "{\"a\":[", "]", "}",    "<a>",     "<aaaaaaaaaa b='",
        "</a>", "<![CDATA[", "a=",       "&", "\"\\", "--b\r\n", "\r\n\r\n",
        "\n--", "<",         ">",        ",", ":"};

    (void)state;
    for (unsigned coding = 0; coding <= FIELD_COOKIE; coding++)
        for (size_t i = 0; i < sizeof again / sizeof *again; i++)
            for (size_t j = 0; j < sizeof again / sizeof *again; j++) {
                struct buf text = buf_within(1 << 20);
                struct place_walk w;
                struct place p;

                for (unsigned n = 0; n < 500; n++)
                    buf_addf(&text, "%s%s", again[i], n % 3 ? again[j] : "");
                place_begin(&w, (enum field_coding)coding);
                place_feed(&w, buf_bytes(&text));
                place_tell(&w, &p);
                assert_true(p.name.len <= PLACE_TEXT && p.key.len <= PLACE_TEXT);
                buf_drop(&text);
            }
}

/* What is too deep is counted, so that what comes behind it has its place again. */
static void test_back_from_the_deep(void **state)
{
    struct buf text = buf_within(1 << 20);
    struct place p;

    (void)state;
    buf_add_str(&text, "{\"a\":");
    for (unsigned n = 0; n < 1000; n++)
        buf_add_str(&text, "[1,");
    for (unsigned n = 0; n < 1000; n++)
        buf_add_str(&text, "2]");
    buf_add_str(&text, ",\"b\":\"");
    place_find(buf_bytes(&text), FIELD_JSON, text.len, &p);
    assert_true(bytes_eq(p.name, BYTES_LIT("$.b")));
    buf_clear(&text);
    for (unsigned n = 0; n < 1000; n++)
        buf_add_str(&text, "<abcdefgh>");
    for (unsigned n = 0; n < 999; n++)
        buf_add_str(&text, "</abcdefgh>");
    place_find(buf_bytes(&text), FIELD_XML, text.len, &p);
    assert_true(bytes_eq(p.name, BYTES_LIT("/abcdefgh")));
    buf_drop(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_in_pieces),
        cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_back_from_the_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/gates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_LIST(list) ((unsigned)(sizeof(list) / sizeof *(list)))

static bool opens(const struct gates *g, const char *text)
{
    size_t len = strlen(text);
    uint8_t *exact = malloc(len ? len : 1);
    bool open;

    assert_non_null(exact);
    memcpy(exact, text, len);
    open = gates_open(g, bytes_of(exact, len));
    free(exact);
    return open;
}

static const struct pattern lookups[] = {
    {.text = {(const uint8_t *)"${jndi:", 7}, .nocase = true},
    {.text = {(const uint8_t *)"%7bjndi%3a", 10}, .nocase = true},
    {.text = {(const uint8_t *)"${${lower:", 10}},
};

static void test_pairs(void **state)
{
    struct gates g;

    (void)state;
    gates_choose(&g, lookups, NULL, N_LIST(lookups));
    assert_int_equal(g.n, 2);
    assert_true(gates_have(&g, BYTES_LIT("${")));
    assert_true(gates_have(&g, BYTES_LIT("%7")));
    assert_false(gates_have(&g, BYTES_LIT("7%")));
    assert_false(gates_have(&g, BYTES_LIT("$")));
    assert_true(opens(&g, "${"));
    assert_true(opens(&g, "a=%7"));
    assert_true(opens(&g, "$ { ${JNDI:"));
    assert_false(opens(&g, ""));
    assert_false(opens(&g, "$"));
    assert_false(opens(&g, "a$"));
    assert_false(opens(&g, "{$ 7% %6 7"));
}

/* Beyond some tries it is as if one was there. */
static void test_tries(void **state)
{
    char text[64] = "";
    struct gates g;

    (void)state;
    gates_choose(&g, lookups, NULL, N_LIST(lookups));
    memset(text, '$', 3);
    assert_false(opens(&g, text));
    memset(text, '$', sizeof text - 1);
    assert_true(opens(&g, text));
}

/* A letter that may come in either case makes no pair, and what has none closes nothing. */
static void test_letters(void **state)
{
    static const struct pattern either[] = {{.text = {(const uint8_t *)"{jndi", 5}, .nocase = true}};
    static const struct pattern exact[] = {{.text = {(const uint8_t *)"{jndi", 5}},
                                           {.text = {(const uint8_t *)"{jndi", 5}, .nocase = true}};
    struct gates g;

    (void)state;
    gates_choose(&g, either, NULL, 1);
    assert_int_equal(g.n, 0);
    assert_true(opens(&g, "nothing"));
    gates_choose(&g, exact, NULL, 1);
    assert_int_equal(g.n, 1);
    assert_true(opens(&g, "{j"));
    assert_false(opens(&g, "{J"));
    gates_choose(&g, exact, NULL, 2);
    assert_int_equal(g.n, 0);
}

/* A common literal that counts only behind a rare one. */
static void test_leads(void **state)
{
    static const struct pattern list[] = {{.text = {(const uint8_t *)"://", 3}},
                                          {.text = {(const uint8_t *)"${jndi:", 7}, .nocase = true}};
    const struct bytes leads[] = {BYTES_LIT("${"), {0}};
    struct gates g;

    (void)state;
    gates_choose(&g, list, NULL, 2);
    assert_int_equal(g.n, 0);
    gates_choose(&g, list, leads, 2);
    assert_int_equal(g.n, 1);
    assert_false(opens(&g, "http://"));
    assert_true(opens(&g, "${x}://"));
}

/* Too many pairs, too many literals. */
static void test_bounds(void **state)
{
    static const char *const texts[] = {"$1a", "%2a", "{3a", "}4a"};
    struct pattern few[4], *many = calloc(GATES_PATTERNS_MAX + 1, sizeof *many);
    struct gates g;

    (void)state;
    assert_non_null(many);
    for (unsigned i = 0; i < 4; i++)
        few[i] = (struct pattern){.text = bytes_str(texts[i])};
    gates_choose(&g, few, NULL, 3);
    assert_int_equal(g.n, 3);
    gates_choose(&g, few, NULL, 4);
    assert_int_equal(g.n, 0);
    for (unsigned i = 0; i <= GATES_PATTERNS_MAX; i++)
        many[i] = lookups[0];
    gates_choose(&g, many, NULL, GATES_PATTERNS_MAX);
    assert_int_equal(g.n, 1);
    gates_choose(&g, many, NULL, GATES_PATTERNS_MAX + 1);
    assert_int_equal(g.n, 0);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs), cmocka_unit_test(test_tries),  cmocka_unit_test(test_letters),
        cmocka_unit_test(test_leads), cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

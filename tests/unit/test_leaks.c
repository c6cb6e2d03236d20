/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/leaks.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *pattern, *seen;
    bool fits;
    const char *found; /* "variable=value;..." */
} rows[] = {
    {"${env:USER}.evil.example", "root.evil.example", true, "env:USER=root;"},
    {"${env:USER}.evil.example", "root.EVIL.example", true, "env:USER=root;"},
    {"${env:USER}.evil.example", "a.b.c.evil.example", true, "env:USER=a.b.c;"},
    {"${env:USER}.evil.example", "evil.example", false, ""},
    {"${env:USER}.evil.example", "root.good.example", false, ""},
    {"x${env:A}-${sys:b:-none}y", "x1-2y", true, "env:A=1;sys:b=2;"},
    {"x${env:A}${hostName}y", "xwebshopy", true, "env:A+hostName=webshop;"},
    {"x${env:A}y", "x${env:A}y", true, ""}, /* there is no such variable: nothing was told */
    {"x${env:A}y", "xy", true, ""},
    {"${env:${sys:n}}.z", "v.z", true, "env:${sys:n}=v;"},
    {"no expression", "no expression", false, ""},
    {"${open", "x", false, ""},
    {"aXa${env:A}aXa", "aXa", false, ""}, /* the two ends must not share a byte */
};

static void values_are_laid_along_the_pattern(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct leak *list = NULL;
        struct leak_sight s = {
            .pattern = bytes_str(rows[i].pattern), .seen = bytes_str(rows[i].seen), .nocase = true};
        struct buf text = buf_within(1024);

        assert_int_equal(leaks_learn(&list, &s), rows[i].fits);
        leaks_learn(&list, &s); /* twice told is told once */
        for (const struct leak *l = list; l; l = l->next) {
            buf_add_str(&text, l->variable);
            buf_add_byte(&text, '=');
            buf_add(&text, bytes_of(l->value, l->value_len));
            buf_add_byte(&text, ';');
        }
        buf_add_byte(&text, '\0');
        assert_string_equal((const char *)text.p, rows[i].found);
        buf_drop(&text);
        leaks_free(list);
    }
}

/* Pattern and sight cut at every byte, each in its own exact-size block. */
static void cut_anywhere(void **state)
{
    static const char pattern[] = "ab${env:A}c${sys:b}.x.y", seen[] = "abONEcTWO.x.y";

    (void)state;
    for (size_t p = 0; p < sizeof pattern; p++)
        for (size_t q = 0; q < sizeof seen; q++) {
            uint8_t *one = memcpy(malloc(p + !p), pattern, p), *two = memcpy(malloc(q + !q), seen, q);
            struct leak *list = NULL;
            struct leak_sight s = {.pattern = bytes_of(one, p), .seen = bytes_of(two, q)};

            leaks_learn(&list, &s);
            leak_tail(s.pattern);
            leaks_free(list);
            free(one);
            free(two);
        }
}

static void a_value_is_shown_by_its_ends(void **state)
{
    struct leak *list = NULL;
    struct leak_sight s = {.pattern = BYTES_LIT("${env:KEY}"), .seen = BYTES_LIT("AKIAEXAMPLE")};
    struct buf out = buf_within(64);
    uint8_t text[] = "cn=akiaexample,x=AKIAEXAMPLE,AKIAEXAMPL";

    (void)state;
    assert_true(leaks_learn(&list, &s));
    leak_redact(list, &out);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.p, "A***E", 5);
    assert_string_equal(list->sha256, "caae15ff5d193ec5ecb4957747fe3708fe3f6fbcf607b63dae2a7b813cc0d513");
    leaks_mask(list, text, sizeof text - 1);
    assert_string_equal((char *)text, "cn=a*********e,x=A*********E,AKIAEXAMPL");
    leaks_free(list);
    list = NULL;
    buf_clear(&out);
    s.seen = BYTES_LIT("abc");
    assert_true(leaks_learn(&list, &s));
    leak_redact(list, &out);
    assert_int_equal(out.len, 3);
    assert_memory_equal(out.p, "***", 3);
    leaks_free(list);
    buf_drop(&out);
}

static void a_value_is_found_where_it_stands_alone(void **state)
{
    static const struct {
        const char *seen;
        bool found;
    } cases[] = {{"evil.example/root/P.class", true}, {"root", true},
                 {"evil.example/ROOT?x", true},       {"evil.example/roots/P.class", false},
                 {"evil.example/aroot/root-1", true}, {"evil.example/roo/t", false},
                 {"evil.example/a/P.class", false},   {"", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned own = 0; own < 2; own++) {
            struct leak *list = NULL;
            struct leak_sight s = {
                .pattern = BYTES_LIT("${env:A}"), .seen = BYTES_LIT("root"), .place = LEAK_LDAP};
            struct leak_sight again = {.pattern =
                                           bytes_str(own ? "ldap://h/root/${env:A}" : "ldap://h/${env:A}"),
                                       .seen = bytes_str(cases[i].seen),
                                       .place = LEAK_HTTP};
            bool found = cases[i].found && !own; /* the attacker's own word is there without the victim */

            assert_true(leaks_learn(&list, &s));
            leaks_find(&list, &again);
            leaks_find(&list, &again);
            assert_int_equal(list->next != NULL, found);
            if (found) {
                assert_int_equal(list->next->place, LEAK_HTTP);
                assert_string_equal(list->next->variable, "env:A");
                assert_null(list->next->next);
            }
            leaks_free(list);
        }
}

static void escapes_hide_nothing(void **state)
{
    struct leak *list = NULL;
    struct leak_sight s = {.pattern = BYTES_LIT("${env:A}"), .seen = BYTES_LIT("a,b c\\d")};
    static const char *const cases[][2] = {{"x=a%2Cb%20c%5cd&", "x=a***********d&"},
                                           {"cn=a\\,b c\\\\d,", "cn=a*******d,"},
                                           {"cn=a\\2cb\\20c\\5Cd", "cn=a***********d"},
                                           {"a%2Cb%20c%5", "a%2Cb%20c%5"}};

    (void)state;
    assert_true(leaks_learn(&list, &s));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i][0]);
        uint8_t *exact = memcpy(malloc(len), cases[i][0], len);

        leaks_mask(list, exact, len);
        assert_memory_equal(exact, cases[i][1], len);
        free(exact);
        for (size_t cut = 0; cut < len; cut++) {
            exact = memcpy(malloc(cut + !cut), cases[i][0], cut);
            leaks_mask(list, exact, cut);
            free(exact);
        }
    }
    leaks_free(list);
}

static void there_is_an_end_of_it(void **state)
{
    struct leak *list = NULL;
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; i < 3 * LEAKS_MAX; i++) {
        char value[8] = {(char)('a' + i % 26), (char)('a' + i / 26), 'x', 'y', 0};
        struct leak_sight s = {.pattern = BYTES_LIT("${env:A}"), .seen = bytes_str(value)};

        leaks_learn(&list, &s);
    }
    for (const struct leak *l = list; l; l = l->next)
        n++;
    assert_int_equal(n, LEAKS_MAX);
    assert_true(leaks_bytes(list) > 0);
    leaks_free(list);
}

/* Two incidents that become one have learned the same, and more than one may hold. */
static void two_lists_become_one(void **state)
{
    struct leak *a = NULL, *b = NULL;
    char value[16];
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; i < LEAKS_MAX; i++) {
        struct leak_sight s = {.pattern = BYTES_LIT("${env:A}.z")};

        (void)snprintf(value, sizeof value, "v%u.z", i);
        s.seen = bytes_str(value);
        leaks_learn(i < 10 ? &a : &b, &s);
        if (i == 9)
            leaks_learn(&b, &s);
    }
    for (unsigned i = 0; i < 5; i++) {
        struct leak_sight s = {.pattern = BYTES_LIT("${env:B}.z")};

        (void)snprintf(value, sizeof value, "w%u.z", i);
        s.seen = bytes_str(value);
        leaks_learn(&b, &s);
    }
    leaks_move(&a, &b);
    assert_null(b);
    for (const struct leak *l = a; l; l = l->next) {
        n++;
        for (const struct leak *m = l->next; m; m = m->next)
            assert_false(strcmp(l->variable, m->variable) == 0 && l->value_len == m->value_len &&
                         memcmp(l->value, m->value, l->value_len) == 0);
    }
    assert_int_equal(n, LEAKS_MAX);
    leaks_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_laid_along_the_pattern),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(a_value_is_shown_by_its_ends),
        cmocka_unit_test(a_value_is_found_where_it_stands_alone),
        cmocka_unit_test(escapes_hide_nothing),
        cmocka_unit_test(there_is_an_end_of_it),
        cmocka_unit_test(two_lists_become_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

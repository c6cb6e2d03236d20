/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arguments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* What options.c and its test do not use. */
struct things {
    bool flag;
    enum choice names;
    unsigned word;
    struct option_list words, many;
};

#define AT(field) offsetof(struct things, field)

static const struct option_row rows[] = {
    {'f', "flag", NULL, OPTION_FLAG, AT(flag), "a flag"},
    {'H', "with", NULL, OPTION_YES, AT(names), "with"},
    {'h', "without", NULL, OPTION_NO, AT(names), "without"},
    {'w', "word", "one|two|three", OPTION_WORD, AT(word), "a word"},
    {0, "many", "X", OPTION_LIST, AT(many), "many"},
};

static const struct option_table table = {rows, sizeof rows / sizeof *rows, AT(words)};

static bool parse(const char *line, struct things *t, struct complaint *why)
{
    static char copy[256];
    char *argv[32];
    const char **memory;
    bool good;
    int argc = 0;

    strncpy(copy, line, sizeof copy - 1);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    *t = (struct things){.flag = false};
    *why = (struct complaint){""};
    good = arguments_parse(&table, t, argc, argv, &memory, why);
    if (good)
        for (unsigned i = 0; i < t->words.n; i++)
            assert_non_null(strstr(line, t->words.v[i]));
    free(memory);
    return good;
}

static void the_last_of_two_letters_counts(void **state)
{
    struct complaint why;
    struct things t;

    (void)state;
    assert_true(parse("x a", &t, &why));
    assert_int_equal(t.names, CHOICE_OPEN);
    assert_true(parse("x -h", &t, &why));
    assert_int_equal(t.names, CHOICE_NO);
    assert_true(parse("x -hH", &t, &why));
    assert_int_equal(t.names, CHOICE_YES);
    assert_true(parse("x --with a --without", &t, &why));
    assert_int_equal(t.names, CHOICE_NO);
}

static void words_are_counted_from_one(void **state)
{
    struct complaint why;
    struct things t;

    (void)state;
    assert_true(parse("x", &t, &why));
    assert_int_equal(t.word, 0);
    assert_true(parse("x -wone", &t, &why));
    assert_int_equal(t.word, 1);
    assert_true(parse("x --word=three", &t, &why));
    assert_int_equal(t.word, 3);
    assert_false(parse("x --word tw", &t, &why));
    assert_string_equal(why.text, "--word 'tw': write one, two or three");
    assert_false(parse("x --word two|three", &t, &why));
}

static void lists_hold_all_of_argv(void **state)
{
    struct complaint why;
    struct things t;

    (void)state;
    assert_true(parse("x a b c - -- -f --many", &t, &why));
    assert_int_equal(t.words.n, 6);
    assert_false(t.flag);
    assert_true(parse("x --many 1 --many=2 a --many 3 b", &t, &why));
    assert_int_equal(t.many.n, 3);
    assert_int_equal(t.words.n, 2);
}

static void help_has_a_line_each(void **state)
{
    struct buf out = buf_within(4096);

    (void)state;
    arguments_help(&table, &out);
    buf_add_byte(&out, '\0');
    assert_non_null(strstr((const char *)out.p, "  -f, --flag                 a flag\n"));
    assert_non_null(strstr((const char *)out.p, "      --many X               many\n"));
    buf_drop(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_of_two_letters_counts),
        cmocka_unit_test(words_are_counted_from_one),
        cmocka_unit_test(lists_hold_all_of_argv),
        cmocka_unit_test(help_has_a_line_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

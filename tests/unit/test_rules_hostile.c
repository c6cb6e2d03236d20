/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of rules that are there to cost time or memory: each is answered, with words, in seconds. Times are
 * those of this process, and many times what is measured. */
#include "base/buf.h"
#include "detect/rule_traffic.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define HEAD "alert tcp any any -> any any (msg:\"m\"; "

static struct {
    struct ruleset *rules;
    struct buf text;
    struct complaint why;
    clock_t begun;
} t;

static int begin(void **state)
{
    (void)state;
    t.rules = sighted_ruleset();
    t.text = buf_within(64 << 20);
    t.why = (struct complaint){""};
    t.begun = clock();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ruleset_free(t.rules);
    buf_drop(&t.text);
    return 0;
}

__attribute__((format(printf, 1, 2))) static void write_rule(const char *fmt, ...)
{
    char line[2048];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    assert_true(n > 0 && (size_t)n < sizeof line);
    assert_true(buf_add(&t.text, bytes_of(line, (size_t)n)));
}

static bool read_all(void)
{
    return ruleset_add_text(t.rules, "h", buf_bytes(&t.text), &t.why);
}

static double seconds(void)
{
    return (double)(clock() - t.begun) / CLOCKS_PER_SEC;
}

/* The word that was meant is looked for as long as somebody will be told of it. */
static void misspelt_words(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 100000; i++)
        write_rule(HEAD "contant:\"x\"; sid:%u;)\n", i);
    assert_true(read_all());
    assert_int_equal(ruleset_n_refused(t.rules), 100000);
    assert_string_equal(ruleset_refusal(t.rules, RULESET_REFUSALS_KEPT - 1),
                        "h:256: sid 256: keyword 'contant': no such keyword or buffer: did you mean content");
    assert_null(ruleset_refusal(t.rules, RULESET_REFUSALS_KEPT));
    assert_true(seconds() < 20); /* 3 here; 27 with all words looked for */
}

static void a_file_of_anything(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RULESET_REFUSALS_MAX + 1000; i++)
        write_rule("%c\n", 'a' + i % 26);
    assert_false(read_all());
    assert_string_equal(t.why.text, "h:200000: 200000 rules are refused until here: name a file of rules");
    assert_int_equal(ruleset_n_refused(t.rules), RULESET_REFUSALS_MAX);
    assert_int_equal(ruleset_n(t.rules) - ruleset_n_traffic(t.rules), 0);
}

/* One bit each, in every flow. */
static void names_without_end(void **state)
{
    unsigned n = 0;

    (void)state;
    for (unsigned sid = 1; n < STATE_NAMES_MAX; sid++) {
        write_rule(HEAD "content:\"abc\"; ");
        for (unsigned k = 0; k < TRAFFIC_MAX_STATES; k++)
            write_rule("flowbits:set,n%u; ", n++);
        write_rule("sid:%u;)\n", sid);
    }
    assert_true(read_all() && ruleset_n_refused(t.rules) == 0);
    assert_true(ruleset_compile(t.rules, &t.why));
    buf_clear(&t.text);
    write_rule(HEAD "content:\"abc\"; flowbits:isset,n0; flowbits:set,another; sid:9999;)\n");
    assert_true(read_all() && ruleset_n_refused(t.rules) == 0);
    assert_false(ruleset_compile(t.rules, &t.why));
    assert_string_equal(t.why.text,
                        "the rules have more than 16384 names for flowbits: take out those you do not "
                        "need");
    assert_true(seconds() < 20);
}

/* Repetitions in repetitions, each small as it is written. */
static void costly_expressions(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 300; i++) {
        write_rule(HEAD "pcre:\"/((a{1,500}){1,500}){1,50}%u/\"; sid:%u;)\n", i, i);
        write_rule(HEAD "pcre:\"/(((((a{0,60}){0,60}b?){0,9})*)*)*%u/\"; sid:%u;)\n", i, 1000 + i);
        write_rule(HEAD "pcre:\"/%0500d%.400s/\"; sid:%u;)\n", 0,
                   "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
                   2000 + i);
    }
    assert_true(read_all());
    assert_int_equal(ruleset_n(t.rules) + ruleset_n_refused(t.rules), 900);
    assert_true(ruleset_n_refused(t.rules) >= 600);
    assert_true(ruleset_compile(t.rules, &t.why));
    assert_true(seconds() < 20);
}

/* Nothing to find them by: they are asked always, and that is all that they cost to load. */
static void one_byte_each(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 20000; i++)
        write_rule(HEAD "content:\"%c\"; sid:%u;)\n", 'a' + i % 26, i);
    assert_true(read_all() && ruleset_n_refused(t.rules) == 0);
    assert_true(ruleset_compile(t.rules, &t.why));
    assert_true(seconds() < 20);
}

/* Rings of bits that set one another. */
static void rings(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        write_rule(HEAD "flowbits:isset,b%u; flowbits:set,b%u; sid:%u;)\n", i, (i + 1) % 10000, i + 1);
    assert_true(read_all() && ruleset_n_refused(t.rules) == 0);
    assert_true(ruleset_compile(t.rules, &t.why));
    assert_true(seconds() < 20);
}

/* Each has transforms of its own, so that each has a set of its own. */
static void transforms_of_their_own(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3000; i++)
        write_rule(
            "alert http any any -> any any (msg:\"m\"; http.uri; xor:\"%08x\"; content:\"abcd\"; sid:%u;)\n",
            i, i);
    assert_true(read_all() && ruleset_n_refused(t.rules) == 0);
    assert_true(ruleset_compile(t.rules, &t.why));
    assert_true(seconds() < 30);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(misspelt_words),          TEST(a_file_of_anything), TEST(names_without_end),
        TEST(costly_expressions),      TEST(one_byte_each),      TEST(rings),
        TEST(transforms_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

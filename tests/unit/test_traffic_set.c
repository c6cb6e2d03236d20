/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define N_RULES 4
#define LONG    200

/* How rules are found in texts: by which part of a literal, and where it begins. */

static char literal[LONG + 1];

static void note(struct set_draft *d, uint32_t rule, struct bytes text, bool nocase)
{
    struct traffic_test test = {.kind = ASK_CONTENT, .pattern = text, .nocase = nocase};
    struct traffic_section section = {.tests = &test, .n_tests = 1};

    assert_true(set_draft_note(d, rule, &section, &test));
}

/* Rule 0: all of a long literal. 1: only its end, of the same bytes as far as is searched. 2: another
 * beginning. 3: short. */
static void set_make(struct traffic_set *set, bool pieces)
{
    static char other[LONG + 1];
    struct set_draft draft = {0};
    struct complaint why;
    uint32_t dice = 1;

    for (unsigned i = 0; i < LONG; i++) {
        dice = dice * 1664525 + 1013904223;
        literal[i] = (char)('!' + (dice >> 24) % 60); /* no small letters */
    }
    memcpy(literal + 23, "XyZ", 3);
    memcpy(other, literal, sizeof other);
    other[0] = 'Z';
    note(&draft, 0, bytes_str(literal), false);
    note(&draft, 1, bytes_str(literal + LONG - 100), false);
    note(&draft, 2, bytes_str(other), false);
    note(&draft, 3, BYTES_LIT("xyz"), true);
    assert_true(set_draft_compile(&draft, pieces, set, &why));
}

static uint64_t found_at(const struct traffic_finds *f, uint32_t rule)
{
    for (unsigned i = 0; i < f->n; i++)
        if (f->find[i].rule == rule)
            return f->find[i].from;
    return UINT64_MAX;
}

static void test_whole(void **state)
{
    struct traffic_finds finds = {0};
    struct traffic_set set;
    char text[LONG + 16];

    (void)state;
    set_make(&set, false);
    assert_true(traffic_finds_init(&finds, N_RULES));
    snprintf(text, sizeof text, "..%s..", literal);
    traffic_set_find(&set, bytes_str(text), &finds);
    assert_int_equal(found_at(&finds, 0), 2);
    assert_int_equal(found_at(&finds, 1), 2 + LONG - 100);
    assert_int_equal(found_at(&finds, 2), 2); /* to be compared: its first byte is another */
    assert_int_equal(found_at(&finds, 3), 2 + 23);
    traffic_finds_clear(&finds);

    /* The text is shorter than the literal whose end it holds: it cannot hold all of it. */
    traffic_set_find(&set, bytes_str(literal + 1), &finds);
    assert_int_equal(found_at(&finds, 0), UINT64_MAX);
    assert_int_equal(found_at(&finds, 1), LONG - 101);
    traffic_finds_clear(&finds);
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* Cut anywhere, each rule is found in the piece that completes its literal, and where that begins. */
static void test_pieces(void **state)
{
    const uint64_t base = 1000;
    struct traffic_finds finds = {0};
    struct patterns_stream *stream;
    struct traffic_set set;

    (void)state;
    set_make(&set, true);
    assert_true(traffic_finds_init(&finds, N_RULES));
    stream = patterns_stream_open(set.patterns);
    assert_non_null(stream);
    for (size_t cut = 0; cut < LONG; cut++) {
        patterns_stream_reset(stream);
        traffic_set_find_piece(&set, stream, bytes_of(literal, cut), base, false, &finds);
        assert_int_equal(found_at(&finds, 0), UINT64_MAX);
        assert_int_equal(found_at(&finds, 1), UINT64_MAX);
        traffic_finds_clear(&finds);
        traffic_set_find_piece(&set, stream, bytes_of(literal + cut, LONG - cut), base, false, &finds);
        assert_int_equal(found_at(&finds, 0), base);
        assert_int_equal(found_at(&finds, 1), base + LONG - 100);
        traffic_finds_clear(&finds);
    }
    patterns_stream_close(stream);
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* No stream, no scan: then every rule is worth asking. */
static void test_without_stream(void **state)
{
    struct traffic_finds finds = {0};
    struct traffic_set set;

    (void)state;
    set_make(&set, true);
    assert_true(traffic_finds_init(&finds, N_RULES));
    traffic_set_find_piece(&set, NULL, BYTES_LIT("nothing"), 0, false, &finds);
    assert_int_equal(finds.n, N_RULES);
    traffic_finds_clear(&finds);
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* Literals of the greatest length, thousands of them: to compile each whole took 30 ms. */
static void test_many_long_literals(void **state)
{
    enum { N = 4000, LEN = 1000 };
    char *text = malloc((size_t)N * LEN);
    struct set_draft draft = {0};
    struct traffic_set set;
    struct complaint why;
    clock_t begun = clock();
    uint32_t dice = 1;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < (size_t)N * LEN; i++) {
        dice = dice * 1664525 + 1013904223;
        text[i] = (char)(dice >> 24);
    }
    for (uint32_t i = 0; i < N; i++)
        note(&draft, i, bytes_of(text + (size_t)i * LEN, LEN), false);
    assert_true(set_draft_compile(&draft, true, &set, &why));
    assert_true(clock() - begun < 20 * CLOCKS_PER_SEC);
    traffic_set_drop(&set);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_without_stream),
        cmocka_unit_test(test_many_long_literals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

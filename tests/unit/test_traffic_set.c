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
static void set_make(struct traffic_set *set)
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
    assert_true(set_draft_compile(&draft, set, &why));
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
    set_make(&set);
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

/* The end of text, from which on it is new; all of it stands at base in a stream. */
static void find_from(const struct traffic_set *set, struct bytes text, size_t from, uint64_t base,
                      struct traffic_finds *finds)
{
    struct set_text piece = {.window = text, .fresh = text.len - from, .at = base, .begin = base};

    piece.first = from == 0;
    traffic_set_find_new(set, &piece, finds);
}

/* Cut anywhere, each rule is found in the piece that completes its literal, and where that begins. */
static void test_pieces(void **state)
{
    const uint64_t base = 1000;
    struct traffic_finds finds = {0};
    struct traffic_set set;

    (void)state;
    set_make(&set);
    assert_true(traffic_finds_init(&finds, N_RULES));
    for (size_t cut = 0; cut < LONG; cut++) {
        find_from(&set, bytes_of(literal, cut), 0, base, &finds);
        assert_int_equal(found_at(&finds, 0), UINT64_MAX);
        assert_int_equal(found_at(&finds, 1), UINT64_MAX);
        assert_int_equal(found_at(&finds, 3), cut < 26 ? UINT64_MAX : base + 23);
        traffic_finds_clear(&finds);
        find_from(&set, bytes_of(literal, LONG), cut, base, &finds);
        assert_int_equal(found_at(&finds, 0), base);
        assert_int_equal(found_at(&finds, 1), base + LONG - 100);
        /* What was there before is no news. */
        assert_int_equal(found_at(&finds, 3), cut < 26 ? base + 23 : UINT64_MAX);
        traffic_finds_clear(&finds);
    }
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* Of what went before, the end alone is at hand: a long literal counts when the stream goes back far enough.
 */
static void test_lost_beginning(void **state)
{
    const struct bytes window = bytes_of(literal + 50, LONG - 50);
    struct set_text piece = {.window = window, .fresh = 10, .at = 1050};
    struct traffic_finds finds = {0};
    struct traffic_set set;

    (void)state;
    set_make(&set);
    assert_true(traffic_finds_init(&finds, N_RULES));
    for (piece.begin = 990; piece.begin < 1010; piece.begin++) {
        traffic_set_find_new(&set, &piece, &finds);
        assert_int_equal(found_at(&finds, 0), piece.begin <= 1000 ? 1000 : UINT64_MAX);
        assert_int_equal(found_at(&finds, 1), 1000 + LONG - 100);
        traffic_finds_clear(&finds);
    }
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* Rule 0: "${" and no other literal. 1: the same, by its author's choice, with one that is searched for. 2:
 * none but an absent one. 3: two bytes in either case. */
static void shorts_make(struct traffic_set *set)
{
    static struct traffic_test chosen[] = {
        {.kind = ASK_CONTENT, .pattern = {(const uint8_t *)"${", 2}, .fast = true},
        {.kind = ASK_CONTENT, .pattern = {(const uint8_t *)"://", 3}}};
    const struct traffic_section section = {.tests = chosen, .n_tests = 2};
    struct traffic_test absent = {.kind = ASK_CONTENT, .pattern = BYTES_LIT("}"), .negated = true};
    const struct traffic_section without = {.tests = &absent, .n_tests = 1};
    struct set_draft draft = {0};
    struct complaint why;

    note(&draft, 0, BYTES_LIT("${"), false);
    assert_true(set_draft_note(&draft, 1, &section, &chosen[1]));
    assert_true(set_draft_note(&draft, 2, &without, NULL));
    note(&draft, 3, BYTES_LIT("ab"), true);
    assert_true(set_draft_compile(&draft, set, &why));
    assert_int_equal(set->n_shorts, 1);
}

static void test_shorts(void **state)
{
    static const char text[] = "$$a${://$";
    struct traffic_finds finds = {0};
    struct traffic_set set;

    (void)state;
    shorts_make(&set);
    assert_true(traffic_finds_init(&finds, N_RULES));
    for (size_t cut = 0; cut < sizeof text; cut++) {
        find_from(&set, bytes_of(text, cut), 0, 7, &finds);
        assert_int_equal(found_at(&finds, 0) != UINT64_MAX, cut >= 5);
        assert_int_equal(found_at(&finds, 1), cut >= 8 ? 7 + 5 : UINT64_MAX);
        assert_int_equal(found_at(&finds, 2), 0);
        assert_int_equal(found_at(&finds, 3), 0);
        assert_int_equal(finds.short_end[0], cut >= 5 ? 7 + 5 : 0);
        traffic_finds_clear(&finds);
        find_from(&set, bytes_of(text, sizeof text - 1), cut, 7, &finds);
        assert_int_equal(found_at(&finds, 0) != UINT64_MAX, cut < 5);
        assert_int_equal(found_at(&finds, 1), cut < 8 ? 7 + 5 : UINT64_MAX);
        assert_int_equal(finds.short_end[0], cut < 5 ? 7 + 5 : 0);
        traffic_finds_clear(&finds);
    }
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* The last of several counts; a literal of one byte; more of them than there is room for. */
static void test_many_shorts(void **state)
{
    static const char *const texts[N_RULES] = {"1", "23", "34", "5"};
    struct traffic_finds finds = {0};
    struct set_draft draft = {0};
    struct traffic_set set;
    struct complaint why;

    (void)state;
    for (uint32_t i = 0; i < N_RULES; i++)
        note(&draft, i, bytes_str(texts[i]), false);
    note(&draft, N_RULES, BYTES_LIT("67"), false);
    assert_true(set_draft_compile(&draft, &set, &why));
    assert_int_equal(set.n_shorts, SET_SHORTS);
    assert_true(traffic_finds_init(&finds, N_RULES + 1));
    traffic_set_find(&set, BYTES_LIT("1.23.1.2.3"), &finds);
    assert_int_equal(finds.short_end[0], 6);
    assert_int_equal(finds.short_end[1], 4);
    assert_int_equal(finds.short_end[2], 0);
    assert_int_equal(found_at(&finds, 0), 0);
    assert_int_equal(found_at(&finds, 1), 0);
    assert_int_equal(found_at(&finds, 2), UINT64_MAX);
    assert_int_equal(found_at(&finds, 3), UINT64_MAX);
    assert_int_equal(found_at(&finds, N_RULES), 0); /* always asked */
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* A text that has to begin with a literal, as far as there is text. */
static void test_starts(void **state)
{
    struct traffic_test test = {.kind = ASK_CONTENT, .pattern = BYTES_LIT("0123"), .starts = true};
    const struct traffic_section section = {.tests = &test, .n_tests = 1};
    static const struct {
        const char *text;
        bool found;
    } rows[] = {{"0", true}, {"012", true}, {"01234", true}, {"02", false}, {"0124", false}, {"10", false}};
    struct traffic_finds finds = {0};
    struct set_draft draft = {0};
    struct traffic_set set;
    struct complaint why;

    (void)state;
    assert_true(set_draft_note(&draft, 0, &section, &test));
    assert_true(set_draft_compile(&draft, &set, &why));
    assert_true(traffic_finds_init(&finds, 1));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        traffic_set_find(&set, bytes_str(rows[i].text), &finds);
        assert_int_equal(finds.n, rows[i].found);
        if (rows[i].found)
            assert_true(traffic_set_may_find(&set, bytes_str(rows[i].text)));
        traffic_finds_clear(&finds);
    }
    assert_false(traffic_set_may_find(&set, BYTES_LIT("10")));
    assert_false(traffic_set_may_find(&set, BYTES_LIT("")));
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
}

/* The next piece of a text of which all is there. */
static unsigned find_piece(const struct traffic_set *set, struct set_text *text, const char *all, size_t to,
                           struct traffic_finds *finds)
{
    unsigned n;

    text->fresh = to - text->window.len;
    text->window = bytes_of(all, to);
    traffic_set_find_new(set, text, finds);
    text->behind = finds->searched ? 0 : text->behind + text->fresh;
    text->lead |= finds->short_end[0] != 0;
    n = finds->n;
    traffic_finds_clear(finds);
    return n;
}

/* A common literal behind a rare one of two bytes: it counts from there on, and what stood before is made up
 * for. Where it may stand before the rare one, it counts at once. */
static void test_led(void **state)
{
    static const char all[] = "x://y ${a ://z ://";
    static const size_t ends[] = {6, 8, 10, 14, 18};
    static const unsigned found[][2] = {{0, 1}, {1, 0}, {0, 0}, {1, 1}, {1, 1}};
    struct traffic_finds finds = {0};

    (void)state;
    assert_true(traffic_finds_init(&finds, 1));
    for (unsigned anywhere = 0; anywhere < 2; anywhere++) {
        struct traffic_test tests[] = {
            {.kind = ASK_CONTENT, .pattern = BYTES_LIT("${"), .fast = true},
            {.kind = ASK_CONTENT, .pattern = BYTES_LIT("://"), .relative = !anywhere}};
        const struct traffic_section section = {.tests = tests, .n_tests = 2};
        struct set_draft draft = {0};
        struct set_text text = {0};
        struct traffic_set set;
        struct complaint why;

        assert_true(set_draft_note(&draft, 0, &section, &tests[1]));
        assert_true(set_draft_compile(&draft, &set, &why));
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            assert_int_equal(find_piece(&set, &text, all, ends[i], &finds), found[i][anywhere]);
        traffic_set_drop(&set);
    }
    traffic_finds_drop(&finds);
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
    assert_true(set_draft_compile(&draft, &set, &why));
    assert_true(clock() - begun < 20 * CLOCKS_PER_SEC);
    traffic_set_drop(&set);
    free(text);
}

/* Many that end alike, in either case, are looked for by less of their ends, and found all the same. Whole
 * they took 250 us and 25 KB each. */
static void test_many_that_end_alike(void **state)
{
    enum { N = 20000, LEN = 60 };
    char *text = malloc((size_t)N * (LEN + 1));
    struct traffic_finds finds = {0};
    struct set_draft draft = {0};
    struct traffic_set set;
    struct complaint why;
    clock_t begun = clock();

    (void)state;
    assert_non_null(text);
    memset(text, 'a', (size_t)N * (LEN + 1));
    for (uint32_t i = 0; i < N; i++) {
        char *one = text + (size_t)i * (LEN + 1);

        snprintf(one, 20, "%016u", i * 2654435761u);
        one[16] = (char)('a' + i % 26);
        one[LEN] = 0;
        note(&draft, i, bytes_str(one), true);
    }
    assert_true(set_draft_compile(&draft, &set, &why));
    assert_true(clock() - begun < 3 * CLOCKS_PER_SEC);
    assert_true(traffic_finds_init(&finds, N));
    for (uint32_t i = 0; i < N; i += 4999) {
        char around[LEN + 8];

        snprintf(around, sizeof around, "..%s..", text + (size_t)i * (LEN + 1));
        traffic_set_find(&set, bytes_str(around), &finds);
        assert_true(found_at(&finds, i) <= 2); /* their ends stand earlier, too */
        traffic_finds_clear(&finds);
        traffic_set_find(&set, bytes_str(text + (size_t)i * (LEN + 1) + 1), &finds);
        assert_int_equal(found_at(&finds, i), UINT64_MAX); /* the text is too short for it */
        traffic_finds_clear(&finds);
    }
    traffic_finds_drop(&finds);
    traffic_set_drop(&set);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_lost_beginning),
        cmocka_unit_test(test_shorts),
        cmocka_unit_test(test_many_shorts),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_led),
        cmocka_unit_test(test_many_long_literals),
        cmocka_unit_test(test_many_that_end_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

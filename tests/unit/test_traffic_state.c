/* SPDX-License-Identifier: GPL-2.0-or-later */
/* traffic_state.c: names as numbers, what a flow remembers, and what addresses do. Answers are Suricata 7's.
 */
#include "detect/traffic_state.h"
#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct state_names *names;
static struct flow_marks flow;
static struct xbits *xbits;
static struct addr hosts[3];
static struct state_place place;

static int begin(void **state)
{
    (void)state;
    names = state_names_new();
    xbits = xbits_new(true);
    assert_true(names && xbits);
    memset(&flow, 0, sizeof flow);
    memset(counters, 0, sizeof counters);
    for (uint8_t i = 0; i < 3; i++)
        hosts[i] = addr_v4((uint8_t[]){192, 0, 2, i});
    place = (struct state_place){
        .flow = &flow, .xbits = xbits, .src = &hosts[0], .dst = &hosts[1], .now_us = 1000000};
    return 0;
}

static int end(void **state)
{
    (void)state;
    flow_marks_drop(&flow);
    xbits_free(xbits);
    state_names_free(names);
    return 0;
}

/* For the time of one call: state points to what the caller has written. */
static struct state_ask ask_of(const struct rule_state *state)
{
    struct state_ask ask;

    assert_true(state_ask_init(&ask, state, names));
    return ask;
}

static bool holds(struct rule_state s)
{
    struct state_ask ask = ask_of(&s);

    return state_holds(&ask, &place);
}

static void does(struct rule_state s)
{
    struct state_ask ask = ask_of(&s);

    state_do(&ask, &place);
}

#define BIT(does, name) \
    (struct rule_state) \
    { \
        .kind = STATE_FLOWBITS, .action = (does), .names = {name}, .n_names = 1 \
    }
#define XBIT(does, name, by) \
    (struct rule_state) \
    { \
        .kind = STATE_XBITS, .action = (does), .names = {name}, .n_names = 1, .track = (by), .expire = 10 \
    }
#define INT(does, name, n) \
    (struct rule_state) \
    { \
        .kind = STATE_FLOWINT, .action = (does), .names = {name}, .n_names = 1, .value = (n), \
        .how = COMPARE_EQUAL \
    }

/* Each kind counts from 0; a name keeps its number however many come after it. */
static void names_are_numbers(void **state)
{
    char text[16];

    (void)state;
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            snprintf(text, sizeof text, "n%u", i);
            assert_int_equal(state_number(names, STATE_FLOWBITS, text), i);
            if (i % 2 == 0)
                assert_int_equal(state_number(names, STATE_XBITS, text), i / 2);
        }
    assert_int_equal(state_names_n(names, STATE_FLOWBITS), 5000);
    assert_int_equal(state_names_n(names, STATE_XBITS), 2500);
    assert_int_equal(state_names_n(names, STATE_FLOWINT), 0);
    assert_int_equal(state_number(names, STATE_FLOWBITS, ""), 5000);
}

static void bits_of_a_flow(void **state)
{
    struct rule_state either = {
        .kind = STATE_FLOWBITS, .action = STATE_ISSET, .names = {"a", "far"}, .n_names = 2};
    char text[16];

    (void)state;
    assert_false(holds(BIT(STATE_ISSET, "a")));
    assert_true(holds(BIT(STATE_ISNOTSET, "a")));
    does(BIT(STATE_UNSET, "a")); /* takes no memory */
    assert_int_equal(flow_marks_size(&flow), 0);
    does(BIT(STATE_SET, "a"));
    does(BIT(STATE_SET, "a"));
    assert_true(holds(BIT(STATE_ISSET, "a")));
    assert_int_equal(flow_marks_size(&flow), 8);
    for (unsigned i = 0; i < 130; i++) {
        snprintf(text, sizeof text, "b%u", i);
        assert_false(holds(BIT(STATE_ISSET, text)));
    }
    does(BIT(STATE_SET, "far"));
    assert_int_equal(flow_marks_size(&flow), 24); /* the bit behind 131 others */
    assert_true(holds(BIT(STATE_ISSET, "far")) && holds(BIT(STATE_ISSET, "a")));
    assert_false(holds(BIT(STATE_ISSET, "b0")) || holds(BIT(STATE_ISSET, "b129")));
    does(BIT(STATE_UNSET, "a"));
    assert_true(holds(either));
    does(BIT(STATE_TOGGLE, "far"));
    assert_false(holds(either));
    either.action = STATE_ISNOTSET;
    assert_true(holds(either));
    does(BIT(STATE_TOGGLE, "far"));
    assert_false(holds(either));
}

static void numbers_of_a_flow(void **state)
{
    struct rule_state by = INT(STATE_ADD, "n", 0);
    char text[16];

    (void)state;
    assert_true(holds(INT(STATE_ISNOTSET, "n", 0)));
    assert_false(holds(INT(STATE_COMPARE, "n", 0))); /* nothing is no 0 */
    does(INT(STATE_SUBTRACT, "n", 1));
    assert_true(holds(INT(STATE_ISNOTSET, "n", 0)));
    does(INT(STATE_ADD, "n", 2));
    assert_true(holds(INT(STATE_COMPARE, "n", 2)) && holds(INT(STATE_ISSET, "n", 0)));
    does(INT(STATE_SUBTRACT, "n", 3));
    assert_true(holds(INT(STATE_COMPARE, "n", UINT32_MAX)));
    does(INT(STATE_ADD, "n", 6));
    assert_true(holds(INT(STATE_COMPARE, "n", 5)));
    by.value_name = "m"; /* is not there: nothing is done, nothing holds */
    does(by);
    assert_true(holds(INT(STATE_COMPARE, "n", 5)));
    by.action = STATE_COMPARE;
    assert_false(holds(by));
    does(INT(STATE_ASSIGN, "m", 5));
    assert_true(holds(by));
    by.action = STATE_ADD;
    does(by);
    assert_true(holds(INT(STATE_COMPARE, "n", 10)));
    for (unsigned i = 0; i < STATE_FLOWINTS_MAX; i++) {
        snprintf(text, sizeof text, "i%u", i);
        does(INT(STATE_ASSIGN, text, i));
    }
    assert_int_equal(flow.n_ints, STATE_FLOWINTS_MAX);
    assert_int_equal(counters[COUNT_TRAFFIC_MEMORY], 2);
    assert_false(holds(INT(STATE_ISSET, "i63", 0)));
    assert_true(holds(INT(STATE_COMPARE, "i61", 61)));
}

static void comparisons(void **state)
{
    static const struct {
        enum rule_compare how;
        bool four, five, six; /* of 5 */
    } rows[] = {
        {COMPARE_EQUAL, false, true, false}, {COMPARE_DIFFERENT, true, false, true},
        {COMPARE_LESS, false, false, true},  {COMPARE_LESS_EQUAL, false, true, true},
        {COMPARE_MORE, true, false, false},  {COMPARE_MORE_EQUAL, true, true, false},
    };

    (void)state;
    does(INT(STATE_ASSIGN, "n", 5));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t n = 4; n <= 6; n++) {
            struct rule_state s = INT(STATE_COMPARE, "n", n);

            s.how = rows[i].how;
            assert_int_equal(holds(s), n == 4 ? rows[i].four : n == 5 ? rows[i].five : rows[i].six);
        }
}

static void bits_of_addresses(void **state)
{
    (void)state;
    assert_false(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
    does(XBIT(STATE_UNSET, "x", XBITS_SRC));
    does(XBIT(STATE_SET, "x", XBITS_SRC));
    does(XBIT(STATE_SET, "p", XBITS_PAIR));
    assert_true(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
    assert_false(holds(XBIT(STATE_ISSET, "x", XBITS_DST)) || holds(XBIT(STATE_ISSET, "x", XBITS_PAIR)));
    place.src = &hosts[1]; /* the answer */
    place.dst = &hosts[0];
    assert_false(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
    assert_true(holds(XBIT(STATE_ISSET, "p", XBITS_PAIR)));
    place.src = &hosts[2];
    assert_false(holds(XBIT(STATE_ISSET, "p", XBITS_PAIR)));
    place.src = &hosts[0];
    place.now_us += 10000000;
    assert_true(holds(XBIT(STATE_ISSET, "x", XBITS_SRC))); /* its last moment */
    place.now_us++;
    assert_true(holds(XBIT(STATE_ISNOTSET, "x", XBITS_SRC)));
    does(XBIT(STATE_TOGGLE, "x", XBITS_SRC));
    assert_true(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
    does(XBIT(STATE_UNSET, "x", XBITS_SRC));
    assert_true(holds(XBIT(STATE_ISNOTSET, "x", XBITS_SRC)));
}

static struct addr host(uint32_t i)
{
    return addr_v4((uint8_t[]){10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i});
}

/* Full, the one that ends first makes room; those that are over do so without a word. Holes in the table hide
 * nobody. */
static void a_ceiling_for_addresses(void **state)
{
    struct addr a;

    (void)state;
    place.src = &a;
    for (uint32_t i = 0; i < STATE_XBITS_MAX; i++) {
        a = host(i);
        place.now_us++;
        does(XBIT(STATE_SET, "x", XBITS_SRC));
    }
    for (uint32_t i = 0; i < STATE_XBITS_MAX; i += 3) {
        a = host(i);
        does(XBIT(STATE_UNSET, "x", XBITS_SRC));
    }
    for (uint32_t i = 0; i < STATE_XBITS_MAX; i++) {
        a = host(i);
        assert_int_equal(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)), i % 3 != 0);
    }
    for (uint32_t i = 0; i < STATE_XBITS_MAX; i += 3) {
        a = host(i);
        does(XBIT(STATE_SET, "x", XBITS_SRC));
    }
    assert_int_equal(counters[COUNT_TRAFFIC_MEMORY], 0);
    a = host(STATE_XBITS_MAX);
    does(XBIT(STATE_SET, "x", XBITS_SRC));
    assert_int_equal(counters[COUNT_TRAFFIC_MEMORY], 1);
    assert_true(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
    a = host(1); /* since 0 was renewed */
    assert_false(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
    place.now_us += 20000000;
    does(XBIT(STATE_SET, "x", XBITS_SRC));
    assert_true(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
    assert_int_equal(counters[COUNT_TRAFFIC_MEMORY], 1);
    a = host(2);
    assert_false(holds(XBIT(STATE_ISSET, "x", XBITS_SRC)));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_numbers), TEST(bits_of_a_flow),    TEST(numbers_of_a_flow),
        TEST(comparisons),       TEST(bits_of_addresses), TEST(a_ceiling_for_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

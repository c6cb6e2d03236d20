/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limits.c: how often a rule may speak. The times below were put to Suricata 7.0.10; the answers are its own.
 */
#include "correlate/limits.h"
#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define BEGIN_US UINT64_C(1700000000000000)
#define N_TIMES  16
#define N_HOSTS  4096

static const uint64_t times_us[N_TIMES] = {0,        1000000,  2000000,  3000000,  4000000,  5000000,
                                           9999999,  10000000, 10000001, 11000000, 12000000, 20000001,
                                           20500000, 21000000, 30000000, 31000000};

/* spoken: a letter for each of the times; x where an alert was written. */
struct row {
    struct rule_limit limit;
    const char *spoken;
};

static const struct row rows[] = {
    {{LIMIT_NONE, TRACK_SRC, 0, 0}, "xxxxxxxxxxxxxxxx"},
    {{LIMIT_FIRST, TRACK_SRC, 2, 10}, "xx......xx..xx.x"},
    {{LIMIT_EACH, TRACK_SRC, 3, 10}, "..x..x....x...x."},
    {{LIMIT_ONCE, TRACK_SRC, 2, 10}, ".x.......x...x.."},
    {{LIMIT_BEYOND, TRACK_SRC, 2, 10}, "..xxxxxx..xx..x."},
    {{LIMIT_EACH, TRACK_SRC, 1, 10}, "xxxxxxxxxxxxxxxx"},
    {{LIMIT_ONCE, TRACK_SRC, 1, 10}, "x.......x...x..x"},
    {{LIMIT_FIRST, TRACK_RULE, 1, 10}, "x.......x...x..x"},
    {{LIMIT_FIRST, TRACK_BOTH, 1, 10}, "x.......x...x..x"},
    {{LIMIT_FIRST, TRACK_DST, 1, 10}, "x.......x...x..x"},
    {{LIMIT_FIRST, TRACK_FLOW, 1, 10}, "x.......x...x..x"},
};

static const struct rule rule = {.gid = 1, .sid = 7}, other_rule = {.gid = 1, .sid = 8},
                         other_generator = {.gid = 2, .sid = 7};

static struct limits *limits_within(uint64_t memcap)
{
    struct config *config = config_new();
    struct limits *l;

    assert_non_null(config);
    config->threshold_memcap = memcap;
    l = limits_new(config);
    assert_non_null(l);
    config_free(config);
    return l;
}

static struct addr host(unsigned n)
{
    const uint8_t b[4] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};

    return addr_v4(b);
}

static struct limit_subject subject(unsigned src, unsigned dst, uint64_t us)
{
    return (struct limit_subject){.src = host(src), .dst = host(dst), .flow_id = src, .ts_us = BEGIN_US + us};
}

static void periods_are_those_of_suricata(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct limits *l = limits_within(1 << 20);
        char spoken[N_TIMES + 1] = "";

        for (unsigned k = 0; k < N_TIMES; k++) {
            const struct limit_subject who = subject(1, 2, times_us[k]);

            spoken[k] = limits_allow(l, &rule, &rows[i].limit, &who) ? 'x' : '.';
        }
        if (strcmp(spoken, rows[i].spoken) != 0)
            fail_msg("row %zu: %s, Suricata %s", i, spoken, rows[i].spoken);
        limits_free(l);
    }
}

/* Host 1 to 2, 2 to 1, 3 to 1, 1 to 2, 1 to 3, 1 to 2: which of them speak under "limit, count 1". */
static void whoever_is_tracked_is_counted_alone(void **state)
{
    static const unsigned ends[6][2] = {{1, 2}, {2, 1}, {3, 1}, {1, 2}, {1, 3}, {1, 2}};
    static const struct {
        enum limit_track track;
        const char *spoken;
    } tracks[] = {{TRACK_SRC, "xxx..."},
                  {TRACK_DST, "xx..x."},
                  {TRACK_BOTH, "x.x..."},
                  {TRACK_RULE, "x....."},
                  {TRACK_FLOW, "xxx..."}};

    (void)state;
    for (size_t i = 0; i < sizeof tracks / sizeof *tracks; i++) {
        const struct rule_limit limit = {LIMIT_FIRST, tracks[i].track, 1, 10};
        struct limits *l = limits_within(1 << 20);
        char spoken[7] = "";

        for (unsigned k = 0; k < 6; k++) {
            const struct limit_subject who = subject(ends[k][0], ends[k][1], k * 1000000);

            spoken[k] = limits_allow(l, &rule, &limit, &who) ? 'x' : '.';
        }
        assert_string_equal(spoken, tracks[i].spoken);
        limits_free(l);
    }
}

static void rules_are_counted_apart(void **state)
{
    static const struct rule_limit limit = {LIMIT_FIRST, TRACK_RULE, 1, 10};
    const struct limit_subject who = subject(1, 2, 0);
    struct limits *l = limits_within(1 << 20);

    (void)state;
    assert_true(limits_allow(l, &rule, &limit, &who));
    assert_true(limits_allow(l, &other_rule, &limit, &who));
    assert_true(limits_allow(l, &other_generator, &limit, &who));
    assert_false(limits_allow(l, &rule, &limit, &who));
    limits_free(l);
}

static void an_address_of_each_family_is_another(void **state)
{
    static const struct rule_limit limit = {LIMIT_FIRST, TRACK_SRC, 1, 10};
    static const uint8_t bytes[16] = {10, 0, 0, 1};
    struct limit_subject who = subject(1, 2, 0);
    struct limits *l = limits_within(1 << 20);

    (void)state;
    assert_true(limits_allow(l, &rule, &limit, &who));
    who.src = addr_v6(bytes);
    assert_true(limits_allow(l, &rule, &limit, &who));
    assert_false(limits_allow(l, &rule, &limit, &who));
    limits_free(l);
}

/* A packet that is older than the period's first belongs to it. */
static void time_that_goes_back_begins_nothing(void **state)
{
    static const struct rule_limit limit = {LIMIT_FIRST, TRACK_SRC, 1, 10};
    struct limit_subject who = subject(1, 2, 50000000);
    struct limits *l = limits_within(1 << 20);

    (void)state;
    assert_true(limits_allow(l, &rule, &limit, &who));
    who.ts_us -= 40000000;
    assert_false(limits_allow(l, &rule, &limit, &who));
    limits_free(l);
}

/* Whoever was asked for least recently begins anew; one that is asked for all the time stays. */
static void what_is_remembered_has_a_ceiling(void **state)
{
    static const struct rule_limit limit = {LIMIT_FIRST, TRACK_SRC, 1, 3600};
    const struct limit_subject faithful = subject(0xabcdef, 2, 0);
    struct limits *l = limits_within(64 * 1024);
    uint64_t before = counters[COUNT_LIMITS_FORGOTTEN];
    struct limit_subject who = subject(0, 2, 0);

    (void)state;
    assert_true(limits_allow(l, &rule, &limit, &faithful));
    for (unsigned i = 0; i < N_HOSTS; i++) {
        who = subject(i, 2, i);
        assert_true(limits_allow(l, &rule, &limit, &who));
        assert_false(limits_allow(l, &rule, &limit, &faithful));
    }
    assert_false(limits_allow(l, &rule, &limit, &who)); /* the last one is still there */
    who = subject(0, 2, N_HOSTS);
    assert_true(limits_allow(l, &rule, &limit, &who)); /* the first is not */
    assert_true(limits_n(l) * sizeof(struct limit_subject) < 64 * 1024);
    assert_int_equal(counters[COUNT_LIMITS_FORGOTTEN] - before, N_HOSTS + 2 - limits_n(l));
    limits_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_those_of_suricata),
        cmocka_unit_test(whoever_is_tracked_is_counted_alone),
        cmocka_unit_test(rules_are_counted_apart),
        cmocka_unit_test(an_address_of_each_family_is_another),
        cmocka_unit_test(time_that_goes_back_begins_nothing),
        cmocka_unit_test(what_is_remembered_has_a_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

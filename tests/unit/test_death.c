/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "process/death.h"

#include <signal.h>
#include <string.h>

#define S UINT64_C(1000000)

static void every_end_has_a_name(void **state)
{
    char phrase[128];

    (void)state;
    assert_string_equal(death_reason(SIGSEGV, OFFENCE_NONE, phrase, sizeof phrase), "SIGSEGV");
    assert_string_equal(death_reason(SIGSYS, OFFENCE_NONE, phrase, sizeof phrase), "seccomp");
    assert_non_null(strstr(phrase, "sandbox"));
    assert_string_equal(death_reason(SIGKILL, OFFENCE_NONE, phrase, sizeof phrase), "SIGKILL");
    assert_string_equal(death_reason(SIGKILL, OFFENCE_HANG, phrase, sizeof phrase), "hang");
    assert_string_equal(death_reason(SIGKILL, OFFENCE_NONSENSE, phrase, sizeof phrase), "nonsense");
    assert_string_equal(death_reason(3 << 8, OFFENCE_NONE, phrase, sizeof phrase), "exit");
    assert_non_null(strstr(phrase, "exit status 3"));
    assert_string_equal(death_reason(SIGXFSZ, OFFENCE_NONE, phrase, sizeof phrase), "signal");
}

static void few_deaths_cost_no_time(void **state)
{
    struct deaths d = {.n = 0};

    (void)state;
    for (uint64_t now = 1; now < 3600 * S; now += 16 * S) /* four a minute, for an hour */
        assert_int_equal(deaths_note(&d, now), 0);
}

static void many_deaths_are_held_back_and_forgiven(void **state)
{
    static const uint64_t pauses[] = {0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct deaths d = {.n = 0};
    uint64_t now = 100 * S, pause;

    (void)state;
    for (unsigned i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        pause = deaths_note(&d, now);
        assert_int_equal(pause, pauses[i] * S);
        now += pause + S / 2;
    }
    now += 600 * S;
    assert_int_equal(deaths_note(&d, now), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(deaths_note(&d, now += S), 0);
    assert_int_equal(deaths_note(&d, now + S), S); /* and again from the beginning */
}

static void deaths_at_one_place_are_hopeless(void **state)
{
    struct deaths d = {.n = 0};

    (void)state;
    for (unsigned i = 1; i < DEATHS_HOPELESS; i++)
        assert_false(deaths_stuck(&d, 0));
    assert_false(deaths_stuck(&d, 7)); /* it came further */
    for (unsigned i = 2; i < DEATHS_HOPELESS; i++)
        assert_false(deaths_stuck(&d, 7));
    assert_true(deaths_stuck(&d, 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_has_a_name),
        cmocka_unit_test(few_deaths_cost_no_time),
        cmocka_unit_test(many_deaths_are_held_back_and_forgiven),
        cmocka_unit_test(deaths_at_one_place_are_hopeless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

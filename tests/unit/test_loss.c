/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/loss.h"
#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void of_an_interval(void **state)
{
    struct loss_watch w = {0};
    char text[512];

    (void)state;
    count_reset();
    assert_false(loss_look(&w, 1, text, sizeof text));
    counters[COUNT_CAPTURE_KERNEL_PACKETS] = 1000;
    counters[COUNT_CAPTURE_KERNEL_DROPS] = 10;
    assert_false(loss_look(&w, 1, text, sizeof text)); /* not more than one percent */
    counters[COUNT_CAPTURE_KERNEL_PACKETS] = 2000;
    counters[COUNT_CAPTURE_KERNEL_DROPS] = 25;
    assert_true(loss_look(&w, 1, text, sizeof text));
    assert_non_null(strstr(text, "dropped 15 of 1000 frames (1.5 %)"));
    assert_false(loss_look(&w, 1, text, sizeof text)); /* nothing since */
    counters[COUNT_CAPTURE_KERNEL_PACKETS] = 2010;
    counters[COUNT_CAPTURE_KERNEL_DROPS] = 35;
    assert_false(loss_look(&w, 0, text, sizeof text));
    counters[COUNT_CAPTURE_KERNEL_PACKETS] = 2020;
    counters[COUNT_CAPTURE_KERNEL_DROPS] = 45;
    assert_true(loss_look(&w, 99, text, sizeof text));
    assert_non_null(strstr(text, "10 of 10 frames (100.0 %)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_an_interval)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

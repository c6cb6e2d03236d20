/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "channel/channel.h"
#include "support/sample.h"

struct seen {
    unsigned n;
    uint64_t packets[64];
};

static void note(void *arg, const struct record *r)
{
    struct seen *seen = arg;

    assert_true(seen->n < 64);
    seen->packets[seen->n++] = r->head.packet;
}

static void gives_all_in_order_and_is_empty(void **state)
{
    struct channel *c = channel_new(1024 * 1024);
    struct seen seen = {0};
    struct sample s;

    (void)state;
    count_reset();
    sample_lookup(&s);
    for (unsigned round = 0; round < 3; round++) {
        for (s.chunk.packet = 1; s.chunk.packet <= 20; s.chunk.packet++)
            assert_true(channel_put(c, &s.finding, 1024));
        seen.n = 0;
        channel_drain(c, note, &seen);
        assert_int_equal(seen.n, 20);
        for (unsigned i = 0; i < 20; i++)
            assert_int_equal(seen.packets[i], i + 1);
        seen.n = 0;
        channel_drain(c, note, &seen);
        assert_int_equal(seen.n, 0);
    }
    assert_int_equal(counters[COUNT_CHANNEL_RECORDS], 60);
    assert_int_equal(counters[COUNT_CHANNEL_DROPPED], 0);
    assert_int_equal(counters[COUNT_CHANNEL_BAD], 0);
    channel_free(c);
    sample_drop(&s);
}

static void what_does_not_fit_is_counted_and_the_rest_is_whole(void **state)
{
    struct channel *c;
    struct seen seen = {0};
    struct sample s;
    unsigned taken = 0;

    (void)state;
    count_reset();
    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    c = channel_new(s.bytes.len * 5 + s.bytes.len / 2);
    for (s.chunk.packet = 1; s.chunk.packet <= 9; s.chunk.packet++)
        taken += channel_put(c, &s.finding, RECORD_MAX);
    assert_int_equal(taken, 5);
    assert_int_equal(counters[COUNT_CHANNEL_DROPPED], 4);
    assert_true(count_lost());
    channel_drain(c, note, &seen);
    assert_int_equal(seen.n, 5);
    assert_int_equal(seen.packets[4], 5);
    assert_true(channel_put(c, &s.finding, RECORD_MAX)); /* room again */
    channel_free(c);
    channel_free(NULL);
    sample_drop(&s);
    count_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_all_in_order_and_is_empty),
        cmocka_unit_test(what_does_not_fit_is_counted_and_the_rest_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

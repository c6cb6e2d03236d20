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
    unsigned n, n_calls;
    struct {
        struct record_place place;
        uint64_t packet;
        char source[64];
    } v[64];
    size_t bytes;
};

static void note(void *arg, struct bytes records)
{
    struct seen *seen = arg;

    seen->n_calls++;
    seen->bytes += records.len;
    while (records.len > 0) {
        size_t size = record_size(records);
        struct bytes one = bytes_slice(records, 0, size);
        struct record r;

        assert_true(size > 0 && size <= records.len);
        if (seen->n < 64) {
            assert_true(record_place_read(one, &seen->v[seen->n].place));
            if (record_read(one, &r)) {
                seen->v[seen->n].packet = r.head.packet;
                if (r.item[RECORD_SOURCE].p)
                    strncpy(seen->v[seen->n].source, (const char *)r.item[RECORD_SOURCE].p, 63);
            }
        }
        seen->n++;
        records = bytes_from(records, size);
    }
}

static void gives_all_at_their_place(void **state)
{
    struct seen seen = {0};
    struct channel *c = channel_new(note, &seen);
    struct sample s;

    (void)state;
    count_reset();
    sample_lookup(&s);
    channel_flush(c);
    assert_int_equal(seen.n_calls, 0); /* nothing to say */
    channel_frame(c, 7, 1234567, "a.pcap");
    channel_rank(c, RANK_FRAME);
    for (s.chunk.packet = 1; s.chunk.packet <= 20; s.chunk.packet++)
        channel_put(c, &s.finding, 1024);
    channel_rank(c, RANK_AFTER);
    channel_put_mark(c);
    assert_int_equal(seen.n, 0);
    channel_flush(c);
    assert_int_equal(seen.n, 21);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(seen.v[i].packet, i + 1);
        assert_string_equal(seen.v[i].source, "a.pcap");
        assert_int_equal(seen.v[i].place.frame, 7);
        assert_int_equal(seen.v[i].place.clock_us, 1234567);
        assert_int_equal(seen.v[i].place.rank, RANK_FRAME);
        assert_int_equal(seen.v[i].place.flow_id, s.flow.id);
    }
    assert_int_equal(seen.v[20].place.kind, RECORD_MARK);
    assert_int_equal(seen.v[20].place.rank, RANK_AFTER);
    channel_flush(c);
    assert_int_equal(seen.n_calls, 1);
    assert_false(count_lost());
    channel_free(c);
    channel_free(NULL);
    sample_drop(&s);
}

/* In which order the clock closes flows depends on which of them a worker has. */
static void what_the_clock_brings_is_ordered_by_flow(void **state)
{
    static const uint64_t flows[] = {5, 3, 9, 3, 1, 5}, sorted[] = {1, 3, 3, 5, 5, 9},
                          packets[] = {5, 2, 4, 1, 6, 3};
    struct seen seen = {0};
    struct channel *c = channel_new(note, &seen);
    struct sample s;

    (void)state;
    sample_lookup(&s);
    for (unsigned round = 0; round < 2; round++) {
        seen.n = 0;
        channel_frame(c, 7 + round, 0, NULL);
        for (unsigned i = 0; i < 6; i++) {
            s.flow.id = flows[i];
            s.chunk.packet = i + 1;
            channel_put(c, &s.finding, 100 * i);
        }
        channel_rank(c, RANK_FRAME);
        s.flow.id = 2; /* the frame's own come after them, whatever their flow */
        s.chunk.packet = 99;
        channel_put(c, &s.finding, 100);
        channel_flush(c);
        assert_int_equal(seen.n, 7);
        for (unsigned i = 0; i < 6; i++) {
            assert_int_equal(seen.v[i].place.flow_id, sorted[i]);
            assert_int_equal(seen.v[i].packet, packets[i]);
        }
        assert_int_equal(seen.v[6].packet, 99);
    }
    channel_free(c);
    sample_drop(&s);
}

static void more_than_it_holds_goes_early_and_nothing_is_lost(void **state)
{
    struct seen seen = {0};
    struct channel *c = channel_new(note, &seen);
    struct sample s;
    unsigned n = 0;

    (void)state;
    count_reset();
    sample_lookup(&s);
    channel_frame(c, 1, 0, NULL);
    channel_rank(c, RANK_FRAME);
    while (seen.n_calls < 3 && n < 100000) {
        channel_put(c, &s.finding, 65536);
        n++;
    }
    assert_int_equal(seen.n_calls, 3);
    channel_flush(c);
    assert_int_equal(seen.n, n);
    assert_int_equal(counters[COUNT_CHANNEL_DROPPED], 0);
    channel_free(c);
    sample_drop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_all_at_their_place),
        cmocka_unit_test(what_the_clock_brings_is_ordered_by_flow),
        cmocka_unit_test(more_than_it_holds_goes_early_and_nothing_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

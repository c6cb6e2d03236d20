/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "channel/report.h"
#include "process/merge.h"

#include <stdlib.h>

struct seen {
    unsigned n;
    struct {
        unsigned worker;
        uint64_t frame;
        uint32_t number; /* of the fact: tells the records apart */
    } v[4096];
};

static void on_record(void *arg, unsigned worker, struct bytes record)
{
    struct seen *seen = arg;
    struct record_place place;
    struct fact f = {.number = 0};

    assert_true(record_place_read(record, &place));
    if (place.kind == RECORD_MARK)
        return;
    assert_true(record_read_fact(record, &f));
    assert_true(seen->n < 4096);
    seen->v[seen->n].worker = worker;
    seen->v[seen->n].frame = place.frame;
    seen->v[seen->n++].number = f.number;
}

static void fact_at(struct buf *out, enum record_rank rank, uint64_t frame, uint64_t clock_us, uint64_t flow,
                    uint32_t number)
{
    struct fact f = {.number = number, .flow_id = flow, .body = BYTES_LIT("x")};
    size_t start = out->len;

    assert_true(record_write_fact(out, &f));
    record_set_place(out, start, rank, frame, clock_us);
}

static void mark_at(struct buf *out, uint64_t frame)
{
    size_t start = out->len;

    assert_true(record_write_mark(out));
    record_set_place(out, start, RANK_AFTER, frame, 0);
}

/* As a pipe does it: at most step bytes at a time, and only when they are wanted. */
static size_t feed(struct merge *m, unsigned worker, const struct buf *b, size_t from, size_t step,
                   uint64_t now_us)
{
    size_t room, n = b->len - from < step ? b->len - from : step;
    uint8_t *p;

    if (n == 0 || !merge_wants(m, worker))
        return from;
    p = merge_room(m, worker, &room);
    assert_non_null(p);
    assert_true(room >= 65536);
    memcpy(p, b->p + from, n);
    assert_true(merge_wrote(m, worker, n, now_us));
    return from + n;
}

static void run(struct merge *m, struct buf *streams, unsigned n, size_t step)
{
    size_t at[8] = {0};
    unsigned bad, moved = 1;

    while (moved) {
        moved = 0;
        for (unsigned i = 0; i < n; i++) {
            size_t next = feed(m, i, &streams[i], at[i], step, 0);

            moved |= next != at[i];
            at[i] = next;
            if (next == streams[i].len && merge_is_empty(m, i) && merge_wants(m, i)) {
                merge_end(m, i);
                moved = 1;
            }
        }
        assert_true(merge_run(m, 0, &bad));
    }
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(at[i], streams[i].len);
}

/* Two workers, and what one worker alone would have told, in any portions. */
static void many_tell_what_one_would(void **state)
{
    static const size_t steps[] = {1, 7, 100, 100000};

    (void)state;
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        struct seen seen = {0};
        struct merge_plan plan = {.n = 2, .record = on_record, .arg = &seen};
        struct merge *m = merge_new(&plan);
        struct buf streams[2] = {buf_within(1 << 20), buf_within(1 << 20)};

        for (unsigned i = 1; i <= 100; i++) {
            unsigned owner = i % 3 == 0;

            /* The clock of frame i ends a flow in each worker; the frame is the owner's. */
            fact_at(&streams[0], RANK_CLOCK, i, 0, 10, 3 * (i % 80));
            fact_at(&streams[1], RANK_CLOCK, i, 0, 11, 3 * (i % 80) + 1);
            fact_at(&streams[owner], RANK_FRAME, i, 0, 1, 3 * (i % 80) + 2);
        }
        mark_at(&streams[0], 100);
        run(m, streams, 2, steps[s]);
        assert_int_equal(seen.n, 300);
        for (unsigned i = 0; i < 300; i++) {
            assert_int_equal(seen.v[i].frame, i / 3 + 1);
            assert_int_equal(seen.v[i].number, 3 * ((i / 3 + 1) % 80) + i % 3);
        }
        merge_free(m);
        buf_drop(&streams[0]);
        buf_drop(&streams[1]);
    }
}

static void nothing_is_given_before_all_have_come_so_far(void **state)
{
    struct seen seen = {0};
    struct merge_plan plan = {.n = 2, .record = on_record, .arg = &seen};
    struct merge *m = merge_new(&plan);
    struct buf a = buf_within(65536), b = buf_within(65536);
    unsigned bad;

    (void)state;
    fact_at(&a, RANK_FRAME, 5, 0, 1, 1);
    mark_at(&b, 4);
    feed(m, 0, &a, 0, a.len, 0);
    assert_true(merge_run(m, 0, &bad));
    assert_int_equal(seen.n, 0);
    assert_false(merge_wants(m, 0)); /* it has to wait, and is not read */
    assert_true(merge_wants(m, 1));
    feed(m, 1, &b, 0, b.len, 0);
    assert_true(merge_run(m, 0, &bad));
    assert_int_equal(seen.n, 0); /* frame 4 is not far enough */
    buf_clear(&b);
    mark_at(&b, 5);
    feed(m, 1, &b, 0, b.len, 0);
    assert_true(merge_run(m, 0, &bad));
    assert_int_equal(seen.n, 1);
    buf_clear(&a);
    fact_at(&a, RANK_FRAME, 9, 0, 1, 1);
    feed(m, 0, &a, 0, a.len, 0);
    merge_run(m, 0, &bad);
    assert_int_equal(seen.n, 1);
    merge_end(m, 1); /* nobody is left to wait for */
    merge_run(m, 0, &bad);
    assert_int_equal(seen.n, 2);
    merge_free(m);
    merge_free(NULL);
    buf_drop(&a);
    buf_drop(&b);
}

static void live_waits_a_little_and_no_longer(void **state)
{
    struct seen seen = {0};
    struct merge_plan plan = {.n = 2, .live = true, .hold_us = 25000, .record = on_record, .arg = &seen};
    struct merge *m = merge_new(&plan);
    struct buf a = buf_within(65536), b = buf_within(65536);
    unsigned bad;

    (void)state;
    fact_at(&a, RANK_FRAME, 1, 2000, 1, 1);
    fact_at(&a, RANK_FRAME, 2, 3000, 1, 2);
    feed(m, 0, &a, 0, a.len, 100000);
    merge_run(m, 110000, &bad);
    assert_int_equal(seen.n, 0);
    assert_int_equal(merge_wait_us(m, 110000), 15000);
    fact_at(&b, RANK_FRAME, 1, 1000, 1, 3); /* earlier, and not too late */
    feed(m, 1, &b, 0, b.len, 110000);
    merge_run(m, 110000, &bad);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.v[0].number, 3);
    merge_run(m, 125000, &bad);
    assert_int_equal(seen.n, 3); /* both: they came together */
    assert_int_equal(seen.v[2].number, 2);
    assert_true(merge_wait_us(m, 125000) == UINT64_MAX);
    merge_free(m);
    buf_drop(&a);
    buf_drop(&b);
}

/* Else its pipe runs over while the other worker has nothing to say. */
static void live_a_busy_sender_is_not_held_up(void **state)
{
    struct seen seen = {0};
    struct merge_plan plan = {.n = 2, .live = true, .hold_us = 25000, .record = on_record, .arg = &seen};
    struct merge *m = merge_new(&plan);
    struct buf a = buf_within(1 << 20);
    size_t at = 0, next;
    unsigned bad;

    (void)state;
    for (unsigned i = 1; i <= 4000; i++)
        fact_at(&a, RANK_FRAME, i, i, 1, i % 80);
    assert_true(a.len > 200000);
    while ((next = feed(m, 0, &a, at, 40000, 0)) != at) { /* all of it at one time */
        at = next;
        assert_true(merge_run(m, 0, &bad));
    }
    assert_int_equal(at, a.len);
    assert_true(seen.n < 4000); /* the last of it waits as little does */
    assert_false(merge_is_empty(m, 0));
    assert_true(merge_run(m, 25000, &bad));
    assert_int_equal(seen.n, 4000);
    assert_true(merge_is_empty(m, 0));
    for (unsigned i = 0; i < 4000; i++)
        assert_int_equal(seen.v[i].frame, i + 1);
    merge_free(m);
    buf_drop(&a);
}

static void half_a_record_is_no_record_for_the_successor(void **state)
{
    struct seen seen = {0};
    struct merge_plan plan = {.n = 1, .record = on_record, .arg = &seen};
    struct merge *m = merge_new(&plan);
    struct buf a = buf_within(65536);
    unsigned bad;

    (void)state;
    fact_at(&a, RANK_FRAME, 7, 0, 1, 1);
    for (size_t cut = 1; cut < a.len; cut++) {
        feed(m, 0, &a, 0, cut, 0);
        assert_true(merge_run(m, 0, &bad));
        merge_begin(m, 0);
    }
    assert_int_equal(seen.n, 0);
    feed(m, 0, &a, 0, a.len, 0);
    assert_true(merge_run(m, 0, &bad));
    assert_int_equal(seen.n, 1);
    merge_free(m);
    buf_drop(&a);
}

/* The size, the version, the kind, the rank, and a place before the last one. */
static void nonsense_is_noticed(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } lies[] = {
        {offsetof(struct record_place, size) + 2, 200},  {offsetof(struct record_place, size), 1},
        {offsetof(struct record_place, version), 99},    {offsetof(struct record_place, kind), 99},
        {offsetof(struct record_place, rank), RANK_N},   {offsetof(struct record_place, frame), 6},
        {offsetof(struct record_place, flow_id) + 7, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct seen seen = {0};
        struct merge_plan plan = {.n = 1, .record = on_record, .arg = &seen};
        struct merge *m = merge_new(&plan);
        struct buf a = buf_within(65536);
        unsigned bad = 9;
        size_t first, room;
        uint8_t *p;

        fact_at(&a, RANK_FRAME, 7, 0, 1, 1);
        first = a.len;
        fact_at(&a, RANK_FRAME, 7, 0, 1, 2);
        a.p[first + lies[i].at] = lies[i].value;
        p = merge_room(m, 0, &room);
        memcpy(p, a.p, a.len);
        assert_true(merge_wrote(m, 0, a.len, 0));
        assert_false(merge_run(m, 0, &bad));
        assert_int_equal(bad, 0);
        assert_int_equal(seen.n, 1); /* what came before it stands */
        assert_false(merge_wants(m, 0));
        merge_free(m);
        buf_drop(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_tell_what_one_would),
        cmocka_unit_test(nothing_is_given_before_all_have_come_so_far),
        cmocka_unit_test(live_waits_a_little_and_no_longer),
        cmocka_unit_test(live_a_busy_sender_is_not_held_up),
        cmocka_unit_test(half_a_record_is_no_record_for_the_successor),
        cmocka_unit_test(nonsense_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

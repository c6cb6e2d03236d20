/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "channel/report.h"
#include "process/tally.h"

#include <stdlib.h>

static const char text[] = "{\"timestamp\":\"2021-12-10T10:00:00.000000+0000\"}\n";

static void all_kinds(struct buf out[4])
{
    static struct tally t = {.first_us = 1, .last_us = 2, .n_flows = 3, .counters = {[COUNT_ALERTS] = 4}};
    struct line l = {.ts_us = 5, .packet = 6, .flow_id = 7, .text = bytes_of(text, sizeof text - 1)};
    struct fact f = {.number = 8, .ts_us = 9, .packet = 10, .flow_id = 11, .body = BYTES_LIT("body")};

    for (unsigned i = 0; i < 4; i++)
        out[i] = buf_within(RECORD_MAX);
    assert_true(record_write_line(&out[0], &l));
    assert_true(record_write_fact(&out[1], &f));
    assert_true(record_write_stats(&out[2], &t));
    assert_true(record_write_log(&out[3], LOG_LEVEL_WARNING, "words"));
}

/* Which of the readers take it, as bits. */
static unsigned read_by(struct bytes b)
{
    static struct tally t;
    struct line l;
    struct fact f;
    enum log_level level;
    char words[LOG_LINE_MAX];

    return (unsigned)record_read_line(b, &l) | (unsigned)record_read_fact(b, &f) << 1 |
           (unsigned)record_read_stats(b, &t) << 2 | (unsigned)record_read_log(b, &level, words) << 3;
}

static void each_comes_back_to_its_own_reader(void **state)
{
    struct buf out[4];
    struct tally t;
    struct line l;
    struct fact f;
    enum log_level level;
    char words[LOG_LINE_MAX];

    (void)state;
    all_kinds(out);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(read_by(buf_bytes(&out[i])), 1u << i);
    assert_true(record_read_line(buf_bytes(&out[0]), &l));
    assert_true(l.ts_us == 5 && l.packet == 6 && l.flow_id == 7 && bytes_eq(l.text, bytes_str(text)));
    assert_true(record_read_fact(buf_bytes(&out[1]), &f));
    assert_true(f.number == 8 && f.ts_us == 9 && f.packet == 10 && f.flow_id == 11);
    assert_true(bytes_eq(f.body, BYTES_LIT("body")));
    assert_true(record_read_stats(buf_bytes(&out[2]), &t));
    assert_true(t.first_us == 1 && t.last_us == 2 && t.n_flows == 3 && t.counters[COUNT_ALERTS] == 4);
    assert_true(record_read_log(buf_bytes(&out[3]), &level, words));
    assert_int_equal(level, LOG_LEVEL_WARNING);
    assert_string_equal(words, "words");
    for (unsigned i = 0; i < 4; i++)
        buf_drop(&out[i]);
}

static void no_cut_is_a_record(void **state)
{
    struct buf out[4];

    (void)state;
    all_kinds(out);
    for (unsigned i = 0; i < 4; i++) {
        for (size_t cut = 0; cut < out[i].len; cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), out[i].p, cut);
            uint32_t size = (uint32_t)cut;

            assert_int_equal(read_by(bytes_of(exact, cut)), 0);
            if (cut >= sizeof size) { /* with a size that agrees, shorter text may be text */
                memcpy(exact, &size, sizeof size);
                if (read_by(bytes_of(exact, cut)))
                    assert_true(i != 0 && i != 2);
            }
            free(exact);
        }
        buf_drop(&out[i]);
    }
}

static bool line_is_taken(const char *t, size_t len)
{
    struct buf out = buf_within(RECORD_MAX);
    struct line l = {.text = bytes_of(t, len)};
    bool taken = record_write_line(&out, &l) && record_read_line(buf_bytes(&out), &l);

    buf_drop(&out);
    return taken;
}

static void a_line_is_one_line(void **state)
{
    static char big[EVE_LINE_MAX + 1];

    (void)state;
    assert_true(line_is_taken("{}\n", 3));
    assert_false(line_is_taken("{}", 2));
    assert_false(line_is_taken("\n", 1));
    assert_false(line_is_taken("{}\n{}\n", 6));
    assert_false(line_is_taken("{\033}\n", 4));
    assert_false(line_is_taken("{\0}\n", 4));
    assert_false(line_is_taken("x}\n", 3));
    memset(big, 'x', sizeof big);
    big[0] = '{';
    memcpy(big + EVE_LINE_MAX - 2, "}\n", 2);
    assert_true(line_is_taken(big, EVE_LINE_MAX));
    memcpy(big + EVE_LINE_MAX - 2, "x}\n", 3);
    assert_false(line_is_taken(big, EVE_LINE_MAX + 1));
}

static void too_much_is_not_written(void **state)
{
    static uint8_t big[FACT_MAX + 1];
    struct buf out = buf_within(RECORD_MAX), small = buf_within(2 + sizeof(struct record_place) - 1);
    struct fact f = {.number = 1, .body = bytes_of(big, sizeof big)};

    (void)state;
    assert_false(record_write_fact(&out, &f));
    f.body.len = FACT_MAX;
    assert_true(record_write_fact(&out, &f));
    f.number = FACT_N_MAX;
    assert_false(record_write_fact(&out, &f));
    buf_add_str(&small, "ab");
    assert_false(record_write_mark(&small));
    assert_int_equal(small.len, 2);
    buf_drop(&out);
    buf_drop(&small);
}

static void places_have_an_order(void **state)
{
    static const struct record_place in_order[] = {
        {.frame = 1, .rank = RANK_CLOCK, .flow_id = 3},
        {.frame = 1, .rank = RANK_CLOCK, .flow_id = 4},
        {.frame = 1, .rank = RANK_FRAME, .flow_id = 1},
        {.frame = 1, .rank = RANK_AFTER},
        {.frame = 2, .rank = RANK_CLOCK, .flow_id = 1},
        {.frame = FRAME_LAST, .rank = RANK_CLOCK, .flow_id = 9},
    };

    (void)state;
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
            assert_int_equal(record_order(&in_order[i], &in_order[j]), (i > j) - (i < j));
}

/* Two workers' counters, and this process's own. */
static void counters_add_up(void **state)
{
    struct record_place place = {.frame = 9, .clock_us = 77}, later = {.frame = 10};
    struct tally a = {.first_us = 20, .last_us = 30, .n_flows = 1},
                 b = {.first_us = 10, .last_us = 25, .n_flows = 2}, sum;
    struct tally_sum *s = tally_new(2, true);
    const volatile uint64_t *pages[2] = {a.counters, b.counters};
    uint64_t ts_us;

    (void)state;
    count_reset();
    count_add(COUNT_ALERTS, 100);
    a.counters[COUNT_FLOW_TCP] = 5;
    b.counters[COUNT_FLOW_TCP] = 6;
    a.counters[COUNT_DEFRAG_DATAGRAMS] = b.counters[COUNT_DEFRAG_DATAGRAMS] = 3; /* the same ones */
    a.counters[COUNT_CAPTURE_FILES] = b.counters[COUNT_CAPTURE_FILES] = 2;
    a.counters[COUNT_CAPTURE_FRAMES] = 40;
    b.counters[COUNT_CAPTURE_FRAMES] = 50;
    assert_false(tally_take(s, &sum, &ts_us));
    assert_false(tally_add(s, 0, &place, &a));
    assert_false(tally_is_left(s, &place));
    assert_true(tally_is_left(s, &later));
    assert_true(tally_add(s, 1, &place, &b));
    assert_true(tally_take(s, &sum, &ts_us));
    assert_int_equal(ts_us, 77);
    assert_true(sum.first_us == 10 && sum.last_us == 30 && sum.n_flows == 3);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(counters[COUNT_ALERTS], 100 + round);
        assert_int_equal(counters[COUNT_FLOW_TCP], 11);
        assert_int_equal(counters[COUNT_DEFRAG_DATAGRAMS], 3);
        assert_int_equal(counters[COUNT_CAPTURE_FILES], 2);
        assert_int_equal(counters[COUNT_CAPTURE_FRAMES], 90);
        count(COUNT_ALERTS);
        tally_count(s, pages); /* the same sum once more changes nothing */
    }
    a.counters[COUNT_FLOW_TCP] = 7;
    tally_count(s, pages);
    assert_int_equal(counters[COUNT_FLOW_TCP], 13);
    tally_free(s);
    count_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_comes_back_to_its_own_reader),
        cmocka_unit_test(no_cut_is_a_record),
        cmocka_unit_test(a_line_is_one_line),
        cmocka_unit_test(too_much_is_not_written),
        cmocka_unit_test(places_have_an_order),
        cmocka_unit_test(counters_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

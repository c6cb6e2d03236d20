/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "correlate/folds.h"
#include "output/human.h"
#include "output/text.h"
#include "support/sample.h"

/* All that correlation asks of the settings here. */
static const struct config small = {.correlate_memcap = 1 << 20};

static struct buf out;

static int setup(void **state)
{
    (void)state;
    out = buf_within(65536);
    count_reset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_drop(&out);
    return 0;
}

#define assert_out(expected) \
    do { \
        if (!bytes_eq(buf_bytes(&out), bytes_str(expected))) \
            fail_msg("it says: %.*s", (int)out.len, (const char *)out.p); \
    } while (0)
#define assert_says(piece) \
    do { \
        if (bytes_find(buf_bytes(&out), bytes_str(piece)) == BYTES_NONE) \
            fail_msg("it says: %.*s", (int)out.len, (const char *)out.p); \
    } while (0)

static void an_alert_is_one_line(void **state)
{
    struct sample s;

    (void)state;
    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    human_alert(&out, &s.alert, false);
    assert_out(
        "2021-12-10 10:00:00.123456  HIGH    JNDI lookup in an HTTP request [1442200]  "
        "10.99.0.1:53974 -> 10.99.0.2:8080  ldap://203.0.113.9:1389/a  in http.request_header X-Api\n");
    buf_clear(&out);
    s.alert.fold = &(struct fold){.n = 12};
    human_alert(&out, &s.alert, false);
    assert_says("X-Api  12 times\n");
    sample_drop(&s);
}

static void colour_is_for_the_severity_only(void **state)
{
    static const struct {
        uint32_t priority;
        const char *text;
    } rows[] = {{0, "  info    "},
                {1, "  \033[1;31mHIGH  \033[0m  "},
                {2, "  \033[33mmedium\033[0m  "},
                {3, "  \033[36mlow   \033[0m  "},
                {4, "  info    "},
                {255, "  info    "}};
    struct sample s;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sample_lookup(&s);
        s.rule.priority = rows[i].priority;
        assert_true(sample_seal(&s, STAGE_LOOKUP));
        buf_clear(&out);
        human_alert(&out, &s.alert, true);
        assert_says(rows[i].text);
        sample_drop(&s);
    }
}

static void an_answer_shows_what_it_brings(void **state)
{
    struct sample s;

    (void)state;
    sample_callback(&s);
    assert_true(addr_parse(BYTES_LIT("fd99::1"), &s.flow.end[0].addr));
    assert_true(addr_parse(BYTES_LIT("fd99::2"), &s.flow.end[1].addr));
    assert_true(sample_seal(&s, STAGE_REFERENCE));
    human_alert(&out, &s.alert, false);
    assert_says(
        "[fd99:0000:0000:0000:0000:0000:0000:0002]:1389 -> [fd99:0000:0000:0000:0000:0000:0000:0001]:53974"
        "  http://203.0.113.9:8888/\n");
    sample_drop(&s);
}

/* The class that a directory claims says nothing; those that the stream holds name the gadgets. */
static void a_stream_shows_its_classes(void **state)
{
    struct sample s;
    unsigned at;

    (void)state;
    sample_callback(&s);
    for (at = 0; s.attrs.v[at].id != ATTR_JAVA_CODEBASE; at++)
        ;
    s.attrs.v[at] = s.attrs.v[--s.attrs.n]; /* the class, in its place */
    attrs_add(&s.attrs, ATTR_JAVA_CLASS, BYTES_LIT("java.util.HashMap"));
    attrs_add(&s.attrs, ATTR_JAVA_CLASS, BYTES_LIT("org.apache.commons.collections.Transformer"));
    assert_true(sample_seal(&s, STAGE_DESERIALIZATION));
    human_alert(&out, &s.alert, false);
    assert_says("  foo, java.util.HashMap, org.apache.commons.collections.Transformer\n");
    sample_drop(&s);
}

static void a_terminal_obeys_no_byte_of_the_wire(void **state)
{
    struct sample s;

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t text[3] = {'<', (uint8_t)c, '>'};

        sample_lookup(&s);
        s.attrs.v[1].value = s.field.name = s.attrs.v[10].value = bytes_of(text, sizeof text);
        assert_true(sample_seal(&s, STAGE_LOOKUP));
        buf_clear(&out);
        human_alert(&out, &s.alert, false);
        for (size_t i = 0; i + 1 < out.len; i++)
            assert_true(out.p[i] >= 0x20 && out.p[i] < 0x7f);
        assert_int_equal(out.p[out.len - 1], '\n');
        sample_drop(&s);
    }
    sample_lookup(&s);
    s.attrs.v[1].value = BYTES_LIT("ldap://a\033]0;owned\007/\xe2\x80\xae\\x");
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    buf_clear(&out);
    human_alert(&out, &s.alert, false);
    assert_says("  ldap://a\\x1b]0;owned\\x07/\\xe2\\x80\\xae\\\\x  in");
    sample_drop(&s);
}

static void a_long_lookup_is_cut(void **state)
{
    static uint8_t big[5000];
    struct sample s;

    (void)state;
    memset(big, 'x', sizeof big);
    sample_lookup(&s);
    s.attrs.v[1].value = s.field.name = bytes_of(big, sizeof big);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    human_alert(&out, &s.alert, false);
    assert_true(out.len < 500);
    assert_says("xxx...  in http.request_header xxx");
    sample_drop(&s);
}

static void numbers_and_sizes_read_well(void **state)
{
    static const struct {
        uint64_t n;
        const char *number, *size;
    } rows[] = {{0, "0", "0 bytes"},
                {999, "999", "999 bytes"},
                {1000, "1,000", "1000 bytes"},
                {1023, "1,023", "1023 bytes"},
                {1536, "1,536", "1.5 KB"},
                {1000000, "1,000,000", "976.5 KB"},
                {1048576, "1,048,576", "1.0 MB"},
                {UINT64_MAX, "18,446,744,073,709,551,615", "15.9 EB"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&out);
        text_number(&out, rows[i].n);
        assert_out(rows[i].number);
        buf_clear(&out);
        text_size(&out, rows[i].n);
        assert_out(rows[i].size);
    }
}

static void ignore_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

static void the_summary_says_what_was_not_seen(void **state)
{
    struct correlate *c = correlate_new(&small, NULL, ignore_alert, NULL);

    (void)state;
    assert_non_null(c);
    counters[COUNT_CAPTURE_FILES] = 2;
    counters[COUNT_CAPTURE_FRAMES] = 1234;
    counters[COUNT_CAPTURE_BYTES] = 1536;
    counters[COUNT_FLOW_TCP] = 12;
    counters[COUNT_FLOW_UDP] = 3;
    human_summary(&out, c, UINT64_C(1639130400000000), UINT64_C(1639134125500000));
    assert_out("read      2 files, 1,234 packets, 1.5 KB\n"
               "time      2021-12-10 10:00:00 to 2021-12-10 11:02:05 UTC (1 h 2 min 5 s)\n"
               "flows     12 TCP, 3 UDP\n"
               "alerts    0\n"
               "not seen  nothing: all that was captured was inspected\n");

    buf_clear(&out);
    counters[COUNT_STREAM_GAP_BYTES] = 5000;
    counters[COUNT_STREAM_RETRANSMITTED] = 7; /* no loss: not listed */
    human_summary(&out, c, 0, 0);
    assert_says("not seen\n         5,000  bytes missing in those holes (stream.gap_bytes)\n");
    assert_int_equal(bytes_find(buf_bytes(&out), BYTES_LIT("retransmitted")), BYTES_NONE);
    assert_int_equal(bytes_find(buf_bytes(&out), BYTES_LIT("time")), BYTES_NONE);

    for (unsigned i = 0; i < COUNT_N; i++) /* every loss has its sentence, the longest table fits */
        counters[i] = UINT64_MAX;
    buf_clear(&out);
    human_summary(&out, c, 1, UINT64_MAX);
    for (unsigned i = 0; i < COUNT_N; i++)
        if (counter_rows[i].kind == COUNTER_LOSS)
            assert_says(counter_rows[i].help);
    assert_true(out.len < out.ceiling);
    correlate_free(c);
}

static void times_that_run_backwards_are_no_negative_span(void **state)
{
    struct correlate *c = correlate_new(&small, NULL, ignore_alert, NULL);

    (void)state;
    human_summary(&out, c, UINT64_C(1639130400000000), UINT64_C(1639130399000000));
    assert_says("(0.000 s)");
    buf_clear(&out);
    human_summary(&out, c, UINT64_C(1639130400000000), UINT64_C(1639130401250000));
    assert_says("(1.250 s)");
    correlate_free(c);
}

#define with_out(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_out(an_alert_is_one_line),
        with_out(colour_is_for_the_severity_only),
        with_out(an_answer_shows_what_it_brings),
        with_out(a_stream_shows_its_classes),
        with_out(a_terminal_obeys_no_byte_of_the_wire),
        with_out(a_long_lookup_is_cut),
        with_out(numbers_and_sizes_read_well),
        with_out(the_summary_says_what_was_not_seen),
        with_out(times_that_run_backwards_are_no_negative_span),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

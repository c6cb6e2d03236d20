/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "output/stats.h"
#include "support/json.h"

#include <stdio.h>

static const struct stats_rules rules = {.loaded = 26, .failed = 2, .read_us = UINT64_C(1639130400000000)};

static void every_counter_is_published(void **state)
{
    struct config *config = config_new();
    struct buf line = buf_within(0);
    struct bytes t, flowints;
    char text[32], quoted[64];
    unsigned n_found = 0;
    bool found;

    (void)state;
    assert_non_null(config);
    assert_true(config_set(config, "sensor-name=dmz-1", NULL));
    for (unsigned i = 0; i < COUNT_N; i++)
        counters[i] = 1000 + i;
    assert_true(stats_line(&line, config, UINT64_C(1639130400000000), UINT64_C(90500000), 17, &rules));
    assert_int_equal(line.p[line.len - 1], '\n');
    t = bytes_of(line.p, line.len - 1);
    assert_true(json_valid(t)); /* with at most 100 counters */
    assert_true(bytes_starts(
        t, BYTES_LIT("{\"timestamp\":\"2021-12-10T10:00:00.000000+0000\",\"event_type\":\"stats\",")));
    assert_true(json_is(t, "host", "\"dmz-1\""));
    assert_true(json_is(t, "stats.uptime", "90"));
    assert_true(json_is(t, "stats.flow.active", "17"));
    snprintf(text, sizeof text, "%u", 1000 + COUNT_DECODE_MALFORMED);
    assert_true(json_is(t, "stats.decoder.invalid", text));
    snprintf(text, sizeof text, "%u", 2000 + COUNT_FLOW_TCP + COUNT_FLOW_UDP);
    assert_true(json_is(t, "stats.flow.total", text));
    snprintf(text, sizeof text, "%u", 1000 + COUNT_ALERTS);
    assert_true(json_is(t, "stats.detect.alert", text));

    /* Those that count a loss are all there, and 100 in all; each one is there when few are not zero. */
    flowints = json_get(t, "metadata.flowints");
    for (unsigned i = 0; i < COUNT_N; i++) {
        snprintf(quoted, sizeof quoted, "\"%s\":%u", counter_rows[i].name, 1000 + i);
        found = bytes_find(flowints, bytes_str(quoted)) != BYTES_NONE;
        assert_true(found || counter_rows[i].kind != COUNTER_LOSS);
        n_found += found;
    }
    assert_int_equal(n_found, COUNT_N < 100 ? COUNT_N : 100);
    for (unsigned i = 0; i < COUNT_N; i++) {
        count_reset();
        counters[i] = 7;
        assert_true(stats_line(&line, config, UINT64_C(1639130400000000), 0, 0, &rules));
        flowints = json_get(bytes_of(line.p, line.len - 1), "metadata.flowints");
        snprintf(quoted, sizeof quoted, "{\"%s\":7}", counter_rows[i].name);
        assert_true(bytes_eq(flowints, bytes_str(quoted)));
    }

    for (unsigned i = 0; i < COUNT_N; i++) /* the longest line fits under its ceiling, and rsyslog's 8 KB */
        counters[i] = UINT64_MAX;
    assert_true(stats_line(&line, config, UINT64_MAX, UINT64_MAX, SIZE_MAX, &rules));
    assert_true(json_valid(bytes_of(line.p, line.len - 1)));
    assert_true(line.len < 8096);
    count_reset();
    buf_drop(&line);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_counter_is_published),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

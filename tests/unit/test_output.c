/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "output/output.h"
#include "support/json.h"
#include "support/sample.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = P_tmpdir "/test_output.XXXXXX";
static char file[64], captured[64], setting[128];
static struct config *config;
static int saved_stdout;

static int setup(void **state)
{
    int fd;

    (void)state;
    count_reset();
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    config = config_new();
    if (!mkdtemp(folder) || !config)
        return -1;
    snprintf(file, sizeof file, "%s/eve.json", folder);
    snprintf(captured, sizeof captured, "%s/stdout", folder);
    snprintf(setting, sizeof setting, "default-log-dir=%s", folder);
    if (!config_set(config, setting, NULL))
        return -1;
    fflush(stdout);
    saved_stdout = dup(STDOUT_FILENO); /* cmocka prints there, too: it gets it back in restore_stdout */
    fd = open(captured, O_RDWR | O_CREAT | O_TRUNC, 0600);
    dup2(fd, STDOUT_FILENO);
    close(fd);
    return 0;
}

static void restore_stdout(void)
{
    if (saved_stdout >= 0) {
        dup2(saved_stdout, STDOUT_FILENO);
        close(saved_stdout);
        saved_stdout = -1;
    }
}

static int teardown(void **state)
{
    (void)state;
    restore_stdout();
    config_free(config);
    unlink(file);
    unlink(captured);
    return rmdir(folder);
}

static char text[65536];

static struct bytes content(const char *path)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;

    if (f)
        fclose(f);
    return bytes_of(text, n);
}

static unsigned n_lines(struct bytes b)
{
    unsigned n = 0;

    for (size_t i = 0; i < b.len; i++)
        n += b.p[i] == '\n';
    return n;
}

static void alert_once(struct output *o)
{
    struct sample s;

    sample_lookup(&s);
    if (sample_seal(&s, STAGE_LOOKUP))
        output_alert(o, &s.alert);
    sample_drop(&s);
}

static void ignore_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

static void anomaly_once(struct output *o)
{
    struct sample s;
    struct buf bytes = buf_within(4096);
    struct anomaly a = {.kind = ANOMALY_URGENT, .flow = &s.flow, .ts_us = 1, .packet = 1, .n = 1};
    struct record r;

    sample_lookup(&s);
    assert_true(record_write_anomaly(&bytes, &a) && record_read(buf_bytes(&bytes), &r));
    output_anomaly(o, &r);
    buf_drop(&bytes);
    sample_drop(&s);
}

/* What a whole run with this plan writes: two alerts, an anomaly, a stats event, the summary. False when something
 * failed. */
static bool run(const struct output_plan *plan, const char *source)
{
    struct complaint why = {{0}};
    struct output *o = output_new(plan, &why);
    struct correlate *c = correlate_new(config, NULL, ignore_alert, NULL);
    bool failed;

    if (!o || !c)
        return false;
    output_set_source(o, source);
    alert_once(o);
    alert_once(o);
    anomaly_once(o);
    output_stats(o, 1, 1, 1);
    output_summary(o, c, 1, 2);
    output_flush(o);
    failed = output_failed(o) || output_closed(o);
    output_free(o);
    correlate_free(c);
    restore_stdout();
    return !failed;
}

static void a_file_gets_alerts_and_stats_and_stdout_nothing(void **state)
{
    struct output_plan plan = {.config = config, .eve_file = true, .offline = true};
    bool ok = run(&plan, "a.pcap");
    struct bytes t;

    (void)state;
    assert_true(ok);
    assert_int_equal(content(captured).len, 0);
    t = content(file);
    assert_int_equal(n_lines(t), 4);
    assert_true(bytes_find(t, BYTES_LIT("\"event\":\"stream.urgent_byte\"")) != BYTES_NONE);
    assert_true(json_is(bytes_slice(t, 0, bytes_find_byte(t, '\n')), "event_type", "\"alert\""));
    assert_true(bytes_find(t, BYTES_LIT("\"event_type\":\"stats\"")) != BYTES_NONE);
    assert_int_equal(counters[COUNT_ALERTS], 2);
    assert_int_equal(counters[COUNT_OUTPUT_LINES], 4);
}

static void both_get_the_same(void **state)
{
    struct output_plan plan = {.config = config, .eve_file = true, .eve_stdout = true, .human = true};
    bool ok = run(&plan, "eth1");
    static uint8_t first[65536];
    struct bytes t;

    (void)state;
    assert_true(ok);
    t = content(file);
    memcpy(first, t.p, t.len);
    assert_true(bytes_eq(content(captured), bytes_of(first, t.len))); /* and no readable line among them */
    assert_true(bytes_find(t, BYTES_LIT("\"in_iface\":\"eth1\"")) != BYTES_NONE);
}

static void a_dash_is_stdout(void **state)
{
    struct output_plan plan = {.config = config, .eve_file = true, .offline = true};
    bool ok;

    (void)state;
    assert_true(config_set(config, "outputs.eve-log.filename=-", NULL));
    ok = run(&plan, NULL);
    assert_true(ok);
    assert_int_equal(n_lines(content(captured)), 4);
    assert_int_equal(access(file, F_OK), -1);
}

static void a_terminal_gets_lines_and_the_summary(void **state)
{
    struct output_plan plan = {.config = config, .human = true, .offline = true};
    bool ok = run(&plan, "a.pcap");
    struct bytes t;

    (void)state;
    assert_true(ok);
    t = content(captured);
    assert_true(bytes_starts(t, BYTES_LIT("2021-12-10 10:00:00.123456  HIGH    JNDI lookup")));
    assert_true(bytes_find(t, BYTES_LIT("\n\nread      0 packets, 0 bytes\n")) != BYTES_NONE);
    assert_true(bytes_find(t, BYTES_LIT("\nanomalies 1\n")) != BYTES_NONE);
    assert_int_equal(bytes_find_byte(t, 0x1b), BYTES_NONE);
    assert_int_equal(counters[COUNT_OUTPUT_LINES], 0);
}

static void types_can_be_switched_off(void **state)
{
    struct output_plan plan = {.config = config, .eve_file = true, .offline = true};
    bool ok;

    (void)state;
    config->eve_alert = config->eve_anomaly = config->eve_stats = false;
    ok = run(&plan, NULL);
    assert_true(ok);
    assert_int_equal(content(file).len, 0);
    assert_int_equal(counters[COUNT_ALERTS], 2);
}

static void a_live_alert_is_written_at_once(void **state)
{
    struct output_plan plan = {.config = config, .eve_file = true};
    struct output *o = output_new(&plan, NULL);
    unsigned live, offline;

    (void)state;
    alert_once(o);
    live = n_lines(content(file));
    output_free(o);
    plan.offline = true;
    o = output_new(&plan, NULL);
    alert_once(o);
    offline = n_lines(content(file));
    output_free(o);
    restore_stdout();
    assert_int_equal(live, 1);
    assert_int_equal(offline, 1); /* the second waits */
    assert_int_equal(n_lines(content(file)), 2);
}

static void a_missing_folder_is_a_complaint(void **state)
{
    struct output_plan plan = {.config = config, .eve_file = true};
    struct complaint why = {{0}};
    struct output *o;

    (void)state;
    assert_true(config_set(config, "default-log-dir=/nonexistent/folder", NULL));
    o = output_new(&plan, &why);
    restore_stdout();
    assert_null(o);
    assert_non_null(strstr(why.text, "/nonexistent/folder/eve.json: No such file or directory"));
    output_free(NULL);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(a_file_gets_alerts_and_stats_and_stdout_nothing),
        with_folder(both_get_the_same),
        with_folder(a_dash_is_stdout),
        with_folder(a_terminal_gets_lines_and_the_summary),
        with_folder(types_can_be_switched_off),
        with_folder(a_live_alert_is_written_at_once),
        with_folder(a_missing_folder_is_a_complaint),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

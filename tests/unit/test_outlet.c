/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "channel/outlet.h"
#include "channel/report.h"
#include "support/sample.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned n_beats;

static void beat(void *arg)
{
    (void)arg;
    n_beats++;
}

struct ends {
    int read, write;
    struct outlet *outlet;
};

static struct ends ends_new(bool patient, size_t max_bytes)
{
    struct outlet_plan plan = {.patient = patient, .max_bytes = max_bytes, .beat = beat};
    struct ends e;
    int fds[2];

    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    e.read = fds[0];
    e.write = plan.fd = fds[1];
    e.outlet = outlet_new(&plan);
    assert_non_null(e.outlet);
    return e;
}

static void ends_free(struct ends *e)
{
    outlet_free(e->outlet);
    close(e->read);
    close(e->write);
}

/* Records of one kind, as many as asked for. */
static struct buf records_of(enum record_kind kind, unsigned n)
{
    static uint8_t body[1000];
    struct buf b = buf_within(SIZE_MAX / 4);
    struct fact f = {.body = bytes_of(body, sizeof body)};
    struct line l = {.text = BYTES_LIT("{}\n")};
    struct sample s;

    sample_lookup(&s);
    for (unsigned i = 0; i < n; i++) {
        struct anomaly a = {.flow = &s.flow, .n = 1};

        if (kind == RECORD_FACT)
            assert_true(record_write_fact(&b, &f));
        else if (kind == RECORD_LINE)
            assert_true(record_write_line(&b, &l));
        else if (kind == RECORD_ANOMALY)
            assert_true(record_write_anomaly(&b, &a));
        else
            assert_true(record_write(&b, &s.finding, 100));
    }
    sample_drop(&s);
    return b;
}

static void send(struct ends *e, enum record_kind kind, unsigned n)
{
    struct buf b = records_of(kind, n);

    outlet_send(e->outlet, buf_bytes(&b));
    buf_drop(&b);
}

/* Takes what is in the pipe and says how many whole records that was, half of one included in rest. */
static unsigned take(int fd, struct buf *rest)
{
    unsigned n = 0;
    uint8_t bytes[4096];
    ssize_t got;

    while ((got = read(fd, bytes, sizeof bytes)) > 0)
        assert_true(buf_add(rest, bytes_of(bytes, (size_t)got)));
    for (size_t size; (size = record_size(buf_bytes(rest))) > 0; n++) {
        assert_true(size != SIZE_MAX);
        buf_cut_front(rest, size);
    }
    return n;
}

static void findings_go_at_once_and_lines_wait(void **state)
{
    struct ends e = ends_new(true, 1 << 20);
    struct buf rest = buf_within(1 << 20);

    (void)state;
    send(&e, RECORD_LINE, 3);
    assert_int_equal(take(e.read, &rest), 0);
    assert_true(outlet_waiting(e.outlet) > 0);
    send(&e, RECORD_FINDING, 1);
    assert_int_equal(take(e.read, &rest), 4); /* and what waits goes with it, in order */
    assert_int_equal(outlet_waiting(e.outlet), 0);
    send(&e, RECORD_FACT, 2);
    assert_int_equal(take(e.read, &rest), 0);
    outlet_flush(e.outlet);
    assert_int_equal(take(e.read, &rest), 2);
    buf_drop(&rest);
    ends_free(&e);
}

/* Nobody reads. What is dropped goes by its kind, and nothing ever waits. */
static void live_drops_by_kind_and_findings_last(void **state)
{
    struct ends e = ends_new(false, 1 << 20);
    struct buf rest = buf_within(8 << 20);
    uint64_t lines, anomalies, findings;
    unsigned sent = 0;

    (void)state;
    count_reset();
    n_beats = 0;
    send(&e, RECORD_FACT, 3000);
    assert_true(counters[COUNT_CHANNEL_DROPPED_FACTS] > 0);
    assert_true(outlet_waiting(e.outlet) <= 1 << 19);
    send(&e, RECORD_ANOMALY, 3000);
    assert_true(counters[COUNT_CHANNEL_DROPPED_ANOMALIES] > 0);
    assert_true(outlet_waiting(e.outlet) > 1 << 19);
    lines = counters[COUNT_CHANNEL_DROPPED_LINES];
    send(&e, RECORD_LINE, 10);
    assert_int_equal(counters[COUNT_CHANNEL_DROPPED_LINES], lines + 10);
    assert_int_equal(counters[COUNT_CHANNEL_DROPPED], 0); /* there is still room for what counts */
    send(&e, RECORD_FINDING, 100);
    assert_int_equal(counters[COUNT_CHANNEL_DROPPED], 0);
    send(&e, RECORD_FINDING, 3000);
    assert_true(counters[COUNT_CHANNEL_DROPPED] > 0);
    assert_true(outlet_waiting(e.outlet) <= 1 << 20);
    assert_int_equal(n_beats, 0);
    findings = counters[COUNT_CHANNEL_DROPPED];
    anomalies = counters[COUNT_CHANNEL_DROPPED_ANOMALIES];
    while (outlet_waiting(e.outlet) > 0) { /* the collector is back */
        sent += take(e.read, &rest);
        outlet_flush(e.outlet);
    }
    sent += take(e.read, &rest);
    assert_int_equal(rest.len, 0); /* whole records only */
    assert_int_equal(sent + findings + anomalies + counters[COUNT_CHANNEL_DROPPED_FACTS] +
                         counters[COUNT_CHANNEL_DROPPED_LINES],
                     3000 + 3000 + 10 + 3100);
    buf_drop(&rest);
    ends_free(&e);
    count_reset();
}

/* Files: everything arrives, however slow the other end is. */
static void a_patient_one_loses_nothing(void **state)
{
    struct ends e = ends_new(true, 1 << 16);
    pid_t pid;
    int status;

    (void)state;
    count_reset();
    n_beats = 0;
    pid = fork();
    if (pid == 0) {
        struct buf rest = buf_within(8 << 20);
        unsigned n = 0;

        close(e.write);
        fcntl(e.read, F_SETFL, 0);
        n = take(e.read, &rest);
        _exit(n == 5000 && rest.len == 0 ? 0 : 1);
    }
    send(&e, RECORD_FINDING, 5000);
    assert_int_equal(outlet_waiting(e.outlet), 0);
    assert_false(outlet_broken(e.outlet));
    ends_free(&e);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_false(count_lost());
}

static void a_collector_that_is_gone_is_noticed(void **state)
{
    struct ends e = ends_new(true, 1 << 16);

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    close(e.read);
    send(&e, RECORD_FINDING, 5000);
    assert_true(outlet_broken(e.outlet));
    outlet_flush(e.outlet); /* comes back */
    outlet_drain(e.outlet, 100000);
    e.read = dup(e.write);
    ends_free(&e);
    outlet_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_go_at_once_and_lines_wait),
        cmocka_unit_test(live_drops_by_kind_and_findings_last),
        cmocka_unit_test(a_patient_one_loses_nothing),
        cmocka_unit_test(a_collector_that_is_gone_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

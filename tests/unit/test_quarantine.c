/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "capture/capture.h"
#include "process/quarantine.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/quarantine-XXXXXX";

static void note(struct recent *r, unsigned number, size_t len, int link_type)
{
    static uint8_t data[RECENT_SNAP + 5];
    struct frame f = {
        .ts_us = 1000000 + number, .number = number, .wire_len = (uint32_t)len, .link_type = link_type};

    memset(data, (int)number, sizeof data);
    f.data = bytes_of(data, len);
    recent_note(r, &f);
}

/* What the worker kept, read by the sensor's own reader of captures. */
static void the_last_frames_come_back(void **state)
{
    struct recent *r = recent_new(5);
    struct complaint why = {""};
    char path[256];
    const char *paths[] = {path};
    struct capture_plan plan = {.paths = paths, .n_paths = 1, .bpf = ""};
    struct capture *c;
    struct frame f;
    struct stat st;
    pid_t pid;

    (void)state;
    assert_int_equal(quarantine_write(r, dir, 1, path, sizeof path, &why), 0); /* nothing was kept */
    pid = fork();
    if (pid == 0) { /* the worker */
        for (unsigned i = 1; i <= 12; i++)
            note(r, i, i == 11 ? RECENT_SNAP + 5 : i, i % 2 ? DLT_EN10MB : DLT_RAW);
        abort();
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    why.text[0] = '\0';
    assert_int_equal(quarantine_write(r, dir, 1, path, sizeof path, &why), 5);
    assert_string_equal(why.text, "");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    c = capture_open(&plan, &why);
    assert_non_null(c);
    for (unsigned i = 8; i <= 12; i++) {
        assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
        assert_int_equal(f.ts_us, 1000000 + i);
        assert_int_equal(f.data.len, i == 11 ? RECENT_SNAP : i);
        assert_int_equal(f.wire_len, i == 11 ? RECENT_SNAP + 5 : i);
        assert_int_equal(f.data.p[0], i);
        assert_int_equal(f.link_type, i % 2 ? DLT_EN10MB : DLT_RAW);
    }
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_false(capture_failed(c));
    capture_close(c);
    unlink(path);
    recent_free(r);
    recent_free(NULL);
}

static void it_writes_where_it_is_told_and_nowhere_else(void **state)
{
    struct recent *r = recent_new(2);
    struct complaint why = {""};
    char path[256], victim[256], link[256];
    struct stat st;

    (void)state;
    note(r, 1, 10, DLT_EN10MB);
    assert_int_equal(quarantine_write(r, "/nonexistent", 1, path, sizeof path, &why), 0);
    assert_non_null(strstr(why.text, "No such file"));
    snprintf(victim, sizeof victim, "%s/victim", dir);
    snprintf(link, sizeof link, "%s/quarantine-3.pcapng", dir);
    assert_int_equal(symlink(victim, link), 0);
    note(r, 1, 10, DLT_EN10MB);
    assert_int_equal(quarantine_write(r, dir, 3, path, sizeof path, &why), 1);
    assert_int_equal(stat(victim, &st), -1); /* the link was replaced, not followed */
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    unlink(link);
    recent_free(r);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_frames_come_back),
        cmocka_unit_test(it_writes_where_it_is_told_and_nowhere_else),
    };

    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}

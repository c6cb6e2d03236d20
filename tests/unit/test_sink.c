/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "output/sink.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = P_tmpdir "/test_sink.XXXXXX";
static char path[64], rotated[64];

static int setup(void **state)
{
    (void)state;
    count_reset();
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/eve.json", folder);
    snprintf(rotated, sizeof rotated, "%s/eve.json.1", folder);
    return 0;
}

static int teardown(void **state)
{
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

    (void)state;
    setrlimit(RLIMIT_FSIZE, &none);
    unlink(path);
    unlink(rotated);
    return rmdir(folder);
}

/* A full disk, as a process sees it: write gives less than asked for, then fails (SIGXFSZ is ignored). */
static void disk_holds(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static char text[400000];

static const char *content(const char *name)
{
    FILE *f = fopen(name, "r");
    size_t n;

    assert_non_null(f);
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    return text;
}

static struct sink *open_sink(void)
{
    struct complaint why = {{0}};
    struct sink *s = sink_file(path, 0640, &why);

    assert_string_equal(why.text, "");
    assert_non_null(s);
    return s;
}

/* {"n":00001} and so on: 12 bytes with the newline. */
static void put(struct sink *s, unsigned n)
{
    char line[16];
    int len = snprintf(line, sizeof line, "{\"n\":%05u}\n", n % 100000u);

    sink_line(s, bytes_of(line, (size_t)len));
}

static void file_holds(const char *name, unsigned from, unsigned to)
{
    const char *p = content(name);
    char line[16];

    for (unsigned n = from; n < to; n++, p += 12) {
        snprintf(line, sizeof line, "{\"n\":%05u}\n", n % 100000u);
        if (strncmp(p, line, 12) != 0)
            fail_msg("instead of line %u: %.20s", n, p);
    }
    assert_string_equal(p, "");
}

static void lines_are_buffered_and_appended(void **state)
{
    struct sink *s = open_sink();
    struct stat st;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    put(s, 0);
    file_holds(path, 0, 0); /* waits */
    sink_flush(s);
    file_holds(path, 0, 1);
    for (unsigned n = 1; n < 6000; n++) /* 72,000 bytes: more than the buffer */
        put(s, n);
    assert_true(strlen(content(path)) >= 60000);
    sink_free(s);
    file_holds(path, 0, 6000);
    s = open_sink(); /* the next run goes on */
    put(s, 6000);
    sink_free(s);
    file_holds(path, 0, 6001);
    assert_int_equal(counters[COUNT_OUTPUT_LINES], 6001);
    assert_int_equal(counters[COUNT_OUTPUT_FAILED], 0);
}

static void a_long_line_goes_through(void **state)
{
    static uint8_t big[200001];
    struct sink *s = open_sink();

    (void)state;
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\n';
    put(s, 0);
    sink_line(s, bytes_of(big, sizeof big));
    sink_free(s);
    assert_int_equal(strlen(content(path)), 12 + sizeof big);
    assert_int_equal(counters[COUNT_OUTPUT_FAILED], 0);
}

static void a_full_disk_tears_no_line(void **state)
{
    (void)state;
    for (rlim_t room = 0; room <= 25; room++) { /* the disk is full at each byte of two lines */
        struct sink *s = open_sink();

        disk_holds(room);
        put(s, 0);
        put(s, 1);
        sink_flush(s);
        assert_int_equal(sink_failed(s), room < 24);
        assert_int_equal(strlen(content(path)), room < 24 ? room : 24);
        put(s, 2);
        sink_flush(s);
        disk_holds(RLIM_INFINITY);
        put(s, 3);
        sink_flush(s);
        assert_false(sink_failed(s)); /* late, but nothing is lost */
        sink_free(s);
        file_holds(path, 0, 4);
        unlink(path);
    }
    assert_int_equal(counters[COUNT_OUTPUT_FAILED], 0);
}

static unsigned n_messages;

static void count_message(void)
{
    n_messages++;
}

static void what_is_lost_is_counted(void **state)
{
    struct sink *s = open_sink();
    uint64_t taken;

    (void)state;
    n_messages = 0;
    log_set_before(count_message);
    disk_holds(5);
    for (unsigned n = 0; n < 7000; n++) /* 84,000 bytes into 65,536 */
        put(s, n);
    taken = counters[COUNT_OUTPUT_LINES];
    assert_int_equal(taken, 65536 / 12);
    assert_int_equal(counters[COUNT_OUTPUT_FAILED], 7000 - taken);
    assert_true(sink_failed(s));
    log_set_before(NULL);
    assert_int_equal(n_messages, 1); /* and not 1,600 within a minute */
    disk_holds(RLIM_INFINITY);
    sink_flush(s);
    assert_true(sink_failed(s)); /* the loss is not forgotten */
    sink_free(s);
    file_holds(path, 0, (unsigned)taken);
}

static void the_end_on_a_full_disk_is_counted(void **state)
{
    struct sink *s = open_sink();

    (void)state;
    disk_holds(30);
    for (unsigned n = 0; n < 5; n++)
        put(s, n);
    sink_free(s);
    assert_int_equal(counters[COUNT_OUTPUT_FAILED], 3);
    disk_holds(RLIM_INFINITY);
    assert_string_equal(content(path), "{\"n\":00000}\n{\"n\":00001}\n{\"n\":0");
    s = open_sink(); /* the next run begins on a line of its own */
    put(s, 9);
    sink_free(s);
    assert_string_equal(content(path), "{\"n\":00000}\n{\"n\":00001}\n{\"n\":0\n{\"n\":00009}\n");
}

static void rotation_loses_and_tears_nothing(void **state)
{
    struct sink *s = open_sink();

    (void)state;
    put(s, 0);
    assert_int_equal(rename(path, rotated), 0);
    put(s, 1);
    sink_reopen(s);
    put(s, 2);
    sink_free(s);
    file_holds(rotated, 0, 2);
    file_holds(path, 2, 3);
}

static void rotation_of_a_torn_file_begins_the_line_anew(void **state)
{
    struct sink *s = open_sink();

    (void)state;
    disk_holds(17);
    put(s, 0);
    put(s, 1);
    sink_flush(s);
    assert_int_equal(rename(path, rotated), 0);
    sink_reopen(s);
    disk_holds(RLIM_INFINITY);
    sink_free(s);
    assert_string_equal(content(rotated), "{\"n\":00000}\n{\"n\":");
    file_holds(path, 1, 2);
    assert_int_equal(counters[COUNT_OUTPUT_FAILED], 0);
}

static void a_file_emptied_behind_our_back_begins_with_a_line(void **state)
{
    struct sink *s = open_sink();

    (void)state;
    disk_holds(17);
    put(s, 0);
    put(s, 1);
    sink_flush(s);
    assert_int_equal(truncate(path, 0), 0); /* logrotate's copytruncate */
    disk_holds(RLIM_INFINITY);
    sink_free(s);
    file_holds(path, 1, 2);
}

static void a_failed_reopen_writes_on(void **state)
{
    struct sink *s = open_sink();

    (void)state;
    assert_int_equal(rename(path, rotated), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    sink_reopen(s);
    put(s, 0);
    sink_free(s);
    file_holds(rotated, 0, 1);
    assert_int_equal(rmdir(path), 0);
}

static void a_bad_path_is_the_operators_to_mend(void **state)
{
    struct complaint why = {{0}};

    (void)state;
    assert_null(sink_file("/nonexistent/folder/eve.json", 0640, &why));
    assert_non_null(strstr(why.text, "/nonexistent/folder/eve.json: No such file or directory"));
    assert_non_null(strstr(why.text, "-l"));
}

/* stdout becomes the writing end of a pipe; gives the reading end. */
static int pipe_stdout(int *saved)
{
    int ends[2];

    fflush(stdout);
    assert_int_equal(pipe(ends), 0);
    *saved = dup(STDOUT_FILENO);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    return ends[0];
}

static void restore_stdout(int saved)
{
    dup2(saved, STDOUT_FILENO);
    close(saved);
}

static void a_reader_that_left_is_no_failure(void **state)
{
    int saved, reader = pipe_stdout(&saved);
    struct sink *s = sink_stdout();
    char got[64] = "";
    ssize_t n;
    bool failed, closed_before, closed;

    (void)state;
    put(s, 0);
    sink_flush(s);
    n = read(reader, got, sizeof got - 1);
    closed_before = sink_closed(s);
    close(reader);
    put(s, 1);
    sink_flush(s);
    closed = sink_closed(s);
    put(s, 2);
    failed = sink_failed(s);
    sink_free(s);
    restore_stdout(saved); /* only now can a failure be told */
    assert_int_equal(n, 12);
    assert_false(closed_before);
    assert_true(closed);
    assert_false(failed);
    assert_int_equal(counters[COUNT_OUTPUT_FAILED], 0);
}

static void a_slow_reader_is_waited_for(void **state)
{
    int saved, reader = pipe_stdout(&saved);
    struct sink *s = sink_stdout();
    size_t total = 0;
    char got[4096];
    pid_t child;
    int status;

    (void)state;
    fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK); /* as a shell's other jobs may have left it */
    child = fork();
    if (child == 0) {
        for (unsigned n = 0; n < 20000; n++) /* 240,000 bytes: a pipe holds 65,536 */
            put(s, n);
        sink_free(s);
        _exit(counters[COUNT_OUTPUT_FAILED] ? 1 : 0);
    }
    sink_free(s);
    restore_stdout(saved);
    for (;;) {
        ssize_t n = read(reader, got, sizeof got);

        if (n <= 0)
            break;
        total += (size_t)n;
    }
    close(reader);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(total, 20000 * 12);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(lines_are_buffered_and_appended),
        with_folder(a_long_line_goes_through),
        with_folder(a_full_disk_tears_no_line),
        with_folder(what_is_lost_is_counted),
        with_folder(the_end_on_a_full_disk_is_counted),
        with_folder(rotation_loses_and_tears_nothing),
        with_folder(rotation_of_a_torn_file_begins_the_line_anew),
        with_folder(a_file_emptied_behind_our_back_begins_with_a_line),
        with_folder(a_failed_reopen_writes_on),
        with_folder(a_bad_path_is_the_operators_to_mend),
        with_folder(a_reader_that_left_is_no_failure),
        with_folder(a_slow_reader_is_waited_for),
    };

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors for a process that can open nothing. */
#include "process/opener.h"
#include "process/sandbox.h"
#include "support/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char place[64], file[96], pipe_name[96], missing[96];
static const char *const paths[] = {file, missing, "-", pipe_name};
enum { FILE_INPUT, MISSING_INPUT, STDIN_INPUT, PIPE_INPUT, N_INPUTS };

static int begin(void **state)
{
    int fd;

    (void)state;
    snprintf(place, sizeof place, "/tmp/test-opener-XXXXXX");
    if (!mkdtemp(place))
        return -1;
    snprintf(file, sizeof file, "%s/file", place);
    snprintf(missing, sizeof missing, "%s/missing", place);
    snprintf(pipe_name, sizeof pipe_name, "%s/pipe", place);
    fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "content", 7) != 7)
        return -1;
    close(fd);
    return mkfifo(pipe_name, 0600);
}

static int end(void **state)
{
    (void)state;
    unlink(file);
    unlink(pipe_name);
    return rmdir(place);
}

static struct opener new_opener(void)
{
    return (struct opener){.paths = paths, .n = N_INPUTS, .fd = -1};
}

static bool holds(int fd, const char *text)
{
    char got[32] = "";
    ssize_t n = read(fd, got, sizeof got - 1);

    close(fd);
    return n == (ssize_t)strlen(text) && strcmp(got, text) == 0;
}

static bool answers_are_right(struct opener *o)
{
    int fd = opener_open(o, FILE_INPUT);

    if (fd < 0 || !holds(fd, "content"))
        return false;
    fd = opener_open(o, FILE_INPUT); /* from its beginning */
    if (fd < 0 || !holds(fd, "content"))
        return false;
    if (opener_open(o, MISSING_INPUT) >= 0 || errno != ENOENT)
        return false;
    return opener_open(o, N_INPUTS) < 0 && errno == EINVAL;
}

static void without_an_opener(void **state)
{
    struct opener o = new_opener();

    (void)state;
    assert_true(answers_are_right(&o));
    opener_end(&o);
}

static void with_an_opener(void **state)
{
    struct opener o = new_opener();

    (void)state;
    assert_true(opener_begin(&o, -1));
    assert_true(answers_are_right(&o));
    opener_end(&o);
    assert_true(wait(NULL) < 0); /* it has left */
}

static int read_confined(void)
{
    struct opener o = new_opener();
    struct sandbox_worker_plan plan = {&o.fd, 1, 0};
    struct complaint why = {""};
    int fd, words[2];

    if (pipe(words) != 0 || write(words[1], "stdin", 5) != 5 || dup2(words[0], STDIN_FILENO) < 0)
        return APART_BAD;
    if (!opener_begin(&o, words[1]) || close(words[1]) != 0 || !sandbox_worker(&plan, &why))
        return 2;
    if (!answers_are_right(&o))
        return 3;
    fd = opener_open(&o, STDIN_INPUT);
    return fd >= 0 && holds(fd, "stdin") ? APART_GOOD : 4;
}

static void a_confined_process_reads(void **state)
{
    (void)state;
    assert_int_equal(apart(read_confined), APART_GOOD);
}

static void on_alarm(int sig)
{
    (void)sig;
}

/* A named pipe without a writer: the one who waits can be called back, and the pipe works afterwards. */
static int wait_for_a_writer(void)
{
    struct opener o = new_opener();
    struct sigaction action = {.sa_handler = on_alarm};
    int fd, writer;
    pid_t pid;

    sigaction(SIGALRM, &action, NULL);
    if (!opener_begin(&o, -1))
        return APART_BAD;
    ualarm(20000, 0);
    if (opener_open(&o, PIPE_INPUT) >= 0 || errno != EINTR)
        return 2;
    opener_end(&o);
    if (!opener_begin(&o, -1))
        return APART_BAD;
    pid = fork();
    if (pid == 0) {
        writer = open(pipe_name, O_WRONLY | O_CLOEXEC);
        _exit(writer >= 0 && write(writer, "late", 4) == 4 ? 0 : 1);
    }
    fd = opener_open(&o, PIPE_INPUT);
    return fd >= 0 && holds(fd, "late") ? APART_GOOD : 3;
}

static void a_pipe_waits_for_its_writer(void **state)
{
    (void)state;
    assert_int_equal(apart(wait_for_a_writer), APART_GOOD);
}

static void an_opener_that_is_gone(void **state)
{
    struct opener o = new_opener();
    int ends[2];

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    o.fd = ends[0]; /* nobody answers, and it is no socket */
    assert_int_equal(opener_open(&o, FILE_INPUT), -1);
    assert_true(errno != 0);
    opener_end(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_opener),        cmocka_unit_test(with_an_opener),
        cmocka_unit_test(a_confined_process_reads), cmocka_unit_test(a_pipe_waits_for_its_writer),
        cmocka_unit_test(an_opener_that_is_gone),
    };

    return cmocka_run_group_tests(tests, begin, end);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker and a collector can still do, tried from inside and read from /proc. Everything here also
 * holds for a plain user; only the bounding set needs root to be emptied. */
#include "process/sandbox.h"
#include "capture/capture.h"
#include "process/landlock.h"
#include "process/privileges.h"
#include "process/syscalls.h"
#include "support/apart.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define KILLED (128 + SIGSYS)

#if defined __SANITIZE_ADDRESS__
#define SANITIZED true
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static int channel[2], other[2], udp;

static bool enter_worker(void)
{
    struct config *config = config_new();
    struct sandbox_worker_plan plan = {&channel[1], 1, config ? sandbox_memory(config) : 0};
    struct complaint why = {""};

    config_free(config);
    return pipe(channel) == 0 && pipe(other) == 0 && (udp = socket(AF_INET, SOCK_DGRAM, 0)) >= 0 &&
           sandbox_worker(&plan, &why);
}

static const struct sockaddr_in discard = {.sin_family = AF_INET, .sin_port = 0x0900};

/* What a worker must die of. Each returns what happened instead. */

static long try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_packet_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0);
}

static long try_connect(void)
{
    return connect(udp, (const struct sockaddr *)&discard, sizeof discard);
}

static long try_send(void)
{
    return sendto(udp, "x", 1, 0, (const struct sockaddr *)&discard, sizeof discard);
}

static long try_write_elsewhere(void)
{
    return write(other[1], "x", 1);
}

static long try_sendmsg_elsewhere(void)
{
    struct msghdr message = {.msg_name = NULL};

    return sendmsg(udp, &message, 0);
}

static long try_duplicate(void)
{
    return dup2(udp, channel[1]); /* to write to it under the channel's number */
}

static long try_duplicate_by_fcntl(void)
{
    return fcntl(udp, F_DUPFD, channel[1]);
}

static long try_execute(void)
{
    return execl("/bin/true", "true", (char *)NULL);
}

static long try_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid;
}

static long try_trace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long try_kill_parent(void)
{
    return kill(getppid(), 0);
}

static long try_signal_by_thread(void)
{
    return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static long try_code_mapping(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static long try_code_protection(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long try_unlink(void)
{
    return unlink("/no-such-file");
}

static long try_stat(void)
{
    struct stat st;

    return stat("/etc/passwd", &st);
}

static long try_transmit_ring(void)
{
    int group = 1;

    return setsockopt(udp, 263 /* SOL_PACKET */, 13 /* PACKET_TX_RING */, &group, sizeof group);
}

static long try_terminal(void)
{
    return ioctl(0, TIOCSTI, "x");
}

static long try_bpf(void)
{
    return syscall(SYS_bpf, BPF_MAP_CREATE, NULL, 0);
}

static long try_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}

#define DEADLY(try) \
    { \
#try, try \
    }
static const struct deed {
    const char *name;
    long (*act)(void);
} deadly[] = {
    DEADLY(try_socket),
    DEADLY(try_packet_socket),
    DEADLY(try_connect),
    DEADLY(try_send),
    DEADLY(try_write_elsewhere),
    DEADLY(try_sendmsg_elsewhere),
    DEADLY(try_duplicate),
    DEADLY(try_duplicate_by_fcntl),
    DEADLY(try_execute),
    DEADLY(try_fork),
    DEADLY(try_trace),
    DEADLY(try_kill_parent),
    DEADLY(try_signal_by_thread),
    DEADLY(try_code_mapping),
    DEADLY(try_code_protection),
    DEADLY(try_unlink),
    DEADLY(try_stat),
    DEADLY(try_transmit_ring),
    DEADLY(try_terminal),
    DEADLY(try_bpf),
    DEADLY(try_io_uring),
};

static long (*deed)(void);

static int do_deed(void)
{
    if (!enter_worker())
        return APART_BAD;
    (void)deed();
    return APART_GOOD;
}

static void worker_dies_of_what_it_never_does(void **state)
{
    (void)state;
    if (!syscalls_can_filter())
        skip();
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        int end;

        deed = deadly[i].act;
        end = apart(do_deed);
        if (end != KILLED)
            fail_msg("%s ended with %d", deadly[i].name, end);
    }
}

static int open_a_file(void)
{
    if (!enter_worker())
        return APART_BAD;
    /* The sanitizer's own attempts must fail rather than kill; the file stays closed all the same. */
    return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 2 : APART_BAD;
}

static void worker_opens_no_file(void **state)
{
    (void)state;
    if (!syscalls_can_filter() || !landlock_version())
        skip();
    assert_int_equal(apart(open_a_file), SANITIZED ? 2 : KILLED);
}

/* Landlock alone, without the filter before it. */
static int open_under_landlock(void)
{
    int rules = landlock_begin(), tcp = socket(AF_INET, SOCK_STREAM, 0);
    const bool ports = landlock_version() >= 4, signals = landlock_version() >= 6;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !landlock_enter(rules))
        return APART_BAD;
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
        return 2;
    if (open(".", O_RDONLY | O_DIRECTORY) >= 0 || errno != EACCES)
        return 3;
    if (open("new-file", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
        return 4;
    if (ports && (connect(tcp, (const struct sockaddr *)&discard, sizeof discard) == 0 || errno != EACCES))
        return 5;
    if (ports && (bind(tcp, (const struct sockaddr *)&discard, sizeof discard) == 0 || errno != EACCES))
        return 6;
    if (signals && (kill(getppid(), 0) == 0 || errno != EPERM))
        return 7;
    return APART_GOOD;
}

static void landlock_closes_everything(void **state)
{
    (void)state;
    if (!landlock_version())
        skip();
    assert_int_equal(apart(open_under_landlock), APART_GOOD);
}

static bool enough_memory(void)
{
    void *much = malloc(8u << 20), *too_much = SANITIZED ? NULL : malloc((size_t)1 << 36);
    bool good = much && !too_much;

    if (much)
        memset(much, 1, 8u << 20);
    free(much);
    free(too_much);
    return good;
}

static int by_value(const void *a, const void *b)
{
    int x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Enough for the C library to want memory for it, and to ask how much there is. */
static bool sorts(void)
{
    static int numbers[8192];
    const size_t n = sizeof numbers / sizeof *numbers;

    for (size_t i = 0; i < n; i++)
        numbers[i] = (int)(n - i);
    qsort(numbers, n, sizeof *numbers, by_value);
    return numbers[0] == 1 && numbers[n - 1] == (int)n;
}

/* What a worker does all day. */
static int do_work(void)
{
    char c = 'x';
    struct timespec now, soon = {.tv_nsec = 1};
    struct tm tm;
    time_t second = 1700000000;
    struct stat st;

    if (!enter_worker())
        return APART_BAD;
    if (write(channel[1], &c, 1) != 1 || read(channel[0], &c, 1) != 1)
        return 2;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0 || clock_nanosleep(CLOCK_MONOTONIC, 0, &soon, NULL) != 0)
        return 3;
    if (!gmtime_r(&second, &tm) || !localtime_r(&second, &tm)) /* reads the time zone at its first call */
        return 4;
    if (fstat(channel[0], &st) != 0)
        return 5;
    if (!enough_memory())
        return 6;
    if (fprintf(stderr, "a message: %s\n", strerror(EIO)) <= 0)
        return 7;
    if (!sorts())
        return 8;
    return APART_GOOD;
}

static void worker_can_work(void **state)
{
    (void)state;
    assert_int_equal(apart(do_work), APART_GOOD);
}

static int abort_inside(void)
{
    if (!enter_worker())
        return APART_BAD;
    abort();
}

static void an_assertion_is_an_abort(void **state)
{
    (void)state;
    assert_int_equal(apart(abort_inside), 128 + SIGABRT);
}

static int death_signal_inside(void)
{
    int sig = 0;

    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || !privileges_forget() || prctl(PR_GET_PDEATHSIG, &sig) != 0)
        return APART_BAD;
    return sig == SIGTERM ? APART_GOOD : 2;
}

static void the_parents_death_is_still_heard_of(void **state)
{
    (void)state;
    assert_int_equal(apart(death_signal_inside), APART_GOOD);
}

static void look_at_worker(int pid)
{
    static const char none[] = "0000000000000000";

    assert_string_equal(apart_proc(pid, "status", "CapEff"), none);
    assert_string_equal(apart_proc(pid, "status", "CapPrm"), none);
    assert_string_equal(apart_proc(pid, "status", "CapInh"), none);
    assert_string_equal(apart_proc(pid, "status", "CapAmb"), none);
    if (geteuid() == 0)
        assert_string_equal(apart_proc(pid, "status", "CapBnd"), none);
    assert_string_equal(apart_proc(pid, "status", "NoNewPrivs"), "1");
    if (syscalls_can_filter())
        assert_string_equal(apart_proc(pid, "status", "Seccomp"), "2");
    assert_memory_equal(apart_proc(pid, "limits", "Max core file size"), "0 ", 2);
    assert_memory_equal(apart_proc(pid, "limits", "Max processes"), "0 ", 2);
    assert_memory_equal(apart_proc(pid, "limits", "Max file size"), "0 ", 2);
    if (!SANITIZED)
        assert_memory_not_equal(apart_proc(pid, "limits", "Max address space"), "unlimited", 9);
}

static void worker_seen_from_outside(void **state)
{
    (void)state;
    assert_int_equal(apart_watched(enter_worker, look_at_worker), APART_GOOD);
}

static char place[64];

/* place/out is written to, place/in read, place/closed neither; in/link leads to place/closed/behind; what is
 * in place/run may be taken away. */
static bool enter_collector(void)
{
    struct sandbox *s = sandbox_new();
    struct complaint why = {""};
    bool good = s && chdir(place) == 0;

    if (good) {
        sandbox_may_read(s, "in");
        sandbox_may_read_beside(s, "beside/settings.yaml");
        sandbox_may_write(s, "out", "eve.json");
        sandbox_may_remove(s, "run/control.socket");
        sandbox_may_read(s, "no-such-place");
        good = sandbox_collector(s, false, &why);
    }
    sandbox_free(s);
    return good;
}

static int opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0 ? 0 : errno;
}

static int use_places(void)
{
    if (!enter_collector())
        return APART_BAD;
    if (opens("in/file", O_RDONLY) != 0 || opens("in/link", O_RDONLY) != 0)
        return 2;
    if (opens("in/file", O_WRONLY) != EACCES || opens("in/new", O_WRONLY | O_CREAT) != EACCES)
        return 3;
    if (opens("beside/another", O_RDONLY) != 0)
        return 4;
    if (opens("out/eve.json", O_WRONLY | O_APPEND | O_CREAT) != 0)
        return 5;
    if (rename("out/eve.json", "out/eve.json.1") != 0 || opens("out/eve.json", O_WRONLY | O_CREAT) != 0)
        return 6;
    if (truncate("out/eve.json", 0) != 0 || unlink("out/eve.json") != 0)
        return 7;
    if (opens("closed/other", O_RDONLY) != EACCES || opens("/etc/passwd", O_RDONLY) != EACCES)
        return 8;
    if (opens("run/control.socket", O_RDONLY) != EACCES || opens("run/new", O_WRONLY | O_CREAT) != EACCES ||
        rename("run/control.socket", "run/other") == 0 || unlink("run/control.socket") != 0)
        return 10;
    if (opens("closed/new", O_WRONLY | O_CREAT) != EACCES || opens("new", O_WRONLY | O_CREAT) != EACCES)
        return 9;
    return APART_GOOD;
}

static void touch(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    close(fd);
}

static int places_make(void **state)
{
    char link_to[128];

    (void)state;
    snprintf(place, sizeof place, "/tmp/test-sandbox-XXXXXX");
    if (!mkdtemp(place) || chdir(place) != 0)
        return -1;
    mkdir("in", 0755);
    mkdir("out", 0755);
    mkdir("closed", 0755);
    mkdir("beside", 0755);
    mkdir("run", 0755);
    touch("run/control.socket");
    touch("in/file");
    touch("beside/another");
    touch("closed/behind");
    touch("closed/other");
    snprintf(link_to, sizeof link_to, "%s/closed/behind", place);
    return symlink(link_to, "in/link");
}

static int places_drop(void **state)
{
    static const char *const files[] = {
        "in/file",        "in/link",  "beside/another", "closed/behind", "closed/other", "out/eve.json",
        "out/eve.json.1", "in/new",   "closed/new",     "new",           "new-file",     "run/control.socket",
        "run/new",        "run/other"};
    static const char *const dirs[] = {"in", "out", "closed", "beside", "run"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        rmdir(dirs[i]);
    return chdir("/") == 0 ? rmdir(place) : -1;
}

static void collector_keeps_its_places(void **state)
{
    (void)state;
    if (!landlock_version())
        skip();
    assert_int_equal(apart(use_places), APART_GOOD);
}

static bool is_refused(long result)
{
    return result == -1 && errno == EPERM;
}

static int use_calls(void)
{
    int status;
    pid_t child;

    if (!enter_collector())
        return APART_BAD;
    if (!is_refused(execl("/bin/true", "true", (char *)NULL)))
        return 2;
    if (!SANITIZED && !is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)))
        return 3;
    if (!is_refused(unshare(CLONE_NEWNS)) || !is_refused(mount("none", "/tmp", "tmpfs", 0, NULL)))
        return 4;
    if (!is_refused(try_bpf()) || !is_refused(try_io_uring()) || !is_refused(syscall(SYS_keyctl, 0, -3, 1)) ||
        !is_refused(syscall(SYS_init_module, NULL, 0, "")))
        return 5;
    if (!is_refused(try_code_mapping()) || !is_refused(try_code_protection()))
        return 6;
    if (!is_refused(socket(AF_VSOCK, SOCK_STREAM, 0)) || !is_refused(socket(AF_ALG, SOCK_SEQPACKET, 0)))
        return 7;
    if (!is_refused(setuid(getuid())) || !is_refused(try_terminal()))
        return 8;
    if (socket(AF_UNIX, SOCK_DGRAM, 0) < 0 || socket(AF_INET, SOCK_DGRAM, 0) < 0 ||
        socket(AF_NETLINK, SOCK_RAW, 0) < 0)
        return 9;
    child = fork();
    if (child == 0)
        _exit(enter_worker() && write(channel[1], "x", 1) == 1 ? 0 : 1);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        return 10;
    return APART_GOOD;
}

static void collector_is_refused_what_it_never_does(void **state)
{
    (void)state;
    if (!syscalls_can_filter())
        skip();
    assert_int_equal(apart(use_calls), APART_GOOD);
}

/* A worker's successor gets a capture of its own. */
static int capture_again(void)
{
    struct config_interface interface = {.name = (char *)"lo",
                                         .bpf_filter = (char *)"udp port domain",
                                         .buffer_size = 1u << 20,
                                         .snaplen = 65535};
    struct capture_plan capture = {.interfaces = &interface, .n_interfaces = 1, .bpf = "dst port 9"};
    const struct privileges_plan privileges = {.user = "", .group = "", .live = true};
    struct complaint why = {""};
    struct sandbox *s = sandbox_new();
    struct capture *c;
    bool good;

    if (!s || !privileges_drop(&privileges, &why) || !sandbox_collector(s, true, &why))
        return APART_BAD;
    sandbox_free(s);
    c = capture_open(&capture, &why);
    good = c != NULL;
    capture_close(c);
    return good ? APART_GOOD : 2;
}

static void collector_opens_interfaces_again(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(apart(capture_again), APART_GOOD);
}

static void memory_follows_the_settings(void **state)
{
    struct config *config = config_new();
    uint64_t before;

    (void)state;
    assert_non_null(config);
    before = sandbox_memory(config);
    if (SANITIZED) {
        assert_int_equal(before, 0);
        config_free(config);
        return;
    }
    assert_true(before > config->flow_memcap + config->stream_memcap + config->defrag_memcap);
    config->stream_memcap += 1u << 20;
    assert_true(sandbox_memory(config) >= before + (1u << 20));
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_dies_of_what_it_never_does),
        cmocka_unit_test(worker_opens_no_file),
        cmocka_unit_test(landlock_closes_everything),
        cmocka_unit_test(worker_can_work),
        cmocka_unit_test(an_assertion_is_an_abort),
        cmocka_unit_test(the_parents_death_is_still_heard_of),
        cmocka_unit_test(worker_seen_from_outside),
        cmocka_unit_test_setup_teardown(collector_keeps_its_places, places_make, places_drop),
        cmocka_unit_test_setup_teardown(collector_is_refused_what_it_never_does, places_make, places_drop),
        cmocka_unit_test(collector_opens_interfaces_again),
        cmocka_unit_test(memory_follows_the_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

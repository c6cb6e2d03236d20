/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workers that share an interface, with real sockets: on the loopback interface of a network name space of
 * the test's own. Where there is none to be had, or no capture is permitted, the tests are skipped. */
#include "capture/set.h"
#include "base/count.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define N_WORKERS 3
#define N_PAIRS   40 /* 127.0.1.i with 127.0.2.i */
#define PORT      9999

static const char *why_not; /* the tests cannot be made */

/* What workers leave behind for the test to see, alive or not. */
static struct shared {
    uint64_t counters[N_WORKERS][COUNT_N];
    volatile unsigned seen[N_WORKERS][N_PAIRS];
    volatile bool ready[N_WORKERS];
} * shared;

static struct config *config;
static struct capture_set *set;
static pid_t pids[N_WORKERS];
static struct capture *stoppable;
static int receiver, senders[2][N_PAIRS];

static bool loopback_set(int request, unsigned flags, int mtu)
{
    struct ifreq r = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bool done;

    if (request == SIOCSIFMTU)
        r.ifr_mtu = mtu;
    else
        r.ifr_flags = (short)flags;
    done = ioctl(fd, (unsigned long)request, &r) == 0;
    close(fd);
    return done;
}

static int bound(unsigned net, unsigned host, unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = net ? htonl(0x7f000000 | net << 8 | host) : INADDR_ANY};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* One datagram of so many bytes, one way or the other. Nobody reads what arrives. */
static void send_one(unsigned way, unsigned pair, size_t len)
{
    static uint8_t data[65000];
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(PORT),
                             .sin_addr.s_addr = htonl(0x7f000000 | (2 - way) << 8 | (pair + 1))};

    assert_int_equal(sendto(senders[way][pair], data, len, 0, (struct sockaddr *)&to, sizeof to),
                     (ssize_t)len);
}

/* Each pair, both ways: the number of frames. A long datagram is three fragments. */
static unsigned send_all(void)
{
    for (unsigned pair = 0; pair < N_PAIRS; pair++)
        for (unsigned way = 0; way < 2; way++) {
            send_one(way, pair, 10);
            send_one(way, pair, 4000);
        }
    return N_PAIRS * 2 * 4;
}

static void on_term(int sig)
{
    (void)sig;
    capture_stop(stoppable);
}

/* An IPv4 header behind an Ethernet header: 127.0.1.i and 127.0.2.i. */
static void note(unsigned k, const struct frame *f)
{
    assert_true(f->data.len >= 34);
    shared->seen[k][f->data.p[14 + 15] - 1]++;
    memcpy(shared->counters[k], counters, sizeof shared->counters[k]);
}

static void worker_run(unsigned k)
{
    struct sigaction action = {.sa_handler = on_term};
    struct frame f;
    enum capture_result result;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    stoppable = capture_set_take(set, k);
    if (!stoppable)
        _exit(1);
    sigaction(SIGTERM, &action, NULL);
    memcpy(counters, shared->counters[k], sizeof shared->counters[k]); /* goes on where one ended */
    shared->ready[k] = true;
    while ((result = capture_next(stoppable, &f)) != CAPTURE_END)
        if (result == CAPTURE_FRAME)
            note(k, &f);
    capture_update_drops(stoppable);
    capture_close(stoppable);
    memcpy(shared->counters[k], counters, sizeof shared->counters[k]);
    _exit(0);
}

static void worker_start(unsigned k)
{
    fflush(NULL);
    shared->ready[k] = false;
    pids[k] = fork();
    assert_true(pids[k] >= 0);
    if (pids[k] == 0)
        worker_run(k);
    while (!shared->ready[k] && waitpid(pids[k], NULL, WNOHANG) == 0)
        sched_yield();
}

static void worker_end(unsigned k, int sig)
{
    int status;

    kill(pids[k], sig);
    assert_int_equal(waitpid(pids[k], &status, 0), pids[k]);
    assert_true(sig == SIGKILL ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void set_begin(uint64_t ring)
{
    static struct config_interface lo = {.name = (char *)"lo", .bpf_filter = (char *)"udp"};
    static struct capture_plan plan = {.interfaces = &lo, .n_interfaces = 1, .bpf = ""};
    struct complaint why = {""};

    if (why_not)
        skip();
    lo.buffer_size = ring;
    lo.snaplen = 65535;
    plan.config = config;
    memset(shared, 0, sizeof *shared);
    count_reset();
    set = capture_set_open(&plan, N_WORKERS, &why);
    if (!set)
        fail_msg("%s", why.text);
    for (unsigned k = 0; k < N_WORKERS; k++)
        worker_start(k);
}

static void set_end(void)
{
    for (unsigned k = 0; k < N_WORKERS; k++)
        worker_end(k, SIGTERM);
    capture_set_close(set);
}

static uint64_t sum(enum counter c)
{
    uint64_t n = counters[c];

    for (unsigned k = 0; k < N_WORKERS; k++)
        n += shared->counters[k][c];
    return n;
}

static bool seen_by_somebody(unsigned pair)
{
    for (unsigned k = 0; k < N_WORKERS; k++)
        if (shared->seen[k][pair])
            return true;
    return false;
}

/* The worker that has seen a pair: one and only one. */
static unsigned worker_of(unsigned pair)
{
    unsigned who = N_WORKERS;

    for (unsigned k = 0; k < N_WORKERS; k++)
        if (shared->seen[k][pair]) {
            if (who < N_WORKERS)
                fail_msg("pair %u went to workers %u and %u", pair, who, k);
            who = k;
        }
    assert_true(who < N_WORKERS);
    return who;
}

static void pairs_stay_together(void **state)
{
    unsigned n_sent, shares[N_WORKERS] = {0};

    (void)state;
    set_begin(4 << 20);
    n_sent = send_all();
    set_end();
    for (unsigned pair = 0; pair < N_PAIRS; pair++)
        shares[worker_of(pair)]++;
    for (unsigned k = 0; k < N_WORKERS; k++)
        assert_true(shares[k] > 0); /* the odds against it are ten million to one */
    assert_int_equal(sum(COUNT_CAPTURE_FRAMES), n_sent);
    assert_int_equal(sum(COUNT_CAPTURE_KERNEL_PACKETS), n_sent);
    assert_int_equal(sum(COUNT_CAPTURE_KERNEL_DROPS), 0);
}

/* A stopped worker dies with frames in its ring: they are counted, its successor has its share, and nobody
 * else's moves; also when the interface goes down and comes up, which turns the kernel's order round. */
static void a_death_costs_its_own_only(void **state)
{
    struct complaint why = {""};
    struct capture_news news;
    unsigned n_sent = 0, before[N_PAIRS];

    (void)state;
    set_begin(4 << 20);
    kill(pids[0], SIGSTOP);
    n_sent += send_all();
    worker_end(0, SIGKILL);
    n_sent += send_all(); /* nobody is there for them */
    assert_true(capture_set_renew(set, 0, &why));
    capture_set_settle(set, 0, shared->counters[0]);
    assert_true(counters[COUNT_CAPTURE_LEFT] > 0);
    memset((void *)shared->seen[0], 0, sizeof shared->seen[0]);
    n_sent += send_all(); /* its successor's, though it has not begun */
    worker_start(0);
    for (unsigned pair = 0; pair < N_PAIRS; pair++)
        while (!seen_by_somebody(pair))
            sched_yield();
    for (unsigned pair = 0; pair < N_PAIRS; pair++)
        before[pair] = worker_of(pair);

    assert_true(loopback_set(SIOCSIFFLAGS, 0, 0));
    assert_true(loopback_set(SIOCSIFFLAGS, IFF_UP, 0));
    assert_true(capture_set_watch(set, &news));
    assert_string_equal(news.what, "interface_down");
    assert_true(capture_set_watch(set, &news));
    assert_string_equal(news.what, "interface_up");
    assert_false(capture_set_watch(set, &news));
    assert_false(capture_set_failed(set));
    for (unsigned k = 0; k < N_WORKERS; k++)
        assert_false(capture_set_wants(set, k));
    n_sent += send_all();
    set_end();
    for (unsigned pair = 0; pair < N_PAIRS; pair++)
        assert_int_equal(worker_of(pair), before[pair]);
    assert_int_equal(sum(COUNT_CAPTURE_KERNEL_DROPS), 0);
    assert_int_equal(sum(COUNT_CAPTURE_FRAMES) + sum(COUNT_CAPTURE_LEFT), n_sent);
}

/* More than a ring holds, while nobody reads: what was not dropped is given after the stop, and the sum is
 * what was sent. */
static void every_frame_is_accounted_for(void **state)
{
    unsigned n_sent = 0;

    (void)state;
    set_begin(512 << 10);
    for (unsigned k = 0; k < N_WORKERS; k++)
        kill(pids[k], SIGSTOP);
    for (unsigned i = 0; i < 60; i++)
        n_sent += send_all();
    for (unsigned k = 0; k < N_WORKERS; k++)
        kill(pids[k], SIGCONT);
    set_end();
    assert_true(sum(COUNT_CAPTURE_KERNEL_DROPS) > 0);
    assert_int_equal(sum(COUNT_CAPTURE_LEFT), 0);
    assert_int_equal(sum(COUNT_CAPTURE_KERNEL_PACKETS), n_sent);
    assert_int_equal(sum(COUNT_CAPTURE_FRAMES) + sum(COUNT_CAPTURE_KERNEL_DROPS), n_sent);
}

/* A private network, or the reason why there is none. */
static const char *network_begin(void)
{
    struct complaint why = {""};
    static char text[600];
    static struct config_interface lo = {.name = (char *)"lo", .buffer_size = 1 << 20};
    const struct capture_plan plan = {.interfaces = &lo, .n_interfaces = 1, .bpf = ""};
    struct capture_set *probe;

    if (unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        snprintf(text, sizeof text, "no network name space: %s", strerror(errno));
        return text;
    }
    if (!loopback_set(SIOCSIFMTU, 0, 1500) || !loopback_set(SIOCSIFFLAGS, IFF_UP, 0)) {
        snprintf(text, sizeof text, "no loopback interface: %s", strerror(errno));
        return text;
    }
    probe = capture_set_open(&plan, 1, &why);
    if (!probe) {
        snprintf(text, sizeof text, "%s", why.text);
        return text;
    }
    capture_set_close(probe);
    return NULL;
}

static int group_begin(void **state)
{
    (void)state;
    alarm(60); /* rather than wait for a worker that never ends */
    why_not = network_begin();
    if (why_not) {
        printf("skipped: %s\n", why_not);
        return 0;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    config = config_new();
    receiver = bound(0, 0, PORT);
    for (unsigned way = 0; way < 2; way++)
        for (unsigned pair = 0; pair < N_PAIRS; pair++)
            senders[way][pair] = bound(way + 1, pair + 1, PORT + 1);
    return shared == MAP_FAILED || !config;
}

static int group_end(void **state)
{
    (void)state;
    config_free(config);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_stay_together),
        cmocka_unit_test(a_death_costs_its_own_only),
        cmocka_unit_test(every_frame_is_accounted_for),
    };

    return cmocka_run_group_tests(tests, group_begin, group_end);
}

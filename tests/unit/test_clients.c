/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clients.c: what each turn costs, who is sent away, and that nobody is waited for. The clock is the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "control/clients.h"
#include "control/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GREETING "{\"version\": \"0.2\"}"
#define GREETED  "{\"return\":\"OK\"}\n"

static char dir[32], path[64];
static struct door door;
static struct clients *clients;
static uint64_t now_us;
static unsigned n_asked;
static size_t answer_len; /* of the command "long" */
static bool ready;        /* the command "later" is answered */

static enum answer on_request(void *arg, const struct request *r, struct asker *who, struct jsonw *w)
{
    (void)arg;
    n_asked++;
    assert_int_equal(who->user, getuid());
    assert_int_equal(who->pid, getpid());
    if (strcmp(r->command, "long") == 0) {
        char *text = malloc(answer_len + 1);

        memset(text, 'x', answer_len);
        text[answer_len] = '\0';
        jsonw_str(w, "message", text);
        free(text);
        return ANSWER_OK;
    }
    if (strcmp(r->command, "later") == 0) {
        assert_true(who->ticket == 0 || who->ticket == 7);
        who->ticket = 7;
        if (!ready)
            return ANSWER_LATER;
    }
    jsonw_str(w, "message", r->command);
    return strcmp(r->command, "no") == 0 ? ANSWER_NOK : ANSWER_OK;
}

static void begin(unsigned max)
{
    struct complaint why = {""};

    count_reset();
    now_us = 1000000;
    n_asked = 0;
    ready = false;
    assert_true(door_open(&door, path, "", &why));
    clients = clients_new(
        &(struct clients_plan){.listener = door.fd, .max = max, .answer = on_request, .arg = NULL});
    assert_non_null(clients);
}

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/clients-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/socket", dir);
    begin(3);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    clients_free(clients);
    door_close(&door);
    count_reset();
    return rmdir(dir);
}

/* One turn, if anything is there; false: nothing was. */
static bool turn(void)
{
    struct pollfd fds[CLIENTS_FDS];
    unsigned n = clients_fill(clients, fds);

    if (poll(fds, n, 0) <= 0)
        return false;
    clients_serve(clients, fds, n, now_us);
    return true;
}

static unsigned turns(void)
{
    unsigned n = 0;

    while (turn())
        assert_true(++n < 10000); /* it comes to rest */
    return n;
}

static int client(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    strcpy(at.sun_path, path);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void hears(int fd, const char *text)
{
    static char got[4096];
    ssize_t n = recv(fd, got, sizeof got - 1, 0);

    got[n > 0 ? n : 0] = '\0';
    assert_string_equal(got, text);
}

static bool is_gone(int fd)
{
    char byte;
    ssize_t n;

    while ((n = recv(fd, &byte, 1, 0)) > 0)
        ;
    return n == 0 || errno != EAGAIN;
}

static int greeted(void)
{
    int fd = client();

    say(fd, GREETING);
    turns();
    hears(fd, GREETED);
    return fd;
}

static void an_answer_for_each_line(void **state)
{
    int fd = greeted();

    (void)state;
    say(fd, "{\"command\":\"a\"}\n{\"command\":\"no\"}\nx\n{\"command\":\"b\"}\n");
    turns();
    hears(fd, "{\"message\":\"a\",\"return\":\"OK\"}\n"
              "{\"message\":\"no\",\"return\":\"NOK\"}\n"
              "{\"message\":\"no JSON object: '[' or '{' expected near 'x'\",\"return\":\"NOK\"}\n"
              "{\"message\":\"b\",\"return\":\"OK\"}\n");
    assert_int_equal(counters[COUNT_CONTROL_REQUESTS], 3);
    assert_int_equal(counters[COUNT_CONTROL_REFUSED], 1);
    assert_false(turn());
    close(fd);
    turns();
    assert_int_equal(counters[COUNT_CONTROL_DROPPED], 0);
}

/* All at once, before anybody has read: the greeting, a line, and no more from that side. */
static void who_has_hung_up_half_is_answered(void **state)
{
    int fd = client();

    (void)state;
    say(fd, GREETING "{\"command\":\"a\"}\n");
    shutdown(fd, SHUT_WR);
    turns();
    hears(fd, GREETED "{\"message\":\"a\",\"return\":\"OK\"}\n");
    assert_true(is_gone(fd));
    close(fd);
}

static void one_answer_a_turn(void **state)
{
    int fd[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        fd[i] = greeted();
    for (unsigned i = 0; i < 3; i++)
        for (unsigned k = 0; k < 40; k++)
            say(fd[i], "{\"command\":\"a\"}\n");
    for (unsigned before = n_asked; turn(); before = n_asked)
        assert_true(n_asked <= before + 1);
    assert_int_equal(n_asked, 3 * 40);
    for (unsigned i = 0; i < 3; i++)
        close(fd[i]);
}

/* In every three turns each of three gets one: none is kept waiting by one that asks without end. */
static void everybody_has_a_turn(void **state)
{
    int busy = greeted(), other = greeted();

    (void)state;
    for (unsigned k = 0; k < 40; k++)
        say(busy, "{\"command\":\"a\"}\n");
    say(other, "{\"command\":\"b\"}\n");
    for (unsigned i = 0; i < 6; i++)
        turn();
    hears(other, "{\"message\":\"b\",\"return\":\"OK\"}\n");
    close(busy);
    close(other);
}

static void a_long_answer_waits_for_its_reader(void **state)
{
    int fd = greeted(), other = greeted();
    size_t n = 0;
    char got[65536];
    ssize_t k = 1;

    (void)state;
    answer_len = ANSWER_MAX - 1000;
    for (unsigned i = 0; i < 4; i++)
        say(fd, "{\"command\":\"long\"}\n");
    turns(); /* comes to rest, with the rest of the answer in memory */
    assert_true(n_asked < 4);
    say(other, "{\"command\":\"b\"}\n");
    turns();
    hears(other, "{\"message\":\"b\",\"return\":\"OK\"}\n");
    for (unsigned i = 0; i < 1000 && k > 0; i++) {
        k = recv(fd, got, sizeof got, 0);
        n += k > 0 ? (size_t)k : 0;
        turns();
    }
    assert_int_equal(n, 4 * (answer_len + strlen("{\"message\":\"\",\"return\":\"OK\"}\n")));
    assert_int_equal(n_asked, 5);
    close(fd);
    close(other);
}

static void an_answer_beyond_the_ceiling_is_a_refusal(void **state)
{
    int fd = greeted();

    (void)state;
    answer_len = ANSWER_MAX + 100;
    say(fd, "{\"command\":\"long\"}\n");
    turns();
    hears(fd, "{\"message\":\"the answer is too long, or memory is short\",\"return\":\"NOK\"}\n");
    close(fd);
}

static void who_never_reads_is_sent_away(void **state)
{
    int fd = greeted();

    (void)state;
    answer_len = ANSWER_MAX - 1000;
    for (unsigned i = 0; i < 4; i++)
        say(fd, "{\"command\":\"long\"}\n");
    turns();
    now_us += CLIENTS_SLOW_US;
    clients_look(clients, now_us);
    assert_int_equal(counters[COUNT_CONTROL_DROPPED], 0);
    now_us++;
    clients_look(clients, now_us);
    assert_int_equal(counters[COUNT_CONTROL_DROPPED], 1);
    assert_true(is_gone(fd));
    close(fd);
}

/* What it was answered lies in the kernel, all of it; what it asked further has no room there. */
static void who_reads_nothing_of_short_answers_is_sent_away(void **state)
{
    int fd = greeted();
    unsigned before;

    (void)state;
    do {
        before = n_asked;
        for (unsigned i = 0; i < 10 && send(fd, "{\"command\":\"a\"}\n", 16, MSG_NOSIGNAL) == 16; i++)
            ;
        turns();
    } while (n_asked > before);
    now_us += CLIENTS_SLOW_US + 1;
    clients_look(clients, now_us);
    assert_int_equal(counters[COUNT_CONTROL_DROPPED], 1);
    assert_true(is_gone(fd));
    close(fd);
}

static void who_does_not_greet_is_sent_away_and_who_has_may_be_silent(void **state)
{
    int silent = greeted(), dumb = client();

    (void)state;
    turns();
    now_us += CLIENTS_SLOW_US + 1;
    clients_look(clients, now_us);
    assert_int_equal(counters[COUNT_CONTROL_DROPPED], 1);
    assert_true(is_gone(dumb));
    assert_false(is_gone(silent));
    close(dumb);
    close(silent);
}

static void a_line_without_end_is_the_end(void **state)
{
    int fd = greeted();
    static char x[3 * REQUEST_MAX];

    (void)state;
    memset(x, 'x', sizeof x - 1);
    say(fd, x);
    turns();
    assert_int_equal(counters[COUNT_CONTROL_REFUSED], 1);
    assert_true(is_gone(fd));
    assert_int_equal(n_asked, 0);
    close(fd);
}

static void the_silent_make_room(void **state)
{
    int first = greeted(), second, dumb, fourth;

    (void)state;
    now_us++;
    second = greeted();
    now_us++;
    dumb = client();
    turns();
    now_us++;
    fourth = greeted(); /* in place of the one that has not greeted, though first has been silent longer */
    assert_true(is_gone(dumb));
    assert_false(is_gone(first));
    now_us++;
    say(first, "{\"command\":\"a\"}\n");
    turns();
    hears(first, "{\"message\":\"a\",\"return\":\"OK\"}\n");
    close(dumb);
    dumb = greeted(); /* second was heard of longest ago */
    assert_true(is_gone(second));
    assert_false(is_gone(first));
    assert_false(is_gone(fourth));
    assert_int_equal(counters[COUNT_CONTROL_DROPPED], 2);
    close(first);
    close(second);
    close(dumb);
    close(fourth);
}

static void a_flood_of_connections_leaves_who_was_there(void **state)
{
    int fd = greeted();

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        int other = client();

        turns();
        if (i % 2)
            close(other); /* the others stay open until their end */
        else
            assert_true(fcntl(other, F_SETFL, O_NONBLOCK) == 0 && dup2(other, 900 - (int)(i / 2)) >= 0 &&
                        close(other) == 0);
    }
    say(fd, "{\"command\":\"a\"}\n");
    turns();
    hears(fd, "{\"message\":\"a\",\"return\":\"OK\"}\n");
    assert_true(counters[COUNT_CONTROL_DROPPED] >= 400);
    close(fd);
    for (int i = 401; i <= 900; i++)
        close(i);
}

static void an_answer_may_come_later(void **state)
{
    int fd[3], other;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        fd[i] = greeted();
        say(fd[i], "{\"command\":\"later\"}\n{\"command\":\"a\"}\n");
    }
    turns();
    assert_int_equal(n_asked, 3); /* nobody is asked again before there is news */
    clients_look(clients, now_us);
    assert_int_equal(n_asked, 6);
    assert_false(turn());
    /* who waits for an answer keeps its place */
    other = client();
    turns();
    assert_true(is_gone(other));
    close(other);
    close(fd[2]); /* gone while it waits */
    turns();
    ready = true;
    clients_look(clients, now_us);
    turns();
    hears(fd[0], "{\"message\":\"later\",\"return\":\"OK\"}\n{\"message\":\"a\",\"return\":\"OK\"}\n");
    hears(fd[1], "{\"message\":\"later\",\"return\":\"OK\"}\n{\"message\":\"a\",\"return\":\"OK\"}\n");
    close(fd[0]);
    close(fd[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_for_each_line),
        TEST(who_has_hung_up_half_is_answered),
        TEST(one_answer_a_turn),
        TEST(everybody_has_a_turn),
        TEST(a_long_answer_waits_for_its_reader),
        TEST(an_answer_beyond_the_ceiling_is_a_refusal),
        TEST(who_never_reads_is_sent_away),
        TEST(who_reads_nothing_of_short_answers_is_sent_away),
        TEST(who_does_not_greet_is_sent_away_and_who_has_may_be_silent),
        TEST(a_line_without_end_is_the_end),
        TEST(the_silent_make_room),
        TEST(a_flood_of_connections_leaves_who_was_there),
        TEST(an_answer_may_come_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

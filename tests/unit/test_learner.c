/* SPDX-License-Identifier: GPL-2.0-or-later */
/* learner.c: texts that go down a pipe in any pieces are made into something by a second thread, and taken
 * whole. */
#include "process/learner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

struct pupil {
    bool refuses;
    atomic_uint n_made, n_dropped;
};

static struct learner *alive[8]; /* they end with the process */
static unsigned n_alive;

static bool confine(void *arg, struct complaint *why)
{
    const struct pupil *p = arg;

    return !p->refuses || complain(why, "no sandbox to be had");
}

/* A copy of the text; "bad" cannot be made into anything. */
static void *make(void *arg, uint32_t generation, struct bytes text, struct complaint *why)
{
    struct pupil *p = arg;
    char *copy;

    (void)generation;
    atomic_fetch_add(&p->n_made, 1);
    if (bytes_eq(text, BYTES_LIT("bad"))) {
        complain(why, "that is bad");
        return NULL;
    }
    copy = calloc(1, text.len + 1);
    if (copy)
        memcpy(copy, text.p, text.len);
    return copy;
}

static void drop(void *arg, void *made)
{
    struct pupil *p = arg;

    atomic_fetch_add(&p->n_dropped, 1);
    free(made);
}

static struct learner *begin(struct pupil *p, int ends[2], struct complaint *why)
{
    struct learner_plan plan = {.confine = confine, .make = make, .drop = drop, .arg = p};

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    plan.fd = ends[0];
    alive[n_alive] = learner_begin(&plan, why);
    return alive[n_alive++];
}

static void pause_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void take(struct learner *l, struct lesson *out)
{
    for (unsigned i = 0; !learner_take(l, out); i++) {
        assert_true(i < 30000);
        pause_a_little();
    }
}

static void deliver(struct parcel *p, int fd)
{
    for (unsigned i = 0; parcel_waits(p); i++) {
        assert_true(parcel_write(p, fd));
        assert_true(i < 30000);
        if (parcel_waits(p))
            pause_a_little();
    }
}

/* Far more than the pipe holds, so that it goes in pieces. */
static void a_long_text_arrives_whole(void **state)
{
    static struct pupil pupil;
    struct complaint why = {""};
    struct parcel parcel;
    struct lesson lesson;
    size_t len = 3000000;
    char *text = malloc(len + 1);
    int ends[2];
    struct learner *l = begin(&pupil, ends, &why);

    (void)state;
    assert_non_null(l);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 23);
    text[len] = '\0';
    assert_false(learner_take(l, &lesson));
    parcel_pack(&parcel, 7, bytes_of(text, len));
    deliver(&parcel, ends[1]);
    take(l, &lesson);
    assert_int_equal(lesson.generation, 7);
    assert_string_equal(lesson.made, text);
    free(lesson.made);
    assert_false(learner_take(l, &lesson));
    free(text);
    close(ends[1]);
}

static void an_empty_one_and_a_bad_one(void **state)
{
    static struct pupil pupil;
    struct complaint why = {""};
    struct parcel parcel;
    struct lesson lesson;
    int ends[2];
    struct learner *l = begin(&pupil, ends, &why);

    (void)state;
    assert_non_null(l);
    parcel_pack(&parcel, 1, bytes_of(NULL, 0));
    deliver(&parcel, ends[1]);
    take(l, &lesson);
    assert_string_equal(lesson.made, "");
    free(lesson.made);
    parcel_pack(&parcel, 2, BYTES_LIT("bad"));
    deliver(&parcel, ends[1]);
    take(l, &lesson);
    assert_int_equal(lesson.generation, 2);
    assert_null(lesson.made);
    assert_string_equal(lesson.why.text, "that is bad");
    close(ends[1]);
}

static void what_nobody_takes_makes_way(void **state)
{
    static struct pupil pupil;
    struct complaint why = {""};
    struct parcel parcel;
    struct lesson lesson;
    int ends[2];
    struct learner *l = begin(&pupil, ends, &why);

    (void)state;
    assert_non_null(l);
    for (uint32_t i = 1; i <= 3; i++) {
        parcel_pack(&parcel, i, BYTES_LIT("rules"));
        deliver(&parcel, ends[1]);
    }
    for (unsigned i = 0; atomic_load(&pupil.n_dropped) < 2; i++) {
        assert_true(i < 30000);
        pause_a_little();
    }
    take(l, &lesson);
    assert_int_equal(lesson.generation, 3);
    free(lesson.made);
    close(ends[1]);
}

static void without_a_sandbox_nothing_is_read(void **state)
{
    struct pupil pupil = {.refuses = true};
    struct complaint why = {""};
    int ends[2];

    (void)state;
    assert_null(begin(&pupil, ends, &why));
    assert_string_equal(why.text, "no sandbox to be had");
    assert_int_equal(atomic_load(&pupil.n_made), 0);
    close(ends[0]);
    close(ends[1]);
}

static void a_reader_that_left_is_noticed(void **state)
{
    struct parcel parcel;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    parcel_pack(&parcel, 1, BYTES_LIT("rules"));
    assert_false(parcel_write(&parcel, ends[1]));
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_text_arrives_whole),     cmocka_unit_test(an_empty_one_and_a_bad_one),
        cmocka_unit_test(what_nobody_takes_makes_way),   cmocka_unit_test(without_a_sandbox_nothing_is_read),
        cmocka_unit_test(a_reader_that_left_is_noticed),
    };
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

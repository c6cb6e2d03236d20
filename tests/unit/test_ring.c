/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "process/ring.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define N 20000

static uint8_t text[RING_DATA_MAX];

/* Of every length, so that entries end everywhere in the ring. */
static size_t length_of(uint64_t number)
{
    return number % 1000 == 0 ? RING_DATA_MAX : (size_t)(number * 7919 % 3000);
}

static bool put(struct ring *r, uint64_t number)
{
    struct ring_entry e = {.kind = RING_FRAME,
                           .ts_us = number * 3,
                           .number = number,
                           .wire_len = (uint32_t)number,
                           .link_type = 1,
                           .data = bytes_of(text, length_of(number))};

    memset(text, (int)(number & 0xff), 64);
    return ring_put(r, &e);
}

static void check(const struct ring_entry *e, uint64_t number)
{
    assert_int_equal(e->kind, RING_FRAME);
    assert_int_equal(e->number, number);
    assert_int_equal(e->ts_us, number * 3);
    assert_int_equal(e->wire_len, number);
    assert_int_equal(e->data.len, length_of(number));
    for (size_t i = 0; i < e->data.len && i < 64; i++)
        assert_int_equal(e->data.p[i], number & 0xff);
}

static void what_goes_in_comes_out(void **state)
{
    struct ring *r = ring_new();
    struct ring_entry e;
    uint64_t in = 1, out = 1;

    (void)state;
    assert_non_null(r);
    assert_false(ring_get(r, &e));
    assert_false(ring_is_closed(r));
    while (out <= N) {
        while (in <= N && put(r, in)) /* until it is full */
            in++;
        assert_true(ring_get(r, &e));
        check(&e, out++);
        ring_done(r);
    }
    assert_false(ring_get(r, &e));
    ring_close(r);
    assert_true(ring_is_closed(r));
    ring_free(r);
    ring_free(NULL);
}

/* Who takes over begins at most a little before the place of the one before it, and misses nothing. */
static void a_successor_goes_on(void **state)
{
    struct ring *r = ring_new();
    struct ring_entry e;
    uint64_t reached;
    pid_t pid;
    int status;

    (void)state;
    for (uint64_t number = 1; number <= 500; number++)
        assert_true(put(r, number));
    pid = fork();
    if (pid == 0) {
        ring_take_over(r);
        for (uint64_t number = 1; number <= 300; number++) {
            if (!ring_get(r, &e) || e.number != number)
                _exit(1);
            ring_done(r);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    ring_take_over(r);
    ring_done(r); /* before anything was got: changes nothing */
    assert_true(ring_get(r, &e));
    reached = e.number;
    assert_true(reached > 200 && reached <= 301);
    check(&e, reached);
    while (ring_get(r, &e))
        check(&e, ++reached);
    assert_int_equal(reached, 500);
    ring_done(r);
    for (uint64_t number = 501; number <= 3000; number++) { /* and the writer finds room again */
        assert_true(put(r, number));
        assert_true(ring_get(r, &e));
        check(&e, number);
        ring_done(r);
    }
    ring_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(a_successor_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

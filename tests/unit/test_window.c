/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/window.h"

/* A receiver that checks what a window promises, against the text it is fed from. */
struct reader {
    struct bytes text;
    size_t seen, want, kept, calls, longest;
    bool ended;
};

static size_t read_window(void *arg, const struct field *f)
{
    struct reader *r = arg;

    assert_true(f->kind == FIELD_RAW);
    assert_true(f->value.len <= WINDOW_CEILING);
    assert_int_equal(f->first, r->calls == 0);
    assert_int_equal(f->fresh, r->kept);
    assert_true(f->fresh <= f->value.len && f->fresh <= r->seen);
    assert_memory_equal(f->value.p, r->text.p + r->seen - f->fresh, f->value.len);
    assert_false(r->ended);
    r->seen += f->value.len - f->fresh;
    r->calls++;
    r->ended = f->last;
    if (f->value.len > r->longest)
        r->longest = f->value.len;
    r->kept = r->want;
    if (r->kept > f->value.len)
        r->kept = f->value.len;
    if (r->kept > WINDOW_CEILING / 2)
        r->kept = WINDOW_CEILING / 2;
    return r->want;
}

static void read_in_steps(size_t len, size_t step, size_t want)
{
    uint8_t *text = malloc(len);
    struct reader r = {.text = {text, len}, .want = want};
    struct window w = {0};
    struct field f = {.kind = FIELD_RAW};

    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t at = 0; at < len; at += step) {
        struct bytes piece = bytes_slice(r.text, at, at + step);
        uint8_t *exact = memcpy(malloc(piece.len), piece.p, piece.len);

        window_give(&w, &f, bytes_of(exact, piece.len), false, read_window, &r);
        free(exact);
    }
    assert_int_equal(r.seen, len);
    window_give(&w, &f, (struct bytes){NULL, 0}, true, read_window, &r);
    assert_true(r.ended);
    assert_int_equal(r.seen, len);
    assert_null(w.held.p);
    assert_false(w.started);
    free(text);
}

static void test_every_byte_once(void **state)
{
    static const size_t steps[] = {1, 7, 1460, 65535, 65536, 65537, 200000};
    static const size_t wants[] = {0, 1, 100, 1024, 8192, 40000, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (size_t j = 0; j < sizeof wants / sizeof *wants; j++)
            read_in_steps(steps[i] < 100 ? 3000 : 300000, steps[i], wants[j]);
    assert_int_equal(counters[COUNT_INSPECT_MEMORY], 0);
}

static void test_nothing_kept_unasked(void **state)
{
    uint8_t text[64] = {0};
    struct reader r = {.text = {text, 64}};
    struct window w = {0};
    struct field f = {.kind = FIELD_RAW};

    (void)state;
    window_give(&w, &f, r.text, false, read_window, &r);
    assert_int_equal(r.calls, 1);
    assert_null(w.held.p);
    window_give(&w, &f, (struct bytes){NULL, 0}, false, read_window, &r);
    assert_int_equal(r.calls, 1);
    window_drop(&w);
    window_give(&w, &f, (struct bytes){NULL, 0}, true, read_window, &r); /* never begun: nothing to end */
    assert_int_equal(r.calls, 1);
}

static void test_last_piece_ends(void **state)
{
    uint8_t text[100000] = {0};
    struct reader r = {.text = {text, sizeof text}, .want = 10};
    struct window w = {0};
    struct field f = {.kind = FIELD_RAW};

    (void)state;
    window_give(&w, &f, r.text, true, read_window, &r);
    assert_true(r.ended);
    assert_int_equal(r.calls, 2);
    assert_null(w.held.p);
}

static void test_memory_goes_back(void **state)
{
    uint8_t text[70000] = {0};
    struct reader r = {.text = {text, sizeof text}, .want = 30000};
    struct window w = {0};
    struct field f = {.kind = FIELD_RAW};

    (void)state;
    window_give(&w, &f, bytes_slice(r.text, 0, 60000), false, read_window, &r);
    assert_int_equal(w.held.len, 30000);
    r.want = 100;
    window_give(&w, &f, bytes_slice(r.text, 60000, 60001), false, read_window, &r);
    assert_int_equal(w.held.len, 100);
    assert_true(w.held.cap <= 4096);
    window_drop(&w);
}

/* At the ceiling pieces are judged without what came before, and that is counted. */
static void test_ceiling(void **state)
{
    uint8_t text[3000] = {0};
    struct reader r[3] = {0};
    struct window w[3] = {{.started = false}};
    struct field f = {.kind = FIELD_RAW};
    uint64_t before = counters[COUNT_INSPECT_MEMORY];

    (void)state;
    windows_set_memcap(2500);
    for (int i = 0; i < 3; i++) {
        r[i] = (struct reader){.text = {text, sizeof text}, .want = 1000};
        window_give(&w[i], &f, bytes_slice(r[i].text, 0, 1000), false, read_window, &r[i]);
    }
    assert_int_equal(w[0].held.len, 1000);
    assert_int_equal(w[1].held.len, 1000);
    assert_null(w[2].held.p);
    assert_int_equal(counters[COUNT_INSPECT_MEMORY], before + 1);
    r[2].kept = 0;
    window_give(&w[2], &f, bytes_slice(r[2].text, 1000, 3000), true, read_window, &r[2]);
    assert_int_equal(r[2].seen, 3000);
    /* A hold that cannot grow is given up, its piece is not. */
    r[0].kept = 0;
    window_give(&w[0], &f, bytes_slice(r[0].text, 1000, 3000), false, read_window, &r[0]);
    assert_int_equal(r[0].seen, 3000);
    for (int i = 0; i < 3; i++)
        window_drop(&w[i]);
    windows_set_memcap(64 * 1024 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_once), cmocka_unit_test(test_nothing_kept_unasked),
        cmocka_unit_test(test_last_piece_ends), cmocka_unit_test(test_memory_goes_back),
        cmocka_unit_test(test_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

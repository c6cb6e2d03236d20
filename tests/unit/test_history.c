/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define SENT (3 * HISTORY_BYTES)

static uint8_t sent[SENT];

static void fill(void)
{
    for (size_t i = 0; i < SENT; i++)
        sent[i] = (uint8_t)(i * 7 + i / 251);
}

/* Whatever the pieces and wherever the numbers begin: the last bytes are known, and no others. */
static void knows_the_last_bytes(void **state)
{
    static const uint32_t starts[] = {0, 1, HISTORY_BYTES - 1, 0xfffffff0, 0x7fffff00};
    static const size_t pieces[] = {1, 7, 1460, HISTORY_BYTES, HISTORY_BYTES + 1, SENT};

    (void)state;
    fill();
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        for (size_t j = 0; j < sizeof pieces / sizeof *pieces; j++) {
            struct history *y = history_new(0);
            struct tcp_side h = {0};
            uint32_t start = starts[i], end = start + SENT;
            uint8_t text[100];

            for (size_t at = 0; at < SENT; at += pieces[j])
                history_note(y, &h, start + (uint32_t)at,
                             bytes_slice(bytes_of(sent, SENT), at, at + pieces[j]));
            for (uint32_t len = 1; len < HISTORY_BYTES; len += 37) {
                struct bytes tail = bytes_from(bytes_of(sent, SENT), SENT - len);

                assert_int_equal(history_compare(y, &h, end - len, tail), COPY_SAME);
                sent[SENT - len] ^= 1;
                assert_int_equal(history_compare(y, &h, end - len, tail), COPY_DIFFERS);
                sent[SENT - len] ^= 1;
            }
            assert_int_equal(history_compare(y, &h, end - HISTORY_BYTES - 1,
                                             bytes_from(bytes_of(sent, SENT), SENT - HISTORY_BYTES - 1)),
                             COPY_UNKNOWN);
            assert_int_equal(history_compare(y, &h, start, bytes_of(sent, 10)), COPY_UNKNOWN);
            assert_int_equal(history_compare(y, &h, end, bytes_of(sent, 10)), COPY_UNKNOWN);
            assert_int_equal(history_before(y, &h, end, text, sizeof text), sizeof text);
            assert_memory_equal(text, sent + SENT - sizeof text, sizeof text);
            assert_int_equal(history_before(y, &h, end + 1, text, sizeof text), 0);
            assert_int_equal(history_after(y, &h, end - 60, text, sizeof text), 60);
            assert_memory_equal(text, sent + SENT - 60, 60);
            assert_int_equal(history_after(y, &h, end, text, sizeof text), 0);
            history_drop(y, &h);
            assert_int_equal(h.ring, 0);
            history_free(y);
        }
}

static void a_gap_begins_anew(void **state)
{
    struct history *y = history_new(0);
    struct tcp_side h = {0};
    uint8_t text[10];

    (void)state;
    history_note(y, &h, 100, BYTES_LIT("before"));
    history_note(y, &h, 200, BYTES_LIT("after"));
    assert_int_equal(history_compare(y, &h, 100, BYTES_LIT("before")), COPY_UNKNOWN);
    assert_int_equal(history_compare(y, &h, 200, BYTES_LIT("after")), COPY_SAME);
    assert_int_equal(history_before(y, &h, 200, text, 10), 0);
    history_drop(y, &h);
    history_free(y);
}

/* There is room for some; the ones that go on speaking keep theirs. */
static void who_speaks_is_remembered(void **state)
{
    enum { N = 200 };
    static struct tcp_side sides[N], speaker;
    struct history *y = history_new(0);
    unsigned kept = 0;

    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        history_note(y, &sides[i], 1, BYTES_LIT("x"));
        history_note(y, &speaker, 1 + i, BYTES_LIT("s"));
    }
    for (unsigned i = 0; i < N; i++)
        kept += sides[i].ring != 0;
    assert_in_range(kept, 8, 32);
    assert_true(sides[N - 1].ring != 0 && sides[0].ring == 0);
    assert_int_equal(history_compare(y, &speaker, N, BYTES_LIT("s")), COPY_SAME);
    assert_int_equal(history_compare(y, &speaker, N - 10, BYTES_LIT("ssssssssss")), COPY_SAME);
    for (unsigned i = 0; i < N; i++)
        history_drop(y, &sides[i]);
    history_drop(y, &speaker);
    history_free(y);
}

/* What has ended makes room for the next: memory is not touched without need. */
static void what_was_freed_is_used_first(void **state)
{
    struct tcp_side a = {0}, b = {0}, c = {0};
    struct history *y = history_new(0);
    uint32_t first;

    (void)state;
    history_note(y, &a, 1, BYTES_LIT("a"));
    history_note(y, &b, 1, BYTES_LIT("b"));
    first = a.ring;
    assert_int_not_equal(first, b.ring);
    history_drop(y, &a);
    history_note(y, &c, 1, BYTES_LIT("c"));
    assert_int_equal(c.ring, first);
    history_note(y, &a, 5, BYTES_LIT("again"));
    assert_true(a.ring != b.ring && a.ring != c.ring);
    assert_int_equal(history_compare(y, &a, 5, BYTES_LIT("again")), COPY_SAME);
    assert_int_equal(history_compare(y, &a, 1, BYTES_LIT("a")), COPY_UNKNOWN);
    assert_int_equal(history_compare(y, &b, 1, BYTES_LIT("b")), COPY_SAME);
    assert_int_equal(history_compare(y, &c, 1, BYTES_LIT("c")), COPY_SAME);
    history_drop(y, &a);
    history_drop(y, &b);
    history_drop(y, &c);
    history_free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_last_bytes),
        cmocka_unit_test(a_gap_begins_anew),
        cmocka_unit_test(who_speaks_is_remembered),
        cmocka_unit_test(what_was_freed_is_used_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

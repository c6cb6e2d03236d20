/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"

/* A length byte, then as many bytes; 0xff begins nothing. */
static size_t length_byte(struct bytes start)
{
    if (start.len == 0)
        return 0;
    return start.p[0] == 0xff ? HOLD_NONSENSE : 1u + start.p[0];
}

static void whole_messages_are_not_copied(void **state)
{
    struct buf held = {0};
    struct bytes data = BYTES_LIT("\x02"
                                  "ab\x01"
                                  "c"),
                 message;

    (void)state;
    assert_int_equal(hold_next(&held, 100, length_byte, &data, &message), HOLD_MESSAGE);
    assert_true(bytes_eq(message, BYTES_LIT("\x02"
                                            "ab")));
    assert_int_equal(hold_next(&held, 100, length_byte, &data, &message), HOLD_MESSAGE);
    assert_true(bytes_eq(message, BYTES_LIT("\x01"
                                            "c")));
    assert_int_equal(hold_next(&held, 100, length_byte, &data, &message), HOLD_WAIT);
    assert_int_equal(held.cap, 0);
}

static void pieces_come_together(void **state)
{
    struct bytes text = BYTES_LIT("\x02"
                                  "ab\x03"
                                  "cde\x00\x01"
                                  "f");

    (void)state;
    for (size_t cut = 0; cut <= text.len; cut++) {
        struct buf held = {0};
        struct bytes parts[2] = {bytes_slice(text, 0, cut), bytes_from(text, cut)}, message;
        unsigned n = 0;
        size_t total = 0;

        for (unsigned i = 0; i < 2; i++)
            while (hold_next(&held, 100, length_byte, &parts[i], &message) == HOLD_MESSAGE) {
                n++;
                total += message.len;
                hold_drop(&held);
            }
        assert_int_equal(n, 4);
        assert_int_equal(total, text.len);
        assert_int_equal(holds_bytes(), 0);
    }
}

static void bad_and_too_long(void **state)
{
    struct buf held = {0};
    struct bytes data = BYTES_LIT("\xff"
                                  "a"),
                 message;

    (void)state;
    assert_int_equal(hold_next(&held, 100, length_byte, &data, &message), HOLD_BAD);
    assert_int_equal(data.len, 2);
    data = BYTES_LIT("\x40"
                     "a");
    assert_int_equal(hold_next(&held, 64, length_byte, &data, &message), HOLD_TOO_LONG);
    assert_int_equal(data.len, 2);
    assert_int_equal(hold_next(&held, 65, length_byte, &data, &message), HOLD_WAIT);
    assert_int_equal(data.len, 0);
    assert_int_equal(held.len, 2);
    hold_drop(&held);
}

static void one_ceiling_for_all(void **state)
{
    static uint8_t kilobyte[1024];
    struct buf a = {0}, b = {0};

    (void)state;
    count_reset();
    holds_set_memcap(1536);
    assert_true(hold_add(&a, 4096, bytes_of(kilobyte, 1024)));
    assert_false(hold_add(&b, 4096, bytes_of(kilobyte, 1024)));
    assert_int_equal(b.len, 0);
    assert_int_equal(counters[COUNT_INSPECT_MEMORY], 1);
    hold_cut_front(&a, 1000);
    assert_int_equal(a.len, 24);
    hold_cut_front(&a, 24);
    assert_int_equal(holds_bytes(), 0);
    assert_true(hold_add(&b, 4096, bytes_of(kilobyte, 1024)));
    assert_false(hold_add(&b, 1100, bytes_of(kilobyte, 1024)));
    hold_drop(&b);
    holds_set_memcap(64 * 1024 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_messages_are_not_copied),
        cmocka_unit_test(pieces_come_together),
        cmocka_unit_test(bad_and_too_long),
        cmocka_unit_test(one_ceiling_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

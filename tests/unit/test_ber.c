/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* In memory of exactly its size, so that one byte too many is seen. */
static enum ber_result read_exact(const uint8_t *p, size_t len, struct ber *out)
{
    uint8_t *exact = malloc(len ? len : 1);
    struct cursor c;
    enum ber_result r;

    assert_non_null(exact);
    memcpy(exact, p, len);
    c = cursor_over(bytes_of(exact, len));
    r = ber_next(&c, out);
    if (r == BER_OK)
        assert_ptr_equal(out->value.p + out->value.len, c.p);
    free(exact);
    return r;
}

static void lengths_in_every_form(void **state)
{
    static const struct {
        uint8_t bytes[12];
        size_t len, value_len;
    } forms[] = {
        {{0x04, 0x00}, 2, 0},
        {{0x04, 0x02, 'a', 'b'}, 4, 2},
        {{0x04, 0x81, 0x02, 'a', 'b'}, 5, 2},
        {{0x04, 0x82, 0x00, 0x02, 'a', 'b'}, 6, 2},
        {{0x04, 0x83, 0x00, 0x00, 0x02, 'a', 'b'}, 7, 2},
        {{0x04, 0x84, 0x00, 0x00, 0x00, 0x02, 'a', 'b'}, 8, 2},
        {{0x04, 0x86, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 'a', 'b'}, 10, 2},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct ber e;

        assert_int_equal(read_exact(forms[i].bytes, forms[i].len, &e), BER_OK);
        assert_int_equal(e.tag, 0x04);
        assert_int_equal(e.value.len, forms[i].value_len);
        for (size_t cut = 0; cut < forms[i].len; cut++)
            assert_int_equal(read_exact(forms[i].bytes, cut, &e), BER_SHORT);
    }
}

static void bad_is_bad_at_once(void **state)
{
    static const uint8_t indefinite[] = {0x30, 0x80, 0x00, 0x00}, high_tag[] = {0x1f, 0x81, 0x01, 0x00},
                         nine[] = {0x04, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'a'},
                         huge[] = {0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00};
    struct ber e;

    (void)state;
    assert_int_equal(read_exact(indefinite, sizeof indefinite, &e), BER_BAD);
    assert_int_equal(read_exact(indefinite, 2, &e), BER_BAD);
    assert_int_equal(read_exact(high_tag, 1, &e), BER_BAD);
    assert_int_equal(read_exact(nine, 2, &e), BER_BAD);
    assert_int_equal(read_exact(huge, sizeof huge, &e), BER_BAD);
}

/* A length of 4 GB promises nothing: it only makes the element short. */
static void a_claim_allocates_nothing(void **state)
{
    static const uint8_t claim[] = {0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 'a'};
    struct cursor c = cursor_over(bytes_of(claim, sizeof claim));
    struct ber e;
    uint8_t tag;
    size_t len;

    (void)state;
    assert_int_equal(read_exact(claim, sizeof claim, &e), BER_SHORT);
    assert_int_equal(e.value.len, 0);
    assert_int_equal(ber_head(&c, &tag, &len), BER_OK);
    assert_int_equal(len, 0xffffffff);
}

static void take_wants_its_tag(void **state)
{
    static const uint8_t two[] = {0x02, 0x01, 0x05, 0x04, 0x01, 'x'};
    struct cursor c = cursor_over(bytes_of(two, sizeof two));
    struct bytes value;

    (void)state;
    assert_true(ber_take(&c, 0x02, &value));
    assert_int_equal(value.p[0], 5);
    assert_false(ber_take(&c, 0x02, &value));
    assert_false(cursor_ok(&c));
    assert_false(ber_take(&c, 0x04, &value));
}

static void integers(void **state)
{
    static const uint8_t long_three[] = {0, 0, 0, 0, 3}, minus[] = {0xff}, big[] = {1, 0, 0, 0, 0};
    uint32_t n = 9;

    (void)state;
    assert_true(ber_uint(bytes_of(long_three, 5), &n));
    assert_int_equal(n, 3);
    assert_false(ber_uint(bytes_of(minus, 1), &n));
    assert_false(ber_uint(bytes_of(big, 5), &n));
    assert_false(ber_uint((struct bytes){0}, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_in_every_form),
        cmocka_unit_test(bad_is_bad_at_once),
        cmocka_unit_test(a_claim_allocates_nothing),
        cmocka_unit_test(take_wants_its_tag),
        cmocka_unit_test(integers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

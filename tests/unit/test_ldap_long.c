/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_long.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/ber.h"
#include "support/wire.h"

/* Takes text in pieces of at most step bytes, each in memory of its own; *over: how many it took. */
static enum ldap_long_state take(struct ldap_long *l, struct bytes text, size_t step, size_t *over)
{
    enum ldap_long_state state = LDAP_LONG_MORE;

    for (*over = 0; *over < text.len && state == LDAP_LONG_MORE;) {
        struct bytes piece = bytes_slice(text, *over, *over + step), rest;
        uint8_t *exact = memcpy(malloc(piece.len), piece.p, piece.len);

        rest = bytes_of(exact, piece.len);
        state = ldap_long_take(l, &rest);
        *over += piece.len - rest.len;
        free(exact);
    }
    return state;
}

/* In good order: each element ends where what it is in does. */
static bool is_well(struct bytes text, unsigned depth)
{
    struct cursor c = cursor_over(text);

    while (cursor_left(&c)) {
        struct ber part;

        if (ber_next(&c, &part) != BER_OK || ((part.tag & 0x20) && depth && !is_well(part.value, depth - 1)))
            return false;
    }
    return true;
}

#define SMALL \
    BYTES_LIT("\x30\x10\x02\x01\x02\x64\x0b\x04\x01" \
              "a\x30\x06\x30\x04\x04\x02" \
              "cn")

static void all_elements_stay(void **state)
{
    static const char want[] = "\x30\x84\0\0\0\x28\x02\x84\0\0\0\1\2\x64\x84\0\0\0\x1b\x04\x84\0\0\0\1"
                               "a\x30\x84\0\0\0\x0e"
                               "\x30\x84\0\0\0\x08\x04\x84\0\0\0\x02"
                               "cn";

    (void)state;
    for (size_t step = 1; step < 20; step++) {
        struct ldap_long *l = ldap_long_new(65536);
        size_t over;

        assert_int_equal(take(l, SMALL, step, &over), LDAP_LONG_OVER);
        assert_int_equal(over, SMALL.len);
        assert_false(ldap_long_lacks(l));
        assert_true(bytes_eq(ldap_long_message(l), bytes_of(want, sizeof want - 1)));
        ldap_long_free(l);
    }
}

static void values_are_cut(void **state)
{
    struct ldap_long *l = ldap_long_new(4000);
    struct buf text = buf_within(1 << 20);
    size_t over;

    (void)state;
    assert_true(buf_add(&text, BYTES_LIT("\x30\x83\x01\x00\x09\x04\x83\x01\x00\x00")));
    for (unsigned i = 0; i < 65536; i++)
        assert_true(buf_add_byte(&text, 'x'));
    assert_true(buf_add(&text, BYTES_LIT("\x04\x02yyBEHIND")));
    assert_int_equal(take(l, buf_bytes(&text), 1000, &over), LDAP_LONG_OVER);
    assert_int_equal(over, text.len - 6);
    assert_false(ldap_long_lacks(l));
    assert_int_equal(ldap_long_message(l).len, 6 + 6 + 1000 + 6 + 2);
    assert_true(is_well(ldap_long_message(l), 8));
    ldap_long_free(l);
    buf_drop(&text);
}

static void nonsense(void **state)
{
    static const struct bytes all[] = {
        BYTES_LIT("\x30\x05\x04\x04"
                  "abcd"),                 /* a value that is longer than what it is in */
        BYTES_LIT("\x30\x03\x30\x80\x00"), /* no length */
        BYTES_LIT("\x30\x03\x1f\x01\x00"), /* a tag of several bytes */
        BYTES_LIT("\x30\x01\x04\x00"),     /* a length behind the end */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        struct ldap_long *l = ldap_long_new(65536);
        size_t over;

        assert_int_equal(take(l, all[i], 1, &over), LDAP_LONG_BAD);
        assert_true(is_well(ldap_long_message(l), 8));
        ldap_long_free(l);
    }
}

static void every_cut_and_ceiling(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= wire_ldap_serialized.len; cut += 1 + cut / 50)
        for (size_t ceiling = 0; ceiling < 900; ceiling += 7) {
            struct ldap_long *l = ldap_long_new(ceiling);
            size_t over;

            (void)take(l, bytes_slice(wire_ldap_serialized, 0, cut), 100, &over);
            assert_int_equal(over, cut);
            assert_true(ldap_long_message(l).len <= ceiling);
            assert_true(is_well(ldap_long_message(l), 8));
            assert_true(cut == wire_ldap_serialized.len || cut == 0 || ldap_long_lacks(l));
            ldap_long_free(l);
        }
    assert_int_equal(holds_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_elements_stay),
        cmocka_unit_test(values_are_cut),
        cmocka_unit_test(nonsense),
        cmocka_unit_test(every_cut_and_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

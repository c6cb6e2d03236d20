/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Filters as the protocol carries them, and as RFC 4515 writes them (its own examples among them). */
static const struct {
    struct bytes wire;
    const char *text, *values;
} all[] = {
    {BYTES_LIT("\x87\x0bobjectClass"), "(objectClass=*)", ""},
    {BYTES_LIT("\xa3\x09\x04\x02"
               "cn\x04\x03"
               "a*b"),
     "(cn=a\\2ab)", "a*b|"},
    {BYTES_LIT("\xa3\x0b\x04\x01o\x04\x06(\\)\x00\x7f\xc3"), "(o=\\28\\5c\\29\\00\\7f\xc3)", "(\\)"},
    {BYTES_LIT("\xa5\x06\x04\x01n\x04\x01"
               "1"),
     "(n>=1)", "1|"},
    {BYTES_LIT("\xa6\x06\x04\x01n\x04\x01"
               "2"),
     "(n<=2)", "2|"},
    {BYTES_LIT("\xa8\x06\x04\x01n\x04\x01"
               "3"),
     "(n~=3)", "3|"},
    {BYTES_LIT("\xa4\x0e\x04\x01o0\x09\x80\x01"
               "a\x81\x01"
               "b\x82\x01"
               "c"),
     "(o=a*b*c)", "a|b|c|"},
    {BYTES_LIT("\xa4\x08\x04\x01o0\x03\x81\x01"
               "b"),
     "(o=*b*)", "b|"},
    {BYTES_LIT("\xa4\x08\x04\x01o0\x03\x80\x01"
               "a"),
     "(o=a*)", "a|"},
    {BYTES_LIT("\xa4\x08\x04\x01o0\x03\x82\x01"
               "c"),
     "(o=*c)", "c|"},
    {BYTES_LIT("\xa9\x0d\x81\x02"
               "r1\x82\x01o\x83\x01v\x84\x01\xff"),
     "(o:dn:r1:=v)", "v|"},
    {BYTES_LIT("\xa0\x0c\x87\x01"
               "a\xa2\x07\xa1\x05\x87\x01"
               "b\x87\x00"),
     "(&(a=*)(!(|(b=*)(=*))))", ""},
    {BYTES_LIT("\xa0\x00"), "(&)", ""},
};

static void add_value(void *arg, struct bytes text)
{
    assert_true(buf_add(arg, text) && buf_add_byte(arg, '|'));
}

static struct ber filter_of(struct bytes wire)
{
    struct cursor c = cursor_over(wire);
    struct ber filter;

    assert_int_equal(ber_next(&c, &filter), BER_OK);
    assert_int_equal(cursor_left(&c), 0);
    return filter;
}

static void written_as_rfc_4515_has_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf out = buf_within(256), values = buf_within(256);

        assert_true(ldap_filter_print(filter_of(all[i].wire), &out));
        assert_true(bytes_eq(buf_bytes(&out), bytes_str(all[i].text)));
        assert_true(ldap_filter_texts(filter_of(all[i].wire), add_value, &values));
        assert_true(bytes_starts(buf_bytes(&values), bytes_str(all[i].values)));
        buf_drop(&out);
        buf_drop(&values);
    }
}

/* The value of a filter, cut anywhere: read as far as it goes, never beyond. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        struct ber whole = filter_of(all[i].wire);

        for (size_t cut = 0; cut < whole.value.len; cut++) {
            uint8_t *exact = malloc(cut + !cut);
            struct ber part = {.tag = whole.tag, .value = bytes_of(exact, cut)};
            struct buf out = buf_within(256), values = buf_within(256);

            assert_non_null(exact);
            memcpy(exact, whole.value.p, cut);
            (void)ldap_filter_print(part, &out);
            (void)ldap_filter_texts(part, add_value, &values);
            assert_true(out.len <= 6 * all[i].wire.len + 2);
            buf_drop(&out);
            buf_drop(&values);
            free(exact);
        }
    }
}

static void no_room_and_no_filter(void **state)
{
    struct buf small = buf_within(4);
    struct ber unknown = {.tag = 0xaa};

    (void)state;
    assert_false(ldap_filter_print(filter_of(all[0].wire), &small));
    assert_int_equal(small.len, 4);
    buf_clear(&small);
    assert_false(ldap_filter_print(unknown, &small));
    assert_false(ldap_filter_texts(unknown, add_value, &small));
    buf_drop(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_rfc_4515_has_it),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(no_room_and_no_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

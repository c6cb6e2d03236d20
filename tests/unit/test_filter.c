/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One filter over the link types that a file may show. */
#include "capture/filter.h"

#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* An IPv4 header of protocol 6 or 17, and four bytes of ports. */
static const uint8_t tcp[] = {0x45, 0, 0, 24, 0,  0, 0, 0, 64, 6,  0,    0,
                              10,   0, 0, 1,  10, 0, 0, 2, 0,  80, 0x12, 0x34};

static struct bytes packet(void)
{
    return bytes_of(tcp, sizeof tcp);
}

static void of_each_link_type(void **state)
{
    struct complaint why = {""};
    struct filters *f = filters_new("tcp and src port 80", &why);
    uint8_t ethernet[14 + sizeof tcp] = {0};

    (void)state;
    assert_non_null(f);
    ethernet[12] = 0x08;
    memcpy(ethernet + 14, tcp, sizeof tcp);
    assert_null(filters_misfit(f, DLT_EN10MB));
    assert_true(filters_pass(f, DLT_EN10MB, bytes_of(ethernet, sizeof ethernet), sizeof ethernet));
    assert_false(filters_pass(f, DLT_EN10MB, packet(), sizeof tcp));
    assert_null(filters_misfit(f, DLT_RAW));
    assert_true(filters_pass(f, DLT_RAW, packet(), sizeof tcp));
    assert_true(filters_pass(f, 101, packet(), sizeof tcp)); /* the same, as files number it */
    assert_false(filters_pass(f, DLT_RAW, bytes_of(tcp, 20), 20));
    filters_free(f);
}

static void a_misfit(void **state)
{
    struct complaint why = {""};
    struct filters *f = filters_new("ether host 00:00:00:00:00:01", &why);

    (void)state;
    assert_non_null(f);
    assert_null(filters_misfit(f, DLT_EN10MB));
    assert_non_null(filters_misfit(f, DLT_RAW));
    assert_string_not_equal(filters_misfit(f, DLT_RAW), "");
    assert_non_null(filters_misfit(f, DLT_IEEE802_11));
    filters_free(f);
}

static void a_mistake(void **state)
{
    struct complaint why = {""};

    (void)state;
    assert_null(filters_new("tcp prot 80", &why));
    assert_non_null(strstr(why.text, "capture filter 'tcp prot 80': "));
    why.text[0] = '\0';
    assert_false(filter_is_sound("tcp prot 80", &why));
    assert_non_null(strstr(why.text, "capture filter 'tcp prot 80': "));
    assert_true(filter_is_sound("tcp port 80", &why));
}

static void without_one(void **state)
{
    struct complaint why = {""};
    struct filters *f = filters_new("", &why);

    (void)state;
    assert_non_null(f);
    assert_null(filters_misfit(f, DLT_IEEE802_11));
    assert_true(filters_pass(f, DLT_IEEE802_11, packet(), sizeof tcp));
    assert_true(filter_is_sound("", &why));
    filters_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_each_link_type),
        cmocka_unit_test(a_misfit),
        cmocka_unit_test(a_mistake),
        cmocka_unit_test(without_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

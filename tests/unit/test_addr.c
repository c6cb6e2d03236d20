/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct addr addr(const char *text)
{
    struct addr a;

    assert_true(addr_parse(bytes_str(text), &a));
    return a;
}

static void printed_as_suricata_does(void **state)
{
    static const char *const pairs[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"},
        {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:0db8:0000:0000:0000:0000:0000:0001"},
        {"::ffff:1.2.3.4", "0000:0000:0000:0000:0000:ffff:0102:0304"},
    };
    struct addr none = {.version = 0};
    char text[ADDR_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct addr a = addr(pairs[i][0]);

        addr_print(&a, text);
        assert_string_equal(text, pairs[i][1]);
        assert_int_equal(addr_len(&a), a.version == 4 ? 4 : 16);
    }
    addr_print(&none, text);
    assert_string_equal(text, "");
    assert_int_equal(addr_len(&none), 0);
}

static void what_is_no_address(void **state)
{
    static const struct bytes bad[] = {
        BYTES_LIT(""),          BYTES_LIT("1.2.3"),
        BYTES_LIT("1.2.3.256"), BYTES_LIT("1.2.3.4\0"),
        BYTES_LIT("::g"),       BYTES_LIT("2001:0db8:0000:0000:0000:0000:0000:0001:0000:0001")};
    struct addr a;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(addr_parse(bad[i], &a));
}

static void equal_when_their_bytes_are(void **state)
{
    struct addr a = addr("10.0.0.1"), same = addr("10.0.0.1"), other = addr("10.0.0.2");
    struct addr six = addr("0a00:0001::");

    (void)state;
    assert_true(addr_eq(&a, &same));
    assert_false(addr_eq(&a, &other));
    assert_memory_equal(a.b, six.b, sizeof a.b);
    assert_false(addr_eq(&a, &six));
}

/* Each prefix: the last address inside, and the first outside. */
static void networks_end_at_their_bit(void **state)
{
    static const struct {
        const char *net, *in, *out;
    } cases[] = {
        {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
        {"10.1.2.3/9", "10.127.255.255", "10.128.0.0"}, /* host bits are cleared */
        {"192.0.2.128/25", "192.0.2.255", "192.0.2.127"},
        {"192.0.2.4/31", "192.0.2.5", "192.0.2.6"},
        {"192.0.2.4", "192.0.2.4", "192.0.2.5"},
        {"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
        {"2001:db8::1/128", "2001:db8::1", "2001:db8::"},
        {"0.0.0.0/0", "255.255.255.255", "::"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct addr in = addr(cases[i].in), out = addr(cases[i].out);
        struct net net;

        assert_true(net_parse(bytes_str(cases[i].net), &net));
        assert_true(net_has(&net, &net.addr));
        assert_true(net_has(&net, &in));
        assert_false(net_has(&net, &out));
    }
}

static void what_is_no_network(void **state)
{
    static const char *const bad[] = {"",       "/8",           "10.0.0.0/",  "10.0.0.0/33",
                                      "::/129", "10.0.0.0/8/8", "10.0.0.0/-1"};
    struct net net;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(net_parse(bytes_str(bad[i]), &net));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_as_suricata_does),   cmocka_unit_test(what_is_no_address),
        cmocka_unit_test(equal_when_their_bytes_are), cmocka_unit_test(networks_end_at_their_bit),
        cmocka_unit_test(what_is_no_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

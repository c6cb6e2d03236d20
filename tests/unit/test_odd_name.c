/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/odd_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_odd(struct bytes name, const char *want)
{
    uint8_t out[ODD_NAME_MAX];
    /* Exactly as long as it is: a look behind it would be noticed. */
    uint8_t *exact = malloc(name.len ? name.len : 1);
    size_t n;

    assert_non_null(exact);
    if (name.len)
        memcpy(exact, name.p, name.len);
    n = odd_name(bytes_of(exact, name.len), out);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(out, want, n);
    free(exact);
}

static void ordinary_names(void **state)
{
    const struct bytes quiet[] = {
        BYTES_LIT(""),
        BYTES_LIT("www.example.com"),
        BYTES_LIT("xn--bcher-kva.example"),
        BYTES_LIT("_ldap._tcp.dc._msdcs.corp.example"),
        BYTES_LIT("selector._domainkey.example.org"),
        BYTES_LIT("*.example.org"),
        BYTES_LIT("4.3.2.1.in-addr.arpa"),
        BYTES_LIT("1.0/25.2.0.192.in-addr.arpa"),
        BYTES_LIT("Alice's Printer (2. OG)._ipp._tcp.local"),
        BYTES_LIT("_printer._sub._http._tcp.local"),
        BYTES_LIT("K\xc3\xbc"
                  "che.local"),
        BYTES_LIT("lb._dns-sd._udp.local"),
        BYTES_LIT("WORKSTATION7"),
    };

    (void)state;
    for (unsigned i = 0; i < sizeof quiet / sizeof *quiet; i++)
        assert_odd(quiet[i], "");
}

static void odd_names(void **state)
{
    uint8_t out[ODD_NAME_MAX];

    (void)state;
    assert_odd(BYTES_LIT("${jndi:ldap://a.example/x}"), "${:/}");
    assert_odd(BYTES_LIT("Java version 17.0.15.lab.example"), " ");
    assert_odd(BYTES_LIT("%computername%.corp.example"), "%");
    assert_odd(BYTES_LIT("a/b.example"), "/");
    assert_int_equal(odd_name(bytes_of("a\0b.example", 11), out), 1);
    assert_int_equal(out[0], 0);
    assert_odd(BYTES_LIT("${env:USER}._http._tcp.local"), "${:}");
    assert_odd(BYTES_LIT("x._http._tcp.<b>.local"), "<>");
    assert_odd(BYTES_LIT("_tcp.a b"), " ");
    assert_odd(BYTES_LIT("._tcp"), "");
}

static void each_character_once(void **state)
{
    uint8_t all[256 * 4], out[ODD_NAME_MAX];

    (void)state;
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    /* 128 of ASCII without 26 + 26 letters, 10 digits and -._* */
    assert_int_equal(odd_name(bytes_of(all, sizeof all), out), 128 - 62 - 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_names),
        cmocka_unit_test(odd_names),
        cmocka_unit_test(each_character_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/ioc.h"
#include "correlate/ioc_key.h"

#include <stdio.h>
#include <stdlib.h>

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct iocs *listed(const char *text)
{
    struct iocs *s = iocs_new(1000);
    struct complaint why = {{0}};

    assert_non_null(s);
    if (!iocs_add_text(s, "/lists/known.list", bytes_str(text), &why))
        fail_msg("%s", why.text);
    return s;
}

static void refused(const char *text, const char *with)
{
    struct iocs *s = iocs_new(1000);
    struct complaint why = {{0}};

    assert_false(iocs_add_text(s, "x.list", bytes_str(text), &why));
    if (!strstr(why.text, with))
        fail_msg("'%s' says: %s", text, why.text);
    iocs_free(s);
}

static const char *host(const struct iocs *s, const char *name)
{
    const struct ioc *i = iocs_by_host(s, bytes_str(name));

    return i ? i->text : "";
}

static const char *addr(const struct iocs *s, const char *text)
{
    struct addr a;
    const struct ioc *i;

    assert_true(addr_parse(bytes_str(text), &a));
    i = iocs_by_addr(s, &a);
    return i ? i->text : "";
}

static const char *url(const struct iocs *s, const char *text)
{
    const struct ioc *i = iocs_by_url(s, bytes_str(text));

    return i ? i->text : "";
}

static void test_kinds(void **state)
{
    static const struct {
        const char *line;
        enum ioc_kind kind;
        const char *text;
    } rows[] = {
        {"Evil.Example", IOC_DOMAIN, "evil.example"},
        {"*.evil.example", IOC_DOMAIN, "evil.example"},
        {".evil.example.", IOC_DOMAIN, "evil.example"},
        {"evil[.]example # seen 2021", IOC_DOMAIN, "evil.example"},
        {"domain 1.2.3.example", IOC_DOMAIN, "1.2.3.example"},
        {"203.0.113.9", IOC_ADDRESS, "203.0.113.9"},
        {"203[.]0[.]113[.]9", IOC_ADDRESS, "203.0.113.9"},
        {"2001:db8::1", IOC_ADDRESS, "2001:0db8:0000:0000:0000:0000:0000:0001"},
        {"network 203.0.113.9", IOC_ADDRESS, "203.0.113.9"},
        {"203.0.113.77/24", IOC_NETWORK, "203.0.113.0/24"},
        {"2001:db8::/32", IOC_NETWORK, "2001:0db8:0000:0000:0000:0000:0000:0000/32"},
        {"Evil.example:1389", IOC_SERVER, "evil.example:1389"},
        {"203.0.113.9:1389", IOC_SERVER, "203.0.113.9:1389"},
        {"[2001:db8::1]:389", IOC_SERVER, "[2001:0db8:0000:0000:0000:0000:0000:0001]:389"},
        {"hxxp://Evil[.]example:80/A?b#c", IOC_URL, "http://evil.example/A?b"},
        {"ldap://203.0.113.9:1389/a", IOC_URL, "ldap://203.0.113.9:1389/a"},
        {"ldap://u:p@[2001:DB8::1]", IOC_URL, "ldap://[2001:0db8:0000:0000:0000:0000:0000:0001]/"},
        {"sha256\t" SHA, IOC_SHA256, SHA},
        {"E3B0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", IOC_SHA256, SHA},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct iocs *s = listed(rows[i].line);

        assert_int_equal(iocs_n(s), 1);
        assert_string_equal(iocs_at(s, 0)->text, rows[i].text);
        assert_int_equal(iocs_at(s, 0)->kind, rows[i].kind);
        assert_string_equal(iocs_at(s, 0)->list, "known");
        iocs_free(s);
    }
}

static void test_lines(void **state)
{
    struct iocs *s =
        listed("\xef\xbb\xbf# a list\r\n\r\n  a.example  \r\n\ta.example\n#x\nb.example\t# y\nc.example");

    (void)state;
    assert_int_equal(iocs_n(s), 3);
    assert_int_equal(iocs_at(s, 0)->line, 3); /* where it stood first */
    assert_int_equal(iocs_at(s, 1)->line, 6);
    assert_string_equal(iocs_at(s, 2)->text, "c.example");
    iocs_free(s);
    refused("b.example# y", "is no kind of item"); /* inside a word # is no comment: URLs have it */
}

static void test_refused(void **state)
{
    (void)state;
    refused("# fine\ncom\n", "x.list:2: 'com' is no domain: two labels");
    refused("a b c", "x.list:1: 'a' is no kind of item");
    refused("evil.example, other.example", "x.list:1: 'evil.example,' is no kind of item");
    refused("evil..example", "is no domain");
    refused("1.2.3", "is no domain");
    refused("0.0.0.0/0", "names a large part of the world");
    refused("2000::/3", "names a large part of the world");
    refused("10.0.0.0/33", "is no address and no network");
    refused("http:///x", "is no URL");
    refused("evil.example:0", "is no server");
    refused("sha256 1234", "is no SHA-256");
    refused("caf\xc3\xa9.example", "'caf??.example' is no domain");
    refused("\033[31m.example", "'?[31m.example'");
}

static void test_ceiling(void **state)
{
    struct iocs *s = iocs_new(2);
    struct complaint why = {{0}};

    (void)state;
    assert_true(iocs_add_text(s, "x", BYTES_LIT("a.example\nb.example\na.example\n"), &why));
    assert_false(iocs_add_text(s, "y", BYTES_LIT("\nc.example"), &why));
    assert_string_equal(why.text,
                        "y:2: more than 2 items in all: raise iocs.max-items, or shorten the lists");
    assert_int_equal(iocs_n(s), 2);
    iocs_free(s);
}

static void test_hosts(void **state)
{
    struct iocs *s = listed("evil.example\ndeep.a.evil.example\nxn--p1ai.test\n203.0.113.9\n2001:db8::/32\n");
    char longest[300];

    (void)state;
    assert_string_equal(host(s, "evil.example"), "evil.example");
    assert_string_equal(host(s, "EVIL.Example."), "evil.example");
    assert_string_equal(host(s, "a.b.evil.example"), "evil.example");
    assert_string_equal(host(s, "x.deep.a.evil.example"), "deep.a.evil.example");
    assert_string_equal(host(s, "notevil.example"), "");
    assert_string_equal(host(s, "example"), "");
    assert_string_equal(host(s, "evil.example.org"), "");
    assert_string_equal(host(s, ""), "");
    assert_string_equal(host(s, "."), "");
    assert_string_equal(host(s, "..evil.example"), "evil.example");
    assert_string_equal(host(s, "${env:USER}.evil.example"), "evil.example");
    assert_string_equal(host(s, "203.0.113.9"), "203.0.113.9");
    assert_string_equal(host(s, "2001:db8::9"), "2001:0db8:0000:0000:0000:0000:0000:0000/32");
    memset(longest, 'a', sizeof longest);
    memcpy(longest + sizeof longest - 14, ".evil.example", 14);
    assert_string_equal(host(s, longest), "evil.example");
    assert_null(iocs_by_host(NULL, BYTES_LIT("evil.example")));
    iocs_free(s);
}

static void test_addresses(void **state)
{
    struct iocs *s = listed("203.0.113.9\n203.0.113.0/24\n203.0.0.0/16\n2001:db8::/33\n2001:db8::1\n");

    (void)state;
    assert_string_equal(addr(s, "203.0.113.9"), "203.0.113.9");
    assert_string_equal(addr(s, "203.0.113.8"), "203.0.113.0/24");
    assert_string_equal(addr(s, "203.0.255.255"), "203.0.0.0/16");
    assert_string_equal(addr(s, "203.1.0.0"), "");
    assert_string_equal(addr(s, "2001:db8::1"), "2001:0db8:0000:0000:0000:0000:0000:0001");
    assert_string_equal(addr(s, "2001:db8:7fff::"), "2001:0db8:0000:0000:0000:0000:0000:0000/33");
    assert_string_equal(addr(s, "2001:db8:8000::"), "");
    iocs_free(s);
}

/* Every prefix length, against what base/addr says of the network. */
static void test_prefixes(void **state)
{
    (void)state;
    for (unsigned version = 4; version <= 6; version += 2)
        for (unsigned bits = version == 4 ? 8 : 16; bits <= (version == 4 ? 32 : 128); bits++) {
            char text[64];
            struct iocs *s;
            struct net net;

            snprintf(text, sizeof text, "%s/%u", version == 4 ? "198.51.100.171" : "2001:db8:a5a5:c3c3::ff",
                     bits);
            s = listed(text);
            assert_true(net_parse(bytes_str(text), &net));
            for (unsigned flip = 0; flip < (version == 4 ? 32u : 128u); flip++) {
                struct addr a = net.addr;

                a.b[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
                assert_int_equal(iocs_by_addr(s, &a) != NULL, net_has(&net, &a));
            }
            iocs_free(s);
        }
}

static void test_servers_urls_hashes(void **state)
{
    struct iocs *s = listed("evil.example:1389\n[2001:db8::1]:389\nhttp://evil.example/a\n"
                            "https://other.example/x?id=1\n" SHA "\n");

    (void)state;
    assert_non_null(iocs_by_server(s, BYTES_LIT("EVIL.example"), 1389));
    assert_null(iocs_by_server(s, BYTES_LIT("evil.example"), 389));
    assert_null(iocs_by_server(s, BYTES_LIT("a.evil.example"), 1389));
    assert_non_null(iocs_by_server(s, BYTES_LIT("2001:db8::1"), 389));
    assert_string_equal(host(s, "evil.example"), "");
    assert_string_equal(url(s, "HTTP://user@EVIL.example.:80/a#frag"), "http://evil.example/a");
    assert_string_equal(url(s, "http://evil.example/a?q=1"), "http://evil.example/a");
    assert_string_equal(url(s, "http://evil.example/A"), "");
    assert_string_equal(url(s, "http://evil.example:8080/a"), "");
    assert_string_equal(url(s, "https://other.example:443/x?id=1"), "https://other.example/x?id=1");
    assert_string_equal(url(s, "https://other.example/x"), "");
    assert_string_equal(url(s, "https://other.example/x?id=2"), "");
    assert_non_null(iocs_by_sha256(s, BYTES_LIT(SHA)));
    assert_null(iocs_by_sha256(s, BYTES_LIT("00")));
    iocs_free(s);
}

static void test_many(void **state)
{
    struct iocs *s = iocs_new(50000);
    struct complaint why = {{0}};
    char text[64];

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(text, sizeof text, "n%u.example\n198.18.%u.%u", i, i / 256, i % 256);
        assert_true(iocs_add_text(s, "x", bytes_str(text), &why));
    }
    assert_int_equal(iocs_n(s), 40000);
    assert_string_equal(host(s, "a.n19999.example"), "n19999.example");
    assert_string_equal(host(s, "n20000.example"), "");
    assert_string_equal(addr(s, "198.18.78.31"), "198.18.78.31");
    assert_string_equal(addr(s, "198.18.78.32"), "");
    iocs_free(s);
}

/* Cut at every byte, in memory of exactly that size. */
static void test_cut(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf*.a.example # c\r\nurl hxxp://u@[2001:db8::1]:8/x?y#z\n[2001:db8::1]:389\n" SHA;
    static const char wire[] = "ldap://user@[2001:db8::1]:1389/a?b#c";

    (void)state;
    for (size_t cut = 0; cut <= sizeof text - 1; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), text, cut);
        struct iocs *s = iocs_new(10);
        struct complaint why = {{0}};

        assert_true(iocs_add_text(s, "x", bytes_of(exact, cut), &why) || why.text[0]);
        iocs_free(s);
        free(exact);
    }
    for (size_t cut = 0; cut <= sizeof wire - 1; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), wire, cut);
        struct ioc_url split;
        struct ioc_key key;

        if (ioc_url_split(bytes_of(exact, cut), &split))
            assert_true(cut >= 8 && split.host.len > 0);
        else
            assert_true(cut < 25);
        ioc_key_url(&key, bytes_of(exact, cut));
        iocs_by_host(NULL, bytes_of(exact, cut));
        free(exact);
    }
}

static void test_files(void **state)
{
    struct iocs *s = iocs_new(1000);
    struct complaint why = {{0}}, other = {{0}};

    (void)state;
    assert_true(iocs_add_file(s, "rules/iocs/callbacks.list", &why));
    assert_true(iocs_add_file(s, "rules/iocs/scanners.list", &why));
    assert_string_equal(iocs_by_host(s, BYTES_LIT("x.oast.pro"))->list, "callbacks");
    assert_string_equal(iocs_by_host(s, BYTES_LIT("log4j.leakix.net"))->list, "scanners");
    assert_false(iocs_add_file(s, "rules/iocs/none.list", &why));
    assert_string_equal(why.text, "rules/iocs/none.list: cannot read the list: No such file or directory");
    assert_false(iocs_add_file(s, "rules", &other));
    assert_string_equal(other.text, "rules: cannot read the list: not a file");
    iocs_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),    cmocka_unit_test(test_lines),
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_hosts),    cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_prefixes), cmocka_unit_test(test_servers_urls_hashes),
        cmocka_unit_test(test_many),     cmocka_unit_test(test_cut),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

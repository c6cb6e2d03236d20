/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/craft.h"

#include <pcap/dlt.h>

static void ethernet_ii(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x0800);
    craft_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    assert_int_equal(counters[COUNT_DECODE_IPV4], 1);
    assert_int_equal(counters[COUNT_DECODE_VLAN], 0);
    craft_put(&w, 0xdeadbeef, 4); /* padding or a frame check sequence is not payload */
    assert_request4(&w, DLT_EN10MB, 0);
    craft_ethernet(&w, 0x86dd);
    craft_request6(&w);
    assert_request6(&w, DLT_EN10MB);
    assert_int_equal(counters[COUNT_DECODE_IPV6], 1);
    craft_ethernet(&w, 0x0806);
    craft_put(&w, 0, 28);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    craft_ethernet(&w, 0x88e5); /* MACsec: not opened */
    craft_put(&w, 0x000051ff, 4);
    craft_request4(&w);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
    /* The type and the header disagree. */
    craft_ethernet(&w, 0x86dd);
    craft_request4(&w);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    craft_ethernet(&w, 0x0800);
    craft_request6(&w);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
}

static void llc(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 8 + 40 + REQUEST_LEN);
    craft_put(&w, 0xaaaa03000000, 6);
    craft_put(&w, 0x0800, 2);
    craft_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    craft_ethernet(&w, 3 + 40 + REQUEST_LEN);
    craft_put(&w, 0x060603, 3);
    craft_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    craft_ethernet(&w, 40); /* spanning tree */
    craft_put(&w, 0x424203, 3);
    craft_put(&w, 0, 37);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    craft_ethernet(&w, 40); /* SNAP in SNAP in SNAP */
    for (unsigned i = 0; i < 100; i++) {
        craft_put(&w, 0xaaaa03000000, 6);
        craft_put(&w, 40, 2);
    }
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
}

static void vlans(void **state)
{
    static const uint16_t types[] = {0x8100, 0x88a8, 0x9100};
    struct craft w;

    (void)state;
    for (unsigned t = 0; t < 3; t++) {
        craft_ethernet(&w, types[t]);
        craft_put(&w, 0xf123, 2); /* priority 7, drop eligible, id 0x123 */
        craft_put(&w, 0x0800, 2);
        craft_request4(&w);
        assert_request4(&w, DLT_EN10MB, 1);
        assert_int_equal(out.vlans[0], 0x123);
    }
    assert_int_equal(counters[COUNT_DECODE_VLAN], 3);
    craft_ethernet(&w, 0x88a8);
    craft_put(&w, 100, 2);
    craft_put(&w, 0x8100, 2);
    craft_put(&w, 200, 2);
    craft_put(&w, 0x86dd, 2);
    craft_request6(&w);
    assert_request6(&w, DLT_EN10MB);
    assert_int_equal(out.n_vlans, 2);
    assert_int_equal(out.vlans[0], 100);
    assert_int_equal(out.vlans[1], 200);
    craft_ethernet(&w, 0x8100); /* 802.3 inside a VLAN */
    craft_put(&w, 5, 2);
    craft_put(&w, 8 + 40 + REQUEST_LEN, 2);
    craft_put(&w, 0xaaaa03000000, 6);
    craft_put(&w, 0x0800, 2);
    craft_request4(&w);
    assert_request4(&w, DLT_EN10MB, 1);
}

/* The IP header is a layer, and so is each tag: 7 tags fit under 8, the first three ids are kept. */
static void vlan_stack(void **state)
{
    struct craft w;

    (void)state;
    for (unsigned n = 1; n <= 200; n++) {
        craft_ethernet(&w, 0x8100);
        for (unsigned i = 1; i < n; i++)
            craft_put(&w, i << 16 | 0x8100, 4);
        craft_put(&w, n << 16 | 0x0800, 4);
        craft_request4(&w);
        if (n > 7) {
            assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TOO_DEEP);
            continue;
        }
        assert_request4(&w, DLT_EN10MB, n < 3 ? n : 3);
        assert_int_equal(out.vlans[0], 1);
        if (n > 2)
            assert_int_equal(out.vlans[2], 3);
    }
    decoder_set(false, 1000);
    assert_request4(&w, DLT_EN10MB, 3);
}

static void sll(void **state)
{
    struct craft w = {.len = 0};

    (void)state;
    craft_put(&w, 0, 2);
    craft_put(&w, 1, 2);
    craft_put(&w, 6, 2);
    craft_put(&w, 0x0200000000010000, 8);
    craft_put(&w, 0x0800, 2);
    craft_request4(&w);
    assert_request4(&w, DLT_LINUX_SLL, 0);
    w.len = 14;
    craft_put(&w, 0x8100, 2);
    craft_put(&w, 42, 2);
    craft_put(&w, 0x0800, 2);
    craft_request4(&w);
    assert_request4(&w, DLT_LINUX_SLL, 1);
    assert_int_equal(out.vlans[0], 42);
    w.len = 14;
    craft_put(&w, 0x86dd, 2);
    craft_request6(&w);
    assert_request6(&w, DLT_LINUX_SLL);
    w.len = 2; /* netlink: family 0x0800 would be no Ethernet type */
    craft_put(&w, 824, 2);
    craft_put(&w, 0, 10);
    craft_put(&w, 0x0800, 2);
    craft_request4(&w);
    assert_int_equal(craft_decode(&w, DLT_LINUX_SLL), COUNT_DECODE_NOT_IP);
}

static void sll2(void **state)
{
    struct craft w = {.len = 0};

    (void)state;
    craft_put(&w, 0x0800, 2);
    craft_put(&w, 0, 2);
    craft_put(&w, 3, 4);
    craft_put(&w, 1, 2);
    craft_put(&w, 0, 1);
    craft_put(&w, 6, 1);
    craft_put(&w, 0x0200000000010000, 8);
    craft_request4(&w);
    assert_request4(&w, DLT_LINUX_SLL2, 0);
    w.len = 20;
    craft_request6(&w);
    craft_set16(&w, 0, 0x86dd);
    assert_request6(&w, DLT_LINUX_SLL2);
    craft_set16(&w, 8, 824);
    assert_int_equal(craft_decode(&w, DLT_LINUX_SLL2), COUNT_DECODE_NOT_IP);
}

static void raw(void **state)
{
    struct craft w = {.len = 0};

    (void)state;
    craft_request4(&w);
    assert_request4(&w, DLT_RAW, 0);
    assert_request4(&w, 101, 0);
    assert_request4(&w, DLT_IPV4, 0);
    assert_int_equal(craft_decode(&w, DLT_IPV6), COUNT_DECODE_MALFORMED);
    w.len = 0;
    craft_request6(&w);
    assert_request6(&w, DLT_RAW);
    assert_request6(&w, 101);
    assert_request6(&w, DLT_IPV6);
    assert_int_equal(craft_decode(&w, DLT_IPV4), COUNT_DECODE_MALFORMED);
    w.p[0] = 0x50;
    assert_int_equal(craft_decode(&w, DLT_RAW), COUNT_DECODE_NOT_IP);
}

static void loopback(void **state)
{
    static const uint32_t families6[] = {10, 23, 24, 28, 30};
    struct craft w;

    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        w.len = 0;
        craft_put(&w, order ? 0x02000000 : 2, 4);
        craft_request4(&w);
        assert_request4(&w, DLT_NULL, 0);
        assert_request4(&w, DLT_LOOP, 0);
        for (unsigned i = 0; i < 5; i++) {
            w.len = 0;
            craft_put(&w, order ? (uint64_t)families6[i] << 24 : families6[i], 4);
            craft_request6(&w);
            assert_request6(&w, DLT_NULL);
        }
    }
    w.len = 0;
    craft_put(&w, 7, 4);
    craft_request4(&w);
    assert_int_equal(craft_decode(&w, DLT_NULL), COUNT_DECODE_NOT_IP);
}

static void ppp(void **state)
{
    struct craft w = {.len = 0};

    (void)state;
    craft_put(&w, 0xff030021, 4);
    craft_request4(&w);
    assert_request4(&w, DLT_PPP, 0);
    w.len = 0;
    craft_put(&w, 0x0021, 2);
    craft_request4(&w);
    assert_request4(&w, DLT_PPP, 0);
    w.len = 0;
    craft_put(&w, 0x21, 1); /* protocol field compressed */
    craft_request4(&w);
    assert_request4(&w, DLT_PPP, 0);
    w.len = 0;
    craft_put(&w, 0x0057, 2);
    craft_request6(&w);
    assert_request6(&w, DLT_PPP);
    craft_set16(&w, 0, 0xc021); /* link control */
    assert_int_equal(craft_decode(&w, DLT_PPP), COUNT_DECODE_NOT_IP);
}

static void pppoe(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x8864);
    craft_put(&w, 0x1100, 2);
    craft_put(&w, 0x0007, 2);
    craft_put(&w, 42 + REQUEST_LEN, 2);
    craft_put(&w, 0x0021, 2);
    craft_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    w.p[14] = 0x21; /* version 2 */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    craft_set16(&w, 14, 0x11a7); /* terminate */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    craft_set16(&w, 12, 0x8863); /* discovery */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
}

static void unknown_link(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x0800);
    craft_request4(&w);
    assert_int_equal(craft_decode(&w, 127), COUNT_DECODE_LINK_UNKNOWN);
    assert_int_equal(craft_decode(&w, -1), COUNT_DECODE_LINK_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRAFT_TEST(ethernet_ii), CRAFT_TEST(llc),   CRAFT_TEST(vlans),        CRAFT_TEST(vlan_stack),
        CRAFT_TEST(sll),         CRAFT_TEST(sll2),  CRAFT_TEST(raw),          CRAFT_TEST(loopback),
        CRAFT_TEST(ppp),         CRAFT_TEST(pppoe), CRAFT_TEST(unknown_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

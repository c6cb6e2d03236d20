/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/wire.h"

#include <pcap/dlt.h>

static void ethernet_ii(void **state)
{
    struct wire w;

    (void)state;
    wire_ethernet(&w, 0x0800);
    wire_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    assert_int_equal(counters[COUNT_DECODE_IPV4], 1);
    assert_int_equal(counters[COUNT_DECODE_VLAN], 0);
    wire_put(&w, 0xdeadbeef, 4); /* padding or a frame check sequence is not payload */
    assert_request4(&w, DLT_EN10MB, 0);
    wire_ethernet(&w, 0x86dd);
    wire_request6(&w);
    assert_request6(&w, DLT_EN10MB);
    assert_int_equal(counters[COUNT_DECODE_IPV6], 1);
    wire_ethernet(&w, 0x0806);
    wire_put(&w, 0, 28);
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    /* The type and the header disagree. */
    wire_ethernet(&w, 0x86dd);
    wire_request4(&w);
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    wire_ethernet(&w, 0x0800);
    wire_request6(&w);
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
}

static void llc(void **state)
{
    struct wire w;

    (void)state;
    wire_ethernet(&w, 8 + 40 + REQUEST_LEN);
    wire_put(&w, 0xaaaa03000000, 6);
    wire_put(&w, 0x0800, 2);
    wire_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    wire_ethernet(&w, 3 + 40 + REQUEST_LEN);
    wire_put(&w, 0x060603, 3);
    wire_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    wire_ethernet(&w, 40); /* spanning tree */
    wire_put(&w, 0x424203, 3);
    wire_put(&w, 0, 37);
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    wire_ethernet(&w, 40); /* SNAP in SNAP in SNAP */
    for (unsigned i = 0; i < 100; i++) {
        wire_put(&w, 0xaaaa03000000, 6);
        wire_put(&w, 40, 2);
    }
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
}

static void vlans(void **state)
{
    static const uint16_t types[] = {0x8100, 0x88a8, 0x9100};
    struct wire w;

    (void)state;
    for (unsigned t = 0; t < 3; t++) {
        wire_ethernet(&w, types[t]);
        wire_put(&w, 0xf123, 2); /* priority 7, drop eligible, id 0x123 */
        wire_put(&w, 0x0800, 2);
        wire_request4(&w);
        assert_request4(&w, DLT_EN10MB, 1);
        assert_int_equal(out.vlans[0], 0x123);
    }
    assert_int_equal(counters[COUNT_DECODE_VLAN], 3);
    wire_ethernet(&w, 0x88a8);
    wire_put(&w, 100, 2);
    wire_put(&w, 0x8100, 2);
    wire_put(&w, 200, 2);
    wire_put(&w, 0x86dd, 2);
    wire_request6(&w);
    assert_request6(&w, DLT_EN10MB);
    assert_int_equal(out.n_vlans, 2);
    assert_int_equal(out.vlans[0], 100);
    assert_int_equal(out.vlans[1], 200);
    wire_ethernet(&w, 0x8100); /* 802.3 inside a VLAN */
    wire_put(&w, 5, 2);
    wire_put(&w, 8 + 40 + REQUEST_LEN, 2);
    wire_put(&w, 0xaaaa03000000, 6);
    wire_put(&w, 0x0800, 2);
    wire_request4(&w);
    assert_request4(&w, DLT_EN10MB, 1);
}

/* The IP header is a layer, and so is each tag: 7 tags fit under 8, the first three ids are kept. */
static void vlan_stack(void **state)
{
    struct wire w;

    (void)state;
    for (unsigned n = 1; n <= 200; n++) {
        wire_ethernet(&w, 0x8100);
        for (unsigned i = 1; i < n; i++)
            wire_put(&w, i << 16 | 0x8100, 4);
        wire_put(&w, n << 16 | 0x0800, 4);
        wire_request4(&w);
        if (n > 7) {
            assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_TOO_DEEP);
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
    struct wire w = {.len = 0};

    (void)state;
    wire_put(&w, 0, 2);
    wire_put(&w, 1, 2);
    wire_put(&w, 6, 2);
    wire_put(&w, 0x0200000000010000, 8);
    wire_put(&w, 0x0800, 2);
    wire_request4(&w);
    assert_request4(&w, DLT_LINUX_SLL, 0);
    w.len = 14;
    wire_put(&w, 0x8100, 2);
    wire_put(&w, 42, 2);
    wire_put(&w, 0x0800, 2);
    wire_request4(&w);
    assert_request4(&w, DLT_LINUX_SLL, 1);
    assert_int_equal(out.vlans[0], 42);
    w.len = 14;
    wire_put(&w, 0x86dd, 2);
    wire_request6(&w);
    assert_request6(&w, DLT_LINUX_SLL);
    w.len = 2; /* netlink: family 0x0800 would be no Ethernet type */
    wire_put(&w, 824, 2);
    wire_put(&w, 0, 10);
    wire_put(&w, 0x0800, 2);
    wire_request4(&w);
    assert_int_equal(wire_decode(&w, DLT_LINUX_SLL), COUNT_DECODE_NOT_IP);
}

static void sll2(void **state)
{
    struct wire w = {.len = 0};

    (void)state;
    wire_put(&w, 0x0800, 2);
    wire_put(&w, 0, 2);
    wire_put(&w, 3, 4);
    wire_put(&w, 1, 2);
    wire_put(&w, 0, 1);
    wire_put(&w, 6, 1);
    wire_put(&w, 0x0200000000010000, 8);
    wire_request4(&w);
    assert_request4(&w, DLT_LINUX_SLL2, 0);
    w.len = 20;
    wire_request6(&w);
    wire_set16(&w, 0, 0x86dd);
    assert_request6(&w, DLT_LINUX_SLL2);
    wire_set16(&w, 8, 824);
    assert_int_equal(wire_decode(&w, DLT_LINUX_SLL2), COUNT_DECODE_NOT_IP);
}

static void raw(void **state)
{
    struct wire w = {.len = 0};

    (void)state;
    wire_request4(&w);
    assert_request4(&w, DLT_RAW, 0);
    assert_request4(&w, 101, 0);
    assert_request4(&w, DLT_IPV4, 0);
    assert_int_equal(wire_decode(&w, DLT_IPV6), COUNT_DECODE_MALFORMED);
    w.len = 0;
    wire_request6(&w);
    assert_request6(&w, DLT_RAW);
    assert_request6(&w, 101);
    assert_request6(&w, DLT_IPV6);
    assert_int_equal(wire_decode(&w, DLT_IPV4), COUNT_DECODE_MALFORMED);
    w.p[0] = 0x50;
    assert_int_equal(wire_decode(&w, DLT_RAW), COUNT_DECODE_NOT_IP);
}

static void loopback(void **state)
{
    static const uint32_t families6[] = {10, 23, 24, 28, 30};
    struct wire w;

    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        w.len = 0;
        wire_put(&w, order ? 0x02000000 : 2, 4);
        wire_request4(&w);
        assert_request4(&w, DLT_NULL, 0);
        assert_request4(&w, DLT_LOOP, 0);
        for (unsigned i = 0; i < 5; i++) {
            w.len = 0;
            wire_put(&w, order ? (uint64_t)families6[i] << 24 : families6[i], 4);
            wire_request6(&w);
            assert_request6(&w, DLT_NULL);
        }
    }
    w.len = 0;
    wire_put(&w, 7, 4);
    wire_request4(&w);
    assert_int_equal(wire_decode(&w, DLT_NULL), COUNT_DECODE_NOT_IP);
}

static void ppp(void **state)
{
    struct wire w = {.len = 0};

    (void)state;
    wire_put(&w, 0xff030021, 4);
    wire_request4(&w);
    assert_request4(&w, DLT_PPP, 0);
    w.len = 0;
    wire_put(&w, 0x0021, 2);
    wire_request4(&w);
    assert_request4(&w, DLT_PPP, 0);
    w.len = 0;
    wire_put(&w, 0x21, 1); /* protocol field compressed */
    wire_request4(&w);
    assert_request4(&w, DLT_PPP, 0);
    w.len = 0;
    wire_put(&w, 0x0057, 2);
    wire_request6(&w);
    assert_request6(&w, DLT_PPP);
    wire_set16(&w, 0, 0xc021); /* link control */
    assert_int_equal(wire_decode(&w, DLT_PPP), COUNT_DECODE_NOT_IP);
}

static void pppoe(void **state)
{
    struct wire w;

    (void)state;
    wire_ethernet(&w, 0x8864);
    wire_put(&w, 0x1100, 2);
    wire_put(&w, 0x0007, 2);
    wire_put(&w, 42 + REQUEST_LEN, 2);
    wire_put(&w, 0x0021, 2);
    wire_request4(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    w.p[14] = 0x21; /* version 2 */
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    wire_set16(&w, 14, 0x11a7); /* terminate */
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    wire_set16(&w, 12, 0x8863); /* discovery */
    assert_int_equal(wire_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
}

static void unknown_link(void **state)
{
    struct wire w;

    (void)state;
    wire_ethernet(&w, 0x0800);
    wire_request4(&w);
    assert_int_equal(wire_decode(&w, 127), COUNT_DECODE_LINK_UNKNOWN);
    assert_int_equal(wire_decode(&w, -1), COUNT_DECODE_LINK_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WIRE_TEST(ethernet_ii), WIRE_TEST(llc),   WIRE_TEST(vlans),        WIRE_TEST(vlan_stack),
        WIRE_TEST(sll),         WIRE_TEST(sll2),  WIRE_TEST(raw),          WIRE_TEST(loopback),
        WIRE_TEST(ppp),         WIRE_TEST(pppoe), WIRE_TEST(unknown_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/craft.h"

#include <pcap/dlt.h>

static void tcp_header_lengths(void **state)
{
    struct craft w;

    (void)state;
    for (unsigned words = 0; words < 16; words++) {
        bool fits = words >= 5 && words * 4 <= 20 + REQUEST_LEN;

        craft_ethernet(&w, 0x0800);
        craft_ipv4(&w, PROTO_TCP, 40 + REQUEST_LEN, 0);
        craft_tcp(&w, words, TH_FLAG_ACK);
        craft_text(&w, REQUEST);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), fits ? COUNT_DECODE_TCP : COUNT_DECODE_MALFORMED);
        if (fits) {
            assert_int_equal(out.payload_len, 40 + REQUEST_LEN - 20 - words * 4);
            assert_int_equal(out.tcp.options.len, words * 4 - 20);
        }
    }
}

static void window_scale(void **state)
{
    static const struct {
        const char *options; /* twelve bytes */
        uint8_t shift;
    } cases[] = {
        {"\2\4\5\xb4\1\3\3\7\1\1\4\2", 7},  {"\3\3\0\1\1\1\1\1\1\1\1\1", 0},
        {"\3\3\xff\1\1\1\1\1\1\1\1\1", 14}, {"\3\3\17\1\1\1\1\1\1\1\1\1", 14},
        {"\3\3\2\3\3\5\1\1\1\1\1\1", 5},    /* the last counts */
        {"\0\3\3\7\1\1\1\1\1\1\1\1", 0xff}, /* behind the end */
        {"\3\4\7\7\1\1\1\1\1\1\1\1", 0xff}, /* wrong length for its kind */
        {"\2\0\3\3\7\1\1\1\1\1\1\1", 0xff}, /* no length at all */
        {"\2\1\3\3\7\1\1\1\1\1\1\1", 0xff}, {"\1\1\1\1\1\1\1\1\1\1\3\3", 0xff}, /* runs out of the header */
        {"\1\1\1\1\1\1\1\1\1\1\1\3", 0xff},
    };
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        craft_ethernet(&w, 0x0800);
        craft_ipv4(&w, PROTO_TCP, 52, 0);
        craft_tcp(&w, 8, TH_FLAG_SYN);
        memcpy(w.p + w.len, cases[i].options, 12);
        w.len += 12;
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        assert_int_equal(out.tcp.window_shift, cases[i].shift);
        assert_int_equal(out.tcp.options.len, 12);
        assert_int_equal(out.payload_len, 0);
        w.p[14 + 20 + 13] = TH_FLAG_ACK; /* without SYN it means nothing */
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        assert_int_equal(out.tcp.window_shift, 0xff);
    }
}

static void udp_lengths(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x0800);
    craft_ipv4(&w, PROTO_UDP, 20 + 8 + 5, 0);
    craft_udp(&w, 13);
    craft_text(&w, "query");
    for (uint32_t len = 0; len < 20; len++) {
        enum counter outcome;

        craft_set16(&w, 14 + 20 + 4, len);
        memset(&out, 0xa5, sizeof out);
        outcome = craft_decode(&w, DLT_EN10MB);
        assert_int_equal(outcome, len >= 8 && len <= 13 ? COUNT_DECODE_UDP : COUNT_DECODE_MALFORMED);
        if (outcome == COUNT_DECODE_UDP) {
            assert_int_equal(out.proto, PROTO_UDP);
            assert_int_equal(out.src_port, 40000);
            assert_int_equal(out.dst_port, 53);
            assert_int_equal(out.payload_len, len - 8);
            assert_memory_equal(out.payload.p, "query", len - 8);
            assert_int_equal(out.tcp.flags, 0);
        }
    }
    craft_ethernet(&w, 0x86dd);
    craft_ipv6(&w, PROTO_UDP, 13);
    craft_udp(&w, 0); /* a jumbo datagram's */
    craft_text(&w, "query");
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_UDP);
    assert_int_equal(out.payload_len, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRAFT_TEST(tcp_header_lengths),
        CRAFT_TEST(window_scale),
        CRAFT_TEST(udp_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

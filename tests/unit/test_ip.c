/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/craft.h"

#include <pcap/dlt.h>

static void ipv4_options(void **state)
{
    struct craft w;

    (void)state;
    for (unsigned words = 5; words <= 15; words++) {
        craft_ethernet(&w, 0x0800);
        craft_ipv4(&w, PROTO_TCP, words * 4 + 20 + REQUEST_LEN, 0);
        w.p[14] = (uint8_t)(0x40 | words);
        craft_put(&w, 0, (words - 5) * 4);
        craft_tcp(&w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
        craft_text(&w, REQUEST);
        assert_request4(&w, DLT_EN10MB, 0);
    }
    w.p[14] = 0x44;
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
}

static void ipv4_lengths(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x0800);
    craft_request4(&w);
    for (uint32_t total = 0; total <= 65535; total++) {
        enum counter outcome;

        craft_set16(&w, 16, total);
        outcome = craft_decode(&w, DLT_EN10MB);
        if (total >= 40 && total <= 40 + REQUEST_LEN) {
            assert_int_equal(outcome, COUNT_DECODE_TCP);
            assert_int_equal(out.payload.len, total - 40);
            assert_int_equal(out.payload_len, total - 40);
        } else {
            assert_int_equal(outcome, COUNT_DECODE_MALFORMED);
        }
    }
}

/* The snap length cut the frame: the headers tell what is missing. */
static void snapped(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x0800);
    craft_request4(&w);
    assert_int_equal(decode_bytes(w.p, w.len - 7, w.len, DLT_EN10MB), COUNT_DECODE_TCP);
    assert_int_equal(out.payload.len, REQUEST_LEN - 7);
    assert_int_equal(out.payload_len, REQUEST_LEN);
    /* Padding on the wire is not a missing tail. */
    assert_int_equal(decode_bytes(w.p, w.len, w.len + 6, DLT_EN10MB), COUNT_DECODE_TCP);
    assert_request();
    /* Not even the wire had what the header claims. */
    assert_int_equal(decode_bytes(w.p, w.len - 7, w.len - 1, DLT_EN10MB), COUNT_DECODE_MALFORMED);
}

/* A segment that the card was to cut up says no length. One that needs no cutting is a decoy. */
static void no_length(void **state)
{
    struct craft w;

    (void)state;
    for (unsigned version = 4; version <= 6; version += 2) {
        unsigned at = version == 4 ? 16 : 18, headers = 14 + (version == 4 ? 40 : 60);

        craft_ethernet(&w, version == 4 ? 0x0800 : 0x86dd);
        if (version == 4)
            craft_request4(&w);
        else
            craft_request6(&w);
        craft_set16(&w, at, 0);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
        while (w.len < 1500)
            craft_put(&w, 'x', 1);
        assert_int_equal(decode_bytes(w.p, w.len - 7, w.len, DLT_EN10MB), COUNT_DECODE_TCP);
        assert_int_equal(out.payload.len, w.len - 7 - headers);
        assert_int_equal(out.payload_len, w.len - headers);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        assert_int_equal(out.payload_len, w.len - headers);
    }
}

static void ipv4_fragments(void **state)
{
    static const struct {
        uint32_t place, offset;
        bool more;
    } cases[] = {{0x2000, 0, true}, {0x2001, 8, true}, {0x0003, 24, false}, {0x1f00, 0x1f00 * 8, false}};
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        craft_ethernet(&w, 0x0800);
        craft_ipv4(&w, 47, 20 + 9, cases[i].place);
        craft_text(&w, "the piece");
        memset(&out, 0xa5, sizeof out);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_FRAGMENTS);
        assert_int_equal(out.proto, 47);
        assert_int_equal(out.more_fragments, cases[i].more);
        assert_int_equal(out.fragment_offset, cases[i].offset);
        assert_int_equal(out.fragment_id, 0xbeef);
        assert_int_equal(out.payload_len, 9);
        assert_memory_equal(out.payload.p, "the piece", 9);
        assert_int_equal(out.src_port, 0);
        assert_int_equal(out.tcp.flags, 0);
    }
    craft_ethernet(&w, 0x0800);
    craft_ipv4(&w, 17, 20 + 9, 0x1fff); /* would end at 65537: for stream/ to condemn, with its datagram */
    craft_text(&w, "the piece");
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_FRAGMENTS);
}

static void other_transport(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x0800);
    craft_ipv4(&w, 1, 28, 0);
    craft_put(&w, 0x0800, 8);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_OTHER);
    assert_int_equal(counters[COUNT_DECODE_IPV4], 1);
    craft_ethernet(&w, 0x86dd);
    craft_ipv6(&w, 59, 0);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_OTHER);
}

/* The summary must not say that everything was inspected. */
static void tunnels_are_counted_as_loss(void **state)
{
    static const uint8_t protos[] = {50, 97, 115, 132, 143, 254};
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof protos; i++) {
        craft_ethernet(&w, 0x0800);
        craft_ipv4(&w, protos[i], 28, 0);
        craft_put(&w, 0x0800, 8);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
        craft_ethernet(&w, 0x86dd);
        craft_ipv6(&w, protos[i], 8);
        craft_put(&w, 0x0800, 8);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
    }
    assert_int_equal(counter_rows[COUNT_DECODE_LINK_UNKNOWN].kind, COUNTER_LOSS);
}

static void ipv6_chains(void **state)
{
    static const struct {
        uint8_t kinds[8];
        unsigned n;
        enum counter outcome;
    } cases[] = {
        {{0}, 0, COUNT_DECODE_TCP},
        {{0}, 1, COUNT_DECODE_TCP},
        {{60}, 1, COUNT_DECODE_TCP},
        {{43}, 1, COUNT_DECODE_TCP},
        {{51}, 1, COUNT_DECODE_TCP},
        {{44}, 1, COUNT_DECODE_TCP}, /* atomic fragment */
        {{0, 60, 43, 44, 51, 60}, 6, COUNT_DECODE_TCP},
        {{44, 44}, 2, COUNT_DECODE_MALFORMED}, /* one is all that Linux takes */
        {{60, 60, 60, 60, 60, 60, 60}, 7, COUNT_DECODE_TCP},
        {{60, 60, 60, 60, 60, 60, 60, 60}, 8, COUNT_DECODE_TOO_DEEP},
        {{60, 0}, 2, COUNT_DECODE_MALFORMED}, /* hop-by-hop only right behind the IPv6 header */
        {{0, 0}, 2, COUNT_DECODE_MALFORMED},
        {{50}, 1, COUNT_DECODE_LINK_UNKNOWN}, /* ESP: encrypted */
    };
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        craft_chain(&w, cases[i].kinds, cases[i].n);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), cases[i].outcome);
        if (cases[i].outcome == COUNT_DECODE_TCP)
            assert_request6(&w, DLT_EN10MB);
    }
}

/* An option that every receiver must refuse makes the packet a decoy; one that may be skipped does not. */
static void ipv6_options(void **state)
{
    static const uint8_t kinds[] = {60};
    static const struct {
        uint8_t type, len;
        enum counter outcome;
    } cases[] = {
        {0x1e, 4, COUNT_DECODE_TCP},       {0x05, 4, COUNT_DECODE_TCP}, /* an alert is hop-by-hop's */
        {0xc9, 4, COUNT_DECODE_MALFORMED}, {0xc2, 4, COUNT_DECODE_MALFORMED},
        {0x9e, 4, COUNT_DECODE_MALFORMED}, {0x01, 4, COUNT_DECODE_TCP},
        {0x5e, 4, COUNT_DECODE_MALFORMED}, {0xde, 4, COUNT_DECODE_MALFORMED},
        {0x1e, 5, COUNT_DECODE_MALFORMED}, /* runs out of its header */
    };
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        craft_chain(&w, kinds, 1);
        w.p[14 + 40 + 2] = cases[i].type;
        w.p[14 + 40 + 3] = cases[i].len;
        assert_int_equal(craft_decode(&w, DLT_EN10MB), cases[i].outcome);
    }
    w.p[14 + 40 + 3] = 4;
    w.p[14 + 40 + 2] = 1;
    w.p[14 + 40 + 6] = 1; /* padding is zero */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    /* An extension header longer than the packet. */
    craft_chain(&w, kinds, 1);
    w.p[14 + 40 + 1] = 200;
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
}

static void ipv6_fragments(void **state)
{
    static const uint8_t kinds[] = {0, 44};
    struct craft w;

    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        craft_chain(&w, kinds, 2);
        craft_set16(&w, 14 + 40 + 8 + 2, 0x0590 | more);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_FRAGMENTS);
        assert_int_equal(out.proto, PROTO_TCP);
        assert_int_equal(out.fragment_offset, 0x0590);
        assert_int_equal(out.more_fragments, more);
        assert_int_equal(out.fragment_id, 0xcafe0001);
        assert_int_equal(out.payload_len, 20 + REQUEST_LEN);
    }
    craft_set16(&w, 14 + 40 + 8 + 2, 0x0001); /* the first of several */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_FRAGMENTS);
    assert_int_equal(out.fragment_offset, 0);
    craft_set16(&w, 14 + 40 + 8 + 2, 0xfff8); /* would end beyond 65535 */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
}

static void ipv6_lengths(void **state)
{
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x86dd);
    craft_request6(&w);
    for (uint32_t len = 0; len <= 65535; len++) {
        enum counter outcome;

        craft_set16(&w, 18, len);
        outcome = craft_decode(&w, DLT_EN10MB);
        if (len >= 20 && len <= 20 + REQUEST_LEN) {
            assert_int_equal(outcome, COUNT_DECODE_TCP);
            assert_int_equal(out.payload_len, len - 20);
        } else {
            assert_int_equal(outcome, COUNT_DECODE_MALFORMED);
        }
    }
}

/* What a Linux host takes of IPv4 options. */
static void ipv4_options_taken(void **state)
{
    static const struct {
        const char *options; /* eight bytes */
        bool taken;
    } rows[] = {
        {"\1\1\1\1\1\1\1\0", true},     {"\0\x83\7\4\1\2\3\4", true}, /* behind the end */
        {"\x83\7\4\1\2\3\4\0", false}, /* source routes: on their way, at their end */
        {"\x89\7\x8\1\2\3\4\0", false}, {"\7\7\4\0\0\0\0\0", true}, /* recording: room, full, no room for one,
                                                                       no place */
        {"\7\7\x8\0\0\0\0\0", true},    {"\7\7\5\0\0\0\0\0", false},    {"\7\7\3\0\0\0\0\0", false},
        {"\7\x30\4\0\0\0\0\0", false}, /* longer than the header */
        {"\7\3\4\7\3\4\0\0", false},   /* twice */
        {"\x44\x8\5\0\0\0\0\0", true}, /* times: room, addresses that do not fit, full */
        {"\x44\x8\5\1\0\0\0\0", false}, {"\x44\x8\x9\1\0\0\0\0", true}, {"\x44\x8\4\0\0\0\0\0", false},
        {"\x94\4\0\0\1\1\1\1", true},                                  /* router alert */
        {"\x94\3\0\1\1\1\1\1", false},  {"\x5e\4\0\0\1\1\1\1", true},  /* unknown */
        {"\x5e\1\0\0\1\1\1\1", false},  {"\1\1\1\1\1\1\1\x5e", false}, /* without a length */
    };
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        craft_ethernet(&w, 0x0800);
        craft_ipv4(&w, PROTO_TCP, 48 + REQUEST_LEN, 0);
        w.p[14] = 0x47;
        memcpy(w.p + w.len, rows[i].options, 8);
        w.len += 8;
        craft_tcp(&w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
        craft_text(&w, REQUEST);
        if (craft_decode(&w, DLT_EN10MB) != (rows[i].taken ? COUNT_DECODE_TCP : COUNT_DECODE_MALFORMED))
            fail_msg("options of row %u", i);
    }
}

/* A way that is not at its end: only networks that route by segments have such packets. */
static void ipv6_ways(void **state)
{
    struct craft w;

    (void)state;
    for (unsigned type = 0; type < 6; type++)
        for (unsigned left = 0; left < 2; left++) {
            craft_chain(&w, (const uint8_t[]){43}, 1);
            w.p[56] = (uint8_t)type;
            w.p[57] = (uint8_t)left;
            assert_int_equal(craft_decode(&w, DLT_EN10MB),
                             left && type != 4 ? COUNT_DECODE_MALFORMED : COUNT_DECODE_TCP);
        }
}

/* RFC 7112: the first piece has all headers, or there is none. */
static void ipv6_first_piece(void **state)
{
    struct craft w;

    (void)state;
    for (uint32_t len = 0; len <= 48; len += 8)
        for (unsigned options = 0; options < 2; options++) {
            uint32_t need = options ? 28 : 20;

            craft_ethernet(&w, 0x86dd);
            craft_ipv6(&w, 44, 8 + len);
            craft_put(&w, options ? 60 : PROTO_TCP, 2);
            w.len--;
            w.p[w.len - 1] = options ? 60 : PROTO_TCP;
            craft_put(&w, 0, 1);
            craft_put(&w, 1, 2); /* offset 0, more to come */
            craft_put(&w, 7, 4);
            if (options)
                craft_put(&w, 0x0600010400000000, 8);
            craft_tcp(&w, 5, TH_FLAG_ACK);
            craft_text(&w, REQUEST REQUEST);
            w.len = 62 + len;
            assert_int_equal(craft_decode(&w, DLT_EN10MB),
                             len >= need ? COUNT_DECODE_FRAGMENTS : COUNT_DECODE_MALFORMED);
            craft_set16(&w, 56, 8 | 1); /* a later piece may be anything */
            assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_FRAGMENTS);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRAFT_TEST(ipv4_options),
        CRAFT_TEST(ipv4_lengths),
        CRAFT_TEST(snapped),
        CRAFT_TEST(no_length),
        CRAFT_TEST(ipv4_fragments),
        CRAFT_TEST(other_transport),
        CRAFT_TEST(tunnels_are_counted_as_loss),
        CRAFT_TEST(ipv6_chains),
        CRAFT_TEST(ipv6_options),
        CRAFT_TEST(ipv6_fragments),
        CRAFT_TEST(ipv6_lengths),
        CRAFT_TEST(ipv4_options_taken),
        CRAFT_TEST(ipv6_ways),
        CRAFT_TEST(ipv6_first_piece),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

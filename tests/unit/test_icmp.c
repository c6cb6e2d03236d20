/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ICMP messages say of a packet that did not arrive. */
#include "support/craft.h"

#include <pcap/dlt.h>

#define ETHERNET 14
#define IPV4     20
#define IPV6     40

/* To 10.99.0.3, or 2001:db8::1, which has sent what is quoted. From a router. */
static size_t message4(struct craft *w, uint8_t type, uint8_t code)
{
    craft_ethernet(w, 0x0800);
    craft_ipv4(w, 1, 0, 0);
    craft_put(w, 0xcb007101, 4);
    memmove(w->p + ETHERNET + 16, w->p + ETHERNET + 12, 4);
    memcpy(w->p + ETHERNET + 12, w->p + w->len - 4, 4);
    w->len -= 4;
    craft_put(w, (uint64_t)type << 56 | (uint64_t)code << 48, 8);
    return w->len;
}

static size_t message6(struct craft *w, uint8_t type, uint8_t code)
{
    uint8_t kept[16];

    craft_ethernet(w, 0x86dd);
    craft_ipv6(w, 58, 0);
    memcpy(kept, w->p + ETHERNET + 8, sizeof kept);
    memcpy(w->p + ETHERNET + 8, w->p + ETHERNET + 24, sizeof kept);
    memcpy(w->p + ETHERNET + 24, kept, sizeof kept);
    craft_put(w, (uint64_t)type << 56 | (uint64_t)code << 48, 8);
    return w->len;
}

/* The lengths of what is around the quote. */
static enum counter decoded(struct craft *w, bool v6)
{
    craft_set16(w, ETHERNET + (v6 ? 4 : 2), (uint32_t)(w->len - ETHERNET - (v6 ? IPV6 : 0)));
    return craft_decode(w, DLT_EN10MB);
}

static void quote4(struct craft *w, uint8_t proto)
{
    craft_ipv4(w, proto, IPV4 + 20, 0);
    if (proto == PROTO_TCP)
        craft_tcp(w, 5, TH_FLAG_SYN);
    else
        craft_udp(w, 8);
}

static void assert_quoted(uint8_t proto, uint16_t port)
{
    assert_true(out.unreachable);
    assert_false(out.fragment);
    assert_int_equal(out.proto, proto);
    assert_int_equal(out.src_port, 40000);
    assert_int_equal(out.dst_port, port);
    assert_int_equal(out.payload.len, 0);
    assert_int_equal(out.payload_len, 0);
}

static void a_segment_is_unreachable(void **state)
{
    struct craft w;
    struct addr client, server;

    (void)state;
    assert_true(addr_parse(bytes_str("10.99.0.3"), &client) &&
                addr_parse(bytes_str("198.51.100.5"), &server));
    for (uint8_t code = 0; code < 16; code++) {
        message4(&w, 3, code);
        quote4(&w, PROTO_TCP);
        if (code == 4) { /* too long: it will be sent again */
            assert_int_equal(decoded(&w, false), COUNT_DECODE_OTHER);
            continue;
        }
        assert_int_equal(decoded(&w, false), COUNT_DECODE_UNREACHABLE);
        assert_quoted(PROTO_TCP, 8080);
        assert_true(addr_eq(&out.src, &client) && addr_eq(&out.dst, &server));
        assert_true(out.tcp.seq != 0);
    }
}

static void a_datagram_is_unreachable(void **state)
{
    struct craft w;

    (void)state;
    message4(&w, 3, 3);
    quote4(&w, PROTO_UDP);
    assert_int_equal(decoded(&w, false), COUNT_DECODE_UNREACHABLE);
    assert_quoted(PROTO_UDP, 53);
    assert_int_equal(out.tcp.seq, 0);
    message6(&w, 1, 4);
    craft_ipv6(&w, PROTO_UDP, 8);
    craft_udp(&w, 8);
    assert_int_equal(decoded(&w, true), COUNT_DECODE_UNREACHABLE);
    assert_quoted(PROTO_UDP, 53);
    message6(&w, 1, 0);
    craft_ipv6(&w, PROTO_TCP, 20);
    craft_tcp(&w, 5, TH_FLAG_SYN);
    assert_int_equal(decoded(&w, true), COUNT_DECODE_UNREACHABLE);
    assert_quoted(PROTO_TCP, 8080);
}

/* Eight bytes of the transport are all that is promised; one less is none. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct craft w;
        size_t quote = v6 ? message6(&w, 1, 0) : message4(&w, 3, 1), whole;

        if (v6) {
            craft_ipv6(&w, PROTO_TCP, 20);
            craft_tcp(&w, 5, TH_FLAG_SYN);
        } else {
            quote4(&w, PROTO_TCP);
        }
        whole = w.len;
        for (size_t len = whole; len >= quote - 8; len--) {
            bool enough = len >= quote + (v6 ? IPV6 : IPV4) + 8;

            w.len = len;
            assert_int_equal(decoded(&w, v6), enough ? COUNT_DECODE_UNREACHABLE : COUNT_DECODE_OTHER);
        }
    }
}

static void what_is_made_up(void **state)
{
    struct craft w;
    size_t quote;

    (void)state;
    /* Another host's packet: who is told has never sent it. */
    quote = message4(&w, 3, 1);
    quote4(&w, PROTO_TCP);
    w.p[quote + 15]++;
    assert_int_equal(decoded(&w, false), COUNT_DECODE_OTHER);
    /* A later piece, another version, a header of no length, no transport of ours. */
    for (unsigned i = 0; i < 4; i++) {
        quote = message4(&w, 3, 1);
        quote4(&w, PROTO_TCP);
        w.p[quote] = i == 1 ? 0x65 : i == 2 ? 0x41 : 0x45;
        w.p[quote + 7] = i == 0;
        if (i == 3)
            w.p[quote + 9] = 1;
        assert_int_equal(decoded(&w, false), COUNT_DECODE_OTHER);
    }
    /* Other messages that quote: redirect, time exceeded; and ICMP's numbers in the other version. */
    message4(&w, 5, 1);
    quote4(&w, PROTO_TCP);
    assert_int_equal(decoded(&w, false), COUNT_DECODE_OTHER);
    message4(&w, 11, 0);
    quote4(&w, PROTO_TCP);
    assert_int_equal(decoded(&w, false), COUNT_DECODE_OTHER);
    message4(&w, 3, 1);
    w.p[ETHERNET + 9] = 58;
    quote4(&w, PROTO_TCP);
    assert_int_equal(decoded(&w, false), COUNT_DECODE_OTHER);
}

static void checksums_count_where_they_are_checked(void **state)
{
    struct craft w;
    size_t quote = message4(&w, 3, 3);

    (void)state;
    quote4(&w, PROTO_UDP);
    craft_set16(&w, ETHERNET + 2, (uint32_t)(w.len - ETHERNET));
    for (unsigned wrong = 0; wrong < 2; wrong++) {
        uint32_t sum = 0;

        decoder_set(CHECKSUM_CHECKS_YES, 16);
        for (size_t at = ETHERNET; at < ETHERNET + IPV4; at += 2)
            sum += at == ETHERNET + 10 ? 0 : (uint32_t)w.p[at] << 8 | w.p[at + 1];
        sum = (sum & 0xffff) + (sum >> 16);
        craft_set16(&w, ETHERNET + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
        sum = 0;
        craft_set16(&w, quote - 6, 0);
        for (size_t at = quote - 8; at < w.len; at += 2)
            sum += (uint32_t)w.p[at] << 8 | w.p[at + 1];
        sum = (sum & 0xffff) + (sum >> 16);
        craft_set16(&w, quote - 6, (~((sum & 0xffff) + (sum >> 16)) & 0xffff) ^ wrong);
        assert_int_equal(craft_decode(&w, DLT_EN10MB),
                         wrong ? COUNT_DECODE_BAD_CHECKSUM : COUNT_DECODE_UNREACHABLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRAFT_TEST(a_segment_is_unreachable),
        CRAFT_TEST(a_datagram_is_unreachable),
        CRAFT_TEST(cut_anywhere),
        CRAFT_TEST(what_is_made_up),
        CRAFT_TEST(checksums_count_where_they_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

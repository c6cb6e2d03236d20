/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "stream/flow_table.h"
#include "support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* The same addresses and ports in several networks (VLANs, VNIs, keys, labels), and one conversation whose
 * two directions come in by different ones. */

struct way {
    uint16_t vlan;
    uint64_t network, path;
};

static void by(struct way way, struct packet p)
{
    p.n_vlans = way.vlan ? 1 : 0;
    p.vlans[0] = way.vlan;
    p.network = way.network;
    p.path = way.path;
    talk_send(p);
}

static void say(struct talk *t, unsigned from, struct way way, const char *text)
{
    by(way, talk_packet(t, from, TH_FLAG_ACK, t->seq[from], t->seq[!from], bytes_str(text)));
    t->seq[from] += (uint32_t)bytes_str(text).len;
}

static void handshake(struct talk *t, struct way there, struct way back)
{
    struct bytes none = {NULL, 0};

    by(there, talk_packet(t, 0, TH_FLAG_SYN, t->seq[0]++, 0, none));
    by(back, talk_packet(t, 1, TH_FLAG_SYN | TH_FLAG_ACK, t->seq[1]++, t->seq[0], none));
    by(there, talk_packet(t, 0, TH_FLAG_ACK, t->seq[0], t->seq[1], none));
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
    assert_int_equal(stream_n_flows(talk_stream), 0);
    return 0;
}

static void tenants_are_not_mixed(void **state)
{
    static const struct way ways[][2] = {
        {{0, 0x1111, 0}, {0, 0x2222, 0}}, /* two VNIs */
        {{0, 0, 0x1111}, {0, 0, 0x2222}}, /* two labels */
        {{0, 0, 0}, {0, 0x2222, 0}},      /* a tunnel and none */
        {{10, 0, 0}, {0, 0, 0}},          /* a VLAN and none */
        {{10, 7, 9}, {11, 7, 9}},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct talk a, b;

        talk_clear();
        a = talk_new(i % 2 ? 4 : 6);
        b = a;
        b.seq[0] += 0x12345678;
        b.seq[1] += 0x23456789;
        handshake(&a, ways[i][0], ways[i][0]);
        handshake(&b, ways[i][1], ways[i][1]);
        say(&a, 0, ways[i][0], "GET /${jndi:");
        say(&b, 0, ways[i][1], "POST ");
        say(&b, 1, ways[i][1], "OK b");
        say(&a, 0, ways[i][0], "ldap://x/a}");
        say(&a, 1, ways[i][0], "OK a");
        say(&b, 0, ways[i][1], "/ HTTP");
        assert_int_equal(talk_n_heard(), 2);
        assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:ldap://x/a}") &&
                    talk_is(talk_heard(0), 1, "OK a"));
        assert_true(talk_is(talk_heard(1), 0, "POST / HTTP") && talk_is(talk_heard(1), 1, "OK b"));
        assert_int_equal(counters[COUNT_STREAM_GAPS], 0);
    }
}

/* Taps and routers that name the directions differently. */
static void each_direction_its_own(void **state)
{
    static const struct way ways[][2] = {
        {{100, 0, 0}, {200, 0, 0}}, {{0, 0, 0x1111}, {0, 0, 0x2222}}, {{0, 0x1111, 0}, {0, 0x2222, 0}},
        {{100, 0, 0}, {0, 0, 0}},   {{0, 0, 0}, {300, 1, 2}},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct talk t, late;

        talk_clear();
        t = talk_new(4);
        handshake(&t, ways[i][0], ways[i][1]);
        say(&t, 0, ways[i][0], "ask ");
        say(&t, 1, ways[i][1], "answer ");
        say(&t, 0, ways[i][0], "more");
        say(&t, 1, ways[i][1], "again");
        assert_int_equal(talk_n_heard(), 1);
        assert_true(talk_is(talk_heard(0), 0, "ask more") && talk_is(talk_heard(0), 1, "answer again"));
        late = talk_new(4); /* without its handshake */
        say(&late, 0, ways[i][0], "late ");
        say(&late, 1, ways[i][1], "LATE ");
        say(&late, 0, ways[i][0], "on");
        assert_int_equal(talk_n_heard(), 2);
        assert_true(talk_is(talk_heard(1), 0, "late on") && talk_is(talk_heard(1), 1, "LATE "));
    }
}

/* A phone that moves to another cell, labels after a change of routes; and back. */
static void a_way_changes(void **state)
{
    static const struct way before[2] = {{0, 5, 10}, {0, 5, 20}}, after[2] = {{0, 5, 11}, {0, 5, 21}};
    struct talk t = talk_new(4);

    (void)state;
    handshake(&t, before[0], before[1]);
    say(&t, 0, before[0], "GET /${jn");
    say(&t, 0, after[0], "di:ld");
    say(&t, 1, after[1], "wait");
    say(&t, 0, before[0], "ap://x/a");
    say(&t, 0, after[0], "}");
    say(&t, 1, before[1], " more");
    assert_int_equal(talk_n_heard(), 1);
    assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:ldap://x/a}"));
    assert_true(talk_is(talk_heard(0), 1, "wait more"));
}

/* Whoever guesses addresses and ports, but not the numbers, does not get in; nor does another network. */
static void strangers_stay_out(void **state)
{
    static const struct way home = {0, 5, 10};
    struct talk t = talk_new(4), stranger = t;

    (void)state;
    handshake(&t, home, home);
    say(&t, 0, home, "GET /${jn");
    stranger.seq[0] = t.seq[0] + 0x200000;
    stranger.seq[1] = t.seq[1] + 0x200000;
    say(&stranger, 0, (struct way){0, 5, 11}, "no");
    stranger = t;
    say(&stranger, 0, (struct way){0, 6, 10}, "no");
    say(&stranger, 1, (struct way){7, 5, 10}, "no");
    say(&t, 0, home, "di:x}");
    assert_true(talk_is(talk_heard(0), 0, "GET /${jndi:x}"));
    assert_int_equal(talk_n_heard(),
                     3); /* an answer with the numbers of the other network's is taken for one */
    assert_int_equal(talk_n_anomalies(ANOMALY_OVERLAP), 0);
}

static void vlans_that_do_not_count(void **state)
{
    struct talk t = talk_new(4);

    (void)state;
    for (unsigned tracking = 0; tracking < 2; tracking++) {
        struct config config = {.flow_memcap = 1 << 20, .vlan_tracking = tracking, .deterministic = true};
        struct flow_table *table = flow_table_new(&config);
        struct packet p = talk_packet(&t, 0, TH_FLAG_ACK, 1, 1, bytes_str("x"));
        unsigned side;

        p.n_vlans = 1;
        p.vlans[0] = 10;
        flow_table_add(table, &p);
        p.vlans[0] = 11;
        assert_true((flow_table_find(table, &p, &side) != NULL) == !tracking);
        flow_table_free(table);
    }
}

/* Ways come and go; every flow is found by the ways it has, and the table forgets all of it. */
static void links_hold(void **state)
{
    struct config config = {.flow_memcap = 1 << 20, .vlan_tracking = true, .deterministic = true};
    struct flow_table *t = flow_table_new(&config);
    struct talk talks[40];
    struct flow_entry *flows[40];
    unsigned side, n = 0;

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        struct packet p;

        talks[i] = talk_new(4);
        p = talk_packet(&talks[i], 0, TH_FLAG_ACK, 1, 1, bytes_str("x"));
        p.path = i % 3;
        flows[i] = flow_table_add(t, &p);
    }
    for (unsigned round = 0; round < 2000; round++) {
        unsigned i = (round * 7919u >> 3) % 40;
        struct packet p = talk_packet(&talks[i], round & 1, TH_FLAG_ACK, 1, 1, bytes_str("x"));

        p.path = 100 + round;
        assert_null(flow_table_find(t, &p, &side));
        if (!flow_table_other_way(t, &p, &side)) /* two of them share a place: the later has it */
            continue;
        assert_ptr_equal(flow_table_other_way(t, &p, &side), flows[i]);
        n++;
        assert_int_equal(side, round & 1);
        flow_table_rejoin(t, flows[i], side, &p);
        assert_ptr_equal(flow_table_find(t, &p, &side), flows[i]);
        if (round % 10 == 9) {
            flow_table_remove(t, flows[i]);
            assert_null(flow_table_find(t, &p, &side));
            assert_null(flow_table_other_way(t, &p, &side));
            p = talk_packet(&talks[i], 0, TH_FLAG_ACK, 1, 1, bytes_str("x"));
            flows[i] = flow_table_add(t, &p);
        }
    }
    assert_true(n > 1500);
    while (flow_table_victim(t))
        flow_table_remove(t, flow_table_victim(t));
    assert_int_equal(flow_table_n(t), 0);
    flow_table_free(t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tenants_are_not_mixed), TEST(each_direction_its_own), TEST(a_way_changes),
        TEST(strangers_stay_out),    cmocka_unit_test(links_hold), cmocka_unit_test(vlans_that_do_not_count),
    };

    return cmocka_run_group_tests(tests, talk_group_begin, talk_group_end);
}

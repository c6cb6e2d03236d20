/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/flow_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct config config = {
    .vlan_tracking = true,
    .flow_memcap = 1 << 20,
    .flow_new_us = 30,
    .flow_established_us = 300,
    .flow_closed_us = 10,
    .flow_udp_us = 20,
    .deterministic = true,
};

static struct packet packet(uint32_t n)
{
    uint8_t src[4] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}, dst[4] = {192, 0, 2, 1};
    struct packet p = {.proto = PROTO_TCP,
                       .src = addr_v4(src),
                       .dst = addr_v4(dst),
                       .src_port = 50000,
                       .dst_port = 80,
                       .number = n + 1,
                       .ts_us = n};

    return p;
}

static struct packet datagram(uint32_t n)
{
    struct packet p = packet(n);

    p.proto = PROTO_UDP;
    return p;
}

static struct packet reversed(struct packet p)
{
    struct packet r = p;

    r.src = p.dst;
    r.dst = p.src;
    r.src_port = p.dst_port;
    r.dst_port = p.src_port;
    return r;
}

static void found_from_both_sides(void **state)
{
    struct flow_table *t = flow_table_new(&config);
    struct packet p = packet(1), back = reversed(p);
    struct flow_entry *e = flow_table_add(t, &p);
    unsigned side = 9;

    (void)state;
    assert_ptr_equal(flow_table_find(t, &p, &side), e);
    assert_int_equal(side, 0);
    assert_ptr_equal(flow_table_find(t, &back, &side), e);
    assert_int_equal(side, 1);
    assert_int_equal(e->flow.end[1].port, 80);
    flow_table_remove(t, e);
    assert_null(flow_table_find(t, &p, &side));
    assert_int_equal(flow_table_n(t), 0);
    flow_table_free(t);
}

static void everything_in_the_key_counts(void **state)
{
    struct flow_table *t = flow_table_new(&config);
    struct packet p = packet(1), other[7];
    unsigned side;

    (void)state;
    for (size_t i = 0; i < 7; i++)
        other[i] = p;
    other[0].src_port++;
    other[1].dst_port++;
    other[2].src.b[3]++;
    other[3].dst.b[3]++;
    other[4].proto = PROTO_UDP;
    other[5].n_vlans = 1;
    other[6].src.version = other[6].dst.version = 6;
    flow_table_add(t, &p);
    for (size_t i = 0; i < 7; i++) {
        assert_null(flow_table_find(t, &other[i], &side));
        flow_table_add(t, &other[i]);
    }
    other[5].vlans[0] = 7;
    assert_null(flow_table_find(t, &other[5], &side));
    assert_int_equal(flow_table_n(t), 8);
    flow_table_free(t);
}

static void client_is_guessed_by_port(void **state)
{
    static const struct {
        uint16_t from, to;
        uint8_t client;
    } rows[] = {
        {50000, 80, 0},  {80, 50000, 1}, {8080, 40000, 1},  {40000, 8080, 0}, {1389, 42280, 1},
        {5000, 6000, 0}, {514, 514, 0},  {50000, 50001, 0}, {80, 2000, 1},    {2000, 80, 0},
    };
    struct flow_table *t = flow_table_new(&config);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct packet p = packet((uint32_t)i);
        struct flow_entry *e;

        p.src_port = rows[i].from;
        p.dst_port = rows[i].to;
        e = flow_table_add(t, &p);
        assert_int_equal(e->flow.client, rows[i].client);
        assert_false(e->flow.client_known);
    }
    flow_table_free(t);
}

static void has_a_ceiling_and_unique_slots(void **state)
{
    struct flow_table *t = flow_table_new(&config);
    size_t ceiling = flow_table_ceiling(t);
    bool *taken = calloc(ceiling, sizeof *taken);
    unsigned side;

    (void)state;
    assert_true(ceiling >= 64 && ceiling * sizeof(struct flow_entry) < config.flow_memcap);
    for (uint32_t i = 0; i < ceiling; i++) {
        struct packet p = datagram(i);
        struct flow_entry *e = flow_table_add(t, &p);

        assert_non_null(e);
        assert_true(e->slot < ceiling && !taken[e->slot]);
        taken[e->slot] = true;
        assert_true(e->flow.id != 0 && e->flow.id < UINT64_C(1) << 51);
    }
    for (uint32_t i = 0; i < 3 * ceiling; i++) { /* each newcomer takes the place of the oldest */
        struct packet p = datagram(i + (uint32_t)ceiling), gone = datagram(i);
        struct flow_entry *victim = flow_table_victim(t);

        assert_null(flow_table_add(t, &p));
        assert_ptr_equal(victim, flow_table_find(t, &gone, &side));
        flow_table_remove(t, victim);
        assert_non_null(flow_table_add(t, &p));
        assert_null(flow_table_find(t, &gone, &side));
        assert_non_null(flow_table_find(t, &p, &side));
    }
    assert_int_equal(flow_table_n(t), ceiling);
    free(taken);
    flow_table_free(t);
}

/* However many SYNs come, what was answered stays, and most of the table is never touched. */
static void unanswered_flows_have_their_part(void **state)
{
    struct config roomy = config;
    struct flow_table *t;
    struct packet first = packet(0), p;
    struct flow_entry *answered;
    unsigned side;

    (void)state;
    roomy.flow_memcap = 4 << 20;
    t = flow_table_new(&roomy);
    assert_true(flow_table_max_new(t) >= 64 && flow_table_max_new(t) <= flow_table_ceiling(t) / 4);
    answered = flow_table_add(t, &first);
    flow_table_touch(t, answered, PHASE_SILENT);
    for (uint32_t i = 1; i < 20000; i++) {
        struct flow_entry *e;

        p = packet(i);
        e = flow_table_add(t, &p);
        if (!e) {
            flow_table_remove(t, flow_table_victim(t));
            e = flow_table_add(t, &p);
        }
        assert_non_null(e);
        assert_true(e->slot <= flow_table_max_new(t));
        assert_true(flow_table_n(t) <= flow_table_max_new(t) + 1);
    }
    assert_ptr_equal(flow_table_find(t, &first, &side), answered);
    flow_table_free(t);
}

static void the_least_worth_goes_first(void **state)
{
    static const enum flow_phase phases[] = {PHASE_ESTABLISHED, PHASE_UDP, PHASE_SILENT, PHASE_NEW,
                                             PHASE_CLOSED};
    struct flow_table *t = flow_table_new(&config);
    struct flow_entry *e[5];

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        struct packet p = packet(i);

        e[i] = flow_table_add(t, &p);
        flow_table_touch(t, e[i], phases[i]);
    }
    for (int i = 4; i >= 0; i--) {
        assert_ptr_equal(flow_table_victim(t), e[i]);
        flow_table_remove(t, e[i]);
    }
    assert_null(flow_table_victim(t));
    flow_table_free(t);
}

static void seen_again_is_young_again(void **state)
{
    struct flow_table *t = flow_table_new(&config);
    struct packet a = packet(1), b = packet(2);
    struct flow_entry *first = flow_table_add(t, &a), *second = flow_table_add(t, &b);

    (void)state;
    assert_ptr_equal(flow_table_victim(t), first);
    flow_table_touch(t, first, PHASE_NEW);
    assert_ptr_equal(flow_table_victim(t), second);
    flow_table_free(t);
}

static void idle_by_phase(void **state)
{
    static const struct {
        enum flow_phase phase;
        uint64_t idle_us;
    } rows[] = {
        {PHASE_NEW, 30}, {PHASE_ESTABLISHED, 300}, {PHASE_CLOSED, 10}, {PHASE_UDP, 20}, {PHASE_SILENT, 300}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_table *t = flow_table_new(&config);
        struct packet p = packet(100);
        struct flow_entry *e = flow_table_add(t, &p);

        flow_table_touch(t, e, rows[i].phase);
        assert_null(flow_table_idle(t, 100 + rows[i].idle_us - 1));
        assert_ptr_equal(flow_table_idle(t, 100 + rows[i].idle_us), e);
        assert_null(flow_table_idle(t, 99)); /* packets of merged captures come a little out of order */
        e->seen_us = UINT64_C(2000000000000000);
        assert_ptr_equal(flow_table_idle(t, UINT64_C(1700000000000000)), e); /* the clock was set back */
        flow_table_free(t);
    }
}

static void ids_follow_the_packet_not_the_table(void **state)
{
    struct flow_table *a = flow_table_new(&config), *b = flow_table_new(&config);
    struct packet p = packet(5), q = packet(6), later = p;
    uint64_t id;

    (void)state;
    later.number = 999;
    flow_table_add(b, &q);
    id = flow_table_add(a, &p)->flow.id;
    assert_true(id == flow_table_add(b, &p)->flow.id);
    flow_table_remove(a, flow_table_victim(a));
    assert_true(id != flow_table_add(a, &later)->flow.id); /* the same ports again */
    flow_table_free(a);
    flow_table_free(b);
}

static void seeds_differ(void **state)
{
    struct config random = config;
    struct flow_table *a, *b;
    struct packet p = packet(5);

    (void)state;
    random.deterministic = false;
    a = flow_table_new(&random);
    b = flow_table_new(&random);
    assert_true(flow_table_add(a, &p)->flow.id != flow_table_add(b, &p)->flow.id);
    flow_table_free(a);
    flow_table_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_from_both_sides),
        cmocka_unit_test(everything_in_the_key_counts),
        cmocka_unit_test(client_is_guessed_by_port),
        cmocka_unit_test(has_a_ceiling_and_unique_slots),
        cmocka_unit_test(unanswered_flows_have_their_part),
        cmocka_unit_test(the_least_worth_goes_first),
        cmocka_unit_test(seen_again_is_young_again),
        cmocka_unit_test(idle_by_phase),
        cmocka_unit_test(ids_follow_the_packet_not_the_table),
        cmocka_unit_test(seeds_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

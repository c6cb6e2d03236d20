/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "channel/fact.h"

#include <stdlib.h>

static const uint8_t one[4] = {10, 0, 0, 1}, two[4] = {203, 0, 113, 9};

static struct fact_connection sample_connection(void)
{
    struct fact_connection c = {.client = addr_v4(one),
                                .server = addr_v4(two),
                                .client_port = 40000,
                                .server_port = 1389,
                                .proto = PROTO_TCP,
                                .outcome = CONNECTION_TALKED,
                                .ts_us = 5,
                                .packet = 6,
                                .app_proto = "ldap"};

    return c;
}

static struct fact_name sample_name(void)
{
    struct fact_name n = {.client = addr_v4(one),
                          .server = addr_v4(two),
                          .server_port = 53,
                          .type = 1,
                          .answered = 1,
                          .n_addrs = 2,
                          .name_len = 12,
                          .ttl_s = 300,
                          .name = "evil.example"};

    n.addrs[0] = n.addrs[1] = addr_v4(two);
    return n;
}

static void come_through_the_channel(void **state)
{
    uint8_t space[FACT_MAX];
    struct fact f = {.ts_us = 1, .packet = 2, .flow_id = 3}, back;
    struct fact_connection c = sample_connection(), c2;
    struct fact_name n = sample_name(), n2;
    struct buf record = buf_within(RECORD_MAX);

    (void)state;
    fact_put_connection(&f, &c, space);
    assert_true(record_write_fact(&record, &f));
    assert_true(record_read_fact(buf_bytes(&record), &back));
    assert_true(fact_get_connection(&back, &c2));
    assert_false(fact_get_name(&back, &n2));
    assert_memory_equal(&c2.server, &c.server, sizeof c.server);
    assert_int_equal(c2.server_port, 1389);
    assert_int_equal(c2.ts_us, 5);
    assert_string_equal(c2.app_proto, "ldap");
    buf_clear(&record);
    fact_put_name(&f, &n, space);
    assert_true(record_write_fact(&record, &f));
    assert_true(record_read_fact(buf_bytes(&record), &back));
    assert_true(fact_get_name(&back, &n2));
    assert_string_equal(n2.name, "evil.example");
    assert_int_equal(n2.n_addrs, 2);
    assert_int_equal(n2.ttl_s, 300);
    buf_drop(&record);
}

/* Cut at every byte, each cut in its own exact-size block. */
static void what_is_cut_is_refused(void **state)
{
    uint8_t space[FACT_MAX];
    struct fact_connection c = sample_connection();
    struct fact_name n = sample_name();
    struct fact f = {0};

    (void)state;
    for (unsigned number = FACT_CONNECTION; number <= FACT_NAME; number++) {
        size_t whole;

        if (number == FACT_CONNECTION)
            fact_put_connection(&f, &c, space);
        else
            fact_put_name(&f, &n, space);
        whole = f.body.len;
        for (size_t cut = 0; cut < whole; cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), space, cut);

            f.body = bytes_of(exact, cut);
            assert_false(number == FACT_CONNECTION ? fact_get_connection(&f, &c) : fact_get_name(&f, &n));
            free(exact);
        }
    }
}

static void what_makes_no_sense_is_refused(void **state)
{
    uint8_t space[FACT_MAX];
    struct fact_connection c = sample_connection(), c2;
    struct fact_name n = sample_name(), n2;
    struct fact f = {0};

    (void)state;
    c.outcome = CONNECTION_OUTCOME_N;
    fact_put_connection(&f, &c, space);
    assert_false(fact_get_connection(&f, &c2));
    c = sample_connection();
    c.client.version = 6;
    fact_put_connection(&f, &c, space);
    assert_false(fact_get_connection(&f, &c2));
    c = sample_connection();
    c.server.b[9] = 1; /* an IPv4 address has only zeros there */
    fact_put_connection(&f, &c, space);
    assert_false(fact_get_connection(&f, &c2));
    c = sample_connection();
    fact_put_connection(&f, &c, space);
    memset(space + offsetof(struct fact_connection, app_proto), 'x', FACT_APP_MAX);
    assert_false(fact_get_connection(&f, &c2));
    n.addrs[1].version = 9;
    fact_put_name(&f, &n, space);
    assert_false(fact_get_name(&f, &n2));
    n = sample_name();
    fact_put_name(&f, &n, space);
    space[offsetof(struct fact_name, n_addrs)] = FACT_ADDRS_MAX + 1;
    assert_false(fact_get_name(&f, &n2));
    n = sample_name();
    n.server = (struct addr){.version = n.server.version == 4 ? 6 : 4}; /* no packet is of both */
    fact_put_name(&f, &n, space);
    assert_false(fact_get_name(&f, &n2));
}

static void calls_and_clients(void **state)
{
    uint8_t space[FACT_MAX];
    struct fact f = {.ts_us = 1}, back;
    struct fact_called c = {.client = addr_v4(one),
                            .server = addr_v4(two),
                            .server_port = 80,
                            .proto = PROTO_TCP,
                            .how = CALLED_HTTP,
                            .text_len = 19,
                            .text = "http://evil.example"},
                       c2;
    struct fact_client l = {.client = addr_v4(one),
                            .server = addr_v4(two),
                            .shows = SHOWS_TLS,
                            .text_len = 7,
                            .text = "Java 17"},
                       l2;
    struct buf record = buf_within(RECORD_MAX);

    (void)state;
    fact_put_called(&f, &c, space);
    assert_true(record_write_fact(&record, &f) && record_read_fact(buf_bytes(&record), &back));
    assert_true(fact_get_called(&back, &c2));
    assert_string_equal(c2.text, "http://evil.example");
    assert_false(fact_get_client(&back, &l2));
    for (size_t cut = 0; cut < sizeof c; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), space, cut);

        f.body = bytes_of(exact, cut);
        assert_false(fact_get_called(&f, &c2));
        free(exact);
    }
    fact_put_client(&f, &l, space);
    for (size_t cut = 0; cut < sizeof l; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), space, cut);

        f.body = bytes_of(exact, cut);
        assert_false(fact_get_client(&f, &l2));
        free(exact);
    }
    fact_put_client(&f, &l, space);
    assert_true(fact_get_client(&f, &l2));
    assert_string_equal(l2.text, "Java 17");
    l.shows = SHOWS_N;
    fact_put_client(&f, &l, space);
    assert_false(fact_get_client(&f, &l2));
    c.how = CALLED_N;
    fact_put_called(&f, &c, space);
    assert_false(fact_get_called(&f, &c2));
    c.how = CALLED_TLS;
    fact_put_called(&f, &c, space);
    memset(space + offsetof(struct fact_called, text_len), 0xff, sizeof c.text_len);
    assert_false(fact_get_called(&f, &c2));
    buf_drop(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(come_through_the_channel),
        cmocka_unit_test(what_is_cut_is_refused),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(calls_and_clients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

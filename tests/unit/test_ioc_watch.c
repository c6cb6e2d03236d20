/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/ioc_watch.h"

#include <stdio.h>
#include <stdlib.h>

#define S  UINT64_C(1000000)
#define T0 (1000 * S)

static char msg[] = "listed";
static const struct rule the_rule = {.sid = 7, .gid = 1, .rev = 1, .priority = 3, .msg = msg};

struct setting {
    struct config *config;
    struct labeller *labeller;
    struct ioc_watch *watch;
    unsigned n; /* alerts */
    bool mute;  /* there is no rule */
    char last[128];
};

static const struct rule *rule(void *arg, const struct sighting *s)
{
    const struct setting *t = arg;

    assert_true(attrs_get(s->attrs, ATTR_IOC_WHERE).len > 0);
    assert_true(attrs_get(s->attrs, ATTR_IOC_KIND).len > 0);
    return t->mute ? NULL : &the_rule;
}

static void tell(void *arg, struct alert *a)
{
    struct setting *t = arg;
    const struct hit *h = &a->labels->hits[0];
    char host[ADDR_TEXT];

    t->n++;
    assert_int_equal(a->stage, STAGE_INDICATOR);
    assert_int_equal(a->labels->n_hits, 1);
    addr_print(&a->record->head.addr[0], host);
    snprintf(t->last, sizeof t->last, "%s %s %s %u", host, h->ioc->text, hit_where_name(h->where),
             (unsigned)h->n);
}

static void start(struct setting *t)
{
    ioc_watch_free(t->watch);
    t->watch = ioc_watch_new(&(struct ioc_watch_plan){
        .config = t->config, .labeller = t->labeller, .rule = rule, .tell = tell, .arg = t});
    assert_non_null(t->watch);
    t->n = 0;
}

static int setup(void **state)
{
    static struct setting t;
    struct iocs *bad = iocs_new(100);
    struct complaint why = {{0}};

    count_reset();
    t = (struct setting){.config = config_new()};
    t.labeller = labeller_new(t.config);
    if (!iocs_add_text(bad, "x.list", BYTES_LIT("evil.example\n203.0.113.9\n203.0.113.9:1389\n"), &why))
        return -1;
    labeller_set_lists(t.labeller, bad, NULL);
    start(&t);
    *state = &t;
    return 0;
}

static int teardown(void **state)
{
    struct setting *t = *state;

    ioc_watch_free(t->watch);
    labeller_free(t->labeller);
    config_free(t->config);
    count_reset();
    return 0;
}

static struct addr v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t bytes[4] = {a, b, c, d};

    return addr_v4(bytes);
}

static void asks(struct setting *t, unsigned client, const char *name, uint64_t ts_us)
{
    struct addr host = v4(10, 0, (uint8_t)(client / 256), (uint8_t)client), other = v4(192, 0, 2, 53);

    ioc_watch_clock(t->watch, ts_us);
    ioc_watch_call(t->watch, &(struct ioc_call){.host = &host,
                                                .other = &other,
                                                .other_port = 53,
                                                .proto = PROTO_UDP,
                                                .app_proto = "dns",
                                                .ts_us = ts_us,
                                                .packet = 1,
                                                .flow_id = ts_us,
                                                .text = bytes_str(name),
                                                .where = HIT_DNS});
}

static void test_first_and_rest(void **state)
{
    struct setting *t = *state;
    const uint64_t hour = 3600 * S;

    asks(t, 1, "good.example", T0);
    assert_int_equal(t->n, 0);
    asks(t, 1, "a.evil.example", T0);
    assert_int_equal(t->n, 1);
    assert_string_equal(t->last, "10.0.0.1 evil.example dns 0");
    for (unsigned i = 1; i < 10; i++)
        asks(t, 1, "b.evil.example", T0 + i * S);
    assert_int_equal(t->n, 1);
    ioc_watch_clock(t->watch, T0 + hour);
    assert_int_equal(t->n, 1);
    ioc_watch_clock(t->watch, T0 + hour + 1);
    assert_int_equal(t->n, 2);
    assert_string_equal(t->last, "10.0.0.1 evil.example dns 10");
    asks(t, 1, "b.evil.example", T0 + 2 * hour); /* a new one, and nothing to add at the end */
    assert_int_equal(t->n, 3);
    ioc_watch_finish(t->watch);
    assert_int_equal(t->n, 3);
    assert_int_equal(counters[COUNT_IOC_HITS], 11);
}

/* Packets of one flow are one call; an older one than the last adds nothing to its time. */
static void test_one_flow(void **state)
{
    struct setting *t = *state;

    asks(t, 1, "evil.example", T0);
    asks(t, 1, "evil.example", T0);
    ioc_watch_finish(t->watch);
    assert_int_equal(t->n, 1);
    asks(t, 1, "evil.example", T0 + 5 * S);
    asks(t, 1, "evil.example", T0 + 4 * S);
    ioc_watch_finish(t->watch);
    assert_int_equal(t->n, 3);
    assert_string_equal(t->last, "10.0.0.1 evil.example dns 2");
}

static void test_server_and_address(void **state)
{
    struct setting *t = *state;
    struct addr host = v4(10, 0, 0, 1), other = v4(203, 0, 113, 9);
    struct ioc_call call = {.host = &host,
                            .other = &other,
                            .other_port = 1389,
                            .proto = PROTO_TCP,
                            .app_proto = "",
                            .ts_us = T0,
                            .flow_id = 1,
                            .where = HIT_ADDRESS};

    ioc_watch_call(t->watch, &call);
    assert_int_equal(t->n, 2); /* the server, and the address */
    start(t);
    call.incoming = true; /* it comes from that port, it does not serve there */
    ioc_watch_call(t->watch, &call);
    assert_int_equal(t->n, 1);
    assert_string_equal(t->last, "10.0.0.1 203.0.113.9 address 0");
}

static void test_shown_elsewhere(void **state)
{
    struct setting *t = *state;
    struct addr host = v4(10, 0, 0, 1);
    struct record_head head = {.addr = {host, v4(203, 0, 113, 9)}, .ts_us = T0, .flow_id = 1};
    struct labels labels = {.set = 0};

    labels_add_text(&labels, t->labeller, BYTES_LIT("x.evil.example"), HIT_LOOKUP);
    ioc_watch_shown(t->watch, &host, &labels, &head);
    asks(t, 1, "x.evil.example", T0 + S);
    assert_int_equal(t->n, 0);
    asks(t, 2, "x.evil.example", T0 + S); /* another host is news */
    assert_int_equal(t->n, 1);
    ioc_watch_finish(t->watch);
    assert_int_equal(t->n, 2);
    assert_string_equal(t->last, "10.0.0.1 evil.example lookup 2");
}

static void test_without_rule(void **state)
{
    struct setting *t = *state;

    t->mute = true;
    asks(t, 1, "evil.example", T0);
    asks(t, 1, "evil.example", T0 + S);
    ioc_watch_finish(t->watch);
    assert_int_equal(t->n, 0);
    assert_int_equal(counters[COUNT_IOC_HITS], 2);
}

static void test_bounded(void **state)
{
    struct setting *t = *state;
    struct complaint why = {{0}};

    assert_true(config_set(t->config, "iocs.fold-memcap=64kb", &why));
    start(t);
    for (unsigned i = 0; i < 2000; i++) {
        asks(t, i, "evil.example", T0 + i);
        asks(t, i, "evil.example", T0 + i + 1);
    }
    assert_true(counters[COUNT_IOC_EARLY] > 1500);
    assert_int_equal(t->n, 2000 + counters[COUNT_IOC_EARLY]); /* each that made room told its two */
    ioc_watch_finish(t->watch);
    assert_int_equal(t->n, 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_and_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_flow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server_and_address, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shown_elsewhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_rule, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounded, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

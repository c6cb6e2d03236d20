/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "output/eve_record.h"
#include "support/json.h"

static struct config *config;
static struct buf line;

static int setup(void **state)
{
    (void)state;
    count_reset();
    config = config_new();
    return config ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    config_free(config);
    buf_drop(&line);
    return 0;
}

static struct flow flow_of(uint8_t proto)
{
    struct flow f = {.id = 77,
                     .proto = proto,
                     .client = 1,
                     .first_us = UINT64_C(1639130400000000),
                     .last_us = UINT64_C(1639130461500000),
                     .end = {{.port = 1389, .packets = 3, .bytes = 300, .last_packet = 8},
                             {.port = 40000, .packets = 4, .bytes = 200, .last_packet = 9}}};

    assert_true(addr_parse(bytes_str("203.0.113.9"), &f.end[0].addr) &&
                addr_parse(bytes_str("10.0.0.1"), &f.end[1].addr));
    return f;
}

static struct bytes write_line(const struct flow *f)
{
    struct eve eve = {.config = config, .source = "a.pcap", .offline = true};
    struct bytes text;

    assert_true(eve_flow(&line, &eve, f));
    text = bytes_of(line.p, line.len - 1);
    assert_int_equal(line.p[line.len - 1], '\n');
    assert_true(json_valid(text));
    return text;
}

static void counts_and_times(void **state)
{
    struct flow f = flow_of(PROTO_UDP);
    struct bytes text;

    (void)state;
    f.state = FLOW_ESTABLISHED;
    text = write_line(&f);
    assert_json(text, "event_type", "\"flow\"");
    assert_json(text, "src_ip", "\"10.0.0.1\"");
    assert_json(text, "dest_port", "1389");
    assert_json(text, "flow.pkts_toserver", "4");
    assert_json(text, "flow.bytes_toclient", "300");
    assert_json(text, "flow.start", "\"2021-12-10T10:00:00.000000+0000\"");
    assert_json(text, "flow.end", "\"2021-12-10T10:01:01.500000+0000\"");
    assert_json(text, "flow.age", "61");
    assert_json(text, "flow.state", "\"established\"");
    assert_json(text, "flow.reason", "\"timeout\"");
    assert_json(text, "flow.alerted", "false");
    assert_no_json(text, "app_proto");
    assert_no_json(text, "tcp");
}

static void why_it_ended(void **state)
{
    static const char *const states[] = {"\"new\"", "\"established\"", "\"closed\""};
    static const char *const reasons[] = {"\"timeout\"", "\"forced\"", "\"shutdown\""};
    struct flow f = flow_of(PROTO_TCP);

    (void)state;
    f.alerted = true;
    f.app_proto = "ldap";
    for (uint8_t i = 0; i < 3; i++) {
        struct bytes text;

        f.state = f.reason = i;
        text = write_line(&f);
        assert_json(text, "flow.state", states[i]);
        assert_json(text, "flow.reason", reasons[i]);
        assert_json(text, "flow.alerted", "true");
        assert_json(text, "app_proto", "\"ldap\"");
    }
}

static void flags_of_both_sides(void **state)
{
    static const struct {
        uint8_t client, server, state;
        const char *tcp_state, *flags;
    } rows[] = {
        {0x02, 0x00, FLOW_NEW, "\"syn_sent\"", "\"02\""},
        {0xc2, 0x00, FLOW_NEW, "\"syn_sent\"", "\"c2\""},
        {0x02, 0x12, FLOW_NEW, "\"syn_recv\"", "\"12\""},
        {0x02, 0x14, FLOW_CLOSED, "\"closed\"", "\"16\""},
        {0x1a, 0x1a, FLOW_ESTABLISHED, "\"established\"", "\"1a\""},
        {0x18, 0x10, FLOW_ESTABLISHED, "\"established\"", "\"18\""}, /* its beginning was not captured */
        {0x1b, 0x1a, FLOW_ESTABLISHED, "\"fin_wait1\"", "\"1b\""},
        {0x1a, 0x1b, FLOW_ESTABLISHED, "\"close_wait\"", "\"1b\""},
        {0x1b, 0x1b, FLOW_CLOSED, "\"closed\"", "\"1b\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow f = flow_of(PROTO_TCP);
        struct bytes text;

        f.end[1].tcp_flags = rows[i].client;
        f.end[0].tcp_flags = rows[i].server;
        f.state = rows[i].state;
        text = write_line(&f);
        assert_json(text, "tcp.state", rows[i].tcp_state);
        assert_json(text, "tcp.tcp_flags", rows[i].flags);
        assert_json(text, "tcp.syn", (rows[i].client | rows[i].server) & TH_FLAG_SYN ? "true" : "");
        assert_json(text, "tcp.cwr", rows[i].client & 0x80 ? "true" : "");
    }
}

static void holes_by_direction(void **state)
{
    struct flow f = flow_of(PROTO_TCP);
    struct bytes text;

    (void)state;
    f.end[0].gap = true;
    text = write_line(&f);
    assert_json(text, "tcp.tc_gap", "true");
    assert_no_json(text, "tcp.ts_gap");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_and_times, setup, teardown),
        cmocka_unit_test_setup_teardown(why_it_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(flags_of_both_sides, setup, teardown),
        cmocka_unit_test_setup_teardown(holes_by_direction, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

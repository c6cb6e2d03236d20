/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "correlate/correlate.h"
#include "output/eve.h"
#include "support/json.h"
#include "support/sample.h"

#include <stdlib.h>

/* All that correlation asks of the settings here. */
static const struct config small = {.correlate_memcap = 1 << 20};

/* An anomaly's way from stream/ to its line. */

static struct buf bytes, line;

static int setup(void **state)
{
    (void)state;
    bytes = buf_within(65536);
    line = buf_within(65536);
    count_reset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_drop(&bytes);
    buf_drop(&line);
    return 0;
}

static struct anomaly sample_anomaly(const struct flow *flow)
{
    return (struct anomaly){.kind = ANOMALY_OVERLAP,
                            .flow = flow,
                            .side = 1,
                            .ts_us = UINT64_C(1639130400123456),
                            .packet = 77,
                            .n = 3};
}

static void comes_back_as_it_went(void **state)
{
    struct sample s;
    struct anomaly a;
    struct record r;

    (void)state;
    sample_lookup(&s);
    a = sample_anomaly(&s.flow);
    assert_true(record_write_anomaly(&bytes, &a));
    for (size_t cut = 0; cut < bytes.len; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), bytes.p, cut);

        assert_false(record_read(bytes_of(exact, cut), &r));
        free(exact);
    }
    assert_true(record_read(buf_bytes(&bytes), &r));
    assert_int_equal(r.head.kind, RECORD_ANOMALY);
    assert_int_equal(r.head.anomaly, ANOMALY_OVERLAP);
    assert_int_equal(r.head.n, 3);
    assert_int_equal(r.head.packet, 77);
    assert_int_equal(r.head.packet_side, 1);
    assert_int_equal(r.head.flow_id, s.flow.id);
    assert_int_equal(r.head.port[1], 8080);
    sample_drop(&s);
}

static bool reads_with(size_t at, uint8_t value)
{
    struct sample s;
    struct anomaly a;
    struct record r;
    bool ok;

    sample_lookup(&s);
    a = sample_anomaly(&s.flow);
    buf_clear(&bytes);
    assert_true(record_write_anomaly(&bytes, &a));
    bytes.p[at] = value;
    ok = record_read(buf_bytes(&bytes), &r);
    sample_drop(&s);
    return ok;
}

static void trusts_no_number(void **state)
{
    (void)state;
    assert_false(reads_with(offsetof(struct record_head, anomaly), ANOMALY_N));
    assert_false(reads_with(offsetof(struct record_head, kind), 3));
    assert_false(reads_with(offsetof(struct record_head, kind), RECORD_ANOMALY + 1));
    assert_false(reads_with(offsetof(struct record_head, version), 1));
    assert_false(reads_with(offsetof(struct record_head, conflict), 2));
    assert_false(reads_with(offsetof(struct record_head, packet_side), 2));
    assert_true(reads_with(offsetof(struct record_head, proto), 1)); /* fragments of ICMP */
    assert_true(reads_with(offsetof(struct record_head, anomaly), ANOMALY_N - 1));
}

static void no_room_adds_nothing(void **state)
{
    struct sample s;
    struct anomaly a;
    struct buf tight = buf_within(sizeof(struct record_head) + 10);

    (void)state;
    sample_lookup(&s);
    a = sample_anomaly(&s.flow);
    assert_true(record_write_anomaly(&tight, &a));
    assert_false(record_write_anomaly(&tight, &a));
    assert_int_equal(tight.len, sizeof(struct record_head));
    buf_drop(&tight);
    sample_drop(&s);
}

static unsigned n_heard;

static void note_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
    fail_msg("an anomaly is no alert");
}

static void note_anomaly(void *arg, const struct record *r)
{
    assert_ptr_equal(arg, &n_heard);
    assert_int_equal(r->head.kind, RECORD_ANOMALY);
    n_heard++;
}

static void on_records(void *arg, struct bytes records)
{
    while (records.len > 0) {
        size_t size = record_size(records);
        struct record r;

        assert_true(record_read(bytes_slice(records, 0, size), &r));
        correlate_record(*(struct correlate **)arg, &r);
        records = bytes_from(records, size);
    }
}

static void passes_through_channel_and_correlation(void **state)
{
    struct correlate *c = correlate_new(&small, NULL, note_alert, &n_heard);
    struct channel *channel = channel_new(on_records, &c);
    struct sample s;
    struct anomaly a;

    (void)state;
    n_heard = 0;
    sample_lookup(&s);
    a = sample_anomaly(&s.flow);
    channel_put_anomaly(channel, &a);
    channel_put_anomaly(channel, &a);
    channel_flush(channel);
    assert_int_equal(n_heard, 0); /* nobody listens */
    correlate_on_anomaly(c, note_anomaly);
    channel_put_anomaly(channel, &a);
    channel_flush(channel);
    assert_int_equal(n_heard, 1);
    assert_int_equal(counters[COUNT_CHANNEL_BAD], 0);
    channel_free(channel);
    correlate_free(c);
    sample_drop(&s);
}

static struct bytes line_of(const struct anomaly *a)
{
    struct config *config = config_new();
    struct eve eve = {.config = config, .source = "a.pcap", .offline = true};
    struct record r;

    buf_clear(&bytes);
    assert_true(record_write_anomaly(&bytes, a));
    assert_true(record_read(buf_bytes(&bytes), &r));
    assert_true(eve_anomaly(&line, &eve, &r));
    assert_int_equal(line.p[line.len - 1], '\n');
    assert_true(json_valid(bytes_of(line.p, line.len - 1)));
    config_free(config);
    return bytes_of(line.p, line.len);
}

static void a_line_is_exact(void **state)
{
    static const char expected[] =
        "{\"timestamp\":\"2021-12-10T10:00:00.123456+0000\",\"flow_id\":1125899906842625,"
        "\"pcap_cnt\":77,\"event_type\":\"anomaly\",\"src_ip\":\"10.99.0.2\",\"src_port\":8080,"
        "\"dest_ip\":\"10.99.0.1\",\"dest_port\":53974,\"proto\":\"TCP\",\"pkt_src\":\"wire/pcap\","
        "\"community_id\":\"1:ZLLbXo1SEc0NuyFRZE7yPacxj68=\","
        "\"metadata\":{\"flowints\":{\"anomaly.count\":3}},"
        "\"anomaly\":{\"type\":\"stream\",\"event\":\"stream.reassembly_overlap_different_data\"}}\n";
    struct sample s;
    struct anomaly a;
    struct bytes t;

    (void)state;
    sample_lookup(&s);
    a = sample_anomaly(&s.flow);
    t = line_of(&a);
    if (!bytes_eq(t, BYTES_LIT(expected)))
        fail_msg("the line is %.*s", (int)t.len, (const char *)t.p);
    sample_drop(&s);
}

static void a_reader_says_what_it_read(void **state)
{
    struct sample s;
    struct anomaly a;
    struct bytes t;

    (void)state;
    sample_lookup(&s);
    a = sample_anomaly(&s.flow);
    a.kind = ANOMALY_HTTP_FRAMINGS;
    t = line_of(&a);
    assert_true(bytes_eq(json_get(t, "anomaly.type"), BYTES_LIT("\"applayer\"")));
    assert_true(bytes_eq(json_get(t, "anomaly.event"), BYTES_LIT("\"http.length_and_chunked\"")));
    assert_true(bytes_eq(json_get(t, "anomaly.layer"), BYTES_LIT("\"proto_parser\"")));
    assert_true(bytes_eq(json_get(t, "anomaly.app_proto"), BYTES_LIT("\"http\"")));
    sample_drop(&s);
}

static void a_fragment_has_no_ports(void **state)
{
    static const struct {
        uint8_t proto;
        const char *text;
    } rows[] = {
        {PROTO_TCP, "\"TCP\""}, {1, "\"ICMP\""}, {58, "\"IPv6-ICMP\""}, {47, "\"047\""}, {255, "\"255\""}};
    struct sample s;
    struct anomaly a;

    (void)state;
    sample_lookup(&s);
    s.flow.id = 0;
    s.flow.n_vlans = 1;
    s.flow.vlans[0] = 12;
    a = sample_anomaly(&s.flow);
    a.kind = ANOMALY_FRAG4_OVERLAP;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes t;

        s.flow.proto = rows[i].proto;
        t = line_of(&a);
        assert_true(bytes_eq(json_get(t, "proto"), bytes_str(rows[i].text)));
        assert_true(bytes_eq(json_get(t, "anomaly.type"), BYTES_LIT("\"decode\"")));
        assert_null(json_get(t, "src_port").p);
        assert_null(json_get(t, "dest_port").p);
        assert_null(json_get(t, "flow_id").p);
        assert_null(json_get(t, "community_id").p);
        assert_non_null(json_get(t, "vlan").p);
    }
    sample_drop(&s);
}

/* Types and prefixes are those that readers of Suricata's events expect. */
static void names_are_in_order(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ANOMALY_N; i++) {
        const struct anomaly_row *row = &anomaly_rows[i];
        const char *prefix = strcmp(row->type, "decode") == 0     ? "decoder."
                             : strcmp(row->type, "applayer") == 0 ? "http."
                                                                  : "stream.";

        assert_int_equal(strncmp(row->event, prefix, strlen(prefix)), 0);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(row->event, anomaly_rows[j].event);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(comes_back_as_it_went),   TEST(trusts_no_number),
        TEST(no_room_adds_nothing),    TEST(passes_through_channel_and_correlation),
        TEST(a_line_is_exact),         TEST(a_reader_says_what_it_read),
        TEST(a_fragment_has_no_ports), TEST(names_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

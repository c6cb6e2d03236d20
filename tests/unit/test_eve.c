/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "config/config.h"
#include "correlate/folds.h"
#include "output/eve.h"
#include "support/json.h"
#include "support/sample.h"

#include <stdio.h>
#include <stdlib.h>

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

/* The alert's line without its newline, checked for all that every line promises. */
static struct bytes write_line(const struct sample *s, bool offline)
{
    struct eve eve = {.config = config, .source = offline ? "/captures/a.pcap" : "eth1", .offline = offline};
    struct bytes text;

    assert_true(eve_alert(&line, &eve, &s->alert));
    assert_true(line.len <= config->eve_max_event_size);
    text = bytes_of(line.p, line.len - 1);
    assert_int_equal(line.p[line.len - 1], '\n');
    assert_int_equal(bytes_find_byte(text, '\n'), BYTES_NONE);
    for (size_t i = 0; i < text.len; i++)
        assert_true(text.p[i] >= 0x20 && text.p[i] != 0x7f);
    assert_true(json_valid(text));
    return text;
}

static void the_envelope_is_exact(void **state)
{
    static const char start[] =
        "{\"timestamp\":\"2021-12-10T10:00:00.123456+0000\",\"flow_id\":1125899906842625,"
        "\"pcap_cnt\":4,\"event_type\":\"alert\",\"src_ip\":\"10.99.0.1\",\"src_port\":53974,"
        "\"dest_ip\":\"10.99.0.2\",\"dest_port\":8080,\"proto\":\"TCP\",\"pkt_src\":\"wire/pcap\","
        "\"community_id\":\"1:ZLLbXo1SEc0NuyFRZE7yPacxj68=\",\"tx_id\":0,\"alert\":{"
        "\"action\":\"allowed\",\"gid\":1,\"signature_id\":1442200,\"rev\":2,";
    struct sample s;
    struct bytes text;

    (void)state;
    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    text = write_line(&s, true);
    if (!bytes_starts(text, BYTES_LIT(start)))
        fail_msg("the line begins %.*s", 500, (const char *)text.p);
    /* Arkime's reader takes the zone from fixed columns of the line. */
    assert_memory_equal(text.p + 14 + 26, "+0000", 5);
    assert_no_json(text, "in_iface");
    assert_no_json(text, "host");
    assert_no_json(text, "vlan");
    sample_drop(&s);
}

static void another_version_says_so(void **state)
{
    (void)state;
    for (unsigned other = 0; other < 2; other++) {
        struct sample s;
        struct bytes t;

        sample_lookup(&s);
        s.chunk.alternative = other;
        assert_true(sample_seal(&s, STAGE_LOOKUP));
        t = write_line(&s, true);
        if (other)
            assert_json(t, "alert.context.jndi.conflict", "true");
        else
            assert_no_json(t, "alert.context.jndi.conflict");
        sample_drop(&s);
    }
}

static void a_lookup_says_all_it_knows(void **state)
{
    struct sample s;
    struct bytes t;

    (void)state;
    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    t = write_line(&s, true);
    assert_json(t, "alert.severity", "1");
    assert_json(t, "alert.category", "\"Attempted Administrator Privilege Gain\"");
    assert_json(t, "alert.source", "{\"ip\":\"10.99.0.1\",\"port\":53974}");
    assert_json(t, "alert.target", "{\"ip\":\"10.99.0.2\",\"port\":8080}");
    assert_json(t, "alert.references",
                "[\"https://logging.apache.org/log4j/2.x/security.html\","
                "\"https://nvd.nist.gov/vuln/detail/CVE-2021-44228\"]");
    assert_json(t, "alert.metadata.created_at", "[\"2021_12_10\"]");
    assert_json(t, "alert.metadata.cve", "[\"CVE_2021_44228\",\"CVE_2021_45046\"]");
    assert_json(t, "alert.metadata.jndi_stage", "[\"lookup\"]");
    assert_json(t, "alert.metadata.jndi_scheme", "[\"ldap\"]");
    assert_json(t, "alert.metadata.jndi_callback", "[\"203.0.113.9:1389\"]");
    assert_json(t, "alert.metadata.jndi_technique", "[\"lower\",\"date\"]");
    assert_json(t, "alert.metadata.jndi_lookup", "[\"ldap://203.0.113.9:1389/a\"]");
    assert_json(t, "alert.context.jndi.stage", "\"lookup\"");
    assert_json(t, "alert.context.jndi.lookup", "\"ldap://203.0.113.9:1389/a\"");
    assert_json(t, "alert.context.jndi.scheme", "\"ldap\"");
    assert_json(t, "alert.context.jndi.host", "\"203.0.113.9\"");
    assert_json(t, "alert.context.jndi.port", "1389");
    assert_json(t, "alert.context.jndi.path", "\"a\"");
    assert_json(t, "alert.context.jndi.raw", "\"" SAMPLE_RAW "\"");
    assert_json(t, "alert.context.jndi.decoded", "\"" SAMPLE_RAW "\"");
    assert_json(t, "alert.context.jndi.location", "\"http.request_header\"");
    assert_json(t, "alert.context.jndi.name", "\"X-Api\"");
    assert_json(t, "alert.context.jndi.techniques", "[\"lower\",\"date\"]");
    assert_json(t, "alert.context.jndi.exfil", "[\"env:AWS_SECRET_ACCESS_KEY\"]");
    assert_json(t, "alert.context.jndi.effective", "true");
    assert_json(t, "alert.context.jndi.versions", "\"before 2.15.0\"");
    assert_json(t, "alert.context.jndi.depth", "2");
    assert_json(t, "alert.context.jndi.confidence", "95");
    assert_no_json(t, "alert.context.jndi.lookups");
    assert_no_json(t, "alert.context.jndi.reason");
    assert_json(t, "http",
                "{\"hostname\":\"app.example\",\"http_port\":8080,\"url\":\"/a\","
                "\"http_user_agent\":\"curl/7.88\",\"http_content_type\":\"text/html\","
                "\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\",\"status\":200,\"length\":12}");
    assert_json(t, "app_proto", "\"http\"");
    assert_json(t, "direction", "\"to_server\"");
    assert_json(t, "flow",
                "{\"pkts_toserver\":3,\"pkts_toclient\":1,\"bytes_toserver\":240,\"bytes_toclient\":40,"
                "\"start\":\"2021-12-10T09:59:59.123456+0000\",\"src_ip\":\"10.99.0.1\",\"src_port\":53974,"
                "\"dest_ip\":\"10.99.0.2\",\"dest_port\":8080}");
    assert_json(t, "stream", "1");
    assert_json(t, "payload_printable",
                "\"GET /a HTTP/1.1\\r\\nHost: app.example:8080\\r\\nX-Api: " SAMPLE_RAW "\\r\\n\\r\\n\"");
    assert_true(bytes_starts(json_get(t, "payload"), BYTES_LIT("\"R0VUIC9hIEhUVFAvMS4xDQpIb3N0")));
    assert_int_equal(counters[COUNT_OUTPUT_CUT], 0);
    sample_drop(&s);
}

static void an_answer_names_victim_and_callback(void **state)
{
    struct sample s;
    struct bytes t;

    (void)state;
    sample_callback(&s);
    assert_true(sample_seal(&s, STAGE_REFERENCE));
    t = write_line(&s, true);
    assert_json(t, "src_ip", "\"10.99.0.2\""); /* of the packet that showed it */
    assert_json(t, "src_port", "1389");
    assert_json(t, "direction", "\"to_client\"");
    assert_json(t, "flow.src_ip", "\"10.99.0.1\"");
    assert_json(t, "alert.source.ip", "\"10.99.0.2\"");
    assert_json(t, "alert.target.ip", "\"10.99.0.1\"");
    assert_json(t, "tx_id", "2");
    assert_json(t, "alert.context.jndi.scheme", "\"ldap\"");
    assert_json(t, "alert.context.jndi.host", "\"10.99.0.2\"");
    assert_json(t, "alert.context.jndi.port", "1389");
    assert_json(t, "alert.metadata.jndi_callback", "[\"10.99.0.2:1389\"]");
    assert_json(t, "alert.context.jndi.codebase", "\"http://203.0.113.9:8888/\"");
    assert_json(t, "alert.context.jndi.classes", "[\"foo\"]");
    assert_json(
        t, "alert.context.jndi.ldap",
        "{\"request_dn\":\"Basic/Command/Base64/aWQK\",\"client\":\"jndi\",\"response_operations\":[\"search_"
        "result_entry\"],\"attribute_types\":[\"javaClassName\",\"javaCodeBase\"]}");
    assert_no_json(t, "alert.context.jndi.raw");
    assert_no_json(t, "alert.context.jndi.versions");
    assert_no_json(t, "alert.context.jndi.location");
    assert_no_json(t, "http");
    sample_drop(&s);
}

static void nobody_is_accused_without_knowing(void **state)
{
    struct sample s;
    struct bytes t;

    (void)state;
    sample_callback(&s);
    s.field.app_proto = "dns";
    assert_true(sample_seal(&s, STAGE_CALLBACK));
    t = write_line(&s, true);
    assert_no_json(t, "alert.source"); /* the server is the victim's resolver */
    assert_json(t, "alert.target.ip", "\"10.99.0.1\"");
    sample_drop(&s);

    sample_lookup(&s);
    s.field.app_proto = "failed";
    assert_true(sample_seal(&s, STAGE_OTHER));
    t = write_line(&s, true);
    assert_no_json(t, "alert.source");
    assert_no_json(t, "alert.target");
    assert_no_json(t, "tx_id");
    assert_json(t, "app_proto", "\"failed\"");
    sample_drop(&s);

    sample_lookup(&s);
    s.chunk.side = 1; /* a lookup in a response: whoever reads it is the victim */
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    t = write_line(&s, true);
    assert_json(t, "alert.source.ip", "\"10.99.0.2\"");
    assert_json(t, "alert.target.ip", "\"10.99.0.1\"");
    sample_drop(&s);
}

static void settings_are_obeyed(void **state)
{
    struct sample s;
    struct bytes t;

    (void)state;
    sample_lookup(&s);
    s.flow.n_vlans = 2;
    s.flow.vlans[0] = 7;
    s.flow.vlans[1] = 4094;
    s.flow.proto = PROTO_UDP;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    assert_true(config_set(config, "sensor-name=dmz-1", NULL));
    config->eve_community_id = config->eve_alert_payload = config->eve_alert_payload_printable = false;
    t = write_line(&s, false);
    assert_json(t, "in_iface", "\"eth1\"");
    assert_no_json(t, "pcap_cnt");
    assert_json(t, "host", "\"dmz-1\"");
    assert_json(t, "vlan", "[7,4094]");
    assert_json(t, "proto", "\"UDP\"");
    assert_json(t, "stream", "0");
    assert_no_json(t, "community_id");
    assert_no_json(t, "payload");
    assert_no_json(t, "payload_printable");
    assert_no_json(t, "pcap_filename");
    config->eve_pcap_file = true;
    t = write_line(&s, true);
    assert_json(t, "pcap_filename", "\"/captures/a.pcap\"");
    sample_drop(&s);
}

static void several_lookups_are_all_told(void **state)
{
    struct sample s;
    struct bytes t;

    (void)state;
    sample_lookup(&s);
    attrs_add(&s.attrs, ATTR_JNDI_NAME, BYTES_LIT("dns://203.0.113.9/b"));
    s.finding.ineffective = "no JDK knows this scheme";
    s.finding.versions = "2.0-beta9 to 2.3";
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    t = write_line(&s, true);
    assert_json(t, "alert.context.jndi.lookup", "\"ldap://203.0.113.9:1389/a\"");
    assert_json(t, "alert.context.jndi.lookups", "[\"ldap://203.0.113.9:1389/a\",\"dns://203.0.113.9/b\"]");
    assert_json(t, "alert.metadata.jndi_lookup", "[\"ldap://203.0.113.9:1389/a\",\"dns://203.0.113.9/b\"]");
    assert_json(t, "alert.context.jndi.reason", "\"no JDK knows this scheme\"");
    assert_json(t, "alert.context.jndi.versions", "\"2.0-beta9 to 2.3\"");
    sample_drop(&s);
}

static void an_odd_host_header_stays_whole(void **state)
{
    static const struct {
        const char *host, *name, *port;
    } rows[] = {
        {"a.example", "\"a.example\"", NULL},
        {"a.example:80", "\"a.example\"", "80"},
        {"a.example:65536", "\"a.example:65536\"", NULL},
        {"[fd99::1]:8080", "\"[fd99::1]\"", "8080"},
        {"[fd99::1]", "\"[fd99::1]\"", NULL},
        {"${jndi:ldap://x:1389", "\"${jndi:ldap://x:1389\"", NULL},
        {"${x:1389", "\"${x:1389\"", NULL},
        {":80", "\"\"", "80"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample s;
        struct bytes t;

        sample_lookup(&s);
        s.http.host = bytes_str(rows[i].host);
        assert_true(sample_seal(&s, STAGE_LOOKUP));
        t = write_line(&s, true);
        assert_json(t, "http.hostname", rows[i].name);
        if (rows[i].port)
            assert_json(t, "http.http_port", rows[i].port);
        else
            assert_no_json(t, "http.http_port");
        sample_drop(&s);
    }
}

static void ipv6_is_written_in_full_and_bracketed(void **state)
{
    struct sample s;
    struct bytes t;

    (void)state;
    sample_callback(&s);
    assert_true(addr_parse(BYTES_LIT("fd99::1"), &s.flow.end[0].addr));
    assert_true(addr_parse(BYTES_LIT("fd99::2"), &s.flow.end[1].addr));
    assert_true(sample_seal(&s, STAGE_REFERENCE));
    t = write_line(&s, true);
    assert_json(t, "src_ip", "\"fd99:0000:0000:0000:0000:0000:0000:0002\"");
    assert_json(t, "alert.metadata.jndi_callback", "[\"[fd99:0000:0000:0000:0000:0000:0000:0002]:1389\"]");
    sample_drop(&s);
}

/* The same bytes in every place that the wire can fill. */
static void fill_everything(struct sample *s, struct bytes b)
{
    s->attrs.n = 0;
    attrs_add(&s->attrs, ATTR_JNDI_STAGE, BYTES_LIT("lookup"));
    for (unsigned id = ATTR_JNDI_NAME; id < ATTR_N; id++) {
        attrs_add(&s->attrs, (enum attr_id)id, b);
        attrs_add(&s->attrs, (enum attr_id)id, b);
    }
    s->field.name = s->http.method = s->http.url = s->http.protocol = s->http.host = b;
    s->http.user_agent = s->http.referer = s->http.response_content_type = b;
    s->finding.payload = s->finding.raw = s->finding.decoded = b;
}

static void hostile_bytes_make_valid_lines(void **state)
{
    struct sample s;
    struct bytes t;

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t text[4] = {'a', (uint8_t)c, 'b', (uint8_t)c};

        sample_lookup(&s);
        fill_everything(&s, bytes_of(text, sizeof text));
        assert_true(sample_seal(&s, STAGE_LOOKUP));
        t = write_line(&s, true);
        if (c >= 0x80) {
            char expected[32];

            snprintf(expected, sizeof expected, "\"a\\\\x%02Xb\\\\x%02X\"", c, c);
            assert_json(t, "alert.context.jndi.lookup", expected);
            assert_json(t, "http.url", expected);
        }
        sample_drop(&s);
    }
}

static uint32_t dice;

static uint32_t roll(uint32_t n)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % n;
}

static void no_payload_makes_a_line_too_long(void **state)
{
    static uint8_t big[70000];
    static const uint64_t sizes[] = {2048, 2049, 3000, 4096, 8192, 16384, 65536, 1048576};
    struct sample s;
    uint64_t cuts;

    (void)state;
    dice = 1;
    for (unsigned round = 0; round < 400; round++) {
        size_t len = roll(4) == 0 ? roll(sizeof big) : roll(4000);
        unsigned kind = roll(5);

        for (size_t i = 0; i < len; i++)
            big[i] = kind == 0   ? 1
                     : kind == 1 ? '"'
                     : kind == 2 ? 0xff
                     : kind == 3 ? (uint8_t)roll(256)
                                 : 'x';
        sample_lookup(&s);
        fill_everything(&s, bytes_of(big, len));
        s.finding.raw = bytes_slice(s.finding.payload, roll(70000), roll(70000));
        assert_true(sample_seal(&s, STAGE_LOOKUP));
        config->eve_max_event_size = sizes[roll(sizeof sizes / sizeof sizes[0])];
        config->eve_payload_buffer_size = roll(3) == 0 ? 65536 : 2048;
        config->eve_raw_strings = roll(2) ? 1024 : 65536;
        write_line(&s, roll(2));
        sample_drop(&s);
    }
    cuts = counters[COUNT_OUTPUT_CUT];
    assert_true(cuts > 100 && cuts < 400);
}

static void the_worst_alert_still_names_its_place(void **state)
{
    static uint8_t controls[2000];
    static char text[4000], key[] = "a_key";
    struct rule_metadata metadata[200];
    struct sample s;
    struct bytes t;

    (void)state;
    memset(controls, 1, sizeof controls);
    memset(text, 2, sizeof text - 1);
    sample_lookup(&s);
    assert_true(addr_parse(BYTES_LIT("fd99::1"), &s.flow.end[0].addr));
    assert_true(addr_parse(BYTES_LIT("fd99::2"), &s.flow.end[1].addr));
    fill_everything(&s, bytes_of(controls, sizeof controls));
    s.finding.ineffective = s.finding.versions = text;
    s.rule.msg = s.rule.category = text;
    for (unsigned i = 0; i < 200; i++)
        metadata[i] = (struct rule_metadata){key, text};
    s.rule.metadata = metadata;
    s.rule.n_metadata = 200;
    s.flow.n_vlans = 3;
    s.flow.vlans[0] = s.flow.vlans[1] = s.flow.vlans[2] = 4095;
    s.flow.first_us = s.chunk.ts_us = s.chunk.packet = UINT64_MAX;
    s.flow.end[0].packets = s.flow.end[1].packets = s.flow.end[0].bytes = s.flow.end[1].bytes = UINT64_MAX;
    s.flow.id = (UINT64_C(1) << 51) - 1;
    s.rule.gid = s.rule.rev = s.rule.priority = UINT32_MAX;
    s.field.message = UINT64_MAX;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    assert_true(config_set(
        config, "sensor-name=a-sensor-with-quite-a-long-name-that-somebody-chose-for-it-in-a-hurry", NULL));
    config->eve_max_event_size = EVE_BARE_MAX;
    t = write_line(&s, false);
    assert_non_null(json_get(t, "alert.context.jndi.lookup").p);
    assert_json(t, "src_ip", "\"fd99:0000:0000:0000:0000:0000:0000:0001\"");
    assert_int_equal(counters[COUNT_OUTPUT_CUT], 1);
    sample_drop(&s);
}

static void repeats_say_how_often_and_name_the_first(void **state)
{
    struct fold fold = {
        .n = 3, .first_us = UINT64_C(1639130400123456), .first_packet = 4, .first_flow_id = 7};
    struct sample s;
    struct bytes t;

    (void)state;
    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    t = write_line(&s, true);
    assert_null(json_get(t, "alert.context.jndi.repeats").p);
    fold.last = s.record.head;
    s.alert.fold = &fold;
    t = write_line(&s, true);
    assert_json(t, "alert.context.jndi.repeats.count", "3");
    assert_json(t, "alert.context.jndi.repeats.first_seen", "\"2021-12-10T10:00:00.123456+0000\"");
    assert_json(t, "alert.context.jndi.repeats.flow_id", "7");
    assert_json(t, "alert.context.jndi.repeats.packet", "4");
    assert_null(json_get(t, "alert.context.jndi.versions").p); /* the first one's alert has them */
    sample_drop(&s);
}

static void the_lookup_stays_in_a_cut_payload(void **state)
{
    static uint8_t big[60000];
    struct sample s;
    struct bytes t;

    (void)state;
    memset(big, '"', sizeof big); /* the most expensive printable byte */
    memcpy(big + 30000, SAMPLE_RAW, sizeof SAMPLE_RAW - 1);
    sample_lookup(&s);
    s.finding.payload = bytes_of(big, sizeof big);
    s.finding.raw = bytes_of(big + 30000, sizeof SAMPLE_RAW - 1);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    for (uint64_t size = 3000; size <= 8192; size += 500) {
        config->eve_max_event_size = size;
        t = write_line(&s, true);
        assert_true(bytes_find(json_get(t, "payload_printable"), BYTES_LIT(SAMPLE_RAW)) != BYTES_NONE);
        assert_json(t, "alert.context.jndi.raw", "\"" SAMPLE_RAW "\"");
    }
    sample_drop(&s);
}

static void long_strings_are_cut_between_characters(void **state)
{
    static uint8_t umlauts[3000];
    struct sample s;
    struct bytes found;

    (void)state;
    for (size_t i = 0; i + 1 < sizeof umlauts; i += 2)
        memcpy(umlauts + i, "\xc3\xa4", 2);
    sample_lookup(&s);
    s.attrs.v[1].value = bytes_of(umlauts, sizeof umlauts);
    s.finding.decoded = bytes_of(umlauts + 1, sizeof umlauts - 2); /* begins within a character: not UTF-8 */
    config->eve_max_event_size = 16384;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    found = json_get(write_line(&s, true), "alert.context.jndi.lookup");
    assert_int_equal(found.len, 1002);
    assert_memory_equal(found.p, "\"\xc3\xa4", 3);
    found = json_get(write_line(&s, true), "alert.context.jndi.decoded");
    assert_int_equal(found.len,
                     1024 / 4 * 5 + 2); /* as read: 1,024 characters of \xNN; its backslash is two here */
    assert_memory_equal(found.p, "\"\\\\xA4\\\\xC3", 11);
    sample_drop(&s);
}

#define with_config(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_config(the_envelope_is_exact),
        with_config(another_version_says_so),
        with_config(a_lookup_says_all_it_knows),
        with_config(an_answer_names_victim_and_callback),
        with_config(nobody_is_accused_without_knowing),
        with_config(settings_are_obeyed),
        with_config(several_lookups_are_all_told),
        with_config(repeats_say_how_often_and_name_the_first),
        with_config(an_odd_host_header_stays_whole),
        with_config(ipv6_is_written_in_full_and_bracketed),
        with_config(hostile_bytes_make_valid_lines),
        with_config(no_payload_makes_a_line_too_long),
        with_config(the_worst_alert_still_names_its_place),
        with_config(the_lookup_stays_in_a_cut_payload),
        with_config(long_strings_are_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "inspect/x509_text.h"
#include "output/eve.h"
#include "support/json.h"
#include "support/sample.h"

static struct config *config;
static struct buf line;

static int setup(void **state)
{
    (void)state;
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

/* An alert of a sample that has no http, but dns or tls. */
static struct bytes write_line(struct sample *s, const struct dns_view *dns, const struct tls_view *tls)
{
    struct eve eve = {.config = config, .source = "eth1"};

    s->field.http = NULL;
    s->field.dns = dns;
    s->field.tls = tls;
    s->field.app_proto = dns ? "dns" : "tls";
    s->field.message = 3;
    assert_true(sample_seal(s, STAGE_LOOKUP));
    assert_true(eve_alert(&line, &eve, &s->alert));
    assert_true(json_valid(bytes_of(line.p, line.len - 1)));
    return bytes_of(line.p, line.len - 1);
}

static void a_query_is_told(void **state)
{
    struct dns_view dns = {.id = 7, .name = BYTES_LIT("www.evil.example"), .type = 16};
    struct sample s;
    struct bytes t;

    (void)state;
    sample_lookup(&s);
    t = write_line(&s, &dns, NULL);
    assert_json(t, "dns",
                "{\"version\":2,\"query\":[{\"type\":\"query\",\"id\":7,\"rrname\":\"www.evil.example\","
                "\"rrtype\":\"TXT\",\"tx_id\":3,\"opcode\":0}]}");
    assert_json(t, "tx_id", "3");
    assert_no_json(t, "http");
    assert_no_json(t, "tls");
    sample_drop(&s);
}

static void an_answer_has_its_code(void **state)
{
    struct dns_view dns = {
        .response = true, .id = 7, .flags = 0x8583, .rcode = 3, .name = BYTES_LIT("n.example"), .type = 1};
    struct sample s;

    (void)state;
    sample_lookup(&s);
    assert_json(write_line(&s, &dns, NULL), "dns",
                "{\"version\":2,\"answer\":{\"version\":2,\"type\":\"answer\",\"id\":7,\"flags\":\"8583\","
                "\"qr\":true,\"rd\":true,\"ra\":true,\"rrname\":\"n.example\",\"rrtype\":\"A\","
                "\"rcode\":\"NXDOMAIN\",\"opcode\":0}}");
    sample_drop(&s);
}

static void a_hello_is_told(void **state)
{
    struct tls_view tls = {.sni = BYTES_LIT("shop.example"), .version = 0x0304, .ja3 = "0123", .ja4 = "t13d"};
    struct sample s;

    (void)state;
    sample_lookup(&s);
    assert_json(write_line(&s, NULL, &tls), "tls",
                "{\"sni\":\"shop.example\",\"version\":\"TLS 1.3\",\"ja3\":{\"hash\":\"0123\"},"
                "\"ja4\":\"t13d\"}");
    sample_drop(&s);
}

static void a_certificate_is_its_owners(void **state)
{
    struct x509_text text = {.not_before = "2025-01-01T00:00:00"};
    struct tls_view tls = {.certificate = &text, .version = 0x0303, .server = true};
    struct sample s;
    struct bytes t;

    (void)state;
    text.subject.ceiling = text.fingerprint.ceiling = 100;
    buf_add_str(&text.subject, "CN=shop.example");
    buf_add_str(&text.fingerprint, "4a:a3");
    sample_lookup(&s);
    t = write_line(&s, NULL, &tls);
    assert_json(t, "tls",
                "{\"version\":\"TLS 1.2\",\"subject\":\"CN=shop.example\",\"fingerprint\":\"4a:a3\","
                "\"notbefore\":\"2025-01-01T00:00:00\"}");
    sample_drop(&s);
    sample_lookup(&s);
    tls.server = false;
    t = write_line(&s, NULL, &tls);
    assert_json(t, "tls.client.subject", "\"CN=shop.example\"");
    assert_no_json(t, "tls.subject");
    sample_drop(&s);
    x509_text_drop(&text);
}

/* Long names are cut like all others, and go first when a line must be short. */
static void long_names_do_not_make_long_lines(void **state)
{
    uint8_t name[1024];
    struct dns_view dns = {.name = {name, sizeof name}, .type = 1};
    struct sample s;

    (void)state;
    memset(name, 1, sizeof name); /* each is six characters of JSON */
    for (config->eve_max_event_size = EVE_BARE_MAX; config->eve_max_event_size < 16384;
         config->eve_max_event_size += 1024) {
        sample_lookup(&s);
        s.finding.payload = s.finding.raw = s.finding.decoded = bytes_of(NULL, 0);
        assert_true(write_line(&s, &dns, NULL).len < config->eve_max_event_size);
        sample_drop(&s);
    }
}

#define with_config(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_config(a_query_is_told),
        with_config(an_answer_has_its_code),
        with_config(a_hello_is_told),
        with_config(a_certificate_is_its_owners),
        with_config(long_names_do_not_make_long_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

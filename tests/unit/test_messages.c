/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/messages.h"

#include "base/count.h"
#include "detect/rule_buffer.h"
#include "inspect/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BIT(id) (UINT64_C(1) << BUFFER_##id)

static struct {
    struct config *config;
    struct messages *messages;
    struct message_list list, other;
    struct flow flow;
    struct chunk chunk;
    struct http_view http;
    unsigned told;
    char payload[64], value[64], body[64];
} t;

static void on_told(void *arg, struct finding *f, const struct sighting_tx *tx)
{
    struct bytes body = {NULL, 0};

    (void)arg;
    t.told++;
    snprintf(t.payload, sizeof t.payload, "%.*s", (int)f->payload.len, (const char *)f->payload.p);
    snprintf(t.value, sizeof t.value, "%.*s", (int)f->attrs->v[0].value.len,
             (const char *)f->attrs->v[0].value.p);
    (void)tx->get(tx->arg, BUFFER_HTTP_REQUEST_BODY, 0, &body);
    snprintf(t.body, sizeof t.body, "%.*s", (int)body.len, body.len ? (const char *)body.p : "");
}

static void begin(uint64_t wanted)
{
    memset(&t, 0, sizeof t);
    count_reset();
    t.config = config_new();
    t.config->sighting_memcap = 256 * 1024;
    t.messages = messages_new(t.config, on_told, &t);
    messages_want(t.messages, wanted);
    t.flow = (struct flow){.id = 1, .proto = PROTO_TCP, .client_known = true};
    t.chunk = (struct chunk){.flow = &t.flow};
    t.http = (struct http_view){.method = BYTES_LIT("POST")};
}

static void end(void)
{
    messages_drop(t.messages, &t.list);
    messages_drop(t.messages, &t.other);
    messages_free(t.messages);
    config_free(t.config);
}

/* What is given lives in memory of its size, and no longer than the call. */
static void note(struct message_list *list, enum field_kind kind, const char *text, uint64_t message,
                 bool last)
{
    size_t len = strlen(text);
    uint8_t *exact = memcpy(malloc(len + !len), text, len);
    struct field f = {.kind = kind,
                      .value = {exact, len},
                      .chunk = &t.chunk,
                      .app_proto = "http",
                      .message = message,
                      .http = &t.http,
                      .last = last,
                      .parts = kind == FIELD_HTTP_REQUEST_HEAD ? http_request_parts : NULL};

    messages_note(t.messages, list, &f);
    messages_settle(t.messages, list, &f);
    free(exact);
}

static bool has(const struct message_list *list, uint64_t message, enum buffer_id id, const char *expected)
{
    struct field f = {.kind = FIELD_HTTP_URI, .chunk = &t.chunk, .message = message, .http = &t.http};
    const struct sighting_tx *tx = messages_of(t.messages, list, &f);
    struct bytes value;

    return tx->get(tx->arg, id, 0, &value) && (!expected || bytes_eq(value, bytes_str(expected)));
}

static bool waits(uint64_t message)
{
    struct attrs attrs = {0};
    struct field f = {.kind = FIELD_HTTP_URI, .chunk = &t.chunk, .message = message, .http = &t.http};
    uint8_t *exact = memcpy(malloc(4), "what", 4);
    struct finding finding = {
        .field = &f, .attrs = &attrs, .payload = {exact, 4}, .raw = {exact + 1, 2}, .confidence = 1};
    bool good;

    attrs_add(&attrs, ATTR_JNDI_SCHEME, bytes_of(exact, 4));
    good = messages_more(t.messages, &t.list, &f) && messages_wait(t.messages, &t.list, &finding);
    free(exact);
    return good;
}

#define HEAD   "POST /a HTTP/1.1\r\nCookie: a=b\r\nContent-Length: 4\r\n\r\n"
#define SHORT  "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
#define EMPTY  "POST /b HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
#define CHUNKS "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"

static void each_message_has_its_own(void **state)
{
    (void)state;
    begin(BIT(HTTP_COOKIE) | BIT(HTTP_REQUEST_BODY));
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, HEAD, 0, false);
    note(&t.list, FIELD_HTTP_REQUEST_BODY, "ab", 0, false);
    note(&t.list, FIELD_HTTP_REQUEST_BODY, "cd", 0, true);
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, SHORT, 1, false);
    assert_true(has(&t.list, 0, BUFFER_HTTP_COOKIE, "a=b"));
    assert_true(has(&t.list, 0, BUFFER_HTTP_REQUEST_BODY, "abcd"));
    assert_false(has(&t.list, 1, BUFFER_HTTP_COOKIE, NULL));
    assert_false(has(&t.list, 1, BUFFER_HTTP_REQUEST_BODY, NULL));
    assert_true(has(&t.list, 1, BUFFER_HTTP_HOST, "h"));
    assert_false(has(&t.list, 0, BUFFER_HTTP_SERVER, NULL)); /* no answer yet */
    assert_false(has(&t.list, 2, BUFFER_HTTP_HOST, NULL));
    assert_false(has(&t.other, 0, BUFFER_HTTP_HOST, NULL));
    end();
}

static void a_finding_waits_for_the_body(void **state)
{
    (void)state;
    begin(BIT(HTTP_REQUEST_BODY));
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, HEAD, 0, false);
    assert_true(waits(0));
    note(&t.list, FIELD_HTTP_REQUEST_BODY, "ab", 0, false);
    assert_int_equal(t.told, 0);
    assert_true(waits(0));
    note(&t.list, FIELD_HTTP_REQUEST_BODY, "cd", 0, true);
    assert_int_equal(t.told, 2);
    assert_string_equal(t.payload, "what");
    assert_string_equal(t.value, "what");
    assert_string_equal(t.body, "abcd");
    assert_false(waits(0)); /* it is over */
    end();
    assert_int_equal(t.told, 2);
}

static void the_end_of_the_flow_is_the_end_of_the_wait(void **state)
{
    (void)state;
    begin(BIT(HTTP_REQUEST_BODY));
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, CHUNKS, 0, false);
    assert_true(waits(0));
    messages_drop(t.messages, &t.list);
    assert_int_equal(t.told, 1);
    assert_string_equal(t.body, "");
    end();
}

static void nothing_waits_for_nothing(void **state)
{
    (void)state;
    begin(BIT(HTTP_REQUEST_BODY));
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, SHORT, 0, false);
    assert_false(waits(0));
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, EMPTY, 1, false);
    assert_false(waits(1));
    assert_false(waits(7));
    end();
    begin(BIT(HTTP_COOKIE)); /* no rule asks for a body */
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, HEAD, 0, false);
    assert_false(waits(0));
    end();
}

/* Not more than 16 findings for one body: the rest is told at once, by whoever asks. */
static void few_wait(void **state)
{
    unsigned n = 0;

    (void)state;
    begin(BIT(HTTP_REQUEST_BODY));
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, HEAD, 0, false);
    while (n < 100 && waits(0))
        n++;
    assert_int_equal(n, 16);
    end();
    assert_int_equal(t.told, 16);
}

static void the_oldest_goes(void **state)
{
    static char long_head[60000];

    (void)state;
    begin(BIT(HTTP_REQUEST_BODY));
    memset(long_head, 'a', sizeof long_head - 1);
    memcpy(long_head, HEAD, sizeof HEAD - 3); /* the last header goes on and on */
    long_head[sizeof HEAD] = ':';
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, long_head, 0, false);
    assert_true(waits(0));
    for (uint64_t i = 0; i < 10; i++)
        note(&t.other, FIELD_HTTP_REQUEST_HEAD, long_head, i, false);
    assert_int_equal(t.told, 1); /* with what there was */
    assert_null(t.list.first);
    assert_true(counters[COUNT_DETECT_MESSAGES_LOST] > 0);
    assert_true(has(&t.other, 9, BUFFER_HTTP_METHOD, "POST"));
    assert_false(has(&t.other, 1, BUFFER_HTTP_METHOD, NULL));
    end();
}

/* A flow of endless requests keeps the latest ones. */
/* What is not in the part that was kept may be in the rest. */
static void a_torn_body_is_none(void **state)
{
    static char head[100000];

    (void)state;
    begin(BIT(HTTP_REQUEST_BODY));
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, HEAD, 0, false);
    assert_true(waits(0));
    note(&t.list, FIELD_HTTP_REQUEST_BODY, "ab", 0, false);
    memset(head, 'h', sizeof head - 1);
    for (unsigned i = 0; i < 4 && t.told == 0; i++)
        note(&t.other, FIELD_HTTP_REQUEST_HEAD, head, i, false);
    assert_int_equal(t.told, 1);
    assert_string_equal(t.payload, "what");
    assert_string_equal(t.body, "");
    end();
}

static void a_flow_has_few(void **state)
{
    (void)state;
    begin(BIT(HTTP_COOKIE));
    for (uint64_t i = 0; i < 100; i++)
        note(&t.list, FIELD_HTTP_REQUEST_HEAD, HEAD, i, false);
    assert_false(has(&t.list, 83, BUFFER_HTTP_COOKIE, NULL));
    assert_true(has(&t.list, 84, BUFFER_HTTP_COOKIE, "a=b"));
    assert_int_equal(counters[COUNT_DETECT_MESSAGES_LOST], 0);
    end();
}

/* 65,536 bytes of a body are kept; what follows costs nothing. */
static void bodies_have_a_ceiling(void **state)
{
    static char part[30001];
    struct field f = {.kind = FIELD_HTTP_URI, .chunk = &t.chunk, .http = &t.http};
    const struct sighting_tx *tx;
    struct bytes body;

    (void)state;
    begin(BIT(HTTP_REQUEST_BODY));
    memset(part, 'x', sizeof part - 1);
    note(&t.list, FIELD_HTTP_REQUEST_HEAD, CHUNKS, 0, false);
    for (unsigned i = 0; i < 5; i++)
        note(&t.list, FIELD_HTTP_REQUEST_BODY, part, 0, false);
    tx = messages_of(t.messages, &t.list, &f);
    assert_true(tx->get(tx->arg, BUFFER_HTTP_REQUEST_BODY, 0, &body));
    assert_int_equal(body.len, 65536);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_has_its_own),
        cmocka_unit_test(a_finding_waits_for_the_body),
        cmocka_unit_test(the_end_of_the_flow_is_the_end_of_the_wait),
        cmocka_unit_test(nothing_waits_for_nothing),
        cmocka_unit_test(few_wait),
        cmocka_unit_test(the_oldest_goes),
        cmocka_unit_test(a_torn_body_is_none),
        cmocka_unit_test(a_flow_has_few),
        cmocka_unit_test(bodies_have_a_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

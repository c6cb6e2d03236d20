/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/hold.h"
#include "inspect/http2_list.h"

static int setup(void **state)
{
    (void)state;
    http2_list_clear();
    return 0;
}

static void add(const char *name, const char *value)
{
    assert_true(http2_list_add(bytes_str(name), bytes_str(value)));
}

static void a_list_is_a_text(void **state)
{
    struct http2_said said;

    (void)state;
    assert_true(http2_list_is_empty());
    add(":method", "POST");
    add(":path", "/x");
    add(":authority", "a.example");
    add("user-agent", "y");
    add("content-type", "application/json");
    add("content-encoding", "gzip");
    assert_false(http2_list_is_empty());
    http2_list_read(&said);
    assert_true(bytes_find(http2_list_text(), BYTES_LIT(":path: /x\n")) != BYTES_NONE ||
                bytes_find(http2_list_text(), BYTES_LIT(":path: /x\r\n")) != BYTES_NONE);
    assert_true(said.is_request && !said.is_response);
    assert_true(bytes_eq(said.view.method, BYTES_LIT("POST")));
    assert_true(bytes_eq(said.view.url, BYTES_LIT("/x")));
    assert_true(bytes_eq(said.view.host, BYTES_LIT("a.example")));
    assert_true(bytes_eq(said.view.user_agent, BYTES_LIT("y")));
    assert_int_equal(said.said.coding, FIELD_JSON);
    assert_int_equal(said.said.content.n, 1);
}

static void a_response_says_so(void **state)
{
    struct http2_said said;

    (void)state;
    add(":status", "302");
    add("location", "http://h/a.class");
    http2_list_read(&said);
    assert_true(said.is_response && !said.is_request);
    assert_int_equal(said.view.status, 302);
    assert_true(bytes_eq(said.location, BYTES_LIT("http://h/a.class")));
}

struct parts {
    struct buf text;
};

static size_t note(void *arg, const struct field *f)
{
    struct parts *p = arg;

    buf_add(&p->text, f->name);
    buf_add_str(&p->text, "=");
    buf_add(&p->text, f->value);
    buf_add_str(&p->text, "|");
    return 0;
}

/* RFC 9113 8.2.3; and a value may look like the next line. */
static void parts_are_known_by_their_place(void **state)
{
    struct parts p = {buf_within(4096)};
    struct http2_said said;
    struct field head = {.kind = FIELD_HTTP_REQUEST_HEAD};

    (void)state;
    add(":path", "/");
    add("cookie", "a=1");
    add("x-odd", "one\r\nx-two: ${jndi:x}");
    add("cookie", "b=2");
    http2_list_read(&said);
    head.value = http2_list_text();
    http2_request_parts(&head, note, &p);
    assert_true(bytes_find(buf_bytes(&p.text), BYTES_LIT("cookie=a=1; b=2|")) != BYTES_NONE);
    assert_true(bytes_find(buf_bytes(&p.text), BYTES_LIT("x-odd=one\r\nx-two: ${jndi:x}|")) != BYTES_NONE);
    buf_drop(&p.text);
}

static void full_lists_say_so(void **state)
{
    uint8_t *large = calloc(1, HTTP2_LIST_TEXT);
    unsigned n = 0;

    (void)state;
    while (n < 2 * HTTP2_LIST_MAX && http2_list_add(BYTES_LIT("a"), BYTES_LIT("b")))
        n++;
    assert_true(n >= HTTP2_LIST_MAX / 2 && n <= HTTP2_LIST_MAX);
    http2_list_clear();
    add("a", "b");
    assert_false(http2_list_add(BYTES_LIT("large"), bytes_of(large, HTTP2_LIST_TEXT - 4)));
    assert_true(bytes_find(http2_list_text(), BYTES_LIT("large")) == BYTES_NONE);
    free(large);
}

static void a_list_can_wait(void **state)
{
    struct http2_aside one = {0}, other = {0};
    struct http2_said said;

    (void)state;
    add(":method", "GET");
    add("user-agent", "one");
    assert_true(http2_list_put_aside(&one));
    assert_true(http2_list_is_empty());
    add("user-agent", "other");
    assert_true(http2_list_put_aside(&other));
    assert_true(holds_bytes() > 0);
    http2_list_take_back(&one);
    http2_list_read(&said);
    assert_true(bytes_eq(said.view.user_agent, BYTES_LIT("one")));
    assert_true(bytes_eq(said.view.method, BYTES_LIT("GET")));
    http2_aside_drop(&one);
    http2_aside_drop(&other);
    assert_int_equal(holds_bytes(), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_is_a_text),  TEST(a_response_says_so), TEST(parts_are_known_by_their_place),
        TEST(full_lists_say_so), TEST(a_list_can_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

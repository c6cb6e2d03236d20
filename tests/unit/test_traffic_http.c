/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char request[] =
    "GET /1 HTTP/1.1\r\nHost: EXAMPLE.com:8080\r\nUser-Agent:  Foo  Bar \r\nX-Fold: one\r\n  "
    "two\r\n\tthree\r\n"
    "Cookie: a=b\r\nX-Empty:\r\nNoColon\r\nX-Dup: 1\r\nName : v\r\nX-Dup: 2\r\nCookie: c=d\r\n\r\n";
static const char response[] =
    "HTTP/1.1 404 Not  Found Here \r\nServer: nginx/1\r\nSet-Cookie: s=1\r\nset-cookie: s=2\r\n"
    "Fold: a\r\n b\r\n\r\n";
static const char http2[] =
    ":method: GET\r\n:path: /x%41\r\n:authority: Www.Example:443\r\ncookie: a=b\r\nx: y\r\n";

struct want {
    enum buffer_id id;
    const char *value; /* NULL: there is none */
};

static void assert_buffers(struct bytes head, bool is_request, bool is_http2, const struct want *want,
                           size_t n)
{
    struct http_buffers *h = http_buffers_new();

    assert_non_null(h);
    assert_true(http_buffers_read(h, head, is_request, is_http2));
    for (size_t i = 0; i < n; i++) {
        struct bytes got = {NULL, 0};
        bool there = http_buffers_get(h, want[i].id, 0, &got);

        if (there != (want[i].value != NULL) || (there && !bytes_eq(got, bytes_str(want[i].value))))
            fail_msg("%s is %.*s", buffer_rows[want[i].id].name, (int)got.len,
                     got.p ? (const char *)got.p : "");
    }
    http_buffers_free(h);
}

/* What Suricata 7.0.10 showed to a script for the same heads. */
static void of_a_request(void **state)
{
    static const struct want want[] = {
        {BUFFER_HTTP_METHOD, "GET"},
        {BUFFER_HTTP_URI, "/1"},
        {BUFFER_HTTP_REQUEST_LINE, "GET /1 HTTP/1.1"},
        {BUFFER_HTTP_PROTOCOL, "HTTP/1.1"},
        {BUFFER_HTTP_HOST, "example.com"},
        {BUFFER_HTTP_HOST_RAW, "EXAMPLE.com:8080"},
        {BUFFER_HTTP_USER_AGENT, "Foo  Bar"},
        {BUFFER_HTTP_COOKIE, "a=b, c=d"},
        {BUFFER_HTTP_REFERER, NULL},
        {BUFFER_HTTP_HEADER,
         "Host: EXAMPLE.com:8080\r\nUser-Agent: Foo  Bar\r\nX-Fold: one  two\tthree\r\nX-Empty: \r\n"
         ": NoColon\r\nX-Dup: 1, 2\r\nName: v\r\n"},
        {BUFFER_HTTP_HEADER_NAMES,
         "\r\nHost\r\nUser-Agent\r\nX-Fold\r\nCookie\r\nX-Empty\r\n\r\nX-Dup\r\nName\r\n\r\n"},
    };

    (void)state;
    assert_buffers(bytes_of(request, sizeof request - 1), true, false, want, sizeof want / sizeof *want);
}

static void of_a_response(void **state)
{
    static const struct want want[] = {
        {BUFFER_HTTP_STAT_CODE, "404"},
        {BUFFER_HTTP_STAT_MSG, "Not  Found Here"},
        {BUFFER_HTTP_SERVER, "nginx/1"},
        {BUFFER_HTTP_COOKIE, "s=1, s=2"},
        {BUFFER_HTTP_HEADER, "Server: nginx/1\r\nFold: a b\r\n"},
        {BUFFER_HTTP_HEADER_RAW,
         "Server: nginx/1\r\nSet-Cookie: s=1\r\nset-cookie: s=2\r\nFold: a\r\n b\r\n\r\n"},
    };

    (void)state;
    assert_buffers(bytes_of(response, sizeof response - 1), false, false, want, sizeof want / sizeof *want);
}

static void of_http2(void **state)
{
    static const struct want want[] = {
        {BUFFER_HTTP_METHOD, "GET"},
        {BUFFER_HTTP_URI, "/x%41"},
        {BUFFER_HTTP_HOST, "www.example"},
        {BUFFER_HTTP_COOKIE, "a=b"},
        {BUFFER_HTTP_HEADER, ":method: GET\r\n:path: /x%41\r\n:authority: Www.Example:443\r\nx: y\r\n"},
    };

    (void)state;
    assert_buffers(bytes_of(http2, sizeof http2 - 1), true, true, want, sizeof want / sizeof *want);
}

static void cut_everywhere(void **state)
{
    struct http_buffers *h = http_buffers_new();

    (void)state;
    assert_non_null(h);
    for (size_t cut = 0; cut < sizeof request; cut++) {
        uint8_t *exact = malloc(cut + !cut);
        struct bytes got;

        memcpy(exact, request, cut);
        for (unsigned way = 0; way < 3; way++) {
            (void)http_buffers_read(h, bytes_of(exact, cut), way != 1, way == 2);
            for (unsigned id = 0; id < BUFFER_N; id++)
                for (unsigned i = 0; i < 3; i++)
                    if (http_buffers_get(h, id, i, &got))
                        assert_true(got.len <= 4 * cut + 8);
        }
        free(exact);
    }
    http_buffers_free(h);
}

/* Names that are all the same, or all different, cost no more than their number. */
static void many_headers(void **state)
{
    struct http_buffers *h = http_buffers_new();
    char head[65536];
    size_t n = 0;
    struct bytes got;

    (void)state;
    n += (size_t)snprintf(head, sizeof head, "GET / HTTP/1.1\r\n");
    while (n < sizeof head - 16)
        n += (size_t)snprintf(head + n, sizeof head - n, "A: b\r\n");
    assert_true(http_buffers_read(h, bytes_of(head, n), true, false));
    assert_true(http_buffers_get(h, BUFFER_HTTP_HEADER, 0, &got));
    assert_int_equal(got.len, 3 + HTTP_BUFFER_HEADERS * 3 - 2 + 2);
    http_buffers_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_request),   cmocka_unit_test(of_a_response), cmocka_unit_test(of_http2),
        cmocka_unit_test(cut_everywhere), cmocka_unit_test(many_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

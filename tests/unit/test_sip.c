/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "support/conversation.h"

#define INVITE \
    "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nSubject: one\r\n two\r\nContent-Length: " \
    "5\r\n\r\nb\r\ndy"

static void messages_of_a_stream(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {
        {0, BYTES_LIT("\r\n\r\n" INVITE "ACK sip:b@h SIP/2.0\nl: 0\n\n"), 0},
        {1, BYTES_LIT("SIP/2.0 180 Ringing\r\nServer: s\r\n\r\nSIP/2.0 200 OK\r\n\r\n"), 0}};
    struct transcript t;

    (void)state;
    said[0].data = bytes_from(said[0].data, 4);
    t = conversation_of(PROTO_TCP, said, 2);
    assert_true(bytes_eq(buf_bytes(&t.text), bytes_str("0 sip sip.request_line #0 INVITE sip:b@h SIP/2.0\n"
                                                       "0 sip sip.header #0 Via: SIP/2.0/TCP h\n"
                                                       "0 sip sip.header #0 Subject: one two\n"
                                                       "0 sip sip.header #0 Content-Length: 5\n"
                                                       "0 sip sip.body #0 b\\x0d\\x0ady\n"
                                                       "0 sip sip.request_line #1 ACK sip:b@h SIP/2.0\n"
                                                       "0 sip sip.header #1 l: 0\n"
                                                       "1 sip sip.response_line #0 SIP/2.0 180 Ringing\n"
                                                       "1 sip sip.header #0 Server: s\n"
                                                       "1 sip sip.response_line #1 SIP/2.0 200 OK\n")));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

/* A datagram ends with its body, whatever length it claims, or claims none. */
static void datagrams(void **state)
{
    struct said said[] = {{0, BYTES_LIT("MESSAGE sip:b SIP/2.0\r\n\r\n${jndi:x}"), 0},
                          {0, BYTES_LIT("MESSAGE sip:b SIP/2.0\r\nContent-Length: 99\r\n\r\n${jndi:y}"), 0},
                          {0, BYTES_LIT("MESSAGE sip:b SIP/2.0\r\nContent-Length: 1\r\n\r\na${jndi:z}"), 0},
                          {0, BYTES_LIT("MESSAGE sip:b SIP/2.0\r\nX: ${jndi:cut}"), 0}};
    struct transcript t = conversation_of(PROTO_UDP, said, 4);

    (void)state;
    assert_true(transcript_has(&t, "sip.body #0 ${jndi:x}\n"));
    assert_true(transcript_has(&t, "sip.body #1 ${jndi:y}\n"));
    assert_true(transcript_raw_has(&t, 0, "${jndi:z}"));
    assert_true(transcript_has(&t, "sip.header #3 X: ${jndi:cut}\n"));
    transcript_drop(&t);
}

static void anything_behind(void **state)
{
    (void)state;
    conversation_assert_nothing_hides(
        BYTES_LIT("INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nSubject: one\r\n two\r\n\r\n"
                  "OPTIONS sip:h SIP/2.0\r\nl: 0\r\n\r\n"));
}

static void recognised_or_not(void **state)
{
    const struct bytes no[] = {BYTES_LIT("GET / HTTP/1.1\r\n"),
                               BYTES_LIT("invite sip:b SIP/2.0\r\n"),
                               BYTES_LIT("INVITE sip:b\r\n"),
                               BYTES_LIT("INVITE SIP/2.0x"),
                               BYTES_LIT(" INVITE"),
                               BYTES_LIT("A2 SIP/2.0\r\n"),
                               BYTES_LIT("\n")};

    (void)state;
    for (unsigned i = 0; i < sizeof no / sizeof *no; i++)
        assert_int_equal(sip_inspector.recognise(no[i], PROTO_UDP, true), RECOGNISE_NO);
    assert_int_equal(sip_inspector.recognise(BYTES_LIT("PING sip:b SIP/2.0\n"), PROTO_UDP, true),
                     RECOGNISE_REQUEST);
    assert_int_equal(sip_inspector.recognise(BYTES_LIT("SIP/2.0 200 OK\r\n"), PROTO_TCP, false),
                     RECOGNISE_RESPONSE);
    assert_int_equal(sip_inspector.recognise(BYTES_LIT("SIP/2"), PROTO_TCP, false), RECOGNISE_MORE);
    assert_int_equal(sip_inspector.recognise(BYTES_LIT("INVITE sip"), PROTO_TCP, false), RECOGNISE_MORE);
}

static void too_long(void **state)
{
    struct config config = conversation_config();
    struct said said = {
        0,
        BYTES_LIT("OPTIONS sip:h SIP/2.0\r\nContent-Length: 5000\r\n\r\n${jndi:x} and more, to be "
                  "continued"),
        0};
    struct conversation c = {.said = &said, .n = 1, .proto = PROTO_TCP};
    struct transcript t;

    (void)state;
    config.app_max_message = 24;
    conversation_play(&c, &config, &t);
    assert_true(transcript_raw_has(&t, 0, "${jndi:x} and more"));
    transcript_drop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_a_stream),
        cmocka_unit_test(datagrams),
        cmocka_unit_test(anything_behind),
        cmocka_unit_test(recognised_or_not),
        cmocka_unit_test(too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

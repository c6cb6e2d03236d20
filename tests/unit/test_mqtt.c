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

#define CONNECT4 "\x10\x17\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02id\x00\x03${u\x00\x02p}"
#define CONNECT5 \
    "\x10\x23\x00\x04MQTT\x05\x06\x00\x3c\x05\x26\x00\x00\x00\x00\x00\x02id\x00\x00\x01t\x00\x09${jndi:x}"

static void packets(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {{0,
                           BYTES_LIT(CONNECT4 "\x32\x0b\x00\x03t/a\x00\x01mess\x82\x08\x00\x02\x00\x03t/#\x01"
                                              "\xa2\x07\x00\x03\x00\x03t/#\xc0\x00"),
                           0},
                          {1, BYTES_LIT("\x20\x02\x00\x00\x30\x0b\x00\x01t${jndi:x"), 0}};
    struct transcript t = conversation_of(PROTO_TCP, said, 2);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.text), bytes_str("0 mqtt mqtt.connect.clientid #0 id\n"
                                                       "0 mqtt mqtt.connect.username #0 ${u\n"
                                                       "0 mqtt mqtt.connect.password #0 p}\n"
                                                       "0 mqtt mqtt.publish.topic #1 t/a\n"
                                                       "0 mqtt mqtt.publish.message #1 mess\n"
                                                       "0 mqtt mqtt.subscribe.topic #2 t/#\n"
                                                       "0 mqtt mqtt.subscribe.topic #3 t/#\n"
                                                       "1 mqtt mqtt.publish.topic #1 t\n"
                                                       "1 mqtt mqtt.publish.message #1 ${jndi:x\n")));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

/* Version 5 has properties before most things. */
static void modern(void **state)
{
    struct said said = {0, BYTES_LIT(CONNECT5 "\x30\x12\x00\x01t\x0d\x26\x00\x01k\x00\x07${jndi}m"), 0};
    struct transcript t = conversation_of(PROTO_TCP, &said, 1);

    (void)state;
    assert_true(
        transcript_has(&t, "mqtt.connect.willtopic #0 t\n0 mqtt mqtt.connect.willmessage #0 ${jndi:x}\n"));
    assert_true(transcript_has(&t, "mqtt.publish.message #1 m\n"));
    assert_true(transcript_raw_has(&t, 0, "${jndi}"));
    transcript_drop(&t);
}

static void anything_behind(void **state)
{
    (void)state;
    conversation_assert_nothing_hides(
        BYTES_LIT(CONNECT4 "\x32\x0b\x00\x03t/a\x00\x01mess\x82\x08\x00\x02\x00\x03t/#\x01"));
    conversation_assert_nothing_hides(BYTES_LIT(CONNECT5));
}

static void too_long(void **state)
{
    struct said said = {0, BYTES_LIT(CONNECT4 "\x30\xff\xff\x7f\x00\x01t${jndi:x}"), 0};
    struct transcript t = conversation_of(PROTO_TCP, &said, 1);

    (void)state;
    assert_true(transcript_raw_has(&t, 0, "t${jndi:x}"));
    transcript_drop(&t);
}

static void recognised_or_not(void **state)
{
    (void)state;
    assert_int_equal(mqtt_inspector.recognise(BYTES_LIT(CONNECT4), PROTO_TCP, false), RECOGNISE_REQUEST);
    assert_int_equal(mqtt_inspector.recognise(BYTES_LIT("\x10\x10\x00\x06MQIsdp"), PROTO_TCP, false),
                     RECOGNISE_REQUEST);
    assert_int_equal(mqtt_inspector.recognise(BYTES_LIT("\x10\x17\x00\x04MQ"), PROTO_TCP, false),
                     RECOGNISE_MORE);
    assert_int_equal(mqtt_inspector.recognise(BYTES_LIT("\x10\x17\x00\x04MQ"), PROTO_TCP, true),
                     RECOGNISE_NO);
    assert_int_equal(mqtt_inspector.recognise(BYTES_LIT("\x10\x17\x00\x05MQ"), PROTO_TCP, false),
                     RECOGNISE_NO);
    assert_int_equal(mqtt_inspector.recognise(BYTES_LIT("\x11\x17"), PROTO_TCP, false), RECOGNISE_NO);
    assert_int_equal(mqtt_inspector.recognise(BYTES_LIT("\x10\xff\xff\xff\xff\x00"), PROTO_TCP, false),
                     RECOGNISE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets),           cmocka_unit_test(modern),
        cmocka_unit_test(anything_behind),   cmocka_unit_test(too_long),
        cmocka_unit_test(recognised_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

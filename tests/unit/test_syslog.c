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

static void datagrams(void **state)
{
    struct said said[] = {{0, BYTES_LIT("<13>1 - - ${jndi:x}"), 0}, {0, BYTES_LIT("<191>second"), 0}};
    struct transcript t = conversation_of(PROTO_UDP, said, 2);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.text), BYTES_LIT("0 syslog syslog.message #0 <13>1 - - ${jndi:x}\n"
                                                       "0 syslog syslog.message #1 <191>second\n")));
    assert_int_equal(t.raw[0].len, 0);
    transcript_drop(&t);
}

/* Counted messages, lines, a NUL, and a count that is too small to be one: each message on its own. */
static void messages_of_a_stream(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {
        {0,
         BYTES_LIT("12 <13>${one}\n3<14>two\n9 <15>three<16>four\n17 of them\n3 <1>\n<17>five\0"
                   "<18>six"),
         0},
        {1, BYTES_LIT("go away"), 0}};
    struct transcript t = conversation_of(PROTO_TCP, said, 2);

    (void)state;
    assert_true(transcript_has(&t, "syslog.message #0 <13>${one}\\x0a3\n"
                                   "0 syslog syslog.message #1 <14>two\n"
                                   "0 syslog syslog.message #2 <15>three\n"
                                   "0 syslog syslog.message #3 <16>four\n"
                                   "0 syslog syslog.message #4 17 of them\n"
                                   "0 syslog syslog.message #5 <1>\n"
                                   "0 syslog syslog.message #6 <17>five\n"
                                   "0 syslog syslog.message #7 <18>six\n"));
    assert_true(transcript_raw_has(&t, 1, "go away"));
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0);
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

static void anything_behind(void **state)
{
    (void)state;
    conversation_assert_nothing_hides(BYTES_LIT("12 <13>abc defg9 <14>short<15>line\n21 <16>not all of it"));
}

/* A receiver that knows no counts reads on: what one message leaves open is read with the next, too. */
static void cut_by_a_count(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {
        {0, BYTES_LIT("15 <13>user=aa${jndi:ldap://h/a} failed\n13 <13>${whole}.<13>end\n"), 0}};
    struct transcript t = conversation_of(PROTO_TCP, said, 1);

    (void)state;
    assert_true(transcript_has(&t, "#0 <13>user=aa${jn\n0 syslog syslog.message #1 di:ldap://h/a} failed\n"));
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), BYTES_LIT("${jndi:ldap://h/a} failed\n")));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 1, &config);
}

static void recognised_or_not(void **state)
{
    const struct bytes no[] = {
        BYTES_LIT("<192>too high"), BYTES_LIT("<1234>"),    BYTES_LIT("<html>"),         BYTES_LIT("<>x"),
        BYTES_LIT("12 abc"),        BYTES_LIT("012 <13>a"), BYTES_LIT("12345678 <13>a"), BYTES_LIT("13>a")};

    (void)state;
    for (unsigned i = 0; i < sizeof no / sizeof *no; i++)
        assert_int_equal(syslog_inspector.recognise(no[i], PROTO_TCP, false), RECOGNISE_NO);
    assert_int_equal(syslog_inspector.recognise(BYTES_LIT("<13>a"), PROTO_TCP, false), RECOGNISE_REQUEST);
    assert_int_equal(syslog_inspector.recognise(BYTES_LIT("5 <13>a"), PROTO_TCP, false), RECOGNISE_REQUEST);
    assert_int_equal(syslog_inspector.recognise(BYTES_LIT("5 <13>a"), PROTO_UDP, true), RECOGNISE_NO);
    assert_int_equal(syslog_inspector.recognise(BYTES_LIT("5 <1"), PROTO_TCP, false), RECOGNISE_MORE);
    assert_int_equal(syslog_inspector.recognise(BYTES_LIT("5 <1"), PROTO_TCP, true), RECOGNISE_NO);
}

/* Beyond the ceiling what is there is given, and the rest is raw. */
static void too_long(void **state)
{
    struct config config = conversation_config();
    struct said said = {0, BYTES_LIT("2000 <13>begins and goes on"), 0};
    struct conversation c = {.said = &said, .n = 1, .proto = PROTO_TCP};
    struct buf line = buf_within(4096);
    struct transcript t;

    (void)state;
    config.app_max_message = 1024;
    conversation_play(&c, &config, &t);
    assert_true(transcript_has(&t, "#0 2000 <13>begins and goes on\n"));
    transcript_drop(&t);
    assert_true(buf_add_str(&line, "<13>"));
    while (line.len < 1500)
        assert_true(buf_add_byte(&line, 'a'));
    assert_true(buf_add_str(&line, "${jndi:x}\n"));
    said.data = buf_bytes(&line);
    c.piece = 100;
    conversation_play(&c, &config, &t);
    assert_true(transcript_raw_has(&t, 0, "a${jndi:x}\n"));
    assert_int_equal(holds_bytes(), 0);
    transcript_drop(&t);
    buf_drop(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams),         cmocka_unit_test(messages_of_a_stream),
        cmocka_unit_test(anything_behind),   cmocka_unit_test(cut_by_a_count),
        cmocka_unit_test(recognised_or_not), cmocka_unit_test(too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

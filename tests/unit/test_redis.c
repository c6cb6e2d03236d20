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

static void commands(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {
        {0,
         BYTES_LIT(
             "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$11\r\n${jndi\r\n:x}\r\nPING ${jndi:y}\r\n*1\r\n$4\r\nQUIT\r\n"),
         0},
        {1, BYTES_LIT("+OK ${jndi:z}\r\n"), 0}};
    struct transcript t = conversation_of(PROTO_TCP, said, 2);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.text), bytes_str("0 redis redis.argument #0 SET\n"
                                                       "0 redis redis.argument #0 ${jndi\\x0d\\x0a:x}\n"
                                                       "0 redis redis.argument #1 PING ${jndi:y}\n"
                                                       "0 redis redis.argument #2 QUIT\n")));
    assert_true(transcript_raw_has(&t, 1, "${jndi:z}"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

static void anything_behind(void **state)
{
    (void)state;
    conversation_assert_nothing_hides(BYTES_LIT("*2\r\n$3\r\nGET\r\n$20\r\nnot all of it"));
}

static void too_long(void **state)
{
    struct said said[] = {{0, BYTES_LIT("*2\r\n$3\r\nSET\r\n$999999\r\n"), 0},
                          {0, BYTES_LIT("${jndi:x} and so on"), 0}};
    struct transcript t = conversation_of(PROTO_TCP, said, 2);

    (void)state;
    assert_true(transcript_raw_has(&t, 0, "${jndi:x} and so on"));
    transcript_drop(&t);
}

static void recognised_or_not(void **state)
{
    const struct bytes no[] = {BYTES_LIT("*\r\n$3"), BYTES_LIT("*2\n$3\n"), BYTES_LIT("* OK IMAP ready\r\n"),
                               BYTES_LIT("*12345678901\r\n$"), BYTES_LIT("$3\r\nGET\r\n")};

    (void)state;
    for (unsigned i = 0; i < sizeof no / sizeof *no; i++)
        assert_int_equal(redis_inspector.recognise(no[i], PROTO_TCP, false), RECOGNISE_NO);
    assert_int_equal(redis_inspector.recognise(BYTES_LIT("*10\r\n$3"), PROTO_TCP, false), RECOGNISE_REQUEST);
    assert_int_equal(redis_inspector.recognise(BYTES_LIT("*10\r"), PROTO_TCP, false), RECOGNISE_MORE);
    assert_int_equal(redis_inspector.recognise(BYTES_LIT("*10\r"), PROTO_TCP, true), RECOGNISE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),
        cmocka_unit_test(anything_behind),
        cmocka_unit_test(too_long),
        cmocka_unit_test(recognised_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

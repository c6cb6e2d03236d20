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

#define ENVELOPE "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
#define PARTS \
    "Subject: =?utf-8?B?JHtqbmRp?=\r\n =?utf-8?q?:x=7D?= end\r\n" \
    "Content-Type: multipart/mixed;\r\n boundary=\"b b\"\r\n\r\nbefore\r\n" \
    "--b b\r\nContent-Transfer-Encoding: base64\r\n\r\nJHtqb\r\nmRpOnh9\r\nno base64 here!\r\n" \
    "--b b\r\nContent-Transfer-Encoding: quoted-printable\r\nX: y\r\n\r\n=24{jndi:=\r\ny}\r\n..\r\n" \
    "--b b--\r\nbehind\r\n"

static void commands_and_credentials(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {
        {1, BYTES_LIT("220 h ESMTP\r\n"), 0},
        {0,
         BYTES_LIT("ehlo h\r\nAUTH PLAIN AGEAYg==\r\nAUTH LOGIN\r\nJHtqbmRpOng\r\nDATA!\r\n" ENVELOPE
                   "VRFY x\r\nMAIL FROM:<e>\r\n"),
         0}};
    struct transcript t = conversation_of(PROTO_TCP, said, 2);

    (void)state;
    assert_true(transcript_has(&t, "0 smtp smtp.helo #0 h\n"
                                   "0 smtp smtp.auth #0 a\n"
                                   "0 smtp smtp.auth #0 b\n"
                                   "0 smtp smtp.command #0 AUTH PLAIN AGEAYg==\n"
                                   "0 smtp smtp.command #0 AUTH LOGIN\n"
                                   "0 smtp smtp.auth #0 ${jndi:x\n"));
    assert_true(transcript_has(&t, "0 smtp smtp.mail_from #0 <a@b>\n"
                                   "0 smtp smtp.rcpt_to #0 <c@d>\n"
                                   "0 smtp smtp.command #0 VRFY x\n"
                                   "0 smtp smtp.mail_from #1 <e>\n"));
    assert_true(transcript_raw_has(&t, 1, "220 h ESMTP"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

/* Words come together, each part has its own encoding, and a line that is none stays as it is. */
static void a_mail(void **state)
{
    struct config config = conversation_config();
    struct said said = {0, BYTES_LIT("EHLO h\r\n" ENVELOPE "DATA\r\n" PARTS ".\r\nQUIT\r\n"), 0};
    struct transcript t = conversation_of(PROTO_TCP, &said, 1);

    (void)state;
    assert_true(transcript_has(&t, "0 smtp email.header #0 Subject: ${jndi:x} end\n"));
    assert_true(transcript_has(&t, "0 smtp email.header #0 X: y\n"));
    assert_true(transcript_has(&t, "0 smtp smtp.command #0 QUIT\n"));
    assert_true(bytes_eq(buf_bytes(&t.body),
                         bytes_str("before\n|${jndi:x}no base64 here!\n|${jndi:y}\n.\n|behind\n|")));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(&said, 1, &config);
}

/* In chunks whose borders lie anywhere, with commands right behind them. */
static void mail_in_chunks(void **state)
{
    struct config config = conversation_config();
    struct said said = {0,
                        BYTES_LIT("EHLO h\r\n" ENVELOPE "BDAT 18\r\nSubject: a\r\n\r\n${jn"
                                  "BDAT 5 LAST\r\ndi:x}QUIT\r\nBDAT nothing\r\n"),
                        0};
    struct transcript t;

    (void)state;
    t = conversation_of(PROTO_TCP, &said, 1);
    assert_true(bytes_eq(buf_bytes(&t.body), BYTES_LIT("${jndi:x}\n|")));
    assert_true(transcript_has(&t, "smtp.command #0 QUIT\n"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(&said, 1, &config);
}

/* What follows STARTTLS is TLS when it is; a command behind it in clear is a command. */
static void behind_starttls(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {{1, BYTES_LIT("220 h\r\n"), 0},
                          {0, BYTES_LIT("EHLO h\r\nSTARTTLS\r\nNOOP ${jndi:x}\r\n"), 0},
                          {0, BYTES_LIT("\x16\x03\x01\x00\x04\x01\x00\x00\x00"), 0},
                          {0, BYTES_LIT("no TLS ${jndi:y}"), 0}};
    struct transcript t = conversation_of(PROTO_TCP, said, 4);

    (void)state;
    assert_true(transcript_has(&t, "smtp.command #0 NOOP ${jndi:x}\n"));
    assert_true(transcript_raw_has(&t, 0, "no TLS ${jndi:y}"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 4, &config);
}

static void anything_behind(void **state)
{
    (void)state;
    conversation_assert_nothing_hides(
        BYTES_LIT("EHLO h\r\nAUTH LOGIN\r\nYQ==\r\n" ENVELOPE "DATA\r\n" PARTS ".\r\n"));
    conversation_assert_nothing_hides(BYTES_LIT("EHLO h\r\nBDAT 40\r\nSubject: a\r\n\r\n"));
}

static void long_lines(void **state)
{
    struct config config = conversation_config();
    struct buf text = buf_within(16384);
    struct said said = {.side = 0};
    struct conversation c = {.said = &said, .n = 1, .proto = PROTO_TCP, .piece = 100};
    struct transcript t;

    (void)state;
    config.app_max_message = 1024;
    assert_true(buf_add_str(&text, "EHLO h\r\nDATA\r\nA: b\r\n\r\n"));
    for (unsigned i = 0; i < 3000; i++)
        assert_true(buf_add_byte(&text, 'a'));
    assert_true(buf_add_str(&text, "${jndi:x}\r\n.\r\nNOOP "));
    for (unsigned i = 0; i < 3000; i++)
        assert_true(buf_add_byte(&text, 'b'));
    assert_true(buf_add_str(&text, "${jndi:y}\r\n"));
    said.data = buf_bytes(&text);
    conversation_play(&c, &config, &t);
    assert_int_equal(t.body.len, 3000 + 9 + 2);
    assert_true(transcript_raw_has(&t, 0, "b${jndi:y}\r\n"));
    assert_int_equal(holds_bytes(), 0);
    transcript_drop(&t);
    buf_drop(&text);
}

static void recognised_or_not(void **state)
{
    (void)state;
    assert_int_equal(smtp_inspector.recognise(BYTES_LIT("ehlo h"), PROTO_TCP, false), RECOGNISE_REQUEST);
    assert_int_equal(smtp_inspector.recognise(BYTES_LIT("MAIL FROM:<"), PROTO_TCP, true), RECOGNISE_REQUEST);
    assert_int_equal(smtp_inspector.recognise(BYTES_LIT("EHL"), PROTO_TCP, false), RECOGNISE_MORE);
    assert_int_equal(smtp_inspector.recognise(BYTES_LIT("EHL"), PROTO_TCP, true), RECOGNISE_NO);
    assert_int_equal(smtp_inspector.recognise(BYTES_LIT("EHLO"), PROTO_UDP, true), RECOGNISE_NO);
    assert_int_equal(smtp_inspector.recognise(BYTES_LIT("HELP\r\n"), PROTO_TCP, false), RECOGNISE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_credentials), cmocka_unit_test(a_mail),
        cmocka_unit_test(mail_in_chunks),           cmocka_unit_test(behind_starttls),
        cmocka_unit_test(anything_behind),          cmocka_unit_test(long_lines),
        cmocka_unit_test(recognised_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

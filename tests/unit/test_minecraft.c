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
#include "support/pack.h"

#define HANDSHAKE "\x10\x00\xf9\x05\x09h.example\x63\xdd\x02"
#define LOGIN \
    "\x07\x00\x05" \
    "alice"

/* Drop it. */
static struct buf packed(enum packing how, struct bytes plain)
{
    struct buf out = buf_within(plain.len + 65536);

    pack(how, plain, 9, &out);
    return out;
}

static void packets(void **state)
{
    struct config config = conversation_config();
    struct buf chat = buf_within(256), small = packed(PACK_ZLIB, BYTES_LIT("\x05${jndi:x}"));
    struct said said[3];
    struct transcript t;

    (void)state;
    assert_true(buf_add_byte(&chat, (uint8_t)(small.len + 1)));
    assert_true(buf_add_byte(&chat, 10));
    assert_true(buf_add(&chat, buf_bytes(&small)));
    assert_true(buf_add(&chat, BYTES_LIT("\x0b\x00\x05${jndi:y}")));
    said[0] = (struct said){0, BYTES_LIT(HANDSHAKE LOGIN), 0};
    said[1] = (struct said){1, BYTES_LIT("\x03\x03\x80\x02"), 0};
    said[2] = (struct said){0, buf_bytes(&chat), 0};
    t = conversation_of(PROTO_TCP, said, 3);
    assert_true(transcript_has(&t,
                               "0 minecraft minecraft.packet #0 \\x00\\xf9\\x05\\x09h.examplec\\xdd\\x02\n"
                               "0 minecraft minecraft.packet #1 \\x00\\x05alice\n"));
    assert_true(transcript_has(&t, "0 minecraft minecraft.packet #2 \\x05${jndi:x}\n"));
    assert_true(transcript_has(&t, "0 minecraft minecraft.packet #3 \\x00\\x05${jndi:y}\n"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 3, &config);
    buf_drop(&chat);
    buf_drop(&small);
}

/* A good beginning of compressed data must not hide what is plain behind it. */
static void half_compressed(void **state)
{
    struct buf text = buf_within(256), small = packed(PACK_ZLIB, BYTES_LIT("something"));
    struct said said;
    struct transcript t;

    (void)state;
    assert_true(buf_add(&text, BYTES_LIT(HANDSHAKE)));
    assert_true(buf_add_byte(&text, (uint8_t)(1 + small.len + 9)));
    assert_true(buf_add_byte(&text, 5));
    assert_true(buf_add(&text, buf_bytes(&small)));
    assert_true(buf_add(&text, BYTES_LIT("${jndi:x}")));
    said = (struct said){0, buf_bytes(&text), 0};
    t = conversation_of(PROTO_TCP, &said, 1);
    assert_true(transcript_has(&t, "${jndi:x}\n"));
    assert_true(transcript_has(&t, "#1 something\n"));
    transcript_drop(&t);
    buf_drop(&text);
    buf_drop(&small);
}

static void anything_behind(void **state)
{
    (void)state;
    conversation_assert_nothing_hides(BYTES_LIT(HANDSHAKE LOGIN "\x20\x05not all of it"));
}

static void recognised_or_not(void **state)
{
    const struct bytes no[] = {
        BYTES_LIT("\x10\x01\xf9\x05\x09h.example\x63\xdd\x02"), /* another packet */
        BYTES_LIT("\x10\x00\xf9\x05\x09h.example\x63\xdd\x04"), /* no such intent */
        BYTES_LIT("\x10\x00\xf9\x05\x08h.example\x63\xdd\x02"), /* a byte too many */
        BYTES_LIT("\x04\x00\xf9\x05\x00"),                      /* too short */
        BYTES_LIT("\x00\x1d\x12\x34\x01\x00\x00\x01"),          /* DNS */
        BYTES_LIT("\xff\xff\xff\xff"),
    };

    (void)state;
    for (unsigned i = 0; i < sizeof no / sizeof *no; i++)
        assert_int_equal(minecraft_inspector.recognise(no[i], PROTO_TCP, false), RECOGNISE_NO);
    assert_int_equal(minecraft_inspector.recognise(BYTES_LIT(HANDSHAKE), PROTO_TCP, false),
                     RECOGNISE_REQUEST);
    for (size_t cut = 0; cut < sizeof HANDSHAKE - 1; cut++)
        assert_int_equal(
            minecraft_inspector.recognise(bytes_slice(BYTES_LIT(HANDSHAKE), 0, cut), PROTO_TCP, false),
            RECOGNISE_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets),
        cmocka_unit_test(half_compressed),
        cmocka_unit_test(anything_behind),
        cmocka_unit_test(recognised_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

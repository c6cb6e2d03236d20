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
#include "inspect/inflate.h"
#include "support/pack.h"

#define JSON "{\"short_message\":\"${jndi:x}\"}"
#define ID \
    "\x1e\x0f" \
    "8 bytes!"
#define HAS "0 gelf gelf.message #0 {\"short_message\":\"${jndi:x}\"}\n"

/* Drop it. */
static struct buf packed(enum packing how, struct bytes plain)
{
    struct buf out = buf_within(plain.len + 65536);

    pack(how, plain, 9, &out);
    return out;
}

/* In any order, one twice, others under another name between them. */
static void chunks(void **state)
{
    struct said said[] = {{0,
                           BYTES_LIT(ID "\x02\x03"
                                        "x}\"}"),
                           0},
                          {0,
                           BYTES_LIT("\x1e\x0f"
                                     "another!"
                                     "\x00\x02"
                                     "lost"),
                           0},
                          {0,
                           BYTES_LIT(ID "\x00\x03"
                                        "{\"short_message\":"),
                           0},
                          {0,
                           BYTES_LIT(ID "\x00\x03"
                                        "a second version"),
                           0},
                          {0,
                           BYTES_LIT(ID "\x01\x03"
                                        "\"${jndi:"),
                           0}};
    struct transcript t = conversation_of(PROTO_UDP, said, 5);

    (void)state;
    assert_true(transcript_has(&t, HAS));
    assert_true(transcript_raw_has(&t, 0, "a second version"));
    transcript_drop(&t);
}

static void in_clear_and_compressed(void **state)
{
    struct said said = {0, BYTES_LIT(JSON), 0};
    struct transcript t = conversation_of(PROTO_UDP, &said, 1);
    struct buf small;

    (void)state;
    assert_true(transcript_has(&t, HAS));
    transcript_drop(&t);
    for (unsigned gzip = 0; gzip < 2; gzip++) {
        small = packed(gzip ? PACK_GZIP : PACK_ZLIB, BYTES_LIT(JSON));
        assert_true(buf_add_str(&small, "behind it"));
        said.data = buf_bytes(&small);
        t = conversation_of(PROTO_UDP, &said, 1);
        assert_true(transcript_has(&t, HAS));
        assert_true(transcript_raw_has(&t, 0, "behind it"));
        transcript_drop(&t);
        /* Cut anywhere: what came out until there, or what was sent, is looked at. */
        for (size_t cut = 1; cut < small.len; cut++) {
            said.data = bytes_slice(buf_bytes(&small), 0, cut);
            t = conversation_of(PROTO_UDP, &said, 1);
            assert_true(t.text.len > 0 || t.raw[0].len == cut);
            transcript_drop(&t);
        }
        buf_drop(&small);
    }
}

/* Says that it is compressed, and is not. */
static void false_label(void **state)
{
    struct said said = {0, BYTES_LIT("\x78\x9c${jndi:x}"), 0};
    struct transcript t = conversation_of(PROTO_UDP, &said, 1);

    (void)state;
    assert_true(transcript_raw_has(&t, 0, "${jndi:x}"));
    transcript_drop(&t);
}

/* The oldest message makes room, and what there is of it is given. */
static void more_messages_than_fit(void **state)
{
    struct said said[9];
    uint8_t head[9][20];
    struct transcript t;

    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        memcpy(head[i],
               ID "\x00\x02"
                  "message ",
               20);
        head[i][9] = head[i][19] = (uint8_t)('0' + i);
        said[i] = (struct said){0, bytes_of(head[i], sizeof head[i]), 0};
    }
    t = conversation_of(PROTO_UDP, said, 9);
    assert_true(bytes_eq(buf_bytes(&t.text), BYTES_LIT("0 gelf gelf.message #0 message0\n")));
    transcript_drop(&t);
}

/* Nothing grows beyond a hundred times what came. */
static void bomb(void **state)
{
    struct buf zeros = buf_within(1 << 20), small, out;

    (void)state;
    count_reset();
    assert_non_null(buf_room(&zeros, 1 << 20));
    memset(zeros.p, 'a', 1 << 20);
    buf_wrote(&zeros, 1 << 20);
    small = packed(PACK_ZLIB, buf_bytes(&zeros));
    out = buf_within(inflate_ceiling(small.len, 1 << 20));
    assert_int_equal(inflate_all(buf_bytes(&small), &out), INFLATED_BOMB);
    assert_int_equal(out.len, small.len * INFLATE_RATIO + INFLATE_FREE);
    assert_int_equal(counters[COUNT_INSPECT_BOMB], 1);
    buf_drop(&out);
    buf_drop(&small);
    buf_drop(&zeros);
}

/* Datagrams of one flow need not be of one protocol. */
static void another_protocol_between(void **state)
{
    struct said said[] = {
        {0,
         BYTES_LIT(ID "\x00\x02"
                      "first"),
         0},
        {0, BYTES_LIT("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07${jndi:\x01x\x00\x00\x01\x00\x01"),
         0}};
    struct transcript t = conversation_of(PROTO_UDP, said, 2);

    (void)state;
    assert_true(transcript_has(&t, "dns dns.rrname #0 ${jndi:.x\n"));
    transcript_drop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks),      cmocka_unit_test(in_clear_and_compressed),
        cmocka_unit_test(false_label), cmocka_unit_test(more_messages_than_fit),
        cmocka_unit_test(bomb),        cmocka_unit_test(another_protocol_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

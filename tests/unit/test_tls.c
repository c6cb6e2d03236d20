/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "inspect/x509.h"
#include "support/conversation.h"

/* Builds from the inside out: what is wrapped gets its length in front. */
static struct buf made(void)
{
    return buf_within(256 * 1024);
}

static void add(struct buf *out, struct bytes b)
{
    assert_true(buf_add(out, b));
}

/* Big-endian length of n bytes, then the content, which is given back. */
static void add_sized(struct buf *out, unsigned n, struct buf *content)
{
    for (unsigned i = n; i-- > 0;)
        assert_true(buf_add_byte(out, (uint8_t)(content->len >> 8 * i)));
    add(out, buf_bytes(content));
    buf_drop(content);
}

static void add_extension(struct buf *out, const char *type, struct buf *content)
{
    add(out, bytes_of(type, 2));
    add_sized(out, 2, content);
}

static void add_message(struct buf *out, uint8_t type, struct buf *body)
{
    assert_true(buf_add_byte(out, type));
    add_sized(out, 3, body);
}

static void add_record(struct buf *out, uint8_t type, struct bytes fragment)
{
    assert_true(buf_add_byte(out, type));
    add(out, BYTES_LIT("\x03\x03"));
    assert_true(buf_add_byte(out, (uint8_t)(fragment.len >> 8)));
    assert_true(buf_add_byte(out, (uint8_t)fragment.len));
    add(out, fragment);
}

static struct buf client_hello(const char *sni, const char *alpn)
{
    struct buf out = made(), body = made(), extensions = made(), list = made(), names = made(), name = made();

    add(&body, BYTES_LIT("\x03\x03"
                         "01234567890123456789012345678901"
                         "\x02ID"
                         "\x00\x02\x13\x01"
                         "\x01\x00"));
    add(&name, bytes_str(sni));
    add(&names, BYTES_LIT("\x00"));
    add_sized(&names, 2, &name);
    add_sized(&list, 2, &names);
    add_extension(&extensions, "\x00\x00", &list);
    add(&name, bytes_str(alpn));
    add(&names, BYTES_LIT("\x02h2"));
    add_sized(&names, 1, &name);
    add_sized(&list, 2, &names);
    add_extension(&extensions, "\x00\x10", &list);
    add_sized(&body, 2, &extensions);
    add_message(&out, 1, &body);
    return out;
}

static struct buf server_hello(bool modern)
{
    struct buf out = made(), body = made(), extensions = made(), version = made();

    add(&body, BYTES_LIT("\x03\x03"
                         "01234567890123456789012345678901"
                         "\x00"
                         "\x13\x01\x00"));
    if (modern) {
        add(&version, BYTES_LIT("\x03\x04"));
        add_extension(&extensions, "\x00\x2b", &version);
    }
    add_sized(&body, 2, &extensions);
    add_message(&out, 2, &body);
    return out;
}

/* Tag, length, content. */
static void add_der(struct buf *out, uint8_t tag, struct buf *content)
{
    assert_true(buf_add_byte(out, tag));
    if (content->len < 128) {
        add_sized(out, 1, content);
    } else {
        assert_true(buf_add_byte(out, 0x82));
        add_sized(out, 2, content);
    }
}

static void add_der_text(struct buf *out, uint8_t tag, const char *text)
{
    struct buf content = made();

    add(&content, bytes_str(text));
    add_der(out, tag, &content);
}

static void add_name(struct buf *out, const char *common_name)
{
    struct buf pair = made(), set = made(), name = made();

    add_der_text(&pair, 0x06, "\x55\x04\x03");
    add_der_text(&pair, 0x0c, common_name);
    add_der(&set, 0x30, &pair);
    add_der(&name, 0x31, &set);
    add_der(out, 0x30, &name);
}

static struct buf certificate(const char *issuer, const char *subject, const char *alternative)
{
    struct buf out = made(), all = made(), tbs = made(), part = made(), inner = made(), names = made();

    add_der_text(&inner, 0x02, "\x02");
    add_der(&tbs, 0xa0, &inner);
    add_der_text(&tbs, 0x02, "\x01");
    add_der_text(&tbs, 0x30, "");
    add_name(&tbs, issuer);
    add_der_text(&tbs, 0x30, "");
    add_name(&tbs, subject);
    add_der_text(&tbs, 0x30, "");
    add_der_text(&names, 0x82, alternative);
    add_name(&inner, "directory");
    add_der(&names, 0xa4, &inner);
    add_der(&inner, 0x30, &names);
    add_der_text(&part, 0x06, "\x55\x1d\x11");
    add_der_text(&part, 0x01, "\xff");
    add_der(&part, 0x04, &inner);
    add_der(&inner, 0x30, &part);
    add_der(&part, 0x30, &inner);
    add_der(&tbs, 0xa3, &part);
    add_der(&all, 0x30, &tbs);
    add_der(&out, 0x30, &all);
    return out;
}

static struct buf certificates(struct buf one)
{
    struct buf out = made(), body = made(), list = made();

    add_sized(&list, 3, &one);
    add_sized(&body, 3, &list);
    add_message(&out, 11, &body);
    return out;
}

static struct transcript play(const struct said *said, unsigned n)
{
    struct conversation c = {.said = said, .n = n, .proto = PROTO_TCP};
    struct config config = conversation_config();
    struct transcript t;

    conversation_play(&c, &config, &t);
    assert_int_equal(holds_bytes(), 0);
    return t;
}

/* A TLS 1.2 handshake: hello; hello and certificate in one record each; keys; then nothing in clear. */
static void talk12(struct buf client[2], struct buf *server)
{
    struct buf hello = client_hello("${jndi:ldap://a/sni}", "${jndi:ldap://a/alpn}");
    struct buf chain =
        certificates(certificate("${jndi:ldap://a/issuer}", "${jndi:ldap://a/subject}", "san.example"));
    struct buf answer = server_hello(false);

    client[0] = made();
    client[1] = made();
    *server = made();
    add_record(&client[0], 22, buf_bytes(&hello));
    add_record(server, 22, buf_bytes(&answer));
    add_record(server, 22, buf_bytes(&chain));
    add_record(&client[1], 22, BYTES_LIT("\x10\x00\x00\x02kx"));
    add_record(&client[1], 20, BYTES_LIT("\x01"));
    add_record(&client[1], 22, BYTES_LIT("encrypted"));
    buf_drop(&hello);
    buf_drop(&chain);
    buf_drop(&answer);
}

static void names_of_a_handshake(void **state)
{
    struct buf client[2], server, later = made();
    struct said said[4];
    struct transcript t;

    (void)state;
    talk12(client, &server);
    add_record(&later, 20, BYTES_LIT("\x01"));
    add_record(&later, 23, BYTES_LIT("not to be read"));
    said[0] = (struct said){0, buf_bytes(&client[0]), 0};
    said[1] = (struct said){1, buf_bytes(&server), 0};
    said[2] = (struct said){0, buf_bytes(&client[1]), 0};
    said[3] = (struct said){1, buf_bytes(&later), 0};
    t = play(said, 4);
    assert_true(transcript_has(&t, "0 tls tls.sni #0 ${jndi:ldap://a/sni}\n"
                                   "0 tls tls.alpn #0 h2\n"
                                   "0 tls tls.alpn #0 ${jndi:ldap://a/alpn}\n"
                                   "1 tls tls.issuerdn #0 ${jndi:ldap://a/issuer}\n"
                                   "1 tls tls.subject #0 ${jndi:ldap://a/subject}\n"
                                   "1 tls tls.subjectaltname #0 san.example\n"
                                   "1 tls tls.subjectaltname #0 directory\n"));
    assert_false(transcript_raw_has(&t, 1, "not to be read"));
    transcript_drop(&t);
    for (unsigned i = 0; i < 2; i++)
        buf_drop(&client[i]);
    buf_drop(&server);
    buf_drop(&later);
}

/* The same names however the segments are cut, and however many records the messages are spread over. */
static void any_pieces(void **state)
{
    struct config config = conversation_config();
    struct buf client[2], server, spread = made();
    struct said said[2];
    struct transcript t;

    (void)state;
    talk12(client, &server);
    said[0] = (struct said){0, buf_bytes(&client[0]), 0};
    said[1] = (struct said){1, buf_bytes(&server), 0};
    conversation_assert_same_in_pieces(said, 2, &config);
    for (size_t i = 5; i < client[0].len; i += 7)
        add_record(&spread, 22, bytes_slice(buf_bytes(&client[0]), i, i + 7));
    said[0].data = buf_bytes(&spread);
    t = play(said, 2);
    assert_true(transcript_has(&t, "tls.sni #0 ${jndi:ldap://a/sni}\n"));
    transcript_drop(&t);
    for (unsigned i = 0; i < 2; i++)
        buf_drop(&client[i]);
    buf_drop(&server);
    buf_drop(&spread);
}

/* A hello in clear proves nothing: what follows it and is no TLS is watched, whatever the other side says. */
static void nonsense_after_a_hello(void **state)
{
    struct buf client[2], server, text = made();
    struct said said[3];
    struct transcript t;

    (void)state;
    count_reset();
    talk12(client, &server);
    add(&text, buf_bytes(&client[0]));
    add(&text, BYTES_LIT("USER ${jndi:ldap://a/late}\r\n"));
    said[0] = (struct said){0, buf_bytes(&text), 0};
    said[1] = (struct said){1, buf_bytes(&server), 0};
    said[2] = (struct said){0, BYTES_LIT("more ${jndi:ldap://a/later}"), 0};
    t = play(said, 3);
    assert_true(transcript_has(&t, "tls.sni #0 ${jndi:ldap://a/sni}\n"));
    assert_true(transcript_raw_has(&t, 0, "USER ${jndi:ldap://a/late}\r\nmore ${jndi:ldap://a/later}"));
    assert_int_equal(counters[COUNT_TLS_MALFORMED], 1);
    transcript_drop(&t);
    for (unsigned i = 0; i < 2; i++)
        buf_drop(&client[i]);
    buf_drop(&server);
    buf_drop(&text);
}

/* The raw window waits for the end of a message, so that the name is told first; but not when the other side
 * speaks in clear: who claims a long message to a server that knows no TLS is not waited for. */
static void nobody_waits_for_a_false_hello(void **state)
{
    struct said said[] = {{0, BYTES_LIT("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc${jndi:x} waits"), 0},
                          {1, BYTES_LIT("500 what is this supposed to be?\r\n"), 0},
                          {0, BYTES_LIT("${jndi:y} does not"), 0}};
    struct conversation c = {.said = said, .n = 1, .proto = PROTO_TCP, .unended = true};
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    conversation_play(&c, &config, &t);
    assert_int_equal(t.raw[0].len, 0);
    transcript_drop(&t);
    c.n = 2;
    conversation_play(&c, &config, &t);
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), said[0].data));
    transcript_drop(&t);
    c.n = 3;
    conversation_play(&c, &config, &t);
    assert_true(transcript_raw_has(&t, 0, "waits${jndi:y} does not"));
    transcript_drop(&t);
    c.n = 1;
    c.unended = false;
    conversation_play(&c, &config, &t);
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), said[0].data));
    assert_int_equal(holds_bytes(), 0);
    transcript_drop(&t);
}

/* TLS 1.3: what follows the server's hello is encrypted, whatever its records are called. */
static void modern_server(void **state)
{
    struct buf hello = server_hello(true), record = made();
    struct config config = conversation_config();
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    struct chunk chunk = {.flow = &flow};
    struct inspecting in = {.config = &config, .chunk = &chunk};
    struct tls_side *t = tls_side_new();
    size_t clear;

    (void)state;
    add_record(&record, 22, buf_bytes(&hello));
    assert_int_equal(tls_side_feed(t, &in, buf_bytes(&record), &clear), TLS_ENCRYPTED);
    tls_side_free(t);
    buf_drop(&hello);
    buf_drop(&record);
}

static void ceiling(void **state)
{
    struct config config = conversation_config();
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    struct chunk chunk = {.flow = &flow};
    struct inspecting in = {.config = &config, .chunk = &chunk};
    struct tls_side *t = tls_side_new();
    size_t clear;

    (void)state;
    config.tls_max_handshake = 1024;
    assert_int_equal(tls_side_feed(t, &in, BYTES_LIT("\x16\x03\x01\x00\x04\x01\x00\x04\x00"), &clear),
                     TLS_NONSENSE);
    tls_side_free(t);
    t = tls_side_new();
    assert_int_equal(tls_side_feed(t, &in, BYTES_LIT("\x16\x03\x01\xff\xff"), &clear), TLS_NONSENSE);
    tls_side_free(t);
    assert_int_equal(holds_bytes(), 0);
}

static void count_name(void *arg, enum field_kind kind, struct bytes value)
{
    (void)kind;
    *(unsigned *)arg += value.len > 0;
}

static void certificate_cut(void **state)
{
    struct buf whole = certificate("issuer", "subject", "alternative");
    unsigned n = 0;

    (void)state;
    assert_true(x509_names(buf_bytes(&whole), count_name, &n));
    assert_int_equal(n, 4);
    for (size_t cut = 0; cut < whole.len; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);

        assert_non_null(exact);
        memcpy(exact, whole.p, cut);
        assert_false(x509_names(bytes_of(exact, cut), count_name, &n));
        free(exact);
    }
    buf_drop(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_a_handshake),   cmocka_unit_test(any_pieces),
        cmocka_unit_test(nonsense_after_a_hello), cmocka_unit_test(nobody_waits_for_a_false_hello),
        cmocka_unit_test(modern_server),          cmocka_unit_test(ceiling),
        cmocka_unit_test(certificate_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

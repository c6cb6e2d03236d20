/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LDAP as the road a callback takes: whose search it is, and how it ends. */
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

/* A message: id, operation's tag, and its parts; all shorter than 128 bytes. */
static struct bytes pdu(uint8_t id, uint8_t tag, struct bytes parts, struct bytes controls)
{
    static uint8_t space[16][256];
    static unsigned next;
    uint8_t *p = space[next++ % 16];

    assert_true(parts.len < 110 && parts.len + controls.len < 120);
    memcpy(p, "\x30\x00\x02\x01\x00\x00\x00", 7);
    p[1] = (uint8_t)(5 + parts.len + controls.len);
    p[4] = id;
    p[5] = tag;
    p[6] = (uint8_t)parts.len;
    if (parts.len)
        memcpy(p + 7, parts.p, parts.len);
    if (controls.len)
        memcpy(p + 7 + parts.len, controls.p, controls.len);
    return bytes_of(p, 7 + parts.len + controls.len);
}

#define NO_CONTROLS bytes_of(NULL, 0)
#define MANAGE_OID  "2.16.840.1.113730.3.4.2"
#define MANAGE_DSA  BYTES_LIT("\xa0\x1b\x30\x19\x04\x17" MANAGE_OID)

/* base "a", scope base, deref always, (objectClass=*), all attributes: a lookup */
#define LOOKUP \
    BYTES_LIT("\x04\x01" \
              "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass0\x00")
#define LDAPSEARCH \
    BYTES_LIT("\x04\x01" \
              "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectclass0\x00")
#define DONE(code) BYTES_LIT("\x0a\x01" code "\x04\x00\x04\x00")
#define ENTRY \
    BYTES_LIT("\x04\x01" \
              "a0\x0c" \
              "0\x0a\x04\x04mail1\x02\x04\x00")
#define JAVA_ENTRY \
    BYTES_LIT("\x04\x01" \
              "a0\x16" \
              "0\x14\x04\x0bjavafactory1\x05\x04\x03" \
              "Foo")

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

static void assert_says_not(const struct said *said, unsigned n, const char *what)
{
    struct transcript t = play(said, n);

    assert_false(transcript_has(&t, what));
    transcript_drop(&t);
}

static void whose_search(void **state)
{
    static const struct {
        struct bytes search;
        bool manages;
        const char *client;
    } all[] = {
        {LOOKUP, true, "ldap.client=jndi;jndi.stage=callback;"},
        {LOOKUP, false, "ldap.client=jndi-like;jndi.stage=callback;"}, /* a referral is followed */
        /* ldapsearch -s base -a always, and with -M: it spells its filter otherwise */
        {LDAPSEARCH, false, "ldap.client=other;flow"},
        {LDAPSEARCH, true, "ldap.client=java;flow"},
        /* with limits */
        {BYTES_LIT("\x04\x01"
                   "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x01\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass0\x00"),
         true, "ldap.client=java;flow"},
        {BYTES_LIT("\x04\x01"
                   "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x09\x01\x01\x00\x87\x0bobjectClass0\x00"),
         true, "ldap.client=java;flow"},
        /* subtree and a filter, with JNDI's habits */
        {BYTES_LIT("\x04\x01"
                   "a\x0a\x01\x02\x0a\x01\x03\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x03uid0\x00"),
         true, "ldap.client=java;flow"},
        /* a lookup's search for one attribute only */
        {BYTES_LIT("\x04\x01"
                   "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass"
                   "0\x04\x04\x02"
                   "cn"),
         true, "ldap.client=java;flow.opening=ldap;ldap.request.attribute_type=cn;\n"},
        /* ldapsearch -s base: never dereferences */
        {BYTES_LIT("\x04\x01"
                   "a\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass0\x00"),
         false, "ldap.client=other;flow"},
        /* always dereferences, asks for all by name, and knows no control */
        {BYTES_LIT("\x04\x01"
                   "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass"
                   "0\x03\x04\x01*"),
         false, "ldap.client=other;flow"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        struct said said[] = {{0, pdu(7, 0x63, all[i].search, all[i].manages ? MANAGE_DSA : NO_CONTROLS), 0}};

        assert_says(said, 1, all[i].client);
    }
}

/* What goes with the search, by its bytes: JDK 8u181 and 17 (which are the same), and OpenLDAP's
 * ldapsearch 2.5 told to ask in the same words. */
static void what_goes_with_a_search(void **state)
{
    static const struct bytes bind = BYTES_LIT("\x02\x01\x03\x04\x00\x80\x00"),
                              bind_v2 = BYTES_LIT("\x02\x01\x02\x04\x00\x80\x00"),
                              sasl = BYTES_LIT("\x02\x01\x03\x04\x00\xa3\x0a\x04\x08"
                                               "EXTERNAL");
    static const struct bytes two_controls =
        BYTES_LIT("\xa0\x35\x30\x19\x04\x17" MANAGE_OID "\x30\x18\x04\x16"
                  "1.2.840.113556.1.4.319");
    static const struct bytes critical = BYTES_LIT("\xa0\x1e\x30\x1c\x04\x17" MANAGE_OID "\x01\x01\xff");
    const struct {
        uint8_t bind_id, search_id;
        struct bytes bind, controls;
        const char *client;
    } rows[] = {
        {1, 2, bind, MANAGE_DSA, "ldap.client=jndi;"},
        {7, 8, bind, MANAGE_DSA, "ldap.client=jndi;"}, /* from a pool */
        {1, 3, bind, MANAGE_DSA, "ldap.client=jndi-like;"},
        {2, 2, bind, MANAGE_DSA, "ldap.client=jndi-like;"},
        {1, 2, bind_v2, MANAGE_DSA, "ldap.client=jndi-like;"},
        {1, 2, sasl, MANAGE_DSA, "ldap.client=jndi-like;"},
        {1, 2, bind, two_controls, "ldap.client=jndi-like;"},
        {1, 2, bind, critical, "ldap.client=jndi-like;"},
        {1, 2, bind, NO_CONTROLS, "ldap.client=jndi-like;"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct said said[] = {{0, pdu(rows[i].bind_id, 0x60, rows[i].bind, NO_CONTROLS), 0},
                              {0, pdu(rows[i].search_id, 0x63, LOOKUP, rows[i].controls), 0}};

        assert_says(said, 2, rows[i].client);
    }
    struct said holed[] = {{0, pdu(1, 0x60, bind, NO_CONTROLS), 0},
                           {0, pdu(9, 0x63, LOOKUP, MANAGE_DSA), 100}};
    struct conversation c = {.said = holed, .n = 2, .proto = PROTO_TCP};
    struct config config = conversation_config();
    struct transcript t;

    conversation_play(&c, &config, &t);
    assert_true(transcript_has(&t, "ldap.client=jndi;")); /* what lies between was not seen */
    transcript_drop(&t);
}

/* A domain member binds by SPNEGO, or by NTLM in its old place. */
static void windows(void **state)
{
    const struct bytes search = pdu(
        2, 0x63,
        BYTES_LIT(
            "\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass0\x00"),
        NO_CONTROLS);
    struct said spnego[] = {
        {0, pdu(1, 0x60, BYTES_LIT("\x02\x01\x03\x04\x00\xa3\x0f\x04\x0aGSS-SPNEGO\x04\x01x"), NO_CONTROLS),
         0},
        {0, search, 0}};
    struct said ntlm[] = {
        {0, pdu(1, 0x60, BYTES_LIT("\x02\x01\x03\x04\x00\x8a\x08NTLMSSP\0"), NO_CONTROLS), 0},
        {0, search, 0}};

    (void)state;
    assert_says(spnego, 2, "ldap.request.auth=GSS-SPNEGO;\n");
    assert_says(spnego, 2, "ldap.client=windows;");
    assert_says(ntlm, 2, "ldap.request.auth=sicily;\n");
    assert_says(ntlm, 2, "ldap.client=windows;");
}

static void binds(void **state)
{
    struct said simple[] = {{0,
                             pdu(1, 0x60,
                                 BYTES_LIT("\x02\x01\x03\x04\x04"
                                           "cn=a\x80\x02pw"),
                                 NO_CONTROLS),
                             0},
                            {1,
                             pdu(1, 0x61,
                                 BYTES_LIT("\x0a\x01\x31\x04\x00\x04\x03"
                                           "no!"),
                                 NO_CONTROLS),
                             0}};
    struct said sasl[] = {{0, wire_ldap_bind, 0}, {1, pdu(1, 0x61, DONE("\x0e"), NO_CONTROLS), 0}};

    (void)state;
    assert_says(simple, 2, "ldap.request.dn=cn=a;ldap.request.auth=simple;\n");
    assert_says(simple, 2,
                "result_code=invalid_credentials;ldap.responses.message=no!;jndi.answer=refused;\n");
    assert_says(simple, 2, "0 ldap fact #0 flow.opening=ldap;\n"); /* it came to no more than that */
    assert_says_not(sasl, 2, "refused");
}

/* The first request of weight opens the flow, once, whatever comes before and after. */
static void opening(void **state)
{
    struct said said[] = {
        {0, wire_ldap_bind, 0}, {0, wire_ldap_search, 0}, {0, wire_ldap_search, 0}, {0, wire_ldap_unbind, 0}};
    struct transcript t = play(said, 4);
    size_t at;

    (void)state;
    at = bytes_find(buf_bytes(&t.text), BYTES_LIT("flow.opening"));
    assert_int_not_equal(at, BYTES_NONE);
    assert_int_equal(bytes_find(bytes_from(buf_bytes(&t.text), at + 1), BYTES_LIT("flow.opening")),
                     BYTES_NONE);
    transcript_drop(&t);
    /* What is only said by a server opens nothing. */
    said[0] = (struct said){1, wire_ldap_bind_ok, 0};
    assert_says_not(said, 1, "flow.opening");
}

/* How a lookup ends. */
static void outcomes(void **state)
{
    const struct bytes lookup = pdu(2, 0x63, LOOKUP, MANAGE_DSA);
    struct said nothing[] = {{0, lookup, 0}, {1, pdu(2, 0x65, DONE("\x20"), NO_CONTROLS), 0}};
    struct said entry[] = {{0, lookup, 0},
                           {1, pdu(2, 0x64, ENTRY, NO_CONTROLS), 0},
                           {1, pdu(2, 0x65, DONE("\x00"), NO_CONTROLS), 0}};
    struct said java[] = {{0, lookup, 0},
                          {1, pdu(2, 0x64, JAVA_ENTRY, NO_CONTROLS), 0},
                          {1, pdu(2, 0x65, DONE("\x00"), NO_CONTROLS), 0}};
    struct said referral[] = {{0, lookup, 0},
                              {1,
                               pdu(2, 0x65,
                                   BYTES_LIT("\x0a\x01\x0a\x04\x00\x04\x00\xa3\x0d\x04\x0b"
                                             "ldap://c/y/"),
                                   NO_CONTROLS),
                               0}};
    struct said continuation[] = {{0, lookup, 0},
                                  {1, pdu(2, 0x73, BYTES_LIT("\x04\x0bldap://b/x/"), NO_CONTROLS), 0},
                                  {1, pdu(2, 0x65, DONE("\x00"), NO_CONTROLS), 0}};

    (void)state;
    assert_says(nothing, 2,
                "result_code=no_such_object;ldap.client=jndi;jndi.stage=callback;jndi.answer=nothing;\n");
    assert_says(entry, 3, "result_code=success;ldap.client=jndi;jndi.stage=callback;jndi.answer=entry;\n");
    assert_says(java, 3, "result_code=success;ldap.client=jndi;jndi.answer=java;\n");
    assert_says(referral, 2, "ldap.referral=ldap://c/y/;jndi.stage=referral;jndi.answer=referral;\n");
    assert_says(continuation, 3, "jndi.stage=referral;jndi.answer=referral;ldap.referral=ldap://b/x/;\n");
    assert_says(continuation, 3,
                "search_result_done;ldap.responses.result_code=success;ldap.client=jndi;"
                "jndi.answer=referral;\n");
}

/* Two searches at once, answered the other way round: each answer is told of its own. */
static void interleaved(void **state)
{
    const struct bytes other =
        BYTES_LIT("\x04\x01"
                  "b\x0a\x01\x02\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x03uid0\x00");
    struct said said[] = {{0, pdu(2, 0x63, LOOKUP, MANAGE_DSA), 0},
                          {0, pdu(3, 0x63, other, NO_CONTROLS), 0},
                          {1, pdu(3, 0x64, ENTRY, NO_CONTROLS), 0},
                          {1, pdu(2, 0x65, DONE("\x20"), NO_CONTROLS), 0},
                          {1, pdu(3, 0x65, DONE("\x00"), NO_CONTROLS), 0}};

    (void)state;
    assert_says(said, 5, "1 ldap fact #1 ldap.client=other;ldap.responses.operation=search_result_entry;");
    assert_says(said, 5,
                "1 ldap fact #0 ldap.responses.operation=search_result_done;"
                "ldap.responses.result_code=no_such_object;ldap.client=jndi;jndi.stage=callback;"
                "jndi.answer=nothing;\n");
    assert_says(said, 5,
                "1 ldap fact #1 ldap.responses.operation=search_result_done;"
                "ldap.responses.result_code=success;ldap.client=other;\n");
}

/* More open searches than are remembered: the oldest is forgotten, nothing else happens. */
static void many_open(void **state)
{
    struct said said[20];

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        said[i] = (struct said){0, pdu((uint8_t)(i + 2), 0x63, LOOKUP, MANAGE_DSA), 0};
    said[10] = (struct said){1, pdu(11, 0x65, DONE("\x20"), NO_CONTROLS), 0};
    said[11] = (struct said){1, pdu(2, 0x65, DONE("\x20"), NO_CONTROLS), 0};
    assert_says(said, 12,
                "1 ldap fact #9 ldap.responses.operation=search_result_done;"
                "ldap.responses.result_code=no_such_object;ldap.client=jndi;jndi.stage=callback;");
    assert_says(said, 12, "result_code=no_such_object;\n");
}

/* StartTLS, agreed; then TLS: read no further, and nothing was wrong with it. */
static void start_tls(void **state)
{
    struct said said[] = {{0,
                           pdu(1, 0x77,
                               BYTES_LIT("\x80\x16"
                                         "1.3.6.1.4.1.1466.20037"),
                               NO_CONTROLS),
                           0},
                          {1,
                           pdu(1, 0x78,
                               BYTES_LIT("\x0a\x01\x00\x04\x00\x04\x00\x8a\x16"
                                         "1.3.6.1.4.1.1466.20037"),
                               NO_CONTROLS),
                           0},
                          {0, wire_tls_client_hello, 0},
                          {1, wire_tls_server_hello, 0}};
    struct conversation c = {.said = said, .n = 4, .proto = PROTO_TCP};
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    count_reset();
    conversation_play(&c, &config, &t);
    assert_true(
        transcript_has(&t, "extended_request;ldap.extension=1.3.6.1.4.1.1466.20037;flow.opening=ldap;\n"));
    assert_true(transcript_has(&t, "extended_response;ldap.responses.result_code=success;"
                                   "ldap.extension=1.3.6.1.4.1.1466.20037;\n"));
    assert_true(transcript_has(&t, "tls.sni"));
    assert_int_equal(counters[COUNT_LDAP_MALFORMED], 0);
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0);
    transcript_drop(&t);
}

static void notice_of_disconnection(void **state)
{
    struct said said[] = {{0, wire_ldap_search, 0},
                          {1,
                           pdu(0, 0x78,
                               BYTES_LIT("\x0a\x01\x34\x04\x00\x04\x03"
                                         "bye\x8a\x16"
                                         "1.3.6.1.4.1.1466.20036"),
                               NO_CONTROLS),
                           0}};

    (void)state;
    assert_says(said, 2,
                "extended_response;ldap.responses.result_code=unavailable;ldap.responses.message=bye;"
                "ldap.extension=1.3.6.1.4.1.1466.20036;\n");
}

static void kits(void **state)
{
    struct said path[] = {
        {0,
         pdu(2, 0x63,
             BYTES_LIT("\x04\x1d"
                       "Basic/Command/Base64/d2hvYW1p\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x00\x01"
                       "\x01\x00\x87\x0bobjectClass0\x00"),
             NO_CONTROLS),
         0}};
    struct said factory[] = {{1,
                              pdu(2, 0x64,
                                  BYTES_LIT("\x04\x01"
                                            "a0\x23"
                                            "0!\x04\x0bjavaFactory1\x12\x04\x10"
                                            "ExecTemplateJDK7"),
                                  NO_CONTROLS),
                              0}};

    (void)state;
    assert_says(path, 1, "jndi.kit=JNDIExploit;jndi.payload=Basic;jndi.command=whoami;");
    assert_says(factory, 1,
                "java.content=reference;jndi.kit=JNDI-Injection-Exploit;java.factory=ExecTemplateJDK7;");
}

/* A RefAddr in base64 is an object like any other, and may say its classes. */
static void address_with_an_object(void **state)
{
    struct said said[] = {{1,
                           pdu(2, 0x64,
                               BYTES_LIT("\x04\x00"
                                         "0>0<\x04\x14javaReferenceAddress1$\x04\x22"
                                         "#0#x##rO0ABXQAA2FiY3Ji0123456789/+"
                                         "=="),
                               NO_CONTROLS),
                           0}};
    struct said remote[] = {{1,
                             pdu(2, 0x64,
                                 BYTES_LIT("\x04\x00"
                                           "0$0\"\x04\x12javaRemoteLocation1\x0c\x04\x0armi://a/b/"),
                                 NO_CONTROLS),
                             0}};

    (void)state;
    assert_says(said, 1, "jndi.stage=deserialization;java.content=serialized;");
    assert_says(said, 1, "java.address=#0#x##rO0AB");
    assert_says(remote, 1, "jndi.stage=reference;java.content=reference;java.address=rmi://a/b/;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_search), cmocka_unit_test(what_goes_with_a_search),
        cmocka_unit_test(windows),      cmocka_unit_test(binds),
        cmocka_unit_test(opening),      cmocka_unit_test(outcomes),
        cmocka_unit_test(interleaved),  cmocka_unit_test(many_open),
        cmocka_unit_test(start_tls),    cmocka_unit_test(notice_of_disconnection),
        cmocka_unit_test(kits),         cmocka_unit_test(address_with_an_object),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

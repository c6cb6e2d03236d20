/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/java_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base64.h"
#include "support/conversation.h"
#include "support/wire.h"

/* aced0005, then an array of bytes (TC_ARRAY, description of [B) with a class file of 33 bytes: pool of 4
 * (Utf8 "a/B", Class, String), access, this, super. */
#define CLASS_FILE "\xca\xfe\xba\xbe\0\0\0\64\0\4\1\0\3a/B\7\0\1\10\0\1\0\41\0\2\0\0\0\0\0\0\0"
#define STREAM     "\xac\xed\0\5\x75\x72\0\2[B\xac\xf3\x17\xf8\x06\x08\x54\xe0\2\0\0\x78\x70\0\0\0\41" CLASS_FILE

/* By sha256sum(1). */
#define CLASS_SUM  "d60554904179f8bc03f88241a0fc57328292ee4cdf526544f80160cdc96e9b81"
#define STREAM_SUM "eb4bbb643d43fd593a1d73ac7829f939243ae057e671b67b8b9b45c0834aafdc"

static void files_of(struct bytes stream, bool whole, struct java_files *files)
{
    static struct javaser j;

    javaser_read(stream, UINT32_MAX, &j);
    java_files_of(&j, whole, files);
}

static void a_stream_and_its_class(void **state)
{
    struct java_files files;
    struct attrs a = {.n = 0};

    (void)state;
    files_of(BYTES_LIT(STREAM), true, &files);
    assert_int_equal(files.n, 2);
    assert_false(files.v[0].is_class);
    assert_int_equal(files.v[0].data.len, sizeof STREAM - 1);
    assert_string_equal(files.v[0].sha256, STREAM_SUM);
    assert_true(files.v[1].is_class && bytes_eq(files.v[1].name, BYTES_LIT("a/B")));
    assert_int_equal(files.v[1].data.len, 33);
    assert_string_equal(files.v[1].sha256, CLASS_SUM);
    java_files_add_attrs(&files, &a);
    assert_int_equal(a.n, 2);
    files_of(BYTES_LIT("no stream"), true, &files);
    assert_int_equal(files.n, 0);
}

/* Sums of what is whole alone. */
static void every_cut(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof STREAM; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), STREAM, cut);
        struct java_files files;

        files_of(bytes_of(exact, cut), cut == sizeof STREAM - 1, &files);
        if (files.n > 0)
            assert_int_equal(files.v[0].sha256[0] != 0, cut == sizeof STREAM - 1);
        if (files.n > 1)
            assert_int_equal(files.v[1].sha256[0] != 0, cut == sizeof STREAM - 1);
        free(exact);
    }
}

/* The last ones make room. */
static void a_full_list(void **state)
{
    struct java_files files;
    struct attrs a = {.n = 0};

    (void)state;
    files_of(BYTES_LIT(STREAM), true, &files);
    for (unsigned i = 0; i < ATTRS_MAX; i++)
        attrs_add(&a, ATTR_JAVA_CLASS, BYTES_LIT("a"));
    java_files_add_attrs(&files, &a);
    assert_int_equal(a.n, ATTRS_MAX);
    assert_true(a.cut);
    assert_true(bytes_eq(attrs_get(&a, ATTR_JAVA_SHA256), BYTES_LIT(STREAM_SUM)));
}

static bool tells(const struct said *said, unsigned n, bool wanted, const char *line)
{
    struct conversation c = {.said = said, .n = n, .proto = PROTO_TCP};
    struct config config = conversation_config();
    struct transcript t;
    bool has;

    config.eve_fileinfo = wanted;
    conversation_play(&c, &config, &t);
    has = transcript_has(&t, line);
    if (has != wanted)
        print_error("%.*s", (int)t.text.len, (const char *)t.text.p);
    transcript_drop(&t);
    if (wanted)
        conversation_assert_same_in_pieces(said, n, &config);
    return has;
}

static void in_ldap(void **state)
{
    struct said said[] = {{0, wire_ldap_authbind, 0}, {1, wire_ldap_serialized, 0}};

    (void)state;
    assert_true(tells(said, 2, true,
                      "1 ldap file #0 cn=ser,dc=evil;Java serialization data, version 5;249 bytes;whole;"
                      "1b460cb293df1a1b2164ac0c76da60a748af0b6dfd590fb81a380cd31cbe64fb\n"));
    assert_false(tells(said, 2, false, " file #"));
}

static bool tells_below(const struct said *said, size_t max_pdu, const char *line)
{
    struct conversation c = {.said = said, .n = 2, .proto = PROTO_TCP};
    struct config config = conversation_config();
    struct transcript t;
    bool has;

    config.eve_fileinfo = true;
    config.ldap_max_pdu = max_pdu;
    conversation_play(&c, &config, &t);
    has = transcript_has(&t, line);
    transcript_drop(&t);
    return has;
}

/* No sum of what is not all there. */
static void in_a_long_answer(void **state)
{
    struct said said[] = {{0, wire_ldap_authbind, 0}, {1, wire_ldap_serialized, 0}};

    (void)state;
    assert_true(tells_below(
        said, 400, "1 ldap file #0 cn=ser,dc=evil;Java serialization data, version 5;100 bytes;cut;\n"));
    assert_false(tells_below(said, 400, "java.sha256"));
    assert_true(tells_below(said, 414, ";103 bytes;cut;\n"));
    said[1].data = bytes_slice(wire_ldap_serialized, 0, wire_ldap_serialized.len - 1);
    assert_false(tells_below(said, 400, ";whole;"));
}

/* Appends tag and length, in four bytes. */
static void begin(struct buf *out, uint8_t tag, size_t len)
{
    assert_true(buf_add_byte(out, tag) && buf_add_byte(out, 0x84));
    for (unsigned shift = 32; shift > 0; shift -= 8)
        assert_true(buf_add_byte(out, (uint8_t)(len >> (shift - 8))));
}

/* An entry with a stream, of no value but n bytes that begin none, in base64 in javaReferenceAddress. */
static void add_address(struct buf *out, size_t n)
{
    struct buf stream = buf_within(n + 4), text = buf_within(2 * n + 100);
    size_t len;

    assert_true(buf_add(&stream, BYTES_LIT("\xac\xed\0\5")));
    while (stream.len < n)
        assert_true(buf_add_byte(&stream, 0x70)); /* null */
    assert_true(buf_add(&text, BYTES_LIT("#0#a##")) && base64_encode(&text, buf_bytes(&stream)));
    len = text.len + 6;
    begin(out, 0x30, 3 + 6 + 2 + 6 + 6 + 22 + 6 + len);
    assert_true(buf_add(out, BYTES_LIT("\x02\x01\x02")));
    begin(out, 0x64, 2 + 6 + 6 + 22 + 6 + len);
    assert_true(buf_add(out, BYTES_LIT("\x04\x00")));
    begin(out, 0x30, 6 + 22 + 6 + len);
    begin(out, 0x30, 22 + 6 + len);
    assert_true(buf_add(out, BYTES_LIT("\x04\x14javaReferenceAddress")));
    begin(out, 0x31, len);
    begin(out, 0x04, text.len);
    assert_true(buf_add(out, buf_bytes(&text)));
    buf_drop(&stream);
    buf_drop(&text);
}

/* Of a long address a part is decoded. */
static void in_an_address(void **state)
{
    struct buf entry = buf_within(1 << 18);
    struct said said[] = {{0, wire_ldap_authbind, 0}, {1, {NULL, 0}, 0}};

    (void)state;
    add_address(&entry, 3000);
    said[1].data = buf_bytes(&entry);
    assert_true(tells_below(said, 1 << 20, ";3000 bytes;whole;"));
    assert_false(tells_below(said, 4000, ";whole;")); /* a value of 1000 is left */
    assert_true(tells_below(said, 4000, " bytes;cut;"));
    buf_drop(&entry);
    entry = buf_within(1 << 18);
    add_address(&entry, 100000);
    said[1].data = buf_bytes(&entry);
    assert_true(tells_below(said, 1 << 20, ";65536 bytes;cut;\n"));
    buf_drop(&entry);
}

static void in_rmi(void **state)
{
    struct said said[] = {{0, wire_rmi_get_reference, 0}, {1, wire_rmi_reference, 0}};
    struct said stub[] = {{0, wire_rmi_lookup, 0}, {1, wire_rmi_stub, 0}};

    (void)state;
    assert_true(tells(said, 2, true,
                      "1 rmi file #0 javax.naming.Reference;Java serialization data, "
                      "version 5;376 bytes;whole;"
                      "cc69507ce0b82ba164500a070253ee95990570396a13da3611ee24ece9412fc3\n"));
    assert_false(tells(stub, 2, true, " file #")); /* a stub runs nothing */
}

/* The class file in an object is one, too; the object itself is the body. */
static void in_http(void **state)
{
    struct said said[] = {
        {0, BYTES_LIT("GET /o HTTP/1.1\r\nHost: a\r\n\r\n"), 0},
        {1, BYTES_LIT("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n" STREAM), 0},
    };

    (void)state;
    assert_int_equal(sizeof STREAM - 1, 60);
    assert_true(tells(said, 2, true,
                      "1 http file #0 a/B.class;compiled Java class data;33 bytes;whole;" CLASS_SUM "\n"));
    assert_true(tells(said, 2, true, ";60 bytes;whole;" STREAM_SUM "\n"));
    assert_true(tells(said, 2, true, "java.sha256=" CLASS_SUM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_and_its_class),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(a_full_list),
        cmocka_unit_test(in_ldap),
        cmocka_unit_test(in_a_long_answer),
        cmocka_unit_test(in_an_address),
        cmocka_unit_test(in_rmi),
        cmocka_unit_test(in_http),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

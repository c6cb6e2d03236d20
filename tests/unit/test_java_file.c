/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/java_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_and_its_class),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(a_full_list),
        cmocka_unit_test(in_ldap),
        cmocka_unit_test(in_rmi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

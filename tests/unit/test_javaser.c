/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "support/wire.h"

static void assert_text(struct bytes got, const char *want)
{
    assert_true(bytes_eq(got, bytes_str(want)));
}

/* The walk on a copy of exactly its size; the views in *j are of no more use afterwards. */
static enum javaser_state read_exact(struct bytes stream, size_t len, struct javaser *j)
{
    uint8_t *exact = malloc(len ? len : 1);

    assert_non_null(exact);
    memcpy(exact, stream.p, len);
    javaser_read(bytes_of(exact, len), UINT32_MAX, j);
    assert_true(j->used <= len);
    free(exact);
    return j->state;
}

static void reference_of_the_jdk(void **state)
{
    struct bytes stream = bytes_from(wire_rmi_reference, 1);
    struct javaser j;

    (void)state;
    javaser_read(stream, 1, &j);
    assert_int_equal(j.state, JAVASER_WHOLE);
    assert_int_equal(j.used, stream.len);
    assert_int_equal(j.n_values, 1);
    assert_text(j.reference.factory, "Payload");
    assert_text(j.reference.location, "http://10.99.0.1:8000/");
    assert_text(j.reference.class_name, "Payload");
    assert_int_equal(j.n_classes, 3);
    assert_text(j.classes[0], "javax.naming.Reference");
    assert_text(j.classes[1], "java.util.Vector");
    assert_text(j.classes[2], "[Ljava.lang.Object;");
    assert_int_equal(j.n_codebases, 0);
}

static void reference_with_annotations(void **state)
{
    struct javaser j;
    struct attrs a = {.n = 0};

    (void)state;
    javaser_read(bytes_from(wire_rmi_annotated, 1), 1, &j);
    assert_int_equal(j.state, JAVASER_WHOLE);
    assert_text(j.reference.factory, "Fetch");
    assert_text(j.reference.class_name, "Widget");
    assert_int_equal(j.n_codebases, 1);
    assert_text(j.codebases[0], "http://198.51.100.7:8180/#Fetch");
    assert_true(javaser_names(&j, "com.sun.jndi.rmi.registry.ReferenceWrapper"));
    javaser_add_attrs(&j, &a);
    assert_text(attrs_get(&a, ATTR_JAVA_FACTORY), "Fetch");
    assert_text(attrs_get(&a, ATTR_JAVA_CODEBASE), "http://198.51.100.7:8180/#Fetch");
    assert_text(attrs_get(&a, ATTR_JAVA_CLASS), "Widget");
    assert_true(bytes_eq(attrs_get(&a, ATTR_JAVA_SERIALIZED), bytes_from(wire_rmi_annotated, 1)));
}

static void hash_map_with_strings(void **state)
{
    size_t at = bytes_find(wire_ldap_serialized, BYTES_LIT("\xac\xed"));
    struct bytes stream = bytes_from(wire_ldap_serialized, at), names[8], texts[8];
    struct javaser j;

    (void)state;
    assert_int_equal(read_exact(stream, stream.len, &j), JAVASER_WHOLE);
    assert_int_equal(javaser_classes(stream, names, 8), 4);
    assert_text(names[0], "java.util.HashMap");
    assert_text(names[1], "java.util.ArrayList");
    assert_text(names[2], "java.lang.Integer");
    assert_text(names[3], "java.lang.Number");
    assert_int_equal(javaser_classes(stream, names, 2), 2);
    assert_int_equal(javaser_strings(stream, texts, 8), 6);
    assert_text(texts[0], "lab");
    assert_text(texts[1], "harmless");
}

/* Every prefix of a stream is one that ends too early, never nonsense and never an overread. */
static void every_cut(void **state)
{
    const struct bytes streams[] = {wire_rmi_reference, wire_rmi_annotated, wire_rmi_dgc, wire_rmi_lease,
                                    wire_rmi_stub};

    (void)state;
    for (unsigned i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        struct bytes stream = bytes_from(streams[i], 1);
        unsigned classes = 0;
        struct javaser j;

        assert_int_equal(read_exact(stream, stream.len, &j), JAVASER_WHOLE);
        for (size_t cut = 0; cut < stream.len; cut++) {
            assert_int_not_equal(read_exact(stream, cut, &j), JAVASER_LOST);
            assert_true(j.n_classes >= classes); /* what is known stays known */
            classes = j.n_classes;
        }
    }
}

static void no_magic_no_names(void **state)
{
    struct bytes names[4];

    (void)state;
    assert_int_equal(javaser_classes(BYTES_LIT("hello\n"), names, 4), 0);
    assert_int_equal(javaser_classes((struct bytes){0}, names, 4), 0);
    assert_int_equal(javaser_classes(BYTES_LIT("\xac\xed\x00\x04sr\x00\x05"
                                               "a.b.c"),
                                     names, 4),
                     0);
}

/* Structure that is lost does not hide the classes behind it. */
static void lost_and_searched(void **state)
{
    static const uint8_t stream[] = "\xac\xed\x00\x05\x73\x72\x00\x03"
                                    "a.b"
                                    "\x01\x02\x03\x04\x05\x06\x07\x08\x02\x00\x00"
                                    "\x55"
                                    "rr\x00\x00"
                                    "r\x00\x0e"
                                    "evil.GadgetOne"
                                    "r\x00\x05"
                                    "a b.c"
                                    "r\x00\x09"
                                    "noDotHere"
                                    "r\x00\x0e"
                                    "evil.GadgetTwo";
    struct bytes names[8];

    (void)state;
    assert_int_equal(javaser_classes(bytes_of(stream, sizeof stream - 1), names, 8), 3);
    assert_text(names[0], "a.b");
    assert_text(names[1], "evil.GadgetOne");
    assert_text(names[2], "evil.GadgetTwo");
}

/* Nested deeper than any real stream, and a class that would be its own superclass. */
static void hostile_nesting(void **state)
{
    static const uint8_t desc[] = "\x72\x00\x03"
                                  "a.b"
                                  "\x01\x02\x03\x04\x05\x06\x07\x08\x02\x00\x01L\x00\x01xt\x00\x01L\x78\x70";
    struct buf deep = buf_within(1 << 20);
    struct bytes names[4];
    struct javaser j;

    (void)state;
    assert_true(buf_add(&deep, BYTES_LIT("\xac\xed\x00\x05\x73")));
    assert_true(buf_add(&deep, bytes_of(desc, sizeof desc - 1)));
    for (unsigned i = 0; i < 20000; i++)
        assert_true(buf_add(&deep, BYTES_LIT("\x73\x71\x00\x7e\x00\x00")));
    assert_true(buf_add(&deep, BYTES_LIT("r\x00\x08"
                                         "deep.One")));
    javaser_read(buf_bytes(&deep), UINT32_MAX, &j);
    assert_int_equal(j.state, JAVASER_LOST);
    assert_int_equal(javaser_classes(buf_bytes(&deep), names, 4), 2);
    assert_text(names[1], "deep.One");
    buf_drop(&deep);

    javaser_read(BYTES_LIT("\xac\xed\x00\x05\x73\x72\x00\x03"
                           "a.b"
                           "\x01\x02\x03\x04\x05\x06\x07\x08\x02\x00\x00\x78"
                           "\x71\x00\x7e\x00\x00"),
                 UINT32_MAX, &j);
    assert_int_equal(j.state, JAVASER_LOST);
}

static void claims_of_length(void **state)
{
    struct javaser j;

    (void)state;
    /* byte[2^31 - 1], a long string of 2^64 - 1 bytes, a block of 4 GB */
    javaser_read(BYTES_LIT("\xac\xed\x00\x05\x75\x72\x00\x02["
                           "B\xac\xf3\x17\xf8\x06\x08\x54\xe0\x02\x00\x00\x78\x70\x7f\xff\xff\xff"
                           "a"),
                 UINT32_MAX, &j);
    assert_int_equal(j.state, JAVASER_CUT);
    javaser_read(BYTES_LIT("\xac\xed\x00\x05\x7c\xff\xff\xff\xff\xff\xff\xff\xff"
                           "a"),
                 UINT32_MAX, &j);
    assert_int_equal(j.state, JAVASER_CUT);
    javaser_read(BYTES_LIT("\xac\xed\x00\x05\x7a\xff\xff\xff\xff"
                           "a"),
                 UINT32_MAX, &j);
    assert_int_equal(j.state, JAVASER_CUT);
}

static void ends_where_no_value_begins(void **state)
{
    struct javaser j;

    (void)state;
    javaser_read(BYTES_LIT("\xac\xed\x00\x05t\x00\x01"
                           "at\x00\x01"
                           "bQ"),
                 UINT32_MAX, &j);
    assert_int_equal(j.state, JAVASER_WHOLE);
    assert_int_equal(j.n_values, 2);
    assert_int_equal(j.used, 12);
    javaser_read(BYTES_LIT("\xac\xed\x00\x05t\x00\x01"
                           "at\x00\x01"
                           "b"),
                 1, &j);
    assert_int_equal(j.used, 8);
}

static void block_data_in_blocks(void **state)
{
    uint8_t out[8];

    (void)state;
    assert_int_equal(javaser_block_data(BYTES_LIT("\xac\xed\x00\x05\x77\x01"
                                                  "a\x7a\x00\x00\x00\x02"
                                                  "bc\x77\x05"
                                                  "de"),
                                        out, 8),
                     5);
    assert_memory_equal(out, "abcde", 5);
    assert_int_equal(javaser_block_data(BYTES_LIT("\xac\xed\x00\x05\x77\x03"
                                                  "abc"),
                                        out, 2),
                     2);
    assert_int_equal(javaser_block_data(BYTES_LIT("\xac\xed\x00\x05t\x00\x01"
                                                  "a"),
                                        out, 2),
                     0);
}

/* TC_RESET: numbers of what came before it mean nothing any more. */
static void reset_forgets_handles(void **state)
{
    struct javaser j;

    (void)state;
    javaser_read(BYTES_LIT("\xac\xed\0\5t\0\1at\0\1bq\0\x7e\0\1"), 9, &j);
    assert_int_equal(j.state, JAVASER_WHOLE);
    javaser_read(BYTES_LIT("\xac\xed\0\5t\0\1ayt\0\1bq\0\x7e\0\0"), 9, &j);
    assert_int_equal(j.state, JAVASER_WHOLE);
    javaser_read(BYTES_LIT("\xac\xed\0\5t\0\1ayt\0\1bq\0\x7e\0\1"), 9, &j);
    assert_int_equal(j.state, JAVASER_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_of_the_jdk),
        cmocka_unit_test(reference_with_annotations),
        cmocka_unit_test(hash_map_with_strings),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(no_magic_no_names),
        cmocka_unit_test(lost_and_searched),
        cmocka_unit_test(hostile_nesting),
        cmocka_unit_test(claims_of_length),
        cmocka_unit_test(ends_where_no_value_begins),
        cmocka_unit_test(block_data_in_blocks),
        cmocka_unit_test(reset_forgets_handles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/javaclass.h"

/* As javac writes it, with one constant of every kind of length in front: class a/Exploit, index 14. */
static const uint8_t exploit[] = {
    0xca, 0xfe, 0xba, 0xbe, 0,   0,   0,   52,                      /* magic, minor, major: Java 8 */
    0,    17,                                                       /* constant_pool_count */
    1,    0,    3,    'f',  'o', 'o',                               /* 1 Utf8 */
    3,    0,    0,    0,    1,                                      /* 2 Integer */
    5,    0,    0,    0,    0,   0,   0,   0,   1,                  /* 3 Long, takes 4 as well */
    6,    0,    0,    0,    0,   0,   0,   0,   1,                  /* 5 Double, takes 6 as well */
    8,    0,    1,                                                  /* 7 String */
    10,   0,    14,   0,    9,                                      /* 8 Methodref */
    12,   0,    1,    0,    1,                                      /* 9 NameAndType */
    15,   6,    0,    8,                                            /* 10 MethodHandle */
    16,   0,    1,                                                  /* 11 MethodType */
    18,   0,    0,    0,    9,                                      /* 12 InvokeDynamic */
    1,    0,    9,    'a',  '/', 'E', 'x', 'p', 'l', 'o', 'i', 't', /* 13 Utf8 */
    7,    0,    13,                                                 /* 14 Class */
    20,   0,    1,                                                  /* 15 Package */
    7,    0,    1,                                                  /* 16 Class: foo */
    0,    0x21,                                                     /* access_flags */
    0,    14,                                                       /* this_class */
    0,    16,   0,    0,                                            /* super_class, interfaces_count */
};

#define NAMED_AT (sizeof exploit - 4) /* bytes that suffice */

static void test_name(void **state)
{
    struct bytes name;

    (void)state;
    assert_int_equal(java_class_name(bytes_of(exploit, sizeof exploit), &name), JAVA_CLASS_NAMED);
    assert_true(bytes_eq(name, BYTES_LIT("a/Exploit")));
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= sizeof exploit; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), exploit, cut);
        struct bytes name;
        enum java_class got = java_class_name(bytes_of(exact, cut), &name);

        assert_int_equal(got, cut < NAMED_AT ? JAVA_CLASS_MORE : JAVA_CLASS_NAMED);
        assert_int_equal(name.len, cut < NAMED_AT ? 0 : 9);
        assert_true(java_class_starts(bytes_of(exact, cut)));
        free(exact);
    }
}

/* Every byte changed to every value: no crash, and never a name outside the file. */
static void test_every_byte_wrong(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof exploit; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t *exact = memcpy(malloc(sizeof exploit), exploit, sizeof exploit);
            struct bytes name;

            exact[at] = (uint8_t)value;
            if (java_class_name(bytes_of(exact, sizeof exploit), &name) == JAVA_CLASS_NAMED)
                assert_true(name.p >= exact && name.p + name.len <= exact + sizeof exploit);
            else
                assert_int_equal(name.len, 0);
            free(exact);
        }
    }
}

static void test_versions(void **state)
{
    static const struct {
        uint8_t major;
        bool is_class;
    } rows[] = {{2, false}, {44, false}, {45, true}, {65, true}, {80, true}, {81, false}, {255, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t file[sizeof exploit];
        struct bytes name;

        memcpy(file, exploit, sizeof file);
        file[7] = rows[i].major;
        assert_int_equal(java_class_starts(bytes_of(file, sizeof file)), rows[i].is_class);
        assert_int_equal(java_class_name(bytes_of(file, sizeof file), &name) == JAVA_CLASS_NAMED,
                         rows[i].is_class);
    }
}

static void test_pointers_to_nowhere(void **state)
{
    static const uint8_t indices[] = {0,  1,  4,
                                      13, 17, 255}; /* none, Utf8, inside a Long, Utf8, beyond, beyond */

    (void)state;
    for (size_t i = 0; i < sizeof indices; i++) {
        uint8_t file[sizeof exploit];
        struct bytes name;

        memcpy(file, exploit, sizeof file);
        file[NAMED_AT - 1] = indices[i];
        assert_int_equal(java_class_name(bytes_of(file, sizeof file), &name), JAVA_CLASS_NO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_every_byte_wrong),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_pointers_to_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/x509_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* A certificate as far as it is read: serial 00ab, an issuer that is no UTF-8, a subject with two attributes
 * in a set, one of them of an unknown type; good from 2021 to 2050, in both forms of a date. */
#define VALIDITY 37 /* offset of the first date */
static const uint8_t certificate[] = {
    0x30, 0x7e, 0x30, 0x7c, 0xa0, 0x03, 0x02, 0x01, 0x02, 0x02, 0x02, 0x00, 0xab, 0x30, 0x04, 0x06,
    0x02, 0x2a, 0x03, 0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c, 0x03,
    0x61, 0xff, 0x62, 0x30, 0x20, 0x17, 0x0d, 0x32, 0x31, 0x31, 0x32, 0x31, 0x30, 0x31, 0x32, 0x30,
    0x30, 0x30, 0x30, 0x5a, 0x18, 0x0f, 0x32, 0x30, 0x35, 0x30, 0x31, 0x32, 0x33, 0x31, 0x32, 0x33,
    0x35, 0x39, 0x35, 0x39, 0x5a, 0x30, 0x39, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06,
    0x13, 0x02, 0x4e, 0x4c, 0x31, 0x1b, 0x30, 0x0b, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c, 0x04, 0x53,
    0x68, 0x6f, 0x70, 0x30, 0x0c, 0x06, 0x04, 0x2a, 0x03, 0x84, 0x05, 0x1e, 0x04, 0x00, 0x78, 0x20,
    0xac, 0x31, 0x0d, 0x30, 0x0b, 0x06, 0x03, 0x55, 0x04, 0x03, 0x1c, 0x04, 0x00, 0x00, 0x00, 0x61,
};

static const char fingerprint[] = "ed:38:e0:8d:6a:90:28:ab:7c:60:6c:4c:39:1f:4f:7c:b7:3f:e1:cc";

static void assert_text(const struct buf *b, const char *want)
{
    assert_true(bytes_eq(buf_bytes(b), bytes_str(want)));
}

static void texts(void **state)
{
    struct x509_text t;

    (void)state;
    assert_true(x509_text_read(bytes_of(certificate, sizeof certificate), &t));
    assert_text(&t.subject, "C=NL, O=Shop + OID(1.2.3.517)=x\xe2\x82\xac, CN=00000061");
    assert_text(&t.issuer, "<X509Error: Invalid X.509 name>");
    assert_text(&t.serial, "00:AB");
    assert_text(&t.fingerprint, fingerprint);
    assert_string_equal(t.not_before, "2021-12-10T12:00:00");
    assert_string_equal(t.not_after, "2050-12-31T23:59:59");
    x509_text_drop(&t);
}

/* One byte of the first date changed: another date, or none; the second is told all the same. */
static void dates(void **state)
{
    static const struct {
        size_t at; /* from its first digit */
        char byte;
        const char *want;
    } rows[] = {
        {0, '4', "2041-12-10T12:00:00"},
        {0, '5', "1951-12-10T12:00:00"},
        {2, '2', ""},
        {3, '3', ""},
        {4, '4', ""},
        {4, '0', ""},
        {6, '3', ""},
        {8, '6', ""},
        {10, '6', ""},
        {12, '+', ""},
        {5, '/', ""},
        {5, ':', ""},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint8_t changed[sizeof certificate];
        struct x509_text t;

        memcpy(changed, certificate, sizeof changed);
        changed[VALIDITY + 2 + rows[k].at] = (uint8_t)rows[k].byte;
        assert_true(x509_text_read(bytes_of(changed, sizeof changed), &t));
        assert_string_equal(t.not_before, rows[k].want);
        assert_string_equal(t.not_after, "2050-12-31T23:59:59");
        x509_text_drop(&t);
    }
    for (const char *first = "039"; *first; first++) {
        uint8_t changed[sizeof certificate];
        struct x509_text t;

        memcpy(changed, certificate, sizeof changed);
        changed[VALIDITY + 17] = (uint8_t)*first;
        assert_true(x509_text_read(bytes_of(changed, sizeof changed), &t));
        assert_string_equal(t.not_after, "");
        x509_text_drop(&t);
    }
}

static void cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof certificate; cut++) {
        uint8_t *exact = malloc(cut + !cut);
        struct x509_text t;

        assert_non_null(exact);
        memcpy(exact, certificate, cut);
        assert_false(x509_text_read(bytes_of(exact, cut), &t));
        assert_int_equal(t.fingerprint.len, 59);
        assert_int_equal(t.subject.len, 0);
        x509_text_drop(&t);
        free(exact);
    }
}

static void list(void **state)
{
    static const uint8_t two[] = {0, 0, 9, 0, 0, 2, 'a', 'b', 0, 0, 1, 'c'}, cut[] = {0, 0, 9, 0, 0, 2, 'a'};
    struct bytes one;

    (void)state;
    assert_true(x509_of_list(bytes_of(two, sizeof two), 0, &one));
    assert_true(bytes_eq(one, BYTES_LIT("ab")));
    assert_true(x509_of_list(bytes_of(two, sizeof two), 1, &one));
    assert_true(bytes_eq(one, BYTES_LIT("c")));
    assert_false(x509_of_list(bytes_of(two, sizeof two), 2, &one));
    assert_false(x509_of_list(bytes_of(cut, sizeof cut), 0, &one));
    assert_false(x509_of_list((struct bytes){0}, 0, &one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(dates),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

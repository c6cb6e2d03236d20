/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "inspect/x509_text.h"
#include "output/eve_record.h"
#include "support/json.h"

#include <stdio.h>

static struct buf line;

static struct bytes object_of(const struct tls_view *view)
{
    struct jsonw w;

    buf_drop(&line);
    line = buf_within(32768);
    w = jsonw_to(&line);
    jsonw_object(&w, NULL);
    eve_tls(&w, view);
    jsonw_end_object(&w);
    assert_true(w.ok && json_valid(buf_bytes(&line)));
    return buf_bytes(&line);
}

static void fill(struct buf *b, const char *text)
{
    *b = buf_within(X509_TEXT_MAX);
    assert_true(buf_add_str(b, text));
}

static void hellos(void **state)
{
    struct tls_view client = {.sni = BYTES_LIT("a.example"), .version = 0x0304, .ja3 = "aa", .ja4 = "t13"};
    struct tls_view server = {.server = true, .version = 0x0303, .ja3 = "bb"};

    (void)state;
    assert_json(object_of(&client), "tls.sni", "\"a.example\"");
    assert_json(object_of(&client), "tls.ja3.hash", "\"aa\"");
    assert_json(object_of(&client), "tls.ja4", "\"t13\"");
    assert_json(object_of(&server), "tls.version", "\"TLS 1.2\"");
    assert_json(object_of(&server), "tls.ja3s.hash", "\"bb\"");
    assert_no_json(object_of(&server), "tls.subject");
}

static void certificates(void **state)
{
    struct x509_text text = {0};
    struct tls_view view = {.server = true, .version = 0x0303, .certificate = &text};

    (void)state;
    fill(&text.subject, "CN=ldap.evil.example");
    fill(&text.issuer, "CN=\xff\x01");
    fill(&text.serial, "00:AB");
    fill(&text.fingerprint, "76:a4");
    snprintf(text.not_before, sizeof text.not_before, "2021-12-10T12:00:00");
    assert_json(object_of(&view), "tls.subject", "\"CN=ldap.evil.example\"");
    assert_json(object_of(&view), "tls.serial", "\"00:AB\"");
    assert_json(object_of(&view), "tls.fingerprint", "\"76:a4\"");
    assert_non_null(json_get(object_of(&view), "tls.issuerdn").p); /* whatever bytes it has */
    assert_json(object_of(&view), "tls.notbefore", "\"2021-12-10T12:00:00\"");
    assert_no_json(object_of(&view), "tls.notafter");
    assert_no_json(object_of(&view), "tls.ja3s");
    assert_no_json(object_of(&view), "tls.client");
    view.server = false;
    assert_json(object_of(&view), "tls.client.subject", "\"CN=ldap.evil.example\"");
    assert_no_json(object_of(&view), "tls.subject");
    x509_text_drop(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hellos), cmocka_unit_test(certificates)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    buf_drop(&line);
    return failed;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_ldap_pdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/json.h"
#include "support/wire.h"

typedef void render_fn(struct jsonw *w, struct bytes pdu);

static void with_values(struct jsonw *w, struct bytes pdu)
{
    (void)eve_ldap_attributes(w, pdu, true);
}

static void without_values(struct jsonw *w, struct bytes pdu)
{
    (void)eve_ldap_attributes(w, pdu, false);
}

/* The object, with what render writes in it, in *text. */
static struct bytes rendered(struct buf *text, render_fn *render, struct bytes pdu)
{
    struct jsonw w = jsonw_to(text);

    buf_clear(text);
    jsonw_object(&w, NULL);
    render(&w, pdu);
    jsonw_end_object(&w);
    assert_true(w.ok && json_valid(buf_bytes(text)));
    return buf_bytes(text);
}

static void assert_renders(render_fn *render, struct bytes pdu, const char *want)
{
    struct buf text = buf_within(65536);
    struct bytes got = rendered(&text, render, pdu);

    if (!bytes_eq(got, bytes_str(want)))
        fail_msg("%.*s", (int)got.len, (const char *)got.p);
    buf_drop(&text);
}

static void binds(void **state)
{
    (void)state;
    assert_renders(eve_ldap_bind, BYTES_LIT("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"),
                   "{\"version\":3}");
    assert_renders(eve_ldap_bind,
                   BYTES_LIT("\x30\x19\x02\x01\x01\x60\x14\x02\x01\x02\x04\x00\xa3\x0d\x04\x06"
                             "GSSAPI\x04\x03"
                             "abc"),
                   "{\"version\":2,\"sasl\":{\"mechanism\":\"GSSAPI\"}}");
    assert_renders(eve_ldap_bind, wire_ldap_search, "{}");
}

static void limits(void **state)
{
    (void)state;
    assert_renders(eve_ldap_limits, wire_ldap_search,
                   "{\"size_limit\":0,\"time_limit\":0,\"types_only\":false}");
    assert_renders(
        eve_ldap_limits,
        BYTES_LIT("\x30\x1c\x02\x01\x02\x63\x17\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x02\x01\x00\x02"
                  "\x01\x0a\x01\x01\xff\x87\x01"
                  "a0\x00"),
        "{\"size_limit\":256,\"time_limit\":10,\"types_only\":true}");
}

/* Text, bytes, an attribute without values, a password. */
#define ENTRY \
    "\x30\x57\x02\x01\x02\x64\x52\x04\x01" \
    "a\x30\x4d" \
    "\x30\x10\x04\x02" \
    "cn\x31\x0a\x04\x03" \
    "One\x04\x03" \
    "T\xc3\xb6" \
    "\x30\x0d\x04\x03" \
    "bin\x31\x06\x04\x04\xac\xed\x00\x05" \
    "\x30\x08\x04\x04" \
    "none\x31\x00" \
    "\x30\x20\x04\x15" \
    "userpassword;x-hashed\x31\x07\x04\x05" \
    "{SSHA"

static void values(void **state)
{
    (void)state;
    assert_renders(
        with_values, BYTES_LIT(ENTRY),
        "{\"attributes\":[{\"type\":\"cn\",\"values\":[\"One\",\"T\xc3\xb6\"]},{\"type\":\"bin\",\"values\":["
        "\"0xaced0005\"]},{\"type\":\"none\"},{\"type\":\"userpassword;x-hashed\"}]}");
    assert_renders(without_values, BYTES_LIT(ENTRY),
                   "{\"attributes\":[{\"type\":\"cn\"},{\"type\":\"bin\"},{\"type\":\"none\"},{\"type\":"
                   "\"userpassword;x-hashed\"}]}");
    assert_renders(with_values, wire_ldap_done, "{}");
}

/* However much there is: it and its neighbours fit a line of 8 KB. */
static void bounds(void **state)
{
    struct buf pdu = buf_within(1 << 20), list = buf_within(1 << 20), text = buf_within(1 << 20);

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        assert_true(buf_add(&list, BYTES_LIT("\x30\x82\x07\xda\x04\x02"
                                             "ab\x31\x82\x07\xd2")));
        for (unsigned k = 0; k < 2; k++) {
            assert_true(buf_add(&list, BYTES_LIT("\x04\x82\x03\xe5")));
            for (unsigned n = 0; n < 997; n++)
                assert_true(buf_add_byte(&list, i % 2 ? 'x' : 0));
        }
    }
    for (unsigned part = 0; part < 3; part++) {
        size_t len = list.len + (part == 0 ? 18 : part == 1 ? 8 : 0);
        uint8_t head[] = {part == 1 ? 0x64 : 0x30, 0x84,        0, (uint8_t)(len >> 16),
                          (uint8_t)(len >> 8),     (uint8_t)len};

        assert_true(buf_add(&pdu, bytes_of(head, sizeof head)));
        if (part < 2)
            assert_true(buf_add(&pdu, part == 0 ? BYTES_LIT("\2\2\0\1") : BYTES_LIT("\4\0")));
    }
    assert_true(buf_add(&pdu, buf_bytes(&list)));
    assert_in_range(rendered(&text, with_values, buf_bytes(&pdu)).len, 3000, 5000);
    buf_drop(&pdu);
    buf_drop(&list);
    buf_drop(&text);
}

static void every_cut(void **state)
{
    static const struct bytes all[] = {BYTES_LIT(ENTRY),
                                       BYTES_LIT("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00")};
    render_fn *const renders[] = {with_values, eve_ldap_bind, eve_ldap_limits};
    struct buf text = buf_within(65536);

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        for (size_t cut = 0; cut <= all[i].len; cut++)
            for (unsigned k = 0; k < 3; k++) {
                uint8_t *exact = memcpy(malloc(cut + !cut), all[i].p, cut);

                rendered(&text, renders[k], bytes_of(exact, cut));
                free(exact);
            }
    buf_drop(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binds),  cmocka_unit_test(limits),    cmocka_unit_test(values),
        cmocka_unit_test(bounds), cmocka_unit_test(every_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

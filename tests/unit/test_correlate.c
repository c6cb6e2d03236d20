/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "support/sample.h"
#include "support/sighted.h"

static const char rules_text[] =
    "alert ip any any -> any any (msg:\"a\"; jndi.stage; content:\"lookup\"; sid:1442200; rev:2;)\n"
    "alert ip any any -> any any (msg:\"b\"; http.uri; content:\"x\"; sid:1000001; rev:1; "
    "metadata:jndi_stage callback;)\n"
    "alert ip any any -> any any (msg:\"c\"; http.uri; content:\"y\"; sid:1000002; rev:1;)\n";

struct setting {
    struct config *config;
    struct ruleset *rules;
    struct correlate *correlate;
    unsigned n;
    struct alert last;
};

static void note(void *arg, const struct alert *a)
{
    struct setting *t = arg;

    t->n++;
    t->last = *a;
}

static int setup(void **state)
{
    static struct setting t;
    struct complaint why = {{0}};

    count_reset();
    t = (struct setting){.config = config_new()};
    if (!t.config)
        return -1;
    t.rules = ruleset_new(t.config, &why);
    if (!t.rules || !rules_all_added(t.rules, "test.rules", BYTES_LIT(rules_text), &why)) {
        print_error("%s\n", why.text);
        return -1;
    }
    t.correlate = correlate_new(t.config, t.rules, note, &t);
    *state = &t;
    return t.correlate ? 0 : -1;
}

static int teardown(void **state)
{
    struct setting *t = *state;

    correlate_free(t->correlate);
    ruleset_free(t->rules);
    config_free(t->config);
    count_reset();
    return 0;
}

/* The alert for a record of this rule whose finding says so of its stage (NULL: nothing). */
static enum stage stage_for(struct setting *t, uint32_t sid, const char *says)
{
    struct sample s;
    enum stage stage;

    sample_lookup(&s);
    s.rule.sid = sid;
    s.attrs.n = 0;
    if (says)
        attrs_add(&s.attrs, ATTR_JNDI_STAGE, bytes_str(says));
    assert_true(sample_seal(&s, STAGE_OTHER));
    t->n = 0;
    correlate_record(t->correlate, &s.record);
    assert_int_equal(t->n, 1);
    assert_int_equal(t->last.rule->sid, sid);
    assert_ptr_equal(t->last.record, &s.record);
    stage = t->last.stage;
    sample_drop(&s);
    return stage;
}

static void each_finding_is_an_alert_with_its_stage(void **state)
{
    struct setting *t = *state;

    for (enum stage s = 0; s < STAGE_INDICATOR; s++) /* no finding is one */
        assert_int_equal(stage_for(t, 1442200, stage_name(s)), s);
    assert_int_equal(stage_for(t, 1442200, "no such stage"), STAGE_OTHER);
    assert_int_equal(stage_for(t, 1442200, NULL), STAGE_OTHER);
    assert_int_equal(stage_for(t, 1000001, NULL), STAGE_CALLBACK);   /* the rule says */
    assert_int_equal(stage_for(t, 1000001, "lookup"), STAGE_LOOKUP); /* what was seen says more */
    assert_int_equal(stage_for(t, 1000002, NULL), STAGE_OTHER);
    assert_int_equal(correlate_n_alerts(t->correlate, STAGE_LOOKUP), 2);
    assert_int_equal(correlate_n_alerts(t->correlate, STAGE_CALLBACK), 2);
    assert_int_equal(correlate_n_alerts(t->correlate, STAGE_REFERENCE), 1);
    assert_int_equal(correlate_n_alerts(t->correlate, STAGE_OTHER), 3);
    assert_int_equal(counters[COUNT_CHANNEL_BAD], 0);
}

static void a_rule_that_nobody_has_is_counted(void **state)
{
    struct setting *t = *state;
    struct sample s;

    sample_lookup(&s);
    s.rule.sid = 4711;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    correlate_record(t->correlate, &s.record);
    s.rule.sid = 1442200;
    s.rule.gid = 3;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    correlate_record(t->correlate, &s.record);
    assert_int_equal(t->n, 0);
    assert_int_equal(counters[COUNT_CHANNEL_BAD], 2);
    assert_int_equal(correlate_n_alerts(t->correlate, STAGE_LOOKUP), 0);
    sample_drop(&s);
}

#define with_rules(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_rules(each_finding_is_an_alert_with_its_stage),
        with_rules(a_rule_that_nobody_has_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

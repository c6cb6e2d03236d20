/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/incident.h"
#include "correlate/labels.h"
#include "support/sample.h"

#include <stdio.h>

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* sample_lookup: 10.99.0.1 sends a lookup of ldap://203.0.113.9:1389/a to 10.99.0.2. */

struct setting {
    struct config *config;
    struct labeller *labeller;
    struct labels labels;
};

static struct iocs *list_of(const char *text)
{
    struct iocs *s = iocs_new(100);
    struct complaint why = {{0}};

    if (!iocs_add_text(s, "test.list", bytes_str(text), &why))
        fail_msg("%s", why.text);
    return s;
}

static void lists(struct setting *t, const char *bad, const char *allowed)
{
    labeller_set_lists(t->labeller, list_of(bad), list_of(allowed));
}

static void groups(struct setting *t, const char *assignment)
{
    struct complaint why = {{0}};

    if (!config_set(t->config, assignment, &why))
        fail_msg("%s", why.text);
    labeller_free(t->labeller);
    t->labeller = labeller_new(t->config);
    assert_non_null(t->labeller);
}

static int setup(void **state)
{
    static struct setting t;

    t = (struct setting){.config = config_new()};
    t.labeller = t.config ? labeller_new(t.config) : NULL;
    *state = &t;
    return t.labeller ? 0 : -1;
}

static int teardown(void **state)
{
    struct setting *t = *state;

    labeller_free(t->labeller);
    config_free(t->config);
    return 0;
}

/* Labels of a finding with one more value. */
static const struct labels *labels_of(struct setting *t, bool lookup, enum attr_id id, const char *value,
                                      struct incident *i)
{
    struct sample s;

    if (lookup)
        sample_lookup(&s);
    else
        sample_callback(&s);
    if (value)
        attrs_add(&s.attrs, id, bytes_str(value));
    assert_true(sample_seal(&s, lookup ? STAGE_LOOKUP : STAGE_CALLBACK));
    labels_of_record(&t->labels, t->labeller, &s.record, lookup ? LABEL_OF_LOOKUP : LABEL_OF_STEP, i);
    sample_drop(&s);
    return &t->labels;
}

static void hits(struct setting *t, enum attr_id id, const char *value, const char *indicator,
                 enum hit_where where)
{
    const struct labels *l = labels_of(t, true, id, value, NULL);

    assert_int_equal(l->n_hits, 1);
    assert_string_equal(l->hits[0].ioc->text, indicator);
    assert_int_equal(l->hits[0].where, where);
    assert_true(labels_have(l, LABEL_IOC));
}

static void test_nothing(void **state)
{
    struct setting *t = *state;

    assert_int_equal(labels_of(t, true, ATTR_N, NULL, NULL)->set, 0);
    lists(t, "other.example\n192.0.2.1\nldap://203.0.113.9:1389/b\n203.0.113.9:389\n", "");
    assert_int_equal(labels_of(t, true, ATTR_N, NULL, NULL)->set, 0);
    assert_int_equal(labels_of(t, false, ATTR_N, NULL, NULL)->set, 0);
}

static void test_places(void **state)
{
    struct setting *t = *state;

    lists(t, "203.0.113.9", "");
    hits(t, ATTR_N, NULL, "203.0.113.9", HIT_LOOKUP);
    lists(t, "ldap://203.0.113.9:1389/a", "");
    hits(t, ATTR_N, NULL, "ldap://203.0.113.9:1389/a", HIT_LOOKUP);
    lists(t, "203.0.113.9:1389", "");
    hits(t, ATTR_N, NULL, "203.0.113.9:1389", HIT_LOOKUP);
    lists(t, "evil.example\n" SHA "\n", "");
    hits(t, ATTR_JAVA_CODEBASE, "http://a.evil.example:8000/#x", "evil.example", HIT_ANSWER);
    hits(t, ATTR_LDAP_REFERRAL, "ldap://evil.example/o=x", "evil.example", HIT_ANSWER);
    hits(t, ATTR_JAVA_HOST, "evil.example:4444", "evil.example", HIT_ANSWER);
    hits(t, ATTR_JAVA_HOST, "evil.example", "evil.example", HIT_ANSWER);
    hits(t, ATTR_DNS_RRNAME, "secret.evil.example", "evil.example", HIT_DNS);
    hits(t, ATTR_JNDI_HOST, "${env:X}.evil.example", "evil.example", HIT_LOOKUP);
    hits(t, ATTR_JAVA_SHA256, SHA, SHA, HIT_FILE);
    lists(t, "10.99.0.1", ""); /* both ends are at home: then it is about either */
    hits(t, ATTR_N, NULL, "10.99.0.1", HIT_ADDRESS);
}

static void test_home_is_not_meant(void **state)
{
    struct setting *t = *state;

    groups(t, "vars.address-groups.HOME_NET=10.99.0.2");
    lists(t, "10.99.0.0/16", "");
    hits(t, ATTR_N, NULL, "10.99.0.0/16", HIT_ADDRESS);
    lists(t, "10.99.0.2", "");
    assert_int_equal(labels_of(t, true, ATTR_N, NULL, NULL)->n_hits, 0);
}

static void test_many_hits(void **state)
{
    struct setting *t = *state;
    struct sample s;
    struct buf text = buf_within(4096);
    char names[12][24];

    sample_lookup(&s);
    for (unsigned i = 0; i < 12; i++) {
        snprintf(names[i], sizeof names[i], "n%u.example", i);
        buf_addf(&text, "%s\n", names[i]);
        attrs_add(&s.attrs, ATTR_JAVA_HOST, bytes_str(names[i]));
        attrs_add(&s.attrs, ATTR_JAVA_URL, bytes_str(names[i])); /* again, and once told */
    }
    buf_add_byte(&text, '\0');
    lists(t, (const char *)text.p, "");
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    labels_of_record(&t->labels, t->labeller, &s.record, LABEL_OF_LOOKUP, NULL);
    assert_int_equal(t->labels.n_hits, HITS_MAX);
    assert_string_equal(t->labels.hits[1].ioc->text, "n1.example");
    sample_drop(&s);
    buf_drop(&text);
}

static void test_scanners_and_directories(void **state)
{
    struct setting *t = *state;

    groups(t, "vars.address-groups.SCANNERS=10.99.0.1");
    assert_true(labels_have(labels_of(t, true, ATTR_N, NULL, NULL), LABEL_SCANNER));
    groups(t, "vars.address-groups.SCANNERS=[]");
    assert_int_equal(labels_of(t, true, ATTR_N, NULL, NULL)->set, 0);
    groups(t, "vars.address-groups.LDAP_ALLOWED=[203.0.113.9,10.99.0.2]");
    assert_int_equal(labels_of(t, true, ATTR_N, NULL, NULL)->set, 0); /* a lookup asks no directory */
    assert_int_equal(labels_of(t, false, ATTR_N, NULL, NULL)->set, 1u << LABEL_DIRECTORY);
}

static void test_allowed(void **state)
{
    struct setting *t = *state;
    const struct labels *l;

    lists(t, "203.0.113.9", "203.0.113.0/24");
    l = labels_of(t, true, ATTR_N, NULL, NULL);
    assert_int_equal(l->set, 1u << LABEL_IOC | 1u << LABEL_ALLOWED);
    assert_int_equal(l->n_hits, 1);
    assert_int_equal(labels_severity(l, 1, LABEL_OF_LOOKUP), 3);
}

/* What was met once is known in all that follows; a scanner's incident is one only while nobody else sends
 * the same. */
static void test_incident_remembers(void **state)
{
    struct setting *t = *state;
    struct incidents *store = incidents_new(1 << 20, 1);
    const uint8_t b[4] = {10, 99, 0, 2};
    struct addr victim = addr_v4(b);
    struct incident *i = incidents_open(store, &victim, BYTES_LIT("203.0.113.9"), 1389, 1);
    struct mark *m = incident_mark(store, i, STAGE_LOOKUP);

    m->n = 1;
    groups(t, "vars.address-groups.SCANNERS=10.99.0.1");
    lists(t, "ldap://203.0.113.9:1389/a", "");
    assert_true(labels_have(labels_of(t, true, ATTR_N, NULL, i), LABEL_SCANNER));
    assert_true(i->scanner);
    lists(t, "", "");
    assert_int_equal(labels_of(t, false, ATTR_N, NULL, i)->set, 1u << LABEL_IOC | 1u << LABEL_SCANNER);
    groups(t, "vars.address-groups.SCANNERS=192.0.2.1");
    m->n = 2;
    assert_int_equal(labels_of(t, true, ATTR_N, NULL, i)->set, 1u << LABEL_IOC);
    assert_false(i->scanner);
    groups(t, "vars.address-groups.SCANNERS=10.99.0.1"); /* too late: somebody else has sent it */
    m->n = 3;
    labels_of(t, true, ATTR_N, NULL, i);
    assert_false(i->scanner);
    incidents_free(store);
}

static void test_severity(void **state)
{
    static const struct {
        uint32_t set;
        unsigned rule;
        enum label_stage stage;
        unsigned severity;
    } rows[] = {
        {0, 1, LABEL_OF_STEP, 1},
        {0, 3, LABEL_OF_STEP, 3},
        {1u << LABEL_IOC, 1, LABEL_OF_STEP, 1},
        {1u << LABEL_IOC, 3, LABEL_OF_STEP, 2},
        {1u << LABEL_IOC, 2, LABEL_OF_STEP, 1},
        {1u << LABEL_IOC, 2, LABEL_OF_LOOKUP, 2},
        {1u << LABEL_IOC, 3, LABEL_OF_LOOKUP, 2},
        {1u << LABEL_IOC, 2, LABEL_OF_STORY, 1},
        {1u << LABEL_SCANNER, 1, LABEL_OF_STEP, 3},
        {1u << LABEL_SCANNER, 1, LABEL_OF_STORY, 2},
        {1u << LABEL_SCANNER, 4, LABEL_OF_STEP, 4},
        {1u << LABEL_DIRECTORY, 2, LABEL_OF_STEP, 3},
        {1u << LABEL_ALLOWED | 1u << LABEL_IOC, 2, LABEL_OF_STORY, 3},
        {1u << LABEL_ALLOWED | 1u << LABEL_IOC, 3, LABEL_OF_STEP, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct labels l = {.set = rows[i].set};

        assert_int_equal(labels_severity(&l, rows[i].rule, rows[i].stage), rows[i].severity);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_places, setup, teardown),
        cmocka_unit_test_setup_teardown(test_home_is_not_meant, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_hits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scanners_and_directories, setup, teardown),
        cmocka_unit_test_setup_teardown(test_allowed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_incident_remembers, setup, teardown),
        cmocka_unit_test(test_severity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

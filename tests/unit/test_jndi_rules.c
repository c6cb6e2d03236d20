/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that come with the sensor, and what the documents say of them and of the buffers. Run at the top
 * of the source tree. */
#include "base/buf.h"
#include "detect/rule_class.h"
#include "detect/rule_buffer.h"
#include "detect/rule_parse.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct ruleset *shipped(void)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};

    if (!ruleset_add_file(r, "rules/jndi.rules", &why) || ruleset_n_refused(r))
        fail_msg("%s", why.text);
    return r;
}

#define LOOKUP \
    "jndi.stage=lookup jndi.name=ldap://192.0.2.9/a jndi.scheme=ldap jndi.host=192.0.2.9 jndi.port=389 "
#define YES    LOOKUP "jndi.effective=yes jndi.location=http.uri "
#define NO     LOOKUP "jndi.effective=no jndi.location=raw "
#define SEARCH "ldap.request.operation=search_request ldap.request.dn=a "
#define DONE   "ldap.responses.operation=search_result_done ldap.responses.result_code=success "
#define ENTRY  "ldap.responses.operation=search_result_entry ldap.responses.dn=a "

/* Who talks to whom: by default a home client to a server outside. */
enum ends { OUTWARD, INSIDE, FROM_OUTSIDE, TO_ALLOWED };

/* Each: protocol, direction, what was seen, the sid that speaks (0 = none). */
struct row {
    const char *app_proto;
    bool to_server;
    const char *seen;
    uint32_t sid;
};

static const struct row sightings[] = {
    /* clang-format off */
    {"http", true, YES, 1442200},
    {"failed", false, YES, 1442200},
    {"http", true, YES "jndi.technique=url jndi.technique=base64 jndi.technique=json jndi.technique=form", 1442200},
    {"http", true, YES "jndi.technique=utf-16 jndi.technique=html-entity jndi.technique=escape-sequence", 1442200},
    {"http", true, YES "jndi.leak=hostName", 1442201},
    {"dns", true, YES "jndi.leak=env:AWS_SECRET_ACCESS_KEY jndi.technique=nested jndi.technique=lower", 1442201},
    {"http", true, YES "jndi.technique=nested", 1442202},
    {"http", true, YES "jndi.technique=url jndi.technique=default-value", 1442202},
    {"http", true, YES "jndi.technique=lower", 1442202},
    {"http", true, YES "jndi.technique=upper", 1442202},
    {"http", true, YES "jndi.technique=date", 1442202},
    {"http", true, YES "jndi.technique=env", 1442202},
    {"http", true, YES "jndi.technique=sys", 1442202},
    {"http", true, YES "jndi.technique=escape", 1442202},
    {"http", true, YES "jndi.technique=multi-pass", 1442202},
    {"http", true, YES "jndi.technique=escaped-delimiter", 1442202},
    {"http", true, YES "jndi.technique=unicode-case", 1442202},
    {"http", true, YES "jndi.technique=prefix-case", 1442202},
    {"http", true, YES "jndi.technique=utf-8-variant", 1442202},
    {"http", true, NO, 1442203},
    {"http", true, NO "jndi.leak=hostName jndi.technique=lower", 1442203},
    {"http", true, "jndi.stage=lookup jndi.technique=budget jndi.location=http.uri", 1442204},
    {"http", true, NO "jndi.technique=budget", 1442204},
    {"http", true, YES "jndi.technique=budget", 1442200},
    {"http", true, "jndi.location=http.uri http.uri=/jndi http.user_agent=lookup", 0},

    {"ldap", true, SEARCH "ldap.client=jndi jndi.stage=callback", 1442210},
    {"ldap", true, SEARCH "ldap.client=jndi jndi.stage=callback flow.opening=ldap", 1442210},
    {"ldap", true, SEARCH "ldap.client=jndi-like jndi.stage=callback", 1442243},
    {"ldap", true, SEARCH "ldap.client=other", 0},
    {"ldap", true, SEARCH "ldap.client=other flow.opening=ldap", 1442216},
    {"ldap", true, "flow.opening=ldap", 1442216},
    {"ldap", false, "ldap.responses.operation=bind_response jndi.answer=refused", 1442218},
    {"ldap", false, DONE "jndi.stage=callback jndi.answer=nothing", 1442213},
    {"ldap", false, DONE "jndi.stage=callback jndi.answer=entry", 1442213},
    {"ldap", false, DONE "jndi.answer=java", 0},
    {"ldap", false, DONE "jndi.answer=referral jndi.stage=referral ldap.referral=ldap://c.example/x", 1442214},
    {"ldap", false, "ldap.responses.operation=search_result_reference jndi.stage=referral jndi.answer=referral "
                    "ldap.referral=ldap://c.example/x", 1442214},
    {"ldap", false, ENTRY "jndi.stage=deserialization java.content=no-object java.codebase=http://c/", 1442215},
    {"ldap", true, "ldap.request.operation=bind_request ldap.request.dn=cn=reader,dc=example", 0},
    {"ldap", true, "ldap.request.operation=unbind_request", 0},
    {"ldap", false, ENTRY "jndi.stage=reference java.content=reference java.factory=E", 1442211},
    {"ldap", false, ENTRY "jndi.stage=deserialization java.content=serialized", 1442212},
    {"ldap", false, ENTRY "jndi.stage=deserialization java.content=serialized java.content=reference", 1442212},
    {"ldap", false, ENTRY "ldap.responses.attribute_type=mail", 0},
    {"ldap", false, "ldap.responses.operation=search_result_done", 0},
    {"ldap", false, "ldap.responses.operation=bind_response", 0},
    {"ldap", false, "ldap.responses.operation=search_result_reference ldap.referral=ldap://dc2.example/", 0},

    {"rmi", true, "rmi.operation=call rmi.method=lookup rmi.name=a jndi.stage=callback", 1442227},
    {"rmi", true, "rmi.operation=call rmi.method=lookup rmi.name=a jndi.stage=callback flow.opening=rmi", 1442227},
    {"rmi", true, "rmi.operation=call rmi.method=dgc flow.opening=rmi", 1442226},
    {"rmi", false, "rmi.operation=return jndi.stage=callback java.content=stub jndi.answer=wrapper", 1442223},
    {"rmi", false, "rmi.operation=return java.content=stub jndi.answer=stub", 0},
    {"rmi", false, "rmi.operation=exception jndi.stage=callback java.content=exception jndi.answer=nothing", 1442224},
    {"rmi", false, "rmi.operation=exception java.content=exception", 0},
    {"rmi", false, "rmi.operation=exception jndi.stage=deserialization java.content=serialized", 1442225},
    {"rmi", true, "rmi.operation=call rmi.method=dgc", 0},
    {"rmi", true, "rmi.operation=call rmi.method=list", 0},
    {"rmi", true, "rmi.operation=call rmi.method=other java.class=com.example.Order", 0},
    {"rmi", true, "rmi.operation=handshake", 0},
    {"rmi", false, "rmi.operation=return jndi.stage=reference java.content=reference", 1442221},
    {"rmi", false, "rmi.operation=return jndi.stage=deserialization java.content=serialized java.class=a.B", 1442222},
    {"rmi", false, "rmi.operation=return java.content=serialized java.class=java.rmi.dgc.Lease", 0},
    {"rmi", false, "rmi.operation=exception java.content=serialized java.class=java.rmi.NotBoundException", 0},

    {"giop", false, "giop.message=reply jndi.stage=reference java.content=stub java.codebase=http://c/", 1442228},
    {"giop", false, "giop.message=reply giop.status=no_exception", 0},
    {"giop", true, "giop.message=locate_request giop.object=NameService flow.opening=giop", 1442229},

    {"http", false, "jndi.stage=class_delivery java.content=class java.class=E java.client=yes http.uri=/E.class", 1442230},
    {"http", false, "jndi.stage=class_delivery java.content=class java.class=E java.client=no http.user_agent=curl/8", 0},
    {"http", false, "jndi.stage=deserialization java.content=serialized java.client=yes", 1442231},
    {"http", false, "jndi.stage=deserialization java.content=serialized java.client=no java.gadget=ROME", 1442234},
    {"http", false, "jndi.stage=callback java.client=yes java.fetch=redirected", 1442232},
    {"http", false, "jndi.stage=callback java.client=yes java.fetch=failed", 1442233},
    {"dns", true, "dns.rrname=a$b dns.odd=$", 1442240},
    {"ldap", true, "dns.rrname=a$b dns.odd=$", 0},
    {"dns", true, "jndi.stage=callback dns.rrname=a.b dns.rrtype=TXT dns.client=jndi", 1442241},
    {"tls", true, "tls.client=Java ja3.hash=a", 1442242},
    {"tls", false, "tls.client=Java", 0},
    {"http", false, "jndi.stage=deserialization java.content=serialized java.client=no", 0},
    {"http", false, "java.client=yes http.uri=/index.html http.stat_code=200", 0},
    /* clang-format on */
};

static const struct {
    enum ends ends;
    struct row row;
} elsewhere[] = {
    /* clang-format off */
    {INSIDE, {"rmi", true, "rmi.operation=call rmi.method=lookup rmi.name=a jndi.stage=callback", 1442220}},
    {INSIDE, {"rmi", true, "rmi.operation=call rmi.method=dgc flow.opening=rmi", 0}},
    {INSIDE, {"ldap", true, "flow.opening=ldap", 0}},
    {INSIDE, {"dns", true, "jndi.stage=callback dns.rrname=a.b dns.client=jndi", 0}},
    {INSIDE, {"tls", true, "tls.client=Java", 0}},
    {TO_ALLOWED, {"tls", true, "tls.client=Java", 0}},
    {FROM_OUTSIDE, {"ldap", true, "flow.opening=ldap", 0}},
    {TO_ALLOWED, {"ldap", true, "flow.opening=ldap", 0}},
    {INSIDE, {"ldap", true, SEARCH "ldap.client=jndi jndi.stage=callback", 1442210}},
    {FROM_OUTSIDE, {"ldap", true, SEARCH "ldap.client=jndi jndi.stage=callback", 1442217}},
    {TO_ALLOWED, {"ldap", true, SEARCH "ldap.client=jndi jndi.stage=callback flow.opening=ldap", 1442219}},
    {INSIDE, {"ldap", false, "ldap.responses.operation=bind_response jndi.answer=refused", 0}},
    {TO_ALLOWED, {"ldap", false, "ldap.responses.operation=bind_response jndi.answer=refused", 0}},
    {TO_ALLOWED, {"ldap", false, DONE "jndi.stage=callback jndi.answer=entry", 0}},
    {INSIDE, {"ldap", false, DONE "jndi.stage=callback jndi.answer=entry", 1442213}},
    {TO_ALLOWED, {"ldap", false, ENTRY "jndi.stage=reference java.content=reference java.factory=E", 1442211}},
    /* clang-format on */
};

/* 192.0.2.0/24 is at home, and 198.51.100.7 a directory that may be asked. */
static void set_ends(struct sighted *it, enum ends ends)
{
    static const struct {
        const char *client, *server;
    } all[] = {
        [OUTWARD] = {"192.0.2.1", "198.51.100.2"},
        [INSIDE] = {"192.0.2.1", "192.0.2.9"},
        [FROM_OUTSIDE] = {"203.0.113.5", "192.0.2.9"},
        [TO_ALLOWED] = {"192.0.2.1", "198.51.100.7"},
    };
    struct addr *client = it->s.to_server ? &it->src : &it->dst;
    struct addr *server = it->s.to_server ? &it->dst : &it->src;

    assert_true(addr_parse(bytes_str(all[ends].client), client));
    assert_true(addr_parse(bytes_str(all[ends].server), server));
}

static void assert_speaks(const struct ruleset *r, const struct row *row, enum ends ends)
{
    struct sighted it;
    const struct rule *rule;

    sighted_init(&it);
    it.s.app_proto = row->app_proto;
    it.s.to_server = row->to_server;
    set_ends(&it, ends);
    sighted_add_all(&it, row->seen);
    rule = ruleset_match(r, &it.s);
    if ((rule ? rule->sid : 0) != row->sid)
        fail_msg("%s: %u instead of %u", row->seen, rule ? rule->sid : 0, row->sid);
    sighted_free(&it);
}

static void each_sighting(void **state)
{
    struct ruleset *r = shipped();

    (void)state;
    for (unsigned i = 0; i < sizeof sightings / sizeof *sightings; i++)
        assert_speaks(r, &sightings[i], OUTWARD);
    for (unsigned i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        assert_speaks(r, &elsewhere[i].row, elsewhere[i].ends);
    ruleset_free(r);
}

static bool is_asked_for(uint32_t sid)
{
    for (unsigned i = 0; i < sizeof sightings / sizeof *sightings; i++)
        if (sightings[i].sid == sid)
            return true;
    for (unsigned i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (elsewhere[i].row.sid == sid)
            return true;
    return false;
}

static const char *metadata_of(const struct rule *r, const char *key)
{
    for (unsigned i = 0; i < r->n_metadata; i++)
        if (strcmp(r->metadata[i].key, key) == 0)
            return r->metadata[i].value;
    fail_msg("sid %u has no metadata %s", r->sid, key);
    return "";
}

/* What consumers of alerts rely on, in every rule. */
static void every_rule_is_complete(void **state)
{
    struct ruleset *r = shipped();

    (void)state;
    assert_int_equal(ruleset_n(r), 34);
    for (unsigned i = 0; i < ruleset_n(r); i++) {
        const struct rule *rule = ruleset_at(r, i);

        if (!is_asked_for(rule->sid))
            fail_msg("no sighting above gets sid %u", rule->sid);
        assert_in_range(rule->sid, 1442200, 1442249);
        assert_int_equal(rule->gid, 1);
        assert_in_range(rule->priority, 1, 3);
        assert_true(rule->category[0] != 0 && rule->n_references >= 1);
        assert_string_equal(metadata_of(rule, "created_at"), "2026_11_25");
        assert_string_equal(metadata_of(rule, "cve"), "CVE_2021_44228");
        assert_memory_equal(metadata_of(rule, "mitre_tactic_id"), "TA00", 4);
        assert_memory_equal(metadata_of(rule, "mitre_technique_id"), "T1", 2);
        metadata_of(rule, "updated_at");
        metadata_of(rule, "attack_target");
        metadata_of(rule, "confidence");
        metadata_of(rule, "signature_severity");
    }
    ruleset_free(r);
}

static char *document(const char *path)
{
    struct buf text = buf_within(1024 * 1024);
    FILE *f = fopen(path, "rb");
    int c;

    if (!f)
        fail_msg("%s cannot be read", path);
    while ((c = fgetc(f)) != EOF)
        assert_true(buf_add_byte(&text, (uint8_t)c));
    fclose(f);
    assert_true(buf_add_byte(&text, 0));
    return (char *)text.p;
}

static unsigned rows_between(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from), *end = strstr(text, to);
    unsigned n = 0;

    assert_true(at && end && at < end);
    while ((at = strstr(at, "\n| `")) && at < end) {
        n++;
        at++;
    }
    return n;
}

static void needs_line(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("docs say nothing like: %s", line);
}

static void documents_agree(void **state)
{
    char *rules = document("docs/RULES.md"), *readme = document("rules/README.md"), line[512];
    struct ruleset *r = shipped();
    const struct rule_class *c;
    unsigned n_classes = 0;

    (void)state;
    for (unsigned i = 0; i < ATTR_N; i++) {
        snprintf(line, sizeof line, "\n| `%s` | %s | `alert ", attr_rows[i].name, attr_rows[i].help);
        needs_line(rules, line);
    }
    assert_int_equal(rows_between(rules, "### Sticky buffers", "### What the sightings have"), ATTR_N);
    for (; (c = rule_class_built_in(n_classes)); n_classes++) {
        snprintf(line, sizeof line, "\n| `%s` | %s | %u |\n", c->name, c->text, c->priority);
        needs_line(rules, line);
    }
    assert_int_equal(rows_between(rules, "## Classtypes", "## Writing one"), n_classes);
    for (unsigned i = 0; i < ruleset_n(r); i++) {
        const struct rule *rule = ruleset_at(r, i);

        snprintf(line, sizeof line, "\n| %u | %s | %u | ", rule->sid, rule->msg, rule->priority);
        needs_line(readme, line);
    }
    free(rules);
    free(readme);
    ruleset_free(r);
}

/* The rule in the last cell of a row that begins at row; false when there is none. A bar is written \\| in
 * tables. */
static bool row_example(const char *row, char *out, size_t room)
{
    const char *end = strchr(row, '\n'), *begin = strstr(row, "| `alert ");
    size_t n = 0;

    if (!end || !begin || begin > end)
        return false;
    for (begin += 3; begin < end && *begin != '`' && n + 1 < room; begin++)
        if (begin[0] != '\\' || begin[1] != '|')
            out[n++] = *begin;
    out[n] = 0;
    return true;
}

/* Every row with an example: it is read. Their text, one after the other. */
static char *table_examples(const char *text, struct ruleset *r)
{
    char *all = calloc(1, strlen(text) + 1), rule[1024];

    assert_non_null(all);
    for (const char *at = text; (at = strstr(at, "\n| ")); at++) {
        struct complaint why = {""};

        if (!row_example(at + 1, rule, sizeof rule))
            continue;
        if (!rules_all_added(r, "docs/RULES.md", bytes_str(rule), &why))
            fail_msg("%s", why.text);
        strcat(strcat(all, rule), "\n");
    }
    return all;
}

/* Is there an example that uses the word as a keyword or buffer? */
static void needs_example(const char *examples, const char *word)
{
    char plain[80], value[80];

    snprintf(plain, sizeof plain, " %s;", word);
    snprintf(value, sizeof value, " %s:", word);
    if (!strstr(examples, plain) && !strstr(examples, value))
        fail_msg("docs/RULES.md has no example of %s", word);
}

/* Each keyword, transform and buffer has its row, and the rule in it is read. */
static void everything_has_an_example(void **state)
{
    char *text = document("docs/RULES.md"), *examples;
    struct ruleset *r = sighted_ruleset();

    (void)state;
    examples = table_examples(text, r);
    for (unsigned i = 0; rule_keyword(i); i++)
        if (strcmp(rule_keyword(i), "msg") != 0) /* stands behind a bracket */
            needs_example(examples, rule_keyword(i));
    for (unsigned i = 0; i < BUFFER_N; i++) {
        char row[600];

        needs_example(examples, buffer_rows[i].name);
        snprintf(row, sizeof row, "\n| `%s`", buffer_rows[i].name);
        needs_line(text, row);
        if (buffer_rows[i].older[0])
            needs_line(text, buffer_rows[i].older);
        if (buffer_rows[i].modifier[0])
            needs_line(text, buffer_rows[i].modifier);
    }
    free(examples);
    free(text);
    ruleset_free(r);
}

/* Every example in docs/RULES.md is read as it stands. */
static void examples_are_read(void **state)
{
    char *text = document("docs/RULES.md"), *at = text;
    struct ruleset *r = sighted_ruleset();
    unsigned n = 0;

    (void)state;
    while ((at = strstr(at, "```\n"))) {
        char *begin = at + 4, *end = strstr(begin, "```\n");
        struct complaint why = {""};

        assert_non_null(end);
        at = end + 4;
        if (strncmp(begin, "alert", 5) != 0 && *begin != '#')
            continue;
        if (!rules_all_added(r, "docs/RULES.md", bytes_of(begin, (size_t)(end - begin)), &why))
            fail_msg("%s", why.text);
        n++;
    }
    assert_int_equal(n, 2);
    assert_int_equal(ruleset_n(r), 4);
    free(text);
    ruleset_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sighting),     cmocka_unit_test(every_rule_is_complete),
        cmocka_unit_test(documents_agree),   cmocka_unit_test(everything_has_an_example),
        cmocka_unit_test(examples_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

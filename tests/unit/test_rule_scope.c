/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct config config; /* large */

static void group(struct config_group *at, const char *name, const char *value, const char *where)
{
    *at = (struct config_group){(char *)(uintptr_t)name, (char *)(uintptr_t)value, (char *)(uintptr_t)where};
}

static void some_groups(void)
{
    group(&config.address_groups[0], "EXTERNAL", "!$HOME", NULL); /* before what it names */
    group(&config.address_groups[1], "HOME", "[10.0.0.0/8,$LAB,2001:db8::/32]", NULL);
    group(&config.address_groups[2], "LAB", "192.0.2.0/24", NULL);
    group(&config.address_groups[3], "NONE", "[]", NULL);
    config.n_address_groups = 4;
    group(&config.port_groups[0], "WEB", "[80,8000:8999,!8500]", NULL);
    group(&config.port_groups[1], "HOME", "1", NULL); /* ports have names of their own */
    config.n_port_groups = 2;
}

static bool holds(enum scope_kind kind, const char *text, const char *what)
{
    struct pool pool = {0};
    struct complaint why = {""};
    struct scope_vars *vars;
    const struct scope *s;
    struct addr a = {0};
    bool hit;

    some_groups();
    vars = scope_vars_new(&config, &pool, &why);
    s = vars ? scope_read(vars, kind, bytes_str(text), &pool, &why) : NULL;
    if (!s)
        fail_msg("%s: %s", text, why.text);
    if (kind == SCOPE_ADDRESSES)
        assert_true(addr_parse(bytes_str(what), &a));
    hit = kind == SCOPE_ADDRESSES ? scope_has_addr(s, &a) : scope_has_port(s, (uint16_t)atoi(what));
    assert_int_equal(scope_is_any(s), strcmp(text, "any") == 0 || strcmp(text, "ANY") == 0);
    pool_drop(&pool);
    return hit;
}

/* Which families members speak of, negated or not. */
static void families(void **state)
{
    static const struct {
        const char *text;
        bool four, six;
    } rows[] = {
        {"any", true, true},          {"192.0.2.1", true, false},
        {"!192.0.2.1", true, false},  {"!2001:db8::/32", false, true},
        {"$EXTERNAL", true, true},    {"!$LAB", true, false},
        {"[any,!$LAB]", true, true},  {"[!$LAB,!2001:db8::1]", true, true},
        {"[]", false, false},         {"10.0.0.5-10.0.0.9", true, false},
        {"[[$LAB],[]]", true, false},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool = {0};
        struct complaint why = {""};
        struct scope_vars *vars;
        const struct scope *s;

        some_groups();
        vars = scope_vars_new(&config, &pool, &why);
        s = vars ? scope_read(vars, SCOPE_ADDRESSES, bytes_str(rows[i].text), &pool, &why) : NULL;
        if (!s)
            fail_msg("%s: %s", rows[i].text, why.text);
        assert_int_equal(scope_names_family(s, 4), rows[i].four);
        assert_int_equal(scope_names_family(s, 6), rows[i].six);
        pool_drop(&pool);
    }
}

static void addresses(void **state)
{
    static const struct {
        const char *text, *in, *out;
    } rows[] = {
        {"any", "192.0.2.1", NULL},
        {"ANY", "2001:db8::1", NULL},
        {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
        {"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
        {"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"},
        {"0.0.0.0/0", "255.255.255.255", "::1"},
        {"10.0.0.5-10.0.0.9", "10.0.0.9", "10.0.0.10"},
        {"10.0.0.5 - 10.0.0.9", "10.0.0.5", "10.0.0.4"},
        {"::1-::5", "::5", "0.0.0.3"},
        {"!192.0.2.0/24", "192.0.3.1", "192.0.2.1"},
        {"! 192.0.2.0/24", "::1", "192.0.2.1"},
        {"[10.0.0.1,10.0.0.3]", "10.0.0.3", "10.0.0.2"},
        {"[ 10.0.0.1 , 10.0.0.3 ]", "10.0.0.1", "10.0.0.2"},
        {"[10.0.0.0/8,!10.1.0.0/16]", "10.2.0.1", "10.1.0.1"},
        {"[!10.1.0.0/16,10.0.0.0/8]", "10.2.0.1", "10.1.0.1"},
        {"[10.0.0.0/8,!10.1.0.0/16]", "10.0.0.1", "11.0.0.1"},
        {"[!10.1.0.0/16,!10.2.0.0/16]", "10.3.0.1", "10.2.0.1"},
        {"[10.0.0.0/8,![10.1.0.0/16,!10.1.2.0/24]]", "10.1.2.1", "10.1.3.1"},
        {"![10.0.0.1,10.0.0.2]", "10.0.0.3", "10.0.0.2"},
        {"[any,!10.0.0.1]", "10.0.0.2", "10.0.0.1"},
        {"[[10.0.0.1],[[10.0.0.2]]]", "10.0.0.2", "10.0.0.3"},
        {"$LAB", "192.0.2.1", "10.0.0.1"},
        {"$HOME", "192.0.2.1", "192.0.3.1"},
        {"$HOME", "2001:db8::1", "::1"},
        {"$EXTERNAL", "192.0.3.1", "192.0.2.1"},
        {"!$EXTERNAL", "10.0.0.1", "11.0.0.1"},
        {"[$LAB,!192.0.2.7]", "192.0.2.8", "192.0.2.7"},
        {"[$HOME,!$LAB]", "10.0.0.1", "192.0.2.1"},
        {"[]", NULL, "10.0.0.1"},
        {"![]", "10.0.0.1", NULL},
        {"$NONE", NULL, "10.0.0.1"},
        {"!$NONE", "::1", NULL},
        {"[$NONE,10.0.0.1]", "10.0.0.1", "10.0.0.2"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].in && !holds(SCOPE_ADDRESSES, rows[i].text, rows[i].in))
            fail_msg("%s does not hold %s", rows[i].text, rows[i].in);
        if (rows[i].out && holds(SCOPE_ADDRESSES, rows[i].text, rows[i].out))
            fail_msg("%s holds %s", rows[i].text, rows[i].out);
    }
}

static void ports(void **state)
{
    static const struct {
        const char *text, *in, *out;
    } rows[] = {
        {"any", "0", NULL},         {"80", "80", "81"},         {"80:90", "90", "91"},
        {"1024:", "65535", "1023"}, {":1023", "0", "1024"},     {"!80", "81", "80"},
        {"!1024:", "80", "1024"},   {"[80,443]", "443", "444"}, {"[1:100,!50]", "51", "50"},
        {"$WEB", "8999", "8500"},   {"!$WEB", "8500", "80"},    {"$HOME", "1", "2"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].in && !holds(SCOPE_PORTS, rows[i].text, rows[i].in))
            fail_msg("%s does not hold %s", rows[i].text, rows[i].in);
        if (rows[i].out && holds(SCOPE_PORTS, rows[i].text, rows[i].out))
            fail_msg("%s holds %s", rows[i].text, rows[i].out);
    }
}

static void refusals(void **state)
{
    static const struct {
        enum scope_kind kind;
        const char *text, *why;
    } rows[] = {
        {SCOPE_ADDRESSES, "", "a member is missing: write an address or any"},
        {SCOPE_ADDRESSES, "[10.0.0.1,]", "a member is missing: write an address or any"},
        {SCOPE_PORTS, "[,80]", "a member is missing: write a port or any"},
        {SCOPE_ADDRESSES, "!any", "!any holds nothing: write what it should hold"},
        {SCOPE_ADDRESSES, "[10.0.0.1", "a ',' or ']' is missing before ''"},
        {SCOPE_ADDRESSES, "[10.0.0.1 10.0.0.2]",
         "'10.0.0.1 10.0.0.2' is no address: write 10.0.0.0/8, 2001:db8::/32, a range, a $VARIABLE, a list "
         "or any"},
        {SCOPE_ADDRESSES, "10.0.0.1,10.0.0.2",
         "',10.0.0.2' is left over: write several members as a list, [a,b]"},
        {SCOPE_ADDRESSES, "10.0.0.9-10.0.0.1",
         "the range '10.0.0.9-10.0.0.1' runs backwards: write the lower address first"},
        {SCOPE_ADDRESSES, "10.0.0.9-::1",
         "the range '10.0.0.9-::1' runs backwards: write the lower address first"},
        {SCOPE_ADDRESSES, "$LAP",
         "no variable $LAP under vars.address-groups of the settings: did you mean $LAB"},
        {SCOPE_ADDRESSES, "$WEB_SERVERS",
         "no variable $WEB_SERVERS: define it under vars.address-groups of the settings"},
        {SCOPE_PORTS, "90:80", "the range '90:80' runs backwards: write the lower port first"},
        {SCOPE_PORTS, ":", "':' is no port: write 1389, a range such as 1024:2048 or 1024:, a list or any"},
        {SCOPE_PORTS, "65536",
         "'65536' is no port: write 1389, a range such as 1024:2048 or 1024:, a list or any"},
        {SCOPE_ADDRESSES, "[[[[[[[[[[[[[[[[[10.0.0.1]]]]]]]]]]]]]]]]]",
         "lists are nested deeper than 16: write fewer levels"},
    };

    (void)state;
    some_groups();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool = {0};
        struct complaint why = {""};
        struct scope_vars *vars = scope_vars_new(&config, &pool, &why);

        assert_non_null(vars);
        assert_null(scope_read(vars, rows[i].kind, bytes_str(rows[i].text), &pool, &why));
        assert_string_equal(why.text, rows[i].why);
        pool_drop(&pool);
    }
}

static void bad_settings(void **state)
{
    static const struct {
        const char *value, *why;
    } rows[] = {
        {"$A", "s.yaml:7:5: vars.address-groups.A: $A is defined by itself: give it addresses or ports "
               "of its own"},
        {"[10.0.0.1,!$B]", "s.yaml:7:5: vars.address-groups.A: $A is defined by itself: give it "
                           "addresses or ports of its own"},
        {"10.0.0.1 10.0.0.2", "s.yaml:7:5: vars.address-groups.A: '10.0.0.1 10.0.0.2' is no address: "
                              "write 10.0.0.0/8, 2001:db8::/32, "
                              "a range, a $VARIABLE, a list or any"},
        {"$SOMETHING", "s.yaml:7:5: vars.address-groups.A: no variable $SOMETHING: define it under "
                       "vars.address-groups of the "
                       "settings"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool = {0};
        struct complaint why = {""};

        group(&config.address_groups[0], "A", rows[i].value, "s.yaml:7:5");
        group(&config.address_groups[1], "B", "$A", "s.yaml:8:5");
        config.n_address_groups = 2;
        assert_null(scope_vars_new(&config, &pool, &why));
        assert_string_equal(why.text, rows[i].why);
        pool_drop(&pool);
    }
}

/* Variables that double what the one before holds: refused before a packet costs anything. */
static void no_doubling(void **state)
{
    static char names[30][8], values[30][24];
    struct pool pool = {0};
    struct complaint why = {""};

    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        snprintf(names[i], sizeof names[i], "V%u", i);
        if (i < 15)
            snprintf(values[i], sizeof values[i], "10.0.0.%u", i);
        else if (i == 15)
            snprintf(values[i], sizeof values[i], "[$V0,$V1,$V2,$V3]");
        else
            snprintf(values[i], sizeof values[i], "[$V%u,$V%u]", i - 1, i - 1);
        group(&config.address_groups[i], names[i], values[i], "s.yaml:1:1");
    }
    config.n_address_groups = 30;
    assert_null(scope_vars_new(&config, &pool, &why));
    assert_non_null(strstr(why.text, "nested deeper than 16"));
    pool_drop(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses), cmocka_unit_test(families),     cmocka_unit_test(ports),
        cmocka_unit_test(refusals),  cmocka_unit_test(bad_settings), cmocka_unit_test(no_doubling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

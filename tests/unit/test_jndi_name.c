/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/jndi_name.h"
#include "detect/leak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
    const char *name, *scheme, *host;
    unsigned port;
    const char *path;
    bool effective;
} rows[] = {
    {"ldap://198.51.100.7:1389/a", "ldap", "198.51.100.7", 1389, "a", true},
    {"ldap://evil.example/cn=x,dc=y", "ldap", "evil.example", 389, "cn=x,dc=y", true},
    {"ldaps://evil.example", "ldaps", "evil.example", 636, "", true},
    {"rmi://evil.example/obj", "rmi", "evil.example", 1099, "obj", true},
    {"dns://203.0.113.9/x.evil.example", "dns", "203.0.113.9", 53, "x.evil.example", true},
    {"dns:x.evil.example", "dns", "", 53, "x.evil.example", true},
    {"ldap://[2001:db8::1]:1389/a", "ldap", "2001:db8::1", 1389, "a", true},
    {"ldap://[2001:db8::1]", "ldap", "2001:db8::1", 389, "", true},
    {"ldap://[2001:db8::1", "ldap", "2001:db8::1", 389, "", true},
    {"ldap://3325256770:1389/a", "ldap", "198.51.100.66", 1389, "a", true},
    {"ldap://203.28937:1389/a", "ldap", "203.0.113.9", 1389, "a", true},
    {"ldap://203.0.28937/a", "ldap", "203.0.113.9", 389, "a", true},
    {"ldap://203.000.113.009/a", "ldap", "203.0.113.9", 389, "a", true},
    {"ldap://203.0.113.256/a", "ldap", "203.0.113.256", 389, "a", true},
    {"ldap://203.0..9/a", "ldap", "203.0..9", 389, "a", true},
    {"ldap://1.2.3.4.5/a", "ldap", "1.2.3.4.5", 389, "a", true},
    {"ldap://4294967296/a", "ldap", "4294967296", 389, "a", true},
    {"ldap://[::ffff:203.0.113.9]:1389/a", "ldap", "203.0.113.9", 1389, "a", true},
    {"ldap://[::ffff:cb00:7109]/a", "ldap", "203.0.113.9", 389, "a", true},
    {"ldap://[::203.0.113.9]/a", "ldap", "::203.0.113.9", 389, "a", true},
    {"ldap://u:p@h.example:99/a", "ldap", "h.example", 99, "a", true},
    {"ldap://127.0.0.1#evil.example:1389/a", "ldap", "evil.example", 1389, "a", true},
    {"ldap://${env:USER}.evil.example:1389/a", "ldap", "${env:USER}.evil.example", 1389, "a", true},
    {"ldap://h:70000/a", "ldap", "h", 389, "a", true},
    {"LDAP://h/a", "LDAP", "h", 389, "a", false},
    {"ldap:/h/a", "ldap", "", 389, "h/a", false},
    {"ldap:///a", "ldap", "", 389, "a", false},
    {"ldap://h/a?x=${java:version}", "ldap", "h", 389, "a?x=${java:version}", false},
    {"ldap://a b/c", "ldap", "a b", 389, "c", false},
    {"nis://h/a", "nis", "h", 0, "a", false},
    {"java:comp/env/jdbc/x", "java", "", 0, "comp/env/jdbc/x", false},
    {"foo", "java", "", 0, "foo", false},
    {"", "java", "", 0, "", false},
    {":", "", "", 0, "", false},
};

static void names_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct jndi_name n;

        jndi_name_parse(bytes_str(rows[i].name), &n);
        if (!bytes_eq(n.scheme, bytes_str(rows[i].scheme)) || !bytes_eq(n.host, bytes_str(rows[i].host)) ||
            !bytes_eq(n.path, bytes_str(rows[i].path)) || n.port != rows[i].port ||
            (n.ineffective == NULL) != rows[i].effective)
            fail_msg("%s: scheme %.*s host %.*s port %u path %.*s, %s", rows[i].name, (int)n.scheme.len,
                     (const char *)n.scheme.p, (int)n.host.len, (const char *)n.host.p, n.port,
                     (int)n.path.len, (const char *)n.path.p, n.ineffective ? n.ineffective : "effective");
    }
}

static const struct {
    const char *name;
    bool bypass;
} local[] = {
    {"ldap://127.0.0.1#evil.example:1389/a", true},
    {"ldap://localhost#evil.example/a", true},
    {"LDAPS://u@127.0.0.1:389#evil.example/a?b", true},
    {"ldap://127.0.0.1#evil.example/%41", true},
    {"ldap://127.0.0.1:1389/a", false},
    {"ldap://127.0.0.1/a#evil.example", false}, /* a fragment for both parsers */
    {"ldap://127.0.0.1?x#evil.example", false},
    {"ldap://127.0.0.1#", false},
    {"ldap://127.0.0.1#a#b", false}, /* these four are no URI: refused */
    {"ldap://127.0.0.1#evil.example/%4", false},
    {"ldap://127.0.0.1#${env:A}.evil.example/a", false},
    {"ldap://127.0.0.1#evil.example/ a", false},
    {"ldap://127.0.0.2#evil.example/a", false}, /* not among the addresses of an interface */
    {"LOCALHOST#x", false},
    {"ldap://Localhost#evil.example/a", false}, /* compared as it is */
    {"rmi://127.0.0.1#evil.example/a", false},  /* 2.15.0 allows no other scheme */
    {"ldap:127.0.0.1#evil.example/a", false},
};

static void names_that_pass_for_local_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        struct jndi_name n;

        jndi_name_parse(bytes_str(local[i].name), &n);
        if (n.local_bypass != local[i].bypass)
            fail_msg("%s", local[i].name);
    }
}

static void the_user_is_kept_apart(void **state)
{
    struct jndi_name n;

    (void)state;
    jndi_name_parse(BYTES_LIT("ldap://u:p@h/a"), &n);
    assert_true(bytes_eq(n.user, BYTES_LIT("u:p")));
}

static void leaks_are_listed(void **state)
{
    struct attrs attrs = {0};

    (void)state;
    leak_each(
        BYTES_LIT("ldap://${hostName}.${x:contextName}.h/${env:A_${sys:B}}/${nothing}/${lower:x}/${java:os"),
        &attrs);
    assert_int_equal(attrs.n, 3);
    assert_true(bytes_eq(attrs.v[0].value, BYTES_LIT("hostName")));
    assert_true(bytes_eq(attrs.v[1].value, BYTES_LIT("x:contextName")));
    assert_true(bytes_eq(attrs.v[2].value, BYTES_LIT("sys:B")));
    assert_int_equal(attrs.v[0].id, ATTR_JNDI_LEAK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_taken_apart),
        cmocka_unit_test(names_that_pass_for_local_are_told),
        cmocka_unit_test(the_user_is_kept_apart),
        cmocka_unit_test(leaks_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

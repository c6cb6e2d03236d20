/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Targets as sent, and http.uri as Suricata 7.0.10 showed it to a script; NULL: it had none. */
static const struct {
    const char *target, *normal;
} rows[] = {
    {"/a%20b", "/a b"},
    {"/a%2fb//c/./d/../e", "/a/b/c/e"},
    {"/a\\b%5cc", "/a/b/c"},
    {"/ABCdef%41", "/ABCdefA"},
    {"/x?q=%41%2B+b%2fc/../d", "/x?q=A++b/c/../d"},
    {"/x?q=%2541", "/x?q=%41"},
    {"/%252fx", "/%2fx"},
    {"/a%u0041b", "/aAb"},
    {"/x?q=%u0041&p=%U0042", "/x?q=%u0041&p=%U0042"},
    {"/a%c0%afb", "/a/b"},
    {"/a%zzb%", "/a%zzb%"},
    {"http://User:pw@Host.Example:8080/p%41th?x#frag", "/pAth?x#frag"},
    {"/x#fr%41g", "/x#frAg"},
    {"/\xe4\xb8\xad%e4%b8%ad", "/?\?"},
    {"/\xc3\xa9x%c3%a9", "/\xe9x\xe9"},
    {"/%ff%fe/x", "/?\?/x"},
    {"/a\xe4\xb8", "/a"},
    {"/\xef\xbc\x84\xef\xbd\x9bjndi", "/${jndi"},
    {"/%u4e2d%uff04%u00e9", "/?$"},
    {"*", "*"},
    {"/a?b?c=%3f", "/a?b?c=?"},
    {"foo/bar", "foo/bar"},
    {"foo:bar/x", "bar/x"},
    {"/..%2f../x", "/x"},
    {"/x?\\y%5c", "/x?\\y\\"},
    {"http://h", NULL},
    {"http:///x//y", "/x/y"},
    {"http://h?q=1", "?q=1"},
    {"http://[::1]:80/x", "/x"},
    {"//host/x", "/host/x"},
    {"/${jndi:ldap://x//y/../z}", "/${jndi:ldap:/x/z}"},
    {"${jndi:ldap://x/a}", "ldap:/x/a}"},
    {"/x?q=${jndi:ldap://a//b}", "/x?q=${jndi:ldap://a//b}"},
    {"/a?", "/a?"},
    {"/?#", "/?#"},
    {"/a%4", "/a%4"},
    {"/x?%zz%41", "/x?%zzA"},
    {"/a/../../b/.", "/b"},
    {"/a/b/..", "/a"},
    {"a/../b", "/b"},
    {"/%2e%2e/x/%2e/y", "/x/y"},
    {"/a/.b/..c/...", "/a/.b/..c/..."},
    {"/\xc0\xaf\xc0\xafx", "///x"},
    {"/x\x80y", "/x?y"},
    {"/%e0%80%afx", "//x"},
    {"/%f0%9f%98%80x", "/?x"},
    {"///a", "/a"},
};

#define N_ROWS (sizeof rows / sizeof *rows)

static size_t normal_of(struct bytes target, uint8_t **out)
{
    uint8_t *exact = malloc(target.len + !target.len);
    size_t n;

    assert_non_null(exact);
    memcpy(exact, target.p, target.len);
    *out = malloc(target.len + !target.len);
    n = uri_normal(bytes_of(exact, target.len), *out);
    free(exact);
    return n;
}

static void as_suricata(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        uint8_t *out;
        size_t n = normal_of(bytes_str(rows[i].target), &out);

        if (!rows[i].normal)
            assert_int_equal(n, BYTES_NONE);
        else if (!bytes_eq(bytes_of(out, n), bytes_str(rows[i].normal)))
            fail_msg("%s became %.*s", rows[i].target, (int)n, (const char *)out);
        free(out);
    }
}

/* Cut anywhere: nothing is read or written beyond the target's length. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++)
        for (size_t cut = 0; cut <= strlen(rows[i].target); cut++) {
            uint8_t *out;
            size_t n = normal_of(bytes_of(rows[i].target, cut), &out);

            assert_true(n == BYTES_NONE || n <= cut);
            free(out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_suricata), cmocka_unit_test(cut_anywhere)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

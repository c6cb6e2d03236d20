/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on bodies: each body whole, byte by byte and cut in two anywhere. A rule speaks once for each,
 * at its end or where the settings end it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "traffic_world.h"

static struct {
    struct traffic_world w;
    unsigned n;
} t;

static void on_finding(void *arg, const struct finding *f)
{
    (void)arg;
    (void)f;
    t.n++;
}

static void begin(const char *options)
{
    char text[512];

    snprintf(text, sizeof text,
             "alert http any any -> any any (msg:\"m\"; flow:to_server; http.request_body; %s sid:1;)",
             options);
    memset(&t, 0, sizeof t);
    world_begin(&t.w, text, PROTO_TCP, on_finding, &t);
}

static void end(void)
{
    world_end(&t.w);
}

static void flow_begin(void)
{
    world_flow(&t.w, PROTO_TCP);
    t.n = 0;
}

static void give(uint64_t message, struct bytes data, bool first, bool last)
{
    uint8_t *exact = malloc(data.len + !data.len);
    struct chunk c = {.flow = &t.w.flow, .packet = ++t.w.packet};
    struct field f = {.kind = FIELD_HTTP_REQUEST_BODY,
                      .chunk = &c,
                      .app_proto = "http",
                      .message = message,
                      .value = {exact, data.len},
                      .first = first,
                      .last = last};

    assert_non_null(exact);
    if (data.len)
        memcpy(exact, data.p, data.len);
    traffic_field(t.w.traffic, &f);
    free(exact);
}

static const struct {
    const char *what, *options, *body;
    bool holds;
} rows[] = {
    /* clang-format off */
    {"a content", "content:\"abc\";", "..abc..", true},
    {"a short one", "content:\"a\";", "..abc..", true},
    {"within", "content:\"abc\"; content:\"x\"; within:3;", "abc..x", true},
    {"within, too far", "content:\"abc\"; content:\"x\"; within:2;", "abc..x", false},
    {"endswith", "content:\"abc\"; endswith;", "abcabc", true},
    {"endswith, more behind", "content:\"abc\"; endswith;", "abcabc.", false},
    {"startswith", "content:\"abc\"; startswith;", "abc.", true},
    {"startswith, later", "content:\"abc\"; startswith;", ".abc", false},
    {"both ends", "content:\"abc\"; startswith; endswith;", "abc", true},
    {"negated", "content:\"abc\"; content:!\"xyz\";", "abc xy", true},
    {"negated, at the end", "content:\"abc\"; content:!\"xyz\";", "abc xyz", false},
    {"negated alone", "content:!\"xyz\";", "abc", true},
    {"bsize", "bsize:6; content:\"abc\";", "abc...", true},
    {"bsize, longer", "bsize:6; content:\"abc\";", "abc....", false},
    {"bsize, upwards", "bsize:>6; content:\"abc\";", "abc....", true},
    {"bsize, downwards", "bsize:<7; content:\"abc\";", "abc....", false},
    {"bsize, between", "bsize:6<>8; content:\"abc\";", "abc....", true},
    {"depth", "content:\"abc\"; depth:4;", ".abc", true},
    {"depth, too deep", "content:\"abc\"; depth:4;", "..abc", false},
    {"offset", "content:\"abc\"; offset:2;", "..abc", true},
    {"no isdataat at the very end", "content:\"abc\"; isdataat:!1,relative;", "..abc", true},
    {"isdataat at the very end", "content:\"abc\"; isdataat:1,relative;", "..abc", false},
    {"byte_jump from the end", "content:\"abc\"; byte_jump:1,0,relative,from_end,post_offset -4; content:\"xy\"; within:2;", "abc\1..xyz", true},
    {"byte_extract", "byte_extract:1,0,n; content:\"x\"; offset:n; depth:1;", "\4...x", true},
    {"byte_extract, elsewhere", "byte_extract:1,0,n; content:\"x\"; offset:n; depth:1;", "\3...x", false},
    {"a transform", "to_lowercase; strip_whitespace; content:\"abcdef\";", "A B\tC\nDEF", true},
    {"percent signs", "url_decode; content:\"${jndi\";", "%24%7bjndi", true},
    {"an expression at the end", "pcre:\"/x+y$/\";", "xxy", true},
    {"an expression not at the end", "pcre:\"/x+y$/\";", "xxy.", false},
    /* clang-format on */
};

static void row_check(size_t i, size_t cut, const char *how)
{
    if (t.n != rows[i].holds)
        fail_msg("%s: %s, cut at %zu: spoken %u times", rows[i].what, how, cut, t.n);
}

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes all = bytes_str(rows[i].body);

        begin(rows[i].options);
        for (size_t cut = 1; cut <= all.len; cut++) {
            flow_begin();
            give(0, bytes_slice(all, 0, cut), true, false);
            assert_int_equal(t.n, 0);
            give(0, bytes_from(all, cut), false, true);
            row_check(i, cut, "in two");
        }
        flow_begin();
        for (size_t at = 0; at < all.len; at++)
            give(0, bytes_slice(all, at, at + 1), at == 0, at + 1 == all.len);
        row_check(i, 0, "byte by byte");
        end();
    }
}

/* Several under way at once, as in HTTP/2, are told apart; one that begins anew ends what had its number. */
static void several(void **state)
{
    (void)state;
    begin("content:\"abc\"; endswith;");
    flow_begin();
    give(1, BYTES_LIT("ab"), true, false);
    give(2, BYTES_LIT("abc"), true, false);
    give(3, BYTES_LIT("a"), true, false);
    give(1, BYTES_LIT("c"), false, true);
    assert_int_equal(t.n, 1);
    give(3, BYTES_LIT("bc."), false, true);
    assert_int_equal(t.n, 1);
    give(2, BYTES_LIT("xyz"), true, false);
    assert_int_equal(t.n, 2);
    give(2, BYTES_LIT("abc"), false, true);
    assert_int_equal(t.n, 3);
    end();
}

/* It is looked at when there is much of it, and no further than the settings say: what lies behind was never
 * there, and is counted. */
static void a_limit(void **state)
{
    static uint8_t filler[40000];
    uint64_t before = counters[COUNT_TRAFFIC_BODY_BYTES];

    (void)state;
    begin("content:\"abc\";");
    flow_begin();
    give(0, BYTES_LIT("abc"), true, false);
    give(0, bytes_of(filler, 32764), false, false);
    assert_int_equal(t.n, 0);
    give(0, BYTES_LIT("."), false, false);
    assert_int_equal(t.n, 1);
    give(0, BYTES_LIT("abc"), false, true);
    assert_int_equal(t.n, 1);
    t.w.config->traffic_body_limit = 1000;
    flow_begin();
    give(0, bytes_of(filler, 998), true, false);
    give(0, BYTES_LIT("abc"), false, true);
    assert_int_equal(t.n, 0);
    assert_int_equal(counters[COUNT_TRAFFIC_BODY_BYTES], before + 1);
    flow_begin();
    give(0, bytes_of(filler, 997), true, false);
    give(0, BYTES_LIT("abc"), false, false);
    assert_int_equal(t.n, 1);
    end();
}

/* Other rules amid a body see all of it. */
static void other_rules(void **state)
{
    (void)state;
    begin("content:\"xyz\";");
    flow_begin();
    give(0, BYTES_LIT("ab"), true, false);
    world_reload(&t.w, "alert http any any -> any any (msg:\"m\"; flow:to_server; "
                       "http.request_body; content:\"abc\"; sid:2;)");
    give(0, BYTES_LIT("c"), false, true);
    assert_int_equal(t.n, 1);
    end();
}

/* Nor do they take the middle of a body that nobody wanted for its beginning. */
static void other_rules_too_late(void **state)
{
    (void)state;
    begin("content:\"zzz\"; startswith;");
    flow_begin();
    world_reload(&t.w, "alert http any any -> any any (msg:\"m\"; flow:to_server; "
                       "http.request_body; content:\"abc\"; startswith; sid:2;)");
    give(0, BYTES_LIT("abc"), false, true);
    assert_int_equal(t.n, 0);
    give(0, BYTES_LIT("abc"), true, true);
    assert_int_equal(t.n, 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each),
        cmocka_unit_test(several),
        cmocka_unit_test(a_limit),
        cmocka_unit_test(other_rules),
        cmocka_unit_test(other_rules_too_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

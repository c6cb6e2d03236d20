/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on streams: each stream whole, byte by byte and cut in two anywhere; whether the rule has spoken
 * when all bytes are there, and once the stream has ended. */

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

    snprintf(text, sizeof text, "alert tcp any any -> any any (msg:\"m\"; flow:to_server; %s sid:1;)",
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

static void give(struct bytes data, uint64_t gap, bool last)
{
    uint8_t *exact = malloc(data.len + !data.len);
    struct chunk c = {
        .flow = &t.w.flow, .data = {exact, data.len}, .gap = gap, .end = last, .packet = ++t.w.packet};

    assert_non_null(exact);
    if (data.len)
        memcpy(exact, data.p, data.len);
    (void)traffic_chunk(t.w.traffic, &c);
    free(exact);
}

static const struct {
    const char *what, *options, *stream;
    bool there, at_end; /* spoken with the last byte; with the end */
} rows[] = {
    /* clang-format off */
    {"within", "content:\"abc\"; content:\"x\"; within:3;", "..abc..x", true, true},
    {"within, just too far", "content:\"abc\"; content:\"x\"; within:2;", "..abc..x", false, false},
    {"the second place is tried", "content:\"abc\"; content:\"x\"; within:1;", "abc.abcx", true, true},
    {"distance", "content:\"abc\"; content:\"x\"; distance:2;", "abc..x", true, true},
    {"distance, just too near", "content:\"abc\"; content:\"x\"; distance:3;", "abc..x", false, false},
    {"negative distance", "content:\"abc\"; content:\"bc\"; distance:-2; within:2;", "..abc", true, true},
    {"endswith waits for the end", "content:\"abc\"; endswith;", "..abc", false, true},
    {"endswith, with more behind", "content:\"abc\"; endswith;", "..abc.", false, false},
    {"negated waits for the end", "content:\"abc\"; content:!\"xyz\";", "abc xy", false, true},
    {"negated, there at last", "content:\"abc\"; content:!\"xyz\";", "abc xyz", false, false},
    {"negated alone", "content:!\"xyz\";", "abc", false, true},
    {"not within", "content:\"abc\"; content:!\"x\"; within:2;", "abc..x", false, true},
    {"depth", "content:\"abc\"; depth:5;", "..abc", true, true},
    {"depth counts from the start of the stream", "content:\"abc\"; depth:5;", "...abc", false, false},
    {"offset", "content:\"abc\"; offset:3;", "...abc", true, true},
    {"offset counts from the start of the stream", "content:\"abc\"; offset:4;", "...abc", false, false},
    {"startswith", "content:\"abc\"; startswith;", "abc", true, true},
    {"startswith, later", "content:\"abc\"; startswith;", ".abc", false, false},
    {"isdataat", "content:\"abc\"; isdataat:2,relative;", "abc..", true, true},
    {"isdataat, at the very end", "content:\"abc\"; isdataat:3,relative;", "abc..", false, false},
    {"no isdataat", "content:\"abc\"; isdataat:!1,relative;", "..abc", false, true},
    {"no isdataat, but there is", "content:\"abc\"; isdataat:!1,relative;", "abc.", false, false},
    {"byte_jump", "content:\"abc\"; byte_jump:1,0,relative; content:\"x\"; within:1;", "abc\2..x", true, true},
    {"byte_jump, to the very end", "content:\"abc\"; byte_jump:1,0,relative; isdataat:!1,relative;", "abc\2..", false, true},
    {"byte_jump beyond the end", "content:\"abc\"; byte_jump:1,0,relative;", "abc\3..", false, false},
    {"byte_jump back", "content:\"abc\"; byte_jump:1,0,relative,post_offset -4; content:\"bc\"; within:3;", "abc\1.", true, true},
    {"byte_jump back before the start", "content:\"abc\"; byte_jump:1,0,relative,post_offset -90; content:\".a\"; within:2;", ".abc\1", true, true},
    {"byte_extract into within", "content:\"abc\"; byte_extract:1,0,n,relative; content:\"x\"; within:n;", "abc\3..x", true, true},
    {"byte_extract into within, too far", "content:\"abc\"; byte_extract:1,0,n,relative; content:\"x\"; within:n;", "abc\2..x", false, false},
    {"byte_extract into depth", "content:\"abc\"; byte_extract:1,0,n,relative; content:\"x\"; depth:n;", "x.abc\1", true, true},
    {"byte_extract into depth, too deep", "content:\"abc\"; byte_extract:1,0,n,relative; content:\"x\"; depth:n;", ".xabc\1", false, false},
    {"byte_test", "content:\"abc\"; byte_test:2,=,42,0,relative,string,dec;", "abc42", true, true},
    {"relative pcre", "content:\"abc\"; pcre:\"/^\\d+x/R\";", "abc123x", true, true},
    {"short content alone", "content:\"ab\"; content:\"c\"; distance:1; within:1;", "ab.ab.c", true, true},
    /* clang-format on */
};

static void row_check(size_t i, size_t cut, const char *how)
{
    if (!t.n == rows[i].there)
        fail_msg("%s: %s, cut at %zu: spoken %u times", rows[i].what, how, cut, t.n);
    give((struct bytes){0}, 0, true);
    if (!t.n == rows[i].at_end || t.n > 1)
        fail_msg("%s: %s, cut at %zu: spoken %u times at the end", rows[i].what, how, cut, t.n);
}

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes all = bytes_str(rows[i].stream);

        begin(rows[i].options);
        for (size_t cut = 0; cut <= all.len; cut++) {
            flow_begin();
            if (cut)
                give(bytes_slice(all, 0, cut), 0, false);
            if (cut < all.len)
                give(bytes_from(all, cut), 0, false);
            row_check(i, cut, "in two");
        }
        flow_begin();
        for (size_t at = 0; at < all.len; at++)
            give(bytes_slice(all, at, at + 1), 0, false);
        row_check(i, 0, "byte by byte");
        end();
    }
}

/* Nothing holds over a gap; what waited for the end of its piece has all of it there. */
static void gaps(void **state)
{
    static const struct {
        const char *options;
        unsigned n;
    } cases[] = {
        {"content:\"abcdef\";", 0},
        {"content:\"abc\"; content:\"def\"; distance:0;", 0},
        {"content:\"abc\"; endswith;", 1},
        {"content:\"abc\"; content:!\"def\";", 1},
        {"content:\"abc\"; isdataat:!1,relative;", 1},
        {"content:\"def\"; depth:13;", 1},
        {"content:\"def\"; depth:12;", 0},
        {"content:\"ef\"; offset:1;", 1},   /* Suricata: depths count from the beginning, ... */
        {"content:\"def\"; offset:10;", 0}, /* ... offsets in what is looked at */
        {"content:\"def\"; startswith;", 0},
        {"content:\"abc\";", 1},
        {"content:\"def\";", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(cases[i].options);
        flow_begin();
        give(BYTES_LIT("abc"), 0, false);
        give(BYTES_LIT("def"), 7, false);
        give((struct bytes){0}, 0, true);
        if (t.n != cases[i].n)
            fail_msg("%s: spoken %u times", cases[i].options, t.n);
        end();
    }
}

/* Its front is long gone. */
static void far_into_a_stream(void **state)
{
    static const char *const options[] = {"content:\"abc\"; depth:10002;", "content:\"abc\"; depth:10003;"};
    static uint8_t filler[10000];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        begin(options[i]);
        flow_begin();
        give(bytes_of(filler, sizeof filler), 0, false);
        give(BYTES_LIT("ab"), 0, false);
        give(BYTES_LIT("c"), 0, false);
        assert_int_equal(t.n, i);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each),
        cmocka_unit_test(gaps),
        cmocka_unit_test(far_into_a_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule_confirm.c, rule_transform.c: each keyword on one value, with its edges. The answers of the first table
 * are those that Suricata 7.0.10 gave for the same rule and a UDP packet of these bytes. */
#include "base/count.h"
#include "detect/rule_confirm.h"
#include "detect/rule_transform.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct {
    const char *what, *rule, *payload;
    size_t len;
    bool holds;
} rows[] = {
    /* clang-format off */
    {"a content", "content:\"abc\";", "xxabcxx", 7, true},
    {"a content", "content:\"abc\";", "xxabxcx", 7, false},
    {"case counts", "content:\"abc\";", "xABCx", 5, false},
    {"nocase", "content:\"aBc\"; nocase;", "xABcx", 5, true},
    {"nocase knows ASCII only", "content:\"|e4|\"; nocase;", "x\304x", 3, false},
    {"hex and text", "content:\"a|0d 0A|b\";", "xa\015\012b", 5, true},
    {"escapes", "content:\"a\\\"b\\;c\\\\d\\:e\";", "a\"b;c\\d:e", 9, true},
    {"absent", "content:!\"abc\";", "xxabx", 5, true},
    {"absent", "content:!\"abc\";", "xxabc", 5, false},
    {"offset", "content:\"a\"; offset:2;", "xxa", 3, true},
    {"offset", "content:\"a\"; offset:2;", "xax", 3, false},
    {"depth", "content:\"ab\"; depth:3;", "xab", 3, true},
    {"depth", "content:\"ab\"; depth:3;", "xxab", 4, false},
    {"depth counts from the offset", "content:\"ab\"; offset:2; depth:3;", "xxxab", 5, true},
    {"depth counts from the offset", "content:\"ab\"; offset:2; depth:3;", "xxxxab", 6, false},
    {"an offset beyond the end", "content:\"a\"; offset:9;", "xxa", 3, false},
    {"absent beyond the end", "content:!\"a\"; offset:9;", "xxa", 3, true},
    {"absent within a depth", "content:!\"a\"; depth:2;", "xxa", 3, true},
    {"startswith", "content:\"ab\"; startswith;", "abx", 3, true},
    {"startswith", "content:\"ab\"; startswith;", "xab", 3, false},
    {"not startswith", "content:!\"ab\"; startswith;", "xab", 3, true},
    {"endswith", "content:\"ab\"; endswith;", "abxab", 5, true},
    {"endswith", "content:\"ab\"; endswith;", "abx", 3, false},
    {"both ends", "content:\"ab\"; startswith; endswith;", "ab", 2, true},
    {"both ends", "content:\"ab\"; startswith; endswith;", "abab", 4, false},
    {"endswith in a window that ends early", "content:\"ab\"; depth:2; endswith;", "abx", 3, false},
    {"order does not matter", "content:\"b\"; content:\"a\";", "ab", 2, true},
    {"distance", "content:\"a\"; content:\"b\"; distance:1;", "axb", 3, true},
    {"distance", "content:\"a\"; content:\"b\"; distance:1;", "ab", 2, false},
    {"distance 0", "content:\"ab\"; content:\"b\"; distance:0;", "abx", 3, false},
    {"negative distance", "content:\"ab\"; content:\"b\"; distance:-1;", "abx", 3, true},
    {"negative distance beyond the start", "content:\"ab\"; content:\"x\"; distance:-9;", "xab", 3, true},
    {"within", "content:\"a\"; content:\"b\"; within:2;", "axb", 3, true},
    {"within", "content:\"a\"; content:\"b\"; within:2;", "axxb", 4, false},
    {"within counts from the distance", "content:\"a\"; content:\"b\"; distance:2; within:2;", "axxxb", 5, true},
    {"within counts from the distance", "content:\"a\"; content:\"b\"; distance:2; within:2;", "axxxxb", 6, false},
    {"the second a is tried", "content:\"a\"; content:\"b\"; within:1;", "axab", 4, true},
    {"the second a is tried, twice over", "content:\"a\"; content:\"b\"; distance:0; content:\"c\"; within:1;", "abxabxbc", 8, true},
    {"not within", "content:\"a\"; content:!\"b\"; within:2;", "axxb", 4, true},
    {"not within", "content:\"a\"; content:!\"b\"; within:2;", "axb", 3, false},
    {"not within, elsewhere", "content:\"a\"; content:!\"b\"; within:1;", "abac", 4, true},
    {"not at some distance", "content:\"a\"; content:!\"b\"; distance:0;", "aba", 3, true},
    {"what is absent does not move", "content:\"a\"; content:!\"x\"; within:1; content:\"b\"; within:1;", "ab", 2, true},
    {"first relative counts from the start", "content:\"b\"; distance:1;", "bb", 2, true},
    {"first relative counts from the start", "content:\"b\"; distance:1;", "b", 1, false},
    {"isdataat", "isdataat:2;", "abc", 3, true},
    {"isdataat", "isdataat:3;", "abc", 3, false},
    {"not isdataat", "isdataat:!3;", "abc", 3, true},
    {"isdataat, relative", "content:\"a\"; isdataat:2,relative;", "xabc", 4, true},
    {"isdataat, relative", "content:\"a\"; isdataat:3,relative;", "xabc", 4, false},
    {"not isdataat 1 is endswith", "content:\"a\"; isdataat:!1,relative;", "axa", 3, true},
    {"not isdataat 1 is endswith", "content:\"a\"; isdataat:!1,relative;", "xab", 3, false},
    {"not isdataat, later", "content:\"a\"; isdataat:!2,relative;", "axxxab", 6, true},
    {"dsize", "dsize:3;", "abc", 3, true},
    {"dsize", "dsize:>3;", "abc", 3, false},
    {"dsize between", "dsize:2<>4;", "abc", 3, true},
    {"dsize between", "dsize:2<>4;", "abcd", 4, false},
    {"pcre", "pcre:\"/a.c/\";", "xabc", 4, true},
    {"pcre, dot is no newline", "pcre:\"/a.c/\";", "a\012c", 3, false},
    {"pcre s", "pcre:\"/a.c/s\";", "a\012c", 3, true},
    {"pcre i", "pcre:\"/a.c/i\";", "AbC", 3, true},
    {"pcre m", "pcre:\"/^b/m\";", "a\012b", 3, true},
    {"pcre x", "pcre:\"/a b # c/x\";", "ab", 2, true},
    {"pcre A", "pcre:\"/b/A\";", "ab", 2, false},
    {"pcre E", "pcre:\"/a$/E\";", "a\012", 2, false},
    {"pcre without E", "pcre:\"/a$/\";", "a\012", 2, true},
    {"pcre G", "pcre:\"/a+(b)?/G\"; content:\"b\"; distance:0;", "aab", 3, true},
    {"not pcre", "pcre:!\"/a.c/\";", "abb", 3, true},
    {"not pcre", "pcre:!\"/a.c/\";", "abc", 3, false},
    {"pcre R", "content:\"a\"; pcre:\"/^b/R\";", "xab", 3, true},
    {"pcre R", "content:\"a\"; pcre:\"/^b/R\";", "axb", 3, false},
    {"pcre R, the second a", "content:\"a\"; pcre:\"/^b/R\";", "axab", 4, true},
    {"content after a pcre", "pcre:\"/a+/\"; content:\"b\"; within:1;", "aaab", 4, true},
    {"content after a pcre, elsewhere", "pcre:\"/a./\"; content:\"b\"; within:1;", "axxaxb", 6, true},
    {"not pcre R", "content:\"a\"; pcre:!\"/^b/R\";", "ab", 2, false},
    {"byte_test", "byte_test:1,>,98,1;", "ac", 2, true},
    {"byte_test", "byte_test:1,>,98,1;", "ab", 2, false},
    {"byte_test, two bytes", "byte_test:2,=,24930,0;", "ab", 2, true},
    {"byte_test, little", "byte_test:2,=,25185,0,little;", "ab", 2, true},
    {"byte_test, hex value", "byte_test:2,=,0x6162,0;", "ab", 2, true},
    {"byte_test !", "byte_test:1,!,97,0;", "b", 1, true},
    {"byte_test !=", "byte_test:1,!=,97,0;", "a", 1, false},
    {"byte_test !<", "byte_test:1,!<,97,0;", "a", 1, true},
    {"byte_test &", "byte_test:1,&,2,0;", "b", 1, true},
    {"byte_test &", "byte_test:1,&,2,0;", "a", 1, false},
    {"byte_test ^", "byte_test:1,^,97,0;", "a", 1, false},
    {"byte_test ^", "byte_test:1,^,97,0;", "b", 1, true},
    {"byte_test <=", "byte_test:1,<=,97,0;", "a", 1, true},
    {"byte_test >=", "byte_test:1,>=,98,0;", "a", 1, false},
    {"byte_test, beyond", "byte_test:2,>,0,2;", "abc", 3, false},
    {"byte_test, before", "byte_test:1,>,0,-1;", "abc", 3, false},
    {"byte_test, relative", "content:\"a\"; byte_test:1,=,99,1,relative;", "xabc", 4, true},
    {"byte_test, relative, back", "content:\"b\"; byte_test:1,=,97,-2,relative;", "xab", 3, true},
    {"byte_test, the second a", "content:\"a\"; byte_test:1,=,98,0,relative;", "axab", 4, true},
    {"byte_test, text", "byte_test:3,=,123,1,string,dec;", "x123", 4, true},
    {"byte_test, text in hex", "byte_test:2,=,255,0,string,hex;", "ff", 2, true},
    {"byte_test, text in octal", "byte_test:2,=,8,0,string,oct;", "10", 2, true},
    {"byte_test, no number", "byte_test:2,=,0,0,string,dec;", "xx", 2, false},
    {"byte_test, blanks in front", "byte_test:3,=,7,0,string,dec;", "  7", 3, true},
    {"byte_test, mask", "byte_test:1,=,6,0,bitmask 0xf0;", "a", 1, true},
    {"byte_jump", "byte_jump:1,0; content:\"b\"; within:1;", "\001xb", 3, true},
    {"byte_jump", "byte_jump:1,0; content:\"b\"; within:1;", "\002xb", 3, false},
    {"byte_jump to the end", "byte_jump:1,0;", "\002xx", 3, true},
    {"byte_jump beyond the end", "byte_jump:1,0;", "\003xx", 3, false},
    {"byte_jump 0", "content:\"a\"; byte_jump:0,2,relative; content:\"b\"; within:1;", "axxb", 4, true},
    {"byte_jump from the beginning", "byte_jump:1,1,from_beginning; content:\"b\"; within:1;", "x\002b", 3, true},
    {"byte_jump from the end", "byte_jump:1,0,from_end,post_offset -2; content:\"b\"; within:1;", "\000xxbx", 5, true},
    {"byte_jump, post_offset", "byte_jump:1,0,post_offset -2; content:\"b\"; within:1;", "\003xb", 3, true},
    {"byte_jump to before the start", "byte_jump:1,0,post_offset -9; content:\"|03|\"; within:1;", "\003xb", 3, true},
    {"byte_jump, multiplier", "byte_jump:1,0,multiplier 2; content:\"b\"; within:1;", "\001xxb", 4, true},
    {"byte_jump, align", "byte_jump:1,0,align; content:\"b\"; within:1;", "\001xxxxb", 6, true},
    {"byte_jump, text", "byte_jump:2,0,string,dec; content:\"b\"; within:1;", "02xxb", 5, true},
    {"byte_extract for byte_test", "byte_extract:1,0,n; byte_test:1,=,n,1;", "aa", 2, true},
    {"byte_extract for byte_test", "byte_extract:1,0,n; byte_test:1,=,n,1;", "ab", 2, false},
    {"byte_extract for within", "byte_extract:1,0,n; content:\"b\"; within:n;", "\002xb", 3, true},
    {"byte_extract for within", "byte_extract:1,0,n; content:\"b\"; within:n;", "\001xb", 3, false},
    {"byte_extract for distance", "byte_extract:1,0,n; content:\"b\"; distance:n;", "\002bx", 3, false},
    {"byte_extract for offset", "byte_extract:1,0,n; content:\"b\"; offset:n;", "\002xb", 3, true},
    {"byte_extract for depth", "byte_extract:1,0,n; content:\"b\"; depth:n;", "\002xb", 3, false},
    {"byte_extract for isdataat", "byte_extract:1,0,n; isdataat:n;", "\002xb", 3, true},
    {"byte_extract for isdataat", "byte_extract:1,0,n; isdataat:n;", "\003xb", 3, false},
    {"byte_math for isdataat", "byte_math:bytes 1, offset 0, oper +, rvalue 1, result r; isdataat:r;", "\001xb", 3,
     true},
    {"byte_math for isdataat", "byte_math:bytes 1, offset 0, oper +, rvalue 2, result r; isdataat:r;", "\001xb", 3,
     false},
    {"byte_math, beyond", "byte_math:bytes 1, offset 3, oper +, rvalue 0, result r; isdataat:r;", "\001xb", 3,
     false},
    {"byte_math, a long shift", "byte_math:bytes 1, offset 0, oper <<, rvalue 64, result r; isdataat:r;", "\001xb",
     3, true},
    {"byte_math, a variable of zero",
     "byte_extract:1,0,n; byte_math:bytes 1, offset 1, oper /, rvalue n, result r; isdataat:r;", "\000\004xb", 4,
     false},
    {"byte_math, 64 bits", "byte_math:bytes 1, offset 0, oper +, rvalue 4294967295, result r; isdataat:r;",
     "\001xb", 3, false},
    {"byte_math, moves on",
     "byte_math:bytes 1, offset 0, oper +, rvalue 0, result r; content:\"b\"; distance:1; within:1;", "\001xb", 3,
     true},
    {"base64", "base64_decode; base64_data; content:\"curl\"; startswith;", "Y3VybA==", 8, true},
    {"base64, cut", "base64_decode; base64_data; content:\"cur\"; startswith; endswith;", "Y3VybA", 5, true},
    {"base64, ended", "base64_decode; base64_data; content:\"cur\"; bsize:3;", "Y3Vy-bA=", 8, true},
    {"base64, padding inside", "base64_decode; base64_data; content:\"c\"; bsize:1;", "Y3==", 4, true},
    {"base64, nothing but padding", "base64_decode; base64_data; content:!\"c\";", "====", 4, false},
    {"base64, one character", "base64_decode; base64_data; content:!\"c\";", "Y", 1, false},
    {"base64, offset at the end", "base64_decode:offset 4; base64_data; content:!\"c\";", "Y3Vy", 4, false},
    {"base64, offset beyond", "base64_decode:offset 9; base64_data; content:!\"c\";", "Y3Vy", 4, false},
    {"base64, relative", "content:\"x\"; base64_decode:bytes 4,relative; base64_data; content:\"cur\"; bsize:3;",
     "xY3VybA==", 9, true},
    {"base64 has the last word", "base64_decode; content:\"absent\"; base64_data; content:\"cur\";", "Y3Vy", 4, true},
    {"byte_test, all digits", "byte_test:0,=,123,0,string,dec;", "123x", 4, true},
    {"byte_test, all digits to the end", "byte_test:0,=,123,0,string,dec;", "123", 3, true},
    {"byte_test, no digits", "byte_test:0,=,0,0,string,dec;", "x", 1, false},
    {"byte_test, too many digits", "byte_test:0,>,0,0,string,dec;", "99999999999999999999999999", 26, false},
    {"byte_extract, multiplier", "byte_extract:1,0,n,multiplier 2; byte_test:1,=,n,1;", "\002\004", 2, true},
    {"byte_extract, align", "byte_extract:1,0,n,align 4; byte_test:1,=,n,1;", "\002\004", 2, true},
    {"byte_extract, text", "byte_extract:2,0,n,string,dec; byte_test:1,=,n,2;", "97a", 3, true},
    {"byte_extract moves", "byte_extract:1,0,n; content:\"b\"; within:1;", "xb", 2, true},
    {"pkt_data", "pkt_data; content:\"a\"; pkt_data; content:\"b\"; distance:0;", "ab", 2, true},
    {"rawbytes", "content:\"a\"; rawbytes;", "a", 1, true},
    {"fast_pattern", "content:\"abcd\"; fast_pattern:1,2;", "abcd", 4, true},
    /* clang-format on */
};

static struct confirm_scratch *scratch;

static int setup(void **state)
{
    (void)state;
    scratch = confirm_scratch_new();
    return scratch ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    confirm_scratch_free(scratch);
    return 0;
}

/* The only rule of a new ruleset. */
static struct ruleset *one_rule(const char *head, const char *options)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    char text[4096];

    snprintf(text, sizeof text, "alert %s any any -> any any (msg:\"m\"; %s sid:1;)", head, options);
    if (!rules_all_added(r, "t", bytes_str(text), &why))
        fail_msg("%s: %s", options, why.text);
    assert_true(rule_is_traffic(ruleset_at(r, 0)));
    return r;
}

/* Does the value satisfy all sections of the rule? It lies in memory of exactly its size. */
static bool holds(const struct ruleset *r, struct bytes value, uint64_t before)
{
    const struct rule_traffic *t = ruleset_at(r, 0)->match->traffic;
    uint8_t *exact = malloc(value.len ? value.len : 1);
    struct confirm_value v = {bytes_of(exact, value.len), before, true};
    struct confirm_vars vars = {{0}};
    bool all = !t->has_dsize || rule_size_holds(&t->dsize, value.len);

    assert_non_null(exact);
    if (value.len)
        memcpy(exact, value.p, value.len);
    for (unsigned i = 0; i < t->n_sections; i++)
        all = all && rule_confirm(&t->sections[i], &v, &vars, scratch);
    free(exact);
    return all;
}

static void each_keyword(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ruleset *r = one_rule("udp", rows[i].rule);

        if (holds(r, bytes_of(rows[i].payload, rows[i].len), 0) != rows[i].holds)
            fail_msg("%s: %s should %shold", rows[i].what, rows[i].rule, rows[i].holds ? "" : "not ");
        ruleset_free(r);
    }
}

/* Every value cut at every byte: an answer, never a byte beyond. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ruleset *r = one_rule("udp", rows[i].rule);

        for (size_t cut = 0; cut < rows[i].len; cut++)
            holds(r, bytes_of(rows[i].payload, cut), 0);
        ruleset_free(r);
    }
}

static const struct {
    const char *transforms, *value, *becomes;
} transforms[] = {
    {"dotprefix;", "example.org", ".example.org"},
    {"dotprefix;", "", "."},
    {"to_lowercase;", "aBZ[", "abz["},
    {"to_uppercase;", "aBz{", "ABZ{"},
    {"header_lowercase;", "Host: A\r\nX-Y: B:C\r\n", "host: A\r\nx-y: B:C\r\n"},
    {"url_decode;", "a%41+b%4", "aA b%4"},
    {"url_decode;", "%zz%u0041%2", "%zz%u0041%2"},
    {"url_decode;", "%2541", "%41"},
    {"url_decode; url_decode;", "%2541", "A"},
    {"strip_whitespace;", " a\t\r\n\v\fb ", "ab"},
    {"compress_whitespace;", " \ta  b", " a b"},
    {"strip_pseudo_headers;", ":method: GET\r\nA: b\r\n:c: d\r\n", "A: b\r\n"},
    {"xor:\"0102\";", "abc", "``b"},
    {"pcrexform:\"b(.)\";", "abcbd", "c"},
    {"pcrexform:\"x(.)\";", "abc", "abc"},
    {"pcrexform:\"(x)?b\";", "abc", "abc"},
    {"strip_whitespace; to_lowercase; dotprefix;", " A B ", ".ab"},
    {"pcrexform:\"b(.*)\"; pcrexform:\"c(.*)\"; dotprefix;", "abcde", ".de"},
};

static void each_transform(void **state)
{
    struct transform_room *room = malloc(sizeof *room);
    struct pcre_scratch *pcre = pcre_scratch_new();

    (void)state;
    assert_true(room && pcre);
    for (unsigned i = 0; i < sizeof transforms / sizeof *transforms; i++) {
        char options[256];
        struct ruleset *r;
        const struct traffic_section *s;
        struct bytes got;

        snprintf(options, sizeof options, "http.uri; %s content:\"a\";", transforms[i].transforms);
        r = one_rule("http", options);
        s = &ruleset_at(r, 0)->match->traffic->sections[0];
        pcre_scratch_allow(pcre, 100000);
        got = rule_transform_all(s->transforms, s->n_transforms, bytes_str(transforms[i].value), room, pcre);
        if (!bytes_eq(got, bytes_str(transforms[i].becomes)))
            fail_msg("%s: %s becomes %.*s", transforms[i].transforms, transforms[i].value, (int)got.len,
                     (const char *)got.p);
        ruleset_free(r);
    }
    pcre_scratch_free(pcre);
    free(room);
}

static void transforms_come_before_tests(void **state)
{
    struct ruleset *r = one_rule("http", "http.host; dotprefix; content:\".evil.example\"; endswith;");

    (void)state;
    assert_true(holds(r, BYTES_LIT("evil.example"), 0));
    assert_true(holds(r, BYTES_LIT("x.evil.example"), 0));
    assert_false(holds(r, BYTES_LIT("notevil.example"), 0));
    ruleset_free(r);
}

/* A value longer than transforms have room for: its beginning is judged, and that it is not all is counted.
 */
static void a_long_value_is_transformed_in_part(void **state)
{
    struct ruleset *r = one_rule("http", "http.uri; to_lowercase; content:\"b\"; content:!\"c\";");
    size_t len = TRANSFORM_BYTES_MAX + 10;
    uint8_t *value = malloc(len);
    uint64_t before = counters[COUNT_DETECT_SCAN_FAILED];

    (void)state;
    assert_non_null(value);
    memset(value, 'A', len);
    value[5] = 'B';
    value[len - 1] = 'C';
    assert_true(holds(r, bytes_of(value, len), 0));
    assert_int_equal(counters[COUNT_DETECT_SCAN_FAILED], before + 1);
    free(value);
    ruleset_free(r);
}

/* What a section is asked of a buffer that comes in pieces. */
static void places_count_from_the_start_of_the_buffer(void **state)
{
    static const struct {
        const char *options;
        uint64_t before;
        bool holds; /* of "xxab" */
    } cases[] = {
        {"content:\"ab\"; depth:4;", 0, true},
        {"content:\"ab\"; depth:4;", 4, false},
        {"content:\"ab\"; depth:8;", 4, true},
        {"content:\"ab\"; depth:7;", 4, false},
        {"content:\"ab\"; startswith;", 2, false},
        {"content:\"ab\"; endswith;", 100, true},
        {"content:\"ab\";", 100, true},
        {"bsize:104; content:\"ab\";", 100, true},
        {"bsize:4; content:\"ab\";", 100, false},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char options[128];
        struct ruleset *r;

        snprintf(options, sizeof options, "file.data; %s", cases[i].options);
        r = one_rule("http", options);
        if (holds(r, BYTES_LIT("xxab"), cases[i].before) != cases[i].holds)
            fail_msg("%s after %u bytes", cases[i].options, (unsigned)cases[i].before);
        ruleset_free(r);
    }
}

static void sizes(void **state)
{
    static const struct {
        const char *options;
        bool holds; /* of "abc" */
    } cases[] = {
        {"bsize:3;", true},          {"bsize:=3;", true},  {"bsize:>3;", false},  {"bsize:>=3;", true},
        {"bsize:<3;", false},        {"bsize:<=3;", true}, {"bsize:!=3;", false}, {"bsize:2<>4;", true},
        {"bsize:3<>5;", false},      {"urilen:3;", true},  {"urilen:>2;", true},  {"urilen:<3,raw;", false},
        {"urilen:2<>4,norm;", true},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char options[128];
        struct ruleset *r;

        snprintf(options, sizeof options, "http.uri; content:\"abc\"; %s", cases[i].options);
        r = one_rule("http", options);
        if (holds(r, BYTES_LIT("abc"), 0) != cases[i].holds)
            fail_msg("%s", cases[i].options);
        ruleset_free(r);
    }
}

/* Variables read in one section serve the others. */
static void variables_go_from_buffer_to_buffer(void **state)
{
    struct ruleset *r =
        one_rule("http", "http.uri; byte_extract:1,0,n,string,dec; http.user_agent; isdataat:!n;");
    const struct rule_traffic *t = ruleset_at(r, 0)->match->traffic;
    struct confirm_vars vars = {{0}};

    (void)state;
    assert_int_equal(t->n_sections, 2);
    assert_true(
        rule_confirm(&t->sections[0], &(struct confirm_value){BYTES_LIT("3/"), 0, true}, &vars, scratch));
    assert_int_equal(vars.v[0], 3);
    assert_true(
        rule_confirm(&t->sections[1], &(struct confirm_value){BYTES_LIT("abc"), 0, true}, &vars, scratch));
    assert_false(
        rule_confirm(&t->sections[1], &(struct confirm_value){BYTES_LIT("abcd"), 0, true}, &vars, scratch));
    ruleset_free(r);
}

/* Contents that could stand anywhere, and a value made of nothing else: given up, and counted. */
static void work_is_bounded(void **state)
{
    static const char *const hostile[] = {
        ("content:\"a\"; content:\"a\"; within:60; content:\"a\"; within:60; content:\"a\"; within:60; "
         "content:\"b\"; within:60;"),
        "pcre:\"/(a+)+[bc]/\";",
        "content:\"a\"; pcre:\"/^a+?[bc]/R\"; content:\"c\"; within:1;",
    };
    uint8_t *value = malloc(60000);

    (void)state;
    assert_non_null(value);
    memset(value, 'a', 60000);
    for (unsigned i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct ruleset *r = one_rule("udp", hostile[i]);
        uint64_t before = counters[COUNT_DETECT_SCAN_FAILED];

        assert_false(holds(r, bytes_of(value, 60000), 0));
        assert_int_equal(counters[COUNT_DETECT_SCAN_FAILED], before + 1);
        ruleset_free(r);
    }
    free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_keyword),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(each_transform),
        cmocka_unit_test(transforms_come_before_tests),
        cmocka_unit_test(a_long_value_is_transformed_in_part),
        cmocka_unit_test(places_count_from_the_start_of_the_buffer),
        cmocka_unit_test(sizes),
        cmocka_unit_test(variables_go_from_buffer_to_buffer),
        cmocka_unit_test(work_is_bounded),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parser makes of traffic rules: rule_traffic.h's promises. */
#include "detect/rule_traffic.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct ruleset *rules;

static int teardown(void **state)
{
    (void)state;
    ruleset_free(rules);
    rules = NULL;
    return 0;
}

/* A rule of a ruleset of its own, "HEAD (OPTIONS)": valid until the next. */
static const struct rule *read_rule(const char *head, const char *options)
{
    struct complaint why = {""};
    char text[4096];

    ruleset_free(rules);
    rules = sighted_ruleset();
    snprintf(text, sizeof text, "%s (msg:\"m\"; %s sid:1;)", head, options);
    if (!rules_all_added(rules, "t", bytes_str(text), &why))
        fail_msg("%s: %s", options, why.text);
    return ruleset_at(rules, 0);
}

#define TCP  "alert tcp any any -> any any"
#define UDP  "alert udp any any -> any any"
#define IP   "alert ip any any -> any any"
#define HTTP "alert http any any -> any any"

static const struct rule_traffic *traffic(const char *head, const char *options)
{
    const struct rule *r = read_rule(head, options);

    assert_true(rule_is_traffic(r));
    return r->match->traffic;
}

static void a_buffer_of_our_own_makes_a_sighting_rule(void **state)
{
    static const struct {
        const char *options;
        bool traffic;
    } cases[] = {
        {"", true},
        {"content:\"abc\";", true},
        {"http.uri; content:\"x\";", true},
        {"dns.query; content:\"x\";", true},
        {"tls.sni; content:\"x\";", true},
        {"ldap.request.dn; content:\"x\";", true},
        {"jndi.name; content:\"x\";", false},
        {"http.uri; content:\"x\"; jndi.stage; content:\"lookup\";", false},
        {"ldap.request.operation; content:\"x\"; ldap.client; content:\"jndi\";", false},
        {"dns.rrname; content:\"x\";", false},
        {"java.serialized; content:\"x\";", false},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        if (rule_is_traffic(read_rule(IP, cases[i].options)) != cases[i].traffic)
            fail_msg("%s", cases[i].options);
}

/* "buffer+transforms:tests" for each section. */
static void sections_of(const struct rule_traffic *t, char *out, size_t room)
{
    *out = 0;
    for (unsigned i = 0; i < t->n_sections; i++) {
        const struct traffic_section *s = &t->sections[i];
        size_t n = strlen(out);

        snprintf(out + n, room - n, "%s%s+%u:%u", i ? " " : "", buffer_rows[s->buffer].name, s->n_transforms,
                 s->n_tests);
    }
}

static void sections(void **state)
{
    static const struct {
        const char *options, *sections;
    } cases[] = {
        {"content:\"a\"; content:\"b\";", "pkt_data+0:2"},
        {"http.uri; content:\"a\"; pkt_data; content:\"b\"; http.method; content:\"c\";",
         "http.uri+0:1 pkt_data+0:1 http.method+0:1"},
        /* one value: named again, it is the same question */
        {"http.uri; content:\"a\"; http.method; content:\"c\"; http.uri; content:\"b\";",
         "http.uri+0:2 http.method+0:1"},
        /* several values: another one may answer */
        {"http.request_header; content:\"a\"; http.request_header; content:\"b\";",
         "http.request_header+0:1 http.request_header+0:1"},
        {"http.uri; content:\"a\"; http.uri; to_lowercase; content:\"b\";", "http.uri+0:1 http.uri+1:1"},
        {"http.uri; to_lowercase; url_decode; content:\"a\"; http.uri; to_lowercase; url_decode; "
         "content:\"b\";",
         "http.uri+2:2"},
        /* the older spellings */
        {"content:\"a\"; http_uri; content:\"b\"; content:\"c\"; http_method;",
         "pkt_data+0:1 http.uri+0:1 http.method+0:1"},
        {"content:\"a\"; http_uri;", "http.uri+0:1"},
        {"uricontent:\"a\"; content:\"b\"; http_uri; distance:0;", "http.uri+0:2"},
        {"content:\"a\"; http_client_body; nocase;", "http.request_body+0:1"},
        {"content:\"a\"; http_server_body;", "file.data+0:1"},
        {"pcre:\"/a/Ui\"; pcre:\"/b/P\"; pcre:\"/c/\";", "pkt_data+0:1 http.uri+0:1 http.request_body+0:1"},
        {"file_data; content:\"a\"; file.data; content:\"b\";", "file.data+0:2"},
        {"urilen:>3; content:\"a\"; urilen:<9,raw;", "http.uri+0:1 pkt_data+0:1 http.uri.raw+0:1"},
        {"http.uri; content:\"a\"; isdataat:!1,relative;", "http.uri+0:1"},
        {"dsize:>3;", ""},
        {"ldap.request.operation:search_request; ldap.request.dn; content:\"x\";",
         "ldap.request.operation+0:2 ldap.request.dn+0:1"},
    };
    char got[256];

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        sections_of(traffic(IP, cases[i].options), got, sizeof got);
        if (strcmp(got, cases[i].sections) != 0)
            fail_msg("%s: %s", cases[i].options, got);
    }
}

static void what_buffers_imply(void **state)
{
    static const struct {
        const char *head, *options, *app;
        enum rule_direction direction;
    } cases[] = {
        {TCP, "http.uri; content:\"a\";", "http", RULE_TO_SERVER},
        {TCP, "http.stat_code; content:\"200\";", "http", RULE_TO_CLIENT},
        {TCP, "http.header; content:\"a\";", "http", RULE_ANY_DIRECTION},
        {HTTP, "flow:to_client; http.header; content:\"a\";", "http", RULE_TO_CLIENT},
        {"alert http2 any any -> any any", "http.uri; content:\"a\";", "http2", RULE_TO_SERVER},
        {UDP, "dns.query; content:\"a\";", "dns", RULE_TO_SERVER},
        {TCP, "file.data; content:\"a\";", NULL, RULE_ANY_DIRECTION},
        {TCP, "http.response_body; content:\"a\";", "http", RULE_TO_CLIENT},
        {TCP, "content:\"a\";", NULL, RULE_ANY_DIRECTION},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct rule_match *m = read_rule(cases[i].head, cases[i].options)->match;

        if (m->direction != cases[i].direction || !m->app_proto != !cases[i].app ||
            (m->app_proto && strcmp(m->app_proto, cases[i].app) != 0))
            fail_msg("%s: %s, %d", cases[i].options, m->app_proto ? m->app_proto : "none", m->direction);
    }
}

/* Suricata 7's own division; a rule on a stream is not asked about each packet. */
static void packets_and_streams(void **state)
{
    static const struct {
        const char *head, *options;
        unsigned inspects;
    } cases[] = {
        {TCP, "content:\"a\";", TRAFFIC_STREAM},
        {TCP, "flow:established; content:\"a\"; distance:1;", TRAFFIC_STREAM},
        {TCP, "content:\"a\"; depth:3;", TRAFFIC_PACKET | TRAFFIC_STREAM},
        {TCP, "content:\"b\"; content:\"a\"; offset:3;", TRAFFIC_PACKET | TRAFFIC_STREAM},
        {TCP, "content:\"a\"; startswith;", TRAFFIC_PACKET | TRAFFIC_STREAM},
        {TCP, "content:\"a\"; dsize:3;", TRAFFIC_PACKET},
        {TCP, "flow:no_stream; content:\"a\";", TRAFFIC_PACKET},
        {TCP, "flow:only_stream; content:\"a\"; depth:3;", TRAFFIC_STREAM},
        {"alert tcp-pkt any any -> any any", "content:\"a\";", TRAFFIC_PACKET},
        {"alert tcp-stream any any -> any any", "content:\"a\"; depth:3;", TRAFFIC_STREAM},
        {UDP, "content:\"a\";", TRAFFIC_PACKET},
        {TCP, "", TRAFFIC_PACKET},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct rule_traffic *t = traffic(cases[i].head, cases[i].options);

        if (t->inspects != cases[i].inspects)
            fail_msg("%s %s: %u", cases[i].head, cases[i].options, t->inspects);
    }
}

static void flow_words(void **state)
{
    const struct rule *r = read_rule(TCP, "flow:not_established,to_client; content:\"a\";");

    (void)state;
    assert_int_equal(r->match->direction, RULE_TO_CLIENT);
    assert_true(r->match->traffic->has_flow);
    assert_int_equal(r->match->traffic->flow, SEEN_NOT_ESTABLISHED);
    assert_int_equal(traffic(TCP, "flow:established;")->flow, SEEN_ESTABLISHED);
    assert_int_equal(traffic(TCP, "flow:stateless;")->flow, SEEN_ANY);
    assert_false(traffic(TCP, "content:\"a\";")->has_flow);
}

static void states(void **state)
{
    const struct rule *r = read_rule(
        TCP,
        "flowbits:isset,a|b; flowbits:isnotset,c; flowbits:set,d; flowbits:unset,e; flowbits:toggle,f; "
        "flowbits:noalert; xbits:set,x,track ip_pair,expire 90; xbits:isset,y,track ip_src; flowint:n,+,2; "
        "flowint:n,>=,m; flowint:o,notset; flowint:p,=,q;");
    const struct rule_traffic *t = r->match->traffic;
    const struct rule_state *s = t->states;

    (void)state;
    assert_true(r->noalert);
    assert_int_equal(t->n_states, 11);
    assert_int_equal(s[0].action, STATE_ISSET);
    assert_int_equal(s[0].n_names, 2);
    assert_string_equal(s[0].names[1], "b");
    assert_true(state_is_condition(&s[0]) && state_is_condition(&s[1]) && !state_is_condition(&s[2]));
    assert_int_equal(s[3].action, STATE_UNSET);
    assert_int_equal(s[4].action, STATE_TOGGLE);
    assert_int_equal(s[5].kind, STATE_XBITS);
    assert_int_equal(s[5].track, XBITS_PAIR);
    assert_int_equal(s[5].expire, 90);
    assert_int_equal(s[6].track, XBITS_SRC);
    assert_int_equal(s[6].expire, 30);
    assert_int_equal(s[7].action, STATE_ADD);
    assert_int_equal(s[7].value, 2);
    assert_int_equal(s[8].action, STATE_COMPARE);
    assert_int_equal(s[8].how, COMPARE_MORE_EQUAL);
    assert_string_equal(s[8].value_name, "m");
    assert_int_equal(s[9].action, STATE_ISNOTSET);
    assert_int_equal(s[10].action, STATE_ASSIGN);
}

static void other_options(void **state)
{
    const struct rule *r =
        read_rule("reject tcp any any -> any any",
                  "dsize:1<>9; stream_size:client,<,100; stream_size:both,>=,5; "
                  "app-layer-protocol:!http; detection_filter:track by_src, count 3, seconds 9;");
    const struct rule_traffic *t = r->match->traffic;

    (void)state;
    assert_int_equal(r->acts, RULE_REJECT);
    assert_true(rule_size_holds(&t->dsize, 8) && !rule_size_holds(&t->dsize, 9) &&
                !rule_size_holds(&t->dsize, 1));
    assert_int_equal(t->n_stream_sizes, 2);
    assert_int_equal(t->stream_sizes[0].side, STREAM_SIZE_CLIENT);
    assert_int_equal(t->stream_sizes[0].how, COMPARE_LESS);
    assert_int_equal(t->stream_sizes[1].bytes, 5);
    assert_string_equal(t->app_layer, "http");
    assert_true(t->app_layer_negated);
    assert_int_equal(r->limit.count, 3);
    assert_int_equal(read_rule("alert ip6 any any -> any any", "")->match->version, 6);
}

/* Each: head, options, the words behind "keyword 'x': ". */
static const struct {
    const char *head, *options, *words;
} refusals[] = {
    {TCP, "pcre:\"/a/R\";", "flag 'R' of a pcre counts from a match before it"},
    {TCP, "content:\"a\"; http_uri; pcre:\"/a/R\";", "flag 'R' of a pcre counts from a match before it"},
    {TCP, "byte_test:0,>,1,0;", "no bytes are no number"},
    {TCP, "byte_math:bytes 1, offset 0, oper +, rvalue 1;", "something is missing"},
    {TCP, "byte_math:bytes 1, offset 0, oper %, rvalue 1, result r;", "'%' is no operation"},
    {TCP, "byte_math:bytes 1, offset 0, oper /, rvalue 0, result r;", "nothing is divided by zero"},
    {TCP, "byte_math:bytes 9, offset 0, oper +, rvalue 1, result r;", "a number has at most 8 bytes"},
    {TCP, "byte_math:bytes 1, offset 0, oper +, rvalue q, result r;", "'q' is no number"},
    {TCP, "byte_math:bytes 1, offset 0, oper +, rvalue 1, result r, endian dce;", "DCE/RPC is not read"},
    {TCP, "byte_math:bytes 1, offset 0, oper +, rvalue 1, result r, string bin;", "'bin' is not read"},
    {TCP, "byte_math:bytes 1, offset 0, oper +, rvalue 1, result r, align 4;", "'align 4' is not read"},
    {TCP, "base64_data; content:\"a\";", "nothing was decoded before it"},
    {TCP, "base64_decode:relative;", "nothing is asked of what base64_decode decodes"},
    {TCP, "base64_decode; base64_data;", "nothing is asked of buffer base64_data"},
    {TCP, "base64_decode:bytes 0; base64_data; content:\"a\";", "'0' is no number from 1"},
    {TCP, "base64_decode:bytes; base64_data; content:\"a\";", "'bytes' is not read"},
    {TCP, "base64_decode:offset -1; base64_data; content:\"a\";", "'-1' is no number from 0"},
    {TCP, "base64_decode; base64_decode; base64_data; content:\"a\";", "stands there twice"},
    {TCP, "tls.subject:CN=x;", "the value is not quoted"},
    {TCP, "http.uri; content:\"a\"; http_method;", "it moves a content to another buffer"},
    {TCP, "http_uri;", "no content of this buffer stands before it"},
    {TCP, "pcre:\"/a/UP\";", "flags 'U' and 'P' name two buffers"},
    {TCP, "http.uri; to_lowercase; http.method; content:\"a\";", "nothing is asked of buffer http.uri"},
    {TCP, "content:\"a\"; to_lowercase;", "it changes a buffer before anything is asked"},
    {TCP, "http.uri; xor:\"0g\"; content:\"a\";", "the key is not made of pairs of hex digits"},
    {TCP, "http.uri; pcrexform:\"a\"; content:\"a\";", "the expression has 0 groups"},
    {TCP, "http.uri; pcrexform:\"(a)(b)\"; content:\"a\";", "the expression has 2 groups"},
    {"alert dns any any -> any any", "http.uri; content:\"a\";", "buffer http.uri is of protocol http"},
    {TCP, "flow:to_client; http.uri; content:\"a\";",
     "buffer http.uri and the rest of the rule go opposite ways"},
    {TCP, "http.uri; content:\"a\"; http.stat_code; content:\"2\";", "go opposite ways"},
    {TCP, "content:\"a\"; offset:n;", "'n' is no number"},
    {TCP, "byte_extract:1,0,n; byte_extract:1,1,n;", "variable 'n' stands there twice"},
    {TCP, "byte_extract:1,0,7n;", "'7n' is no name"},
    {TCP, "byte_extract:9,0,n;", "a number has at most 8 bytes"},
    {TCP, "byte_extract:2,0,n,hex;", "a base is for text"},
    {TCP, "byte_extract:2,0,n,align 3;", "aligned to 2 or 4"},
    {TCP, "byte_test:1,~,1,0;", "'~' is no comparison"},
    {TCP, "byte_test:1,>,1,0,dce;", "DCE/RPC is not read"},
    {TCP, "byte_test:1,>,1,0,bitmask 0;", "a mask of zero"},
    {TCP, "byte_test:1,>,0x1ffffffffffffffff,0;", "is no number of 64 bits"},
    {TCP, "byte_jump:24,0,string,dec;", "'24' is no number"},
    {TCP, "byte_jump:1,0,from_beginning,from_end;", "from the beginning and from the end"},
    {TCP, "flow:established,not_established;", "exclude one another"},
    {TCP, "flow:only_stream,no_stream;", "only_stream and no_stream exclude one another"},
    {TCP, "flow:only_frag;", "fragments are put together"},
    {TCP, "flowbits:set,a|b;", "several names are for isset"},
    {TCP, "flowbits:set;", "the name is missing"},
    {TCP, "flowbits:mend,a;", "'mend' is no action"},
    {TCP, "xbits:set,a;", "it does not say whose bit it is"},
    {TCP, "xbits:set,a,track me;", "'me' is not read"},
    {TCP, "flowint:a,~,1;", "'~' is not read"},
    {TCP, "flowint:a,+,;", "is no number and no variable"},
    {TCP, "stream_size:nobody,<,1;", "'nobody' is no side"},
    {TCP, "stream_size:client,!,1;", "'!' is no comparison"},
    {TCP, "dsize:<0;", "no value is shorter than nothing"},
    {TCP, "urilen:3,both;", "'both' is not read"},
    {TCP, "app-layer-protocol:smb;", "protocol 'smb' is not recognised"},
    {TCP, "http.uri:\"a\";", "a buffer takes no value"},
    {TCP, "ldap.request.operation:3;", "'3' is no name"},
    {TCP, "ldap.responses.operation:search_result_done,all;", "is no name"},
    {TCP, "content:\"a\"; content:\"b\"; distance:1048577;", "is no number from -1048576 to 1048576"},
};

static void each_refusal(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct complaint why = {""};
        char text[1024];

        ruleset_free(rules);
        rules = sighted_ruleset();
        snprintf(text, sizeof text, "%s (msg:\"m\"; %s sid:1;)", refusals[i].head, refusals[i].options);
        assert_true(ruleset_add_text(rules, "t", bytes_str(text), &why));
        if (ruleset_n_refused(rules) != 1 || !strstr(ruleset_refusal(rules, 0), refusals[i].words))
            fail_msg("%s: %s", text, ruleset_n_refused(rules) ? ruleset_refusal(rules, 0) : "read");
    }
}

/* Expressions that take much memory each: no more of them than all rules together may have. */
static void compiled_expressions_are_bounded(void **state)
{
    enum { RULES = 3000 };
    struct complaint why = {""};
    char *text = malloc(RULES * 128), *at = text;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 1; i <= RULES; i++)
        at += sprintf(at, TCP " (msg:\"m\"; pcre:\"/(((ab?c){30}x){35})/\"; sid:%u;)\n", i);
    ruleset_free(rules);
    rules = sighted_ruleset();
    assert_true(ruleset_add_text(rules, "t", bytes_of(text, (size_t)(at - text)), &why));
    assert_true(ruleset_n(rules) > 100);
    assert_true(ruleset_n_refused(rules) > 0);
    assert_non_null(strstr(ruleset_refusal(rules, 0), "the expressions of all rules take more than 64 MB"));
    free(text);
}

/* Rules that are large themselves: no more than all may take. */
static void all_rules_are_bounded(void **state)
{
    enum { RULES = 16000, CONTENTS = 64 };
    struct complaint why = {""};
    char *text = malloc(RULES * (CONTENTS * 13 + 64)), *at = text;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 1; i <= RULES; i++) {
        at += sprintf(at, TCP " (msg:\"m\"; sid:%u; ", i);
        for (unsigned k = 0; k < CONTENTS; k++)
            at += sprintf(at, "content:\"a\";");
        at += sprintf(at, ")\n");
    }
    ruleset_free(rules);
    rules = sighted_ruleset();
    assert_true(ruleset_add_text(rules, "t", bytes_of(text, (size_t)(at - text)), &why));
    assert_true(ruleset_n(rules) > 1000);
    assert_int_equal(ruleset_n(rules) + ruleset_n_refused(rules), RULES);
    assert_true(ruleset_n_refused(rules) > 0);
    assert_non_null(strstr(ruleset_refusal(rules, 0), "the rules take more than 256 MB"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_of_our_own_makes_a_sighting_rule),
        cmocka_unit_test(sections),
        cmocka_unit_test(what_buffers_imply),
        cmocka_unit_test(packets_and_streams),
        cmocka_unit_test(flow_words),
        cmocka_unit_test(states),
        cmocka_unit_test(other_options),
        cmocka_unit_test(each_refusal),
        cmocka_unit_test(compiled_expressions_are_bounded),
        cmocka_unit_test(all_rules_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}

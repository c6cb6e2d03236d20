/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "traffic_world.h"

static struct {
    struct traffic_world w;
    unsigned n;
    uint32_t last;
} t;

static void on_finding(void *arg, const struct finding *f)
{
    assert_ptr_equal(arg, &t);
    assert_int_equal(f->attrs->n, 0);
    t.n++;
    t.last = f->rule->sid;
}

static void begin(const char *text)
{
    memset(&t, 0, sizeof t);
    world_begin(&t.w, text, PROTO_TCP, on_finding, &t);
}

static void end(void)
{
    world_end(&t.w);
}

/* The next bytes, in a piece of memory of their size. */
static enum appetite say(unsigned side, const char *text, size_t len)
{
    static uint64_t packet;
    uint8_t *exact = malloc(len + !len);
    struct chunk c = {.flow = &t.w.flow, .side = side, .data = {exact, len}, .packet = ++packet};
    enum appetite appetite;

    memcpy(exact, text, len);
    appetite = traffic_chunk(t.w.traffic, &c);
    free(exact);
    return appetite;
}

static void says(unsigned side, const char *text)
{
    (void)say(side, text, strlen(text));
}

#define ANY_WAY "alert tcp any any -> any any (msg:\"m\"; flow:"
#define HEAD    ANY_WAY "to_server; "

static void across_chunks(void **state)
{
    static const char text[] = "xx${jndi:ldap://h/a}";

    (void)state;
    for (size_t cut = 0; cut < sizeof text; cut++) {
        begin(HEAD "content:\"jndi|3a|\"; content:\"|3a 2f 2f|\"; distance:0; sid:1;)");
        (void)say(0, text, cut);
        (void)say(0, text + cut, sizeof text - 1 - cut);
        assert_int_equal(t.n, 1);
        says(1, text); /* the server's words are not the rule's */
        assert_int_equal(t.n, 1);
        end();
    }
}

static void once_a_piece(void **state)
{
    static const char filler[3000] = {0};

    (void)state;
    begin(HEAD "content:\"evil\"; sid:1;)");
    says(0, "evil");
    says(0, "evil");
    assert_int_equal(t.n, 1);
    (void)say(0, filler, sizeof filler);
    says(0, "evil");
    assert_int_equal(t.n, 2);
    end();
}

/* What may not be there is asked when the piece is over. */
static void absent(void **state)
{
    char filler[3000];

    (void)state;
    memset(filler, 'x', sizeof filler);
    begin(HEAD "content:\"evil\"; content:!\"good\"; sid:1;)");
    says(0, "evil");
    assert_int_equal(t.n, 0);
    (void)say(0, filler, sizeof filler);
    assert_int_equal(t.n, 1);
    says(0, "evil good");
    (void)say(0, filler, sizeof filler);
    assert_int_equal(t.n, 1);
    end();
}

static void bits_order_rules(void **state)
{
    (void)state;
    begin(HEAD "content:\"two\"; flowbits:isset,seen; sid:1;)\n" HEAD
               "content:\"one\"; flowbits:set,seen; noalert; sid:2;)");
    says(0, "two ");
    assert_int_equal(t.n, 0);
    says(0, "one");
    assert_int_equal(t.n, 1);
    assert_int_equal(t.last, 1);
    end();
}

/* Nothing asks about answers: none of their bytes is wanted. */
static void wants_no_more_than_it_asks(void **state)
{
    (void)state;
    begin(HEAD "content:\"evil\"; sid:1;)");
    assert_int_equal(say(1, "evil", 4), APPETITE_ENOUGH);
    assert_int_equal(say(0, "good", 4), APPETITE_MORE);
    end();
}

static void other_rules(void **state)
{
    (void)state;
    begin(HEAD "content:\"jndi|3a|\"; content:\"|3a 2f 2f|\"; distance:0; sid:1;)");
    says(0, "${jndi:");
    world_reload(&t.w, HEAD "content:\"other\"; sid:7;)\n" HEAD
                            "content:\"jndi|3a|\"; content:\"|3a 2f 2f|\"; distance:0; sid:1;)");
    says(0, "ldap://h");
    assert_int_equal(t.n, 1);
    assert_int_equal(t.last, 1);
    says(0, "other");
    assert_int_equal(t.n, 2);
    end();
}

/* A rule without a long literal has spoken, and what it needs has come again before others were read. */
static void reloaded_while_quiet(void **state)
{
    static const char rule[] = HEAD "content:\"${\"; content:\"zz\"; distance:0; sid:1;)", filler[2555];

    (void)state;
    for (unsigned reload = 0; reload < 2; reload++) {
        begin(rule);
        says(0, "${zz");
        assert_int_equal(t.n, 1);
        says(0, "${");
        if (reload)
            world_reload(&t.w, rule);
        (void)say(0, filler, sizeof filler);
        says(0, "zz");
        assert_int_equal(t.n, 2);
        end();
    }
}

/* What it said nothing more of, in a piece that it had spoken of, is not told with the next one. */
static void reloaded_between_pieces(void **state)
{
    static const char filler[2551];

    (void)state;
    begin(HEAD "content:\"evil\"; sid:1;)");
    says(0, "evil ");
    says(0, "evil");
    (void)say(0, filler, sizeof filler);
    assert_int_equal(t.n, 1);
    world_reload(&t.w, HEAD "content:\"evil\"; sid:1;)\n" HEAD "content:\"vile\"; sid:2;)");
    says(0, "x");
    assert_int_equal(t.n, 1);
    says(0, "evile");
    assert_int_equal(t.n, 3);
    end();
}

/* The stream has given nothing of the server's words to the first rules; the second ones want them. */
static void asked_again(void **state)
{
    char answer[] = "200 evil";
    struct chunk c = {.flow = &t.w.flow, .side = 1, .data = bytes_str(answer), .packet = 1000};

    (void)state;
    begin(HEAD "content:\"evil\"; sid:1;)");
    says(0, "good ");
    assert_int_equal(say(1, "200", 3), APPETITE_ENOUGH);
    world_reload(&t.w, ANY_WAY
                 "to_client; content:\"evil\"; sid:2;)\n" ANY_WAY
                 "to_client,only_stream; content:\"200\"; startswith; content:\"evil\"; sid:3;)\n" ANY_WAY
                 "to_client; stream_size:server,=,109; content:\"evil\"; sid:4;)");
    c.gap = 97;
    c.at = 100;
    assert_int_equal(traffic_chunk(t.w.traffic, &c), APPETITE_MORE);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.last, 4);
    assert_int_equal(say(0, "evil", 4), APPETITE_ENOUGH);
    assert_int_equal(t.n, 2);
    end();
}

/* Rules that come when all streams are on their way: none of them begins here. */
static void asked_amid_a_stream(void **state)
{
    char text[] = "GET / evil";
    struct chunk c = {.flow = &t.w.flow, .data = bytes_str(text), .packet = 1000, .gap = 5, .at = 1005};

    (void)state;
    begin(HEAD "content:\"GET\"; startswith; sid:1;)\n" HEAD "content:\"evil\"; depth:20; sid:2;)\n" HEAD
               "content:\"evil\"; offset:1000; sid:3;)\n" HEAD "content:\"evil\"; sid:4;)");
    (void)traffic_chunk(t.w.traffic, &c);
    assert_int_equal(t.n, 1);
    assert_int_equal(t.last, 4);
    end();
}

static void depth_ends_it(void **state)
{
    char filler[4096];

    (void)state;
    memset(filler, 'x', sizeof filler);
    begin(HEAD "content:\"evil\"; sid:1;)");
    for (unsigned i = 0; i < 256; i++)
        (void)say(0, filler, sizeof filler);
    assert_int_equal(say(0, "evil", 4), APPETITE_ENOUGH);
    assert_int_equal(t.n, 0);
    end();
}

/* A rule without a long literal, whose short one comes again while it is quiet: it speaks in the next piece.
 */
static void short_while_quiet(void **state)
{
    static const char filler[3000] = {0};

    (void)state;
    begin(HEAD "content:\"${\"; sid:1;)");
    says(0, "nothing $");
    says(0, "{");
    assert_int_equal(t.n, 1);
    (void)say(0, filler, 2000);
    says(0, "${");
    (void)say(0, filler, 600);
    assert_int_equal(t.n, 1);
    says(0, "x");
    assert_int_equal(t.n, 2);
    (void)say(0, filler, sizeof filler);
    (void)say(0, filler, sizeof filler);
    says(0, "x");
    assert_int_equal(t.n, 2);
    end();
}

/* Needs both, in any order and any chunk. */
static void short_beside_long(void **state)
{
    static const char text[] = "a${b://c", turned[] = "a://b${c";

    (void)state;
    for (size_t cut = 0; cut < sizeof text; cut++) {
        begin(HEAD "content:\"${\"; fast_pattern; content:\"|3a 2f 2f|\"; sid:1;)");
        (void)say(0, text, cut);
        assert_int_equal(t.n, cut >= 7);
        (void)say(0, text + cut, sizeof text - 1 - cut);
        assert_int_equal(t.n, 1);
        end();
        begin(HEAD "content:\"${\"; fast_pattern; content:\"|3a 2f 2f|\"; sid:1;)");
        (void)say(0, turned, cut);
        (void)say(0, turned + cut, sizeof turned - 1 - cut);
        assert_int_equal(t.n, 1);
        end();
    }
}

/* Bodies are wanted of answers that the rule's addresses allow; while nobody knows who answers, of both. */
static void wants_by_flow(void **state)
{
    (void)state;
    begin("alert http 192.0.2.2 any -> any any (msg:\"m\"; flow:to_client; file.data; content:\"evil\"; "
          "sid:1;)");
    assert_int_equal(traffic_wants(t.w.traffic, &t.w.flow), INSPECT_BODIES);
    t.w.flow.client = 1;
    assert_int_equal(traffic_wants(t.w.traffic, &t.w.flow), 0);
    t.w.flow.client_known = false;
    assert_int_equal(traffic_wants(t.w.traffic, &t.w.flow), INSPECT_BODIES);
    t.w.flow.proto = PROTO_UDP;
    assert_int_equal(traffic_wants(t.w.traffic, &t.w.flow), INSPECT_BODIES);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(across_chunks),
        cmocka_unit_test(once_a_piece),
        cmocka_unit_test(absent),
        cmocka_unit_test(bits_order_rules),
        cmocka_unit_test(wants_no_more_than_it_asks),
        cmocka_unit_test(other_rules),
        cmocka_unit_test(reloaded_while_quiet),
        cmocka_unit_test(reloaded_between_pieces),
        cmocka_unit_test(asked_again),
        cmocka_unit_test(asked_amid_a_stream),
        cmocka_unit_test(depth_ends_it),
        cmocka_unit_test(short_while_quiet),
        cmocka_unit_test(short_beside_long),
        cmocka_unit_test(wants_by_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rules.h"
#include "detect/traffic_plan.h"
#include "decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Headers of all kinds; some of them the same. */
static const char *const heads[] = {
    "tcp any any -> any any",
    "tcp any any -> [$HOME_NET,$HTTP_SERVERS] any",
    "tcp any any -> [$HOME_NET,$HTTP_SERVERS] any",
    "udp any any -> [$HOME_NET,$HTTP_SERVERS] any",
    "http $HOME_NET any -> $EXTERNAL_NET any",
    "tcp $HOME_NET any -> $EXTERNAL_NET any",
    "ip !$HOME_NET any -> any any",
    "ip6 any any -> any any",
    "tcp any 1024: -> any [389,1389]",
    "tcp any 1024: -> any ![389,1389]",
    "tcp $HOME_NET 80 <> $EXTERNAL_NET any",
    "udp any !51820 -> 192.0.2.0/24 any",
    "ip [] any -> any any",
};

#define N_HEADS (sizeof heads / sizeof *heads)

static struct config *config;
static struct ruleset *rules;

static void add_rule(const char *head, unsigned sid)
{
    char text[256];
    struct complaint why;

    snprintf(text, sizeof text, "alert %s (msg:\"m\"; content:\"abc\"; sid:%u;)", head, sid);
    assert_true(ruleset_add_text(rules, "test", bytes_str(text), &why));
}

static int begin(void **state)
{
    struct complaint why;

    (void)state;
    config = config_new();
    rules = ruleset_new(config, &why);
    for (unsigned i = 0; i < N_HEADS; i++)
        add_rule(heads[i], i + 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    ruleset_free(rules);
    config_free(config);
    return 0;
}

/* An address inside or outside of HOME_NET, of either version. */
static struct addr some_addr(void)
{
    uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8};

    switch (rand() % 4) {
    case 0:
        return addr_v4((uint8_t[]){10, 0, 0, (uint8_t)(rand() % 4)});
    case 1:
        return addr_v4((uint8_t[]){192, 0, 2, (uint8_t)(rand() % 4)});
    case 2:
        v6[0] = 0xfd;
        v6[1] = 0;
    }
    v6[15] = (uint8_t)(rand() % 4);
    return addr_v6(v6);
}

static uint16_t some_port(void)
{
    static const uint16_t ports[] = {53, 80, 389, 1389, 51820, 40000};

    return ports[rand() % 6];
}

/* What the headers say rule by rule is what the classes say. */
static void classes_say_what_headers_say(void **state)
{
    struct reach_known known = {0};
    unsigned held = 0, not = 0;
    struct traffic_plan *plan;

    (void)state;
    assert_true(ruleset_compile(rules, NULL));
    plan = ruleset_plan(rules);
    assert_int_equal(plan->n, N_HEADS);
    assert_true(plan->reach.n < N_HEADS);
    for (unsigned i = 0; i < 5000; i++) {
        struct addr src = some_addr(), dst = some_addr();
        struct sighting s = {.src = &src, .dst = &dst, .src_port = some_port(), .dst_port = some_port()};
        reach_classes classes;

        if (src.version != dst.version)
            continue;
        s.proto = rand() % 2 ? PROTO_TCP : PROTO_UDP;
        s.app_proto = "http";
        classes = traffic_reach_of(&plan->reach, &known, &s);
        for (unsigned k = 0; k < plan->n; k++) {
            bool holds = rule_header_holds(plan->rule[k].rule->match, &s);

            assert_int_equal(classes >> plan->rule[k].reach_class & 1, holds);
            held += holds;
            not += !holds;
        }
    }
    assert_true(held > 1000 && not > 1000);
}

/* More different headers than there are classes: the rest is asked always. */
static void rules_without_a_class_are_asked_always(void **state)
{
    struct addr any = addr_v4((uint8_t[]){203, 0, 113, 1});
    struct sighting s = {.src = &any, .dst = &any, .proto = PROTO_UDP};
    struct reach_known known = {0};
    struct traffic_plan *plan;
    char head[64];

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        snprintf(head, sizeof head, "tcp 192.0.2.%u any -> any any", i);
        add_rule(head, 100 + i);
    }
    assert_true(ruleset_compile(rules, NULL));
    plan = ruleset_plan(rules);
    assert_int_equal(plan->reach.n, REACH_OTHERS);
    assert_true(traffic_reach_of(&plan->reach, &known, &s) >> REACH_OTHERS & 1);
    for (unsigned k = 0; k < plan->n; k++)
        assert_true(plan->rule[k].reach_class <= REACH_OTHERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(classes_say_what_headers_say, begin, end),
        cmocka_unit_test_setup_teardown(rules_without_a_class_are_asked_always, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

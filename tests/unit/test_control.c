/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the control socket, over a correlation that has seen a lookup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "control/control.h"
#include "correlate/exposure.h"
#include "support/json.h"
#include "support/sample.h"
#include "support/sighted.h"

#include <stdio.h>
#include <stdlib.h>

static const char rules_text[] =
    "alert ip any any -> any any (msg:\"a\"; jndi.stage; content:\"lookup\"; sid:1442200; rev:2;)\n"
    "alert ip any any -> any any (msg:\"b\"; jndi.verdict; content:\"attempted\"; sid:1442300; rev:1;)\n";

static struct config *config;
static struct ruleset *rules;
static struct correlate *correlate;
static struct control control;
static struct buf out;
static enum control_result reload_state;
static unsigned n_counted, n_reopened, n_stopped, n_reloads;
static bool offline;

static void on_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

static void on_count(void *arg)
{
    (void)arg;
    n_counted++;
}

static uint64_t on_n_flows(void *arg)
{
    (void)arg;
    return 42;
}

static uint64_t on_reload(void *arg, struct complaint *why)
{
    (void)arg;
    if (!offline)
        return ++n_reloads;
    complain(why, "files");
    return 0;
}

static enum control_result on_result(void *arg, uint64_t number, struct complaint *why)
{
    (void)arg;
    assert_int_equal(number, n_reloads);
    if (reload_state == CONTROL_BAD)
        complain(why, "a.rules:3: no");
    return reload_state;
}

static void on_reopen(void *arg)
{
    (void)arg;
    n_reopened++;
}

static void on_stop(void *arg)
{
    (void)arg;
    n_stopped++;
}

static const struct ruleset *on_rules(void *arg)
{
    (void)arg;
    return rules;
}

static const struct stats_rules *on_stats_rules(void *arg)
{
    static const struct stats_rules r = {.loaded = 2, .failed = 1, .read_us = 1700000000000000};

    (void)arg;
    return &r;
}

static bool on_interface(void *arg, unsigned i, uint64_t *packets, uint64_t *drops)
{
    (void)arg;
    *packets = 100 + i;
    *drops = i;
    return i < 2;
}

static void on_held(void *arg, uint64_t *streams, uint64_t *fragments)
{
    (void)arg;
    *streams = 1000;
    *fragments = 2000;
}

static int setup(void **state)
{
    static const char *const interfaces[] = {"eth0", "eth1", "eth2"};
    struct complaint why = {""};

    (void)state;
    count_reset();
    config = config_new();
    rules = ruleset_new(config, &why);
    if (!config_use_interfaces(config, interfaces, 3, &why) ||
        !rules_all_added(rules, "test.rules", BYTES_LIT(rules_text), &why))
        return -1;
    correlate = correlate_new(config, rules, on_alert, NULL);
    offline = false;
    n_counted = n_reopened = n_stopped = n_reloads = 0;
    reload_state = CONTROL_WAITS;
    log_set_level(LOG_LEVEL_ERROR);
    control =
        (struct control){.plan = {.config = config,
                                  .correlate = correlate,
                                  .host = {on_count, on_n_flows, on_reload, on_result, on_reopen, on_stop,
                                           on_rules, on_stats_rules, on_interface, on_held, NULL},
                                  .version = "1.2.3",
                                  .n_workers = 2,
                                  .flow_memcap = 128 << 20,
                                  .stream_memcap = 1000}};
    out = buf_within(ANSWER_MAX);
    return correlate ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    correlate_free(correlate);
    ruleset_free(rules);
    config_free(config);
    buf_drop(&out);
    log_set_level(LOG_LEVEL_NOTICE);
    count_reset();
    return 0;
}

/* line: of the wire. The answer is in out. */
static enum answer ask_as(const char *line, struct asker *who)
{
    struct complaint why = {""};
    struct jsonw w = jsonw_to(&out);
    struct request r;
    enum answer is;

    buf_clear(&out);
    assert_true(request_read(&r, bytes_str(line), &why));
    jsonw_object(&w, NULL);
    is = control_answer(&control, &r, who, &w);
    jsonw_end_object(&w);
    assert_true(w.ok);
    return is;
}

/* As at the next look. */
static enum answer ask_again(const char *line, struct asker *who)
{
    enum answer is = ask_as(line, who);

    return is == ANSWER_LATER ? ask_as(line, who) : is;
}

static struct bytes ask(const char *line)
{
    struct asker who = {.user = 1000, .pid = 1};

    assert_int_equal(ask_again(line, &who), ANSWER_OK);
    return buf_bytes(&out);
}

static void refuses(const char *line, const char *words)
{
    struct asker who = {.user = 1000, .pid = 1};
    struct bytes message;

    assert_int_equal(ask_again(line, &who), ANSWER_NOK);
    message = json_get(buf_bytes(&out), "message");
    if (bytes_find(message, bytes_str(words)) == BYTES_NONE)
        fail_msg("%s: %.*s", line, (int)message.len, (const char *)message.p);
}

static void sees_a_lookup(void)
{
    struct sample s;

    sample_lookup(&s);
    s.rule.sid = 1442200;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    correlate_record(correlate, &s.record);
    sample_drop(&s);
}

static void what_it_is(void **state)
{
    (void)state;
    assert_json(ask("{\"command\":\"version\"}"), "message", "\"1.2.3\"");
    assert_json(ask("{\"command\":\"running-mode\"}"), "message", "\"workers\"");
    assert_json(ask("{\"command\":\"capture-mode\"}"), "message", "\"AF_PACKET_DEV\"");
    assert_true(json_valid(ask("{\"command\":\"uptime\"}")));
    assert_json(ask("{\"command\":\"iface-list\"}"), "message.ifaces", "[\"eth0\",\"eth1\",\"eth2\"]");
    assert_json(ask("{\"command\":\"iface-stat\",\"arguments\":{\"iface\":\"eth1\"}}"), "message",
                "{\"pkts\":101,\"drop\":1,\"bypassed\":0}");
    refuses("{\"command\":\"iface-stat\",\"arguments\":{\"iface\":\"eth2\"}}", "not counted apart");
    refuses("{\"command\":\"iface-stat\",\"arguments\":{\"iface\":\"eth9\"}}", "no interface 'eth9'");
    control.plan.offline = true;
    assert_json(ask("{\"command\":\"iface-list\"}"), "message.count", "0");
    assert_json(ask("{\"command\":\"capture-mode\"}"), "message", "\"PCAP_FILE\"");
}

static void every_command_is_listed_and_answers(void **state)
{
    struct bytes list;
    unsigned n = 0;

    (void)state;
    reload_state = CONTROL_GOOD;
    assert_true(json_valid(ask("{\"command\":\"help\"}")));
    list = json_get(ask("{\"command\":\"command-list\"}"), "message.commands");
    list = bytes_slice(list, 1, list.len - 1);
    char names[2048];

    assert_true(list.len < sizeof names);
    memcpy(names, list.p, list.len);
    names[list.len] = '\0';
    for (char *name = strtok(names, ",\""); name; name = strtok(NULL, ",\"")) {
        struct asker who = {.user = 1000};
        char line[128];

        snprintf(line, sizeof line, "{\"command\":\"%s\"}", name);
        if (ask_again(line, &who) != ANSWER_OK) /* but for those that want to know of what */
            assert_true(strcmp(name, "iface-stat") == 0 || strcmp(name, "incident-show") == 0);
        n++;
    }
    assert_true(n >= 20);
    assert_int_equal(n_stopped, 1);
    assert_int_equal(n_reopened, 1);
    assert_int_equal(counters[COUNT_CONTROL_REFUSED], 0);
}

static void what_was_counted(void **state)
{
    struct bytes answer;

    (void)state;
    counters[COUNT_CAPTURE_FRAMES] = 12;
    counters[COUNT_ALERTS] = 3;
    answer = ask("{\"command\":\"dump-counters\"}");
    assert_int_equal(n_counted, 1);
    assert_json(answer, "message.decoder.pkts", "12");
    assert_json(answer, "message.flow.active", "42");
    assert_true(bytes_find(answer, BYTES_LIT("\"capture.frames\":12,")) != BYTES_NONE);
    assert_true(bytes_find(answer, BYTES_LIT("\"worker.deaths\":0,")) != BYTES_NONE);
}

static void how_full_it_is(void **state)
{
    struct bytes list;

    (void)state;
    sees_a_lookup();
    list = json_get(ask("{\"command\":\"memcap-list\"}"), "message");
    assert_true(bytes_find(list, BYTES_LIT("{\"name\":\"flow.memcap\",\"value\":\"128mb\",\"unit\":\"bytes\","
                                           "\"max\":134217728,\"items\":42}")) != BYTES_NONE);
    assert_true(
        bytes_find(list, BYTES_LIT("{\"name\":\"stream.memcap\",\"value\":\"1000b\",\"unit\":\"bytes\","
                                   "\"max\":1000,\"used\":1000}")) != BYTES_NONE);
    assert_true(bytes_find(list, BYTES_LIT("\"name\":\"correlate.memcap\"")) != BYTES_NONE);
    assert_true(bytes_find(list, BYTES_LIT("\"items\":1}")) != BYTES_NONE);
    assert_true(bytes_find(list, BYTES_LIT("\"value\":\"10000\",\"unit\":\"items\"")) != BYTES_NONE);
}

static void which_rules(void **state)
{
    struct complaint why = {""};

    (void)state;
    assert_json(ask("{\"command\":\"ruleset-stats\"}"), "message",
                "[{\"id\":0,\"rules_loaded\":2,\"rules_failed\":1,\"rules_skipped\":0}]");
    assert_json(ask("{\"command\":\"ruleset-reload-time\"}"), "message",
                "[{\"id\":0,\"last_reload\":\"2023-11-14T22:13:20.000000+0000\"}]");
    assert_json(ask("{\"command\":\"ruleset-failed-rules\"}"), "message", "[]");
    assert_true(ruleset_add_text(
        rules, "bad.rules", BYTES_LIT("alert ip any any -> any any (msg:\"x\"; contant:\"x\"; sid:9;)\n"),
        &why));
    assert_true(bytes_find(ask("{\"command\":\"ruleset-failed-rules\"}"),
                           BYTES_LIT("\"error\":\"bad.rules:1: sid 9: keyword 'contant'")) != BYTES_NONE);
}

static void a_reload_is_answered_when_it_is_over(void **state)
{
    struct asker who = {.user = 1000}, other = {.user = 1000};

    (void)state;
    assert_int_equal(ask_as("{\"command\":\"reload-rules\"}", &who), ANSWER_LATER);
    assert_int_equal(n_reloads, 0); /* who asks and leaves at once costs nothing */
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ask_as("{\"command\":\"reload-rules\"}", &who), ANSWER_LATER);
    assert_int_equal(who.ticket, 1);
    assert_int_equal(n_reloads, 1); /* asked for once */
    reload_state = CONTROL_GOOD;
    assert_int_equal(ask_as("{\"command\":\"reload-rules\"}", &who), ANSWER_OK);
    assert_json(buf_bytes(&out), "message", "\"done\"");
    reload_state = CONTROL_BAD;
    assert_int_equal(ask_again("{\"command\":\"ruleset-reload-rules\"}", &other), ANSWER_NOK);
    assert_json(buf_bytes(&out), "message", "\"a.rules:3: no\"");
    reload_state = CONTROL_WAITS;
    assert_json(ask("{\"command\":\"ruleset-reload-nonblocking\"}"), "message", "\"begun\"");
    offline = true;
    refuses("{\"command\":\"reload-rules\"}", "files");
    refuses("{\"command\":\"ruleset-reload-nonblocking\"}", "files");
}

/* However fast somebody asks: one in each look, and one line in the log of the end. */
static void what_costs_more_is_put_off(void **state)
{
    static const char *const lines[] = {"{\"command\":\"reopen-log-files\"}",
                                        "{\"command\":\"ruleset-reload-nonblocking\"}"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct asker who = {.user = 1000};

        assert_int_equal(ask_as(lines[i], &who), ANSWER_LATER);
        assert_int_equal(n_reopened + n_reloads, i);
        assert_int_equal(ask_as(lines[i], &who), ANSWER_OK);
        assert_int_equal(n_reopened + n_reloads, i + 1);
    }
    ask("{\"command\":\"shutdown\"}"); /* at once: there may be no next look */
    assert_int_equal(n_stopped, 1);
}

static void stories_are_shown(void **state)
{
    struct bytes list, show;
    char id[17] = "", line[128];
    size_t at;

    (void)state;
    assert_json(ask("{\"command\":\"incident-list\"}"), "message.incidents", "[]");
    sees_a_lookup();
    list = ask("{\"command\":\"incident-list\"}");
    assert_true(json_valid(list));
    assert_json(list, "message.kept", "1");
    assert_no_json(list, "message.next");
    at = bytes_find(list, BYTES_LIT("{\"id\":\""));
    assert_true(at != BYTES_NONE);
    memcpy(id, list.p + at + 7, 16);
    assert_true(bytes_find(list, BYTES_LIT("\"verdict\":\"attempted\"")) != BYTES_NONE);
    assert_true(bytes_find(list, BYTES_LIT("\"stages\":[\"lookup\"]")) != BYTES_NONE);
    snprintf(line, sizeof line, "{\"command\":\"incident-show\",\"arguments\":{\"id\":\"%s\"}}", id);
    show = ask(line);
    assert_true(json_valid(show));
    assert_json(show, "message.incident.verdict", "\"attempted\"");
    assert_true(json_get(show, "message.lookup").len > 2);
    assert_true(json_get(show, "message.incident.stages").len > 2);
    list = ask("{\"command\":\"incident-list\",\"arguments\":{\"from\":\"0\"}}");
    for (unsigned pages = 0; bytes_find(list, bytes_str(id)) == BYTES_NONE; pages++) {
        struct bytes next = json_get(list, "message.next");

        assert_true(next.len > 0 && pages < 1000);
        snprintf(line, sizeof line, "{\"command\":\"incident-list\",\"arguments\":{\"from\":%.*s}}",
                 (int)next.len, (const char *)next.p);
        list = ask(line);
    }
    refuses("{\"command\":\"incident-show\",\"arguments\":{\"id\":\"x1\"}}", "'x1' is no id");
    refuses("{\"command\":\"incident-show\",\"arguments\":{\"id\":\"\"}}", "is no id");
    refuses("{\"command\":\"incident-show\",\"arguments\":{\"id\":\"12345678901234567\"}}", "is no id");
    refuses("{\"command\":\"incident-show\",\"arguments\":{\"id\":\"1\"}}", "there is no incident 1");
    refuses("{\"command\":\"incident-list\",\"arguments\":{\"from\":\"x\"}}", "from is 0, or");
    refuses("{\"command\":\"incident-list\",\"arguments\":{\"from\":-1}}", "from is 0, or");
}

/* The longest that can be: a page of it stays below the ceiling, so that whoever goes through all is never
 * stuck. */
static void the_longest_page_fits(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 80; n++) {
        char name[1200], host[300];
        struct sample s;

        memset(host, 1, sizeof host);
        snprintf(host, sizeof host, "%u", n);
        memset(host + strlen(host), 1, 200);
        host[250] = '\0';
        snprintf(name, sizeof name, "ldap://%.240s/", host);
        memset(name + strlen(name), 2, 800);
        name[1050] = '\0';
        sample_lookup(&s);
        s.rule.sid = 1442200;
        s.attrs.n = 0;
        attrs_add(&s.attrs, ATTR_JNDI_STAGE, BYTES_LIT("lookup"));
        attrs_add(&s.attrs, ATTR_JNDI_NAME, bytes_str(name));
        attrs_add(&s.attrs, ATTR_JNDI_SCHEME, BYTES_LIT("ldap"));
        attrs_add(&s.attrs, ATTR_JNDI_HOST, bytes_str(host));
        attrs_add(&s.attrs, ATTR_JNDI_PORT, BYTES_LIT("389"));
        assert_true(sample_seal(&s, STAGE_LOOKUP));
        correlate_record(correlate, &s.record);
        sample_drop(&s);
    }
    ask("{\"command\":\"incident-list\"}");
    assert_true(out.len > 64 * 1000);
    assert_true(out.len < ANSWER_MAX - 1000);
}

static void shows_agent(unsigned host)
{
    const uint8_t b[4] = {10, 0, 0, (uint8_t)host};
    struct fact_client c = {.client = addr_v4(b), .shows = SHOWS_AGENT};
    struct fact f = {.ts_us = 1000 + host};

    c.text_len = (uint8_t)snprintf(c.text, sizeof c.text, "Java/1.8.0_181");
    exposure_client((struct exposure *)(uintptr_t)correlate_exposure(correlate), &f, &c);
}

static void hosts_are_shown(void **state)
{
    struct bytes answer;

    (void)state;
    for (unsigned i = 1; i <= 100; i++)
        shows_agent(i);
    answer = ask("{\"command\":\"exposure-list\"}");
    assert_json(answer, "message.kept", "100");
    assert_true(bytes_find(answer, BYTES_LIT("10.0.0.100")) != BYTES_NONE);
    assert_true(bytes_find(answer, BYTES_LIT("10.0.0.1\"")) == BYTES_NONE); /* not among the latest 64 */
    answer = ask("{\"command\":\"exposure-list\",\"arguments\":{\"host\":\"10.0.0.1\"}}");
    assert_true(json_valid(answer));
    assert_true(bytes_find(answer, BYTES_LIT("\"version\":\"1.8.0_181\"")) != BYTES_NONE);
    assert_true(bytes_find(answer, BYTES_LIT("\"loads_remote_classes\":\"likely\"")) != BYTES_NONE);
    refuses("{\"command\":\"exposure-list\",\"arguments\":{\"host\":\"10.0.1.1\"}}",
            "nothing is known of 10.0.1.1");
    refuses("{\"command\":\"exposure-list\",\"arguments\":{\"host\":\"web\"}}", "'web' is no address");
}

static void what_is_no_command(void **state)
{
    (void)state;
    refuses("{\"command\":\"reload-rule\"}", "unknown command 'reload-rule', did you mean 'reload-rules'?");
    refuses("{\"command\":\"\"}", "unknown command ''");
    assert_int_equal(counters[COUNT_CONTROL_REFUSED], 2);
    refuses("{\"command\":\"version\",\"arguments\":{\"x\":1}}", "version takes no argument 'x'");
    refuses("{\"command\":\"iface-stat\"}", "iface-stat wants the argument 'iface'");
    assert_string_equal(control_argument("exposure-list", 1), "from");
    assert_null(control_argument("exposure-list", 2));
    assert_null(control_argument("version", 0));
    assert_null(control_argument("none", 0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_it_is),
        TEST(every_command_is_listed_and_answers),
        TEST(what_was_counted),
        TEST(how_full_it_is),
        TEST(which_rules),
        TEST(a_reload_is_answered_when_it_is_over),
        TEST(what_costs_more_is_put_off),
        TEST(stories_are_shown),
        TEST(the_longest_page_fits),
        TEST(hosts_are_shown),
        TEST(what_is_no_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

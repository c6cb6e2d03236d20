/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/callers.h"

#include <stdlib.h>

/* Half a dozen servers that are down are a bad day; more within seconds is a scan. */
#define SCAN_PLACES 8
#define SCAN_US     UINT64_C(10000000)
#define SCAN_NEAR   UINT64_C(15000000)

struct place {
    struct table_entry entry;
    struct addr client[CALLERS_KNOWN + 1];
    uint8_t n;
};

struct caller {
    struct table_entry entry;
    uint64_t window_us, burst_us; /* burst: when the last one was noticed */
    unsigned n;
};

/* One client and one server. */
struct pair {
    struct table_entry entry;
    uint16_t port[CALLERS_PORTS]; /* the latest first */
    uint8_t n;
};

struct callers {
    struct table *calls, *places, *clients, *pairs;
    uint64_t seed;
};

struct callers *callers_new(size_t max_bytes, uint64_t seed)
{
    struct table_plan plan = {.evicted = COUNT_CORRELATE_FORGOTTEN};
    struct callers *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->seed = seed;
    plan.entry_size = sizeof(struct call);
    plan.max_bytes = max_bytes / 2;
    c->calls = table_new(&plan);
    plan.entry_size = sizeof(struct place);
    plan.max_bytes = max_bytes / 4;
    c->places = table_new(&plan);
    plan.max_bytes = max_bytes / 8;
    plan.entry_size = sizeof(struct caller);
    c->clients = table_new(&plan);
    plan.entry_size = sizeof(struct pair);
    c->pairs = table_new(&plan);
    if (c->calls && c->places && c->clients && c->pairs)
        return c;
    callers_free(c);
    return NULL;
}

void callers_free(struct callers *c)
{
    if (!c)
        return;
    table_free(c->calls);
    table_free(c->places);
    table_free(c->clients);
    table_free(c->pairs);
    free(c);
}

static struct table_key key_of(const struct callers *c, const struct addr *client, const struct addr *server,
                               uint8_t proto, uint16_t port)
{
    struct table_text t;

    key_begin(&t, 'c');
    if (client)
        key_addr(&t, client);
    if (server)
        key_addr(&t, server);
    key_number(&t, (uint64_t)proto << 16 | port);
    return key_end(&t, c->seed);
}

/* The entry with that key, made when there is none, and touched. */
static void *entry_of(struct table *t, const struct table_key *key)
{
    void *e = table_find(t, key);

    if (e)
        table_touch(t, e);
    return e ? e : table_add(t, key);
}

static void note_place(struct callers *c, const struct fact_connection *f)
{
    struct table_key key = key_of(c, NULL, &f->server, f->proto, f->server_port);
    struct place *p = entry_of(c->places, &key);

    if (!p)
        return;
    for (unsigned i = 0; i < p->n; i++)
        if (addr_eq(&p->client[i], &f->client))
            return;
    if (p->n <= CALLERS_KNOWN)
        p->client[p->n++] = f->client;
}

static void note_pair(struct callers *c, const struct fact_connection *f)
{
    struct table_key key = key_of(c, &f->client, &f->server, 0, 0);
    struct pair *p = entry_of(c->pairs, &key);
    unsigned at = 0;

    if (!p)
        return;
    while (at < p->n && p->port[at] != f->server_port)
        at++;
    if (at == p->n && p->n < CALLERS_PORTS)
        p->n++;
    else if (at == p->n)
        at--;
    memmove(p->port + 1, p->port, at * sizeof p->port[0]);
    p->port[0] = f->server_port;
}

static void note_scan(struct callers *c, const struct fact_connection *f)
{
    struct table_key key = key_of(c, &f->client, NULL, 0, 0);
    struct caller *who = entry_of(c->clients, &key);
    uint64_t apart;

    if (!who)
        return;
    /* What nobody answers is known late, and not in the order in which it began. */
    apart = f->ts_us > who->window_us ? f->ts_us - who->window_us : who->window_us - f->ts_us;
    if (apart > SCAN_US) {
        who->window_us = f->ts_us;
        who->n = 0;
    }
    if (++who->n >= SCAN_PLACES)
        who->burst_us = f->ts_us;
}

static void call_update(struct call *call, const struct fact_connection *f, uint64_t flow_id)
{
    bool again = call->flow_id == flow_id && call->n > 0;

    if (call->n == 0 || f->ts_us < call->first.ts_us)
        call->first = *f;
    if (call->n == 0 || f->ts_us >= call->last.ts_us) {
        call->last = *f;
        call->flow_id = flow_id;
    }
    if (f->outcome == CONNECTION_TALKED && (!call->spoke || f->ts_us >= call->last_spoken.ts_us)) {
        call->spoke = true;
        call->last_spoken = *f;
        call->spoken_flow_id = flow_id;
    }
    call->n += !again;
}

struct call *callers_note(struct callers *c, const struct fact_connection *f, uint64_t flow_id, bool expected)
{
    struct table_key key = key_of(c, &f->client, &f->server, f->proto, f->server_port);
    struct call *call = entry_of(c->calls, &key);

    if (!call)
        return NULL;
    if (call->n == 0) {
        note_place(c, f);
        if (f->proto == PROTO_TCP)
            note_pair(c, f);
        if (!expected && f->outcome != CONNECTION_TALKED)
            note_scan(c, f);
    }
    call_update(call, f, flow_id);
    return call;
}

struct call *callers_find(const struct callers *c, const struct addr *client, const struct addr *server,
                          uint8_t proto, uint16_t port)
{
    struct table_key key = key_of(c, client, server, proto, port);

    return table_find(c->calls, &key);
}

unsigned callers_others(const struct callers *c, const struct addr *client, const struct addr *server,
                        uint8_t proto, uint16_t port)
{
    struct table_key key = key_of(c, NULL, server, proto, port);
    const struct place *p = table_find(c->places, &key);
    unsigned n = 0;

    for (unsigned i = 0; p && i < p->n; i++)
        n += !addr_eq(&p->client[i], client);
    return n;
}

unsigned callers_ports(const struct callers *c, const struct addr *client, const struct addr *server,
                       uint16_t out[CALLERS_PORTS])
{
    struct table_key key = key_of(c, client, server, 0, 0);
    const struct pair *p = table_find(c->pairs, &key);

    if (!p)
        return 0;
    memcpy(out, p->port, p->n * sizeof out[0]);
    return p->n;
}

bool callers_scans(const struct callers *c, const struct addr *client, uint64_t ts_us)
{
    struct table_key key = key_of(c, client, NULL, 0, 0);
    const struct caller *who = table_find(c->clients, &key);
    uint64_t apart;

    if (!who || who->burst_us == 0)
        return false;
    apart = ts_us > who->burst_us ? ts_us - who->burst_us : who->burst_us - ts_us;
    return apart <= SCAN_NEAR;
}

size_t callers_bytes(const struct callers *c)
{
    return table_bytes(c->calls) + table_bytes(c->places) + table_bytes(c->clients) + table_bytes(c->pairs);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/story.h"

/* How sure a sighting without words makes: docs/STORIES.md. */
enum {
    SURE_HIDDEN = 85, /* TLS where TLS is due */
    SURE_REFUSED = 80,
    SURE_SILENT = 70,
    SURE_NEW_PORT = 70,
};

/* Records of several workers come a little out of order. This is no disorder any more: the clock was set, or
 * one frame had a wrong time. */
#define CLOCK_BACK_US UINT64_C(300000000)

static struct step step_of(const struct fact_connection *f, uint64_t flow_id, enum stage stage,
                           uint8_t confidence)
{
    return (struct step){.stage = stage,
                         .confidence = confidence,
                         .proto = f->proto,
                         .ts_us = f->ts_us,
                         .packet = f->packet,
                         .flow_id = flow_id,
                         .client = f->client,
                         .server = f->server,
                         .client_port = f->client_port,
                         .server_port = f->server_port,
                         .app_proto = f->app_proto};
}

/* Whether these first words are what a lookup of that scheme begins with. */
static bool words_fit(const char *scheme, const char *app)
{
    static const struct {
        const char *scheme, *app;
        uint8_t exact;
    } rows[] = {{"ldap", "ldap", 1}, {"ldaps", "tls", 1},  {"ldap", "tls", 1},
                {"rmi", "rmi", 1},   {"rmi", "tls", 1},    {"dns", "dns", 1},
                {"iiop", "giop", 1}, {"corba", "giop", 0}, {"iiopname", "giop", 1}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].app, app) == 0 &&
            (rows[i].exact ? strcmp(rows[i].scheme, scheme) == 0 : strncmp(rows[i].scheme, scheme, 5) == 0))
            return true;
    return false;
}

/* What the latest connection after the lookup says for itself; 0: nothing. */
static uint8_t worth_of(const struct incident *i, const struct call *call)
{
    if (call->spoke && call->last_spoken.ts_us >= i->lookup_us) {
        if (!words_fit(i->scheme, call->last_spoken.app_proto))
            return 0;
        return strcmp(call->last_spoken.app_proto, "tls") == 0 ? SURE_HIDDEN : SURE_WORDS;
    }
    switch (call->last.outcome) {
    case CONNECTION_REFUSED:
    case CONNECTION_UNREACHABLE:
        return SURE_REFUSED;
    case CONNECTION_SILENT:
        return SURE_SILENT;
    default: /* JNDI's clients speak first, at once: who connects and says nothing is none of them */
        return 0;
    }
}

/* A connection alone is evidence only where nothing else explains it. */
static bool explained(struct story *s, const struct incident *i, const struct call *call)
{
    const struct fact_connection *f = &call->last;

    if (f->ts_us < i->lookup_us || call->first.ts_us < i->lookup_us)
        return true; /* it did so before anybody asked */
    if (callers_others(s->callers, &f->client, &f->server, f->proto, f->server_port) >= POPULAR)
        return true;
    return callers_scans(s->callers, &f->client, f->ts_us);
}

static void judge_callback(struct story *s, struct incident *i, const struct call *call)
{
    uint8_t worth = i->lookup_us == UINT64_MAX ? 0 : worth_of(i, call);
    struct step step;

    if (worth == 0 || explained(s, i, call)) {
        count(COUNT_CORRELATE_UNRELATED);
        return;
    }
    step = step_of(call->spoke ? &call->last_spoken : &call->last,
                   call->spoke ? call->spoken_flow_id : call->flow_id, STAGE_CONNECTION, worth);
    story_mark(s, i, &step);
    story_tell(s, i, &step);
}

/* When the payload was with the victim; UINT64_MAX: never. */
static uint64_t delivered_us(const struct incident *i)
{
    static const enum stage stages[] = {STAGE_CLASS_DELIVERY, STAGE_DESERIALIZATION, STAGE_REFERENCE};
    uint64_t first = UINT64_MAX;

    for (size_t k = 0; k < sizeof stages / sizeof *stages; k++) {
        const struct mark *m = incident_seen(i, stages[k]);

        if (m && (stages[k] != STAGE_REFERENCE || i->whole) && m->first_us < first)
            first = m->first_us;
    }
    return first;
}

static bool is_open(const struct call *call)
{
    return call->last.outcome == CONNECTION_ESTABLISHED || call->last.outcome == CONNECTION_TALKED;
}

/* A new connection to the attacker, once the payload was there. RMI goes on at further ports by itself. */
static void judge_second(struct story *s, struct incident *i, const struct call *call, bool named)
{
    uint64_t since = delivered_us(i);
    bool rmi = call->spoke && strcmp(call->last_spoken.app_proto, "rmi") == 0;
    struct step step = step_of(&call->last, call->flow_id, STAGE_SECOND, named ? SURE_WORDS : SURE_NEW_PORT);

    if (!is_open(call) || since == UINT64_MAX || call->last.ts_us < since || rmi)
        return;
    if (call->first.ts_us < since || callers_others(s->callers, &call->last.client, &call->last.server,
                                                    call->last.proto, call->last.server_port) >= POPULAR) {
        count(COUNT_CORRELATE_UNRELATED); /* where it went before, or everybody goes, whatever the payload */
        return;
    }
    story_mark(s, i, &step);
    story_tell(s, i, &step);
}

/* The latest incident of the client with this host whose payload has arrived. */
static struct incident *delivered_by(struct story *s, const struct fact_connection *f)
{
    struct table_key key = story_key_addr(s, KEY_HOST, &f->client, &f->server, 0);
    struct incident *i = story_find(s, &key, f->ts_us);
    struct link *l = i ? incidents_find(s->incidents, &key) : NULL;

    for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = incidents_next(l), n++)
        if (link_holds(l, f->ts_us) && delivered_us(l->incident) <= f->ts_us)
            return l->incident;
    return NULL;
}

/* Of JNDI's providers one alone sends datagrams. */
static bool sends_datagrams(const struct incident *i)
{
    return strcmp(i->scheme, "dns") == 0;
}

static void judge(struct story *s, const struct pending *p)
{
    const struct fact_connection *f = &p->fact;
    struct call *call = callers_find(s->callers, &f->client, &f->server, f->proto, f->server_port);
    enum link_role role = LINK_CALLBACK;
    struct incident *i;

    if (!call)
        return;
    /* Its words have come since, and wait behind it: once is enough. */
    if (f->outcome == CONNECTION_ESTABLISHED && call->spoke && call->spoken_flow_id == p->flow_id)
        return;
    i = story_find_server(s, &f->client, &f->server, f->server_port, f->ts_us, &role);
    if (f->proto == PROTO_UDP && (!i || !sends_datagrams(i)))
        return;
    if (i) {
        if (role == LINK_SECOND)
            judge_second(s, i, call, true);
        else if (role != LINK_CODEBASE)
            judge_callback(s, i, call);
        return;
    }
    i = delivered_by(s, f);
    if (i)
        judge_second(s, i, call, false);
}

static void judge_first(struct story *s)
{
    struct pending p = s->pending[s->pending_first];

    s->pending_first = (s->pending_first + 1) % PENDING_MAX;
    s->n_pending--;
    judge(s, &p);
}

void story_await(struct story *s, const struct fact_connection *f, uint64_t flow_id)
{
    struct pending *p;

    if (s->n_pending == PENDING_MAX) { /* what is judged may be told, and a caller holds an incident */
        s->pending_first = (s->pending_first + 1) % PENDING_MAX;
        s->n_pending--;
        count(COUNT_CORRELATE_FORGOTTEN);
    }
    p = &s->pending[(s->pending_first + s->n_pending++) % PENDING_MAX];
    *p = (struct pending){
        .fact = *f, .flow_id = flow_id, .due_us = s->now_us + s->config->correlate_settle_us};
}

void story_clock(struct story *s, uint64_t now_us)
{
    if (now_us + CLOCK_BACK_US < s->now_us) {
        story_finish(s); /* what waits would do so until the old time is reached again */
        s->now_us = now_us;
    }
    if (now_us > s->now_us)
        s->now_us = now_us;
    while (s->n_pending > 0 && s->pending[s->pending_first].due_us <= s->now_us)
        judge_first(s);
}

void story_finish(struct story *s)
{
    while (s->n_pending > 0)
        judge_first(s);
}

bool story_expects(struct story *s, const struct fact_connection *f)
{
    struct table_key host = story_key_addr(s, KEY_HOST, &f->client, &f->server, 0);

    if (f->proto != PROTO_TCP)
        return false;
    return story_find_server(s, &f->client, &f->server, f->server_port, f->ts_us, NULL) ||
           story_find(s, &host, f->ts_us);
}

void story_connection(struct story *s, const struct fact *fact, const struct fact_connection *f)
{
    struct table_key host = story_key_addr(s, KEY_HOST, &f->client, &f->server, 0);
    const struct incident *i = story_find_server(s, &f->client, &f->server, f->server_port, f->ts_us, NULL);
    bool datagram = f->proto == PROTO_UDP, expected = i && (!datagram || sends_datagrams(i));

    /* Datagrams are all day long, but seldom in vain; what is known of the others says nothing. */
    if (datagram && !expected && f->outcome != CONNECTION_UNREACHABLE)
        return;
    callers_note(s->callers, f, fact->flow_id, expected);
    if (expected || story_find(s, &host, f->ts_us))
        story_await(s, f, fact->flow_id);
}

void story_recall_calls(struct story *s, struct incident *i, const struct addr *a, uint16_t port)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP};

    for (unsigned n = 0; n < (sends_datagrams(i) ? 2u : 1u); n++) {
        struct call *call = callers_find(s->callers, &i->victim, a, protos[n], port);

        if (call)
            story_await(s, &call->last, call->flow_id);
    }
}

void story_recall_host(struct story *s, struct incident *i, const struct addr *host)
{
    uint16_t ports[CALLERS_PORTS];
    unsigned n = callers_ports(s->callers, &i->victim, host, ports);

    for (unsigned k = 0; k < n; k++) {
        enum link_role role = LINK_SECOND;

        story_find_server(s, &i->victim, host, ports[k], i->last_us, &role);
        if (role == LINK_SECOND)
            story_recall_calls(s, i, host, ports[k]);
    }
}

void story_recall_named(struct story *s, struct incident *i, struct bytes host, uint16_t port)
{
    struct name_addr addrs[NAMES_ADDRS];
    unsigned n = story_addrs(s, host, addrs);

    for (unsigned k = 0; k < n; k++)
        story_recall_calls(s, i, &addrs[k].addr, port);
}

void story_recall_second(struct story *s, struct incident *i)
{
    if (delivered_us(i) == UINT64_MAX || incident_seen(i, STAGE_SECOND))
        return;
    for (const struct mark *m = i->marks; m; m = m->next)
        if (m->stage >= STAGE_CALLBACK)
            story_recall_host(s, i, &m->peer);
}

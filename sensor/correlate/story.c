/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/story.h"
#include "base/mix.h"
#include "base/pages.h"
#include "detect/jndi_name.h"

#include <stdlib.h>

#define NAMES_PER_TEXT 4 /* lookups of one text that make incidents; more are named in its alert */

static void scopes_read(struct story *s)
{
    struct complaint why = {{0}};
    struct scope_vars *vars = scope_vars_new(s->config, &s->pool, &why);

    /* Mistakes were told when the rules were read. A group that is not there is empty. */
    if (!vars)
        return;
    s->home = scope_read(vars, SCOPE_ADDRESSES, BYTES_LIT("$HOME_NET"), &s->pool, &why);
    s->directories = scope_read(vars, SCOPE_ADDRESSES, BYTES_LIT("$LDAP_ALLOWED"), &s->pool, &why);
}

/* Half for incidents, of which correlate.c has an eighth for folds; a quarter for connections, a quarter for
 * names. */
struct story *story_new(const struct config *config,
                        void (*promoted)(void *arg, const struct incident *i, const struct step *step),
                        void *arg)
{
    struct story *s = calloc(1, sizeof *s);
    uint64_t secrets[MIX_SECRETS];
    size_t memcap = config->correlate_memcap;

    if (!s)
        return NULL;
    mix_secrets(config->deterministic, secrets);
    s->config = config;
    s->promoted = promoted;
    s->arg = arg;
    s->seed = secrets[0];
    s->incidents = incidents_new(memcap / 8 * 3, s->seed);
    s->callers = callers_new(memcap / 4, s->seed);
    s->names = names_new(memcap / 4, s->seed);
    s->pending = pages_new(PENDING_MAX, sizeof *s->pending);
    scopes_read(s);
    if (s->incidents && s->callers && s->names && s->pending)
        return s;
    story_free(s);
    return NULL;
}

void story_free(struct story *s)
{
    if (!s)
        return;
    incidents_free(s->incidents);
    callers_free(s->callers);
    names_free(s->names);
    pages_free(s->pending, PENDING_MAX, sizeof *s->pending);
    pool_drop(&s->pool);
    free(s);
}

bool story_is_home(const struct story *s, const struct addr *a)
{
    return !s->home || scope_has_addr(s->home, a);
}

bool story_is_allowed(const struct story *s, const struct addr *server)
{
    return s->directories && scope_has_addr(s->directories, server);
}

struct table_key story_key_addr(const struct story *s, enum key_kind kind, const struct addr *victim,
                                const struct addr *a, uint16_t port)
{
    struct table_text t;

    key_begin(&t, (uint8_t)kind);
    if (victim)
        key_addr(&t, victim);
    key_addr(&t, a);
    key_number(&t, port);
    return key_end(&t, s->seed);
}

struct table_key story_key_name(const struct story *s, enum key_kind kind, const struct addr *victim,
                                uint64_t name, uint16_t port)
{
    struct table_text t;

    key_begin(&t, (uint8_t)kind);
    if (victim)
        key_addr(&t, victim);
    key_number(&t, name);
    key_number(&t, port);
    return key_end(&t, s->seed);
}

void story_link_id(struct story *s, struct incident *i)
{
    struct table_key key = story_key_name(s, KEY_ID, NULL, i->id, 0);

    incidents_link(s->incidents, i, &key, LINK_CALLBACK, &name_span_always);
}

struct incident *story_by_id(struct story *s, uint64_t id)
{
    struct table_key key = story_key_name(s, KEY_ID, NULL, id, 0);
    struct link *l = incidents_find(s->incidents, &key);

    return l ? l->incident : NULL;
}

static struct link *find_link(struct story *s, const struct table_key *key, uint64_t ts_us)
{
    struct link *l = incidents_find(s->incidents, key);

    while (l && ts_us > l->incident->last_us &&
           ts_us - l->incident->last_us > s->config->correlate_window_us) {
        incidents_drop(s->incidents, l->incident);
        l = incidents_find(s->incidents, key);
    }
    for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = incidents_next(l), n++)
        if (link_holds(l, ts_us))
            return l;
    return NULL;
}

struct incident *story_find(struct story *s, const struct table_key *key, uint64_t ts_us)
{
    struct link *l = find_link(s, key, ts_us);

    return l ? l->incident : NULL;
}

struct incident *story_find_server(struct story *s, const struct addr *victim, const struct addr *server,
                                   uint16_t port, uint64_t ts_us, enum link_role *role)
{
    struct table_key key = story_key_addr(s, KEY_SERVER, victim, server, port);
    struct link *l = find_link(s, &key, ts_us);
    uint64_t names[NAMES_OF_ADDR];
    unsigned n = l ? 0 : names_of_addr(s->names, server, ts_us, names);

    for (unsigned i = 0; i < n && !l; i++) {
        key = story_key_name(s, KEY_NAMED, victim, names[i], port);
        l = find_link(s, &key, ts_us);
    }
    if (l && role)
        *role = l->role;
    return l ? l->incident : NULL;
}

/* The number that was told first goes on. */
void story_absorb(struct story *s, struct incident *i, struct incident *b)
{
    uint64_t number = b->id;
    bool b_told = b->told > VERDICT_NONE, i_told = i->told > VERDICT_NONE;

    if (b->told > VERDICT_ATTEMPTED || i->told > VERDICT_ATTEMPTED)
        i->update = true; /* what was told knew but a part */
    incidents_merge(s->incidents, i, b);
    story_learn_asked(s, i);
    if (!b_told)
        return;
    if (i_told) { /* two numbers are out: say which goes on */
        i->merged = i->id;
        i->update = true;
    }
    incidents_set_id(s->incidents, i, number);
}

/* Whether the incident lasted into that time. */
static bool meets(const struct incident *i, const struct name_span *span)
{
    return i->last_us >= span->from_us && i->first_us <= span->until_us;
}

static void join(struct story *s, struct incident *i, const struct table_key *key,
                 const struct name_span *span)
{
    struct link *l = incidents_find(s->incidents, key);

    for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = incidents_next(l), n++)
        if (l->incident != i && meets(l->incident, span) && meets(i, &l->span)) {
            story_absorb(s, i, l->incident);
            return;
        }
}

/* A class that came from that host before anybody knew what for: the neighbour that an answer would have
 * found (find_neighbour in story_steps.c). */
static void join_class(struct story *s, struct incident *i, const struct table_key *host,
                       const struct name_addr *a)
{
    struct link *l = i->lookup_us == UINT64_MAX ? NULL : incidents_find(s->incidents, host);

    for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = incidents_next(l), n++) {
        struct incident *o = l->incident;
        struct mark *m = incident_seen(o, STAGE_CLASS_DELIVERY);

        if (!m && !incident_seen(o, STAGE_CALLBACK)) /* or an object, fetched as a class is */
            m = incident_seen(o, STAGE_DESERIALIZATION);
        if (o == i || o->lookup_us != UINT64_MAX || !m || !addr_eq(&m->peer, &a->addr) ||
            m->first_us < i->lookup_us || m->first_us < a->span.from_us || m->first_us > a->span.until_us)
            continue;
        if (m->confidence > SURE_SAME_HOST)
            m->confidence = SURE_SAME_HOST;
        story_absorb(s, i, o);
        return;
    }
}

void story_link_named(struct story *s, struct incident *i, const struct name_addr *a, uint16_t port,
                      enum link_role role)
{
    struct table_key server = story_key_addr(s, KEY_SERVER, &i->victim, &a->addr, port);
    struct table_key host = story_key_addr(s, KEY_HOST, &i->victim, &a->addr, 0);
    struct table_key any = story_key_addr(s, KEY_ANY_SERVER, NULL, &a->addr, port);

    join(s, i, &server, &a->span);
    incidents_link(s->incidents, i, &server, role, &a->span);
    if (role != LINK_SECOND)
        incidents_link(s->incidents, i, &host, role, &a->span);
    if (role == LINK_CALLBACK || role == LINK_CODEBASE)
        incidents_link(s->incidents, i, &any, role, &a->span);
    if (role != LINK_SECOND)
        join_class(s, i, &host, a);
}

void story_link_any_port(struct story *s, struct incident *i, const struct name_addr *a)
{
    struct table_key key = story_key_addr(s, KEY_HOST, &i->victim, &a->addr, 0);

    incidents_link(s->incidents, i, &key, LINK_SECOND, &a->span);
    story_recall_host(s, i, &a->addr);
}

void story_link_addr(struct story *s, struct incident *i, const struct addr *a, uint16_t port,
                     enum link_role role)
{
    const struct name_addr always = {*a, name_span_always};

    story_link_named(s, i, &always, port, role);
}

unsigned story_addrs(const struct story *s, struct bytes host, struct name_addr out[NAMES_ADDRS])
{
    out[0].span = name_span_always;
    if (addr_parse(host, &out[0].addr))
        return 1;
    return names_addrs(s->names, names_number(s->names, host), out);
}

/* A name with parts that only the victim knows is waited for below its last known part. */
static void link_below(struct story *s, struct incident *i, struct bytes pattern)
{
    struct bytes tail = leak_tail(pattern);
    size_t dot = bytes_find_byte(tail, '.');
    uint64_t number;
    struct table_key key;

    if (dot == BYTES_NONE)
        return;
    tail = bytes_from(tail, dot + 1);
    if (bytes_find_byte(tail, '.') == BYTES_NONE)
        return; /* names_above stops there, too */
    number = names_number(s->names, tail);
    key = story_key_name(s, KEY_BELOW, &i->victim, number, 0);
    incidents_link(s->incidents, i, &key, LINK_CALLBACK, &name_span_always);
    key = story_key_name(s, KEY_ANY_BELOW, NULL, number, 0);
    incidents_link(s->incidents, i, &key, LINK_CALLBACK, &name_span_always);
}

/* port: where the addresses of the name are waited at, once they are known; 0: nowhere. */
static void link_name(struct story *s, struct incident *i, struct bytes name, enum link_role role,
                      uint16_t port)
{
    uint64_t number = names_number(s->names, name);
    struct table_key key;

    if (name.len == 0)
        return;
    if (role == LINK_SECOND) { /* no question for it is a step; an answer tells where it leads */
        key = story_key_name(s, KEY_ANY_NAME, NULL, number, 0);
        incidents_link_port(s->incidents, i, &key, role, &name_span_always, port);
        return;
    }
    if (leak_is_pattern(name)) {
        link_below(s, i, name);
        return;
    }
    key = story_key_name(s, KEY_NAME, &i->victim, number, 0);
    incidents_link(s->incidents, i, &key, role, &name_span_always);
    key = story_key_name(s, KEY_ANY_NAME, NULL, number, 0);
    incidents_link_port(s->incidents, i, &key, role, &name_span_always, port);
}

void story_link_host(struct story *s, struct incident *i, struct bytes host, uint16_t port,
                     enum link_role role)
{
    struct name_addr addrs[NAMES_ADDRS];
    uint64_t number = names_number(s->names, host);
    struct addr a;
    struct table_key key;
    unsigned n;

    if (addr_parse(host, &a)) {
        if (port > 0)
            story_link_addr(s, i, &a, port, role);
        return;
    }
    if (port == 0) {
        link_name(s, i, host, role, 0);
        return;
    }
    key = story_key_name(s, KEY_NAMED, &i->victim, number, port);
    join(s, i, &key, &name_span_always);
    incidents_link(s->incidents, i, &key, role, &name_span_always);
    link_name(s, i, host, role, port);
    n = names_addrs(s->names, number, addrs);
    for (unsigned k = 0; k < n; k++)
        story_link_named(s, i, &addrs[k], port, role);
}

/* What only completes a story that was told to its end, its lookup first of all, is news as well. What goes
 * before a callback as a matter of course is not. */
static bool completes(const struct incident *i, enum stage stage)
{
    return i->told > VERDICT_ATTEMPTED && stage != STAGE_RESOLUTION && stage != STAGE_CONNECTION &&
           incident_stage_verdict(i, stage) < i->told;
}

/* A connection is judged again when more is known of what it may be. */
static bool is_counted(const struct mark *m, const struct step *step)
{
    return (m->stage == STAGE_CONNECTION || m->stage == STAGE_SECOND) && m->n > 0 &&
           (step->ts_us == m->first_us || step->ts_us == m->last_us);
}

void story_mark(struct story *s, struct incident *i, const struct step *step)
{
    bool doubted = incident_doubted(i);
    struct mark *m = incident_mark(s->incidents, i, step->stage);

    if (!m || is_counted(m, step))
        return;
    i->update = i->update || (m->n == 0 && completes(i, step->stage));
    if (m->n == 0 || step->ts_us < m->first_us) {
        m->first_us = step->ts_us;
        m->flow_id = step->flow_id;
        m->packet = step->packet;
        m->peer = step->server;
        m->port = step->server_port;
        m->proto = step->proto;
    }
    if (step->ts_us > m->last_us)
        m->last_us = step->ts_us;
    if (step->confidence > m->confidence)
        m->confidence = step->confidence;
    m->n++;
    if (doubted && !incident_doubted(i) && i->told > VERDICT_ATTEMPTED)
        i->update = true; /* it was this victim, and no other */
    incidents_touch(s->incidents, i, step->ts_us);
}

void story_say(struct story *s, struct incident *i, const struct step *step)
{
    enum incident_verdict v = incident_verdict(i, &i->confidence);

    if (s->quiet)
        return;
    if (i->visible && (v > i->told || i->update)) {
        if (i->told == VERDICT_NONE)
            count(COUNT_CORRELATE_INCIDENTS);
        i->told = (uint8_t)v;
        i->update = false;
        if (v > VERDICT_ATTEMPTED) { /* an attempt is told by the alert about its lookup */
            count(COUNT_CORRELATE_PROMOTED);
            s->promoted(s->arg, i, step);
        }
    }
}

void story_tell(struct story *s, struct incident *i, const struct step *step)
{
    story_say(s, i, step);
    if (s->quiet)
        return;
    if (step->stage == STAGE_LOOKUP) {
        story_adopt(s, i);
        story_recall_somebody(s, i);
    }
    incidents_trim(s->incidents, i);
}

/* --- lookups --- */

static struct incident *find_name(struct story *s, const struct addr *victim, const struct jndi_name *n,
                                  uint64_t ts_us)
{
    struct name_addr addrs[NAMES_ADDRS];
    struct addr a;
    uint64_t number = names_number(s->names, n->host);
    struct table_key key;
    struct incident *i;
    unsigned n_addrs;

    if (addr_parse(n->host, &a))
        return story_find_server(s, victim, &a, n->port, ts_us, NULL);
    key = story_key_name(s, KEY_NAMED, victim, number, n->port);
    i = story_find(s, &key, ts_us);
    n_addrs = names_addrs(s->names, number, addrs);
    for (unsigned k = 0; k < n_addrs && !i; k++) {
        key = story_key_addr(s, KEY_SERVER, victim, &addrs[k].addr, n->port);
        i = story_find(s, &key, ts_us);
        if (i && !meets(i, &addrs[k].span))
            i = NULL;
    }
    return i;
}

/* The same text on its way back to whoever sent it: an error page that repeats it. */
static struct incident *echo_of(struct story *s, const struct record *r, const struct jndi_name *n)
{
    const struct record_head *h = &r->head;

    if (h->packet_side == h->client)
        return NULL;
    return find_name(s, &h->addr[h->packet_side], n, h->ts_us);
}

/* Handed on by a home host that got it before. */
static void find_origin(struct story *s, struct incident *i, const struct step *step,
                        const struct jndi_name *n)
{
    struct incident *before = find_name(s, &step->server, n, step->ts_us);

    if (before && before != i && !i->origin && before->lookup_us <= step->ts_us)
        i->origin = before->id;
}

static struct incident *lookup(struct story *s, const struct record *r, const struct step *step,
                               struct bytes name)
{
    struct jndi_name n;
    struct bytes host;
    struct incident *i;

    jndi_name_parse(name, &n);
    if (n.ineffective)
        return NULL;
    host = n.host.len > 0 ? n.host : n.path; /* dns:name asks the victim's own resolver */
    n.host = host;
    i = echo_of(s, r, &n);
    if (i)
        return i;
    i = find_name(s, &step->client, &n, step->ts_us);
    if (!i)
        i = incidents_open(s->incidents, &step->client, host, n.port, step->ts_us);
    if (!i)
        return NULL;
    if (i->lookup_us == UINT64_MAX)
        incidents_set_host(s->incidents, i, host);
    incidents_set_name(s->incidents, i, name, n.scheme);
    story_forget_habit(s, i, step->ts_us);
    story_learn_asked(s, i);
    i->visible = true;
    if (i->lookup_us == UINT64_MAX)
        i->origin = 0; /* it has a lookup of its own */
    if (step->ts_us < i->lookup_us)
        i->lookup_us = step->ts_us;
    story_mark(s, i, step);
    story_link_host(s, i, host, n.port, LINK_CALLBACK);
    if (bytes_eq(n.scheme, BYTES_LIT("dns")))
        link_name(s, i, n.path, LINK_CALLBACK, 0);
    find_origin(s, i, step, &n);
    story_follow_payload(s, i, r);
    story_recall(s, i);
    return i;
}

struct incident *story_lookup(struct story *s, const struct record *r, const struct step *step)
{
    unsigned at[NAMES_PER_TEXT], n = 0;
    struct incident *i = NULL;

    for (unsigned k = 0; k < r->attrs.n && n < NAMES_PER_TEXT; k++)
        if (r->attrs.v[k].id == ATTR_JNDI_NAME)
            at[n++] = k;
    /* The first one last: the alert is about it, and whatever was joined on the way is in it. */
    while (n > 0) {
        if (i)
            story_tell(s, i, step);
        n--;
        i = lookup(s, r, step, r->attrs.v[at[n]].value);
    }
    return i;
}

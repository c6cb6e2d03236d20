/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/story.h"
#include "detect/jndi_name.h"

/* How sure a sighting makes of what it stands for. */
enum {
    SURE_SPOKEN = 95,    /* the protocol's own words, at the place that the payload named */
    SURE_SAME_HOST = 80, /* at another port of that host */
};

#define TWIN_US  UINT64_C(60000000)
#define URLS_MAX 8 /* of one answer */

static void step_of(const struct record *r, enum stage stage, struct step *step)
{
    const struct record_head *h = &r->head;
    unsigned client = stage == STAGE_LOOKUP ? !h->packet_side : h->client;
    static const char *const protos[] = {"ldap", "rmi", "dns", "http", "giop", "tls"};

    *step = (struct step){.stage = stage,
                          .confidence = (uint8_t)h->confidence,
                          .proto = h->proto,
                          .ts_us = h->ts_us,
                          .packet = h->packet,
                          .flow_id = h->flow_id,
                          .client = h->addr[client],
                          .server = h->addr[!client],
                          .client_port = h->port[client],
                          .server_port = h->port[!client],
                          .app_proto = ""};
    for (size_t i = 0; i < sizeof protos / sizeof *protos; i++)
        if (bytes_eq(r->item[RECORD_APP_PROTO], bytes_str(protos[i])))
            step->app_proto = protos[i];
}

static bool is_app(const struct step *step, const char *word)
{
    return strcmp(step->app_proto, word) == 0;
}

/* http://host:port/..., and what Java's URL takes for one. False when there is no host in it. */
static bool url_take(struct bytes url, struct bytes *host, uint16_t *port)
{
    static const struct {
        struct bytes scheme;
        uint16_t port;
    } rows[] = {{BYTES_LIT("http"), 80},  {BYTES_LIT("https"), 443}, {BYTES_LIT("ftp"), 21},
                {BYTES_LIT("ldap"), 389}, {BYTES_LIT("ldaps"), 636}, {BYTES_LIT("rmi"), 1099}};
    size_t colon = bytes_find(url, BYTES_LIT("://")), end = 0, at;
    struct bytes authority;
    uint64_t n = 0;

    if (colon == BYTES_NONE)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (bytes_eq_nocase(bytes_slice(url, 0, colon), rows[i].scheme))
            n = rows[i].port;
    authority = bytes_from(url, colon + 3);
    while (end < authority.len && !memchr("/?#", authority.p[end], 3))
        end++;
    authority = bytes_slice(authority, 0, end);
    at = bytes_find_byte(authority, '@');
    if (at != BYTES_NONE)
        authority = bytes_from(authority, at + 1);
    *host = authority;
    if (authority.len > 0 && authority.p[0] == '[') {
        at = bytes_find_byte(authority, ']');
        *host = bytes_slice(authority, 1, at);
        authority = at == BYTES_NONE ? authority : bytes_from(authority, at + 1);
    }
    at = bytes_find_byte(authority, ':');
    if (at != BYTES_NONE) {
        if (host->p == authority.p)
            *host = bytes_slice(authority, 0, at);
        bytes_to_u64(bytes_from(authority, at + 1), UINT16_MAX, &n);
    }
    *port = (uint16_t)n;
    return host->len > 0 && n > 0;
}

/* A class that came from a place which is only named now was from the right one. */
static void confirm_class(struct story *s, struct incident *i, struct bytes host, uint16_t port)
{
    struct mark *m = incident_seen(i, STAGE_CLASS_DELIVERY);
    struct name_addr addrs[NAMES_ADDRS];
    unsigned n;

    if (!m || m->port != port)
        return;
    n = story_addrs(s, host, addrs);
    for (unsigned k = 0; k < n; k++)
        if (addr_eq(&addrs[k].addr, &m->peer) && m->last_us >= addrs[k].span.from_us &&
            m->first_us <= addrs[k].span.until_us)
            m->confidence = SURE_SPOKEN;
}

/* Where the answer sends the victim next. */
static void follow_urls(struct story *s, struct incident *i, const struct record *r, enum attr_id id,
                        enum link_role role)
{
    unsigned n = 0;

    for (unsigned k = 0; k < r->attrs.n && n < URLS_MAX; k++) {
        struct bytes host;
        uint16_t port;

        if (r->attrs.v[k].id != id || !url_take(r->attrs.v[k].value, &host, &port))
            continue;
        story_link_host(s, i, host, port, role);
        if (role == LINK_CODEBASE)
            confirm_class(s, i, host, port);
        n++;
    }
}

/* The server of an HTTP request has a second address: the name by which it was called. */
static struct incident *find_called(struct story *s, const struct record *r, const struct step *step,
                                    enum link_role *role)
{
    struct bytes host = r->item[RECORD_HTTP_HOST];
    size_t colon = bytes_find_byte(host, ':');
    struct incident *i =
        story_find_server(s, &step->client, &step->server, step->server_port, step->ts_us, role);
    struct table_key key;
    struct link *l;

    if (i || host.len == 0)
        return i;
    host = bytes_slice(host, 0, colon);
    key = story_key_name(s, KEY_NAMED, &step->client, names_number(s->names, host), step->server_port);
    i = story_find(s, &key, step->ts_us);
    l = i ? incidents_find(s->incidents, &key) : NULL;
    if (l)
        *role = (enum link_role)l->role;
    return i;
}

/* A registry hands out an object that lives at another port of its host; a class or an object may come from a
 * place that was named inside TLS, and then mostly from the host that was called. */
static struct incident *find_neighbour(struct story *s, const struct step *step)
{
    struct table_key key = story_key_addr(s, KEY_HOST, &step->client, &step->server, 0);
    struct incident *i = story_find(s, &key, step->ts_us);
    struct link *l = i ? incidents_find(s->incidents, &key) : NULL;

    for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = incidents_next(l), n++) {
        i = l->incident;
        if (!link_holds(l, step->ts_us))
            continue;
        if (is_app(step, "rmi") && (strcmp(i->scheme, "rmi") == 0 || incident_seen(i, STAGE_CALLBACK)))
            return i;
        if (step->fetched && i->lookup_us <= step->ts_us)
            return i;
    }
    return NULL;
}

/* A victim with two addresses asks the directory from one and the codebase, which is of the other kind, from
 * the other. Only that explains a home host at a codebase which was named a moment ago. */
static struct incident *find_twin(struct story *s, const struct step *step)
{
    struct table_key key = story_key_addr(s, KEY_ANY_SERVER, NULL, &step->server, step->server_port);
    struct link *l = incidents_find(s->incidents, &key);

    if (!step->fetched || !story_is_home(s, &step->client))
        return NULL;
    for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = incidents_next(l), n++) {
        const struct mark *m = incident_seen(l->incident, STAGE_REFERENCE);

        if (l->role == LINK_CODEBASE && link_holds(l, step->ts_us) && m &&
            l->incident->victim.version != step->client.version && step->ts_us >= m->first_us &&
            step->ts_us - m->last_us <= TWIN_US)
            return l->incident;
    }
    return NULL;
}

/* Another home host was sent the lookup, and this one calls: the string was handed on to where it is logged.
 */
static void find_first_victim(struct story *s, struct incident *i, const struct step *step)
{
    struct table_key key = story_key_addr(s, KEY_ANY_SERVER, NULL, &step->server, step->server_port);
    uint64_t names[NAMES_OF_ADDR];
    unsigned n = names_of_addr(s->names, &step->server, step->ts_us, names);
    struct link *l = incidents_find(s->incidents, &key);

    for (unsigned k = 0;; k++) {
        for (unsigned f = 0; l && f < LINKS_FOLLOWED; l = incidents_next(l), f++) {
            struct incident *o = l->incident;

            if (l->role != LINK_CALLBACK || !link_holds(l, step->ts_us) || o == i || !o->name ||
                addr_eq(&o->victim, &i->victim) || o->lookup_us > step->ts_us ||
                step->ts_us - o->lookup_us > s->config->correlate_window_us)
                continue;
            i->origin = o->id;
            incidents_set_name(s->incidents, i, bytes_str(o->name), bytes_str(o->scheme));
            i->visible = true;
            return;
        }
        if (k >= n)
            return;
        key = story_key_name(s, KEY_ANY_NAME, NULL, names[k], 0);
        l = incidents_find(s->incidents, &key);
    }
}

/* What only an attack does, whatever else is known of it: docs/STORIES.md, "lookup unseen". */
static bool stands_alone(const struct story *s, const struct record *r, const struct step *step)
{
    bool allowed = s->directories && scope_has_addr(s->directories, &step->server);
    struct bytes client = attrs_get(&r->attrs, ATTR_LDAP_CLIENT);

    switch (step->stage) {
    case STAGE_DESERIALIZATION:
        /* Over HTTP, programs that know each other exchange objects all day. */
        return !allowed && (!step->fetched || attrs_get(&r->attrs, ATTR_JAVA_GADGET).p);
    case STAGE_REFERENCE:
    case STAGE_REFERRAL:
        return !allowed;
    case STAGE_CALLBACK:
        return !allowed && !story_is_home(s, &step->server) &&
               (is_app(step, "rmi") || bytes_eq(client, BYTES_LIT("jndi")));
    default:
        return false;
    }
}

static struct incident *open_unseen(struct story *s, const struct step *step)
{
    char text[ADDR_TEXT];
    struct incident *i;

    if (!story_is_home(s, &step->client) || is_app(step, "dns"))
        return NULL;
    addr_print(&step->server, text);
    i = incidents_open(s->incidents, &step->client, bytes_str(text), step->server_port, step->ts_us);
    return i;
}

static void learn(struct story *s, struct incident *i, struct bytes seen, const struct asked *where)
{
    size_t before = leaks_bytes(i->leaks);
    struct jndi_name n;
    struct leak_sight sight = {.seen = seen,
                               .place = where->place,
                               .ts_us = where->ts_us,
                               .packet = where->packet,
                               .flow_id = where->flow_id};

    jndi_name_parse(bytes_str(i->name), &n);
    sight.pattern = n.path;
    if (seen.len == 0 || !leak_is_pattern(n.path))
        return;
    leaks_learn(&i->leaks, &sight);
    incidents_spend(s->incidents, (long)leaks_bytes(i->leaks) - (long)before);
    if (leaks_bytes(i->leaks) > before && i->told > VERDICT_ATTEMPTED)
        i->update = true;
}

static void learn_leaks(struct story *s, struct incident *i, const struct record *r, const struct step *step)
{
    static const struct {
        enum attr_id id;
        enum leak_place place;
    } rows[] = {{ATTR_LDAP_REQUEST_DN, LEAK_LDAP}, {ATTR_RMI_NAME, LEAK_RMI}};

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct bytes seen = attrs_get(&r->attrs, rows[k].id);
        struct asked where = {
            .place = rows[k].place, .ts_us = step->ts_us, .packet = step->packet, .flow_id = step->flow_id};

        if (i->name)
            learn(s, i, seen, &where);
        else if (seen.len > 0)
            incidents_keep_asked(s->incidents, i, seen, &where);
    }
}

void story_learn_asked(struct story *s, struct incident *i)
{
    if (!i->asked || !i->name)
        return;
    learn(s, i, bytes_str(i->asked->text), i->asked);
    incidents_drop_asked(s->incidents, i);
}

static bool has_url(const struct record *r, enum attr_id id)
{
    struct bytes host;
    uint16_t port;

    for (unsigned k = 0; k < r->attrs.n; k++)
        if (r->attrs.v[k].id == id && url_take(r->attrs.v[k].value, &host, &port))
            return true;
    return false;
}

static void follow_place(struct story *s, struct incident *i, struct bytes host, uint16_t port)
{
    story_link_host(s, i, host, port, LINK_SECOND);
    story_recall_named(s, i, host, port);
}

static bool ends_url(uint8_t c)
{
    return c <= ' ' || c >= 0x7f || memchr("\"'`<>|;&)}", c, 11) != NULL;
}

/* bash's own way to connect: /dev/tcp/HOST/PORT. */
static void follow_redirection(struct story *s, struct incident *i, struct bytes text)
{
    size_t at = bytes_find(text, BYTES_LIT("/dev/tcp/")), slash, end;
    struct bytes host;
    uint64_t port;

    if (at == BYTES_NONE)
        return;
    text = bytes_from(text, at + 9);
    slash = bytes_find_byte(text, '/');
    if (slash == BYTES_NONE)
        return;
    host = bytes_slice(text, 0, slash);
    text = bytes_from(text, slash + 1);
    for (end = 0; end < text.len && text.p[end] >= '0' && text.p[end] <= '9';)
        end++;
    if (bytes_to_u64(bytes_slice(text, 0, end), UINT16_MAX, &port))
        follow_place(s, i, host, (uint16_t)port);
}

/* Every URL in a text: a class's own, or what a command fetches. */
static void follow_text(struct story *s, struct incident *i, struct bytes text, unsigned *left)
{
    while (*left > 0) {
        size_t at = bytes_find(text, BYTES_LIT("://")), from = at, end = at;
        struct bytes host;
        uint16_t port;

        if (at == BYTES_NONE)
            return;
        while (from > 0 && ((text.p[from - 1] | 0x20) >= 'a' && (text.p[from - 1] | 0x20) <= 'z'))
            from--;
        while (end < text.len && !ends_url(text.p[end]))
            end++;
        if (url_take(bytes_slice(text, from, end), &host, &port))
            follow_place(s, i, host, port);
        --*left;
        text = bytes_from(text, end);
    }
}

void story_follow_payload(struct story *s, struct incident *i, const struct record *r)
{
    unsigned left = URLS_MAX;

    for (unsigned k = 0; k < r->attrs.n && left > 0; k++) {
        enum attr_id id = r->attrs.v[k].id;

        if (id != ATTR_JAVA_URL && id != ATTR_JAVA_COMMAND && id != ATTR_JNDI_COMMAND)
            continue;
        left--;
        follow_text(s, i, r->attrs.v[k].value, &left);
        if (id != ATTR_JAVA_URL)
            follow_redirection(s, i, r->attrs.v[k].value);
    }
}

/* What a class, or an object, has in it to call, once it runs. */
static void follow_hosts(struct story *s, struct incident *i, const struct record *r)
{
    unsigned n = 0;

    for (unsigned k = 0; k < r->attrs.n && n < URLS_MAX; k++) {
        struct bytes text = r->attrs.v[k].value, host = text;
        size_t end = text.len;
        struct table_key key;
        struct addr a;
        uint64_t port;

        if (r->attrs.v[k].id != ATTR_JAVA_HOST)
            continue;
        n++;
        while (end > 0 && text.p[end - 1] != ':')
            end--;
        if (end > 0 && bytes_to_u64(bytes_from(text, end), UINT16_MAX, &port)) {
            host = bytes_slice(text, 0, end - 1);
            if (host.len > 1 && host.p[0] == '[')
                host = bytes_slice(host, 1, host.len - 1);
            follow_place(s, i, host, (uint16_t)port);
        } else if (addr_parse(text, &a)) {
            key = story_key_addr(s, KEY_HOST, &i->victim, &a, 0);
            incidents_link(s->incidents, i, &key, LINK_SECOND, &name_span_always);
            story_recall_host(s, i, &a);
        }
    }
}

/* What an answer holds beside itself. */
static void take_answer(struct story *s, struct incident *i, const struct record *r, const struct step *step)
{
    follow_urls(s, i, r, ATTR_JAVA_CODEBASE, LINK_CODEBASE);
    follow_urls(s, i, r, ATTR_LDAP_REFERRAL, LINK_REFERRAL);
    if (step->stage == STAGE_CLASS_DELIVERY || step->stage == STAGE_DESERIALIZATION)
        follow_hosts(s, i, r);
    story_follow_payload(s, i, r);
    /* Without a place to load it from, the class that does the harm is the victim's own. */
    if (step->stage == STAGE_REFERENCE && attrs_get(&r->attrs, ATTR_JAVA_FACTORY).len > 0 &&
        !has_url(r, ATTR_JAVA_CODEBASE))
        i->whole = true;
}

static struct incident *find_for(struct story *s, const struct record *r, const struct step *step,
                                 enum link_role *role, bool *near)
{
    struct bytes rrname = attrs_get(&r->attrs, ATTR_DNS_RRNAME);
    struct incident *i = find_called(s, r, step, role);
    struct table_key key;

    if (!i && rrname.len > 0) {
        key = story_key_name(s, KEY_NAME, &step->client, names_number(s->names, rrname), 0);
        i = story_find(s, &key, step->ts_us);
    }
    *near = false;
    if (!i) {
        i = find_neighbour(s, step);
        if (!i)
            i = find_twin(s, step);
        *near = i != NULL;
    }
    return i;
}

static struct incident *answer(struct story *s, const struct record *r, struct step *step)
{
    enum link_role role = LINK_CALLBACK;
    bool near;
    struct incident *i = find_for(s, r, step, &role, &near);

    if (!i) {
        i = open_unseen(s, step);
        if (!i)
            return NULL;
        if (step->fetched)
            role = LINK_CODEBASE;
        if (role == LINK_CALLBACK)
            find_first_victim(s, i, step);
    }
    if (near && step->fetched)
        role = LINK_CODEBASE;
    step->confidence = near ? SURE_SAME_HOST : SURE_SPOKEN;
    i->visible = i->visible || stands_alone(s, r, step);
    story_mark(s, i, step);
    if (!is_app(step, "dns")) /* its server is the victim's own resolver */
        story_link_addr(s, i, &step->server, step->server_port, role);
    learn_leaks(s, i, r, step);
    take_answer(s, i, r, step);
    story_recall_second(s, i);
    return i;
}

struct incident *story_finding(struct story *s, const struct record *r, enum stage stage, struct step *step)
{
    struct bytes java = attrs_get(&r->attrs, ATTR_JAVA_CLIENT);

    step_of(r, stage, step);
    step->fetched = stage == STAGE_CLASS_DELIVERY || (stage == STAGE_DESERIALIZATION && java.p);
    if (stage >= STAGE_INDICATOR)
        return NULL;
    if (stage == STAGE_LOOKUP)
        return story_lookup(s, r, step);
    /* Serialized data that is no Java stream harms nobody; the answer still names a place to load from. */
    if (bytes_eq(attrs_get(&r->attrs, ATTR_JAVA_CONTENT), BYTES_LIT("no-object")))
        step->stage = STAGE_REFERENCE;
    /* What a browser or an analyst fetches over HTTP is no step of anything. */
    if (step->fetched && !bytes_eq(java, BYTES_LIT("yes")))
        return NULL;
    return answer(s, r, step);
}

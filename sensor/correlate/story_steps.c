/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/places.h"
#include "correlate/story.h"

#define HTTP_PORT 80

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

/* Who waits for the victim at a name, or an address in writing, and port. */
static struct incident *find_written(struct story *s, const struct step *step, struct bytes host,
                                     uint16_t port, enum link_role *role)
{
    struct table_key key;
    struct incident *i;
    struct addr a;
    struct link *l;

    if (addr_parse(host, &a))
        return story_find_server(s, &step->client, &a, port, step->ts_us, role);
    key = story_key_name(s, KEY_NAMED, &step->client, names_number(s->names, host), port);
    i = story_find(s, &key, step->ts_us);
    l = i ? incidents_find(s->incidents, &key) : NULL;
    if (l)
        *role = (enum link_role)l->role;
    return i;
}

/* The server of an HTTP request has a second address: the name by which it was called. What is called by
 * another port than its own, or by none, is a proxy perhaps: *proxied, when only that explains what was
 * found. */
static struct incident *find_called(struct story *s, const struct record *r, const struct step *step,
                                    enum link_role *role, bool *proxied)
{
    struct incident *i =
        story_find_server(s, &step->client, &step->server, step->server_port, step->ts_us, role);
    struct bytes host;
    uint16_t port;

    *proxied = false;
    if (i || !place_authority(r->item[RECORD_HTTP_HOST], HTTP_PORT, &host, &port))
        return i;
    i = find_written(s, step, host, step->server_port, role);
    if (i || port == step->server_port)
        return i;
    i = find_written(s, step, host, port, role);
    *proxied = i != NULL;
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

/* Java code from a host below the domain that the payload's name ends in: nobody but the victim can tell
 * which name that is, and where a proxy resolves names, no question for it was ever seen. */
static struct incident *find_below(struct story *s, const struct record *r, const struct step *step)
{
    struct bytes above;
    uint16_t port;

    if (!step->fetched || !place_authority(r->item[RECORD_HTTP_HOST], HTTP_PORT, &above, &port))
        return NULL;
    for (unsigned n = 0; n < NAMES_ABOVE; n++) {
        struct table_key key;
        struct incident *i;

        above = names_above(above);
        if (above.len == 0)
            return NULL;
        key = story_key_name(s, KEY_BELOW, &step->client, names_number(s->names, above), 0);
        i = story_find(s, &key, step->ts_us);
        if (i && i->lookup_us <= step->ts_us)
            return i;
    }
    return NULL;
}

static struct incident *find_for(struct story *s, const struct record *r, const struct step *step,
                                 enum link_role *role, bool *near, bool *proxied)
{
    struct bytes rrname = attrs_get(&r->attrs, ATTR_DNS_RRNAME);
    struct incident *i = find_called(s, r, step, role, proxied);
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
        if (!i)
            i = find_below(s, r, step);
        *near = i != NULL;
    }
    return i;
}

/* A class whose reference is not known yet: that will name the place as the request does. True when it was
 * asked of a proxy. */
static bool await_reference(struct story *s, struct incident *i, const struct record *r,
                            const struct step *step)
{
    struct bytes host;
    uint16_t port;

    if (!place_authority(r->item[RECORD_HTTP_HOST], HTTP_PORT, &host, &port))
        return false;
    story_link_host(s, i, host, port, LINK_CODEBASE);
    return port != step->server_port && story_is_home(s, &step->server);
}

static struct incident *answer(struct story *s, const struct record *r, struct step *step)
{
    enum link_role role = LINK_CALLBACK;
    bool near, proxied;
    struct incident *i = find_for(s, r, step, &role, &near, &proxied);
    uint8_t sure;

    if (!i) {
        i = open_unseen(s, step);
        if (!i)
            return NULL;
        if (step->fetched) {
            role = LINK_CODEBASE;
            proxied = await_reference(s, i, r, step);
        }
        if (role == LINK_CALLBACK)
            story_find_first_victim(s, i, r, step);
    }
    if (story_is_habit(s, i, r, step)) {
        count(COUNT_CORRELATE_UNRELATED);
        return NULL;
    }
    if (near && step->fetched)
        role = LINK_CODEBASE;
    step->confidence = near ? SURE_SAME_HOST : SURE_SPOKEN;
    sure = story_alone(s, r, step);
    i->visible = i->visible || sure > 0;
    if (sure > i->alone)
        i->alone = sure;
    story_mark(s, i, step);
    if (!is_app(step, "dns") && !proxied) /* its server is the victim's own resolver, or proxy */
        story_link_addr(s, i, &step->server, step->server_port, role);
    story_learn_leaks(s, i, r, step);
    story_follow_answer(s, i, r, step);
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

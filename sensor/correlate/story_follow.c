/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/places.h"
#include "correlate/story.h"

/* Where what was seen sends the victim next: codebases, referrals, what a class or a command calls. */

#define URLS_MAX 8 /* of one answer */

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

/* The other address of the victim has fetched the class already (find_twin in story_steps.c). */
static void join_twin(struct story *s, struct incident *i, struct bytes host, uint16_t port, uint64_t ts_us)
{
    struct name_addr addrs[NAMES_ADDRS];
    unsigned n = story_addrs(s, host, addrs);

    for (unsigned k = 0; k < n; k++) {
        struct table_key key = story_key_addr(s, KEY_ANY_SERVER, NULL, &addrs[k].addr, port);
        struct link *l = incidents_find(s->incidents, &key);

        for (unsigned f = 0; l && f < LINKS_FOLLOWED; l = incidents_next(l), f++) {
            struct incident *o = l->incident;
            const struct mark *m = incident_seen(o, STAGE_CLASS_DELIVERY);

            if (o == i || !m || o->lookup_us != UINT64_MAX || o->victim.version == i->victim.version ||
                !story_is_home(s, &o->victim) || m->first_us < ts_us || m->first_us - ts_us > TWIN_US)
                continue;
            incident_seen(o, STAGE_CLASS_DELIVERY)->confidence = SURE_SAME_HOST;
            story_absorb(s, i, o);
            return;
        }
    }
}

/* Where the answer sends the victim next. */
static void follow_urls(struct story *s, struct incident *i, const struct record *r, enum attr_id id,
                        enum link_role role)
{
    unsigned n = 0;

    for (unsigned k = 0; k < r->attrs.n && n < URLS_MAX; k++) {
        struct bytes host;
        uint16_t port;

        if (r->attrs.v[k].id != id || !place_url(r->attrs.v[k].value, &host, &port))
            continue;
        story_link_host(s, i, host, port, role);
        if (role == LINK_CODEBASE) {
            confirm_class(s, i, host, port);
            join_twin(s, i, host, port, r->head.ts_us);
        }
        n++;
    }
}

static bool has_url(const struct record *r, enum attr_id id)
{
    struct bytes host;
    uint16_t port;

    for (unsigned k = 0; k < r->attrs.n; k++)
        if (r->attrs.v[k].id == id && place_url(r->attrs.v[k].value, &host, &port))
            return true;
    return false;
}

static void follow_place(struct story *s, struct incident *i, struct bytes host, uint16_t port)
{
    story_link_host(s, i, host, port, LINK_SECOND);
    story_recall_named(s, i, host, port);
}

struct following {
    struct story *story;
    struct incident *incident;
};

static void on_place(void *arg, struct bytes host, uint16_t port)
{
    const struct following *f = arg;

    follow_place(f->story, f->incident, host, port);
}

void story_follow_payload(struct story *s, struct incident *i, const struct record *r)
{
    struct following f = {s, i};
    unsigned n = 0;

    for (unsigned k = 0; k < r->attrs.n && n < URLS_MAX; k++) {
        enum attr_id id = r->attrs.v[k].id;

        if (id != ATTR_JAVA_URL && id != ATTR_JAVA_COMMAND && id != ATTR_JNDI_COMMAND)
            continue;
        n++;
        places_find(r->attrs.v[k].value, on_place, &f);
    }
}

/* A host without a port: any new connection there will do, however it is called then. */
static void follow_any_port(struct story *s, struct incident *i, struct bytes host)
{
    struct name_addr addrs[NAMES_ADDRS];
    unsigned n = story_addrs(s, host, addrs);

    for (unsigned k = 0; k < n; k++)
        story_link_any_port(s, i, &addrs[k]);
    story_link_host(s, i, host, 0, LINK_SECOND);
}

/* What a class, or an object, has in it to call, once it runs. */
static void follow_hosts(struct story *s, struct incident *i, const struct record *r)
{
    unsigned n = 0;

    for (unsigned k = 0; k < r->attrs.n && n < URLS_MAX; k++) {
        struct bytes text = r->attrs.v[k].value, host = text;
        size_t end = text.len;
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
        } else {
            follow_any_port(s, i, text);
        }
    }
}

/* What an answer holds beside itself. */
void story_follow_answer(struct story *s, struct incident *i, const struct record *r, const struct step *step)
{
    follow_urls(s, i, r, ATTR_JAVA_CODEBASE, LINK_CODEBASE);
    follow_urls(s, i, r, ATTR_LDAP_REFERRAL, LINK_REFERRAL);
    follow_urls(s, i, r, ATTR_HTTP_LOCATION, LINK_CODEBASE); /* a fetch that was sent on */
    if (step->stage == STAGE_CLASS_DELIVERY || step->stage == STAGE_DESERIALIZATION)
        follow_hosts(s, i, r);
    story_follow_payload(s, i, r);
    /* Without a place to load it from, the class that does the harm is the victim's own. */
    if (step->stage == STAGE_REFERENCE && attrs_get(&r->attrs, ATTR_JAVA_FACTORY).len > 0 &&
        !has_url(r, ATTR_JAVA_CODEBASE))
        i->whole = true;
}

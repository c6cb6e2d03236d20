/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/story.h"
#include "detect/jndi_name.h"

#include <string.h>

/* Second victims, whom nobody but the first one sent the string; and who asks a directory for reasons of his
 * own. */

static bool is_app(const struct step *step, const char *word)
{
    return strcmp(step->app_proto, word) == 0;
}

/* Whether what the directory was asked for may be what the payload names. */
static bool fits(const struct incident *i, struct bytes seen)
{
    struct leak_sight sight = {.seen = seen};
    struct leak *none = NULL;
    struct jndi_name n;
    bool fit;

    jndi_name_parse(bytes_str(i->name), &n);
    if (n.path.len == 0)
        return true;
    if (bytes_find_byte(n.path, '%') != BYTES_NONE || bytes_find_byte(n.path, '?') != BYTES_NONE)
        return true; /* as the JDK reads it, it is another text */
    if (!leak_is_pattern(n.path))
        return bytes_eq_nocase(bytes_trim(n.path), bytes_trim(seen));
    sight.pattern = n.path;
    fit = leaks_learn(&none, &sight);
    leaks_free(none);
    return fit;
}

static uint64_t habit_of(const struct story *s, struct bytes asked)
{
    return names_number(s->names, bytes_trim(asked)) | 1;
}

bool story_is_habit(struct story *s, const struct incident *i, const struct record *r,
                    const struct step *step)
{
    struct bytes seen = attrs_get(&r->attrs, ATTR_LDAP_REQUEST_DN);
    const struct call *call;

    if (step->stage != STAGE_CALLBACK || !is_app(step, "ldap") || !i->name || i->lookup_us == UINT64_MAX)
        return false;
    if (i->habit && i->habit == habit_of(s, seen))
        return true;
    call = callers_find(s->callers, &step->client, &step->server, step->proto, step->server_port);
    return (story_is_allowed(s, &step->server) || (call && call->first.ts_us < i->lookup_us) ||
            callers_others(s->callers, &step->client, &step->server, step->proto, step->server_port) >=
                POPULAR) &&
           !fits(i, seen);
}

/* The same of what is remembered; what an allowed server was asked for is not known. */
static bool asked_else(const struct story *s, const struct incident *i, const struct mark *m)
{
    const struct asked *a = i->asked;

    while (a && a->place == LEAK_HTTP)
        a = a->next;
    if (!a)
        return story_is_allowed(s, &m->peer);
    return a->place == LEAK_LDAP && !fits(i, bytes_str(a->text));
}

/* What was asked for before the lookup, whatever it was, is the client's own work. Nobody was told of it. */
static bool asked_before(const struct story *s, struct incident *i, const struct mark *m, uint64_t lookup_us)
{
    const struct asked *a = i->asked;

    while (a && a->place != LEAK_LDAP)
        a = a->next;
    if (!a || m->last_us >= lookup_us)
        return false;
    i->habit = habit_of(s, bytes_str(a->text));
    return true;
}

void story_forget_habit(struct story *s, struct incident *i, uint64_t lookup_us)
{
    struct mark *m = incident_seen(i, STAGE_CALLBACK);

    if (i->visible || !i->name || !m || m->next ||
        (!asked_before(s, i, m, lookup_us) && !asked_else(s, i, m)))
        return;
    incidents_unmark(s->incidents, i, STAGE_CALLBACK);
}

/* An analyst's ldapsearch may be told to ask as JNDI does. */
static bool is_like_jndi(const struct record *r, const struct step *step)
{
    return step->stage == STAGE_CALLBACK &&
           bytes_eq(attrs_get(&r->attrs, ATTR_LDAP_CLIENT), BYTES_LIT("jndi-like"));
}

/* Nobody hands a string on to the one that he has it from. That one calls for reasons of his own: he tests,
 * or got it in a way that nobody saw. */
static bool has_sent(const struct addr *who, const struct incident *o)
{
    const struct mark *m = incident_seen(o, STAGE_LOOKUP);

    return m && addr_eq(&m->peer, who);
}

/* Another home host was sent the lookup, and this one calls: the string was handed on to where it is logged.
 */
void story_find_first_victim(struct story *s, struct incident *i, const struct record *r,
                             const struct step *step)
{
    struct table_key key = story_key_addr(s, KEY_ANY_SERVER, NULL, &step->server, step->server_port);
    uint64_t names[NAMES_OF_ADDR];
    unsigned n = names_of_addr(s->names, &step->server, step->ts_us, names);
    struct link *l = incidents_find(s->incidents, &key);

    if (is_like_jndi(r, step))
        return;
    for (unsigned k = 0;; k++) {
        for (unsigned f = 0; l && f < LINKS_FOLLOWED; l = incidents_next(l), f++) {
            struct incident *o = l->incident;

            if (l->role != LINK_CALLBACK || !link_holds(l, step->ts_us) || o == i || !o->name ||
                addr_eq(&o->victim, &i->victim) || has_sent(&i->victim, o) || o->lookup_us > step->ts_us ||
                step->ts_us - o->lookup_us > s->config->correlate_window_us || story_is_habit(s, o, r, step))
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

/* An alert about it is an alert about its callback, which is what it has. */
static struct step step_again(const struct incident *i, const struct mark *m)
{
    return (struct step){.stage = m->stage,
                         .confidence = m->confidence,
                         .proto = m->proto,
                         .ts_us = m->first_us,
                         .packet = m->packet,
                         .flow_id = m->flow_id,
                         .client = i->victim,
                         .server = m->peer,
                         .server_port = m->port,
                         .app_proto = strncmp(i->scheme, "ldap", 4) == 0  ? "ldap"
                                      : strncmp(i->scheme, "rmi", 3) == 0 ? "rmi"
                                                                          : ""};
}

/* Whether o called, with no lookup of its own, once i had one. */
static bool is_second(const struct story *s, const struct incident *i, const struct incident *o,
                      const struct name_span *span)
{
    const struct mark *m = incident_seen(o, STAGE_CALLBACK);

    if (!m || m->first_us < span->from_us || m->first_us > span->until_us || has_sent(&o->victim, i))
        return false;
    return o != i && !o->name && !o->origin && o->lookup_us == UINT64_MAX && m->first_us >= i->lookup_us &&
           m->first_us - i->lookup_us <= s->config->correlate_window_us && !addr_eq(&o->victim, &i->victim);
}

static void adopt(struct story *s, const struct incident *i, struct incident *o)
{
    bool told = o->told > VERDICT_ATTEMPTED;
    struct step step;

    incidents_set_name(s->incidents, o, bytes_str(i->name), bytes_str(i->scheme));
    if (!o->visible && asked_else(s, o, incident_seen(o, STAGE_CALLBACK))) {
        incidents_unname(s->incidents, o);
        return;
    }
    o->origin = i->id;
    o->visible = true;
    o->update = o->update || told;
    story_learn_asked(s, o);
    step = step_again(o, incident_seen(o, STAGE_CALLBACK));
    story_say(s, o, &step);
}

void story_adopt(struct story *s, const struct incident *i)
{
    struct name_addr addrs[NAMES_ADDRS];
    unsigned n_addrs;

    if (s->quiet || !i->name || i->lookup_us == UINT64_MAX)
        return;
    n_addrs = story_addrs(s, bytes_str(i->host), addrs);
    for (unsigned k = 0; k < n_addrs; k++) {
        struct table_key key = story_key_addr(s, KEY_ANY_SERVER, NULL, &addrs[k].addr, i->port);
        struct link *l = incidents_find(s->incidents, &key);

        for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = incidents_next(l), n++)
            if (l->role == LINK_CALLBACK && is_second(s, i, l->incident, &addrs[k].span))
                adopt(s, i, l->incident);
    }
}

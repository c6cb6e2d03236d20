/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/story.h"
#include "detect/jndi_name.h"

/* Names: who asked for what a payload names, and where that leads. */

/* How sure a question makes: docs/STORIES.md. */
enum {
    SURE_ASKED_DNS = 85,
    SURE_RESOLVED = 65,
    SURE_SOMEBODY = 60, /* a name with a value that only a victim can fill in, asked for by a resolver; a part
                           of that for each victim that may be the one */
};

static void judge_question(struct story *s, struct incident *i, const struct question *q,
                           const struct addr *client, uint64_t number)
{
    bool dns = strcmp(i->scheme, "dns") == 0;
    uint8_t kinds = dns ? ASKED_ADDRESS | ASKED_TEXT : ASKED_ADDRESS;
    struct step step = {.stage = STAGE_RESOLUTION,
                        .confidence = dns && q->kinds & ASKED_TEXT ? SURE_ASKED_DNS : SURE_RESOLVED,
                        .proto = PROTO_UDP,
                        .ts_us = q->last_us,
                        .packet = q->packet,
                        .flow_id = q->flow_id,
                        .client = *client,
                        .server = q->server,
                        .client_port = 0,
                        .server_port = q->server_port,
                        .app_proto = "dns"};

    if (i->lookup_us == UINT64_MAX)
        return;
    if (!q->news && incident_seen(i, STAGE_RESOLUTION))
        return;
    if ((q->kinds & kinds) == 0 || q->first_us < i->lookup_us ||
        names_others(s->names, client, number) >= POPULAR || names_relayed(s->names, client, number)) {
        count(COUNT_CORRELATE_UNRELATED);
        return;
    }
    story_mark(s, i, &step);
    story_tell(s, i, &step);
}

/* The text with parts that only the victim knows which the incident waits for in DNS. It may lie in n. */
static struct bytes awaited(const struct incident *i, struct jndi_name *n)
{
    if (!i->name)
        return (struct bytes){NULL, 0};
    jndi_name_parse(bytes_str(i->name), n);
    if (strcmp(i->scheme, "dns") == 0 && leak_is_pattern(n->path))
        return n->path;
    return n->host;
}

static struct step step_of(const struct below *b, uint8_t confidence)
{
    return (struct step){.stage = STAGE_RESOLUTION,
                         .confidence = confidence,
                         .proto = PROTO_UDP,
                         .ts_us = b->ts_us,
                         .packet = b->packet,
                         .flow_id = b->flow_id,
                         .client = b->client,
                         .server = b->server,
                         .server_port = b->server_port,
                         .app_proto = "dns"};
}

static void place_pattern(struct story *s, struct incident *i, struct bytes name)
{
    story_link_host(s, i, name, i->port, LINK_CALLBACK);
    story_recall_named(s, i, name, i->port);
}

/* The name is one that the incident waits for, with a value in it, and was asked for by client. False when it
 * is not. */
static bool judge_below(struct story *s, struct incident *i, const struct below *b, uint8_t confidence,
                        struct step *step)
{
    struct jndi_name name;
    struct leak_sight sight = {.pattern = awaited(i, &name),
                               .seen = bytes_str(b->name),
                               .nocase = true,
                               .place = LEAK_DNS,
                               .ts_us = b->ts_us,
                               .packet = b->packet,
                               .flow_id = b->flow_id};

    *step = step_of(b, confidence);
    if (b->ts_us < i->lookup_us || !story_learn_sight(s, i, &sight))
        return false;
    story_learn_asked(s, i);
    if (leak_is_pattern(name.host)) /* it is the name of the callback's host, as this victim calls it */
        place_pattern(s, i, sight.seen);
    story_mark(s, i, step);
    return true;
}

static uint8_t sure_of_victim(const struct story *s, const struct below *b)
{
    bool relayed = names_relayed(s->names, &b->client, names_number(s->names, bytes_str(b->name)));

    return relayed ? SURE_SOMEBODY : SURE_WORDS;
}

/* Payloads of this victim that wait for a name below this one, or any that stands above it. True when one
 * did. */
static bool ask_below(struct story *s, const struct fact_name *f, bool news)
{
    struct bytes above = bytes_of(f->name, f->name_len);
    bool found = false;

    for (unsigned n = 0; n < NAMES_ABOVE; n++) {
        uint64_t number;
        struct table_key key;
        const struct below *b;
        struct incident *i;
        struct step step;

        above = names_above(above);
        if (above.len == 0)
            break;
        number = names_number(s->names, above);
        key = story_key_name(s, KEY_BELOW, &f->client, number, 0);
        i = story_find(s, &key, s->now_us);
        if (i && !news && incident_seen(i, STAGE_RESOLUTION)) {
            found = true; /* the answer to a question that was counted */
            continue;
        }
        b = i ? names_below(s->names, &f->client, number) : NULL;
        if (b && judge_below(s, i, b, sure_of_victim(s, b), &step)) {
            story_tell(s, i, &step);
            found = true;
        }
    }
    return found;
}

/* --- and asked for by somebody else: the resolver of one of the victims --- */

#define SUSPECTS_MAX LINKS_FOLLOWED

/* Who may have made it ask: one incident of each victim. */
struct suspects {
    struct incident *v[SUSPECTS_MAX];
    unsigned n;
};

static bool is_suspect(const struct story *s, const struct incident *o, const struct below *b)
{
    struct jndi_name name;
    struct leak_sight sight = {.pattern = awaited(o, &name), .seen = bytes_str(b->name), .nocase = true};
    struct leak *none = NULL;
    bool fits;

    if (o->lookup_us > b->ts_us || addr_eq(&o->victim, &b->client) ||
        (b->ts_us > o->last_us && b->ts_us - o->last_us > s->config->correlate_window_us))
        return false;
    fits = leaks_learn(&none, &sight);
    leaks_free(none);
    return fits;
}

static void suspect_add(struct suspects *all, struct incident *o)
{
    for (unsigned k = 0; k < all->n; k++)
        if (addr_eq(&all->v[k]->victim, &o->victim)) {
            if (o->lookup_us > all->v[k]->lookup_us)
                all->v[k] = o;
            return;
        }
    if (all->n < SUSPECTS_MAX)
        all->v[all->n++] = o;
}

static void suspects_find(struct story *s, const struct below *b, struct suspects *all)
{
    struct bytes above = bytes_str(b->name);

    all->n = 0;
    for (unsigned n = 0; n < NAMES_ABOVE; n++) {
        struct table_key key;
        struct link *l;

        above = names_above(above);
        if (above.len == 0)
            return;
        key = story_key_name(s, KEY_ANY_BELOW, NULL, names_number(s->names, above), 0);
        l = incidents_find(s->incidents, &key);
        for (unsigned k = 0; l && k < LINKS_FOLLOWED; l = incidents_next(l), k++)
            if (link_holds(l, b->ts_us) && is_suspect(s, l->incident, b))
                suspect_add(all, l->incident);
    }
}

/* It has done something that was nobody else's doing. */
static bool is_proved(const struct incident *o)
{
    for (const struct mark *m = o->marks; m; m = m->next)
        if (m->stage != STAGE_LOOKUP && (m->stage != STAGE_RESOLUTION || m->confidence > SURE_SOMEBODY))
            return true;
    return false;
}

/* A victim that is seen to ask for itself has told its own value, and this is another one's. */
static void suspects_clear(struct suspects *all)
{
    struct suspects left = {.n = 0};

    for (unsigned k = 0; k < all->n; k++) {
        const struct mark *m = incident_seen(all->v[k], STAGE_RESOLUTION);

        if (!m || m->confidence <= SURE_SOMEBODY)
            left.v[left.n++] = all->v[k];
    }
    if (left.n > 0)
        *all = left;
}

/* One that has called is likelier than one that has not; then the one that was sent the lookup last. */
static unsigned suspects_choose(const struct suspects *all)
{
    unsigned best = 0;

    for (unsigned k = 1; k < all->n; k++) {
        bool proved = is_proved(all->v[k]), before = is_proved(all->v[best]);

        if (proved > before || (proved == before && all->v[k]->lookup_us > all->v[best]->lookup_us))
            best = k;
    }
    return best;
}

/* Whether somebody is known to have asked whoever asked now, or one of them asked by itself: told already. */
static bool is_explained(const struct story *s, const struct suspects *all, const struct below *b)
{
    uint64_t number = names_number(s->names, bytes_str(b->name));

    for (unsigned k = 0; k < all->n; k++)
        if (names_asked(s->names, &all->v[k]->victim, number))
            return true;
    return names_relayed(s->names, &b->client, number);
}

/* One incident is told of, and says who else it may be. Each of them waits where the name leads: whoever
 * calls there is a victim by its own doing. */
static struct incident *judge_somebody(struct story *s, const struct below *b, struct step *step)
{
    struct suspects all;
    struct incident *i;
    unsigned chosen;

    suspects_find(s, b, &all);
    if (all.n == 0 || is_explained(s, &all, b))
        return NULL;
    suspects_clear(&all);
    chosen = suspects_choose(&all);
    i = all.v[chosen];
    for (unsigned k = 0; k < all.n; k++) {
        struct jndi_name name;

        awaited(all.v[k], &name);
        if (k == chosen)
            continue;
        if (leak_is_pattern(name.host))
            place_pattern(s, all.v[k], bytes_str(b->name));
        incidents_doubt(s->incidents, i, all.v[k]);
    }
    return judge_below(s, i, b, (uint8_t)(SURE_SOMEBODY / all.n), step) ? i : NULL;
}

static void ask_somebody(struct story *s, const struct fact_name *f)
{
    struct bytes above = names_above(bytes_of(f->name, f->name_len));
    const struct below *b =
        above.len > 0 ? names_below(s->names, &f->client, names_number(s->names, above)) : NULL;
    struct incident *i;
    struct step step;

    i = b ? judge_somebody(s, b, &step) : NULL;
    if (i)
        story_tell(s, i, &step);
}

/* The one that was told of when this question came, i's lookup being unknown. */
static struct incident *told_of(struct suspects *all, const struct incident *i, const struct below *b)
{
    for (unsigned k = 0; k < all->n; k++) {
        const struct mark *m = incident_seen(all->v[k], STAGE_RESOLUTION);

        if (all->v[k] != i && m && m->confidence <= SURE_SOMEBODY && b->ts_us >= m->first_us &&
            b->ts_us <= m->last_us)
            return all->v[k];
    }
    return NULL;
}

/* The latest question below the last known part of what the incident waits for. */
static const struct below *latest_below(const struct story *s, const struct incident *i)
{
    struct jndi_name name;
    struct bytes text, tail;
    size_t dot;

    if (!i->name || !leak_is_pattern(bytes_str(i->name))) /* most names: not taken apart for this */
        return NULL;
    text = awaited(i, &name);
    tail = leak_tail(text);
    dot = bytes_find_byte(tail, '.');
    if (!leak_is_pattern(text) || dot == BYTES_NONE)
        return NULL;
    return names_below(s->names, NULL, names_number(s->names, bytes_from(tail, dot + 1)));
}

/* The question was told of another incident: that one names this one, too, and this one waits where it leads.
 */
static void join_doubt(struct story *s, struct incident *told, struct incident *i, const struct below *b)
{
    struct jndi_name name;

    told->update = incidents_doubt(s->incidents, told, i) || told->update;
    awaited(i, &name);
    if (leak_is_pattern(name.host))
        place_pattern(s, i, bytes_str(b->name));
}

void story_recall_somebody(struct story *s, struct incident *i)
{
    const struct below *b = latest_below(s, i);
    struct suspects all;
    struct incident *o;
    struct step step;

    if (!b || !is_suspect(s, i, b))
        return;
    suspects_find(s, b, &all);
    o = told_of(&all, i, b);
    if (o && is_explained(s, &all, b))
        return;
    if (o) {
        step = step_of(b, SURE_SOMEBODY);
        join_doubt(s, o, i, b);
    } else if (!incident_seen(i, STAGE_RESOLUTION)) {
        o = judge_somebody(s, b, &step);
    }
    if (o)
        story_say(s, o, &step);
}

static void place_name(struct story *s, struct incident *i, const struct link *l, struct name_addr *a,
                       const struct fact_name *f)
{
    enum link_role role = (enum link_role)l->role;
    uint16_t port = l->port;

    for (unsigned m = 0; m < f->n_addrs; m++) {
        a->addr = f->addrs[m];
        if (role == LINK_SECOND && port == 0) {
            story_link_any_port(s, i, a);
            continue;
        }
        story_link_named(s, i, a, port, role);
        story_recall_calls(s, i, &f->addrs[m], port);
    }
    if (role == LINK_CALLBACK)
        story_adopt(s, i);
}

/* What the name came to is where its incidents wait from now on, whoever asked. */
static void place_incidents(struct story *s, const struct fact_name *f, uint64_t number, uint64_t ts_us)
{
    struct name_addr a = {.span = names_span(f, ts_us)};
    struct table_key key = story_key_name(s, KEY_ANY_NAME, NULL, number, 0);
    struct link *l = incidents_find(s->incidents, &key), *next;

    for (unsigned n = 0; l && n < LINKS_FOLLOWED; l = next, n++) {
        struct incident *i = l->incident;

        next = incidents_next(l);
        if (l->port == 0 && l->role != LINK_SECOND)
            continue;
        place_name(s, i, l, &a, f);
        next = incidents_find(s->incidents, &key); /* what was joined may be gone: count on from the front */
        for (unsigned k = 0; next && k <= n; k++)
            next = incidents_next(next);
    }
}

void story_name(struct story *s, const struct fact *fact, const struct fact_name *f)
{
    uint64_t number = names_number(s->names, bytes_of(f->name, f->name_len));
    struct question *q = names_note(s->names, f, fact->ts_us, fact->packet, fact->flow_id);
    struct table_key key = story_key_name(s, KEY_NAME, &f->client, number, 0);
    struct incident *i;

    if (f->n_addrs > 0) /* first: what is joined is told of once */
        place_incidents(s, f, number, fact->ts_us);
    i = story_find(s, &key, fact->ts_us);
    if (i && q)
        judge_question(s, i, q, &f->client, number);
    if (!ask_below(s, f, !q || q->news) && (!q || q->news)) /* the answer is no further question */
        ask_somebody(s, f);
}

static void recall_question(struct story *s, struct incident *i, struct bytes name)
{
    uint64_t number = names_number(s->names, name);
    const struct question *q = names_asked(s->names, &i->victim, number);

    if (q && q->last_us >= i->lookup_us)
        judge_question(s, i, q, &i->victim, number);
}

/* A name with a value in it that the victim asked for. */
static void recall_below(struct story *s, struct incident *i, struct bytes pattern)
{
    struct bytes tail = leak_tail(pattern);
    size_t dot = bytes_find_byte(tail, '.');
    const struct below *b;
    struct step step;
    uint64_t number;

    if (!leak_is_pattern(pattern) || dot == BYTES_NONE)
        return;
    number = names_number(s->names, bytes_from(tail, dot + 1));
    b = names_below(s->names, &i->victim, number);
    if (b)
        judge_below(s, i, b, sure_of_victim(s, b), &step);
}

void story_recall(struct story *s, struct incident *i)
{
    struct name_addr addrs[NAMES_ADDRS];
    struct jndi_name name;
    struct bytes host = bytes_str(i->host), text = {NULL, 0};
    bool dns = strcmp(i->scheme, "dns") == 0, pattern = i->name && leak_is_pattern(bytes_str(i->name));
    unsigned n;

    if (dns || pattern)
        text = awaited(i, &name);
    s->quiet = true; /* the caller tells, once its own alert is out */
    recall_question(s, i, host);
    if (dns && !leak_is_pattern(text))
        recall_question(s, i, name.path);
    n = story_addrs(s, host, addrs);
    for (unsigned k = 0; k < n; k++)
        story_recall_calls(s, i, &addrs[k].addr, i->port);
    if (pattern)
        recall_below(s, i, text);
    s->quiet = false;
}

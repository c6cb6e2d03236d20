/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/incident.h"
#include "base/pages.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define NAME_KEPT 1024
#define HOST_KEPT 255
#define BLOCK     INCIDENT_BLOCK

struct list {
    struct incident *oldest, *newest;
    size_t n;
};

struct incidents {
    struct list attempts, further;
    struct link **buckets;
    struct incident **by_id;
    size_t mask, id_mask;
    size_t bytes, max_bytes, n;
    uint64_t seed;
};

struct incidents *incidents_new(size_t max_bytes, uint64_t seed)
{
    struct incidents *s = calloc(1, sizeof *s);
    size_t buckets = 256;

    if (!s)
        return NULL;
    s->max_bytes = max_bytes;
    s->seed = seed; /* keys come hashed; ids are made of what an attacker sends */
    while (buckets < max_bytes / 256)
        buckets *= 2;
    s->mask = buckets - 1;
    s->id_mask = buckets / 4 - 1;
    s->buckets = pages_new(buckets, sizeof(struct link *));
    s->by_id = pages_new(buckets / 4, sizeof(struct incident *));
    if (s->buckets && s->by_id)
        return s;
    incidents_free(s);
    return NULL;
}

void incidents_free(struct incidents *s)
{
    if (!s)
        return;
    while (s->attempts.oldest)
        incidents_drop(s, s->attempts.oldest);
    while (s->further.oldest)
        incidents_drop(s, s->further.oldest);
    pages_free(s->buckets, s->mask + 1, sizeof(struct link *));
    pages_free(s->by_id, s->id_mask + 1, sizeof(struct incident *));
    free(s);
}

static struct list *list_of(struct incidents *s, const struct incident *i)
{
    return i->counted ? &s->further : &s->attempts;
}

static void list_take(struct list *list, struct incident *i)
{
    *(i->older ? &i->older->newer : &list->oldest) = i->newer;
    *(i->newer ? &i->newer->older : &list->newest) = i->older;
    list->n--;
}

static void list_put(struct list *list, struct incident *i)
{
    i->older = list->newest;
    i->newer = NULL;
    *(list->newest ? &list->newest->newer : &list->oldest) = i;
    list->newest = i;
    list->n++;
}

void incidents_spend(struct incidents *s, long bytes)
{
    s->bytes = (size_t)((long)s->bytes + bytes);
}

static struct incident **id_bucket(const struct incidents *s, uint64_t id)
{
    return &s->by_id[XXH3_64bits_withSeed(&id, sizeof id, s->seed) & s->id_mask];
}

static void id_put(struct incidents *s, struct incident *i)
{
    struct incident **bucket = id_bucket(s, i->id);

    i->chain = *bucket;
    *bucket = i;
}

static void id_take(struct incidents *s, struct incident *i)
{
    struct incident **at = id_bucket(s, i->id);

    while (*at != i)
        at = &(*at)->chain;
    *at = i->chain;
}

void incidents_set_id(struct incidents *s, struct incident *i, uint64_t id)
{
    id_take(s, i);
    i->id = id;
    id_put(s, i);
}

/* The same in every run over the same packets, in whichever process: what it is made of is on the wire. */
static uint64_t id_make(const struct addr *victim, struct bytes host, uint16_t port, uint64_t ts_us)
{
    struct table_text t;
    uint64_t id;

    key_begin(&t, 'I');
    key_addr(&t, victim);
    key_name(&t, host);
    key_number(&t, port);
    key_number(&t, ts_us);
    id = XXH3_64bits(t.bytes, t.len);
    return id ? id : 1;
}

struct incident *incidents_open(struct incidents *s, const struct addr *victim, struct bytes host,
                                uint16_t port, uint64_t ts_us)
{
    struct incident *i = calloc(1, sizeof *i);

    if (!i)
        return NULL;
    i->victim = *victim;
    i->port = port;
    i->id = id_make(victim, host, port, ts_us);
    i->first_us = i->last_us = ts_us;
    i->lookup_us = UINT64_MAX;
    incidents_spend(s, (long)(sizeof *i + BLOCK));
    i->host = incidents_keep(s, host, HOST_KEPT);
    list_put(&s->attempts, i);
    id_put(s, i);
    s->n++;
    return i;
}

static void unlink_one(struct incidents *s, struct link *l)
{
    *(l->newer ? &l->newer->older : &s->buckets[l->key.low & s->mask]) = l->older;
    if (l->older)
        l->older->newer = l->newer;
}

static void links_drop(struct incidents *s, struct incident *i)
{
    while (i->links) {
        struct link *l = i->links;

        i->links = l->next;
        unlink_one(s, l);
        free(l);
        incidents_spend(s, -(long)(sizeof *l + BLOCK));
    }
    i->n_links = 0;
}

void incidents_drop(struct incidents *s, struct incident *i)
{
    links_drop(s, i);
    incidents_drop_doubts(s, i);
    while (i->marks) {
        struct mark *m = i->marks;

        i->marks = m->next;
        free(m);
        incidents_spend(s, -(long)(sizeof *m + BLOCK));
    }
    incidents_spend(s, -(long)leaks_bytes(i->leaks));
    leaks_free(i->leaks);
    incidents_drop_asked(s, i, false);
    incidents_release(s, i->name);
    incidents_release(s, i->host);
    list_take(list_of(s, i), i);
    id_take(s, i);
    incidents_spend(s, -(long)(sizeof *i + BLOCK));
    s->n--;
    free(i);
}

static struct incident *oldest_but(const struct list *list, const struct incident *keep)
{
    return list->oldest && list->oldest == keep ? keep->newer : list->oldest;
}

/* A quarter stays for attempts: where none is kept, nothing that comes of them is joined any more. */
static struct incident *worth_least(const struct incidents *s, const struct incident *keep)
{
    const struct list *first = &s->attempts, *second = &s->further;
    struct incident *i;

    if (s->attempts.n < s->n / 4) {
        first = &s->further;
        second = &s->attempts;
    }
    i = oldest_but(first, keep);
    return i ? i : oldest_but(second, keep);
}

void incidents_trim(struct incidents *s, const struct incident *keep)
{
    while (s->bytes > s->max_bytes) {
        struct incident *i = worth_least(s, keep);

        if (!i)
            return;
        count(COUNT_CORRELATE_EVICTED);
        incidents_drop(s, i);
    }
}

void incidents_touch(struct incidents *s, struct incident *i, uint64_t ts_us)
{
    uint8_t confidence;

    if (ts_us < i->first_us)
        i->first_us = ts_us;
    if (ts_us > i->last_us)
        i->last_us = ts_us;
    list_take(list_of(s, i), i);
    i->counted = incident_verdict(i, &confidence) > VERDICT_ATTEMPTED;
    list_put(list_of(s, i), i);
}

static bool key_eq(const struct table_key *a, const struct table_key *b)
{
    return a->low == b->low && a->high == b->high;
}

static struct link *same_key(struct link *l, const struct table_key *key)
{
    while (l && !key_eq(&l->key, key))
        l = l->older;
    return l;
}

static void link_put(struct incidents *s, struct incident *i, struct link *l)
{
    struct link **bucket = &s->buckets[l->key.low & s->mask];

    l->incident = i;
    l->next = i->links;
    i->links = l;
    i->n_links++;
    l->newer = NULL;
    l->older = *bucket;
    if (*bucket)
        (*bucket)->newer = l;
    *bucket = l;
}

static struct link *link_of(const struct incident *i, const struct table_key *key, uint16_t port)
{
    struct link *l = i->links;

    while (l && (l->port != port || !key_eq(&l->key, key)))
        l = l->next;
    return l;
}

void incidents_link(struct incidents *s, struct incident *i, const struct table_key *key, enum link_role role,
                    const struct name_span *span)
{
    incidents_link_port(s, i, key, role, span, 0);
}

void incidents_link_port(struct incidents *s, struct incident *i, const struct table_key *key,
                         enum link_role role, const struct name_span *span, uint16_t port)
{
    struct link *l = link_of(i, key, port);

    if (l)
        name_span_widen(&l->span, span);
    if (l || i->n_links >= LINKS_MAX)
        return;
    l = calloc(1, sizeof *l);
    if (!l)
        return;
    incidents_spend(s, (long)(sizeof *l + BLOCK));
    l->key = *key;
    l->span = *span;
    l->role = (uint8_t)role;
    l->port = port;
    link_put(s, i, l);
}

bool link_holds(const struct link *l, uint64_t ts_us)
{
    return ts_us >= l->span.from_us && ts_us <= l->span.until_us;
}

struct link *incidents_find(const struct incidents *s, const struct table_key *key)
{
    return s->n ? same_key(s->buckets[key->low & s->mask], key) : NULL; /* the buckets stay untouched */
}

struct link *incidents_next(const struct link *l)
{
    return same_key(l->older, &l->key);
}

struct mark *incident_seen(const struct incident *i, enum stage stage)
{
    struct mark *m = i->marks;

    while (m && m->stage != stage)
        m = m->next;
    return m;
}

static void mark_put(struct incident *i, struct mark *m)
{
    struct mark **at = &i->marks;

    while (*at && (*at)->stage < m->stage)
        at = &(*at)->next;
    m->next = *at;
    *at = m;
}

struct mark *incident_mark(struct incidents *s, struct incident *i, enum stage stage)
{
    struct mark *m = incident_seen(i, stage);

    if (m)
        return m;
    m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    incidents_spend(s, (long)(sizeof *m + BLOCK));
    m->stage = stage;
    mark_put(i, m);
    return m;
}

void incidents_unmark(struct incidents *s, struct incident *i, enum stage stage)
{
    struct mark **at = &i->marks, *m;

    while (*at && (*at)->stage != stage)
        at = &(*at)->next;
    m = *at;
    if (!m)
        return;
    *at = m->next;
    free(m);
    incidents_spend(s, -(long)(sizeof *m + BLOCK));
}

void incidents_unname(struct incidents *s, struct incident *i)
{
    incidents_release(s, i->name);
    i->name = NULL;
    i->scheme[0] = '\0';
}

void incidents_set_name(struct incidents *s, struct incident *i, struct bytes name, struct bytes scheme)
{
    if (i->name)
        return;
    i->name = incidents_keep(s, name, NAME_KEPT);
    scheme = bytes_slice(scheme, 0, sizeof i->scheme - 1);
    memset(i->scheme, 0, sizeof i->scheme);
    memcpy(i->scheme, scheme.len ? scheme.p : (const uint8_t *)"", scheme.len);
}

void incidents_set_host(struct incidents *s, struct incident *i, struct bytes host)
{
    char *copy = incidents_keep(s, host, HOST_KEPT);

    if (!copy)
        return;
    incidents_release(s, i->host);
    i->host = copy;
}

/* The first sighting of both stays the first. */
static void mark_join(struct mark *a, const struct mark *b)
{
    struct mark *next = a->next;
    uint64_t n = a->n + b->n, last = a->last_us > b->last_us ? a->last_us : b->last_us;
    uint8_t confidence = a->confidence > b->confidence ? a->confidence : b->confidence;

    if (b->first_us < a->first_us)
        *a = *b;
    a->next = next;
    a->n = n;
    a->last_us = last;
    a->confidence = confidence;
}

static void marks_move(struct incidents *s, struct incident *a, struct incident *b)
{
    while (b->marks) {
        struct mark *m = b->marks, *there = incident_seen(a, m->stage);

        b->marks = m->next;
        if (!there) {
            mark_put(a, m);
            continue;
        }
        mark_join(there, m);
        free(m);
        incidents_spend(s, -(long)(sizeof *m + BLOCK));
    }
}

static void links_move(struct incidents *s, struct incident *a, struct incident *b)
{
    for (struct link *l = b->links; l; l = l->next)
        incidents_link_port(s, a, &l->key, l->role, &l->span, l->port);
    links_drop(s, b);
}

void incidents_merge(struct incidents *s, struct incident *a, struct incident *b)
{
    links_move(s, a, b);
    marks_move(s, a, b);
    if (!a->name && b->name) {
        a->name = b->name;
        b->name = NULL;
        memcpy(a->scheme, b->scheme, sizeof a->scheme);
    }
    incidents_spend(s, -(long)(leaks_bytes(a->leaks) + leaks_bytes(b->leaks)));
    leaks_move(&a->leaks, &b->leaks);
    incidents_spend(s, (long)leaks_bytes(a->leaks));
    for (const struct asked *asked = b->asked; asked; asked = asked->next)
        incidents_keep_asked(s, a, bytes_str(asked->text), asked);
    if (!a->doubts) {
        a->doubts = b->doubts;
        b->doubts = NULL;
    }
    /* A scanner's only when nobody else sent a lookup. */
    if (b->lookup_us != UINT64_MAX)
        a->scanner = b->scanner && (a->scanner || a->lookup_us == UINT64_MAX);
    if (b->first_us < a->first_us)
        a->first_us = b->first_us;
    if (b->lookup_us < a->lookup_us)
        a->lookup_us = b->lookup_us;
    if (!a->origin)
        a->origin = b->origin;
    a->visible |= b->visible;
    a->whole |= b->whole;
    if (b->alone > a->alone)
        a->alone = b->alone;
    a->heard |= b->heard;
    if (b->told > a->told)
        a->told = b->told;
    incidents_touch(s, a, b->last_us);
    incidents_drop(s, b);
}

size_t incidents_n(const struct incidents *s)
{
    return s->n;
}

size_t incidents_bytes(const struct incidents *s)
{
    return s->bytes;
}

/* --- whoever looks on --- */

struct incident *incidents_by_id(const struct incidents *s, uint64_t id)
{
    struct incident *i = *id_bucket(s, id);

    while (i && i->id != id)
        i = i->chain;
    return i;
}

/* Both lists are in the order of hearing; which was heard of later is told by packet time. */
size_t incidents_latest(const struct incidents *s, const struct incident **out, size_t max)
{
    const struct incident *a = s->attempts.newest, *b = s->further.newest;
    size_t n = 0;

    for (unsigned look = 0; (a || b) && n < max && look < INCIDENTS_LOOK; look++) {
        const struct incident **next = !a || (b && b->last_us >= a->last_us) ? &b : &a;

        if ((*next)->visible)
            out[n++] = *next;
        *next = (*next)->older;
    }
    return n;
}

/* As table_page. */
size_t incidents_page(const struct incidents *s, size_t *at, const struct incident **out, size_t max)
{
    size_t n = 0;

    for (unsigned look = 0; *at <= s->id_mask && look < INCIDENTS_LOOK; look++, ++*at) {
        size_t before = n;
        const struct incident *i;

        for (i = s->by_id[*at]; i && n < max; i = i->chain)
            if (i->visible)
                out[n++] = i;
        if (i && before > 0)
            return before;
    }
    if (*at > s->id_mask)
        *at = SIZE_MAX;
    return n;
}

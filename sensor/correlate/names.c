/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/names.h"

#include <stdlib.h>

struct name {
    struct table_entry entry;
    struct name_addr addrs[NAMES_ADDRS]; /* a ring, when there are more */
    struct addr clients[NAMES_CLIENTS + 1];
    uint8_t n_addrs, next_addr, n_clients;
};

struct placed {
    uint64_t number;
    struct name_span span;
};

struct place {
    struct table_entry entry;
    struct placed names[NAMES_OF_ADDR]; /* the latest first */
    uint8_t n;
};

struct names {
    struct table *names, *questions, *places, *below;
    uint64_t seed;
};

struct names *names_new(size_t max_bytes, uint64_t seed)
{
    struct table_plan plan = {.evicted = COUNT_CORRELATE_FORGOTTEN};
    struct names *n = calloc(1, sizeof *n);

    if (!n)
        return NULL;
    n->seed = seed;
    plan.entry_size = sizeof(struct name);
    plan.max_bytes = max_bytes / 2;
    n->names = table_new(&plan);
    plan.entry_size = sizeof(struct question);
    plan.max_bytes = max_bytes / 8;
    n->questions = table_new(&plan);
    plan.entry_size = sizeof(struct place);
    n->places = table_new(&plan);
    plan.entry_size = sizeof(struct below);
    plan.max_bytes = max_bytes / 4;
    n->below = table_new(&plan);
    if (n->names && n->questions && n->places && n->below)
        return n;
    names_free(n);
    return NULL;
}

void names_free(struct names *n)
{
    if (!n)
        return;
    table_free(n->names);
    table_free(n->questions);
    table_free(n->places);
    table_free(n->below);
    free(n);
}

uint64_t names_number(const struct names *n, struct bytes name)
{
    struct table_text t;

    if (name.len > 0 && name.p[name.len - 1] == '.')
        name.len--; /* the root's dot says nothing */
    key_begin(&t, 'n');
    key_name(&t, name);
    return key_end(&t, n->seed).low;
}

static struct table_key key_of(const struct names *n, uint8_t kind, const struct addr *a, uint64_t number)
{
    struct table_text t;

    key_begin(&t, kind);
    if (a)
        key_addr(&t, a);
    key_number(&t, number);
    return key_end(&t, n->seed);
}

static void *entry_of(struct table *t, const struct table_key *key)
{
    void *e = table_find(t, key);

    if (e)
        table_touch(t, e);
    return e ? e : table_add(t, key);
}

const struct name_span name_span_always = {0, UINT64_MAX};

struct name_span names_span(const struct fact_name *f, uint64_t ts_us)
{
    uint64_t life = f->ttl_s * UINT64_C(1000000);

    if (life < NAMES_LIFE_MIN_US)
        life = NAMES_LIFE_MIN_US;
    if (life > NAMES_LIFE_MAX_US)
        life = NAMES_LIFE_MAX_US;
    return (struct name_span){.from_us = ts_us > life ? ts_us - life : 0,
                              .until_us = ts_us < UINT64_MAX - life ? ts_us + life : UINT64_MAX};
}

void name_span_widen(struct name_span *span, const struct name_span *by)
{
    if (by->from_us < span->from_us)
        span->from_us = by->from_us;
    if (by->until_us > span->until_us)
        span->until_us = by->until_us;
}

static void note_place(struct names *n, const struct addr *a, uint64_t number, const struct name_span *span)
{
    struct table_key key = key_of(n, 'a', a, 0);
    struct place *p = entry_of(n->places, &key);
    struct placed placed = {number, *span};
    unsigned at = 0;

    if (!p)
        return;
    while (at < p->n && p->names[at].number != number)
        at++;
    if (at < p->n)
        name_span_widen(&placed.span, &p->names[at].span);
    else if (p->n < NAMES_OF_ADDR)
        p->n++;
    else
        at--;
    memmove(p->names + 1, p->names, at * sizeof p->names[0]);
    p->names[0] = placed;
}

static void note_addr(struct name *name, const struct addr *a, const struct name_span *span)
{
    for (unsigned i = 0; i < name->n_addrs; i++)
        if (addr_eq(&name->addrs[i].addr, a)) {
            name_span_widen(&name->addrs[i].span, span);
            return;
        }
    name->addrs[name->next_addr] = (struct name_addr){*a, *span};
    name->next_addr = (uint8_t)((name->next_addr + 1) % NAMES_ADDRS);
    if (name->n_addrs < NAMES_ADDRS)
        name->n_addrs++;
}

static void note_name(struct names *n, const struct fact_name *f, uint64_t number, uint64_t ts_us)
{
    struct name_span span = names_span(f, ts_us);
    struct table_key key = key_of(n, 'N', NULL, number);
    struct name *name = entry_of(n->names, &key);
    bool known = false;

    if (!name)
        return;
    for (unsigned i = 0; i < f->n_addrs; i++) {
        note_addr(name, &f->addrs[i], &span);
        note_place(n, &f->addrs[i], number, &span);
    }
    for (unsigned i = 0; i < name->n_clients; i++)
        known = known || addr_eq(&name->clients[i], &f->client);
    if (!known && name->n_clients <= NAMES_CLIENTS)
        name->clients[name->n_clients++] = f->client;
}

struct bytes names_above(struct bytes name)
{
    size_t dot = bytes_find_byte(name, '.');
    struct bytes above = dot == BYTES_NONE ? (struct bytes){NULL, 0} : bytes_from(name, dot + 1);

    return bytes_find_byte(above, '.') == BYTES_NONE ? (struct bytes){NULL, 0} : above;
}

static void note_below(struct names *n, const struct fact_name *f, const struct addr *client,
                       const struct below *now)
{
    struct bytes above = bytes_of(f->name, f->name_len);

    for (unsigned i = 0; i < NAMES_ABOVE; i++) {
        struct table_key key;
        struct below *b;

        above = names_above(above);
        if (above.len == 0)
            return;
        key = key_of(n, 'b', client, names_number(n, above));
        b = entry_of(n->below, &key);
        if (!b || now->ts_us < b->ts_us)
            continue;
        b->ts_us = now->ts_us;
        b->packet = now->packet;
        b->flow_id = now->flow_id;
        b->client = f->client;
        b->server = f->server;
        b->server_port = f->server_port;
        memcpy(b->name, f->name, sizeof b->name);
    }
}

uint8_t names_asked_for(uint16_t type)
{
    switch (type) {
    case 1:  /* A */
    case 28: /* AAAA */
        return ASKED_ADDRESS;
    case 16:  /* TXT */
    case 255: /* any */
        return ASKED_TEXT;
    default:
        return ASKED_OTHER;
    }
}

struct question *names_note(struct names *n, const struct fact_name *f, uint64_t ts_us, uint64_t packet,
                            uint64_t flow_id)
{
    uint64_t number = names_number(n, bytes_of(f->name, f->name_len));
    struct table_key key = key_of(n, 'q', &f->client, number);
    const struct below now = {.ts_us = ts_us, .packet = packet, .flow_id = flow_id};
    struct question *q;

    note_name(n, f, number, ts_us);
    note_below(n, f, &f->client, &now);
    note_below(n, f, NULL, &now);
    q = entry_of(n->questions, &key);
    if (!q)
        return NULL;
    q->news = !f->answered || q->n == 0;
    if (!q->news) /* the answer to what is noted */
        return q;
    if (q->n == 0 || ts_us < q->first_us)
        q->first_us = ts_us;
    if (q->n == 0 || ts_us >= q->last_us) {
        q->last_us = ts_us;
        q->packet = packet;
        q->flow_id = flow_id;
    }
    q->server = f->server;
    q->server_port = f->server_port;
    q->kinds |= names_asked_for(f->type);
    q->n++;
    return q;
}

struct question *names_asked(const struct names *n, const struct addr *client, uint64_t name)
{
    struct table_key key = key_of(n, 'q', client, name);

    return table_find(n->questions, &key);
}

struct below *names_below(const struct names *n, const struct addr *client, uint64_t name)
{
    struct table_key key = key_of(n, 'b', client, name);

    return table_find(n->below, &key);
}

unsigned names_addrs(const struct names *n, uint64_t number, struct name_addr out[NAMES_ADDRS])
{
    struct table_key key = key_of(n, 'N', NULL, number);
    const struct name *name = table_find(n->names, &key);

    if (!name)
        return 0;
    memcpy(out, name->addrs, name->n_addrs * sizeof out[0]);
    return name->n_addrs;
}

unsigned names_of_addr(const struct names *n, const struct addr *a, uint64_t ts_us,
                       uint64_t out[NAMES_OF_ADDR])
{
    struct table_key key = key_of(n, 'a', a, 0);
    const struct place *p = table_find(n->places, &key);
    unsigned found = 0;

    for (unsigned i = 0; p && i < p->n; i++)
        if (ts_us >= p->names[i].span.from_us && ts_us <= p->names[i].span.until_us)
            out[found++] = p->names[i].number;
    return found;
}

unsigned names_others(const struct names *n, const struct addr *client, uint64_t number)
{
    struct table_key key = key_of(n, 'N', NULL, number);
    const struct name *name = table_find(n->names, &key);
    unsigned others = 0;

    for (unsigned i = 0; name && i < name->n_clients; i++)
        others += !addr_eq(&name->clients[i], client);
    return others;
}

bool names_relayed(const struct names *n, const struct addr *client, uint64_t number)
{
    struct table_key key = key_of(n, 'N', NULL, number);
    const struct name *name = table_find(n->names, &key);

    for (unsigned i = 0; name && i < name->n_clients; i++) {
        const struct question *q = names_asked(n, &name->clients[i], number);

        if (q && addr_eq(&q->server, client) && !addr_eq(&name->clients[i], client))
            return true;
    }
    return false;
}

size_t names_bytes(const struct names *n)
{
    return table_bytes(n->names) + table_bytes(n->questions) + table_bytes(n->places) + table_bytes(n->below);
}

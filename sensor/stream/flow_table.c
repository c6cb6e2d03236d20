/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/flow_table.h"

#include "base/mix.h"
#include "base/pages.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>

/* libnids 1.26 pays 288 bytes for a stream and a malloc of 24 for its listener. */
#define NIDS_COST 336

/* Flows that nobody has answered yet may take this part of the table. */
#define NEW_PART  8
#define LEAST_NEW 64

#define NO_ENTRY 0 /* chains and buckets hold 1 + twice the slot + the link */

struct flow_list {
    struct flow_entry *oldest, *newest;
    size_t n;
};

struct flow_table {
    struct flow_entry *entries;
    uint32_t *buckets;
    uint32_t *latest;             /* slot + 1 of the newest flow between two ends, whatever their network */
    bool vlans;                   /* tell flows apart */
    bool many_ways;               /* there was a VLAN or a tunnel */
    size_t n, ceiling, n_touched; /* slots from n_touched on were never used */
    uint32_t free_slot;           /* slot + 1 of the first free one, linked by chain */
    uint64_t mask;
    uint64_t seed[MIX_SECRETS];
    size_t max_new;
    uint64_t idle_us[PHASE_N];
    struct flow_list lists[PHASE_N];
};

struct flow_table *flow_table_new(const struct config *config)
{
    struct flow_table *t = calloc(1, sizeof *t);
    size_t n_buckets = 64;

    if (!t)
        return NULL;
    t->ceiling = config->flow_memcap /
                 (sizeof(struct flow_entry) + 2 * (sizeof *t->buckets + sizeof *t->latest) + NIDS_COST);
    if (t->ceiling < 64)
        t->ceiling = 64;
    if (t->ceiling > 1u << 26) /* stand-in addresses reach to 2^28, libnids counts with int */
        t->ceiling = 1u << 26;
    while (n_buckets < t->ceiling)
        n_buckets *= 2;
    t->mask = n_buckets - 1;
    t->max_new = t->ceiling / NEW_PART > LEAST_NEW ? t->ceiling / NEW_PART : LEAST_NEW;
    t->vlans = config->vlan_tracking;
    mix_secrets(config->deterministic, t->seed);
    t->idle_us[PHASE_CLOSED] = config->flow_closed_us;
    t->idle_us[PHASE_NEW] = config->flow_new_us;
    t->idle_us[PHASE_SILENT] = config->flow_established_us;
    t->idle_us[PHASE_UDP] = config->flow_udp_us;
    t->idle_us[PHASE_ESTABLISHED] = config->flow_established_us;
    t->entries = pages_new(t->ceiling, sizeof *t->entries);
    t->buckets = pages_new(n_buckets, sizeof *t->buckets);
    t->latest = pages_new(n_buckets, sizeof *t->latest);
    if (t->entries && t->buckets && t->latest)
        return t;
    flow_table_free(t);
    return NULL;
}

void flow_table_free(struct flow_table *t)
{
    if (!t)
        return;
    pages_free(t->entries, t->ceiling, sizeof *t->entries);
    pages_free(t->buckets, t->mask + 1, sizeof *t->buckets);
    pages_free(t->latest, t->mask + 1, sizeof *t->latest);
    free(t);
}

size_t flow_table_ceiling(const struct flow_table *t)
{
    return t->ceiling;
}

size_t flow_table_n(const struct flow_table *t)
{
    return t->n;
}

static uint64_t end_hash(const struct flow_table *t, const struct addr *addr, uint16_t port)
{
    uint64_t half[2];

    memcpy(half, addr->b, sizeof half);
    return mix(half[0] ^ t->seed[0], (half[1] + port * UINT64_C(0x9e3779b97f4a7c15)) ^ t->seed[1]);
}

/* The same for both directions: the ends are added up. */
static uint64_t ends_hash(const struct flow_table *t, const struct packet *p)
{
    return end_hash(t, &p->src, p->src_port) + end_hash(t, &p->dst, p->dst_port);
}

static struct flow_way way_of(const struct flow_table *t, const struct packet *p)
{
    struct flow_way way = {p->network, p->path};

    for (unsigned i = 0; t->vlans && i < p->n_vlans && i < PACKET_MAX_VLANS; i++)
        way.network = mix(way.network ^ t->seed[0], (p->vlans[i] | 0x1000u) ^ t->seed[1]);
    return way;
}

static uint64_t hash_of(const struct flow_table *t, const struct packet *p, uint64_t ends,
                        const struct flow_way *way)
{
    return mix(ends ^ t->seed[2] ^ way->path, (way->network ^ (uint64_t)p->proto << 8) ^ t->seed[3]);
}

static bool end_is(const struct flow_end *end, const struct addr *addr, uint16_t port)
{
    uint64_t a[2], b[2];

    memcpy(a, end->addr.b, sizeof a);
    memcpy(b, addr->b, sizeof b);
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (uint64_t)(end->port ^ port)) == 0;
}

/* In whatever network. */
static inline __attribute__((always_inline)) bool is_between(const struct flow_entry *e,
                                                             const struct packet *p, unsigned *side)
{
    const struct flow *f = &e->flow;

    if (f->proto != p->proto || f->end[0].addr.version != p->src.version)
        return false;
    if (end_is(&f->end[0], &p->src, p->src_port) && end_is(&f->end[1], &p->dst, p->dst_port)) {
        *side = 0;
        return true;
    }
    *side = 1;
    return end_is(&f->end[1], &p->src, p->src_port) && end_is(&f->end[0], &p->dst, p->dst_port);
}

static bool way_is(const struct flow_way *a, const struct flow_way *b)
{
    return ((a->network ^ b->network) | (a->path ^ b->path)) == 0;
}

struct flow_entry *flow_table_find(const struct flow_table *t, const struct packet *p, unsigned *side)
{
    struct flow_way way = way_of(t, p);
    uint64_t hash = hash_of(t, p, ends_hash(t, p), &way);

    for (uint32_t at = t->buckets[hash & t->mask]; at != NO_ENTRY;) {
        struct flow_entry *e = &t->entries[(at - 1) / 2];
        unsigned link = (at - 1) % 2;

        if (e->link[link].hash == hash && is_between(e, p, side) && way_is(&e->way[*side], &way))
            return e;
        at = e->link[link].chain;
    }
    return NULL;
}

/* The slot may have gone to another flow since, or to none. */
static struct flow_entry *latest_of(const struct flow_table *t, const struct packet *p, unsigned *side)
{
    uint32_t at = t->latest[ends_hash(t, p) & t->mask];
    struct flow_entry *e = at ? &t->entries[at - 1] : NULL;

    return e && e->n_links && is_between(e, p, side) ? e : NULL;
}

struct flow_entry *flow_table_other_way(const struct flow_table *t, const struct packet *p, unsigned *side)
{
    struct flow_entry *e = t->many_ways || p->n_vlans || p->network || p->path ? latest_of(t, p, side) : NULL;
    struct flow_way way = way_of(t, p);

    if (!e || (e->way[*side].network != way.network && (p->proto != PROTO_TCP || e->flow.end[*side].packets)))
        return NULL;
    return e;
}

static void link_in(struct flow_table *t, struct flow_entry *e, unsigned link, uint64_t hash)
{
    uint32_t *bucket = &t->buckets[hash & t->mask];

    e->link[link].hash = hash;
    e->link[link].chain = *bucket;
    *bucket = 1 + 2 * e->slot + link;
}

static void link_out(struct flow_table *t, struct flow_entry *e, unsigned link)
{
    uint32_t *at = &t->buckets[e->link[link].hash & t->mask];

    while (*at != 1 + 2 * e->slot + link)
        at = &t->entries[(*at - 1) / 2].link[(*at - 1) % 2].chain;
    *at = e->link[link].chain;
}

void flow_table_rejoin(struct flow_table *t, struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct flow_way way = way_of(t, p);

    if (e->n_links == 1)
        e->link_of[side] = e->n_links++;
    else
        link_out(t, e, e->link_of[side]);
    e->way[side] = way;
    link_in(t, e, e->link_of[side], hash_of(t, p, ends_hash(t, p), &way));
}

/* Without a SYN the first sender passes for the client, unless its port is a well-known one, or looks like a
 * service while the other's is from the range that hosts pick for themselves (32768 and up on Linux). */
static uint8_t guess_client(const struct packet *p)
{
    bool service =
        (p->src_port < 1024 && p->dst_port >= 1024) || (p->src_port < 32768 && p->dst_port >= 32768);

    return service ? 1 : 0;
}

/* The same packet gives the same id in any worker, which a running number would not. */
static uint64_t id_of(const struct flow_table *t, uint64_t hash, const struct packet *p)
{
    uint64_t in[3] = {hash, p->ts_us, p->number};
    uint64_t id = XXH3_64bits_withSeed(in, sizeof in, t->seed[0]) & ((UINT64_C(1) << 51) - 1);

    return id ? id : 1;
}

static void list_append(struct flow_list *list, struct flow_entry *e)
{
    list->n++;
    e->newer = NULL;
    e->older = list->newest;
    if (e->older)
        e->older->newer = e;
    else
        list->oldest = e;
    list->newest = e;
}

static void list_remove(struct flow_list *list, struct flow_entry *e)
{
    list->n--;
    if (e->older)
        e->older->newer = e->newer;
    else
        list->oldest = e->newer;
    if (e->newer)
        e->newer->older = e->older;
    else
        list->newest = e->older;
}

static struct flow_entry *take_slot(struct flow_table *t)
{
    struct flow_entry *e;
    uint32_t slot;

    if (t->free_slot != NO_ENTRY) {
        slot = t->free_slot - 1;
        t->free_slot = t->entries[slot].link[0].chain;
    } else if (t->n_touched < t->ceiling) {
        slot = (uint32_t)t->n_touched++;
    } else {
        return NULL;
    }
    e = &t->entries[slot];
    memset(e, 0, sizeof *e);
    e->slot = slot;
    return e;
}

size_t flow_table_max_new(const struct flow_table *t)
{
    return t->max_new;
}

static bool too_many_new(const struct flow_table *t)
{
    return t->lists[PHASE_NEW].n >= t->max_new;
}

struct flow_entry *flow_table_add(struct flow_table *t, const struct packet *p)
{
    enum flow_phase phase = p->proto == PROTO_UDP ? PHASE_UDP : PHASE_NEW;
    struct flow_entry *e = phase == PHASE_NEW && too_many_new(t) ? NULL : take_slot(t);
    uint64_t ends = ends_hash(t, p);
    struct flow *f;

    if (!e)
        return NULL;
    f = &e->flow;
    e->way[0] = e->way[1] = way_of(t, p);
    e->n_links = 1;
    link_in(t, e, 0, hash_of(t, p, ends, &e->way[0]));
    t->latest[ends & t->mask] = e->slot + 1;
    t->many_ways |= p->n_vlans || p->network || p->path;
    f->id = id_of(t, e->link[0].hash, p);
    f->end[0].addr = p->src;
    f->end[0].port = p->src_port;
    f->end[1].addr = p->dst;
    f->end[1].port = p->dst_port;
    f->proto = p->proto;
    f->client = guess_client(p);
    f->n_vlans = p->n_vlans;
    for (unsigned i = 0; i < p->n_vlans && i < PACKET_MAX_VLANS; i++)
        f->vlans[i] = p->vlans[i];
    f->first_us = f->last_us = e->seen_us = p->ts_us;
    e->phase = (uint8_t)phase;
    list_append(&t->lists[e->phase], e);
    t->n++;
    return e;
}

struct flow_entry *flow_table_victim(const struct flow_table *t)
{
    if (too_many_new(t))
        return t->lists[PHASE_NEW].oldest;
    for (unsigned phase = 0; phase < PHASE_N; phase++)
        if (t->lists[phase].oldest)
            return t->lists[phase].oldest;
    return NULL;
}

static int by_id(const void *left, const void *right)
{
    const struct flow_entry *a = *(struct flow_entry *const *)left, *b = *(struct flow_entry *const *)right;

    if (a->flow.id != b->flow.id)
        return a->flow.id < b->flow.id ? -1 : 1;
    return a->slot < b->slot ? -1 : a->slot > b->slot;
}

void flow_table_each(const struct flow_table *t, void (*fn)(struct flow_entry *e))
{
    for (unsigned phase = 0; phase < PHASE_N; phase++)
        for (struct flow_entry *e = t->lists[phase].oldest; e; e = e->newer)
            fn(e);
}

void flow_table_sort(const struct flow_table *t, struct flow_entry **sorted)
{
    size_t n = 0;

    for (unsigned phase = 0; phase < PHASE_N; phase++)
        for (struct flow_entry *e = t->lists[phase].oldest; e; e = e->newer)
            sorted[n++] = e;
    qsort(sorted, n, sizeof *sorted, by_id);
}

bool flow_table_is_idle(const struct flow_table *t, const struct flow_entry *e, uint64_t now_us)
{
    /* A flow from the future saw its last packet before the clock was set back; its age means nothing any
     * more, and at the head of its list it would keep all others alive. */
    if (e->seen_us > now_us)
        return e->seen_us - now_us > 60 * UINT64_C(1000000);
    return now_us - e->seen_us >= t->idle_us[e->phase];
}

struct flow_entry *flow_table_idle(const struct flow_table *t, uint64_t now_us)
{
    for (unsigned phase = 0; phase < PHASE_N; phase++) {
        struct flow_entry *e = t->lists[phase].oldest;

        if (e && flow_table_is_idle(t, e, now_us))
            return e;
    }
    return NULL;
}

void flow_table_touch(struct flow_table *t, struct flow_entry *e, enum flow_phase phase)
{
    if (e->phase == phase && !e->newer)
        return;
    list_remove(&t->lists[e->phase], e);
    e->phase = (uint8_t)phase;
    list_append(&t->lists[phase], e);
}

void flow_table_remove(struct flow_table *t, struct flow_entry *e)
{
    for (unsigned link = 0; link < e->n_links; link++)
        link_out(t, e, link);
    e->n_links = 0;
    list_remove(&t->lists[e->phase], e);
    e->link[0].chain = t->free_slot;
    t->free_slot = e->slot + 1;
    t->n--;
}

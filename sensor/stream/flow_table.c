/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/flow_table.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>
#include <sys/random.h>

/* libnids 1.26 pays 288 bytes for a stream and 8 for its bucket, at 3/4 load, and 24 for its listener. */
#define NIDS_COST 336

#define NO_ENTRY 0 /* chains and buckets hold slot + 1 */

struct flow_list {
    struct flow_entry *oldest, *newest;
};

struct flow_table {
    struct flow_entry *entries;
    uint32_t *buckets;
    size_t n, ceiling, n_touched; /* slots from n_touched on were never used */
    uint32_t free_slot;           /* slot + 1 of the first free one, linked by chain */
    uint64_t mask;
    uint64_t seed;
    uint64_t idle_us[PHASE_N];
    struct flow_list lists[PHASE_N];
};

/* What identifies a flow, the lower endpoint first so that both directions agree. No padding: it is hashed
 * whole. */
struct flow_key {
    uint8_t low[16], high[16];
    uint16_t low_port, high_port;
    uint16_t vlans[PACKET_MAX_VLANS];
    uint8_t version, proto, n_vlans, zero[3];
};

_Static_assert(sizeof(struct flow_key) == 48, "a key has no padding");

/* A packet's place in the table is the attacker's choice unless the hash has a secret. */
static uint64_t pick_seed(const struct config *config)
{
    uint64_t seed = 0x6a6e64692d736e73; /* any number will do */

    if (!config->deterministic && getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed ^= (uint64_t)(uintptr_t)&seed; /* early boot: address randomisation is what there is */
    return seed;
}

struct flow_table *flow_table_new(const struct config *config)
{
    struct flow_table *t = calloc(1, sizeof *t);
    size_t n_buckets = 64;

    if (!t)
        return NULL;
    t->ceiling = config->flow_memcap / (sizeof(struct flow_entry) + 2 * sizeof *t->buckets + NIDS_COST);
    if (t->ceiling < 64)
        t->ceiling = 64;
    if (t->ceiling > 1u << 26) /* stand-in addresses reach to 2^28, libnids counts with int */
        t->ceiling = 1u << 26;
    while (n_buckets < t->ceiling)
        n_buckets *= 2;
    t->mask = n_buckets - 1;
    t->seed = pick_seed(config);
    t->idle_us[PHASE_CLOSED] = config->flow_closed_us;
    t->idle_us[PHASE_NEW] = config->flow_new_us;
    t->idle_us[PHASE_UDP] = config->flow_udp_us;
    t->idle_us[PHASE_ESTABLISHED] = config->flow_established_us;
    t->entries = calloc(t->ceiling, sizeof *t->entries);
    t->buckets = calloc(n_buckets, sizeof *t->buckets);
    if (t->entries && t->buckets)
        return t;
    flow_table_free(t);
    return NULL;
}

void flow_table_free(struct flow_table *t)
{
    if (!t)
        return;
    free(t->entries);
    free(t->buckets);
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

/* Any order will do, as long as both directions agree on it. */
static bool src_is_lower(const struct packet *p)
{
    uint64_t src[2], dst[2];

    memcpy(src, p->src.b, sizeof src);
    memcpy(dst, p->dst.b, sizeof dst);
    if (src[0] != dst[0])
        return src[0] < dst[0];
    if (src[1] != dst[1])
        return src[1] < dst[1];
    return p->src_port <= p->dst_port;
}

static struct flow_key key_of(const struct packet *p)
{
    struct flow_key key = {.version = p->src.version, .proto = p->proto, .n_vlans = p->n_vlans};
    bool src_low = src_is_lower(p);

    memcpy(key.low, src_low ? p->src.b : p->dst.b, sizeof key.low);
    memcpy(key.high, src_low ? p->dst.b : p->src.b, sizeof key.high);
    key.low_port = src_low ? p->src_port : p->dst_port;
    key.high_port = src_low ? p->dst_port : p->src_port;
    for (unsigned i = 0; i < p->n_vlans && i < PACKET_MAX_VLANS; i++)
        key.vlans[i] = p->vlans[i];
    return key;
}

static uint64_t hash_of(const struct flow_table *t, const struct packet *p)
{
    struct flow_key key = key_of(p);

    return XXH3_64bits_withSeed(&key, sizeof key, t->seed);
}

static bool end_is(const struct flow_end *end, const struct addr *addr, uint16_t port)
{
    return end->port == port && memcmp(end->addr.b, addr->b, sizeof addr->b) == 0;
}

static bool is_flow_of(const struct flow_entry *e, const struct packet *p, unsigned *side)
{
    const struct flow *f = &e->flow;

    if (f->proto != p->proto || f->end[0].addr.version != p->src.version || f->n_vlans != p->n_vlans)
        return false;
    for (unsigned i = 0; i < p->n_vlans && i < PACKET_MAX_VLANS; i++)
        if (f->vlans[i] != p->vlans[i])
            return false;
    if (end_is(&f->end[0], &p->src, p->src_port) && end_is(&f->end[1], &p->dst, p->dst_port)) {
        *side = 0;
        return true;
    }
    *side = 1;
    return end_is(&f->end[1], &p->src, p->src_port) && end_is(&f->end[0], &p->dst, p->dst_port);
}

struct flow_entry *flow_table_find(const struct flow_table *t, const struct packet *p, unsigned *side)
{
    uint64_t hash = hash_of(t, p);

    for (uint32_t at = t->buckets[hash & t->mask]; at != NO_ENTRY; at = t->entries[at - 1].chain) {
        struct flow_entry *e = &t->entries[at - 1];

        if (e->hash == hash && is_flow_of(e, p, side))
            return e;
    }
    return NULL;
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
    uint64_t id = XXH3_64bits_withSeed(in, sizeof in, t->seed) & ((UINT64_C(1) << 51) - 1);

    return id ? id : 1;
}

static void list_append(struct flow_list *list, struct flow_entry *e)
{
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
        t->free_slot = t->entries[slot].chain;
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

struct flow_entry *flow_table_add(struct flow_table *t, const struct packet *p)
{
    struct flow_entry *e = take_slot(t);
    struct flow *f;

    if (!e)
        return NULL;
    f = &e->flow;
    e->hash = hash_of(t, p);
    e->chain = t->buckets[e->hash & t->mask];
    t->buckets[e->hash & t->mask] = e->slot + 1;
    f->id = id_of(t, e->hash, p);
    f->end[0].addr = p->src;
    f->end[0].port = p->src_port;
    f->end[1].addr = p->dst;
    f->end[1].port = p->dst_port;
    f->proto = p->proto;
    f->client = guess_client(p);
    f->n_vlans = p->n_vlans;
    for (unsigned i = 0; i < p->n_vlans && i < PACKET_MAX_VLANS; i++)
        f->vlans[i] = p->vlans[i];
    f->first_us = f->last_us = p->ts_us;
    e->phase = p->proto == PROTO_UDP ? PHASE_UDP : PHASE_NEW;
    list_append(&t->lists[e->phase], e);
    t->n++;
    return e;
}

struct flow_entry *flow_table_victim(const struct flow_table *t)
{
    for (unsigned phase = 0; phase < PHASE_N; phase++)
        if (t->lists[phase].oldest)
            return t->lists[phase].oldest;
    return NULL;
}

bool flow_table_is_idle(const struct flow_table *t, const struct flow_entry *e, uint64_t now_us)
{
    /* A flow from the future saw its last packet before the clock was set back; its age means nothing any
     * more, and at the head of its list it would keep all others alive. */
    if (e->flow.last_us > now_us)
        return e->flow.last_us - now_us > 60 * UINT64_C(1000000);
    return now_us - e->flow.last_us >= t->idle_us[e->phase];
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
    uint32_t *link = &t->buckets[e->hash & t->mask];

    while (*link != e->slot + 1)
        link = &t->entries[*link - 1].chain;
    *link = e->chain;
    list_remove(&t->lists[e->phase], e);
    e->chain = t->free_slot;
    t->free_slot = e->slot + 1;
    t->n--;
}

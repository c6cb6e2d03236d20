/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/table.h"
#include "base/pages.h"

#include <assert.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define OVERHEAD    32 /* of one allocation, and of its part of the buckets */
#define MIN_ENTRIES 16
#define MIN_BUCKETS 64

struct table {
    struct table_plan plan;
    struct table_entry **buckets;
    size_t n, max, mask;
    struct table_entry *oldest, *newest;
};

void key_begin(struct table_text *t, uint8_t kind)
{
    t->bytes[0] = kind;
    t->len = 1;
}

static void add(struct table_text *t, const void *p, size_t len)
{
    assert(t->len + len <= sizeof t->bytes);
    memcpy(t->bytes + t->len, p, len);
    t->len += len;
}

void key_addr(struct table_text *t, const struct addr *a)
{
    add(t, a->b, sizeof a->b);
    add(t, &a->version, 1);
}

void key_number(struct table_text *t, uint64_t n)
{
    add(t, &n, sizeof n);
}

void key_name(struct table_text *t, struct bytes name)
{
    name = bytes_slice(name, 0, 255);
    key_number(t, name.len);
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = ascii_lower(name.p[i]);

        add(t, &c, 1);
    }
}

struct table_key key_end(const struct table_text *t, uint64_t seed)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(t->bytes, t->len, seed);

    return (struct table_key){h.low64, h.high64};
}

struct table *table_new(const struct table_plan *plan)
{
    struct table *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->plan = *plan;
    t->max = plan->max_entries ? plan->max_entries : plan->max_bytes / (plan->entry_size + OVERHEAD);
    if (t->max < MIN_ENTRIES)
        t->max = MIN_ENTRIES;
    t->mask = MIN_BUCKETS - 1;
    t->buckets = pages_new(t->mask + 1, sizeof *t->buckets);
    if (!t->buckets) {
        free(t);
        return NULL;
    }
    return t;
}

void table_free(struct table *t)
{
    if (!t)
        return;
    while (t->oldest)
        table_remove(t, t->oldest);
    pages_free(t->buckets, t->mask + 1, sizeof *t->buckets);
    free(t);
}

void *table_find(const struct table *t, const struct table_key *key)
{
    struct table_entry *e = t->buckets[key->low & t->mask];

    while (e && (e->key.low != key->low || e->key.high != key->high))
        e = e->chain;
    return e;
}

static void list_take(struct table *t, struct table_entry *e)
{
    *(e->older ? &e->older->newer : &t->oldest) = e->newer;
    *(e->newer ? &e->newer->older : &t->newest) = e->older;
}

static void list_put(struct table *t, struct table_entry *e)
{
    e->older = t->newest;
    e->newer = NULL;
    *(t->newest ? &t->newest->newer : &t->oldest) = e;
    t->newest = e;
}

static void chain_in(struct table *t, struct table_entry *e)
{
    struct table_entry **bucket = &t->buckets[e->key.low & t->mask];

    e->chain = *bucket;
    *bucket = e;
}

/* Buckets are as many as the entries need, so that few of them are many pages apart. When memory is short
 * chains become longer. */
static void grow(struct table *t)
{
    size_t buckets = 2 * (t->mask + 1);
    struct table_entry **grown = pages_new(buckets, sizeof *grown);

    if (!grown)
        return;
    pages_free(t->buckets, t->mask + 1, sizeof *t->buckets);
    t->buckets = grown;
    t->mask = buckets - 1;
    for (struct table_entry *e = t->oldest; e; e = e->newer)
        chain_in(t, e);
}

void *table_add(struct table *t, const struct table_key *key)
{
    struct table_entry *e;

    if (t->n == t->max) {
        count(t->plan.evicted);
        if (t->plan.on_evict)
            t->plan.on_evict(t->plan.arg, t->oldest);
        table_remove(t, t->oldest);
    }
    e = calloc(1, t->plan.entry_size);
    if (!e)
        return NULL;
    if (t->n > t->mask)
        grow(t);
    e->key = *key;
    chain_in(t, e);
    list_put(t, e);
    t->n++;
    return e;
}

void table_touch(struct table *t, void *entry)
{
    if (t->newest == entry)
        return;
    list_take(t, entry);
    list_put(t, entry);
}

void *table_oldest(const struct table *t)
{
    return t->oldest;
}

void *table_newest(const struct table *t)
{
    return t->newest;
}

void table_remove(struct table *t, void *entry)
{
    struct table_entry *e = entry, **at = &t->buckets[e->key.low & t->mask];

    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    list_take(t, e);
    t->n--;
    free(e);
}

size_t table_n(const struct table *t)
{
    return t->n;
}

size_t table_bytes(const struct table *t)
{
    return t->n * (t->plan.entry_size + OVERHEAD);
}

/* The bucket to look at next: the first bit above those of the mask counts last. So when the table grows
 * between two pages, what was in the buckets seen so far lies in buckets that are passed over, and nothing
 * else does (as in SCAN of Redis). SIZE_MAX: that was the last. */
static size_t bucket_after(size_t at, size_t mask)
{
    size_t bit = (mask >> 1) + 1;

    at &= mask;
    while (bit && (at & bit)) {
        at &= ~bit;
        bit >>= 1;
    }
    return bit ? at | bit : SIZE_MAX;
}

/* Whole buckets, so that the place to go on at is a number. More than max in one of them has no chance to
 * happen by chance, and nobody who does not know the seed can bring it about: those beyond are left out. */
size_t table_page(const struct table *t, size_t *at, void **out, size_t max)
{
    size_t n = 0;

    for (unsigned look = 0; *at != SIZE_MAX && look < TABLE_LOOK; look++) {
        size_t before = n;
        struct table_entry *e;

        for (e = t->buckets[*at & t->mask]; e && n < max; e = e->chain)
            out[n++] = e;
        if (e && before > 0) /* the next page has room for it */
            return before;
        *at = bucket_after(*at, t->mask);
    }
    return n;
}

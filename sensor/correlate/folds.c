/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/folds.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* As in story_facts.c: more than disorder among workers. */
#define CLOCK_BACK_US UINT64_C(300000000)

struct folds {
    struct table *table; /* never touched: the oldest is the one whose window ends first */
    uint64_t window_us, seed, now_us;
    void (*ended)(void *arg, const struct fold *fold);
    void *arg;
};

static void on_evict(void *arg, void *entry)
{
    struct folds *f = arg;
    const struct fold *fold = entry;

    if (fold->n > 1)
        f->ended(f->arg, fold);
}

struct folds *folds_new(size_t max_bytes, uint64_t window_us, uint64_t seed,
                        void (*ended)(void *arg, const struct fold *fold), void *arg)
{
    struct folds *f = calloc(1, sizeof *f);
    struct table_plan plan = {.entry_size = sizeof(struct fold),
                              .max_bytes = max_bytes,
                              .evicted = COUNT_CORRELATE_FOLDS_EARLY,
                              .on_evict = on_evict,
                              .arg = f};

    if (!f)
        return NULL;
    f->window_us = window_us;
    f->seed = seed;
    f->ended = ended;
    f->arg = arg;
    f->table = table_new(&plan);
    if (f->table)
        return f;
    free(f);
    return NULL;
}

void folds_free(struct folds *f)
{
    if (!f)
        return;
    table_free(f->table);
    free(f);
}

static void hash_bytes(XXH3_state_t *x, uint64_t tag, struct bytes b)
{
    uint64_t head[2] = {tag, b.len};

    XXH3_128bits_update(x, head, sizeof head);
    if (b.len > 0)
        XXH3_128bits_update(x, b.p, b.len);
}

static void hash_end(XXH3_state_t *x, const struct record_head *h, unsigned side)
{
    hash_bytes(x, h->addr[side].version, bytes_of(h->addr[side].b, sizeof h->addr[side].b));
}

/* What else the message was: the same payload is sent to a hundred URLs. */
static bool is_around(enum attr_id id)
{
    return id >= ATTR_HTTP_METHOD && id <= ATTR_HTTP_CONTENT_TYPE;
}

struct table_key folds_key(const struct folds *f, const struct record *r, uint64_t incident)
{
    static const enum record_tag tags[] = {RECORD_LOCATION, RECORD_FIELD_NAME, RECORD_APP_PROTO, RECORD_RAW};
    const struct record_head *h = &r->head;
    const uint64_t numbers[] = {
        h->gid,      h->sid,      h->proto,   h->client == h->packet_side,
        incident,    h->conflict, h->n_vlans, h->port[!h->client], /* not the client's */
        h->vlans[0], h->vlans[1]};
    XXH128_hash_t hash;
    XXH3_state_t x;

    XXH3_INITSTATE(&x); /* xxhash.h: a state on the stack needs it before a seed */
    XXH3_128bits_reset_withSeed(&x, f->seed);
    XXH3_128bits_update(&x, numbers, sizeof numbers);
    hash_end(&x, h, h->client);
    hash_end(&x, h, !h->client);
    for (size_t k = 0; k < sizeof tags / sizeof *tags; k++)
        hash_bytes(&x, tags[k], r->item[tags[k]]);
    for (unsigned k = 0; k < r->attrs.n; k++)
        if (!is_around(r->attrs.v[k].id))
            hash_bytes(&x, RECORD_TAG_N + r->attrs.v[k].id, r->attrs.v[k].value);
    hash = XXH3_128bits_digest(&x);
    return (struct table_key){.low = hash.low64, .high = hash.high64};
}

static void end(struct folds *f, struct fold *fold)
{
    if (fold->n > 1)
        f->ended(f->arg, fold);
    table_remove(f->table, fold);
}

/* A capture file that is read behind a later one brings times from before the window. */
static bool is_within(const struct folds *f, const struct fold *fold, uint64_t ts_us)
{
    uint64_t apart = ts_us > fold->first_us ? ts_us - fold->first_us : fold->first_us - ts_us;

    return apart <= f->window_us;
}

bool folds_count(struct folds *f, const struct table_key *key, const struct record *r)
{
    struct fold *fold = table_find(f->table, key);

    if (!fold)
        return false;
    if (!is_within(f, fold, r->head.ts_us)) {
        end(f, fold);
        return false;
    }
    fold->n++;
    if (r->head.ts_us >= fold->last.ts_us)
        fold->last = r->head;
    count(COUNT_ALERTS_FOLDED);
    return true;
}

static void keep(char *out, size_t size, struct bytes text)
{
    if (text.len < size && text.len > 0)
        memcpy(out, text.p, text.len); /* the entry is zero */
}

void folds_begin(struct folds *f, const struct table_key *key, const struct record *r, enum stage stage,
                 uint64_t incident, enum incident_verdict verdict, uint8_t confidence)
{
    struct fold *fold = table_add(f->table, key);

    if (!fold)
        return;
    fold->n = 1;
    fold->first_us = r->head.ts_us;
    fold->first_packet = r->head.packet;
    fold->first_flow_id = r->head.flow_id;
    fold->due_us = f->now_us + f->window_us;
    fold->incident = incident;
    fold->stage = (uint8_t)stage;
    fold->verdict = (uint8_t)verdict;
    fold->confidence = confidence;
    fold->last = r->head;
    keep(fold->app_proto, sizeof fold->app_proto, r->item[RECORD_APP_PROTO]);
    keep(fold->name, sizeof fold->name, attrs_get(&r->attrs, ATTR_JNDI_NAME));
}

void folds_clock(struct folds *f, uint64_t now_us)
{
    struct fold *fold;

    if (now_us + CLOCK_BACK_US < f->now_us) {
        folds_finish(f);
        f->now_us = now_us;
    }
    if (now_us > f->now_us)
        f->now_us = now_us;
    while ((fold = table_oldest(f->table)) && fold->due_us <= f->now_us)
        end(f, fold);
}

void folds_finish(struct folds *f)
{
    struct fold *fold;

    while ((fold = table_oldest(f->table)))
        end(f, fold);
}

size_t folds_bytes(const struct folds *f)
{
    return table_bytes(f->table);
}

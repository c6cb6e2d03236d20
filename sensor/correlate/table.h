/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_TABLE_H
#define CORRELATE_TABLE_H

#include "base/addr.h"
#include "base/count.h"

/* Entries of one size, found by a key, under a ceiling of bytes: full, the one least recently touched makes
 * room. What is kept depends on what was asked alone, never on the hash: with any secret the same entries
 * live. */
struct table;

/* 128 bits of a hash with a secret seed stand for the key: whoever does not know the seed makes no two equal.
 */
struct table_key {
    uint64_t low, high;
};

/* A key is written part by part. Two keys are equal when all their parts are. */
struct table_text {
    uint8_t bytes[640];
    size_t len;
};

void key_begin(struct table_text *t, uint8_t kind);
void key_addr(struct table_text *t, const struct addr *a);
void key_number(struct table_text *t, uint64_t n);
void key_name(struct table_text *t, struct bytes name); /* ASCII case does not count; 255 bytes do */
struct table_key key_end(const struct table_text *t, uint64_t seed);

/* The first member of each entry; its own affair. */
struct table_entry {
    struct table_entry *chain, *older, *newer;
    struct table_key key;
};

struct table_plan {
    size_t entry_size;                        /* of a struct that begins with a struct table_entry */
    size_t max_bytes;                         /* this is the ceiling, or: */
    size_t max_entries;                       /* unless 0 */
    enum counter evicted;                     /* counts who had to make room */
    void (*on_evict)(void *arg, void *entry); /* before it is gone; may be NULL */
    void *arg;
};

/* At least 16 entries. NULL when memory is short. */
struct table *table_new(const struct table_plan *plan);
void table_free(struct table *t); /* on_evict is not called; NULL is welcome */

void *table_find(const struct table *t, const struct table_key *key); /* NULL when there is none */

/* A fresh entry, zero but for its place, the latest touched. The key must be unknown. NULL when memory is
 * short. */
void *table_add(struct table *t, const struct table_key *key);

void table_touch(struct table *t, void *entry);
void *table_oldest(const struct table *t);       /* NULL when empty */
void *table_newest(const struct table *t);       /* the same */
void table_remove(struct table *t, void *entry); /* without on_evict */
size_t table_n(const struct table *t);
size_t table_bytes(const struct table *t); /* as max_bytes counts them */

/* For whoever looks on: at most max entries from *at on (0 at first), which is SIZE_MAX when all have been
 * seen; how many. Each entry that lives from the first call to the last is in one of them, in no order. Each
 * call costs at most TABLE_LOOK looks. */
#define TABLE_LOOK 2048
size_t table_page(const struct table *t, size_t *at, void **out, size_t max);

#endif

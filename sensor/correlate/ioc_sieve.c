/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/ioc_sieve.h"
#include "base/mix.h"
#include "correlate/ioc_key.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_WORDS \
    ((size_t)1 << 17) /* a megabyte: of half a million entries one name in seventeen looks like one */
#define MIN_WORDS ((size_t)1 << 9) /* a page */

/* Of the words as many are in use as the list needs: pages and cache lines beyond are never touched. */
struct shared {
    uint64_t n; /* entries; 0: nothing is asked */
    uint64_t seed;
    uint64_t mask; /* words in use, less one */
    struct ioc_lengths lengths;
    uint64_t words[MAX_WORDS];
};

/* A set in the making. Each entry is in it under the mask that is in force and under the next one: a worker
 * that has read the one before the other was written finds it all the same. */
struct filling {
    uint64_t *words;
    uint64_t masks[2];
    uint64_t seed;
    struct ioc_lengths lengths;
};

struct ioc_sieve {
    struct shared *writer; /* gone in workers: MADV_DONTFORK */
    const struct shared *view;
};

/* Once sealed, the descriptor gives no further mapping that can be written, nor one that can become so. */
static bool map(struct ioc_sieve *s, int fd)
{
    void *writer, *view;

    if (fd < 0 || ftruncate(fd, sizeof *s->writer) != 0)
        return false;
    writer = mmap(NULL, sizeof *s->writer, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (writer == MAP_FAILED)
        return false;
    s->writer = writer;
    if (madvise(writer, sizeof *s->writer, MADV_DONTFORK) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE) != 0)
        return false;
    view = mmap(NULL, sizeof *s->view, PROT_READ, MAP_SHARED, fd, 0);
    if (view == MAP_FAILED)
        return false;
    s->view = view;
    return true;
}

struct ioc_sieve *ioc_sieve_new(bool fixed)
{
    struct ioc_sieve *s = calloc(1, sizeof *s);
    int fd = s ? memfd_create("ioc-sieve", MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;
    bool mapped = s && map(s, fd);
    uint64_t secrets[MIX_SECRETS];

    if (fd >= 0)
        close(fd);
    if (mapped) {
        mix_secrets(fixed, secrets);
        s->writer->seed = secrets[0];
        s->writer->mask = MIN_WORDS - 1;
        return s;
    }
    ioc_sieve_free(s);
    return NULL;
}

void ioc_sieve_free(struct ioc_sieve *s)
{
    if (!s)
        return;
    if (s->writer)
        munmap(s->writer, sizeof *s->writer);
    if (s->view)
        munmap((void *)(uintptr_t)s->view, sizeof *s->view);
    free(s);
}

static void put(struct filling *f, const struct ioc_key *k)
{
    uint64_t hash = ioc_key_hash(k, f->seed);

    for (unsigned i = 0; i < 2; i++)
        f->words[hash / 64 & f->masks[i]] |= UINT64_C(1) << hash % 64;
}

static void put_net(struct filling *f, const struct addr *a, unsigned prefix_bits)
{
    struct ioc_key k;

    ioc_key_net(&k, a, prefix_bits);
    ioc_lengths_add(&f->lengths, a->version, prefix_bits);
    put(f, &k);
}

/* By its host a server or a URL is found as well. */
static void put_host(struct filling *f, struct bytes host)
{
    struct ioc_key k;
    struct addr a;

    if (addr_parse(host, &a))
        put_net(f, &a, a.version == 4 ? 32 : 128);
    else if (ioc_key_domain(&k, host))
        put(f, &k);
}

static void put_item(struct filling *f, const struct ioc *i)
{
    struct bytes text = bytes_str(i->text), host;
    struct ioc_url url;
    struct ioc_key k;
    struct net net;
    uint16_t port;

    if (i->kind == IOC_NETWORK && net_parse(text, &net))
        put_net(f, &net.addr, net.prefix_bits);
    else if (i->kind == IOC_SHA256 && ioc_key_sha256(&k, text))
        put(f, &k);
    else if (i->kind == IOC_URL && ioc_url_split(text, &url))
        put_host(f, url.host);
    else if (i->kind == IOC_SERVER && ioc_server_split(text, &host, &port))
        put_host(f, host);
    else
        put_host(f, text);
}

/* At least a word for an entry: at most one name in sixty-four looks like one of them. */
static uint64_t mask_for(size_t n)
{
    size_t words = MIN_WORDS;

    while (words < n && words < MAX_WORDS)
        words *= 2;
    return words - 1;
}

static void store(uint64_t *to, uint64_t value)
{
    __atomic_store_n(to, value, __ATOMIC_RELEASE);
}

/* Memory is short: everything may be on a list. Slow, and nothing is missed. */
static void fill_whole(struct shared *w, size_t n)
{
    for (size_t i = 0; i <= w->mask; i++)
        store(&w->words[i], UINT64_MAX);
    memset(&w->lengths, 0xff, sizeof w->lengths);
    store(&w->n, n);
}

void ioc_sieve_fill(struct ioc_sieve *s, const struct iocs *list)
{
    struct shared *w = s->writer;
    struct filling f = {.masks = {w->mask, mask_for(iocs_n(list))}, .seed = w->seed};
    uint64_t last = f.masks[0] > f.masks[1] ? f.masks[0] : f.masks[1];

    f.words = calloc(last + 1, sizeof *f.words);
    if (!f.words) {
        fill_whole(w, iocs_n(list));
        return;
    }
    for (size_t i = 0; i < iocs_n(list); i++)
        put_item(&f, iocs_at(list, i));
    /* Each word goes from the old set to the new one at once. */
    for (size_t i = 0; i <= last; i++)
        if (w->words[i] != f.words[i])
            store(&w->words[i], f.words[i]);
    store(&w->lengths.v4, f.lengths.v4);
    for (unsigned i = 0; i < 3; i++)
        store(&w->lengths.v6[i], f.lengths.v6[i]);
    store(&w->mask, f.masks[1]);
    store(&w->n, iocs_n(list));
    free(f.words);
}

static bool has(const struct shared *v, const struct ioc_key *k)
{
    uint64_t hash = ioc_key_hash(k, v->seed), mask = __atomic_load_n(&v->mask, __ATOMIC_ACQUIRE);

    return __atomic_load_n(&v->words[hash / 64 & mask], __ATOMIC_RELAXED) >> hash % 64 & 1;
}

static bool asks(const struct ioc_sieve *s)
{
    return s && __atomic_load_n(&s->view->n, __ATOMIC_RELAXED) > 0;
}

bool ioc_sieve_addr(const struct ioc_sieve *s, const struct addr *a)
{
    unsigned bits = 129;
    struct ioc_key k;

    if (!asks(s) || a->version == 0)
        return false;
    while (ioc_lengths_next(&s->view->lengths, a->version, &bits)) {
        ioc_key_net(&k, a, bits);
        if (has(s->view, &k))
            return true;
    }
    return false;
}

bool ioc_sieve_host(const struct ioc_sieve *s, struct bytes host)
{
    struct ioc_key k;
    struct addr a;
    size_t at = 0;

    if (!asks(s))
        return false;
    if (addr_parse(host, &a))
        return ioc_sieve_addr(s, &a);
    while (ioc_walk_domains(host, &at, &k))
        if (has(s->view, &k))
            return true;
    return false;
}

bool ioc_sieve_sha256(const struct ioc_sieve *s, struct bytes hex)
{
    struct ioc_key k;

    return asks(s) && ioc_key_sha256(&k, hex) && has(s->view, &k);
}

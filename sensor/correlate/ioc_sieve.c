/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/ioc_sieve.h"
#include "base/mix.h"
#include "correlate/ioc_key.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define N_WORDS \
    ((size_t)1 << 17) /* a megabyte: of half a million entries one name in seventeen looks like one */

struct shared {
    uint64_t n; /* entries; 0: nothing is asked */
    uint64_t seed;
    struct ioc_lengths lengths;
    uint64_t words[N_WORDS];
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

struct ioc_sieve *ioc_sieve_new(void)
{
    struct ioc_sieve *s = calloc(1, sizeof *s);
    int fd = s ? memfd_create("ioc-sieve", MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;
    bool mapped = s && map(s, fd);
    uint64_t secrets[MIX_SECRETS];

    if (fd >= 0)
        close(fd);
    if (mapped) {
        mix_secrets(false, secrets);
        s->writer->seed = secrets[0];
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

static void put(uint64_t *words, const struct ioc_key *k, uint64_t seed)
{
    uint64_t hash = ioc_key_hash(k, seed);

    words[hash / 64 % N_WORDS] |= UINT64_C(1) << hash % 64;
}

static bool has(const struct shared *v, const struct ioc_key *k)
{
    uint64_t hash = ioc_key_hash(k, v->seed);

    return __atomic_load_n(&v->words[hash / 64 % N_WORDS], __ATOMIC_RELAXED) >> hash % 64 & 1;
}

/* By its host a server or a URL is found as well. */
static void put_host(uint64_t *words, struct ioc_lengths *lengths, struct bytes host, uint64_t seed)
{
    struct ioc_key k;
    struct addr a;

    if (addr_parse(host, &a)) {
        ioc_key_net(&k, &a, a.version == 4 ? 32 : 128);
        ioc_lengths_add(lengths, a.version, a.version == 4 ? 32 : 128);
        put(words, &k, seed);
    } else if (ioc_key_domain(&k, host)) {
        put(words, &k, seed);
    }
}

static void put_item(uint64_t *words, struct ioc_lengths *lengths, const struct ioc *i, uint64_t seed)
{
    struct bytes text = bytes_str(i->text), host;
    struct ioc_url url;
    struct ioc_key k;
    struct net net;
    uint16_t port;

    if (i->kind == IOC_NETWORK && net_parse(text, &net)) {
        ioc_key_net(&k, &net.addr, net.prefix_bits);
        ioc_lengths_add(lengths, net.addr.version, net.prefix_bits);
        put(words, &k, seed);
    } else if (i->kind == IOC_SHA256 && ioc_key_sha256(&k, text)) {
        put(words, &k, seed);
    } else if (i->kind == IOC_URL && ioc_url_split(text, &url)) {
        put_host(words, lengths, url.host, seed);
    } else if (i->kind == IOC_SERVER && ioc_server_split(text, &host, &port)) {
        put_host(words, lengths, host, seed);
    } else {
        put_host(words, lengths, text, seed);
    }
}

void ioc_sieve_fill(struct ioc_sieve *s, const struct iocs *list)
{
    uint64_t *words = calloc(N_WORDS, sizeof *words);
    struct ioc_lengths lengths = {.v4 = 0};

    if (!words) { /* everything may be on a list: slow, and nothing is missed */
        for (size_t i = 0; i < N_WORDS; i++)
            __atomic_store_n(&s->writer->words[i], UINT64_MAX, __ATOMIC_RELAXED);
        memset(&s->writer->lengths, 0xff, sizeof s->writer->lengths);
        s->writer->n = iocs_n(list);
        return;
    }
    for (size_t i = 0; i < iocs_n(list); i++)
        put_item(words, &lengths, iocs_at(list, i), s->writer->seed);
    /* Each word goes from the old set to the new one at once. */
    for (size_t i = 0; i < N_WORDS; i++)
        if (s->writer->words[i] != words[i])
            __atomic_store_n(&s->writer->words[i], words[i], __ATOMIC_RELAXED);
    __atomic_store(&s->writer->lengths.v4, &lengths.v4, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < 3; i++)
        __atomic_store(&s->writer->lengths.v6[i], &lengths.v6[i], __ATOMIC_RELAXED);
    __atomic_store_n(&s->writer->n, iocs_n(list), __ATOMIC_RELAXED);
    free(words);
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

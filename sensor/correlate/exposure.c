/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/exposure.h"
#include "base/mix.h"
#include "correlate/incident.h"

#include <stdio.h>
#include <stdlib.h>

struct exposure {
    struct table *hosts;
    uint64_t seed;
};

static const char *const loads_names[LOADS_N] = {"unknown", "no", "likely", "yes"};

const char *exposure_loads_name(enum exposure_loads l)
{
    return loads_names[l];
}

struct exposure *exposure_new(const struct config *config)
{
    struct exposure *e = calloc(1, sizeof *e);
    uint64_t secrets[MIX_SECRETS];

    if (!e)
        return NULL;
    mix_secrets(config->deterministic, secrets);
    e->seed = secrets[0];
    e->hosts = table_new(&(struct table_plan){.entry_size = sizeof(struct exposure_host),
                                              .max_entries = config->exposure_max_hosts,
                                              .evicted = COUNT_EXPOSURE_FORGOTTEN});
    if (e->hosts)
        return e;
    free(e);
    return NULL;
}

void exposure_free(struct exposure *e)
{
    if (!e)
        return;
    table_free(e->hosts);
    free(e);
}

/* --- versions --- */

static bool is_version_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '+' || (c >= 'a' && c <= 'z');
}

struct bytes exposure_version(struct bytes agent)
{
    static const struct bytes words[] = {BYTES_LIT("Java/"), BYTES_LIT("Java-http-client/")};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t at = bytes_find(agent, words[i]);
        struct bytes rest;
        size_t n = 0;

        if (at == BYTES_NONE || (at > 0 && !memchr(" (;,", agent.p[at - 1], 4)))
            continue;
        rest = bytes_from(agent, at + words[i].len);
        while (n < rest.len && is_version_byte(rest.p[n]))
            n++;
        if (n > 0 && rest.p[0] >= '1' && rest.p[0] <= '9')
            return bytes_slice(rest, 0, n);
    }
    return (struct bytes){NULL, 0};
}

/* The number at the front; moves b behind it and one separator. */
static uint64_t take_number(struct bytes *b)
{
    size_t n = 0;
    uint64_t value = 0;

    while (n < b->len && b->p[n] >= '0' && b->p[n] <= '9')
        n++;
    if (!bytes_to_u64(bytes_slice(*b, 0, n), 100000, &value))
        value = 0;
    *b = bytes_from(*b, n < b->len ? n + 1 : n);
    return value;
}

enum exposure_loads exposure_loads_of(struct bytes version)
{
    static const struct {
        unsigned feature, update;
    } mended[] = {{6, 211}, {7, 201}, {8, 191}};
    bool old_style = bytes_starts(version, BYTES_LIT("1."));
    bool has_update = bytes_find_byte(version, '_') != BYTES_NONE;
    uint64_t feature = take_number(&version), minor, update;

    if (feature == 0)
        return LOADS_UNKNOWN;
    if (old_style) { /* 1.8.0_181 */
        feature = take_number(&version);
        (void)take_number(&version);
        update = has_update ? take_number(&version) : 0;
        for (size_t i = 0; i < sizeof mended / sizeof *mended; i++)
            if (feature == mended[i].feature)
                return update >= mended[i].update ? LOADS_NO : LOADS_LIKELY;
        return feature < 6 ? LOADS_LIKELY : LOADS_UNKNOWN;
    }
    if (feature == 8) /* by its hello: of which update is not known */
        return LOADS_UNKNOWN;
    if (feature < 11)
        return LOADS_LIKELY;
    (void)take_number(&version);
    minor = take_number(&version);
    return feature > 11 || minor >= 1 ? LOADS_NO : LOADS_LIKELY;
}

static void note_version(struct exposure_host *h, struct bytes text, bool tls, uint64_t ts_us)
{
    unsigned at = 0, eldest = 0;
    size_t n = text.len < sizeof h->versions[0].text - 1 ? text.len : sizeof h->versions[0].text - 1;

    text = bytes_slice(text, 0, n);
    while (at < h->n_versions &&
           (h->versions[at].tls != tls || !bytes_eq(bytes_str(h->versions[at].text), text)))
        at++;
    if (at == h->n_versions) {
        for (unsigned i = 1; i < h->n_versions; i++)
            if (h->versions[i].last_us < h->versions[eldest].last_us)
                eldest = i;
        if (h->n_versions < EXPOSURE_VERSIONS)
            h->n_versions++;
        else
            at = eldest;
        memset(&h->versions[at], 0, sizeof h->versions[at]);
        memcpy(h->versions[at].text, text.p, text.len);
        h->versions[at].tls = tls;
        h->versions[at].first_us = ts_us;
    }
    if (ts_us > h->versions[at].last_us)
        h->versions[at].last_us = ts_us;
}

/* --- hosts --- */

static struct table_key key_of(const struct exposure *e, const struct addr *a)
{
    struct table_text t;

    key_begin(&t, 0);
    key_addr(&t, a);
    return key_end(&t, e->seed);
}

static struct exposure_host *host_of(struct exposure *e, const struct addr *a, uint64_t ts_us)
{
    struct table_key key = key_of(e, a);
    struct exposure_host *h = table_find(e->hosts, &key);

    if (!h) {
        h = table_add(e->hosts, &key);
        if (!h)
            return NULL;
        h->addr = *a;
        h->first_us = ts_us;
    }
    table_touch(e->hosts, h);
    if (ts_us > h->last_us)
        h->last_us = ts_us;
    return h;
}

void exposure_client(struct exposure *e, const struct fact *fact, const struct fact_client *c)
{
    struct bytes text = bytes_of(c->text, c->text_len), version = {NULL, 0};
    struct exposure_host *h;

    if (c->shows == SHOWS_AGENT) {
        version = exposure_version(text);
        if (version.len == 0)
            return; /* a browser that mentions it */
    }
    h = host_of(e, &c->client, fact->ts_us);
    if (!h)
        return;
    if (c->shows == SHOWS_TLS && bytes_starts(text, BYTES_LIT("Java ")))
        version = bytes_from(text, 5);
    if (version.len > 0)
        note_version(h, version, c->shows == SHOWS_TLS, fact->ts_us);
    if (h->shows[c->shows].n++ == 0)
        h->shows[c->shows].first_us = fact->ts_us;
    if (fact->ts_us > h->shows[c->shows].last_us)
        h->shows[c->shows].last_us = fact->ts_us;
}

/* A mere attempt says nothing of the host. */
void exposure_alert(struct exposure *e, const struct alert *a)
{
    struct exposure_host *h;
    uint64_t ts_us = a->record->head.ts_us;

    if (!a->incident || a->fold || a->verdict < VERDICT_VULNERABLE || a->incident->victim.version == 0)
        return;
    h = host_of(e, &a->incident->victim, ts_us);
    if (!h)
        return;
    h->fetched = h->fetched || incident_seen(a->incident, STAGE_CLASS_DELIVERY) != NULL;
    if (a->verdict > h->verdict) {
        h->verdict = (uint8_t)a->verdict;
        h->incident = a->incident->id;
        h->verdict_us = ts_us;
    }
}

enum exposure_loads exposure_loads_remote(const struct exposure_host *h)
{
    enum exposure_loads worst = LOADS_UNKNOWN;

    if (h->fetched)
        return LOADS_YES;
    for (unsigned i = 0; i < h->n_versions; i++) {
        enum exposure_loads l = exposure_loads_of(bytes_str(h->versions[i].text));

        if (l > worst)
            worst = l;
    }
    return worst;
}

const struct exposure_host *exposure_find(const struct exposure *e, const struct addr *a)
{
    struct table_key key = key_of(e, a);

    return table_find(e->hosts, &key);
}

size_t exposure_latest(const struct exposure *e, const struct exposure_host **out, size_t max)
{
    size_t n = 0;

    for (struct exposure_host *h = table_newest(e->hosts); h && n < max; h = (void *)h->entry.older)
        out[n++] = h;
    return n;
}

size_t exposure_page(const struct exposure *e, size_t *at, const struct exposure_host **out, size_t max)
{
    void *entries[64];
    size_t n = table_page(e->hosts, at, entries, max < 64 ? max : 64);

    for (size_t i = 0; i < n; i++)
        out[i] = entries[i];
    return n;
}

size_t exposure_n(const struct exposure *e)
{
    return table_n(e->hosts);
}

static int by_addr(const void *a, const void *b)
{
    const struct exposure_host *x = *(const struct exposure_host *const *)a,
                               *y = *(const struct exposure_host *const *)b;

    if (x->addr.version != y->addr.version)
        return x->addr.version < y->addr.version ? -1 : 1;
    return memcmp(x->addr.b, y->addr.b, sizeof x->addr.b);
}

const struct exposure_host **exposure_sort(const struct exposure *e, size_t *n)
{
    const struct exposure_host **sorted;
    size_t k = 0;

    *n = table_n(e->hosts);
    sorted = *n > 0 ? malloc(*n * sizeof *sorted) : NULL;
    if (!sorted) {
        *n = 0;
        return NULL;
    }
    for (struct exposure_host *h = table_oldest(e->hosts); h && k < *n; h = (void *)h->entry.newer)
        sorted[k++] = h;
    *n = k;
    qsort(sorted, k, sizeof *sorted, by_addr);
    return sorted;
}

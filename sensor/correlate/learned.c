/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/learned.h"
#include "base/mix.h"
#include "correlate/ioc_key.h"
#include "correlate/places.h"

#include <stdlib.h>
#include <xxhash.h>

struct learned {
    const struct config *config;
    struct table *items, *spared;
    struct iocs *never;
    uint64_t seed;
    bool changed;
};

static const char *const kind_names[LEARNED_KIND_N] = {
    [LEARNED_ADDRESS] = "address", [LEARNED_SENDER] = "sender", [LEARNED_DOMAIN] = "domain",
    [LEARNED_URL] = "url",         [LEARNED_SHA256] = "sha256",
};

const char *learned_kind_name(enum learned_kind k)
{
    return kind_names[k];
}

struct learned *learned_new(const struct config *config)
{
    struct learned *l = calloc(1, sizeof *l);
    uint64_t secrets[MIX_SECRETS];

    if (!l)
        return NULL;
    mix_secrets(config->deterministic, secrets);
    l->seed = secrets[0];
    l->config = config;
    l->items = table_new(&(struct table_plan){.entry_size = sizeof(struct learned_item),
                                              .max_entries = config->learned_max_items,
                                              .evicted = COUNT_LEARNED_FORGOTTEN});
    l->spared = table_new(&(struct table_plan){.entry_size = sizeof(struct table_entry),
                                               .max_entries = LEARNED_SPARED,
                                               .evicted = COUNT_LEARNED_SPARED_FORGOTTEN});
    if (l->items && l->spared)
        return l;
    learned_free(l);
    return NULL;
}

void learned_free(struct learned *l)
{
    if (!l)
        return;
    table_free(l->items);
    table_free(l->spared);
    iocs_free(l->never);
    free(l);
}

void learned_set_never(struct learned *l, struct iocs *never)
{
    iocs_free(l->never);
    l->never = never;
}

static struct table_key key_of(const struct learned *l, enum learned_kind kind, struct bytes text)
{
    struct table_text t;

    key_begin(&t, (uint8_t)kind);
    key_number(&t, XXH3_64bits_withSeed(text.p, text.len, l->seed)); /* case counts in URLs */
    key_number(&t, XXH3_64bits_withSeed(text.p, text.len, ~l->seed));
    return key_end(&t, l->seed);
}

/* --- what must not be blocked --- */

static struct table_key key_of_spared(const struct learned *l, const struct addr *a)
{
    struct table_text t;

    key_begin(&t, LEARNED_KIND_N);
    key_addr(&t, a);
    return key_end(&t, l->seed);
}

static void spare(struct learned *l, const struct addr *a)
{
    struct table_key key = key_of_spared(l, a);
    char text[ADDR_TEXT];
    void *there = table_find(l->spared, &key);

    if (there)
        table_touch(l->spared, there);
    else
        table_add(l->spared, &key);
    addr_print(a, text);
    key = key_of(l, LEARNED_ADDRESS, bytes_str(text));
    there = table_find(l->items, &key);
    if (!there)
        return;
    count(COUNT_LEARNED_SPARED);
    table_remove(l->items, there);
    l->changed = true;
}

static bool is_shared_name(const struct learned *l, const struct labeller *labeller, struct bytes host)
{
    return host.len > 0 && (iocs_by_host(l->never, host) || iocs_by_host(labeller_allowed(labeller), host));
}

void learned_name(struct learned *l, const struct labeller *labeller, const struct fact_name *f)
{
    if (f->n_addrs == 0 || !is_shared_name(l, labeller, bytes_of(f->name, f->name_len)))
        return;
    for (unsigned k = 0; k < f->n_addrs; k++)
        spare(l, &f->addrs[k]);
}

/* The server of a request by such a name, whoever resolved it. */
static void spare_called(struct learned *l, const struct labeller *labeller, const struct record *r)
{
    struct bytes host;
    uint16_t port;

    if (place_authority(r->item[RECORD_HTTP_HOST], 80, &host, &port) && is_shared_name(l, labeller, host))
        spare(l, &r->head.addr[!r->head.client]);
}

/* No host has it (RFC 6890): this network, loopback, link-local, where clouds tell their guests secrets,
 * multicast and what is beyond it. */
static bool is_special(const struct addr *a)
{
    static const struct {
        uint8_t version, bytes[2], mask[2];
    } rows[] = {{4, {0, 0}, {0xff, 0}},    {4, {127, 0}, {0xff, 0}},        {4, {169, 254}, {0xff, 0xff}},
                {4, {0xe0, 0}, {0xe0, 0}}, {6, {0xfe, 0x80}, {0xff, 0xc0}}, {6, {0xff, 0}, {0xff, 0}},
                {6, {0, 0}, {0xff, 0xff}}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].version == a->version && (a->b[0] & rows[i].mask[0]) == rows[i].bytes[0] &&
            (a->b[1] & rows[i].mask[1]) == rows[i].bytes[1])
            return true;
    return false;
}

static bool is_spared(const struct learned *l, const struct addr *a)
{
    struct table_key key = key_of_spared(l, a);

    return iocs_by_addr(l->never, a) || table_find(l->spared, &key);
}

/* --- lessons --- */

/* What one alert teaches. */
struct lesson {
    struct learned *learned;
    const struct labeller *labeller;
    const struct alert *alert;
};

static void learn(const struct lesson *x, enum learned_kind kind, struct bytes text)
{
    struct table_key key;
    struct learned_item *i;
    uint64_t ts_us = x->alert->record->head.ts_us;

    if (text.len == 0 || text.len > LEARNED_TEXT_MAX)
        return;
    key = key_of(x->learned, kind, text);
    i = table_find(x->learned->items, &key);
    if (i) {
        table_touch(x->learned->items, i);
    } else {
        i = table_add(x->learned->items, &key);
        if (!i)
            return;
        i->kind = (uint8_t)kind;
        i->first_us = i->last_us = ts_us;
        i->len = (uint16_t)text.len;
        memcpy(i->text, text.p, text.len);
    }
    if (ts_us > i->last_us)
        i->last_us = ts_us;
    if (ts_us < i->first_us)
        i->first_us = ts_us;
    if (x->alert->verdict >= i->verdict)
        i->incident = x->alert->incident->id;
    if (x->alert->verdict > i->verdict)
        i->verdict = (uint8_t)x->alert->verdict;
    i->n++;
    x->learned->changed = true;
}

static void learn_addr(const struct lesson *x, enum learned_kind kind, const struct addr *a)
{
    char text[ADDR_TEXT];

    if (a->version == 0 || labeller_is_home(x->labeller, a) ||
        iocs_by_addr(labeller_allowed(x->labeller), a) || labeller_is_ours(x->labeller, a) || is_special(a))
        return;
    if (is_spared(x->learned, a)) {
        count(COUNT_LEARNED_SPARED);
        return;
    }
    addr_print(a, text);
    learn(x, kind, bytes_str(text));
}

/* A name with ${...} in it is asked for below what stands behind the last of them. */
static void learn_host(const struct lesson *x, struct bytes host)
{
    struct ioc_key k;
    struct addr a;
    size_t dot;

    if (addr_parse(host, &a)) {
        learn_addr(x, LEARNED_ADDRESS, &a);
        return;
    }
    if (leak_is_pattern(host)) {
        host = leak_tail(host);
        dot = bytes_find_byte(host, '.');
        host = dot == BYTES_NONE ? (struct bytes){NULL, 0} : bytes_from(host, dot + 1);
    }
    if (iocs_by_host(x->learned->never, host)) {
        count(COUNT_LEARNED_SPARED);
        return;
    }
    if (!iocs_by_host(labeller_allowed(x->labeller), host) && ioc_key_domain(&k, host))
        learn(x, LEARNED_DOMAIN, bytes_of(k.bytes, k.len));
}

static void learn_url(const struct lesson *x, struct bytes text)
{
    struct ioc_url url;
    struct ioc_key k;
    struct addr a;

    if (!ioc_url_split(text, &url) || iocs_by_host(labeller_allowed(x->labeller), url.host) ||
        (addr_parse(url.host, &a) && labeller_is_home(x->labeller, &a)))
        return;
    if (ioc_key_url(&k, text))
        learn(x, LEARNED_URL, bytes_of(k.bytes, k.len));
    if (!addr_parse(url.host,
                    &a)) /* whoever answers may name any address: it is learned when the victim calls there */
        learn_host(x, url.host);
}

static void learn_attrs(const struct lesson *x, const struct attrs *attrs)
{
    for (unsigned k = 0; k < attrs->n; k++) {
        struct bytes value = attrs->v[k].value;

        if (attrs->v[k].id == ATTR_JAVA_CODEBASE || attrs->v[k].id == ATTR_LDAP_REFERRAL)
            learn_url(x, value);
        else if (attrs->v[k].id == ATTR_JAVA_SHA256)
            learn(x, LEARNED_SHA256, value);
    }
}

/* Whom the victim met on the way. A resolver is its own. */
static void learn_marks(const struct lesson *x, const struct incident *i)
{
    for (const struct mark *m = i->marks; m; m = m->next)
        if (m->stage == STAGE_LOOKUP)
            learn_addr(x, LEARNED_SENDER, &m->peer);
        else if (m->stage != STAGE_RESOLUTION && !(m->proto == PROTO_UDP && m->port == 53))
            learn_addr(x, LEARNED_ADDRESS, &m->peer);
}

/* Whom the victim has just called: of each stage, the incident keeps the first alone. */
static void learn_server(const struct lesson *x)
{
    const struct record_head *h = &x->alert->record->head;

    if (x->alert->stage != STAGE_LOOKUP && x->alert->stage != STAGE_RESOLUTION && h->proto == PROTO_TCP &&
        h->port[!h->client] != 53)
        learn_addr(x, LEARNED_ADDRESS, &h->addr[!h->client]);
}

void learned_alert(struct learned *l, const struct labeller *labeller, const struct alert *a)
{
    const struct lesson x = {l, labeller, a};

    if (!a->incident || a->fold || a->verdict < l->config->learned_from + VERDICT_ATTEMPTED ||
        (a->labels && (a->labels->set & ~(UINT32_C(1) << LABEL_IOC))))
        return;
    spare_called(l, labeller, a->record);
    learn_attrs(&x, &a->record->attrs);
    if (a->incident->host)
        learn_host(&x, bytes_str(a->incident->host));
    learn_marks(&x, a->incident);
    learn_server(&x);
}

static int by_kind_and_text(const void *a, const void *b)
{
    const struct learned_item *x = *(const struct learned_item *const *)a,
                              *y = *(const struct learned_item *const *)b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = (int)x->kind - (int)y->kind;

    if (!order)
        order = memcmp(x->text, y->text, len);
    return order ? order : (int)x->len - (int)y->len;
}

const struct learned_item **learned_sort(const struct learned *l, size_t *n)
{
    const struct learned_item **sorted;
    size_t k = 0;

    *n = table_n(l->items);
    sorted = *n > 0 ? malloc(*n * sizeof *sorted) : NULL;
    if (!sorted) {
        *n = 0;
        return NULL;
    }
    for (struct learned_item *i = table_oldest(l->items); i && k < *n; i = (void *)i->entry.newer)
        sorted[k++] = i;
    *n = k;
    qsort(sorted, k, sizeof *sorted, by_kind_and_text);
    return sorted;
}

bool learned_changed(struct learned *l)
{
    bool changed = l->changed;

    l->changed = false;
    return changed;
}

size_t learned_n(const struct learned *l)
{
    return table_n(l->items);
}

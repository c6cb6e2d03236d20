/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/learned.h"
#include "base/mix.h"
#include "correlate/ioc_key.h"

#include <stdlib.h>
#include <xxhash.h>

struct learned {
    const struct config *config;
    struct table *items;
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
                                              .max_bytes = config->learned_max_items *
                                                           (sizeof(struct learned_item) + 2 * sizeof(void *)),
                                              .evicted = COUNT_LEARNED_FORGOTTEN});
    if (l->items)
        return l;
    free(l);
    return NULL;
}

void learned_free(struct learned *l)
{
    if (!l)
        return;
    table_free(l->items);
    free(l);
}

/* What one alert teaches. */
struct lesson {
    struct learned *learned;
    const struct labeller *labeller;
    const struct alert *alert;
};

static void learn(const struct lesson *x, enum learned_kind kind, struct bytes text)
{
    struct table_text t;
    struct table_key key;
    struct learned_item *i;
    uint64_t ts_us = x->alert->record->head.ts_us;

    if (text.len == 0 || text.len > LEARNED_TEXT_MAX)
        return;
    key_begin(&t, (uint8_t)kind);
    key_number(&t, XXH3_64bits_withSeed(text.p, text.len, x->learned->seed)); /* case counts in URLs */
    key_number(&t, XXH3_64bits_withSeed(text.p, text.len, ~x->learned->seed));
    key = key_end(&t, x->learned->seed);
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

    if (a->version == 0 || labeller_is_home(x->labeller, a) || iocs_by_addr(labeller_allowed(x->labeller), a))
        return;
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/ioc_watch.h"
#include "base/mix.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEN_MAX    255 /* bytes of what was seen that are kept for the alert */
#define WAITING_MAX 256 /* hits that an incident may tell; more are told at once */

/* A home host and an indicator. */
struct fold {
    struct table_entry entry;
    struct addr host, other;
    uint16_t host_port, other_port;
    uint8_t proto, where;
    bool incoming, waits; /* waits: an incident may tell it first */
    char app_proto[FACT_APP_MAX];
    uint64_t first_us, last_us, packet, flow_id;
    uint64_t n; /* connections */
    const struct ioc *ioc;
    uint32_t set; /* labels */
    uint16_t seen_len;
    uint8_t seen[SEEN_MAX];
};

/* A fold that waits, by its key: it may be gone by then. */
struct waiting {
    struct addr host;
    const struct ioc *ioc;
    uint64_t due_us;
};

struct ioc_watch {
    struct ioc_watch_plan plan;
    struct table *folds;                 /* never touched: the eldest is the first that is due */
    struct waiting waiting[WAITING_MAX]; /* a ring, in the order in which they are due */
    unsigned waiting_first, n_waiting;
    uint64_t seed, now_us;
    struct record record; /* of the alert at hand: kept for its size */
};

static void tell(struct ioc_watch *w, const struct fold *f, bool again);

/* What is left to be told of it. */
static void tell_rest(struct ioc_watch *w, const struct fold *f)
{
    if (f->waits)
        tell(w, f, false);
    if (f->n > 1)
        tell(w, f, true);
}

static void on_evict(void *arg, void *entry)
{
    tell_rest(arg, entry);
}

struct ioc_watch *ioc_watch_new(const struct ioc_watch_plan *plan)
{
    struct ioc_watch *w = calloc(1, sizeof *w);
    uint64_t secrets[MIX_SECRETS];

    if (!w)
        return NULL;
    mix_secrets(plan->config->deterministic, secrets);
    w->seed = secrets[0];
    w->plan = *plan;
    w->folds = table_new(&(struct table_plan){.entry_size = sizeof(struct fold),
                                              .max_bytes = plan->config->ioc_fold_memcap,
                                              .evicted = COUNT_IOC_EARLY,
                                              .on_evict = on_evict,
                                              .arg = w});
    if (w->folds)
        return w;
    free(w);
    return NULL;
}

void ioc_watch_free(struct ioc_watch *w)
{
    if (!w)
        return;
    table_free(w->folds);
    free(w);
}

/* --- alerts --- */

static void add_seen(struct record *r, const struct fold *f)
{
    struct bytes seen = bytes_of(f->seen, f->seen_len);
    size_t slash;

    switch (f->where) {
    case HIT_DNS:
        attrs_add(&r->attrs, ATTR_DNS_RRNAME, seen);
        break;
    case HIT_FILE:
        attrs_add(&r->attrs, ATTR_JAVA_SHA256, seen);
        break;
    case HIT_HTTP: /* http://host/target */
        seen = bytes_from(seen, sizeof "http://" - 1);
        slash = bytes_find_byte(seen, '/');
        r->head.has_http = 1;
        r->item[RECORD_HTTP_HOST] = bytes_slice(seen, 0, slash);
        if (slash != BYTES_NONE)
            r->item[RECORD_HTTP_URL] = bytes_from(seen, slash);
        break;
    default:
        break;
    }
}

static void record_fill(struct record *r, const struct fold *f, bool again)
{
    memset(r, 0, sizeof *r);
    r->head = (struct record_head){.kind = RECORD_FINDING,
                                   .ts_us = again ? f->last_us : f->first_us,
                                   .packet = f->packet,
                                   .flow_id = f->flow_id,
                                   .flow_first_us = again ? f->last_us : f->first_us,
                                   .addr = {f->host, f->other},
                                   .port = {f->host_port, f->other_port},
                                   .proto = f->proto,
                                   .client = f->incoming ? 1 : 0,
                                   .packet_side = f->incoming ? 1 : 0,
                                   .confidence = 100};
    if (f->app_proto[0])
        r->item[RECORD_APP_PROTO] = bytes_str(f->app_proto);
    add_seen(r, f);
}

static const struct rule *rule_of(const struct ioc_watch *w, const struct fold *f)
{
    struct attrs attrs = {.n = 0};
    const struct sighting s = {.src = f->incoming ? &f->other : &f->host,
                               .dst = f->incoming ? &f->host : &f->other,
                               .src_port = f->incoming ? f->other_port : f->host_port,
                               .dst_port = f->incoming ? f->host_port : f->other_port,
                               .proto = f->proto,
                               .app_proto = f->app_proto[0] ? f->app_proto : "failed",
                               .to_server = true,
                               .attrs = &attrs};

    attrs_add(&attrs, ATTR_IOC_WHERE, bytes_str(f->incoming ? "visit" : hit_where_name(f->where)));
    attrs_add(&attrs, ATTR_IOC_KIND, bytes_str(ioc_kind_name(f->ioc->kind)));
    attrs_add(&attrs, ATTR_IOC_LIST, bytes_str(f->ioc->list));
    attrs_add(&attrs, ATTR_IOC_INDICATOR, bytes_str(f->ioc->text));
    return w->plan.rule(w->plan.arg, &s);
}

static void tell(struct ioc_watch *w, const struct fold *f, bool again)
{
    struct labels labels = {.set = f->set,
                            .n_hits = 1,
                            .hits = {{.ioc = f->ioc,
                                      .where = f->where,
                                      .seen = bytes_of(f->seen, f->seen_len),
                                      .n = again ? f->n : 0,
                                      .first_us = f->first_us,
                                      .last_us = f->last_us}}};
    struct alert a = {
        .record = &w->record, .rule = rule_of(w, f), .stage = STAGE_INDICATOR, .labels = &labels};

    if (!a.rule) /* the operator has taken the rules out */
        return;
    record_fill(&w->record, f, again);
    w->plan.tell(w->plan.arg, &a);
}

/* --- folding --- */

static struct table_key key_of(const struct ioc_watch *w, const struct addr *host, const struct ioc *ioc)
{
    struct table_text t;

    key_begin(&t, (uint8_t)ioc->kind);
    key_addr(&t, host);
    key_number(&t, (uint64_t)(uintptr_t)ioc); /* one item, one place, as long as the lists live */
    return key_end(&t, w->seed);
}

static void drop(struct ioc_watch *w, struct fold *f)
{
    tell_rest(w, f);
    table_remove(w->folds, f);
}

static struct fold *fold_new(struct ioc_watch *w, const struct addr *host, const struct ioc *ioc)
{
    struct table_key key = key_of(w, host, ioc);
    struct fold *f = table_add(w->folds, &key);

    if (!f)
        return NULL;
    f->host = *host;
    f->ioc = ioc;
    return f;
}

static struct fold *fold_find(const struct ioc_watch *w, const struct addr *host, const struct ioc *ioc)
{
    struct table_key key = key_of(w, host, ioc);

    return table_find(w->folds, &key);
}

static void again(struct fold *f, uint64_t ts_us, uint64_t packet, uint64_t flow_id)
{
    f->n += flow_id != f->flow_id;
    if (ts_us < f->last_us)
        return;
    f->last_us = ts_us;
    f->packet = packet;
    f->flow_id = flow_id;
}

static void fold_fill(struct fold *f, const struct ioc_call *call, uint32_t set)
{
    size_t n = call->text.len < SEEN_MAX ? call->text.len : SEEN_MAX;

    f->other = *call->other;
    f->host_port = call->host_port;
    f->other_port = call->other_port;
    f->proto = call->proto;
    f->where = (uint8_t)call->where;
    f->incoming = call->incoming;
    snprintf(f->app_proto, sizeof f->app_proto, "%s", call->app_proto);
    f->first_us = f->last_us = call->ts_us;
    f->packet = call->packet;
    f->flow_id = call->flow_id;
    f->n = 1;
    f->set = set;
    if (n > 0)
        memcpy(f->seen, call->text.p, n);
    f->seen_len = (uint16_t)n;
}

/* True when it need not be told now. A connection that an incident waits for is judged when it had time to
 * speak, and then it is that story's, and no alarm of its own. */
static bool waits(struct ioc_watch *w, const struct ioc_call *call, struct fold *f)
{
    if (!call->expected || w->n_waiting == WAITING_MAX)
        return false;
    f->waits = true;
    w->waiting[(w->waiting_first + w->n_waiting++) % WAITING_MAX] = (struct waiting){
        .host = f->host, .ioc = f->ioc, .due_us = w->now_us + w->plan.config->correlate_settle_us};
    return true;
}

static void tell_due(struct ioc_watch *w)
{
    while (w->n_waiting > 0 && w->waiting[w->waiting_first].due_us < w->now_us) {
        const struct waiting *x = &w->waiting[w->waiting_first];
        struct fold *f = fold_find(w, &x->host, x->ioc);

        w->waiting_first = (w->waiting_first + 1) % WAITING_MAX;
        w->n_waiting--;
        if (!f || !f->waits)
            continue;
        f->waits = false;
        tell(w, f, false);
    }
}

void ioc_watch_call(struct ioc_watch *w, const struct ioc_call *call)
{
    const struct labeller *l = w->plan.labeller;
    struct labels labels = {.set = 0};

    if (call->where == HIT_FILE)
        labels_add_file(&labels, l, call->text);
    else if (call->text.len > 0)
        labels_add_text(&labels, l, call->text, call->where);
    else
        labels_add_addr(&labels, l, call->other, call->incoming ? 0 : call->other_port, call->where);
    if (labels.n_hits == 0)
        return;
    count(COUNT_IOC_HITS);
    labels_add_end(&labels, l, call->host);
    labels_add_end(&labels, l, call->other);
    for (unsigned i = 0; i < labels.n_hits; i++) {
        struct fold *f = fold_find(w, call->host, labels.hits[i].ioc);

        if (f) {
            again(f, call->ts_us, call->packet, call->flow_id);
            continue;
        }
        f = fold_new(w, call->host, labels.hits[i].ioc);
        if (!f)
            continue;
        fold_fill(f, call, labels.set);
        if (!waits(w, call, f))
            tell(w, f, false);
    }
}

void ioc_watch_connection(struct ioc_watch *w, const struct fact *fact, const struct fact_connection *f,
                          bool expected)
{
    ioc_watch_call(w, &(struct ioc_call){.host = &f->client,
                                         .other = &f->server,
                                         .host_port = f->client_port,
                                         .other_port = f->server_port,
                                         .proto = f->proto,
                                         .app_proto = f->app_proto,
                                         .ts_us = f->ts_us,
                                         .packet = f->packet,
                                         .flow_id = fact->flow_id,
                                         .expected = expected,
                                         .where = HIT_ADDRESS});
}

void ioc_watch_name(struct ioc_watch *w, const struct fact *fact, const struct fact_name *f)
{
    ioc_watch_call(w, &(struct ioc_call){.host = &f->client,
                                         .other = &f->server,
                                         .other_port = f->server_port,
                                         .proto = PROTO_UDP,
                                         .app_proto = "dns",
                                         .ts_us = fact->ts_us,
                                         .packet = fact->packet,
                                         .flow_id = fact->flow_id,
                                         .text = bytes_of(f->name, f->name_len),
                                         .where = HIT_DNS});
}

void ioc_watch_called(struct ioc_watch *w, const struct fact *fact, const struct fact_called *f,
                      bool expected)
{
    static const struct {
        enum hit_where where;
        const char *app_proto;
    } rows[CALLED_N] = {[CALLED_HTTP] = {HIT_HTTP, "http"},
                        [CALLED_TLS] = {HIT_TLS, "tls"},
                        [CALLED_FILE] = {HIT_FILE, ""},
                        [CALLED_VISIT] = {HIT_ADDRESS, ""}};
    bool incoming = f->how == CALLED_VISIT;

    ioc_watch_call(w, &(struct ioc_call){.host = incoming ? &f->server : &f->client,
                                         .other = incoming ? &f->client : &f->server,
                                         .incoming = incoming,
                                         .expected = expected,
                                         .host_port = incoming ? f->server_port : f->client_port,
                                         .other_port = incoming ? f->client_port : f->server_port,
                                         .proto = f->proto,
                                         .app_proto = rows[f->how].app_proto,
                                         .ts_us = fact->ts_us,
                                         .packet = fact->packet,
                                         .flow_id = fact->flow_id,
                                         .text = bytes_of(f->text, f->text_len),
                                         .where = rows[f->how].where});
}

void ioc_watch_shown(struct ioc_watch *w, const struct addr *host, const struct labels *l,
                     const struct record_head *h)
{
    for (unsigned i = 0; i < l->n_hits; i++) {
        struct fold *f = fold_find(w, host, l->hits[i].ioc);
        struct ioc_call call = {.host = host,
                                .other = &h->addr[!h->client],
                                .host_port = h->port[h->client],
                                .other_port = h->port[!h->client],
                                .proto = h->proto,
                                .app_proto = "",
                                .ts_us = h->ts_us,
                                .packet = h->packet,
                                .flow_id = h->flow_id,
                                .where = l->hits[i].where};

        if (f) {
            f->waits = false;
            continue;
        }
        f = fold_new(w, host, l->hits[i].ioc);
        if (f)
            fold_fill(f, &call, l->set);
    }
}

void ioc_watch_clock(struct ioc_watch *w, uint64_t now_us)
{
    struct fold *f;

    w->now_us = now_us;
    tell_due(w);
    while ((f = table_oldest(w->folds)) != NULL && now_us > f->first_us &&
           now_us - f->first_us > w->plan.config->ioc_fold_us)
        drop(w, f);
}

void ioc_watch_finish(struct ioc_watch *w)
{
    struct fold *f;

    while ((f = table_oldest(w->folds)) != NULL)
        drop(w, f);
    w->n_waiting = 0;
}

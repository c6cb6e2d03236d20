/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/correlate.h"
#include "base/mix.h"
#include "correlate/exposure.h"
#include "correlate/folds.h"
#include "correlate/ioc_watch.h"
#include "correlate/learned.h"
#include "correlate/story.h"
#include "detect/jndi_name.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The values of jndi.stage (inspect/attr.h), and those of what correlation alone sees. */
static const char *const stage_names[STAGE_N] = {
    [STAGE_LOOKUP] = "lookup",
    [STAGE_RESOLUTION] = "resolution",
    [STAGE_CONNECTION] = "connection",
    [STAGE_CALLBACK] = "callback",
    [STAGE_REFERRAL] = "referral",
    [STAGE_REFERENCE] = "reference",
    [STAGE_DESERIALIZATION] = "deserialization",
    [STAGE_CLASS_DELIVERY] = "class_delivery",
    [STAGE_SECOND] = "second_stage",
    [STAGE_INDICATOR] = "indicator",
    [STAGE_OTHER] = "other",
};

static const char *const verdict_names[VERDICT_N] = {
    [VERDICT_NONE] = "none",
    [VERDICT_ATTEMPTED] = "attempted",
    [VERDICT_VULNERABLE] = "vulnerable",
    [VERDICT_DELIVERED] = "delivered",
    [VERDICT_COMPROMISED] = "compromised",
};

struct correlate {
    struct ruling now, before; /* before.rules NULL: no finding of another generation is on its way */
    struct limits *limits;
    struct folds *folds; /* NULL: each repeat is told */
    bool show_secrets;
    struct story *story;
    struct labeller *labeller;
    struct ioc_watch *watch;
    struct learned *learned;
    struct exposure *exposure;
    void (*fn)(void *arg, const struct alert *a);
    void (*on_anomaly)(void *arg, const struct record *r);
    void *arg;
    uint64_t n_alerts[STAGE_N], n_verdicts[VERDICT_N];
    struct record told; /* of the alert about an incident, or masked: kept for its size */
    struct buf masked;  /* the bytes of a record in which a secret stood */
};

const char *stage_name(enum stage s)
{
    assert(s < STAGE_N);
    return stage_names[s];
}

const char *verdict_name(enum incident_verdict v)
{
    assert(v < VERDICT_N);
    return verdict_names[v];
}

/* --- who may speak --- */

/* The record's packet went from src to dst. */
static bool may_speak(struct correlate *c, const struct ruling *by, const struct rule *rule,
                      const struct record_head *h)
{
    const struct limit_subject who = {.src = h->addr[h->packet_side],
                                      .dst = h->addr[!h->packet_side],
                                      .flow_id = h->flow_id,
                                      .ts_us = h->ts_us};

    if (terms_suppress(by->terms, rule, &who)) {
        count(COUNT_ALERTS_SUPPRESSED);
        return false;
    }
    if (limits_allow(c->limits, rule, terms_limit(by->terms, rule), &who))
        return true;
    count(COUNT_ALERTS_LIMITED);
    return false;
}

/* --- alerts about incidents --- */

/* As if the step had been a finding: its tuple, its time, and what the lookup was. */
static void record_fill(struct record *r, const struct step *step)
{
    unsigned sender = step->stage == STAGE_LOOKUP ? 1 : 0;

    memset(r, 0, sizeof *r);
    r->head = (struct record_head){.kind = RECORD_FINDING,
                                   .ts_us = step->ts_us,
                                   .packet = step->packet,
                                   .flow_id = step->flow_id,
                                   .flow_first_us = step->ts_us,
                                   .addr = {step->client, step->server},
                                   .port = {step->client_port, step->server_port},
                                   .proto = step->proto,
                                   .client = (uint8_t)sender,
                                   .packet_side = (uint8_t)sender,
                                   .confidence = step->confidence};
    if (step->app_proto[0])
        r->item[RECORD_APP_PROTO] = bytes_str(step->app_proto);
}

static void attrs_fill(struct attrs *attrs, const struct incident *i, const struct jndi_name *n,
                       const char *port)
{
    attrs_add(attrs, ATTR_JNDI_VERDICT, bytes_str(verdict_name((enum incident_verdict)i->told)));
    if (i->name) {
        attrs_add(attrs, ATTR_JNDI_NAME, bytes_str(i->name));
        attrs_add(attrs, ATTR_JNDI_SCHEME, bytes_str(i->scheme));
        attrs_add(attrs, ATTR_JNDI_PATH, n->path);
    }
    if (i->host)
        attrs_add(attrs, ATTR_JNDI_HOST, bytes_str(i->host));
    attrs_add(attrs, ATTR_JNDI_PORT, bytes_str(port));
}

/* Rules are asked with nothing that a rule about findings would take for one: id alone. */
static const struct rule *rule_about(const struct correlate *c, const struct record_head *h,
                                     const char *app_proto, enum attr_id id, const char *value)
{
    struct attrs attrs = {.n = 0};
    unsigned src = h->packet_side;
    struct sighting seen = {.src = &h->addr[src],
                            .dst = &h->addr[!src],
                            .src_port = h->port[src],
                            .dst_port = h->port[!src],
                            .proto = h->proto,
                            .app_proto = app_proto[0] ? app_proto : "failed",
                            .to_server = src == h->client,
                            .attrs = &attrs};

    attrs_add(&attrs, id, bytes_str(value));
    return ruleset_match(c->now.rules, &seen);
}

/* Of the alert, and of the incident that it belongs to or is about: which learns from it. */
static void tell(struct correlate *c, struct alert *a, const struct incident *i, bool speaks)
{
    struct labels labels;
    enum label_stage stage = a->story                   ? LABEL_OF_STORY
                             : a->stage == STAGE_LOOKUP ? LABEL_OF_LOOKUP
                                                        : LABEL_OF_STEP;

    /* The store's own, of which the story gives a view. */
    labels_of_record(&labels, c->labeller, a->record, stage, (struct incident *)(uintptr_t)i);
    a->labels = &labels;
    a->severity = labels_severity(&labels, a->rule->priority, stage);
    if (!speaks)
        return;
    if (labels_have(&labels, LABEL_IOC))
        count(COUNT_IOC_ALERTS);
    if (a->severity > a->rule->priority)
        count(COUNT_ALERTS_LOWERED);
    if (a->fold ? a->stage != STAGE_LOOKUP : stage != LABEL_OF_LOOKUP) /* what follows a lookup is news */
        ioc_watch_shown(c->watch, a->story ? &i->victim : &a->record->head.addr[a->record->head.client],
                        &labels, &a->record->head);
    learned_alert(c->learned, c->labeller, a);
    exposure_alert(c->exposure, a);
    c->fn(c->arg, a);
}

static void on_promoted(void *arg, const struct incident *i, const struct step *step)
{
    struct correlate *c = arg;
    struct jndi_name n = {.port = 0};
    char port[8];
    struct alert a = {.record = &c->told,
                      .stage = step->stage,
                      .incident = i,
                      .verdict = (enum incident_verdict)i->told,
                      .incident_confidence = i->confidence,
                      .show_secrets = c->show_secrets,
                      .story = true};

    record_fill(&c->told, step);
    a.rule = rule_about(c, &c->told.head, step->app_proto, ATTR_JNDI_VERDICT, verdict_name(a.verdict));
    if (!a.rule) /* the operator has taken the rules out */
        return;
    if (!may_speak(c, &c->now, a.rule, &c->told.head))
        return;
    c->n_verdicts[a.verdict]++;
    if (i->name)
        jndi_name_parse(bytes_str(i->name), &n);
    snprintf(port, sizeof port, "%u", i->port);
    attrs_fill(&c->told.attrs, i, &n, port);
    tell(c, &a, i, true);
}

/* --- repeats --- */

static void fold_fill(struct record *r, const struct fold *fold, const struct jndi_name *n, const char *port)
{
    memset(r, 0, sizeof *r);
    r->head = fold->last;
    r->head.has_http = 0; /* of that request no more is known */
    r->item[RECORD_APP_PROTO] = bytes_str(fold->app_proto);
    if (!fold->name[0])
        return;
    attrs_add(&r->attrs, ATTR_JNDI_NAME, bytes_str(fold->name));
    attrs_add(&r->attrs, ATTR_JNDI_SCHEME, n->scheme);
    attrs_add(&r->attrs, ATTR_JNDI_HOST, n->host);
    attrs_add(&r->attrs, ATTR_JNDI_PORT, bytes_str(port));
    attrs_add(&r->attrs, ATTR_JNDI_PATH, n->path);
}

/* One alert with the number of repeats. What has become of the incident since then is in it. */
static void on_fold(void *arg, const struct fold *fold)
{
    struct correlate *c = arg;
    struct incident *i = fold->incident ? story_by_id(c->story, fold->incident) : NULL;
    struct incident forgotten = {.id = fold->incident};
    struct jndi_name n = {.port = 0};
    char port[8], times[24];
    struct alert a = {.record = &c->told,
                      .stage = (enum stage)fold->stage,
                      .verdict = (enum incident_verdict)fold->verdict,
                      .incident_confidence = fold->confidence,
                      .show_secrets = c->show_secrets,
                      .fold = fold};

    if (fold->name[0])
        jndi_name_parse(bytes_str(fold->name), &n);
    snprintf(port, sizeof port, "%u", n.port);
    snprintf(times, sizeof times, "%" PRIu64, fold->n);
    a.rule = rule_about(c, &fold->last, fold->app_proto, ATTR_JNDI_REPEATS, times);
    if (!a.rule || !may_speak(c, &c->now, a.rule, &fold->last))
        return;
    if (i) {
        uint8_t confidence;

        a.verdict = incident_verdict(i, &confidence);
        a.incident_confidence = confidence;
    }
    a.incident = i ? i : fold->incident ? &forgotten : NULL;
    a.story = i != NULL;
    fold_fill(&c->told, fold, &n, port);
    tell(c, &a, i, true);
}

/* Whether a finding that may be told is a repeat of what was. Without a rule that would say how often, each
 * is told: nothing is kept back for good. */
static bool is_repeat(struct correlate *c, const struct alert *a, struct incident *i)
{
    const struct record *r = a->record;
    uint64_t id = i && i->visible ? i->id : 0;
    enum incident_verdict verdict = VERDICT_NONE;
    uint8_t confidence = 0;
    struct table_key key;

    if (!c->folds || a->stage == STAGE_OTHER)
        return false;
    key = folds_key(c->folds, r, id);
    if (folds_count(c->folds, &key, r)) {
        if (id)
            story_link_id(c->story, i);
        return true;
    }
    if (id)
        verdict = incident_verdict(i, &confidence);
    if (rule_about(c, &r->head, "", ATTR_JNDI_REPEATS, "2"))
        folds_begin(c->folds, &key, r, a->stage, id, verdict, confidence);
    return false;
}

static bool folds_open(struct correlate *c, const struct config *config)
{
    uint64_t secrets[MIX_SECRETS];

    if (config->fold_window_us == 0)
        return true;
    mix_secrets(config->deterministic, secrets);
    c->folds = folds_new(config->correlate_memcap / 8, config->fold_window_us, secrets[0], on_fold, c);
    return c->folds != NULL;
}

/* --- hits on indicators without a finding --- */

static const struct rule *rule_of_hit(void *arg, const struct sighting *s)
{
    const struct correlate *c = arg;

    return ruleset_match(c->now.rules, s);
}

static void on_hit(void *arg, struct alert *a)
{
    struct correlate *c = arg;
    struct labels rest = *a->labels;

    rest.set &= ~(UINT32_C(1) << LABEL_IOC); /* its rule knows that it is one */
    a->severity = labels_severity(&rest, a->rule->priority, LABEL_OF_STEP);
    if (!may_speak(c, &c->now, a->rule, &a->record->head))
        return;
    c->n_alerts[a->stage]++;
    count(COUNT_IOC_ALERTS);
    if (a->severity > a->rule->priority)
        count(COUNT_ALERTS_LOWERED);
    c->fn(c->arg, a);
}

struct correlate *correlate_new(const struct config *config, const struct ruleset *rules,
                                void (*fn)(void *arg, const struct alert *a), void *arg)
{
    struct correlate *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->now.rules = rules;
    c->limits = limits_new(config);
    c->show_secrets = config->show_secrets;
    c->masked = buf_within(RECORD_MAX);
    c->fn = fn;
    c->arg = arg;
    c->story = story_new(config, on_promoted, c);
    c->labeller = labeller_new(config);
    c->learned = learned_new(config);
    c->exposure = exposure_new(config);
    c->watch = ioc_watch_new(&(struct ioc_watch_plan){
        .config = config, .labeller = c->labeller, .rule = rule_of_hit, .tell = on_hit, .arg = c});
    if (c->limits && c->story && c->labeller && c->watch && c->learned && c->exposure &&
        folds_open(c, config))
        return c;
    correlate_free(c);
    return NULL;
}

void correlate_free(struct correlate *c)
{
    if (!c)
        return;
    story_free(c->story);
    folds_free(c->folds);
    limits_free(c->limits);
    learned_free(c->learned);
    exposure_free(c->exposure);
    ioc_watch_free(c->watch);
    labeller_free(c->labeller);
    buf_drop(&c->masked);
    free(c);
}

void correlate_use_rules(struct correlate *c, const struct ruling *ruling)
{
    if (ruling->generation != c->now.generation)
        c->before = c->now;
    c->now = *ruling;
}

void correlate_forget_rules(struct correlate *c)
{
    c->before = (struct ruling){.rules = NULL};
}

void correlate_on_anomaly(struct correlate *c, void (*fn)(void *arg, const struct record *r))
{
    c->on_anomaly = fn;
}

/* --- alerts about findings --- */

static enum stage stage_of(struct bytes name)
{
    for (enum stage s = 0; s < STAGE_INDICATOR; s++)
        if (bytes_eq(name, bytes_str(stage_names[s])))
            return s;
    return STAGE_OTHER;
}

/* What was seen says where it stands. A rule over plain buffers may say so itself: metadata: jndi_stage
 * callback. */
static enum stage stage_judge(const struct record *r, const struct rule *rule)
{
    struct bytes seen = attrs_get(&r->attrs, ATTR_JNDI_STAGE);

    if (seen.len > 0)
        return stage_of(seen);
    for (unsigned i = 0; i < rule->n_metadata; i++)
        if (strcmp(rule->metadata[i].key, "jndi_stage") == 0)
            return stage_of(bytes_str(rule->metadata[i].value));
    return STAGE_OTHER;
}

/* b moves to where its copy lies; what did not fit is left out, never shown. */
static void point_to_copy(const struct buf *copy, size_t *at, struct bytes *b)
{
    if (!b->p)
        return;
    *b = bytes_slice(buf_bytes(copy), *at, *at + b->len);
    *at += b->len;
}

/* The record with the values that leaked made unreadable, wherever they stand: in the name asked for, in the
 * message itself. */
static const struct record *masked(struct correlate *c, const struct record *r, const struct leak *leaks)
{
    size_t at = 0;

    buf_clear(&c->masked);
    for (unsigned k = 0; k < r->attrs.n; k++)
        buf_add(&c->masked, r->attrs.v[k].value);
    for (unsigned k = 0; k < RECORD_TAG_N; k++)
        buf_add(&c->masked, r->item[k]);
    leaks_mask(leaks, c->masked.p, c->masked.len);
    c->told = *r;
    for (unsigned k = 0; k < r->attrs.n; k++)
        point_to_copy(&c->masked, &at, &c->told.attrs.v[k].value);
    for (unsigned k = 0; k < RECORD_TAG_N; k++)
        point_to_copy(&c->masked, &at, &c->told.item[k]);
    return &c->told;
}

/* The finding first, then what has become of its incident. */
static void on_finding(struct correlate *c, const struct ruling *by, struct alert *a)
{
    uint8_t confidence;
    struct step step;
    struct incident *i = story_finding(c->story, a->record, a->stage, &step);

    bool speaks = may_speak(c, by, a->rule, &a->record->head) && !is_repeat(c, a, i);

    if (speaks && i && i->visible) {
        a->incident = i;
        a->verdict = incident_verdict(i, &confidence);
        a->incident_confidence = confidence;
        a->show_secrets = c->show_secrets;
        if (i->leaks && !c->show_secrets)
            a->record = masked(c, a->record, i->leaks);
    }
    if (speaks)
        c->n_alerts[a->stage]++;
    tell(c, a, i, speaks);
    if (i)
        story_tell(c->story, i, &step);
}

static const struct ruling *ruling_of(const struct correlate *c, uint32_t generation)
{
    if (generation == c->now.generation)
        return &c->now;
    return c->before.rules && generation == c->before.generation ? &c->before : NULL;
}

void correlate_record(struct correlate *c, const struct record *r)
{
    const struct ruling *by = ruling_of(c, r->head.generation);
    struct alert a = {.record = r};

    if (r->head.kind == RECORD_ANOMALY) {
        if (c->on_anomaly)
            c->on_anomaly(c->arg, r);
        return;
    }
    a.rule = by ? ruleset_by_sid(by->rules, r->head.gid, r->head.sid) : NULL;
    if (!a.rule) { /* only a sender with other rules than ours names one that we do not have */
        count(COUNT_CHANNEL_BAD);
        return;
    }
    a.stage = stage_judge(r, a.rule);
    on_finding(c, by, &a);
}

void correlate_use_lists(struct correlate *c, const struct ioc_lists *lists)
{
    ioc_watch_finish(c->watch); /* it holds views into the lists */
    labeller_set_lists(c->labeller, lists->bad, lists->allowed);
    learned_set_never(c->learned, lists->never);
    counters[COUNT_IOC_ITEMS] = iocs_n(lists->bad);
}

/* An incident waits for this call; never for one from outside. */
static bool is_expected(const struct correlate *c, const struct fact *fact, const struct fact_called *f)
{
    const struct fact_connection call = {.client = f->client,
                                         .server = f->server,
                                         .server_port = f->server_port,
                                         .proto = f->proto,
                                         .ts_us = fact->ts_us};

    return f->how != CALLED_VISIT && story_expects(c->story, &call);
}

void correlate_fact(struct correlate *c, const struct fact *f)
{
    struct fact_connection connection;
    struct fact_name name;
    struct fact_called called;
    struct fact_client client;

    /* The story first: what it tells needs no telling again. */
    if (fact_get_connection(f, &connection)) {
        story_connection(c->story, f, &connection);
        ioc_watch_connection(c->watch, f, &connection, story_expects(c->story, &connection));
    } else if (fact_get_name(f, &name)) {
        learned_name(c->learned, c->labeller, &name);
        story_name(c->story, f, &name);
        ioc_watch_name(c->watch, f, &name);
    } else if (fact_get_called(f, &called)) {
        ioc_watch_called(c->watch, f, &called, is_expected(c, f, &called));
    } else if (fact_get_client(f, &client)) {
        exposure_client(c->exposure, f, &client);
    } else {
        count(COUNT_CHANNEL_BAD);
    }
}

void correlate_clock(struct correlate *c, uint64_t now_us)
{
    story_clock(c->story, now_us);
    if (c->folds)
        folds_clock(c->folds, now_us);
    ioc_watch_clock(c->watch, now_us);
}

void correlate_finish(struct correlate *c)
{
    story_finish(c->story);
    if (c->folds)
        folds_finish(c->folds);
    ioc_watch_finish(c->watch);
}

struct learned *correlate_learned(const struct correlate *c)
{
    return c->learned;
}

const struct exposure *correlate_exposure(const struct correlate *c)
{
    return c->exposure;
}

const struct incident *correlate_incident(const struct correlate *c, uint64_t id)
{
    const struct incident *i = incidents_by_id(c->story->incidents, id);

    return i && i->visible ? i : NULL;
}

size_t correlate_latest(const struct correlate *c, const struct incident **out, size_t max)
{
    return incidents_latest(c->story->incidents, out, max);
}

size_t correlate_page(const struct correlate *c, size_t *at, const struct incident **out, size_t max)
{
    return incidents_page(c->story->incidents, at, out, max);
}

void correlate_fill(const struct correlate *c, struct correlate_fill *out)
{
    const struct story *s = c->story;

    *out = (struct correlate_fill){.bytes = incidents_bytes(s->incidents) + callers_bytes(s->callers) +
                                            names_bytes(s->names) + (c->folds ? folds_bytes(c->folds) : 0),
                                   .incidents = incidents_n(s->incidents),
                                   .learned = learned_n(c->learned),
                                   .exposed_hosts = exposure_n(c->exposure)};
}

uint64_t correlate_n_alerts(const struct correlate *c, enum stage s)
{
    assert(s < STAGE_N);
    return c->n_alerts[s];
}

uint64_t correlate_n_verdicts(const struct correlate *c, enum incident_verdict v)
{
    assert(v < VERDICT_N);
    return c->n_verdicts[v];
}

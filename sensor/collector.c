/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collector.h"
#include "base/count.h"
#include "channel/report.h"

#include <stdlib.h>

struct collector {
    struct correlate *correlate;
    struct ioc_sieve *sieve;
    struct output *output;
    uint64_t now_us; /* packet time */
};

static void on_alert(void *arg, const struct alert *a)
{
    struct collector *c = arg;

    output_alert(c->output, a);
}

static void on_anomaly(void *arg, const struct record *r)
{
    struct collector *c = arg;

    output_anomaly(c->output, r);
}

struct collector *collector_new(const struct config *config, const struct ruleset *rules,
                                struct output *output)
{
    struct collector *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->output = output;
    c->correlate = correlate_new(config, rules, on_alert, c);
    c->sieve = ioc_sieve_new(config->deterministic);
    if (!c->correlate || !c->sieve) {
        collector_free(c);
        return NULL;
    }
    correlate_on_anomaly(c->correlate, on_anomaly);
    return c;
}

void collector_use_rules(struct collector *c, const struct ruling *ruling)
{
    correlate_use_rules(c->correlate, ruling);
}

void collector_forget_rules(struct collector *c)
{
    correlate_forget_rules(c->correlate);
}

void collector_free(struct collector *c)
{
    if (!c)
        return;
    correlate_free(c->correlate);
    ioc_sieve_free(c->sieve);
    free(c);
}

void collector_use_lists(struct collector *c, const struct ioc_lists *lists)
{
    ioc_sieve_fill(c->sieve, lists->bad);
    correlate_use_lists(c->correlate, lists);
}

const struct ioc_sieve *collector_sieve(const struct collector *c)
{
    return c->sieve;
}

/* A finding or an anomaly. */
static bool sighting(struct collector *c, struct bytes record)
{
    struct record r;

    if (!record_read(record, &r))
        return false;
    output_set_source(c->output, (const char *)r.item[RECORD_SOURCE].p);
    correlate_record(c->correlate, &r);
    output_set_source(c->output, NULL); /* it lies in the record */
    return true;
}

static bool line(struct collector *c, struct bytes record)
{
    struct line l;

    if (!record_read_line(record, &l))
        return false;
    output_line(c->output, l.text);
    return true;
}

static bool fact(struct collector *c, struct bytes record)
{
    struct fact f;

    if (!record_read_fact(record, &f))
        return false;
    correlate_fact(c->correlate, &f);
    return true;
}

static bool words(struct bytes record)
{
    enum log_level level;
    char text[LOG_LINE_MAX];

    if (!record_read_log(record, &level, text))
        return false;
    log_as(level, text);
    return true;
}

void collector_clock(struct collector *c, uint64_t now_us)
{
    correlate_clock(c->correlate, now_us);
    c->now_us = now_us;
    output_snapshots(c->output, c->correlate, now_us, false);
}

bool collector_record(struct collector *c, struct bytes record)
{
    struct record_place place;

    if (!record_place_read(record, &place))
        return false;
    if (place.kind == RECORD_LOG)
        return words(record);
    collector_clock(c, place.clock_us);
    if (place.kind == RECORD_MARK)
        return true;
    count(COUNT_CHANNEL_RECORDS);
    switch (place.kind) {
    case RECORD_FINDING:
    case RECORD_ANOMALY:
        return sighting(c, record);
    case RECORD_LINE:
        return line(c, record);
    case RECORD_FACT:
        return fact(c, record);
    default:
        return false;
    }
}

void collector_stats(struct collector *c, uint64_t ts_us, uint64_t first_us, uint64_t last_us, size_t n_flows)
{
    output_stats(c->output, ts_us, last_us > first_us ? last_us - first_us : 0, n_flows);
}

void collector_snapshots(struct collector *c)
{
    output_snapshots(c->output, c->correlate, c->now_us, true);
}

void collector_finish(struct collector *c)
{
    correlate_finish(c->correlate);
    collector_snapshots(c);
    output_flush(c->output);
}

const struct correlate *collector_correlate(const struct collector *c)
{
    return c->correlate;
}

uint64_t collector_n_alerts(const struct collector *c)
{
    uint64_t n = 0;

    for (enum stage s = 0; s < STAGE_N; s++)
        n += correlate_n_alerts(c->correlate, s);
    return n;
}

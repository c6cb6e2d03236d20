/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/output.h"
#include "base/count.h"
#include "base/log.h"
#include "output/eve.h"
#include "output/eve_engine.h"
#include "output/human.h"
#include "output/sink.h"
#include "output/snapshot.h"
#include "output/stats.h"

#include <stdio.h>
#include <stdlib.h>

#define HUMAN_MAX 65536

struct output {
    struct output_plan plan;
    struct eve eve;
    struct sink *file, *out; /* NULL when not wanted */
    bool human;
    struct stats_rules rules;
    uint64_t learned_us, exposure_us; /* when they were written last; 0: not yet */
    bool snapshot_failed;
    struct buf alert_line, stats_line, text; /* kept for their memory */
};

static char *path_under(const char *dir, const char *name)
{
    size_t len = strlen(dir) + strlen(name) + 2;
    char *path;

    if (name[0] == '/' || dir[0] == 0)
        return strdup(name);
    path = malloc(len);
    if (path)
        snprintf(path, len, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
    return path;
}

static bool open_file(struct output *o, struct complaint *why)
{
    const struct config *config = o->plan.config;
    char *path = path_under(config->log_dir, config->eve_filename);

    if (!path)
        return complain(why, "out of memory");
    o->file = sink_file(path, (unsigned)config->eve_filemode, why);
    free(path);
    return o->file != NULL;
}

/* A file named "-" is stdout; EVE and readable lines never share it. */
static void settle_plan(struct output *o)
{
    if (o->plan.eve_file && strcmp(o->plan.config->eve_filename, "-") == 0) {
        o->plan.eve_file = false;
        o->plan.eve_stdout = true;
    }
    o->human = o->plan.human && !o->plan.eve_stdout;
}

struct output *output_new(const struct output_plan *plan, struct complaint *why)
{
    struct output *o = calloc(1, sizeof *o);

    if (!o) {
        complain(why, "out of memory");
        return NULL;
    }
    o->plan = *plan;
    o->eve = (struct eve){.config = plan->config, .offline = plan->offline};
    o->text = buf_within(HUMAN_MAX);
    settle_plan(o);
    if (o->plan.eve_file && !open_file(o, why))
        goto fail;
    if (o->plan.eve_stdout || o->human) {
        o->out = sink_stdout();
        if (!o->out) {
            complain(why, "out of memory");
            goto fail;
        }
    }
    return o;
fail:
    output_free(o);
    return NULL;
}

void output_set_source(struct output *o, const char *source)
{
    o->eve.source = source;
}

static void put_event(struct output *o, struct bytes line)
{
    if (o->file)
        sink_line(o->file, line);
    if (o->plan.eve_stdout)
        sink_line(o->out, line);
}

static void put_human(struct output *o, const struct alert *a)
{
    buf_clear(&o->text);
    human_alert(&o->text, a, o->plan.color);
    log_make_room();
    sink_text(o->out, buf_bytes(&o->text));
    sink_flush(o->out);
}

void output_alert(struct output *o, const struct alert *a)
{
    bool eve = o->plan.config->eve_alert && (o->file || o->plan.eve_stdout);

    count(COUNT_ALERTS);
    if (eve && eve_alert(&o->alert_line, &o->eve, a))
        put_event(o, buf_bytes(&o->alert_line));
    else if (eve)
        count(COUNT_OUTPUT_FAILED);
    if (o->human)
        put_human(o, a);
    if (!o->plan.offline) /* live: an alert is of use now */
        output_flush(o);
}

void output_anomaly(struct output *o, const struct record *r)
{
    count(COUNT_OUTPUT_ANOMALIES);
    if (!o->plan.config->eve_anomaly || (!o->file && !o->plan.eve_stdout))
        return;
    if (eve_anomaly(&o->alert_line, &o->eve, r))
        put_event(o, buf_bytes(&o->alert_line));
    else
        count(COUNT_OUTPUT_FAILED);
}

static bool wants_events(const struct output *o)
{
    return o->file || o->plan.eve_stdout;
}

void output_line(struct output *o, struct bytes line)
{
    if (wants_events(o))
        put_event(o, line);
}

void output_engine(struct output *o, const struct engine_event *event)
{
    if (!wants_events(o))
        return;
    if (eve_engine(&o->alert_line, &o->eve, event))
        put_event(o, buf_bytes(&o->alert_line));
    else
        count(COUNT_OUTPUT_FAILED);
    if (!o->plan.offline)
        output_flush(o);
}

void output_set_rules(struct output *o, const struct stats_rules *rules)
{
    o->rules = *rules;
}

const struct stats_rules *output_rules(const struct output *o)
{
    return &o->rules;
}

void output_stats(struct output *o, uint64_t ts_us, uint64_t uptime_us, size_t n_flows)
{
    if (!o->plan.config->eve_stats || (!o->file && !o->plan.eve_stdout))
        return;
    if (stats_line(&o->stats_line, o->plan.config, ts_us, uptime_us, n_flows, &o->rules))
        put_event(o, buf_bytes(&o->stats_line));
    else
        count(COUNT_OUTPUT_FAILED);
}

void output_summary(struct output *o, const struct correlate *c, uint64_t first_us, uint64_t last_us)
{
    if (!o->human)
        return;
    buf_clear(&o->text);
    human_summary(&o->text, c, first_us, last_us);
    log_make_room();
    sink_text(o->out, buf_bytes(&o->text));
    sink_flush(o->out);
}

/* From the first time on. A clock that was set back begins anew. */
static bool is_due(uint64_t *last_us, uint64_t now_us, uint64_t interval_us)
{
    if (*last_us == 0 || now_us < *last_us)
        *last_us = now_us;
    if (now_us - *last_us < interval_us)
        return false;
    *last_us = now_us;
    return true;
}

void output_snapshots(struct output *o, const struct correlate *c, uint64_t now_us, bool at_once)
{
    const struct config *config = o->plan.config;

    if (!o->plan.snapshots)
        return;
    if (config->learned && (is_due(&o->learned_us, now_us, config->learned_interval_us) || at_once) &&
        (learned_changed(correlate_learned(c)) || at_once))
        o->snapshot_failed |= !snapshot_learned(config, correlate_learned(c));
    if (config->exposure && (is_due(&o->exposure_us, now_us, config->exposure_interval_us) || at_once))
        o->snapshot_failed |= !snapshot_exposure(config, correlate_exposure(c));
}

void output_flush(struct output *o)
{
    if (o->file)
        sink_flush(o->file);
    if (o->out)
        sink_flush(o->out);
}

void output_reopen(struct output *o)
{
    if (o->file)
        sink_reopen(o->file);
}

bool output_failed(const struct output *o)
{
    return o->snapshot_failed || (o->file && sink_failed(o->file)) || (o->out && sink_failed(o->out));
}

bool output_closed(const struct output *o)
{
    return o->out && sink_closed(o->out);
}

void output_free(struct output *o)
{
    if (!o)
        return;
    sink_free(o->file);
    sink_free(o->out);
    buf_drop(&o->alert_line);
    buf_drop(&o->stats_line);
    buf_drop(&o->text);
    free(o);
}

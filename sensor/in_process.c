/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "in_process.h"
#include "channel/report.h"
#include "pipeline.h"

#include <assert.h>
#include <stdlib.h>

struct in_process {
    struct in_process_plan plan;
    struct pipeline *pipeline;
    struct status status;
};

static enum feed_result next(void *arg, struct frame *out, const char **source)
{
    struct in_process *p = arg;
    enum capture_result result = capture_next(p->plan.capture, out);

    *source = capture_source(p->plan.capture);
    if (result != CAPTURE_FRAME)
        capture_update_drops(p->plan.capture);
    return result == CAPTURE_FRAME ? FEED_FRAME : result == CAPTURE_IDLE ? FEED_IDLE : FEED_END;
}

/* The counters of both halves are the same array here. */
static bool stats_record(struct in_process *p, const struct record_place *place, struct bytes record)
{
    struct tally t;

    if (!record_read_stats(record, &t))
        return false;
    if (place->frame == FRAME_LAST)
        collector_finish(p->plan.collector);
    collector_clock(p->plan.collector, place->clock_us);
    collector_stats(p->plan.collector, place->clock_us, t.first_us, t.last_us, t.n_flows);
    return true;
}

static void on_records(void *arg, struct bytes records)
{
    struct in_process *p = arg;

    while (records.len > 0) {
        size_t size = record_size(records);
        struct bytes record = bytes_slice(records, 0, size);
        struct record_place place;
        bool good = record_place_read(record, &place);

        assert(good); /* it was written by us a moment ago */
        good = place.kind == RECORD_STATS ? stats_record(p, &place, record)
                                          : collector_record(p->plan.collector, record);
        if (!good)
            count(COUNT_CHANNEL_BAD);
        records = bytes_from(records, size);
    }
}

static bool on_tick(void *arg, bool idle)
{
    struct in_process *p = arg;

    capture_update_drops(p->plan.capture);
    if (idle)
        output_flush(p->plan.output);
    p->plan.tick(p->plan.arg);
    return !output_closed(p->plan.output);
}

struct in_process *in_process_new(const struct in_process_plan *plan, struct complaint *why)
{
    struct in_process *p = calloc(1, sizeof *p);
    struct pipeline_plan pipeline = {.config = plan->config,
                                     .rules = plan->rules,
                                     .sieve = collector_sieve(plan->collector),
                                     .feed = {.next = next, .arg = p},
                                     .share_n = 1,
                                     .max_frames = plan->max_frames,
                                     .live = plan->live,
                                     .tell_stats = true,
                                     .send = on_records,
                                     .tick = on_tick,
                                     .arg = p};

    if (!p) {
        complain(why, "out of memory");
        return NULL;
    }
    p->plan = *plan;
    pipeline.status = &p->status;
    p->pipeline = pipeline_new(&pipeline, why);
    if (p->pipeline && pipeline_begin(p->pipeline, why))
        return p;
    in_process_free(p);
    return NULL;
}

void in_process_free(struct in_process *p)
{
    if (!p)
        return;
    pipeline_free(p->pipeline);
    free(p);
}

void in_process_use_rules(struct in_process *p, uint32_t generation, const struct ruleset *rules)
{
    pipeline_use_rules(p->pipeline, generation, rules);
}

void in_process_run(struct in_process *p)
{
    pipeline_run(p->pipeline);
    output_flush(p->plan.output);
}

void in_process_stats(struct in_process *p)
{
    const struct status *s = &p->status;

    capture_update_drops(p->plan.capture);
    collector_stats(p->plan.collector, s->last_us, s->first_us, s->last_us, s->n_flows);
    output_flush(p->plan.output);
}

void in_process_times(const struct in_process *p, uint64_t *first_us, uint64_t *last_us)
{
    *first_us = p->status.first_us;
    *last_us = p->status.last_us;
}

uint64_t in_process_n_flows(const struct in_process *p)
{
    return p->status.n_flows;
}

void in_process_held(const struct in_process *p, uint64_t *streams, uint64_t *fragments)
{
    *streams = p->status.stream_bytes;
    *fragments = p->status.fragment_bytes;
}

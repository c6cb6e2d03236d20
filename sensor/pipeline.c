/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"
#include "base/count.h"
#include "decode/decode.h"
#include "detect/detect.h"
#include "inspect/inspect.h"
#include "stream/stream.h"

#include <stdlib.h>

#define CHANNEL_BYTES (4u << 20) /* holds every finding of one packet, and far more */
#define TICK_US       1000000u   /* packet time between two looks at the timers */
#define BACK_US       60000000u  /* a frame older than this means that the clock was set back */

struct pipeline {
    struct pipeline_plan plan;
    struct decode *decode;
    struct stream *stream;
    struct inspect *inspect;
    struct detect *detect;
    struct channel *channel;
    struct correlate *correlate;
    const char *source; /* what output was last told */
    uint64_t first_us, last_us, ticked_us, stats_us;
};

/* The road, from right to left: each stage hands its results to the next. */

static void on_alert(void *arg, const struct alert *a)
{
    struct pipeline *p = arg;

    output_alert(p->plan.output, a);
}

static void on_anomaly_record(void *arg, const struct record *r)
{
    struct pipeline *p = arg;

    output_anomaly(p->plan.output, r);
}

static void on_record(void *arg, const struct record *r)
{
    struct pipeline *p = arg;

    correlate_record(p->correlate, r);
}

static void on_finding(void *arg, const struct finding *f)
{
    struct pipeline *p = arg;

    channel_put(p->channel, f, p->plan.config->eve_payload_buffer_size);
}

static size_t on_field(void *arg, const struct field *f)
{
    struct pipeline *p = arg;

    return detect_field(p->detect, f);
}

static enum appetite on_chunk(void *arg, const struct chunk *c)
{
    struct pipeline *p = arg;

    return inspect_chunk(p->inspect, c);
}

static void on_anomaly(void *arg, const struct anomaly *a)
{
    struct pipeline *p = arg;

    channel_put_anomaly(p->channel, a);
}

static void on_flow_end(void *arg, struct flow *f)
{
    struct pipeline *p = arg;

    inspect_flow_end(p->inspect, f);
    detect_flow_end(p->detect, f);
}

struct pipeline *pipeline_new(const struct pipeline_plan *plan, struct complaint *why)
{
    struct pipeline *p = calloc(1, sizeof *p);
    struct stream_hooks hooks = {.chunk = on_chunk, .flow_end = on_flow_end, .anomaly = on_anomaly, .arg = p};

    if (!p)
        goto fail;
    p->plan = *plan;
    p->correlate = correlate_new(plan->config, plan->rules, on_alert, p);
    p->channel = channel_new(CHANNEL_BYTES);
    p->detect = detect_new(plan->config, plan->rules, on_finding, p, why);
    p->inspect = inspect_new(plan->config, on_field, p);
    p->decode = decode_new(plan->config);
    if (!p->correlate || !p->channel || !p->detect || !p->inspect || !p->decode)
        goto fail;
    correlate_on_anomaly(p->correlate, on_anomaly_record);
    p->stream = stream_new(plan->config, p->decode, &hooks, why);
    if (!p->stream)
        goto fail;
    return p;
fail:
    complain(why, "memory is short");
    pipeline_free(p);
    return NULL;
}

static void tick(struct pipeline *p, uint64_t now_us)
{
    const struct config *config = p->plan.config;

    stream_tick(p->stream, now_us);
    p->ticked_us = now_us;
    if (config->stats && now_us - p->stats_us >= config->stats_interval_us) {
        capture_update_drops(p->plan.capture);
        output_stats(p->plan.output, now_us, p->last_us - p->first_us, stream_n_flows(p->stream));
        p->stats_us = now_us;
    }
}

/* Frames of merged captures come a little out of order, and turn no timer. After a real jump (another file, a
 * clock that was set) the timers go on from there: else they would rest until the old time is reached again.
 */
static bool tick_is_due(struct pipeline *p, uint64_t now_us)
{
    if (now_us + BACK_US < p->ticked_us)
        p->ticked_us = p->stats_us = now_us;
    return now_us >= p->ticked_us + TICK_US;
}

/* Findings were queued while the packet was worked on; their sources are gone when the next one is read. */
static void deliver(struct pipeline *p)
{
    channel_drain(p->channel, on_record, p);
}

/* True once a second of packet time. */
static bool one_frame(struct pipeline *p, const struct frame *frame)
{
    struct packet packet;
    const char *source = capture_source(p->plan.capture);
    bool ticks;

    if (source != p->source) {
        p->source = source;
        output_set_source(p->plan.output, source);
    }
    if (p->first_us == 0)
        p->first_us = p->stats_us = p->ticked_us = frame->ts_us;
    if (frame->ts_us > p->last_us)
        p->last_us = frame->ts_us;
    if (decode_frame(p->decode, frame, &packet))
        stream_packet(p->stream, &packet);
    ticks = tick_is_due(p, frame->ts_us);
    if (ticks)
        tick(p, frame->ts_us);
    deliver(p);
    return ticks;
}

void pipeline_run(struct pipeline *p)
{
    struct frame frame;
    enum capture_result result;
    uint64_t n = 0;

    while ((result = capture_next(p->plan.capture, &frame)) != CAPTURE_END) {
        bool ticks = true;

        if (result == CAPTURE_FRAME) {
            n++;
            ticks = one_frame(p, &frame) || n % 4096 == 0;
        } else {
            output_flush(p->plan.output);
        }
        if (p->plan.tick && ticks)
            p->plan.tick(p->plan.tick_arg);
        if (output_closed(p->plan.output) || (p->plan.max_packets && n >= p->plan.max_packets))
            break;
    }
    stream_flush(p->stream);
    deliver(p);
    capture_update_drops(p->plan.capture);
    if (p->plan.config->stats)
        output_stats(p->plan.output, p->last_us, p->last_us - p->first_us, stream_n_flows(p->stream));
    output_flush(p->plan.output);
}

void pipeline_stats(struct pipeline *p)
{
    capture_update_drops(p->plan.capture);
    output_stats(p->plan.output, p->last_us, p->last_us - p->first_us, stream_n_flows(p->stream));
    output_flush(p->plan.output);
}

void pipeline_times(const struct pipeline *p, uint64_t *first_us, uint64_t *last_us)
{
    *first_us = p->first_us;
    *last_us = p->last_us;
}

const struct correlate *pipeline_correlate(const struct pipeline *p)
{
    return p->correlate;
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    stream_free(p->stream);
    decode_free(p->decode);
    inspect_free(p->inspect);
    detect_free(p->detect);
    channel_free(p->channel);
    correlate_free(p->correlate);
    free(p);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"
#include "hints.h"
#include "base/count.h"
#include "channel/channel.h"
#include "decode/owner.h"
#include "detect/detect.h"
#include "detect/traffic.h"
#include "inspect/hold.h"
#include "inspect/inspect.h"
#include "records.h"
#include "stream/stream.h"

#include <stdlib.h>

#define TICK_US     1000000u  /* packet time between two looks at the timers */
#define BACK_US     60000000u /* a frame older than this means that the clock was set back */
#define TICK_FRAMES 4096

struct pipeline {
    struct pipeline_plan plan;
    struct decode *decode;
    struct stream *stream;
    struct inspect *inspect;
    struct detect *detect;
    struct traffic *traffic; /* NULL: no rule asks about plain traffic */
    struct channel *channel;
    struct records records;
    struct hints hints;
    const char *source;
    uint64_t first_us, last_us, ticked_us, stats_us;
    uint64_t told; /* frame of the last mark */
    uint64_t frame;
};

/* The road, from right to left: each stage hands its results to the next. */

static void on_records(void *arg, struct bytes records)
{
    struct pipeline *p = arg;

    p->plan.send(p->plan.arg, records);
}

static void on_finding(void *arg, const struct finding *f)
{
    struct pipeline *p = arg;

    f->field->chunk->flow->alerted = true;
    channel_put(p->channel, f, p->plan.config->eve_payload_buffer_size);
}

static size_t on_field(void *arg, const struct field *f)
{
    struct pipeline *p = arg;
    size_t again;

    records_field(&p->records, f);
    if (p->traffic)
        traffic_field(p->traffic, f);
    again = detect_field(p->detect, f);
    hints_field(&p->hints, f);
    return again;
}

static enum appetite on_chunk(void *arg, const struct chunk *c)
{
    struct pipeline *p = arg;
    enum appetite appetite;

    if (p->traffic) {
        traffic_before_chunk(p->traffic, c);
        inspect_want(p->inspect, traffic_wants(p->traffic, c->flow));
    }
    appetite = inspect_chunk(p->inspect, c);
    if (p->traffic && traffic_chunk(p->traffic, c) == APPETITE_MORE)
        return APPETITE_MORE;
    return appetite;
}

static void on_packet(void *arg, struct flow *f, unsigned side, const struct packet *packet)
{
    struct pipeline *p = arg;

    traffic_packet(p->traffic, f, side, packet);
}

static void on_anomaly(void *arg, const struct anomaly *a)
{
    struct pipeline *p = arg;

    channel_put_anomaly(p->channel, a);
}

static void on_connection(void *arg, const struct connection *c)
{
    struct pipeline *p = arg;

    records_connection(&p->records, c, "");
    hints_connection(&p->hints, c);
}

static void on_flow_end(void *arg, struct flow *f)
{
    struct pipeline *p = arg;

    inspect_flow_end(p->inspect, f);
    detect_flow_end(p->detect, f);
    if (p->traffic)
        traffic_flow_end(p->traffic, f);
    records_flow_end(&p->records, f);
}

struct pipeline *pipeline_new(const struct pipeline_plan *plan, struct complaint *why)
{
    struct pipeline *p = calloc(1, sizeof *p);

    if (!p)
        goto fail;
    p->plan = *plan;
    p->channel = channel_new(on_records, p);
    p->detect = detect_new(plan->config, plan->rules, on_finding, p, why);
    p->inspect = inspect_new(plan->config, on_field, p);
    p->decode = decode_new(plan->config);
    if (!traffic_new(plan->config, plan->rules, on_finding, p, &p->traffic, why))
        goto out;
    if (p->channel && p->detect && p->inspect && p->decode)
        return p;
fail:
    complain(why, "memory is short");
out:
    pipeline_free(p);
    return NULL;
}

/* Packets are given to whoever asks about them only. */
static void want_packets(struct pipeline *p)
{
    if (p->stream)
        stream_on_packet(p->stream, p->traffic && traffic_wants_packets(p->traffic) ? on_packet : NULL);
}

bool pipeline_begin(struct pipeline *p, struct complaint *why)
{
    struct stream_hooks hooks = {.chunk = on_chunk,
                                 .flow_end = on_flow_end,
                                 .anomaly = on_anomaly,
                                 .connection = on_connection,
                                 .arg = p};

    p->stream = stream_new(p->plan.config, p->decode, &hooks, why);
    if (!p->stream)
        return complain(why, "memory is short");
    p->records = (struct records){.eve = {.config = p->plan.config, .offline = !p->plan.live},
                                  .rules = p->plan.rules,
                                  .channel = p->channel};
    if (!records_begin(&p->records))
        return complain(why, "memory is short");
    p->hints = (struct hints){.rules = p->plan.rules, .sieve = p->plan.sieve, .channel = p->channel};
    want_packets(p);
    stream_share(p->stream, p->plan.share_index, p->plan.share_n);
    return true;
}

void pipeline_set_plan(struct pipeline *p, const struct pipeline_plan *plan)
{
    p->plan = *plan;
}

static void use_traffic_rules(struct pipeline *p, const struct ruleset *rules)
{
    struct complaint why = {.text = "memory is short"};
    bool good = p->traffic ? traffic_use_rules(p->traffic, rules)
                           : traffic_new(p->plan.config, rules, on_finding, p, &p->traffic, &why);

    if (!good)
        log_error("no rule over plain traffic is in use: %s", why.text);
    want_packets(p);
}

void pipeline_use_rules(struct pipeline *p, uint32_t generation, const struct ruleset *rules)
{
    p->plan.rules = rules;
    p->records.rules = rules;
    detect_use_rules(p->detect, rules);
    use_traffic_rules(p, rules);
    if (p->stream && p->traffic)
        stream_ask_again(p->stream);
    channel_generation(p->channel, generation);
    p->told = FRAME_LAST; /* a mark with the next tick, though no frame came in between */
}

static void put_stats(struct pipeline *p)
{
    struct tally t = {.first_us = p->first_us, .last_us = p->last_us, .n_flows = stream_n_flows(p->stream)};

    memcpy(t.counters, counters, sizeof t.counters);
    channel_put_stats(p->channel, &t);
}

static void tick(struct pipeline *p, uint64_t now_us)
{
    const struct config *config = p->plan.config;

    p->ticked_us = now_us;
    if (config->stats && p->plan.tell_stats && now_us - p->stats_us >= config->stats_interval_us) {
        put_stats(p);
        p->stats_us = now_us;
    }
}

/* For whoever asks how full it is. */
static void held_tell(const struct pipeline *p)
{
    p->plan.status->stream_bytes = stream_held(p->stream) + holds_bytes();
    p->plan.status->fragment_bytes = stream_fragments_held(p->stream);
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

/* Every worker sees this frame; one of them counts it: of a fragment the first, of the others the owner. */
#define FIRST_SHARED COUNT_DECODE_LINK_UNKNOWN
#define LAST_SHARED  COUNT_DEFRAG_LOST_BYTES
#define N_SHARED     (LAST_SHARED - FIRST_SHARED + 1)

static __attribute__((noinline)) void shared_frame(struct pipeline *p, const struct frame *frame)
{
    const unsigned index = p->plan.share_index, n = p->plan.share_n;
    uint64_t before[N_SHARED];
    struct packet packet;
    unsigned owner;
    bool found;

    memcpy(before, &counters[FIRST_SHARED], sizeof before);
    found = decode_frame(p->decode, frame, &packet);
    owner = found ? packet_owner(&packet, n) : (unsigned)(frame->number % n);
    if (found && (packet.fragment || owner == index))
        stream_packet(p->stream, &packet);
    if (index != (found && packet.fragment ? 0 : owner))
        memcpy(&counters[FIRST_SHARED], before, sizeof before);
}

/* From all frames. What capture/ has counted of the others is theirs to count. */
static enum feed_result pick(struct pipeline *p, const struct frame *frame)
{
    bool shared;
    unsigned owner = decode_owner(p->decode, frame, p->plan.share_n, &shared);

    if (shared)
        owner = 0;
    if (owner != p->plan.share_index) {
        counters[COUNT_CAPTURE_FRAMES]--;
        counters[COUNT_CAPTURE_BYTES] -= frame->data.len;
        counters[COUNT_CAPTURE_SNAPPED] -= frame->wire_len > frame->data.len;
    }
    return shared ? FEED_SHARED : owner == p->plan.share_index ? FEED_FRAME : FEED_CLOCK;
}

static void own_frame(struct pipeline *p, const struct frame *frame)
{
    struct packet packet;

    if (decode_frame(p->decode, frame, &packet))
        stream_packet(p->stream, &packet);
}

static void count_time(struct pipeline *p, uint64_t now_us)
{
    struct status *status = p->plan.status;

    if (p->first_us == 0)
        p->first_us = p->stats_us = p->ticked_us = status->first_us = now_us;
    if (now_us > p->last_us)
        p->last_us = status->last_us = now_us;
}

/* The clock goes first: what it ends, ends before this frame. True once a second of packet time. */
static bool one_frame(struct pipeline *p, const struct frame *frame, enum feed_result kind)
{
    struct status *status = p->plan.status;
    bool ticks;

    status->begun = p->frame = frame->number;
    count_time(p, frame->ts_us);
    channel_frame(p->channel, frame->number, frame->ts_us, p->source);
    p->records.eve.source = p->source;
    stream_tick(p->stream, frame->ts_us);
    channel_rank(p->channel, RANK_FRAME);
    if (p->plan.recent && kind != FEED_CLOCK)
        recent_note(p->plan.recent, frame);
    if (kind == FEED_FRAME)
        own_frame(p, frame);
    else if (kind == FEED_SHARED)
        shared_frame(p, frame);
    channel_rank(p->channel, RANK_AFTER);
    ticks = tick_is_due(p, frame->ts_us);
    if (ticks)
        tick(p, frame->ts_us);
    channel_flush(p->channel);
    status->n_flows = stream_n_flows(p->stream);
    status->done = frame->number;
    return ticks;
}

/* Others wait for this worker's records: none will come before this place. */
static void tell_place(struct pipeline *p)
{
    if (p->told == p->frame)
        return;
    channel_put_mark(p->channel);
    channel_flush(p->channel);
    p->told = p->frame;
}

static void finish(struct pipeline *p)
{
    channel_frame(p->channel, FRAME_LAST, p->last_us, p->source);
    stream_flush(p->stream);
    channel_rank(p->channel, RANK_AFTER);
    if (p->plan.config->stats && p->plan.tell_stats)
        put_stats(p);
    channel_flush(p->channel);
    p->plan.status->n_flows = 0;
}

void pipeline_run(struct pipeline *p)
{
    struct frame frame;
    enum feed_result result;
    uint64_t n = 0;

    while ((result = p->plan.feed.next(p->plan.feed.arg, &frame, &p->source)) != FEED_END) {
        bool ticks = true;

        if (result == FEED_FRAME && p->plan.picks)
            result = pick(p, &frame);
        if (result != FEED_IDLE)
            ticks = one_frame(p, &frame, result) || ++n % TICK_FRAMES == 0;
        if (ticks) {
            tell_place(p);
            held_tell(p);
            if (p->plan.tick && !p->plan.tick(p->plan.arg, result == FEED_IDLE))
                break;
        }
        if (p->plan.max_frames && p->frame >= p->plan.max_frames)
            break;
    }
    finish(p);
}

void pipeline_flush(struct pipeline *p)
{
    channel_flush(p->channel);
}

void pipeline_log(struct pipeline *p, enum log_level level, const char *text)
{
    channel_put_log(p->channel, level, text);
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    stream_free(p->stream);
    decode_free(p->decode);
    inspect_free(p->inspect);
    detect_free(p->detect);
    traffic_free(p->traffic);
    channel_free(p->channel);
    records_drop(&p->records);
    free(p);
}

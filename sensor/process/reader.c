/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "channel/outlet.h"
#include "channel/report.h"
#include "decode/owner.h"
#include "process/worker.h"

#include <stdio.h>
#include <unistd.h>

#define FIRST_COUNTED COUNT_CAPTURE_FRAMES
#define LAST_COUNTED  COUNT_CAPTURE_SNAPPED
#define DRAIN_MS      10000

struct reader {
    const struct job *job;
    struct status *status;
    struct outlet *outlet;
    struct decode *decode; /* to see whose a frame is; NULL with one worker */
    struct buf record;
    uint64_t told[COUNT_N]; /* of the counters of capture/ */
    const char *source;
    bool muted;
};

static struct capture *volatile stoppable;

static void on_stop(int sig)
{
    (void)sig;
    if (stoppable)
        capture_stop(stoppable);
}

static void beat(void *arg)
{
    struct reader *r = arg;

    r->status->beats++;
}

static void on_log(void *arg, enum log_level level, const char *text)
{
    struct reader *r = arg;

    if (r->muted)
        return;
    buf_clear(&r->record);
    if (record_write_log(&r->record, level, text)) {
        record_set_place(&r->record, 0, RANK_FRAME, 0, 0);
        outlet_send(r->outlet, buf_bytes(&r->record));
    }
}

static void put(struct reader *r, unsigned worker, const struct ring_entry *e)
{
    unsigned naps = 0;

    while (!ring_put(r->job->rings[worker], e)) {
        r->status->beats++;
        ring_nap(&naps);
    }
}

static void put_all(struct reader *r, const struct ring_entry *e)
{
    for (unsigned i = 0; i < r->job->n; i++)
        put(r, i, e);
}

/* The workers' counters are the ones that are published. Frames are counted where they are worked on,
 * everything else by the first worker. */
static void tell_counters(struct reader *r)
{
    for (unsigned i = FIRST_COUNTED; i <= LAST_COUNTED; i++) {
        struct ring_entry e = {.kind = RING_COUNT, .number = i, .ts_us = counters[i] - r->told[i]};

        r->told[i] = counters[i];
        if (e.ts_us && i != COUNT_CAPTURE_FRAMES && i != COUNT_CAPTURE_BYTES && i != COUNT_CAPTURE_SNAPPED)
            put(r, 0, &e);
    }
}

static void tell_progress(struct reader *r)
{
    uint64_t done, total;
    unsigned file, n_files;

    capture_progress(r->job->capture, &done, &total, &file, &n_files);
    r->status->bytes_done = done;
    r->status->bytes_total = total;
    r->status->file = file;
    r->status->n_files = n_files;
    r->status->input_failed = capture_failed(r->job->capture);
}

static void tell_source(struct reader *r, const char *source)
{
    struct ring_entry e = {.kind = RING_SOURCE, .data = bytes_of(source, strlen(source) + 1)};

    r->source = source;
    put_all(r, &e);
    for (size_t i = 0; i < sizeof r->status->source - 1; i++) {
        r->status->source[i] = source[i];
        if (!source[i])
            break;
    }
    tell_counters(r);
    tell_progress(r);
}

/* While the meaning of checksums is open, the reader has to weigh them as the workers do. */
static unsigned owner_of(struct reader *r, const struct frame *frame, bool *shared)
{
    unsigned owner = decode_owner(r->decode, frame, r->job->n, shared);
    struct packet packet;

    r->muted = true;
    if (!decode_is_settled(r->decode))
        decode_frame(r->decode, frame, &packet);
    r->muted = false;
    return owner;
}

static void give(struct reader *r, const struct frame *frame)
{
    struct ring_entry e = {.kind = RING_FRAME,
                           .ts_us = frame->ts_us,
                           .number = frame->number,
                           .wire_len = frame->wire_len,
                           .link_type = frame->link_type,
                           .data = frame->data};
    struct ring_entry clock = {.kind = RING_CLOCK, .ts_us = frame->ts_us, .number = frame->number};
    bool shared = false;
    unsigned owner = r->decode ? owner_of(r, frame, &shared) : 0;

    if (shared) {
        e.kind = RING_SHARED;
        put_all(r, &e);
        return;
    }
    for (unsigned i = 0; i < r->job->n; i++)
        put(r, i, i == owner ? &e : &clock);
}

/* Reads again, without a word, what is in the rings already. */
static void skip(struct reader *r)
{
    struct frame frame;

    r->muted = true;
    for (uint64_t n = 0; n < r->job->skip && capture_next(r->job->capture, &frame) == CAPTURE_FRAME; n++)
        if (n % 4096 == 0)
            r->status->beats++;
    r->muted = false;
    memcpy(r->told, counters, sizeof r->told);
    r->source = capture_source(r->job->capture);
}

static void read_all(struct reader *r)
{
    const struct job *job = r->job;
    struct frame frame;

    while (capture_next(job->capture, &frame) == CAPTURE_FRAME) {
        const char *source = capture_source(job->capture);

        r->status->begun = frame.number;
        if (source != r->source)
            tell_source(r, source);
        give(r, &frame);
        r->status->done = frame.number;
        if (frame.number % 256 == 0)
            tell_progress(r);
        if (job->max_frames && frame.number >= job->max_frames)
            break;
    }
}

void reader_run(const struct job *job)
{
    struct reader r = {.job = job, .status = status_of(job->status), .record = buf_within(RECORD_MAX)};
    struct complaint why = {""};
    struct outlet_plan outlet = {
        .fd = job->pipe, .patient = true, .max_bytes = RECORD_MAX, .beat = beat, .arg = &r};

    for (unsigned i = 0; i < job->n; i++)
        ring_take_over(job->rings[i]);
    stoppable = job->capture;
    job_begin(job, on_stop);
    r.outlet = outlet_new(&outlet);
    r.decode = job->n > 1 ? decode_new(job->config) : NULL;
    if (!r.outlet || (job->n > 1 && !r.decode))
        _exit(JOB_CANNOT_START);
    log_set_sink(on_log, &r);
    if (!job_confine(job, &why)) {
        log_error("%s", why.text);
        outlet_drain(r.outlet, DRAIN_MS);
        _exit(JOB_CANNOT_START);
    }
    r.status->ready = 1;
    skip(&r);
    read_all(&r);
    tell_counters(&r);
    tell_progress(&r);
    for (unsigned i = 0; i < job->n; i++)
        ring_close(job->rings[i]);
    outlet_drain(r.outlet, DRAIN_MS);
    r.status->complete = 1;
    _exit(JOB_DONE);
}

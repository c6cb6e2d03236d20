/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/worker.h"
#include "channel/outlet.h"
#include "channel/report.h"
#include "process/learner.h"
#include "process/sandbox.h"
#include "rulebook.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define DRAIN_MS 10000 /* a collector that takes nothing for so long is not going to */

struct worker {
    const struct job *job;
    struct status *status;
    struct outlet *outlet;
    struct pipeline *pipeline;
    struct ring *ring;
    struct learner *learner; /* NULL: the rules are not to change */
    struct rulebook *book;   /* what it has made; NULL: the rules are those that the collector made */
    unsigned naps;
    bool muted;
    const char *last_source;
    struct {
        uint64_t packets, drops;
    } told[STATUS_INTERFACES]; /* of each interface, to the collector */
    char source[4096];         /* of the ring's frames */
};

static struct capture *volatile stoppable;

static void on_stop(int sig)
{
    (void)sig;
    if (stoppable)
        capture_stop(stoppable);
}

void job_begin(const struct job *job, void (*stop)(int sig))
{
    static const int not_ours[] = {SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE};
    struct sigaction action = {.sa_handler = SIG_IGN};
    int mine[2] = {job->pipe, -1};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != job->parent)
        _exit(JOB_ALONE);
    sigemptyset(&action.sa_mask);
    /* A terminal sends them to all of its processes; the collector decides what they mean. */
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        sigaction(not_ours[i], &action, NULL);
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
    action.sa_handler = stop; /* without SA_RESTART: a read that waits comes back */
    sigaction(SIGTERM, &action, NULL);
    /* Before descriptors are closed: /dev/fd/3 is the name of an input, too. */
    if (job->opener && !opener_begin(job->opener, job->pipe))
        _exit(JOB_CANNOT_OPEN);
    /* stdout is the collector's: whoever reads it waits for its end. stderr stays, for a sanitizer's last
     * words. */
    mine[1] = job->opener ? job->opener->fd : job->rules_pipe;
    descriptors_close(job->keep, mine, job->reads_stdin);
}

bool job_confine(const struct job *job, struct complaint *why)
{
    int writable[2] = {job->pipe, -1};
    struct sandbox_worker_plan plan = {.writable = writable, .n_writable = 1, .memory = job->memory};

    if (!job->sandbox)
        return true;
    if (job->opener)
        writable[plan.n_writable++] = job->opener->fd;
    return sandbox_worker(&plan, why);
}

static void beat(void *arg)
{
    struct worker *w = arg;

    w->status->beats++;
}

/* Words that every worker would say are said by the first. */
static void on_log(void *arg, enum log_level level, const char *text)
{
    struct worker *w = arg;

    if (!w->muted && (w->job->live || w->job->index == 0))
        pipeline_log(w->pipeline, level, text);
}

static void on_records(void *arg, struct bytes records)
{
    struct worker *w = arg;

    outlet_send(w->outlet, records);
}

static void tell_progress(struct worker *w)
{
    uint64_t done, total;
    unsigned file, n_files;

    capture_progress(w->job->capture, &done, &total, &file, &n_files);
    w->status->bytes_done = done;
    w->status->bytes_total = total;
    w->status->file = file;
    w->status->n_files = n_files;
    w->status->input_failed = capture_failed(w->job->capture);
}

/* --- other rules, while it watches --- */

static bool learner_confine(void *arg, struct complaint *why)
{
    const struct worker *w = arg;

    return !w->job->sandbox || sandbox_thread(why);
}

static void *learner_make(void *arg, uint32_t generation, struct bytes text, struct complaint *why)
{
    const struct worker *w = arg;

    return rulebook_learn(w->job->config, text, generation, why);
}

static void learner_drop(void *arg, void *made)
{
    (void)arg;
    rulebook_free(made);
}

static bool learner_prepare(struct worker *w, struct complaint *why)
{
    const struct learner_plan plan = {.fd = w->job->rules_pipe,
                                      .confine = learner_confine,
                                      .make = learner_make,
                                      .drop = learner_drop,
                                      .arg = w};

    if (plan.fd < 0)
        return true;
    w->learner = learner_begin(&plan, why);
    return w->learner != NULL;
}

/* The collector has made the same of them: that it fails here is for lack of memory, and a successor comes
 * out of the collector with the rules in it. */
static void rules_take(struct worker *w)
{
    struct lesson lesson;

    if (!w->learner || !learner_take(w->learner, &lesson))
        return;
    if (!lesson.made) {
        log_error("these rules cannot be used by a worker, which is replaced: %s", lesson.why.text);
        w->status->rules_refused = lesson.generation;
        return;
    }
    pipeline_use_rules(w->pipeline, lesson.generation, ((struct rulebook *)lesson.made)->rules);
    rulebook_free(w->book);
    w->book = lesson.made;
}

/* An interface that came back counts from nothing again. */
static uint64_t more(uint64_t now, uint64_t told)
{
    return now >= told ? now - told : now;
}

static void interfaces_tell(struct worker *w)
{
    uint64_t packets, drops;

    for (unsigned i = 0; i < STATUS_INTERFACES && capture_interface(w->job->capture, i, &packets, &drops);
         i++) {
        w->status->interfaces[i].packets += more(packets, w->told[i].packets);
        w->status->interfaces[i].drops += more(drops, w->told[i].drops);
        w->told[i].packets = packets;
        w->told[i].drops = drops;
    }
}

static bool on_tick(void *arg, bool idle)
{
    struct worker *w = arg;

    (void)idle;
    w->status->beats++;
    rules_take(w);
    if (!w->ring) {
        capture_update_drops(w->job->capture);
        interfaces_tell(w);
        tell_progress(w);
    }
    outlet_flush(w->outlet);
    return !outlet_broken(w->outlet);
}

static void source_tell(struct status *status, const char *source)
{
    size_t len = strlen(source), max = sizeof status->source - 1;

    if (len > max)
        source += len - max; /* the end of a path says more than its beginning */
    for (size_t i = 0; i <= max && (i == 0 || source[i - 1]); i++)
        status->source[i] = source[i];
}

/* --- frames that this process captures itself --- */

static enum feed_result next_captured(void *arg, struct frame *out, const char **source)
{
    struct worker *w = arg;
    enum capture_result result = capture_next(w->job->capture, out);

    *source = capture_source(w->job->capture);
    if (*source != w->last_source) {
        w->last_source = *source;
        source_tell(w->status, *source);
    }
    if (result == CAPTURE_END) {
        capture_update_drops(w->job->capture);
        interfaces_tell(w);
        return FEED_END;
    }
    return result == CAPTURE_FRAME ? FEED_FRAME : FEED_IDLE;
}

/* Reads again what another has worked on, without a word and without counting it twice. */
static void skip_captured(struct worker *w)
{
    uint64_t before[COUNT_CAPTURE_SNAPPED + 1];
    struct frame frame;

    w->muted = true;
    memcpy(before, counters, sizeof before);
    for (uint64_t n = 0; n < w->job->skip && capture_next(w->job->capture, &frame) == CAPTURE_FRAME; n++)
        if (n % 4096 == 0)
            w->status->beats++;
    memcpy(counters, before, sizeof before);
    w->muted = false;
}

/* --- frames that come from the reader --- */

static void count_frame(const struct worker *w, const struct ring_entry *e)
{
    if (e->kind == RING_SHARED && w->job->index != 0)
        return;
    count(COUNT_CAPTURE_FRAMES);
    count_add(COUNT_CAPTURE_BYTES, e->data.len);
    if (e->wire_len > e->data.len)
        count(COUNT_CAPTURE_SNAPPED);
}

/* True when the entry is a frame. */
static bool entry_take(struct worker *w, const struct ring_entry *e)
{
    switch (e->kind) {
    case RING_SOURCE:
        snprintf(w->source, sizeof w->source, "%.*s", (int)e->data.len, (const char *)e->data.p);
        source_tell(w->status, w->source);
        return false;
    case RING_COUNT:
        if (e->number < COUNT_N)
            count_add((enum counter)e->number, e->ts_us);
        return false;
    case RING_FRAME:
    case RING_SHARED:
    case RING_CLOCK:
        break;
    }
    return e->number > w->job->skip;
}

static enum feed_result next_from_ring(void *arg, struct frame *out, const char **source)
{
    struct worker *w = arg;
    struct ring_entry e;

    ring_done(w->ring);
    *source = w->source;
    while (ring_get(w->ring, &e)) {
        w->naps = 0;
        if (!entry_take(w, &e)) {
            ring_done(w->ring);
            continue;
        }
        *out = (struct frame){.ts_us = e.ts_us,
                              .number = e.number,
                              .data = e.data,
                              .wire_len = e.wire_len,
                              .link_type = e.link_type};
        if (e.kind == RING_CLOCK)
            return FEED_CLOCK;
        count_frame(w, &e);
        return e.kind == RING_FRAME ? FEED_FRAME : FEED_SHARED;
    }
    if (ring_is_closed(w->ring))
        return FEED_END;
    ring_nap(&w->naps);
    return FEED_IDLE;
}

static void source_remember(struct worker *w)
{
    for (size_t i = 0; i < sizeof w->status->source; i++)
        w->source[i] = w->status->source[i];
    w->source[sizeof w->status->source] = '\0';
}

static _Noreturn void fail(struct worker *w, const char *what)
{
    log_error("%s", what);
    pipeline_flush(w->pipeline);
    outlet_drain(w->outlet, DRAIN_MS);
    _exit(JOB_CANNOT_START);
}

static void plan_fill(struct worker *w, struct pipeline_plan *plan)
{
    const struct job *job = w->job;

    *plan = (struct pipeline_plan){.config = job->config,
                                   .rules = job->rules,
                                   .sieve = job->sieve,
                                   .feed = {.next = w->ring ? next_from_ring : next_captured, .arg = w},
                                   .share_index = job->live ? 0 : job->index,
                                   .share_n = job->live ? 1 : job->n,
                                   .picks = !w->ring && !job->live && job->n > 1,
                                   .max_frames = w->ring ? 0 : job->max_frames,
                                   .live = job->live,
                                   .tell_stats = !job->live,
                                   .send = on_records,
                                   .tick = on_tick,
                                   .arg = w,
                                   .recent = job->recent,
                                   .status = w->status};
}

static void worker_prepare(struct worker *w, bool shares_counters)
{
    const struct job *job = w->job;
    struct outlet_plan outlet = {.fd = job->pipe,
                                 .patient = !job->live,
                                 .max_bytes = job->config->channel_memcap,
                                 .beat = beat,
                                 .arg = w};
    struct pipeline_plan plan;
    struct complaint why = {""};

    w->pipeline = job->pipeline;
    w->outlet = outlet_new(&outlet);
    if (!w->outlet)
        _exit(JOB_CANNOT_START);
    plan_fill(w, &plan);
    pipeline_set_plan(w->pipeline, &plan);
    log_set_sink(on_log, w);
    if (!shares_counters)
        fail(w, "this kernel's pages are too large to share counters: use --in-process");
    if (!pipeline_begin(w->pipeline, &why) || !learner_prepare(w, &why) || !job_confine(job, &why))
        fail(w, why.text);
}

/* Its own handles, and they are what it keeps. */
static void interfaces_take(struct job *job, struct descriptors *keep)
{
    job->capture = capture_set_take(job->set, job->index);
    if (!job->capture)
        _exit(JOB_CANNOT_START);
    keep->n = capture_descriptors(job->capture, keep->fd, DESCRIPTORS_MAX);
    job->keep = keep;
}

void worker_run(const struct job *given)
{
    struct job mine = *given;
    const struct job *job = &mine;
    struct descriptors keep;
    struct worker w = {.job = job, .status = status_of(job->status)};
    bool shares_counters = status_take(job->status); /* before its descriptor is closed */

    if (job->live)
        interfaces_take(&mine, &keep);
    stoppable = job->rings ? NULL : job->capture;
    job_begin(job, on_stop);
    w.ring = job->rings ? job->rings[job->index] : NULL;
    worker_prepare(&w, shares_counters);
    w.status->beats++;
    w.status->ready = 1;
    if (w.ring) {
        ring_take_over(w.ring);
        source_remember(&w);
    } else {
        skip_captured(&w);
    }
    pipeline_run(w.pipeline);
    if (!w.ring)
        tell_progress(&w);
    outlet_drain(w.outlet, DRAIN_MS);
    w.status->complete = 1;
    _exit(JOB_DONE);
}

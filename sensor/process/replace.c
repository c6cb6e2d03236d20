/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/replace.h"
#include "process/sandbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* Else a worker that was taken over could write into another's frames, counters and signs of life. */
static void others_forget(void *arg, const struct job *job)
{
    struct supervisor *s = arg;
    bool reads = job->status == s->reader.status;

    for (unsigned i = 0; i <= s->n; i++) {
        struct child *c = i < s->n ? &s->workers[i] : &s->reader;

        if (c->status == job->status)
            continue;
        status_free(c->status);
        recent_free(c->recent);
        c->status = NULL;
        c->recent = NULL;
    }
    for (unsigned i = 0; s->rings && !reads && i < s->n; i++)
        if (i != job->index) {
            ring_free(s->rings[i]);
            s->rings[i] = NULL;
        }
}

static void job_fill(struct supervisor *s, struct job *job, unsigned index)
{
    const struct supervisor_plan *plan = &s->plan;

    *job = (struct job){.config = plan->config,
                        .rules = plan->rules,
                        .sieve = collector_sieve(plan->collector),
                        .pipeline = s->pipeline,
                        .capture = plan->capture,
                        .set = plan->set,
                        .live = plan->live,
                        .index = index,
                        .n = s->n,
                        .rings = s->rings,
                        .max_frames = plan->max_frames,
                        .keep = plan->keep,
                        .opener = plan->opener,
                        .forget = others_forget,
                        .arg = s,
                        .sandbox = plan->sandbox,
                        .memory = plan->sandbox ? sandbox_memory(plan->config) : 0};
}

static bool reads_stdin(const struct supervisor *s)
{
    for (unsigned i = 0; i < s->plan.capture_plan->n_paths; i++)
        if (strcmp(s->plan.capture_plan->paths[i], "-") == 0)
            return true;
    return false;
}

static void worker_begin(struct supervisor *s, unsigned i)
{
    struct child *c = &s->workers[i];
    struct job job;

    job_fill(s, &job, i);
    job.skip = s->plan.live ? 0 : status_of(c->status)->begun;
    job.reads_stdin = !s->rings && reads_stdin(s);
    if (s->rings) /* somebody else reads */
        job.opener = NULL;
    merge_begin(s->merge, i);
    status_of(c->status)->rules_refused = 0;
    c->generation = s->generation;
    if (!child_begin(c, &job, worker_run))
        c->begin_us = monotonic_us() + SECOND_US; /* no process, no descriptor: perhaps in a moment */
}

static void reader_begin(struct supervisor *s)
{
    struct child *c = &s->reader;
    struct job job;

    job_fill(s, &job, 0);
    job.skip = status_of(c->status)->done;
    job.reads_stdin = reads_stdin(s);
    if (!child_begin(c, &job, reader_run))
        c->begin_us = monotonic_us() + SECOND_US;
}

static void quarantine(struct supervisor *s, struct child *c)
{
    struct complaint why = {""};
    char path[4096];
    unsigned n;

    if (!c->recent)
        return;
    n = quarantine_write(c->recent, s->plan.config->log_dir,
                         s->n_quarantined % (unsigned)s->plan.config->quarantine_files + 1, path, sizeof path,
                         &why);
    if (n == 0) {
        log_error("quarantine: %s", why.text);
        return;
    }
    s->n_quarantined++;
    log_notice("quarantine: the last %u frames are in %s", n, path);
}

/* Says it in words, as an event and in the counters. */
static void death_tell(struct supervisor *s, const struct child *c, const char *name, bool replaced)
{
    const struct status *status = status_of(c->status);
    uint64_t first_us, last_us;
    bool amid = status->begun != status->done;
    char phrase[128], message[512];
    struct engine_event event = {
        .log_level = "Error", .module = "supervisor", .thread = name, .message = message};

    event.error = death_reason(c->wait_status, c->offence, phrase, sizeof phrase);
    snprintf(message, sizeof message, "%s died of %s %s frame %" PRIu64 "; %" PRIu64 " flows lost; %s", name,
             phrase, amid ? "on" : "after", amid ? status->begun : status->done, status->n_flows,
             replaced ? "replaced" : "not replaced");
    log_error("%s", message);
    supervisor_times(s, &first_us, &last_us);
    event.ts_us = s->plan.live ? realtime_us() : last_us;
    count(COUNT_WORKER_DEATHS);
    count_add(COUNT_WORKER_LOST_FLOWS, status->n_flows);
    count_add(COUNT_WORKER_LOST_FRAMES, amid);
    output_engine(s->plan.output, &event);
}

static void when_to_replace(struct supervisor *s, struct child *c, const char *name)
{
    uint64_t pause_us = deaths_note(&c->deaths, monotonic_us());

    (void)s;
    c->begin_us = monotonic_us() + pause_us;
    if (pause_us)
        log_warning("%s has died %d times within a minute: its successor waits %" PRIu64 " s", name,
                    DEATHS_MANY, pause_us / SECOND_US);
}

static bool has_finished(const struct child *c)
{
    return c->offence == OFFENCE_NONE && WIFEXITED(c->wait_status) &&
           WEXITSTATUS(c->wait_status) == JOB_DONE && status_of(c->status)->complete;
}

/* Somebody else's frames are not touched by it. */
static void handles_renew(struct supervisor *s, unsigned i)
{
    struct complaint why = {""};

    if (!capture_set_renew(s->plan.set, i, &why))
        log_error("%s", why.text);
}

/* After the last word about a worker: what it has left in its rings is counted. */
static void handles_settle(struct supervisor *s, unsigned i)
{
    capture_set_settle(s->plan.set, i, status_counters(s->workers[i].status));
}

void worker_retire(struct supervisor *s, unsigned i)
{
    struct child *c = &s->workers[i];

    if (c->pid <= 0 || c->retires)
        return;
    handles_renew(s, i);
    c->retires = true;
    kill(c->pid, SIGTERM);
}

static void worker_over(struct supervisor *s, unsigned i)
{
    s->workers[i].over = true;
    merge_end(s->merge, i);
}

static bool could_not_start(const struct child *c)
{
    return WIFEXITED(c->wait_status) && WEXITSTATUS(c->wait_status) == JOB_CANNOT_START &&
           !status_of(c->status)->ready;
}

/* Whoever still works would wait for it, or work for nothing. */
static void give_up(struct supervisor *s)
{
    s->failed = s->ending = true;
    for (unsigned i = 0; i < s->n; i++)
        child_kill(&s->workers[i], OFFENCE_NONE);
    child_kill(&s->reader, OFFENCE_NONE);
}

static void worker_died(struct supervisor *s, unsigned i)
{
    struct child *c = &s->workers[i];
    bool replaced = !s->ending && !(s->plan.live && s->stopping) && (s->rings || s->again || s->plan.live);
    char name[32];

    c->ended = false;
    if (has_finished(c) && c->retires && replaced) {
        handles_settle(s, i);
        status_of(c->status)->complete = 0;
        status_of(c->status)->n_flows = 0;
        c->begin_us = monotonic_us();
        return;
    }
    if (has_finished(c)) {
        worker_over(s, i);
        return;
    }
    if (could_not_start(c)) /* it has said why */
        give_up(s);
    if (s->ending) {
        worker_over(s, i);
        return;
    }
    snprintf(name, sizeof name, "worker-%u", i + 1);
    death_tell(s, c, name, replaced);
    quarantine(s, c);
    s->failed |= !s->plan.live;
    if (s->plan.live) {
        if (replaced)
            handles_renew(s, i);
        handles_settle(s, i);
    }
    if (replaced && !s->plan.live && deaths_stuck(&c->deaths, status_of(c->status)->begun)) {
        log_error("%s: %d workers have died at this place, one after the other: the run is given up", name,
                  DEATHS_HOPELESS);
        give_up(s);
        replaced = false;
    }
    if (!replaced) {
        worker_over(s, i);
        return;
    }
    status_of(c->status)->done = status_of(c->status)->begun;
    status_of(c->status)->n_flows = 0;
    when_to_replace(s, c, name);
}

static void rings_close(struct supervisor *s)
{
    for (unsigned i = 0; i < s->n; i++)
        ring_close(s->rings[i]);
}

static void reader_died(struct supervisor *s)
{
    struct child *c = &s->reader;
    bool replaced = s->again && !s->ending && !s->stopping;

    c->ended = false;
    if (has_finished(c)) {
        c->over = true;
        return;
    }
    if (!s->ending) {
        death_tell(s, c, "reader", replaced);
        s->failed = true;
    }
    if (replaced) {
        when_to_replace(s, c, "reader");
        return;
    }
    c->over = true;
    count(COUNT_CAPTURE_BAD_FILES);
    rings_close(s);
}

void children_replace(struct supervisor *s)
{
    uint64_t now_us = monotonic_us();

    for (unsigned i = 0; i < s->n; i++) {
        struct child *c = &s->workers[i];

        if (!c->over && child_is_dead(c) && merge_is_empty(s->merge, i))
            worker_died(s, i);
        if (c->over || !c->begin_us)
            continue;
        if (s->ending || (s->stopping && s->plan.live))
            worker_over(s, i);
        else if (now_us >= c->begin_us)
            worker_begin(s, i);
    }
    if (!s->reader.over && child_is_dead(&s->reader))
        reader_died(s);
    if (!s->reader.over && s->reader.begin_us && now_us >= s->reader.begin_us)
        reader_begin(s);
}

void children_begin(struct supervisor *s)
{
    for (unsigned i = 0; i < s->n; i++)
        worker_begin(s, i);
    if (s->rings)
        reader_begin(s);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/supervisor.h"
#include "channel/report.h"
#include "process/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define HOLD_US 25000 /* live: a record waits so long for others that are older */
#define LOOK_MS 200   /* between two looks at what tells nobody when it happens */
/* One worker reads this in a second, for two thirds of the CPU that two and a reader would take. */
#define SMALL_BYTES (UINT64_C(1) << 30)

uint64_t realtime_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

void supervisor_stats(struct supervisor *s)
{
    uint64_t first_us, last_us;

    if (s->plan.live)
        capture_set_update_drops(s->plan.set);
    supervisor_count(s);
    supervisor_times(s, &first_us, &last_us);
    collector_stats(s->plan.collector, s->plan.live ? realtime_us() : last_us, first_us, last_us,
                    supervisor_n_flows(s));
    output_flush(s->plan.output);
}

/* --- records --- */

static void stats_tell(struct supervisor *s)
{
    struct tally rest;
    uint64_t ts_us;

    if (!tally_take(s->tally, &rest, &ts_us))
        return;
    /* How many records come in between depends on the number of workers; what is counted must not. */
    collector_clock(s->plan.collector, ts_us);
    collector_stats(s->plan.collector, ts_us, rest.first_us, rest.last_us, rest.n_flows);
}

static bool stats_record(struct supervisor *s, unsigned worker, const struct record_place *place,
                         struct bytes record)
{
    struct tally t;

    /* Live the counters are in the shared pages: whoever sends them is no worker of ours any more. */
    if (s->plan.live || !record_read_stats(record, &t))
        return false;
    if (place->frame == FRAME_LAST) /* all else has come: the counts below are of the whole */
        collector_finish(s->plan.collector);
    if (tally_add(s->tally, worker, place, &t))
        stats_tell(s);
    return true;
}

static void on_record(void *arg, unsigned worker, struct bytes record)
{
    struct supervisor *s = arg;
    struct record_place place;
    bool good;

    if (!record_place_read(record, &place))
        return; /* merge has looked at it */
    if (place.generation < s->workers[worker].generation || place.generation > s->generation) {
        count(COUNT_CHANNEL_BAD);
        child_kill(&s->workers[worker], OFFENCE_NONSENSE);
        return;
    }
    s->workers[worker].generation = place.generation;
    if (tally_is_left(s->tally, &place)) /* a worker died before it told its part */
        stats_tell(s);
    good = place.kind == RECORD_STATS ? stats_record(s, worker, &place, record)
                                      : collector_record(s->plan.collector, record);
    if (!good) {
        count(COUNT_CHANNEL_BAD);
        child_kill(&s->workers[worker], OFFENCE_NONSENSE);
    }
}

static void run_merge(struct supervisor *s)
{
    unsigned bad;

    while (!merge_run(s->merge, monotonic_us(), &bad)) {
        count(COUNT_CHANNEL_BAD);
        child_kill(&s->workers[bad], OFFENCE_NONSENSE);
        child_close(&s->workers[bad]);
    }
}

static void worker_read(struct supervisor *s, unsigned i)
{
    struct child *c = &s->workers[i];
    size_t len;
    uint8_t *room = merge_room(s->merge, i, &len);
    ssize_t n = room ? read(c->pipe, room, len) : -1;

    if (n > 0) {
        if (!merge_wrote(s->merge, i, (size_t)n, monotonic_us())) {
            count(COUNT_CHANNEL_BAD);
            child_kill(c, OFFENCE_NONSENSE);
            child_close(c);
        }
    } else if (n == 0 || (room && errno != EAGAIN && errno != EINTR)) {
        child_close(c);
    }
}

/* It only sends words for the operator. */
static void reader_read(struct supervisor *s)
{
    struct child *c = &s->reader;
    uint8_t *room = buf_room(&s->reader_bytes, 4096);
    ssize_t n = room ? read(c->pipe, room, 4096) : -1;

    if (n > 0)
        buf_wrote(&s->reader_bytes, (size_t)n);
    else if (n == 0 || (room && errno != EAGAIN && errno != EINTR))
        child_close(c);
    for (;;) {
        struct bytes all = buf_bytes(&s->reader_bytes);
        size_t size = record_size(all);
        enum log_level level;
        char text[LOG_LINE_MAX];

        if (size == 0)
            return;
        if (size == SIZE_MAX || !record_read_log(bytes_slice(all, 0, size), &level, text)) {
            buf_clear(&s->reader_bytes);
            child_kill(c, OFFENCE_NONSENSE);
            child_close(c);
            return;
        }
        log_as(level, text);
        buf_cut_front(&s->reader_bytes, size);
    }
}

/* --- rules --- */

void supervisor_use_rules(struct supervisor *s, const struct rulebook *book)
{
    s->generation = book->generation;
    s->plan.rules = book->rules;
    pipeline_use_rules(s->pipeline, book->generation, book->rules);
    for (unsigned i = 0; i < s->n; i++)
        if (s->workers[i].rules_pipe >= 0)
            parcel_pack(&s->workers[i].parcel, book->generation, buf_bytes(&book->texts));
}

/* Who is dead has told all when its pipe is closed, and is over or about to be made anew. */
bool supervisor_rules_settled(const struct supervisor *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        const struct child *c = &s->workers[i];

        if (c->generation != s->generation && !c->over && !c->begin_us)
            return false;
    }
    return true;
}

static void parcels_deliver(struct supervisor *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        struct child *c = &s->workers[i];

        if (parcel_waits(&c->parcel) && !parcel_write(&c->parcel, c->rules_pipe))
            c->parcel = (struct parcel){.head = {0}}; /* it is dying */
    }
}

/* A worker without memory for them makes way for one that is born with them. */
static void rules_look_after(struct supervisor *s)
{
    for (unsigned i = 0; i < s->n && !s->stopping; i++) {
        struct child *c = &s->workers[i];

        if (c->generation != s->generation && status_of(c->status)->rules_refused == s->generation)
            worker_retire(s, i);
    }
}

/* --- the loop --- */

static bool all_over(const struct supervisor *s)
{
    for (unsigned i = 0; i < s->n; i++)
        if (!s->workers[i].over)
            return false;
    return s->reader.over;
}

static void look_after(struct supervisor *s, struct child *c, bool waits, uint64_t now_us)
{
    if (c->over)
        return;
    child_reap(c);
    child_check(c, now_us, s->plan.config->hang_timeout_us, waits);
}

/* Whoever reads is told to stop, again and again: a signal right before a read that waits would be lost. */
static void stop_tell(struct supervisor *s)
{
    if (s->rings && s->reader.pid > 0)
        kill(s->reader.pid, SIGTERM);
    for (unsigned i = 0; !s->rings && i < s->n; i++)
        if (s->workers[i].pid > 0)
            kill(s->workers[i].pid, SIGTERM);
}

static void end_at_once(struct supervisor *s)
{
    s->ending = true;
    for (unsigned i = 0; i < s->n; i++)
        child_kill(&s->workers[i], OFFENCE_NONE);
    child_kill(&s->reader, OFFENCE_NONE);
}

static void children_look_after(struct supervisor *s)
{
    uint64_t now_us = monotonic_us();

    for (unsigned i = 0; i < s->n; i++)
        look_after(s, &s->workers[i], false, now_us);
    look_after(s, &s->reader, true, now_us);
    children_replace(s);
}

/* What happens to interfaces: told as events, and some workers need new handles for it. */
static void interfaces_look_after(struct supervisor *s)
{
    struct capture_news news;

    while (capture_set_watch(s->plan.set, &news)) {
        const struct engine_event event = {.ts_us = realtime_us(),
                                           .log_level = news.bad ? "Error" : "Notice",
                                           .module = "capture",
                                           .thread = news.interface,
                                           .error = news.what,
                                           .message = news.message};

        output_engine(s->plan.output, &event);
    }
    for (unsigned i = 0; i < s->n && !s->stopping; i++)
        if (capture_set_wants(s->plan.set, i))
            worker_retire(s, i);
}

static void loss_tell(struct supervisor *s)
{
    char message[512];
    struct engine_event event = {.ts_us = realtime_us(),
                                 .log_level = "Warning",
                                 .module = "capture",
                                 .error = "kernel_drops",
                                 .message = message};

    if (!loss_look(&s->loss, s->plan.config->drop_alarm, message, sizeof message))
        return;
    log_warning("%s", message);
    output_engine(s->plan.output, &event);
}

static void look(struct supervisor *s)
{
    uint64_t now_us = monotonic_us();

    if (s->stopping)
        stop_tell(s);
    if (s->plan.live && s->plan.config->stats && now_us >= s->stats_us) {
        if (s->stats_us) {
            supervisor_stats(s);
            loss_tell(s);
        }
        s->stats_us = now_us + s->plan.config->stats_interval_us;
    }
    if (s->plan.live) {
        interfaces_look_after(s);
        rules_look_after(s);
    }
    s->plan.tick(s->plan.arg);
    output_flush(s->plan.output); /* also when the loop never rests, be it for a guest who asks without end */
    s->look_us = now_us + LOOK_MS * 1000;
}

static unsigned poll_fill(struct supervisor *s, struct pollfd *fds)
{
    unsigned n = 0;

    fds[n++] = (struct pollfd){.fd = s->wake[0], .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = s->reader.pipe, .events = POLLIN};
    for (unsigned i = 0; i < s->n; i++)
        fds[n++] =
            (struct pollfd){.fd = merge_wants(s->merge, i) ? s->workers[i].pipe : -1, .events = POLLIN};
    for (unsigned i = 0; i < s->n; i++)
        fds[n++] = (struct pollfd){.fd = parcel_waits(&s->workers[i].parcel) ? s->workers[i].rules_pipe : -1,
                                   .events = POLLOUT};
    fds[n++] = (struct pollfd){.fd = s->plan.live ? capture_set_fd(s->plan.set) : -1, .events = POLLIN};
    return n;
}

static unsigned guests_fill(const struct supervisor *s, struct pollfd *fds)
{
    return s->plan.guests.fill ? s->plan.guests.fill(s->plan.guests.arg, fds) : 0;
}

static int poll_ms(const struct supervisor *s)
{
    uint64_t now_us = monotonic_us(), wait_us = merge_wait_us(s->merge, now_us);
    uint64_t look_us = s->look_us > now_us ? s->look_us - now_us : 0;

    if (look_us < wait_us)
        wait_us = look_us;
    return (int)((wait_us + 999) / 1000);
}

static void wake_clear(const struct supervisor *s)
{
    char bytes[64];

    while (read(s->wake[0], bytes, sizeof bytes) > 0)
        ;
}

/* One round: waits until something can be done, and does it. */
static void one_round(struct supervisor *s)
{
    struct pollfd fds[3 + 2 * CONFIG_MAX_WORKERS + SUPERVISOR_GUESTS];
    unsigned n = poll_fill(s, fds), n_guests = guests_fill(s, fds + n);
    int ready = poll(fds, n + n_guests, poll_ms(s)); /* a signal that comes in between has written to wake */

    if (ready > 0 && fds[0].revents) {
        wake_clear(s);
        s->look_us = 0;
    }
    if (ready > 0 && fds[1].revents)
        reader_read(s);
    for (unsigned i = 0; ready > 0 && i < s->n; i++)
        if (fds[2 + i].revents)
            worker_read(s, i);
    if (ready > 0 && fds[n - 1].revents)
        s->look_us = 0;
    parcels_deliver(s);
    run_merge(s);
    if (ready <= 0)
        output_flush(s->plan.output);
    if (output_closed(s->plan.output) && !s->ending)
        end_at_once(s);
    if (ready > 0 && n_guests) /* behind the records: they come first */
        s->plan.guests.serve(s->plan.guests.arg, fds + n, n_guests);
    if (monotonic_us() >= s->look_us)
        look(s);
    children_look_after(s);
}

void supervisor_run(struct supervisor *s)
{
    children_begin(s);
    while (!all_over(s))
        one_round(s);
    run_merge(s);
    if (s->plan.live && s->plan.config->stats)
        supervisor_stats(s);
    else
        stats_tell(s);
    supervisor_count(s);
    output_flush(s->plan.output);
}

/* --- the rest of the contract --- */

void supervisor_wake(struct supervisor *s)
{
    int before = errno;

    (void)!write(s->wake[1], "", 1); /* full: it will wake up anyway */
    errno = before;
}

void supervisor_stop(struct supervisor *s)
{
    s->stopping = 1;
    supervisor_wake(s);
}

bool supervisor_failed(const struct supervisor *s)
{
    return s->failed ||
           (s->plan.live ? capture_set_failed(s->plan.set) : status_of(who_reads(s)->status)->input_failed);
}

unsigned supervisor_n(const struct supervisor *s)
{
    return s->n;
}

static unsigned n_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : cores > CONFIG_MAX_WORKERS ? CONFIG_MAX_WORKERS : (unsigned)cores;
}

unsigned supervisor_n_live(const struct config *config)
{
    return config->workers ? (unsigned)config->workers : n_cores();
}

/* One for each core, unless the input is small or only one can have it. */
static unsigned workers_choose(const struct supervisor *s)
{
    uint64_t done, total;
    unsigned file, n_files;

    if (s->plan.live)
        return supervisor_n_live(s->plan.config);
    if (s->plan.config->workers)
        return (unsigned)s->plan.config->workers;
    capture_progress(s->plan.capture, &done, &total, &file, &n_files);
    if (s->again && total < SMALL_BYTES)
        return 1;
    return n_cores();
}

static bool child_new(struct supervisor *s, struct child *c)
{
    c->pipe = c->rules_pipe = -1;
    c->status = status_new();
    if (s->plan.config->quarantine_packets)
        c->recent = recent_new((unsigned)s->plan.config->quarantine_packets);
    return c->status && (c->recent || !s->plan.config->quarantine_packets);
}

static bool rings_new(struct supervisor *s)
{
    s->rings = calloc(s->n, sizeof(struct ring *));
    if (!s->rings)
        return false;
    for (unsigned i = 0; i < s->n; i++) {
        s->rings[i] = ring_new();
        if (!s->rings[i])
            return false;
    }
    return true;
}

/* What is known before anything is read. */
static void progress_begin(struct supervisor *s)
{
    struct status *status = status_of(who_reads(s)->status);
    uint64_t done, total;
    unsigned file, n_files;

    if (s->plan.live)
        return;
    capture_progress(s->plan.capture, &done, &total, &file, &n_files);
    status->bytes_total = total;
    status->n_files = n_files;
}

static bool parts_new(struct supervisor *s, struct complaint *why)
{
    struct merge_plan merge = {
        .n = s->n, .live = s->plan.live, .hold_us = HOLD_US, .record = on_record, .arg = s};
    struct pipeline_plan pipeline = {.config = s->plan.config, .rules = s->plan.rules};

    s->merge = merge_new(&merge);
    s->tally = tally_new(s->n, !s->plan.live && s->n > 1);
    s->workers = calloc(s->n, sizeof *s->workers);
    if (!s->merge || !s->tally || !s->workers || !child_new(s, &s->reader))
        return false;
    for (unsigned i = 0; i < s->n; i++)
        if (!child_new(s, &s->workers[i]))
            return false;
    s->reader.over = s->plan.live || s->again;
    if (!s->reader.over && !rings_new(s))
        return false;
    progress_begin(s);
    s->pipeline = pipeline_new(&pipeline, why);
    return s->pipeline != NULL;
}

struct supervisor *supervisor_new(const struct supervisor_plan *plan, struct complaint *why)
{
    struct supervisor *s = calloc(1, sizeof *s);

    if (!s || pipe2(s->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        complain(why, "out of memory");
        free(s);
        return NULL;
    }
    s->plan = *plan;
    s->reader_bytes = buf_within(4096 + RECORD_MAX);
    s->again = plan->live || capture_can_begin_again(plan->capture);
    s->n = workers_choose(s);
    s->plan.config->flow_memcap /= s->n;
    s->plan.config->stream_memcap /= s->n;
    if (parts_new(s, why))
        return s;
    complain(why, "out of memory");
    supervisor_free(s);
    return NULL;
}

void supervisor_free(struct supervisor *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->n && s->workers; i++)
        child_free(&s->workers[i]);
    child_free(&s->reader);
    for (unsigned i = 0; i < s->n && s->rings; i++)
        ring_free(s->rings[i]);
    free(s->rings);
    free(s->workers);
    merge_free(s->merge);
    tally_free(s->tally);
    pipeline_free(s->pipeline);
    buf_drop(&s->reader_bytes);
    close(s->wake[0]);
    close(s->wake[1]);
    free(s);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"
#include "base/count.h"
#include "capture/inputs.h"
#include "commands/command.h"
#include "configure.h"
#include "confine.h"
#include "desk.h"
#include "filter.h"
#include "ioclists.h"
#include "options.h"
#include "print.h"
#include "progress.h"
#include "switch.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum status { STATUS_FINE = 0, STATUS_ALERTS = 1, STATUS_USAGE = 2, STATUS_IO = 3, STATUS_LOST = 4 };

/* All that one run holds, released in one place. */
struct run {
    struct options options;
    struct config *config;
    struct rule_switch rules;
    struct ioc_switch lists;
    struct reload *reload;
    char *filter;
    struct inputs inputs;
    struct capture_plan capture_plan;
    struct opener opener;
    struct output_plan output_plan;
    struct capture *capture; /* files, or all in one process */
    struct capture_set *set; /* interfaces that workers share */
    struct output *output;
    struct collector *collector;
    /* One of them, and the other NULL. */
    struct supervisor *supervisor;
    struct in_process *in_process;
    struct descriptors capture_fds;
    struct desk desk; /* the control socket */
    struct complaint why;
};

/* What a signal stops: one of them. */
static struct capture *volatile stoppable;
static struct supervisor *volatile supervised;
static volatile sig_atomic_t n_stops, wants_reopen, wants_stats, wants_reload;

static void stop(void)
{
    n_stops = 1;
    if (supervised)
        supervisor_stop(supervised);
    else
        capture_stop(stoppable);
}

static void on_stop(int sig)
{
    if (n_stops || (!stoppable && !supervised))
        _exit(128 + sig); /* asked twice, or nothing has begun that could be finished */
    stop();
}

static void on_request(int sig)
{
    if (sig == SIGHUP)
        wants_reopen = 1;
    else if (sig == SIGUSR1)
        wants_stats = 1;
    else if (sig == SIGUSR2)
        wants_reload = 1;
    if (supervised)
        supervisor_wake(supervised); /* SIGCHLD, too */
}

static void signal_handle(int sig, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigemptyset(&action.sa_mask);
    sigaction(sig, &action, NULL);
}

static void signals_handle(void)
{
    signal_handle(SIGHUP, on_request, SA_RESTART);
    signal_handle(SIGUSR1, on_request, SA_RESTART);
    signal_handle(SIGUSR2, on_request, SA_RESTART);
    signal_handle(SIGCHLD, on_request, SA_RESTART);
    /* Also when a shell started it in the background with SIGINT ignored. No SA_RESTART: a read that waits
     * must come back. */
    signal_handle(SIGINT, on_stop, 0);
    signal_handle(SIGTERM, on_stop, 0);
}

/* A file opened in the place of a closed standard stream would receive its messages. */
static void standard_streams_hold(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); /* using it stays an error */
}

static bool filter_prepare(struct run *r)
{
    r->filter = filter_read(&r->options, &r->why);
    return r->filter != NULL;
}

static bool reads_files(const struct run *r)
{
    return r->options.reads.n > 0;
}

/* When it is not, errno says why; 0: it is something else. */
static bool is_directory(const char *path)
{
    struct stat st;

    errno = 0;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* -r, or -i, or the interfaces of the settings. */
static bool input_choose(struct run *r)
{
    if (!reads_files(r) && !r->config->n_interfaces)
        return complain(&r->why, "nothing to read: name a capture file with -r or an interface with -i "
                                 "(or in af-packet of the settings)");
    r->capture_plan = (struct capture_plan){.bpf = r->filter, .config = r->config};
    if (!reads_files(r)) {
        r->capture_plan.interfaces = r->config->interfaces;
        r->capture_plan.n_interfaces = r->config->n_interfaces;
    }
    return true;
}

/* Files are read to be looked at: stdout, and a file only where somebody named a directory for it. An
 * interface is watched for the record: the file, and stdout only when asked; with -j the file, too, has to be
 * named by somebody. */
static bool output_choose(struct run *r)
{
    const struct config *config = r->config;
    const bool offline = reads_files(r), tty = isatty(STDOUT_FILENO);
    const bool named_stdout = config->eve && strcmp(config->eve_filename, "-") == 0;
    struct output_plan *plan = &r->output_plan;

    *plan = (struct output_plan){.config = config, .offline = offline};
    plan->eve_file =
        config->eve && !named_stdout && (config->log_dir_named || (!offline && !r->options.json));
    plan->snapshots = (config->learned || config->exposure) && (config->log_dir_named || !offline);
    plan->eve_stdout = r->options.json || named_stdout || (offline && !tty && !config->log_dir_named);
    plan->human = offline && tty && !plan->eve_stdout;
    plan->color = terminal_color(r->options.color);
    if ((plan->eve_file || plan->snapshots) && !is_directory(config->log_dir))
        return complain(&r->why, "log directory %.200s: %s: create it, or name another with -l",
                        config->log_dir, errno ? strerror(errno) : "not a directory");
    if (!plan->eve_file && !plan->eve_stdout && !plan->human)
        log_warning("alerts are written nowhere: outputs.eve-log is off; -j writes them to standard output");
    return true;
}

static bool writes_files(const struct run *r)
{
    return r->output_plan.eve_file || r->output_plan.snapshots || r->config->quarantine_packets;
}

static void losses_report(void)
{
    struct buf text = buf_within(1024);

    for (unsigned i = 0; i < COUNT_N; i++)
        if (counter_rows[i].kind == COUNTER_LOSS && counters[i])
            buf_addf(&text, "%s%s %" PRIu64, text.len ? ", " : "", counter_rows[i].name, counters[i]);
    log_error("data was lost: %.*s (--counters explains them)", (int)text.len,
              text.p ? (const char *)text.p : "");
    buf_drop(&text);
}

static void counts_report(const char *when)
{
    log_notice("%s: %" PRIu64 " frames, %" PRIu64 " bytes, %" PRIu64 " flows, %" PRIu64 " alerts, %s", when,
               counters[COUNT_CAPTURE_FRAMES], counters[COUNT_CAPTURE_BYTES],
               counters[COUNT_FLOW_TCP] + counters[COUNT_FLOW_UDP], counters[COUNT_ALERTS],
               count_lost() ? "with losses" : "nothing lost");
}

static bool progress_wanted(const struct run *r)
{
    const struct options *o = &r->options;

    if (!reads_files(r) || (o->progress == WHEN_AUTO && (o->quiet || o->json)))
        return false;
    return terminal_progress(o->progress);
}

/* Rules that change in the middle of a file would make its alerts a matter of luck. */
static void reload_on_request(struct run *r)
{
    if (reads_files(r))
        log_warning("files are read with the rules that they were begun with: nothing is reloaded");
    else
        reload_ask(r->reload);
}

static void reopen(void *arg)
{
    const struct run *r = arg;

    output_reopen(r->output);
    log_notice("outputs reopened");
}

static void stop_on_command(void *arg)
{
    (void)arg;
    stop();
}

static void on_tick(void *arg)
{
    struct run *r = arg;

    if (wants_reopen) {
        wants_reopen = 0;
        reopen(r);
    }
    if (wants_stats) {
        wants_stats = 0;
        if (r->supervisor)
            supervisor_stats(r->supervisor);
        else
            in_process_stats(r->in_process);
        collector_snapshots(r->collector);
        counts_report("so far");
    }
    if (wants_reload) {
        wants_reload = 0;
        reload_on_request(r);
    }
    reload_look(r->reload);
    switch_look(&r->rules);
    desk_look(&r->desk);
    if (r->supervisor && progress_wanted(r))
        supervisor_count(r->supervisor);
    progress_tick();
}

static void on_progress(void *arg, struct progress_view *v)
{
    const struct run *r = arg;

    v->n_parts = counters[COUNT_CAPTURE_FRAMES];
    v->part = "packet";
    v->n_found = counters[COUNT_ALERTS];
    v->found = "alert";
    if (r->supervisor) {
        supervisor_progress(r->supervisor, &v->done, &v->total, &v->file, &v->n_files, &v->name);
        return;
    }
    v->name = capture_source(r->capture);
    capture_progress(r->capture, &v->done, &v->total, &v->file, &v->n_files);
}

/* What was not read or written makes every other answer unreliable; lost data makes "no alert" unreliable. */
static enum status run_status(const struct run *r)
{
    bool failed = r->supervisor ? supervisor_failed(r->supervisor) : capture_failed(r->capture);

    if (failed || output_failed(r->output))
        return STATUS_IO;
    if (r->options.strict && count_lost()) {
        losses_report();
        return STATUS_LOST;
    }
    return r->options.exit_code && collector_n_alerts(r->collector) ? STATUS_ALERTS : STATUS_FINE;
}

static enum status run_go(struct run *r)
{
    uint64_t first_us, last_us;

    supervised = r->supervisor;
    stoppable = r->capture;
    if (progress_wanted(r))
        progress_begin(on_progress, r, r->options.progress == WHEN_ALWAYS);
    if (!reads_files(r))
        log_notice("watching %u interface%s with %u rules", r->config->n_interfaces,
                   r->config->n_interfaces == 1 ? "" : "s", ruleset_n(r->rules.now->rules));
    else
        log_info("reading %u file%s with %u rules", r->inputs.n, r->inputs.n == 1 ? "" : "s",
                 ruleset_n(r->rules.now->rules));
    if (r->supervisor) {
        supervisor_run(r->supervisor);
        supervisor_times(r->supervisor, &first_us, &last_us);
    } else {
        in_process_run(r->in_process);
        in_process_times(r->in_process, &first_us, &last_us);
    }
    progress_end();
    collector_finish(r->collector);
    output_summary(r->output, collector_correlate(r->collector), first_us, last_us);
    output_flush(r->output);
    if (n_stops || !reads_files(r))
        counts_report(!n_stops ? "finished" : r->desk.stops ? "stopped by a command" : "stopped by a signal");
    return run_status(r);
}

static enum status complaint_report(const struct run *r, enum status status)
{
    log_error("%s", r->why.text[0] ? r->why.text : "out of memory");
    return status;
}

/* Directories become the captures in them. */
static bool inputs_prepare(struct run *r)
{
    if (!inputs_find(&r->inputs, r->options.reads.v, r->options.reads.n, &r->why))
        return false;
    r->capture_plan.paths = (const char *const *)r->inputs.paths;
    r->capture_plan.n_paths = r->inputs.n;
    r->opener = (struct opener){.paths = r->capture_plan.paths, .n = r->inputs.n, .fd = -1};
    r->capture_plan.open_input = opener_open;
    r->capture_plan.open_arg = &r->opener;
    return true;
}

/* Its descriptors are the only ones that a worker keeps. */
static bool capture_prepare(struct run *r)
{
    struct descriptors before;

    if (!reads_files(r) && !r->options.in_process) {
        r->set = capture_set_open(&r->capture_plan, supervisor_n_live(r->config), &r->why);
        return r->set != NULL;
    }
    descriptors_now(&before);
    r->capture = capture_open(&r->capture_plan, &r->why);
    descriptors_now(&r->capture_fds);
    descriptors_without(&r->capture_fds, &before);
    return r->capture != NULL;
}

static bool supervisor_prepare(struct run *r)
{
    const struct supervisor_plan plan = {.config = r->config,
                                         .rules = r->rules.now->rules,
                                         .capture_plan = &r->capture_plan,
                                         .capture = r->capture,
                                         .keep = &r->capture_fds,
                                         .set = r->set,
                                         .collector = r->collector,
                                         .output = r->output,
                                         .max_frames = r->options.max_packets,
                                         .live = !reads_files(r),
                                         .opener = reads_files(r) ? &r->opener : NULL,
                                         .sandbox = !r->options.no_sandbox,
                                         .guests = {desk_fill, desk_serve, &r->desk},
                                         .tick = on_tick,
                                         .arg = r};

    r->supervisor = supervisor_new(&plan, &r->why);
    return r->supervisor != NULL;
}

static bool in_process_prepare(struct run *r)
{
    const struct in_process_plan plan = {.config = r->config,
                                         .rules = r->rules.now->rules,
                                         .capture = r->capture,
                                         .collector = r->collector,
                                         .output = r->output,
                                         .live = !reads_files(r),
                                         .max_frames = r->options.max_packets,
                                         .tick = on_tick,
                                         .arg = r};

    r->in_process = in_process_new(&plan, &r->why);
    return r->in_process != NULL;
}

static void reload_wake(void *arg)
{
    const struct run *r = arg;

    if (r->supervisor)
        supervisor_wake(r->supervisor);
}

static void reload_told(void *arg, bool good, const char *message)
{
    const struct run *r = arg;
    struct timespec now;
    struct engine_event event = {.log_level = good ? "Notice" : "Error",
                                 .module = "rules",
                                 .error = good ? NULL : "reload_refused",
                                 .message = message};

    if (clock_gettime(CLOCK_REALTIME, &now) == 0)
        event.ts_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    if (good)
        log_notice("%s", message);
    else
        log_error("%s", message);
    count(good ? COUNT_RELOADS : COUNT_RELOADS_REFUSED);
    output_engine(r->output, &event);
}

static bool reload_prepare(struct run *r)
{
    const struct reload_plan plan = {.wake = reload_wake, .told = reload_told, .arg = r};

    r->reload = reload_new(&plan);
    return r->reload != NULL;
}

/* What is reloaded is added here, in the order in which one thing looks for another. */
static void rules_ready(struct run *r)
{
    struct reload_part rules = switch_part, lists = ioclists_part;

    r->rules.collector = r->collector;
    r->rules.output = r->output;
    r->rules.supervisor = r->supervisor;
    r->rules.in_process = r->in_process;
    switch_ready(&r->rules);
    ioclists_ready(&r->lists, r->collector);
    rules.arg = &r->rules;
    lists.arg = &r->lists;
    reload_add(r->reload, &rules);
    reload_add(r->reload, &lists);
}

static bool desk_prepare(struct run *r)
{
    const struct desk_plan plan = {.config = r->config,
                                   .collector = r->collector,
                                   .output = r->output,
                                   .rules = &r->rules,
                                   .supervisor = r->supervisor,
                                   .in_process = r->in_process,
                                   .reload = r->reload,
                                   .offline = reads_files(r),
                                   .reopen = reopen,
                                   .stop = stop_on_command,
                                   .arg = r};

    return desk_ready(&r->desk, &plan);
}

static enum status run_prepared(struct run *r)
{
    struct confine_plan plan = {
        .config = r->config, .options = &r->options, .live = !reads_files(r), .files = writes_files(r)};

    if (!inputs_prepare(r) || !capture_prepare(r))
        return complaint_report(r, STATUS_IO);
    if (!desk_open(&r->desk, r->config, reads_files(r), &r->why))
        return complaint_report(r, STATUS_USAGE);
    if (r->desk.door.fd >= 0)
        plan.socket = r->desk.door.path;
    if (!confine(&plan, &r->why))
        return complaint_report(r, STATUS_USAGE);
    r->output = output_new(&r->output_plan, &r->why);
    if (!r->output)
        return complaint_report(r, STATUS_USAGE);
    r->collector = collector_new(r->config, r->rules.now->rules, r->output);
    if (!r->collector || !reload_prepare(r) ||
        !(r->options.in_process ? in_process_prepare(r) : supervisor_prepare(r)))
        return complaint_report(r, STATUS_IO);
    rules_ready(r);
    if (!desk_prepare(r))
        return complaint_report(r, STATUS_IO);
    return run_go(r);
}

static enum status run_start(struct run *r)
{
    bool printed;

    if (print_asked(&r->options, &printed))
        return printed ? STATUS_FINE : STATUS_IO;
    r->config = configure(&r->options, &r->why);
    if (!r->config || !switch_begin(&r->rules, r->config, &r->options, &r->why) || !filter_prepare(r) ||
        !ioclists_begin(&r->lists, r->config, &r->why))
        return complaint_report(r, STATUS_USAGE);
    if (r->options.test) {
        unsigned n = ruleset_n(r->rules.now->rules), n_refused = ruleset_n_refused(r->rules.now->rules);

        if (n_refused)
            log_notice("configuration and %u rules are fine, %u are left out", n, n_refused);
        else
            log_notice("configuration and %u rules are fine", n);
        return STATUS_FINE;
    }
    if (!input_choose(r) || !output_choose(r))
        return complaint_report(r, STATUS_USAGE);
    return run_prepared(r);
}

static void run_end(struct run *r)
{
    stoppable = NULL;
    supervised = NULL;
    desk_close(&r->desk);
    reload_free(r->reload);
    supervisor_free(r->supervisor);
    in_process_free(r->in_process);
    collector_free(r->collector);
    output_free(r->output);
    capture_close(r->capture);
    capture_set_close(r->set);
    inputs_drop(&r->inputs);
    switch_end(&r->rules);
    ioclists_end(&r->lists);
    config_free(r->config);
    free(r->filter);
    options_free(&r->options);
}

int main(int argc, char *argv[])
{
    struct run r = {.desk = {.door = {.fd = -1}}};
    enum status status = STATUS_USAGE;

    standard_streams_hold();
    /* A reader that leaves is an error of write(), and a quiet end. */
    signal_handle(SIGPIPE, SIG_IGN, 0);
    if (argc >= 2 && command_find(argv[1]))
        return command_run(argc, argv);
    signals_handle();
    if (argc < 2)
        print_usage();
    else if (!options_parse(&r.options, argc, argv, &r.why))
        complaint_report(&r, status);
    else
        status = run_start(&r);
    run_end(&r);
    return (int)status;
}

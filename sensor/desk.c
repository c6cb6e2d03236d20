/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desk.h"
#include "base/stamp.h"
#include "print.h"

#include <sys/stat.h>

_Static_assert(CLIENTS_FDS <= SUPERVISOR_GUESTS, "the loop has room for all clients");

/* --- the socket --- */

/* Only where something has prepared the place: a sensor that is tried out by hand leaves nothing on its host.
 */
static const char *path_choose(const struct config *config, bool offline)
{
    static const char directory[] = "/run/jndi-sensor";
    const char *path = config->control_socket;
    struct stat st;

    if (!*path || strcmp(path, "no") == 0)
        return NULL;
    if (strcmp(path, "auto") != 0)
        return path;
    return !offline && stat(directory, &st) == 0 && S_ISDIR(st.st_mode) ? DOOR_PATH : NULL;
}

bool desk_open(struct desk *d, const struct config *config, bool offline, struct complaint *why)
{
    const char *path = path_choose(config, offline);
    struct complaint reason = {""};

    d->flow_memcap = config->flow_memcap;
    d->stream_memcap = config->stream_memcap;
    d->door.fd = -1;
    if (!path || door_open(&d->door, path, config->control_group, &reason))
        return true;
    if (strcmp(config->control_socket, "auto") != 0)
        return complain(why, "%s", reason.text);
    log_warning("%s: this sensor is not to be controlled", reason.text);
    return true;
}

void desk_close(struct desk *d)
{
    clients_free(d->clients);
    d->clients = NULL;
    door_close(&d->door);
}

/* --- what the commands ask of the program --- */

static void on_count(void *arg)
{
    struct desk *d = arg;

    if (d->plan.supervisor)
        supervisor_count(d->plan.supervisor);
}

static uint64_t on_n_flows(void *arg)
{
    const struct desk *d = arg;

    return d->plan.supervisor ? supervisor_n_flows(d->plan.supervisor)
                              : in_process_n_flows(d->plan.in_process);
}

static uint64_t on_reload(void *arg, struct complaint *why)
{
    const struct desk *d = arg;

    if (!d->plan.offline)
        return reload_ask(d->plan.reload);
    complain(why, "files are read with the rules that they were begun with: nothing is reloaded");
    return 0;
}

static enum control_result on_reload_result(void *arg, uint64_t number, struct complaint *why)
{
    static const enum control_result results[] = {
        [RELOAD_UNDER_WAY] = CONTROL_WAITS, [RELOAD_IN_USE] = CONTROL_GOOD, [RELOAD_REFUSED] = CONTROL_BAD};
    const struct desk *d = arg;

    return results[reload_result(d->plan.reload, number, why)];
}

static void on_reopen(void *arg)
{
    const struct desk *d = arg;

    d->plan.reopen(d->plan.arg);
}

static void on_stop(void *arg)
{
    struct desk *d = arg;

    d->stops = true;
    d->plan.stop(d->plan.arg);
}

static const struct ruleset *on_rules(void *arg)
{
    const struct desk *d = arg;

    return d->plan.rules->now->rules;
}

static const struct stats_rules *on_stats_rules(void *arg)
{
    const struct desk *d = arg;

    return output_rules(d->plan.output);
}

static bool on_interface(void *arg, unsigned i, uint64_t *packets, uint64_t *drops)
{
    const struct desk *d = arg;

    return d->plan.supervisor && supervisor_interface(d->plan.supervisor, i, packets, drops);
}

static void on_held(void *arg, uint64_t *streams, uint64_t *fragments)
{
    const struct desk *d = arg;

    if (d->plan.supervisor)
        supervisor_held(d->plan.supervisor, streams, fragments);
    else
        in_process_held(d->plan.in_process, streams, fragments);
}

/* --- the clients --- */

bool desk_ready(struct desk *d, const struct desk_plan *plan)
{
    d->plan = *plan;
    if (d->door.fd < 0)
        return true;
    d->control =
        (struct control){.begun_us = monotonic_us(),
                         .plan = {.config = plan->config,
                                  .correlate = collector_correlate(plan->collector),
                                  .host = {on_count, on_n_flows, on_reload, on_reload_result, on_reopen,
                                           on_stop, on_rules, on_stats_rules, on_interface, on_held, d},
                                  .version = print_version_number(),
                                  .offline = plan->offline,
                                  .n_workers = plan->supervisor ? supervisor_n(plan->supervisor) : 0,
                                  .flow_memcap = d->flow_memcap,
                                  .stream_memcap = d->stream_memcap}};
    d->clients = clients_new(&(struct clients_plan){.listener = d->door.fd,
                                                    .max = (unsigned)plan->config->control_clients,
                                                    .answer = control_answer,
                                                    .arg = &d->control});
    if (d->clients)
        log_info("control: %s, for %u clients", d->door.path, (unsigned)plan->config->control_clients);
    return d->clients != NULL;
}

unsigned desk_fill(void *arg, struct pollfd *fds)
{
    const struct desk *d = arg;

    return d->clients ? clients_fill(d->clients, fds) : 0;
}

void desk_serve(void *arg, const struct pollfd *fds, unsigned n)
{
    struct desk *d = arg;

    if (d->clients)
        clients_serve(d->clients, fds, n, monotonic_us());
}

void desk_look(struct desk *d)
{
    struct pollfd fds[CLIENTS_FDS];
    unsigned n;

    if (!d->clients)
        return;
    if (d->plan.in_process) {
        n = clients_fill(d->clients, fds);
        if (poll(fds, n, 0) > 0)
            clients_serve(d->clients, fds, n, monotonic_us());
    }
    clients_look(d->clients, monotonic_us());
}

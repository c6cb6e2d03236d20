/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/control.h"
#include "base/count.h"
#include "base/log.h"
#include "base/stamp.h"

#include <stdarg.h>
#include <stdio.h>

enum answer control_refuse(const struct command_call *c, const char *format, ...)
{
    char text[640];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    jsonw_str(c->w, "message", text);
    return ANSWER_NOK;
}

static enum answer done(const struct command_call *c, const char *message)
{
    jsonw_str(c->w, "message", message);
    return ANSWER_OK;
}

static void log_asker(const struct command_call *c, const char *what)
{
    log_notice("control: %s, asked for by user %u (process %ld)", what, c->who->user, c->who->pid);
}

/* --- what is short enough to stand here --- */

static enum answer version(const struct command_call *c)
{
    return done(c, c->control->plan.version);
}

static enum answer uptime(const struct command_call *c)
{
    jsonw_u64(c->w, "message", (monotonic_us() - c->control->begun_us) / 1000000);
    return ANSWER_OK;
}

static enum answer running_mode(const struct command_call *c)
{
    return done(c, c->control->plan.n_workers ? "workers" : "single");
}

static enum answer capture_mode(const struct command_call *c)
{
    return done(c, c->control->plan.offline ? "PCAP_FILE" : "AF_PACKET_DEV");
}

#define PUT_OFF UINT64_MAX /* as a ticket: no answerer has one yet */

/* What is logged, or opens files, is done a few times a second at most for each client, however fast it asks;
 * and not for who has left by then. */
static bool is_put_off(const struct command_call *c)
{
    bool first = !c->who->ticket;

    if (first)
        c->who->ticket = PUT_OFF;
    return first;
}

/* Answered when every worker goes by what was read, so that whoever asked may count on it. */
static enum answer reload(const struct command_call *c)
{
    const struct control_host *host = &c->control->plan.host;
    struct complaint why = {""};

    if (is_put_off(c))
        return ANSWER_LATER;
    if (c->who->ticket == PUT_OFF) {
        c->who->ticket = host->reload(host->arg, &why);
        if (!c->who->ticket)
            return control_refuse(c, "%s", why.text);
        log_asker(c, "rules and lists are read again");
    }
    switch (host->reload_result(host->arg, c->who->ticket, &why)) {
    case CONTROL_GOOD:
        return done(c, "done");
    case CONTROL_BAD:
        return control_refuse(c, "%s", why.text);
    default:
        return ANSWER_LATER;
    }
}

static enum answer reload_only(const struct command_call *c)
{
    const struct control_host *host = &c->control->plan.host;
    struct complaint why = {""};

    if (is_put_off(c))
        return ANSWER_LATER;
    if (!host->reload(host->arg, &why))
        return control_refuse(c, "%s", why.text);
    log_asker(c, "rules and lists are read again");
    return done(c, "begun");
}

static enum answer reopen(const struct command_call *c)
{
    if (is_put_off(c))
        return ANSWER_LATER;
    log_asker(c, "outputs are reopened");
    c->control->plan.host.reopen(c->control->plan.host.arg);
    return done(c, "done");
}

static enum answer stop(const struct command_call *c)
{
    if (!c->control->stops)
        log_asker(c, "the end");
    c->control->stops = true;
    c->control->plan.host.stop(c->control->plan.host.arg);
    return done(c, "stopping");
}

static enum answer list(const struct command_call *c);

/* --- the table --- */

struct argument {
    const char *name;
    bool needed;
};

static const struct command {
    const char *name;
    enum answer (*run)(const struct command_call *c);
    struct argument arguments[2];
    const char *help;
} commands[] = {
    {"command-list", list, {{0}}, "these commands"},
    {"help", list, {{0}}, "the same, with a sentence for each"},
    {"version", version, {{0}}, "of the sensor"},
    {"uptime", uptime, {{0}}, "seconds since it began"},
    {"running-mode", running_mode, {{0}}, "workers, or single (--in-process)"},
    {"capture-mode", capture_mode, {{0}}, "AF_PACKET_DEV, or PCAP_FILE"},
    {"iface-list", show_interfaces, {{0}}, "interfaces that are watched"},
    {"iface-stat",
     show_interface,
     {{"iface", true}},
     "frames of one of them, and how many the kernel dropped"},
    {"dump-counters", show_counters, {{0}}, "what a stats event says now, and every counter"},
    {"memcap-list", show_memcaps, {{0}}, "ceilings, and how full they are"},
    {"ruleset-stats", show_rules, {{0}}, "rules in use, and rules left out"},
    {"ruleset-failed-rules", show_rules_failed, {{0}}, "rules left out, and why"},
    {"ruleset-reload-time", show_rules_time, {{0}}, "when they were read"},
    {"ruleset-reload-rules", reload, {{0}}, "reads rules and lists again; answers when they are in use"},
    {"reload-rules", reload, {{0}}, "the same"},
    {"ruleset-reload-nonblocking", reload_only, {{0}}, "the same, and answers at once"},
    {"reopen-log-files", reopen, {{0}}, "opens the outputs anew, after a rotation"},
    {"incident-list",
     stories_incidents,
     {{"from", false}},
     "the 64 incidents heard of last; from 0 on, and then from \"next\", all of them"},
    {"incident-show", stories_incident, {{"id", true}}, "one of them, with its evidence"},
    {"exposure-list",
     stories_hosts,
     {{"host", false}, {"from", false}},
     "what is known of home hosts: of one, of the 64 heard of last, or page by page"},
    {"shutdown", stop, {{0}}, "works on what has been captured, and ends"},
};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static enum answer list(const struct command_call *c)
{
    bool helps = strcmp(c->request->command, "help") == 0;

    jsonw_object(c->w, "message");
    jsonw_u64(c->w, "count", N_COMMANDS);
    jsonw_array(c->w, "commands");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (!helps) {
            jsonw_str(c->w, NULL, commands[i].name);
            continue;
        }
        jsonw_object(c->w, NULL);
        jsonw_str(c->w, "command", commands[i].name);
        jsonw_str(c->w, "help", commands[i].help);
        jsonw_array(c->w, "arguments");
        for (unsigned k = 0; k < 2 && commands[i].arguments[k].name; k++)
            jsonw_str(c->w, NULL, commands[i].arguments[k].name);
        jsonw_end_array(c->w);
        jsonw_end_object(c->w);
    }
    jsonw_end_array(c->w);
    jsonw_end_object(c->w);
    return ANSWER_OK;
}

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

const char *control_argument(const char *command, unsigned k)
{
    const struct command *c = command_find(command);

    return c && k < 2 ? c->arguments[k].name : NULL;
}

/* An argument that nobody asks for would be half a command left out: as with settings, it is refused. */
static const char *argument_unknown(const struct command *command, const struct request *r)
{
    for (unsigned i = 0; i < r->n; i++) {
        bool known = false;

        for (unsigned k = 0; k < 2 && command->arguments[k].name; k++)
            known = known || strcmp(command->arguments[k].name, r->arguments[i].name) == 0;
        if (!known)
            return r->arguments[i].name;
    }
    return NULL;
}

static const char *argument_missing(const struct command *command, const struct request *r)
{
    for (unsigned k = 0; k < 2 && command->arguments[k].name; k++)
        if (command->arguments[k].needed && !request_argument(r, command->arguments[k].name))
            return command->arguments[k].name;
    return NULL;
}

static enum answer unknown(const struct command_call *c)
{
    const char *names[N_COMMANDS], *meant;

    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    meant = nearest_word(c->request->command, names, N_COMMANDS);
    count(COUNT_CONTROL_REFUSED);
    return control_refuse(c, "unknown command '%.64s'%s%s%s", c->request->command,
                          meant ? ", did you mean '" : "", meant ? meant : "",
                          meant ? "'?" : ": command-list has them all");
}

enum answer control_answer(void *arg, const struct request *r, struct asker *who, struct jsonw *w)
{
    const struct command_call c = {arg, r, who, w};
    const struct command *command = command_find(r->command);
    const char *word;

    if (!command)
        return unknown(&c);
    word = argument_unknown(command, r);
    if (word)
        return control_refuse(&c, "%s takes no argument '%.32s'", command->name, word);
    word = argument_missing(command, r);
    if (word)
        return control_refuse(&c, "%s wants the argument '%s'", command->name, word);
    return command->run(&c);
}

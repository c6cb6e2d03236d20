/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"
#include "commands/ctl_print.h"
#include "commands/ctl_talk.h"
#include "configure.h"
#include "control/control.h"
#include "control/door.h"

#include <stdlib.h>
#include <unistd.h>

#define OUT_SPACE ((size_t)1 << 30)

/* Beside those of all commands: the sensor's NOK is COMMAND_NOT_FOUND. */
enum { CTL_NO_SENSOR = 3 };

struct ctl_options {
    const char *config, *socket;
    struct option_list sets, words;
    bool json, help;
};

#define AT(field) offsetof(struct ctl_options, field)

static const struct option_row rows[] = {
    {'p', "socket", "PATH", OPTION_TEXT, AT(socket), "where the sensor listens; else as its settings say"},
    {'c', "config", "FILE", OPTION_TEXT, AT(config), "settings, as of the sensor itself"},
    {0, "set", "KEY=VALUE", OPTION_LIST, AT(sets), "one setting; repeatable"},
    {'j', "json", NULL, OPTION_FLAG, AT(json), "the sensor's answer as it is, also on a terminal"},
    {'h', "help", NULL, OPTION_FLAG, AT(help), "print this"},
};

static const struct option_table table = {rows, sizeof rows / sizeof *rows, AT(words)};

static const char notes[] =
    "help               what the running sensor can be asked\n"
    "reload-rules       reads rules and lists again: done, or why not\n"
    "dump-counters      what it has counted\n"
    "incident-list      all incidents that it keeps; incident-show ID: one of them, with its evidence\n"
    "exposure-list      what is known of home hosts; exposure-list HOST: of one of them\n"
    "shutdown           works on what has been captured, and ends\n"
    "... and more. On a terminal an answer is made readable, else it is one line of JSON.\n"
    "\n"
    "Exit status: 0 done; 1 the sensor says no (and why); 2 usage; 3 no sensor answers.\n";

static int ctl_run(int argc, char *argv[]);

const struct command ctl_command = {
    .name = "ctl",
    .words = "COMMAND [ARGUMENT...]",
    .summary = "asks or commands a running sensor",
    .options = &table,
    .notes = notes,
    .run = ctl_run,
};

struct caller {
    struct ctl_options o;
    const char **memory; /* behind the lists */
    struct config *config;
    const char *path;
    struct complaint why;
};

static bool path_find(struct caller *c)
{
    const struct options options = {.config = c->o.config, .sets = c->o.sets};

    c->path = c->o.socket;
    if (c->path)
        return true;
    c->config = configure(&options, &c->why);
    if (!c->config)
        return false;
    c->path = c->config->control_socket;
    if (strcmp(c->path, "auto") == 0)
        c->path = DOOR_PATH;
    if (!*c->path || strcmp(c->path, "no") == 0)
        return complain(&c->why, "by its settings (control.socket) the sensor has no control socket");
    return true;
}

/* The words behind the command, under the names that it gives them. NULL with a complaint. */
static json_t *arguments_make(struct caller *c, const char *command)
{
    json_t *arguments = json_object();

    for (unsigned k = 0; arguments && k + 1 < c->o.words.n; k++) {
        const char *name = control_argument(command, k);

        if (!name)
            complain(&c->why, "%.64s takes no more than %u argument%s", command, k, k == 1 ? "" : "s");
        if (!name || json_object_set_new(arguments, name, json_string(c->o.words.v[k + 1])) != 0) {
            complain(&c->why, "that is no text (UTF-8)");
            json_decref(arguments);
            return NULL;
        }
    }
    return arguments;
}

/* --- lists that come in pages --- */

static const char *list_key(const char *command)
{
    return strcmp(command, "incident-list") == 0   ? "incidents"
           : strcmp(command, "exposure-list") == 0 ? "hosts"
                                                   : NULL;
}

static const char *order_of(const json_t *item)
{
    const json_t *value = json_object_get(item, "last_seen");

    if (!value)
        value = json_object_get(item, "timestamp");
    return json_is_string(value) ? json_string_value(value) : "";
}

static int latest_first(const void *a, const void *b)
{
    return strcmp(order_of(*(json_t *const *)b), order_of(*(json_t *const *)a));
}

/* Pages have no order. */
static void list_sort(json_t *list)
{
    size_t n = json_array_size(list);
    json_t **items = n ? malloc(n * sizeof(json_t *)) : NULL;

    if (!items)
        return;
    for (size_t i = 0; i < n; i++)
        items[i] = json_incref(json_array_get(list, i));
    qsort(items, n, sizeof(json_t *), latest_first);
    for (size_t i = 0; i < n; i++)
        json_array_set_new(list, i, items[i]);
    free(items);
}

/* The answer of the first page gets what is on all others. */
static json_t *pages_ask(int fd, const char *command, struct complaint *why)
{
    json_t *all = NULL, *from = json_pack("{s:i}", "from", 0);

    for (;;) {
        json_t *page = ctl_ask(fd, command, from, why);
        const json_t *message = json_object_get(page, "message"), *next = json_object_get(message, "next");
        json_t *list = json_object_get(message, list_key(command));

        if (from)
            json_object_set(from, "from", (json_t *)(uintptr_t)next);
        if (!page || !ctl_good(page) || !json_is_array(list)) {
            json_decref(all);
            json_decref(from);
            return page;
        }
        if (all) {
            bool more = json_is_integer(next);

            json_array_extend(json_object_get(json_object_get(all, "message"), list_key(command)), list);
            json_decref(page);
            if (more)
                continue;
        } else {
            all = page;
            if (json_is_integer(next))
                continue;
        }
        break;
    }
    json_decref(from);
    json_object_del(json_object_get(all, "message"), "next");
    list_sort(json_object_get(json_object_get(all, "message"), list_key(command)));
    return all;
}

/* --- the answer --- */

static int answer_tell(const struct caller *c, const char *command, const json_t *answer)
{
    const json_t *message = json_object_get(answer, "message");
    struct buf out = buf_within(OUT_SPACE);
    int status, written;
    char *text;

    status = ctl_good(answer) ? COMMAND_FOUND : COMMAND_NOT_FOUND;
    if (c->o.json || !isatty(STDOUT_FILENO)) {
        text = json_dumps(answer, JSON_COMPACT | JSON_ENSURE_ASCII);
        buf_addf(&out, "%s\n", text ? text : "");
        free(text);
    } else if (status != COMMAND_FOUND && json_is_string(message)) {
        log_error("ctl: %s", json_string_value(message));
    } else {
        ctl_print(&out, command, message);
    }
    if (out.len && !command_put(&out, &written) && written != COMMAND_FOUND)
        status = CTL_NO_SENSOR; /* output that was lost */
    buf_drop(&out);
    return status;
}

static int no_sensor(const struct caller *c)
{
    log_error("ctl: %s", c->why.text[0] ? c->why.text : "out of memory");
    return CTL_NO_SENSOR;
}

static int ask(struct caller *c, const char *command, json_t *arguments)
{
    int fd = ctl_connect(c->path, &c->why), status;
    json_t *answer;

    if (fd < 0)
        return no_sensor(c);
    if (list_key(command) && json_object_size(arguments) == 0)
        answer = pages_ask(fd, command, &c->why);
    else
        answer = ctl_ask(fd, command, arguments, &c->why);
    status = answer ? answer_tell(c, command, answer) : no_sensor(c);
    json_decref(answer);
    close(fd);
    return status;
}

static int command_ask(struct caller *c)
{
    const char *command = c->o.words.n ? c->o.words.v[0] : NULL;
    json_t *arguments;
    int status;

    if (!command) {
        complain(&c->why, "no command: 'jndi-sensor ctl help' asks the sensor which there are");
        return command_refuse(&ctl_command, &c->why);
    }
    arguments = arguments_make(c, command);
    status = arguments && path_find(c) ? ask(c, command, arguments) : command_refuse(&ctl_command, &c->why);
    json_decref(arguments);
    return status;
}

static int ctl_run(int argc, char *argv[])
{
    struct caller c = {.path = NULL};
    int status;

    if (!arguments_parse(&table, &c.o, argc, argv, &c.memory, &c.why))
        status = command_refuse(&ctl_command, &c.why);
    else
        status = c.o.help ? command_help(&ctl_command) : command_ask(&c);
    config_free(c.config);
    free(c.memory);
    return status;
}

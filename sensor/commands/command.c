/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>

#define HELP_SPACE 16384

static int help_run(int argc, char *argv[]);

static const struct command help_command = {
    .name = "help", .words = "[COMMAND]", .summary = "prints this, or a command's own help", .run = help_run};

static const struct command *const commands[] = {&decode_command, &scan_command, &rules_command, &ctl_command,
                                                 &help_command};

#define N_COMMANDS (sizeof commands / sizeof *commands)

const struct command *command_find(const char *word)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, word) == 0)
            return commands[i];
    return NULL;
}

int command_run(int argc, char *argv[])
{
    return command_find(argv[1])->run(argc - 1, argv + 1);
}

bool command_put(struct buf *text, int *status)
{
    bool good;

    log_make_room(); /* both may be the same terminal */
    good = fwrite(text->p, 1, text->len, stdout) == text->len && fflush(stdout) == 0;
    buf_clear(text);
    *status = COMMAND_FOUND;
    if (!good && errno != EPIPE) {
        log_error("standard output: %s", strerror(errno));
        *status = COMMAND_ERROR;
    }
    return good;
}

static int print(struct buf *text)
{
    int status;

    command_put(text, &status);
    buf_drop(text);
    return status;
}

int command_help(const struct command *c)
{
    struct buf text = buf_within(HELP_SPACE);

    buf_addf(&text, "jndi-sensor %s [OPTIONS] %s: %s\n\n", c->name, c->words, c->summary);
    arguments_help(c->options, &text);
    buf_addf(&text, "\n%s", c->notes);
    return print(&text);
}

static int help_run(int argc, char *argv[])
{
    struct buf text = buf_within(HELP_SPACE);
    const struct command *c = argc > 1 ? command_find(argv[1]) : NULL;

    if (argc > 2 || (argc == 2 && (!c || !c->options))) {
        log_error("there is no help for '%.64s': name one command (--help lists them)", argv[argc - 1]);
        return COMMAND_ERROR;
    }
    if (c)
        return command_help(c);
    options_help(&text);
    return print(&text);
}

int command_refuse(const struct command *c, const struct complaint *why)
{
    log_error("%s: %s", c->name, why->text[0] ? why->text : "out of memory");
    return COMMAND_ERROR;
}

void commands_list(struct buf *out)
{
    buf_add_str(out, "\nCommands, as the first word; each has its own --help:\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char head[64];

        snprintf(head, sizeof head, "%s %s", commands[i]->name, commands[i]->words);
        buf_addf(out, "  %-26s %s\n", head, commands[i]->summary);
    }
}

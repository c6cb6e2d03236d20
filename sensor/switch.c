/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch.h"

#include <time.h>

static void stats_tell(const struct rule_switch *s)
{
    struct stats_rules rules = {.loaded = ruleset_n(s->now->rules),
                                .failed = ruleset_n_refused(s->now->rules)};
    struct timespec now;

    /* The same files read twice say the same. */
    if (!s->options->reads.n && clock_gettime(CLOCK_REALTIME, &now) == 0)
        rules.read_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    output_set_rules(s->output, &rules);
}

bool switch_begin(struct rule_switch *s, const struct config *config, const struct options *options,
                  struct complaint *why)
{
    s->config = config;
    s->options = options;
    s->now = rulebook_read(config, options, 0, why);
    if (s->now)
        buf_drop(&s->now->texts); /* every process is born with these */
    return s->now != NULL;
}

void switch_ready(struct rule_switch *s)
{
    collector_use_rules(s->collector, &(struct ruling){.rules = s->now->rules, .terms = s->now->terms});
    stats_tell(s);
}

static void *read_part(void *arg, struct complaint *why)
{
    struct rule_switch *s = arg;

    return rulebook_read(s->config, s->options, ++s->generation, why);
}

static void use_part(void *arg, void *fresh)
{
    struct rule_switch *s = arg;
    struct rulebook *book = fresh;

    s->before = s->now;
    s->now = book;
    collector_use_rules(s->collector, &(struct ruling){book->generation, book->rules, book->terms});
    if (s->supervisor)
        supervisor_use_rules(s->supervisor, book);
    else
        in_process_use_rules(s->in_process, book->generation, book->rules);
    log_notice("%u rules in use, %u left out", ruleset_n(book->rules), ruleset_n_refused(book->rules));
    stats_tell(s);
}

static void drop_part(void *arg, void *fresh)
{
    (void)arg;
    rulebook_free(fresh);
}

void switch_look(struct rule_switch *s)
{
    if (!s->before || (s->supervisor && !supervisor_rules_settled(s->supervisor)))
        return;
    collector_forget_rules(s->collector);
    rulebook_free(s->before);
    s->before = NULL;
    buf_drop(&s->now->texts);
}

static bool is_busy(void *arg)
{
    struct rule_switch *s = arg;

    switch_look(s);
    return s->before != NULL;
}

const struct reload_part switch_part = {
    .name = "rules", .read = read_part, .use = use_part, .drop = drop_part, .busy = is_busy};

void switch_end(struct rule_switch *s)
{
    rulebook_free(s->before);
    rulebook_free(s->now);
    s->before = s->now = NULL;
}

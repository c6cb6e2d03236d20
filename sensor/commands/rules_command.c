/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"
#include "commands/rules_stats.h"
#include "commands/rules_text.h"
#include "configure.h"
#include "rulebook.h"

#include <stdlib.h>
#include <string.h>

#define OUT_SPACE ((size_t)256 << 20)

struct rules_options {
    const char *config;
    struct option_list only_rules, add_rules, sets, reads, words;
    bool help;
};

#define AT(field) offsetof(struct rules_options, field)

static const struct option_row rows[] = {
    {'c', "config", "FILE", OPTION_TEXT, AT(config), "settings, as of the sensor itself"},
    {0, "set", "KEY=VALUE", OPTION_LIST, AT(sets), "one setting; repeatable"},
    {'s', "add-rules", "FILE", OPTION_LIST, AT(add_rules), "rules beside the configured ones; repeatable"},
    {'S', "only-rules", "FILE", OPTION_LIST, AT(only_rules),
     "rules in place of the configured ones; repeatable"},
    {'r', "read", "FILE", OPTION_LIST, AT(reads), "stats: a capture, a directory of them, or -; repeatable"},
    {'h', "help", NULL, OPTION_FLAG, AT(help), "print this"},
};

static const struct option_table table = {rows, sizeof rows / sizeof *rows, AT(words)};

static const char notes[] = "list         a line for each rule: sid, kind, severity, buffers, message; then "
                            "the refused ones, and why\n"
                            "show SID     all of one rule: what it asks of which buffer, by what it is "
                            "found, how often it may speak\n"
                            "test FILE    reads the rules of FILE alone, and says which are refused\n"
                            "stats        reads captures (-r) and tells what each rule cost and how often it "
                            "matched, the dearest first:\n"
                            "             asked and held count looks at the contents of one buffer, matched "
                            "counts before thresholds\n"
                            "A sighting rule asks about what the sensor has understood (jndi.*, java.* ...), "
                            "a traffic rule about packets,\n"
                            "streams and transactions, as Suricata does.\n"
                            "\n"
                            "Exit status: 0 fine; 1 show: no such rule; test: a rule is refused; 2 usage, or "
                            "a file that cannot be read.\n";

static int rules_run(int argc, char *argv[]);

const struct command rules_command = {
    .name = "rules",
    .words = "list|show|test|stats",
    .summary = "tells which rules there are, and what they do",
    .options = &table,
    .notes = notes,
    .run = rules_run,
};

struct teller {
    struct rules_options o;
    const char **memory; /* behind the lists */
    struct options options;
    struct config *config;
    struct rulebook *book;
    struct buf out;
    struct complaint why;
};

static int put(struct teller *t, int status)
{
    int written = COMMAND_FOUND;

    if (t->out.len)
        command_put(&t->out, &written);
    return written != COMMAND_FOUND ? written : status;
}

static int list(struct teller *t)
{
    const struct ruleset *rules = t->book->rules;
    const char *words;

    for (unsigned i = 0; i < ruleset_n(rules); i++)
        rule_print_line(&t->out, ruleset_at(rules, i));
    for (unsigned i = 0; (words = ruleset_refusal(rules, i)); i++)
        buf_addf(&t->out, "%10s  %s\n", "refused", words);
    if (ruleset_n_refused(rules) > RULESET_REFUSALS_KEPT)
        buf_addf(&t->out, "%10s  %u more\n", "refused", ruleset_n_refused(rules) - RULESET_REFUSALS_KEPT);
    return put(t, COMMAND_FOUND);
}

static int show(struct teller *t, const char *word)
{
    unsigned shown = 0;
    uint64_t sid;

    if (!bytes_to_u64(bytes_str(word), UINT32_MAX, &sid)) {
        complain(&t->why, "show: '%.64s' is no sid", word);
        return command_refuse(&rules_command, &t->why);
    }
    for (unsigned i = 0; i < ruleset_n(t->book->rules); i++) {
        const struct rule *rule = ruleset_at(t->book->rules, i);

        if (rule->sid != sid)
            continue;
        rule_print(&t->out, rule);
        shown++;
    }
    if (!shown)
        log_error("rules: there is no rule with sid %u", (unsigned)sid);
    return put(t, shown ? COMMAND_FOUND : COMMAND_NOT_FOUND);
}

static int test(struct teller *t)
{
    const struct ruleset *rules = t->book->rules;
    const char *words;

    for (unsigned i = 0; (words = ruleset_refusal(rules, i)); i++)
        buf_addf(&t->out, "refused: %s\n", words);
    buf_addf(&t->out, "%u rules are fine (%u over sightings, %u over traffic), %u are refused\n",
             ruleset_n(rules), ruleset_n(rules) - ruleset_n_traffic(rules), ruleset_n_traffic(rules),
             ruleset_n_refused(rules));
    log_set_thread_sink(NULL, NULL);
    ruleset_warn(rules);
    return put(t, ruleset_n_refused(rules) ? COMMAND_NOT_FOUND : COMMAND_FOUND);
}

static int stats(struct teller *t)
{
    bool complete = true;

    if (!t->o.reads.n)
        complain(&t->why, "stats: name a capture with -r");
    else if (rules_stats(t->book->rules, t->config, t->o.reads.v, t->o.reads.n, &t->out, &complete, &t->why))
        return put(t, complete ? COMMAND_FOUND : COMMAND_ERROR);
    return command_refuse(&rules_command, &t->why);
}

/* The words that follow: how many, for each of them. */
static bool words_agree(struct teller *t)
{
    static const struct {
        const char *name;
        unsigned n;
        const char *wants;
    } tasks[] = {
        {"list", 1, "nothing"}, {"show", 2, "a SID"}, {"test", 2, "a FILE"}, {"stats", 1, "nothing"}};
    const char *word = t->o.words.n ? t->o.words.v[0] : "";

    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        if (strcmp(word, tasks[i].name) == 0)
            return t->o.words.n == tasks[i].n ||
                   complain(&t->why, "%s wants %s after it", word, tasks[i].wants);
    return complain(&t->why, "'%.64s' is no task: list, show SID, test FILE or stats", word);
}

static bool prepare(struct teller *t)
{
    const bool tests = strcmp(t->o.words.v[0], "test") == 0;
    const struct option_list file = {&t->o.words.v[1], 1}, none = {NULL, 0};

    t->options = (struct options){.config = t->o.config,
                                  .sets = t->o.sets,
                                  .only_rules = tests ? file : t->o.only_rules,
                                  .add_rules = tests ? none : t->o.add_rules,
                                  .skip_bad_rules = true};
    t->config = configure(&t->options, &t->why);
    if (t->config)
        t->book = rulebook_read(t->config, &t->options, 0, &t->why);
    return t->book != NULL;
}

static int task_run(struct teller *t)
{
    const char *word = t->o.words.v[0];

    if (strcmp(word, "list") == 0)
        return list(t);
    if (strcmp(word, "show") == 0)
        return show(t, t->o.words.v[1]);
    return strcmp(word, "test") == 0 ? test(t) : stats(t);
}

/* Refused rules are part of the answer here, not of the log. */
static void on_log(void *arg, enum log_level level, const char *text)
{
    (void)arg;
    if (level == LOG_LEVEL_WARNING)
        return;
    log_set_thread_sink(NULL, NULL);
    log_as(level, text);
    log_set_thread_sink(on_log, NULL);
}

static int rules_run(int argc, char *argv[])
{
    struct teller t = {.out = buf_within(OUT_SPACE)};
    int status;

    if (!arguments_parse(&table, &t.o, argc, argv, &t.memory, &t.why)) {
        status = command_refuse(&rules_command, &t.why);
    } else if (t.o.help) {
        status = command_help(&rules_command);
    } else {
        log_set_thread_sink(on_log, NULL);
        status = words_agree(&t) && prepare(&t) ? task_run(&t) : command_refuse(&rules_command, &t.why);
        log_set_thread_sink(NULL, NULL);
    }
    rulebook_free(t.book);
    config_free(t.config);
    buf_drop(&t.out);
    free(t.memory);
    return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"
#include "commands/command.h"

#include <stdlib.h>

#define AT(field) offsetof(struct options, field)

static const struct option_row rows[] = {
    {'r', "read", "FILE", OPTION_LIST, AT(reads),
     "read a capture (pcap, pcapng; also packed), a directory of them, or -; repeatable"},
    {'i', "interface", "NAME", OPTION_LIST, AT(interfaces), "watch an interface; repeatable"},
    {'c', "config", "FILE", OPTION_TEXT, AT(config),
     "settings; default /etc/jndi-sensor/sensor.yaml when it exists"},
    {0, "set", "KEY=VALUE", OPTION_LIST, AT(sets), "one setting (stream.depth=4mb); repeatable"},
    {'s', "add-rules", "FILE", OPTION_LIST, AT(add_rules), "rules beside the configured ones; repeatable"},
    {'S', "only-rules", "FILE", OPTION_LIST, AT(only_rules),
     "rules in place of the configured ones; repeatable"},
    {0, "skip-bad-rules", NULL, OPTION_FLAG, AT(skip_bad_rules),
     "go on without the rules that are refused; each is told of"},
    {'F', "filter-file", "FILE", OPTION_TEXT, AT(filter_file),
     "capture filter from a file (# begins a comment)"},
    {'k', "checksums", "all|none|auto", OPTION_WORD, AT(checksums),
     "drop packets with wrong checksums; auto: unless many are wrong"},
    {'n', "packets", "N", OPTION_COUNT, AT(max_packets), "stop after N packets"},

    {'l', "log-dir", "DIR", OPTION_TEXT, AT(log_dir), "write eve.json there"},
    {'j', "json", NULL, OPTION_FLAG, AT(json), "EVE JSON lines on standard output, nothing else there"},
    {'e', "exit-code", NULL, OPTION_FLAG, AT(exit_code), "exit with 1 when an alert was raised"},
    {0, "strict", NULL, OPTION_FLAG, AT(strict),
     "exit with 4 when anything was not inspected or not written"},
    {0, "deterministic", NULL, OPTION_FLAG, AT(deterministic),
     "fixed seeds: the same capture gives the same bytes"},
    {0, "no-sandbox", NULL, OPTION_FLAG, AT(no_sandbox),
     "for debuggers: keep every right that the program was started with"},
    {'q', "quiet", NULL, OPTION_FLAG, AT(quiet), "errors only on standard error"},
    {'v', "verbose", NULL, OPTION_MORE, AT(verbose), "more messages; -vv for still more"},
    {0, "color", "WHEN", OPTION_WHEN, AT(color), "auto, always or never"},
    {0, "progress", "WHEN", OPTION_WHEN, AT(progress), "auto, always or never"},

    {0, "in-process", NULL, OPTION_FLAG, AT(in_process),
     "no worker processes: parse and write in one, for debuggers"},
    {'T', "test", NULL, OPTION_FLAG, AT(test), "check settings, rules and filter, then leave"},
    {0, "explain", NULL, OPTION_FLAG, AT(explain), "print every setting with default and bounds"},
    {0, "counters", NULL, OPTION_FLAG, AT(counters), "print every counter and what it counts"},
    {0, "list-buffers", NULL, OPTION_FLAG, AT(list_buffers), "print the sticky buffers of the rule language"},
    {'V', "version", NULL, OPTION_FLAG, AT(version), "print the version"},
    {'h', "help", NULL, OPTION_FLAG, AT(help), "print this"},
};

static const struct option_table table = {rows, sizeof rows / sizeof *rows, AT(words)};

void options_free(struct options *o)
{
    free(o->memory);
    o->memory = NULL;
}

static bool options_agree(const struct options *o, struct complaint *why)
{
    if (o->reads.n && o->interfaces.n)
        return complain(why, "-r and -i at once: read files or watch interfaces");
    if (o->quiet && o->verbose)
        return complain(why, "-q and -v at once: choose one");
    if (o->filter_file && o->words.n)
        return complain(why, "-F and a filter in words ('%.64s') at once: choose one", o->words.v[0]);
    return true;
}

bool options_parse(struct options *o, int argc, char *const argv[], struct complaint *why)
{
    *o = (struct options){.config = NULL};
    return arguments_parse(&table, o, argc, argv, &o->memory, why) && options_agree(o, why);
}

static const char synopsis[] =
    "jndi-sensor [OPTIONS] [CAPTURE FILTER]: finds JNDI injection (Log4Shell) in traffic\n";

void options_usage(struct buf *out)
{
    buf_add_str(out, synopsis);
    buf_add_str(
        out,
        "\n"
        "  jndi-sensor -r FILE                  read a capture: alerts on a terminal, EVE JSON in a pipe\n"
        "  jndi-sensor -r FILE -j               EVE JSON in any case\n"
        "  tcpdump -w - | jndi-sensor -r -      read from standard input\n"
        "  jndi-sensor -r FILE -l DIR           write DIR/eve.json\n"
        "  jndi-sensor -i NAME -l DIR           watch an interface\n"
        "  jndi-sensor -i NAME -l DIR tcp port 8080\n"
        "                                       only what the filter lets through (pcap-filter(7))\n"
        "  jndi-sensor -c sensor.yaml           watch the interfaces that the settings name\n"
        "  jndi-sensor -T -c sensor.yaml        check settings and rules\n"
        "  jndi-sensor -r FILE -S my.rules       these rules only; -s adds them to the others\n"
        "  jndi-sensor --explain                every setting; --counters, --list-buffers likewise\n"
        "\n"
        "All options: jndi-sensor --help\n");
}

void options_help(struct buf *out)
{
    buf_add_str(out, synopsis);
    buf_add_byte(out, '\n');
    arguments_help(&table, out);
    commands_list(out);
    buf_add_str(
        out,
        "\n"
        "Exit status: 0 fine; 1 alerts were raised (-e); 2 usage, settings or rules; 3 an input could not "
        "be\n"
        "read to its end or an output not be written; 4 data was lost (--strict). When several apply, 3 "
        "goes\n"
        "before 4, 4 before 1. SIGINT or SIGTERM: finish, report, 0; twice: leave at once. SIGHUP: reopen\n"
        "outputs. SIGUSR1: write the counters now. SIGUSR2: read rules and lists again.\n");
}

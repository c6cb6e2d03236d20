/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum option_type {
    OPTION_FLAG,
    OPTION_MORE,
    OPTION_TEXT,
    OPTION_LIST,
    OPTION_COUNT,
    OPTION_WHEN,
    OPTION_CHECKSUMS
};

struct option_row {
    char letter; /* 0 for none */
    const char *name, *argument;
    enum option_type type;
    size_t at;
    const char *help;
};

#define AT(field) offsetof(struct options, field)

static const struct option_row rows[] = {
    {'r', "read", "FILE", OPTION_LIST, AT(reads),
     "read a capture file (pcap, pcapng; - is standard input); repeatable"},
    {'i', "interface", "NAME", OPTION_LIST, AT(interfaces), "watch an interface; repeatable"},
    {'c', "config", "FILE", OPTION_TEXT, AT(config),
     "settings; default /etc/jndi-sensor/sensor.yaml when it exists"},
    {0, "set", "KEY=VALUE", OPTION_LIST, AT(sets), "one setting (stream.depth=4mb); repeatable"},
    {'s', "add-rules", "FILE", OPTION_LIST, AT(add_rules), "rules beside the configured ones; repeatable"},
    {'S', "only-rules", "FILE", OPTION_LIST, AT(only_rules),
     "rules in place of the configured ones; repeatable"},
    {'F', "filter-file", "FILE", OPTION_TEXT, AT(filter_file),
     "capture filter from a file (# begins a comment)"},
    {'k', "checksums", "all|none", OPTION_CHECKSUMS, AT(checksums),
     "drop packets with wrong checksums, or do not"},
    {'n', "packets", "N", OPTION_COUNT, AT(max_packets), "stop after N packets"},

    {'l', "log-dir", "DIR", OPTION_TEXT, AT(log_dir), "write eve.json there"},
    {'j', "json", NULL, OPTION_FLAG, AT(json), "EVE JSON lines on standard output, nothing else there"},
    {'e', "exit-code", NULL, OPTION_FLAG, AT(exit_code), "exit with 1 when an alert was raised"},
    {0, "strict", NULL, OPTION_FLAG, AT(strict),
     "exit with 4 when anything was not inspected or not written"},
    {0, "deterministic", NULL, OPTION_FLAG, AT(deterministic),
     "fixed seeds: the same capture gives the same bytes"},
    {'q', "quiet", NULL, OPTION_FLAG, AT(quiet), "errors only on standard error"},
    {'v', "verbose", NULL, OPTION_MORE, AT(verbose), "more messages; -vv for still more"},
    {0, "color", "WHEN", OPTION_WHEN, AT(color), "auto, always or never"},
    {0, "progress", "WHEN", OPTION_WHEN, AT(progress), "auto, always or never"},

    {'T', "test", NULL, OPTION_FLAG, AT(test), "check settings, rules and filter, then leave"},
    {0, "explain", NULL, OPTION_FLAG, AT(explain), "print every setting with default and bounds"},
    {0, "counters", NULL, OPTION_FLAG, AT(counters), "print every counter and what it counts"},
    {0, "list-buffers", NULL, OPTION_FLAG, AT(list_buffers), "print the sticky buffers of the rule language"},
    {'V', "version", NULL, OPTION_FLAG, AT(version), "print the version"},
    {'h', "help", NULL, OPTION_FLAG, AT(help), "print this"},
};
#define N_ROWS (unsigned)(sizeof rows / sizeof *rows)

static const size_t list_places[] = {AT(reads),      AT(interfaces), AT(add_rules),
                                     AT(only_rules), AT(sets),       AT(words)};
#define N_LISTS (sizeof list_places / sizeof *list_places)

static void *place(struct options *o, size_t at)
{
    return (char *)o + at;
}

/* Each list could hold all of argv, so that none needs to grow. */
static bool lists_make(struct options *o, int argc)
{
    o->memory = calloc(N_LISTS * (size_t)argc + 1, sizeof *o->memory);
    for (size_t i = 0; o->memory && i < N_LISTS; i++)
        ((struct option_list *)place(o, list_places[i]))->v = o->memory + i * (size_t)argc;
    return o->memory != NULL;
}

void options_free(struct options *o)
{
    free(o->memory);
    o->memory = NULL;
}

static void list_add(struct option_list *list, const char *text)
{
    list->v[list->n++] = text;
}

static bool refuse(const struct option_row *row, const char *value, const char *wants, struct complaint *why)
{
    return complain(why, "--%s '%.64s': write %s", row->name, value, wants);
}

static bool set_word(const struct option_row *row, const char *const words[], unsigned n, void *slot,
                     const char *value, struct complaint *why)
{
    for (unsigned i = 0; i < n; i++)
        if (words[i] && strcmp(words[i], value) == 0) {
            memcpy(slot, &i, sizeof i); /* both enums are as large as an unsigned */
            return true;
        }
    return refuse(row, value, row->type == OPTION_WHEN ? "auto, always or never" : "all or none", why);
}

static bool option_set(struct options *o, const struct option_row *row, const char *value,
                       struct complaint *why)
{
    static const char *const whens[] = {"auto", "always", "never"}, *const checksums[] = {NULL, "all",
                                                                                          "none"};
    void *slot = place(o, row->at);

    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)slot = true;
        return true;
    case OPTION_MORE:
        ++*(unsigned *)slot;
        return true;
    case OPTION_TEXT:
        if (*(const char **)slot)
            return complain(why, "--%s is given twice", row->name);
        *(const char **)slot = value;
        return *value || refuse(row, value, "a name that is not empty", why);
    case OPTION_LIST:
        list_add(slot, value);
        return *value || refuse(row, value, "something that is not empty", why);
    case OPTION_COUNT:
        return (bytes_to_u64(bytes_str(value), UINT64_MAX, slot) && *(uint64_t *)slot) ||
               refuse(row, value, "a number from 1", why);
    case OPTION_WHEN:
        return set_word(row, whens, 3, slot, value, why);
    default:
        return set_word(row, checksums, 3, slot, value, why);
    }
}

struct arguments {
    int argc, next;
    char *const *argv;
};

static bool option_take(struct options *o, const struct option_row *row, const char *value,
                        struct arguments *args, struct complaint *why)
{
    if (!row->argument && value)
        return complain(why, "--%s takes no argument", row->name);
    if (row->argument && !value) {
        if (args->next == args->argc)
            return complain(why, "--%s wants %s (%s)", row->name, row->argument, row->help);
        value = args->argv[args->next++];
    }
    return option_set(o, row, value, why);
}

static bool complain_unknown(const char *name, size_t len, struct complaint *why)
{
    const char *names[N_ROWS], *meant;
    char word[64];

    snprintf(word, sizeof word, "%.*s", (int)(len < 63 ? len : 63), name);
    for (unsigned i = 0; i < N_ROWS; i++)
        names[i] = rows[i].name;
    meant = nearest_word(word, names, N_ROWS);
    for (unsigned i = 0; !meant && i < N_ROWS; i++)
        if (*word && strncmp(rows[i].name, word, strlen(word)) == 0)
            meant = rows[i].name; /* shortened, as some parsers would allow */
    if (meant)
        return complain(why, "unknown option '--%s', did you mean '--%s'?", word, meant);
    return complain(why, "unknown option '--%s' (--help lists all)", word);
}

static bool take_long(struct options *o, const char *name, struct arguments *args, struct complaint *why)
{
    size_t len = strcspn(name, "=");

    for (unsigned i = 0; i < N_ROWS; i++)
        if (strlen(rows[i].name) == len && strncmp(rows[i].name, name, len) == 0)
            return option_take(o, &rows[i], name[len] ? name + len + 1 : NULL, args, why);
    return complain_unknown(name, len, why);
}

static const struct option_row *row_of_letter(char letter)
{
    for (unsigned i = 0; i < N_ROWS; i++)
        if (rows[i].letter && rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

/* "-qe" are two; what follows a letter with an argument is its argument. */
static bool take_letters(struct options *o, const char *letters, struct arguments *args,
                         struct complaint *why)
{
    for (; *letters; letters++) {
        const struct option_row *row = row_of_letter(*letters);

        if (!row)
            return complain(why, "unknown option '-%c' (--help lists all)", *letters);
        if (row->argument)
            return option_take(o, row, letters[1] ? letters + 1 : NULL, args, why);
        if (!option_take(o, row, NULL, args, why))
            return false;
    }
    return true;
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
    struct arguments args = {argc, 1, argv};
    bool only_words = false, good = true;

    *o = (struct options){.config = NULL};
    if (!lists_make(o, argc))
        return complain(why, "out of memory");
    while (good && args.next < argc) {
        const char *arg = argv[args.next++];

        if (only_words || arg[0] != '-' || !arg[1])
            list_add(&o->words, arg);
        else if (strcmp(arg, "--") == 0)
            only_words = true;
        else if (arg[1] == '-')
            good = take_long(o, arg + 2, &args, why);
        else
            good = take_letters(o, arg + 1, &args, why);
    }
    return good && options_agree(o, why);
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
    for (unsigned i = 0; i < N_ROWS; i++) {
        const struct option_row *row = &rows[i];
        char head[64];

        snprintf(head, sizeof head, "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
                 row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        buf_addf(out, "  %-26s %s\n", head, row->help);
    }
    buf_add_str(
        out,
        "\n"
        "Exit status: 0 fine; 1 alerts were raised (-e); 2 usage, settings or rules; 3 an input could not "
        "be\n"
        "read to its end or an output not be written; 4 data was lost (--strict). When several apply, 3 "
        "goes\n"
        "before 4, 4 before 1. SIGINT or SIGTERM: finish, report, 0; twice: leave at once. SIGHUP: reopen\n"
        "outputs. SIGUSR1: write the counters now.\n");
}

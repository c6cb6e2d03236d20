/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/answer.h"
#include "commands/binary_text.h"
#include "commands/command.h"
#include "commands/lines.h"
#include "commands/trail.h"
#include "output/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OUT_SPACE   ((size_t)64 << 20)
#define INPUT_SPACE ((size_t)1 << 20)
#define SHOWN_MAX   ((size_t)1 << 20) /* bytes of one step */
#define COLUMN      11                /* of the texts, when no word is longer */

struct decode_options {
    bool json, hex, base64, help;
    struct option_list words;
};

#define AT(field) offsetof(struct decode_options, field)

static const struct option_row rows[] = {
    {0, "json", NULL, OPTION_FLAG, AT(json), "one JSON object per input: input, steps, lookups"},
    {0, "hex", NULL, OPTION_FLAG, AT(hex),
     "the input is hexadecimal; blanks, colons, 0x and \\x may stand in it"},
    {0, "base64", NULL, OPTION_FLAG, AT(base64), "the input is base64 or base64url"},
    {'h', "help", NULL, OPTION_FLAG, AT(help), "print this"},
};

static const struct option_table table = {rows, sizeof rows / sizeof *rows, AT(words)};

static const char notes[] =
    "Each STRING is worked out on its own, as a text that Log4j 2.14.1 logs; - reads one per line from\n"
    "standard input; -- goes before a STRING that begins with a dash. Each line of the answer is a step:\n"
    "the input, an encoding taken off, or what the evaluation of ${...} came to, and the text after it;\n"
    "then one result for each name that JNDI is asked for. Control characters, invisible ones and bytes that "
    "are\n"
    "not UTF-8 are written as \\xNN. No name is resolved and nobody is contacted.\n"
    "\n"
    "Exit status: 0 a lookup was found; 1 none; 2 usage, or an input could not be read.\n";

static int decode_run(int argc, char *argv[]);

const struct command decode_command = {
    .name = "decode",
    .words = "STRING...|-",
    .summary = "explains step by step what Log4j makes of a text",
    .options = &table,
    .notes = notes,
    .run = decode_run,
};

struct decoder {
    struct decode_options options;
    const char **memory; /* behind the options' lists */
    struct config *config;
    struct scan *scan;
    struct resolver *resolver;
    struct lookup *lookup; /* for texts that lead nowhere */
    struct trail *trail;
    struct lines lines;
    struct buf out;
    struct jsonw json;
    struct bytes text; /* being decoded */
    size_t column;
    bool begun; /* the input's own line is on the page */
    bool told;  /* and the steps of the reading at hand */
    bool found, failed;
    int status; /* of a page that could not be written */
};

static const char *short_word(const char *what)
{
    return strcmp(what, "default-value") == 0 ? "default" : what;
}

static void put_word(struct decoder *d, const char *word)
{
    buf_addf(&d->out, "%-*s", (int)d->column, word);
}

static void put_step(struct decoder *d, const char *what, struct bytes text)
{
    if (d->options.json) {
        jsonw_object(&d->json, NULL);
        jsonw_str(&d->json, "step", what);
        jsonw_bytes(&d->json, "text", text);
        jsonw_end_object(&d->json);
        return;
    }
    put_word(d, short_word(what));
    text_visible(&d->out, text, SHOWN_MAX);
    buf_add_byte(&d->out, '\n');
}

static void widen_column(struct decoder *d)
{
    const struct trail_step *step;

    for (unsigned i = 0; (step = trail_step(d->trail, i)); i++)
        if (strlen(short_word(step->what)) + 2 > d->column)
            d->column = strlen(short_word(step->what)) + 2;
}

/* The steps of the reading at hand, once. */
static void tell_steps(struct decoder *d)
{
    const struct trail_step *step;

    if (d->told)
        return;
    d->told = true;
    widen_column(d);
    if (!d->begun && !d->options.json)
        put_step(d, "input", d->text);
    d->begun = true;
    for (unsigned i = 0; (step = trail_step(d->trail, i)); i++)
        put_step(d, step->what, buf_bytes(&step->text));
    if (d->trail->cut)
        put_step(d, "...", BYTES_LIT("(steps before the last one are left out)"));
}

static void on_reading(void *arg, enum reading_event event, unsigned taken, const char *what,
                       struct bytes text)
{
    struct decoder *d = arg;

    d->told = false;
    trail_note(d->trail, event, taken, what, text);
}

static void on_step(void *arg, const char *what, struct bytes message)
{
    on_reading(arg, READING_STEP, 0, what, message);
}

/* --json: the first of two runs writes the steps, the second the lookups. */
static void on_steps(void *arg, const struct resolved *r)
{
    (void)r;
    tell_steps(arg);
}

static void on_lookup(void *arg, const struct resolved *r)
{
    struct decoder *d = arg;
    struct verdict v;

    verdict_of(r, &v);
    if (d->options.json) {
        jsonw_object(&d->json, NULL);
        answer_json(&d->json, &v);
        jsonw_end_object(&d->json);
        return;
    }
    tell_steps(d);
    put_word(d, "result");
    buf_add_str(&d->out, "JNDI lookup  ");
    answer_words(&d->out, &v);
    buf_add_byte(&d->out, '\n');
}

/* No reading leads anywhere: the text as it stands is evaluated, to show where it ends. */
static void tell_as_it_stands(struct decoder *d)
{
    struct lookup_result result;

    on_reading(d, READING_BEGIN, 0, NULL, d->text);
    lookup_watch(d->lookup, on_step, d);
    lookup_resolve(d->lookup, d->text, &result);
    tell_steps(d);
}

static bool resolve(struct decoder *d, resolved_fn *fn, bool *spent)
{
    return resolver_run(d->resolver, d->text, FIELD_PLAIN, true, fn, d, spent);
}

static void decode_for_machines(struct decoder *d)
{
    bool spent;

    d->json = jsonw_to(&d->out);
    jsonw_object(&d->json, NULL);
    jsonw_bytes(&d->json, "input", d->text);
    jsonw_array(&d->json, "steps");
    if (!resolve(d, on_steps, &spent))
        tell_as_it_stands(d);
    jsonw_end_array(&d->json);
    jsonw_array(&d->json, "lookups");
    d->found |= resolve(d, on_lookup, &spent);
    jsonw_end_array(&d->json);
    if (spent)
        jsonw_bool(&d->json, "budget_spent", true);
    jsonw_end_object(&d->json);
    buf_add_byte(&d->out, '\n');
}

static void decode_for_people(struct decoder *d)
{
    bool spent;

    if (resolve(d, on_lookup, &spent)) {
        d->found = true;
        return;
    }
    tell_as_it_stands(d);
    put_word(d, "result");
    buf_addf(&d->out, "no JNDI lookup%s\n",
             spent ? "  (too expensive to work out to its end: there may be one)" : "");
}

/* False when there is nobody to tell any more. */
static bool decode_bytes(struct decoder *d, struct bytes text)
{
    d->text = text;
    d->column = COLUMN;
    d->begun = d->told = false;
    if (d->options.json)
        decode_for_machines(d);
    else
        decode_for_people(d);
    return command_put(&d->out, &d->status);
}

/* where: what the complaint begins with, "" or "line 3: ". */
static bool decode_input(struct decoder *d, struct bytes input, const char *where)
{
    struct buf plain = buf_within(INPUT_SPACE);
    struct complaint why = {""};
    bool goes_on = true;

    if (!d->options.hex && !d->options.base64)
        return decode_bytes(d, input);
    if (d->options.hex ? hex_text_read(input, &plain, &why) : base64_text_read(input, &plain, &why)) {
        goes_on = decode_bytes(d, buf_bytes(&plain));
    } else {
        log_error("decode: %s%s", where, why.text);
        d->failed = true;
    }
    buf_drop(&plain);
    return goes_on;
}

static bool decode_line(struct decoder *d, struct line line)
{
    char where[40];

    if (line.inside)
        return true; /* the rest of a line that was refused */
    snprintf(where, sizeof where, "line %" PRIu64 ": ", line.line);
    if (line.text.len >= LINES_BLOCK) {
        log_error("decode: %slonger than 64 KB", where);
        d->failed = true;
        return true;
    }
    if (bytes_ends(line.text, BYTES_LIT("\r")))
        line.text.len--;
    return decode_input(d, line.text, where);
}

/* What has come from standard input, line by line. False when there is nobody to tell. */
static bool decode_block(struct decoder *d, struct lines_block block)
{
    struct line line;

    while (lines_split(&block, &line))
        if (!decode_line(d, line))
            return false;
    return true;
}

static bool decode_stdin(struct decoder *d)
{
    struct lines_block block;
    ssize_t n;

    lines_reset(&d->lines);
    do {
        size_t room;
        uint8_t *at = lines_room(&d->lines, &room);

        n = read(STDIN_FILENO, at, room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            log_error("decode: standard input: %s", strerror(errno));
            d->failed = true;
            return true;
        }
        lines_wrote(&d->lines, (size_t)n);
        while (lines_next(&d->lines, n == 0, &block))
            if (!decode_block(d, block))
                return false;
    } while (n != 0);
    return true;
}

static bool decoder_prepare(struct decoder *d, struct complaint *why)
{
    d->out = buf_within(OUT_SPACE);
    d->config = config_new();
    d->trail = trail_new();
    if (!d->config || !d->trail || !lines_make(&d->lines))
        return complain(why, "memory is short");
    d->scan = scan_new(why);
    d->resolver = d->scan ? resolver_new(d->config, d->scan) : NULL;
    d->lookup = lookup_new(d->config);
    if (!d->resolver || !d->lookup)
        return complain(why, "memory is short");
    resolver_watch(d->resolver, on_reading, d);
    return true;
}

static void decoder_end(struct decoder *d)
{
    resolver_free(d->resolver);
    lookup_free(d->lookup);
    scan_free(d->scan);
    trail_free(d->trail);
    lines_free(&d->lines);
    config_free(d->config);
    buf_drop(&d->out);
    free(d->memory);
}

static bool options_read(struct decoder *d, int argc, char *argv[], struct complaint *why)
{
    if (!arguments_parse(&table, &d->options, argc, argv, &d->memory, why) || d->options.help)
        return d->options.help;
    if (d->options.words.n == 0)
        return complain(why, "nothing to decode: give a text in quotes, or - for standard input");
    if (d->options.hex && d->options.base64)
        return complain(why, "--hex and --base64 at once: choose one");
    return true;
}

static int decode_words(struct decoder *d)
{
    const struct option_list *words = &d->options.words;

    for (unsigned i = 0; i < words->n; i++) {
        bool is_stdin = strcmp(words->v[i], "-") == 0;

        if (!(is_stdin ? decode_stdin(d) : decode_input(d, bytes_str(words->v[i]), "")))
            return d->status;
    }
    return d->failed ? COMMAND_ERROR : d->found ? COMMAND_FOUND : COMMAND_NOT_FOUND;
}

static int decode_run(int argc, char *argv[])
{
    struct decoder d = {.found = false};
    struct complaint why = {""};
    int status;

    if (!options_read(&d, argc, argv, &why))
        status = command_refuse(&decode_command, &why);
    else if (d.options.help)
        status = command_help(&decode_command);
    else if (!decoder_prepare(&d, &why))
        status = command_refuse(&decode_command, &why);
    else
        status = decode_words(&d);
    decoder_end(&d);
    return status;
}

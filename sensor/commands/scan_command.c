/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"
#include "commands/log_time.h"
#include "commands/scan_file.h"
#include "commands/walk.h"
#include "progress.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct scan_options {
    bool below, through, numbers, counts, files, only, binary_too, json, help;
    enum choice names;
    uint64_t max_lines;
    const char *since;
    enum when color, progress;
    struct option_list paths;
};

#define AT(field) offsetof(struct scan_options, field)

static const struct option_row rows[] = {
    {'r', "recursive", NULL, OPTION_FLAG, AT(below),
     "read the files in directories; symbolic links met there are not followed"},
    {'R', "follow", NULL, OPTION_FLAG, AT(through), "the same, following them"},
    {'H', "with-filename", NULL, OPTION_YES, AT(names),
     "file names in front (when there are several: the default)"},
    {'h', "no-filename", NULL, OPTION_NO, AT(names), "no file names"},
    {'n', "line-number", NULL, OPTION_FLAG, AT(numbers),
     "line numbers also with -o; without it they are always there"},
    {'c', "count", NULL, OPTION_FLAG, AT(counts), "how many lines of each file"},
    {'l', "files-with-matches", NULL, OPTION_FLAG, AT(files), "only the names of the files with hits"},
    {'o', "only-matching", NULL, OPTION_FLAG, AT(only), "only the names that JNDI is asked for"},
    {'m', "max-count", "N", OPTION_COUNT, AT(max_lines), "leave a file after N lines with hits"},
    {'a', "text", NULL, OPTION_FLAG, AT(binary_too), "take binary files for text"},
    {0, "since", "T", OPTION_TEXT, AT(since), "pass over lines that begin with an earlier time"},
    {0, "json", NULL, OPTION_FLAG, AT(json), "one JSON object per hit"},
    {0, "color", "WHEN", OPTION_WHEN, AT(color), "auto, always or never"},
    {0, "progress", "WHEN", OPTION_WHEN, AT(progress), "auto, always or never"},
    {0, "help", NULL, OPTION_FLAG, AT(help), "print this"},
};

static const struct option_table table = {rows, sizeof rows / sizeof *rows, AT(paths)};

static const char notes[] =
    "Writes a line per lookup: FILE:LINE: what it comes to  <- the line. - is standard input, which is also\n"
    "read when no PATH is given (with -r: the current directory). gzip, bzip2, xz and zstd are known by\n"
    "content. Of a binary file it is only said that it matches, unless -a or --json is given; UTF-16 is "
    "text.\n"
    "An expression whose closing brace is missing (logs cut long lines) is marked (unclosed), one that "
    "Log4j\n"
    "would leave alone (not evaluated).\n"
    "\n"
    "T is a time as in logs: 2021-12-10, 2021-12-10T10:00:00Z, 'Dec 10 10:00:00', 1639130400. Lines without\n"
    "a time are searched.\n"
    "\n"
    "Exit status: 0 something was found; 1 nothing; 2 usage, or a file could not be read (whatever was "
    "found\n"
    "in others).\n";

static int scan_run(int argc, char *argv[]);

const struct command scan_command = {
    .name = "scan",
    .words = "PATH...|-",
    .summary = "looks for lookups in log files, as grep does",
    .options = &table,
    .notes = notes,
    .run = scan_run,
};

struct search {
    struct scan_options options;
    const char **memory; /* behind the options' lists */
    struct scanner *scanner;
    struct stat out;         /* what stdout is */
    uint64_t total, n_total; /* bytes and files to come, for the progress line */
    bool failed;
};

static void on_progress(void *arg, struct progress_view *v)
{
    const struct search *s = arg;
    struct scanner_state state;

    scanner_state(s->scanner, &state);
    v->done = state.bytes;
    v->total = s->total;
    v->n_parts = state.n_files;
    v->part = "file";
    v->n_found = state.n_hits;
    v->found = "hit";
    v->name = state.name ? state.name : "";
    v->file = (unsigned)state.n_files + 1;
    v->n_files = (unsigned)s->n_total;
}

static void on_problem(void *arg, const char *path, int error, const char *what)
{
    struct search *s = arg;

    log_error("%s: %s", path, error ? strerror(error) : what ? what : "");
    s->failed = true;
}

/* What is written would be read, found and written again. */
static bool is_output(const struct search *s, const struct stat *st)
{
    return S_ISREG(st->st_mode) && S_ISREG(s->out.st_mode) && st->st_dev == s->out.st_dev &&
           st->st_ino == s->out.st_ino;
}

/* Without waiting for a pipe that took a file's place since the walk saw it. */
static int open_path(const char *path, bool named)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NONBLOCK));
}

static bool on_file(void *arg, const char *path, const struct stat *seen, bool named)
{
    struct search *s = arg;
    int fd = open_path(path, named);
    bool goes_on = true;
    struct stat st;

    (void)seen;
    if (fd < 0 || fstat(fd, &st) != 0)
        on_problem(s, path, errno, NULL);
    else if (is_output(s, &st))
        on_problem(s, path, 0, "is the output, too");
    else if (named || S_ISREG(st.st_mode))
        goes_on = scanner_file(s->scanner, path, fd, S_ISREG(st.st_mode) ? st.st_mtime : time(NULL));
    if (fd >= 0)
        close(fd);
    return goes_on;
}

static bool on_size(void *arg, const char *path, const struct stat *st, bool named)
{
    struct search *s = arg;

    (void)path;
    (void)named;
    if (S_ISREG(st->st_mode))
        s->total += (uint64_t)st->st_size;
    s->n_total++;
    return true;
}

static void on_no_problem(void *arg, const char *path, int error, const char *what)
{
    (void)arg;
    (void)path;
    (void)error;
    (void)what;
}

static enum walk_depth depth_of(const struct scan_options *o)
{
    return o->through ? WALK_THROUGH : o->below ? WALK_BELOW : WALK_FILES;
}

/* How much there is, so that the progress line can say how much is left. Unknown when a pipe is among it. */
static void measure(struct search *s)
{
    const struct walk w = {depth_of(&s->options), on_size, on_no_problem, s};

    for (unsigned i = 0; i < s->options.paths.n; i++) {
        if (strcmp(s->options.paths.v[i], "-") == 0) {
            s->total = s->n_total = 0;
            return;
        }
        walk_path(&w, s->options.paths.v[i]);
    }
}

static bool search_path(struct search *s, const char *path)
{
    const struct walk w = {depth_of(&s->options), on_file, on_problem, s};

    if (strcmp(path, "-") == 0)
        return scanner_file(s->scanner, "(standard input)", STDIN_FILENO, time(NULL));
    return walk_path(&w, path);
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool names_wanted(const struct scan_options *o)
{
    if (o->names != CHOICE_OPEN)
        return o->names == CHOICE_YES;
    return o->paths.n > 1 || (depth_of(o) != WALK_FILES && o->paths.n && is_directory(o->paths.v[0]));
}

static enum scan_form form_of(const struct scan_options *o)
{
    return o->json     ? SCAN_JSON
           : o->files  ? SCAN_FILES
           : o->counts ? SCAN_COUNTS
           : o->only   ? SCAN_ONLY
                       : SCAN_LINES;
}

static bool plan_make(const struct scan_options *o, struct scan_plan *plan, struct complaint *why)
{
    *plan = (struct scan_plan){
        .style = {form_of(o), terminal_color(o->color) && !o->json, names_wanted(o), o->numbers},
        .max_lines = o->max_lines,
        .has_since = o->since != NULL,
        .binary_too = o->binary_too};
    if (o->json && (o->files || o->counts || o->only))
        return complain(why, "--json and %s at once: choose one", o->files ? "-l" : o->counts ? "-c" : "-o");
    if (o->since && !log_time_read(bytes_str(o->since), time(NULL), &plan->since))
        return complain(why, "--since '%.64s' is no time: write 2021-12-10 or 2021-12-10T10:00:00Z",
                        o->since);
    return true;
}

static int search_paths(struct search *s)
{
    struct scan_options *o = &s->options;
    struct scanner_state state;
    bool goes_on = true;

    if (terminal_progress(o->progress)) {
        measure(s);
        scanner_on_tick(s->scanner, progress_tick);
        progress_begin(on_progress, s, o->progress == WHEN_ALWAYS);
    }
    for (unsigned i = 0; goes_on && i < o->paths.n; i++)
        goes_on = search_path(s, o->paths.v[i]);
    progress_end();
    scanner_state(s->scanner, &state);
    if (!goes_on)
        return state.status;
    return state.failed || s->failed ? COMMAND_ERROR : state.n_hits ? COMMAND_FOUND : COMMAND_NOT_FOUND;
}

static void default_path(struct scan_options *o)
{
    if (o->paths.n == 0) /* the list has room: for all of argv */
        o->paths.v[o->paths.n++] = depth_of(o) == WALK_FILES ? "-" : ".";
}

static int scan_run(int argc, char *argv[])
{
    struct search s = {.total = 0};
    struct complaint why = {""};
    struct scan_plan plan;
    int status;

    fstat(STDOUT_FILENO, &s.out);
    if (!arguments_parse(&table, &s.options, argc, argv, &s.memory, &why)) {
        status = command_refuse(&scan_command, &why);
    } else if (s.options.help) {
        status = command_help(&scan_command);
    } else {
        default_path(&s.options);
        s.scanner = plan_make(&s.options, &plan, &why) ? scanner_new(&plan, &why) : NULL;
        status = s.scanner ? search_paths(&s) : command_refuse(&scan_command, &why);
    }
    scanner_free(s.scanner);
    free(s.memory);
    return status;
}

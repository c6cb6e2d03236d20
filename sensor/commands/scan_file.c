/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_file.h"
#include "commands/command.h"
#include "commands/lines.h"
#include "commands/log_time.h"
#include "base/unpack.h"

#include <stdlib.h>

#define OUT_SPACE ((size_t)4 << 20)
#define ADDED     1024 /* a part of a line, and the braces that may be put behind it */

/* Of the file being read. */
struct file_state {
    const char *name;
    int64_t written;
    uint64_t n_lines;   /* with hits */
    uint64_t last_line; /* the last one with a hit */
    uint64_t old_line;  /* the last one known to be too old; parts of it come without its time */
    struct scan_place place;
    bool known, binary; /* known: it has been looked at */
    bool done;
};

struct scanner {
    struct scan_plan plan;
    struct config *config;
    struct scan *scan;
    struct judge *judge;
    struct unpack *unpack;
    struct lines lines;
    struct buf out;
    struct file_state file;
    struct scanner_state state;
    uint64_t bytes_before; /* of the files before this one */
    void (*tick)(void);
};

static bool scanner_make(struct scanner *s, struct complaint *why)
{
    s->out = buf_within(OUT_SPACE);
    s->unpack = unpack_new();
    s->config = config_new();
    if (!s->unpack || !s->config || !lines_make(&s->lines))
        return complain(why, "memory is short");
    if (s->config->lookup_max_input < LINES_BLOCK + ADDED)
        s->config->lookup_max_input = LINES_BLOCK + ADDED;
    s->scan = scan_new(why);
    s->judge = s->scan ? judge_new(s->config, s->scan) : NULL;
    return s->judge || complain(why, "memory is short");
}

struct scanner *scanner_new(const struct scan_plan *plan, struct complaint *why)
{
    struct scanner *s = calloc(1, sizeof *s);

    if (!s) {
        complain(why, "memory is short");
        return NULL;
    }
    s->plan = *plan;
    if (!scanner_make(s, why)) {
        scanner_free(s);
        return NULL;
    }
    return s;
}

void scanner_free(struct scanner *s)
{
    if (!s)
        return;
    judge_free(s->judge);
    scan_free(s->scan);
    lines_free(&s->lines);
    unpack_free(s->unpack);
    config_free(s->config);
    buf_drop(&s->out);
    free(s);
}

void scanner_on_tick(struct scanner *s, void (*tick)(void))
{
    s->tick = tick;
}

void scanner_state(const struct scanner *s, struct scanner_state *out)
{
    *out = s->state;
    out->name = s->file.name;
    out->bytes = s->bytes_before + unpack_position(s->unpack);
}

/* UTF-16 has a NUL in every second place, of ASCII text at least, and no binary file has them only there. */
static bool is_wide(struct bytes head)
{
    size_t nuls[2] = {0, 0}, half = head.len / 2;

    if (bytes_starts(head, BYTES_LIT("\xff\xfe")) || bytes_starts(head, BYTES_LIT("\xfe\xff")))
        return true;
    for (size_t i = 0; i < head.len; i++)
        nuls[i % 2] += head.p[i] == 0;
    return half > 0 &&
           ((nuls[0] > half / 2 && nuls[1] < half / 16) || (nuls[1] > half / 2 && nuls[0] < half / 16));
}

/* As grep has it: a NUL near the beginning. */
static void know_file(struct scanner *s, struct bytes head)
{
    struct file_state *f = &s->file;

    if (f->known)
        return;
    f->known = true;
    head = bytes_slice(head, 0, LINES_BLOCK / 2);
    f->binary = !s->plan.binary_too && s->plan.style.form != SCAN_JSON &&
                bytes_find_byte(head, 0) != BYTES_NONE && !is_wide(head);
}

static void on_judged(void *arg, const struct judged *j)
{
    struct scanner *s = arg;
    struct file_state *f = &s->file;
    const struct scan_style *style = &s->plan.style;

    s->state.n_hits++;
    if (f->done || style->form == SCAN_COUNTS || style->form == SCAN_FILES)
        return;
    if (f->binary) {
        scan_print_binary(&s->out, style, f->name);
        f->done = true;
    } else if (style->form != SCAN_ONLY || j->kind != JUDGED_SPENT) {
        scan_print_hit(&s->out, style, &f->place, j);
    }
}

static bool is_too_old(struct scanner *s, const struct line *line)
{
    struct file_state *f = &s->file;
    int64_t seconds;

    if (!s->plan.has_since)
        return false;
    if (line->inside)
        return f->old_line == line->line;
    if (!log_time_of(line->text, f->written, &seconds) || seconds >= s->plan.since)
        return false;
    f->old_line = line->line;
    return true;
}

/* Counted, when something was told of it that was not told before. */
static void judge_one(struct scanner *s, const struct line *line)
{
    struct file_state *f = &s->file;

    if (!judge_line(s->judge, line->text, line->inside && line->line == f->last_line, line->cut, on_judged,
                    s))
        return;
    if (line->inside && line->line == f->last_line)
        return;
    f->last_line = line->line;
    f->n_lines++;
}

static void scan_line(struct scanner *s, const struct line *line)
{
    struct file_state *f = &s->file;
    bool marked = (scan_block(s->scan, line->text) & SCAN_HIT) != 0;

    /* The beginning of a long line is asked for its time, wherever in it the hit will be. */
    if (!(marked || line->cut) || is_too_old(s, line) || !marked)
        return;
    if (s->plan.max_lines && f->n_lines == s->plan.max_lines && line->line != f->last_line) {
        f->done = true;
        return;
    }
    f->place = (struct scan_place){f->name, line->line, line->offset, line->text};
    judge_one(s, line);
    if (s->plan.style.form == SCAN_FILES && f->n_lines)
        f->done = true;
}

/* A block that is not marked is passed over; one that is, line by line. False when there is nobody to write
 * for. */
static bool scan_lines(struct scanner *s, struct lines_block block)
{
    struct line line;

    if (!(scan_block(s->scan, block.text) & SCAN_HIT) && !(block.cut && s->plan.has_since))
        return true;
    while (!s->file.done && lines_split(&block, &line)) {
        scan_line(s, &line);
        if (s->out.len > OUT_SPACE / 4 && !command_put(&s->out, &s->state.status))
            return false;
    }
    return s->out.len == 0 || command_put(&s->out, &s->state.status);
}

static bool scan_text(struct scanner *s)
{
    struct complaint why = {""};
    struct lines_block block;
    ptrdiff_t n;

    do {
        size_t room;
        uint8_t *at = lines_room(&s->lines, &room);

        n = unpack_read(s->unpack, at, room, &why);
        if (n < 0) {
            log_error("%s: %s", s->file.name, why.text);
            s->state.failed = true;
        }
        if (n > 0) {
            know_file(s, bytes_of(at, (size_t)n));
            lines_wrote(&s->lines, (size_t)n);
        }
        while (!s->file.done && lines_next(&s->lines, n <= 0, &block))
            if (!scan_lines(s, block))
                return false;
        if (s->tick)
            s->tick();
    } while (n > 0 && !s->file.done);
    return true;
}

bool scanner_file(struct scanner *s, const char *name, int fd, int64_t written)
{
    const struct scan_style *style = &s->plan.style;
    bool goes_on;

    s->file = (struct file_state){.name = name, .written = written};
    lines_reset(&s->lines);
    unpack_begin(s->unpack, fd);
    goes_on = scan_text(s);
    s->state.n_files++;
    s->bytes_before += unpack_position(s->unpack);
    unpack_begin(s->unpack, -1);
    if (goes_on && (style->form == SCAN_COUNTS || style->form == SCAN_FILES)) {
        scan_print_file(&s->out, style, name, s->file.n_lines);
        goes_on = s->out.len == 0 || command_put(&s->out, &s->state.status);
    }
    s->file.name = NULL;
    return goes_on;
}

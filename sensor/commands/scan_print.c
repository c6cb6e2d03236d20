/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_print.h"
#include "channel/record.h"
#include "commands/answer.h"
#include "output/text.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_SHOWN 1000 /* bytes of a log line on a terminal */
#define NAME_SHOWN 1000

/* SGR sequences, grep's choice: magenta, green, cyan, bold red. */
#define FILE_ON   "\033[35m"
#define NUMBER_ON "\033[32m"
#define MARK_ON   "\033[36m"
#define MATCH_ON  "\033[1;31m"
#define OFF       "\033[0m"

static void put_colored(struct buf *out, const struct scan_style *s, const char *on, struct bytes text,
                        size_t max)
{
    if (s->color)
        buf_add_str(out, on);
    text_visible(out, text, max);
    if (s->color)
        buf_add_str(out, OFF);
}

static void put_mark(struct buf *out, const struct scan_style *s)
{
    put_colored(out, s, MARK_ON, BYTES_LIT(":"), 1);
}

static void put_file(struct buf *out, const struct scan_style *s, const char *file)
{
    put_colored(out, s, FILE_ON, bytes_str(file), SIZE_MAX);
}

static void put_place(struct buf *out, const struct scan_style *s, const struct scan_place *place)
{
    char number[24];

    if (s->names) {
        put_file(out, s, place->file);
        put_mark(out, s);
    }
    if (s->form == SCAN_ONLY && !s->numbers)
        return;
    snprintf(number, sizeof number, "%" PRIu64, place->line);
    put_colored(out, s, NUMBER_ON, bytes_str(number), sizeof number);
    put_mark(out, s);
    if (s->form == SCAN_LINES)
        buf_add_byte(out, ' ');
}

static void put_decoded(struct buf *out, const struct scan_style *s, const struct judged *j)
{
    struct buf text = buf_within(NAME_SHOWN + 16);

    buf_add_str(&text, "${jndi:");
    buf_add(&text, bytes_slice(j->name, 0, NAME_SHOWN));
    if (j->name.len > NAME_SHOWN)
        buf_add_str(&text, "...");
    if (j->kind == JUDGED_LOOKUP)
        buf_add_byte(&text, '}');
    put_colored(out, s, MATCH_ON, buf_bytes(&text), SIZE_MAX);
    buf_drop(&text);
}

/* Where in the line the hit stands, as far as that can be said. */
static size_t place_in_line(const struct scan_place *place, const struct judged *j)
{
    const uint8_t *raw = j->verdict.raw.p;

    return raw >= place->text.p && raw < place->text.p + place->text.len ? (size_t)(raw - place->text.p) : 0;
}

/* UTF-16 is for the eye what it is without its NULs. */
static void put_text(struct buf *out, struct bytes text)
{
    struct buf narrow = buf_within(LINE_SHOWN);

    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] != '\0')
            buf_add_byte(&narrow, text.p[i]);
    text_visible(out, buf_bytes(&narrow), LINE_SHOWN);
    buf_drop(&narrow);
}

static void put_line(struct buf *out, const struct scan_style *s, const struct scan_place *place,
                     const struct judged *j)
{
    struct bytes shown = record_window(place->text, place_in_line(place, j), LINE_SHOWN);

    put_place(out, s, place);
    if (j->kind == JUDGED_SPENT)
        buf_add_str(out, "(too expensive to work out to its end)");
    else
        put_decoded(out, s, j);
    if (j->kind == JUDGED_UNCLOSED)
        buf_add_str(out, " (unclosed)");
    else if (j->kind == JUDGED_TEXT)
        buf_add_str(out, " (not evaluated)");
    buf_add_str(out, "  <- ");
    if (shown.p > place->text.p)
        buf_add_str(out, "...");
    put_text(out, shown);
    if (shown.p + shown.len < place->text.p + place->text.len)
        buf_add_str(out, "...");
}

static void put_only(struct buf *out, const struct scan_style *s, const struct scan_place *place,
                     const struct judged *j)
{
    put_place(out, s, place);
    put_colored(out, s, MATCH_ON, j->name, SIZE_MAX);
}

static void put_json(struct buf *out, const struct scan_place *place, const struct judged *j)
{
    struct jsonw w = jsonw_to(out);

    jsonw_object(&w, NULL);
    jsonw_str(&w, "file", place->file);
    jsonw_u64(&w, "line", place->line);
    jsonw_u64(&w, "offset", place->offset + place_in_line(place, j));
    jsonw_str(&w, "found", judged_kind_name(j->kind));
    answer_json(&w, &j->verdict);
    jsonw_bytes(&w, "text", place->text);
    jsonw_end_object(&w);
}

void scan_print_hit(struct buf *out, const struct scan_style *s, const struct scan_place *place,
                    const struct judged *j)
{
    if (s->form == SCAN_JSON)
        put_json(out, place, j);
    else if (s->form == SCAN_ONLY)
        put_only(out, s, place, j);
    else
        put_line(out, s, place, j);
    buf_add_byte(out, '\n');
}

void scan_print_binary(struct buf *out, const struct scan_style *s, const char *file)
{
    buf_add_str(out, "Binary file ");
    put_file(out, s, file);
    buf_add_str(out, " matches\n");
}

void scan_print_file(struct buf *out, const struct scan_style *s, const char *file, uint64_t n_lines)
{
    if (s->form == SCAN_FILES && n_lines == 0)
        return;
    if (s->form == SCAN_FILES || s->names)
        put_file(out, s, file);
    if (s->form == SCAN_COUNTS) {
        if (s->names)
            put_mark(out, s);
        buf_addf(out, "%" PRIu64, n_lines);
    }
    buf_add_byte(out, '\n');
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_set.h"

#include <stdlib.h>

static bool draft_add(struct set_draft *d, struct set_note note)
{
    if (d->n == d->room) {
        unsigned room = d->room ? 2 * d->room : 64;
        struct set_note *notes = realloc(d->notes, room * sizeof *notes);

        if (!notes)
            return false;
        d->notes = notes;
        d->room = room;
    }
    d->notes[d->n++] = note;
    return true;
}

/* A long literal is searched for by its last bytes alone: Hyperscan's time and memory grow with each byte of
 * each literal (2,000 of 1,000 bytes: a minute and 600 MB), and all of it is compared afterwards anyway. The
 * last ones, so that it is found when it is complete. */
#define SEARCHED_MAX 64

/* The literal stands at the very beginning of the value or nowhere. */
static bool is_at_start(const struct traffic_test *t)
{
    if (t->kind != ASK_CONTENT || t->negated || t->relative || t->pattern.len == 0 || t->nocase)
        return false;
    if (t->from.var || t->reach.var || t->from.n != 0)
        return false;
    return t->starts || (t->has_reach && t->reach.n <= (int64_t)t->pattern.len);
}

static struct bytes searched(struct bytes text)
{
    return text.len > SEARCHED_MAX ? bytes_from(text, text.len - SEARCHED_MAX) : text;
}

bool set_draft_note(struct set_draft *d, uint32_t rule, const struct traffic_section *section,
                    const struct traffic_test *fast)
{
    if (section->n_transforms == 0)
        for (unsigned i = 0; i < section->n_tests; i++)
            if (is_at_start(&section->tests[i]))
                return draft_add(
                    d, (struct set_note){.rule = rule, .way = SET_START, .text = section->tests[i].pattern});
    if (fast && fast->pattern.len >= PATTERNS_MIN)
        return draft_add(d, (struct set_note){.rule = rule,
                                              .way = SET_PATTERN,
                                              .text = searched(fast->pattern),
                                              .whole = (uint32_t)fast->pattern.len,
                                              .nocase = fast->nocase});
    return set_draft_note_always(d, rule);
}

bool set_draft_note_always(struct set_draft *d, uint32_t rule)
{
    return draft_add(d, (struct set_note){.rule = rule, .way = SET_ALWAYS});
}

void set_draft_drop(struct set_draft *d)
{
    free(d->notes);
    *d = (struct set_draft){0};
}

void traffic_set_drop(struct traffic_set *s)
{
    patterns_free(s->patterns);
    free(s->lens);
    free(s->first);
    free(s->found);
    free(s->starts);
    free(s->always);
    *s = (struct traffic_set){0};
}

/* Patterns that are the same stand together, each with its rules in their order. */
static int by_text(const void *left, const void *right)
{
    const struct set_note *a = left, *b = right;
    size_t shorter = a->text.len < b->text.len ? a->text.len : b->text.len;
    int differ;

    if (a->way != b->way)
        return a->way < b->way ? -1 : 1;
    if (a->way == SET_ALWAYS)
        return a->rule < b->rule ? -1 : a->rule > b->rule;
    if (a->way == SET_START)
        differ = (int)a->text.p[0] - (int)b->text.p[0];
    else {
        differ = memcmp(a->text.p, b->text.p, shorter);
        if (differ == 0 && a->text.len != b->text.len)
            differ = a->text.len < b->text.len ? -1 : 1;
        if (differ == 0 && a->nocase != b->nocase)
            differ = a->nocase < b->nocase ? -1 : 1;
    }
    return differ ? differ : a->rule < b->rule ? -1 : a->rule > b->rule;
}

static bool same_pattern(const struct set_note *a, const struct set_note *b)
{
    return a->nocase == b->nocase && bytes_eq(a->text, b->text);
}

/* notes: n of SET_PATTERN, sorted. */
static bool compile_patterns(const struct set_note *notes, unsigned n, bool pieces, struct traffic_set *out,
                             struct complaint *why)
{
    struct pattern *list = malloc(n * sizeof *list);
    unsigned n_list = 0;

    out->lens = malloc(n * sizeof *out->lens);
    out->first = malloc((n + 1) * sizeof *out->first);
    out->found = malloc(n * sizeof *out->found);
    if (!list || !out->lens || !out->first || !out->found) {
        free(list);
        return complain(why, "memory is short for the patterns of rules");
    }
    for (unsigned i = 0; i < n; i++) {
        if (i == 0 || !same_pattern(&notes[i - 1], &notes[i])) {
            out->first[n_list] = i;
            list[n_list] = (struct pattern){.text = notes[i].text, .nocase = notes[i].nocase, .id = n_list};
            n_list++;
        }
        out->found[i] = notes[i].rule;
        out->lens[i] = notes[i].whole;
    }
    out->first[n_list] = n;
    out->n_patterns = n_list;
    out->patterns = patterns_new(list, n_list, pieces, why);
    free(list);
    return out->patterns != NULL;
}

static bool copy_rules(const struct set_note *notes, unsigned n, uint32_t **out)
{
    *out = malloc(n * sizeof **out);
    for (unsigned i = 0; *out && i < n; i++)
        (*out)[i] = notes[i].rule;
    return *out != NULL;
}

static bool list_starts(const struct set_note *notes, unsigned n, struct traffic_set *out)
{
    unsigned at = 0;

    for (unsigned b = 0; b < 256; b++) {
        out->starts_first[b] = at;
        while (at < n && notes[at].text.p[0] == b)
            at++;
    }
    out->starts_first[256] = n;
    return copy_rules(notes, n, &out->starts);
}

bool set_draft_compile(struct set_draft *d, bool pieces, struct traffic_set *out, struct complaint *why)
{
    unsigned n_patterns = 0, n_starts = 0;
    bool good = true;

    *out = (struct traffic_set){.any = d->n > 0, .classes = d->classes};
    if (d->n)
        qsort(d->notes, d->n, sizeof *d->notes, by_text);
    for (unsigned i = 0; i < d->n; i++) {
        n_patterns += d->notes[i].way == SET_PATTERN;
        n_starts += d->notes[i].way == SET_START;
    }
    out->n_always = d->n - n_patterns - n_starts;
    if (n_patterns)
        good = compile_patterns(d->notes, n_patterns, pieces, out, why);
    if (good && n_starts && !list_starts(d->notes + n_patterns, n_starts, out))
        good = complain(why, "memory is short for the rules");
    if (good && out->n_always && !copy_rules(d->notes + n_patterns + n_starts, out->n_always, &out->always))
        good = complain(why, "memory is short for the rules");
    set_draft_drop(d);
    if (!good)
        traffic_set_drop(out);
    return good;
}

bool traffic_finds_init(struct traffic_finds *f, unsigned n_rules)
{
    f->find = malloc(n_rules * sizeof *f->find);
    f->mark = calloc(n_rules, 1);
    f->n = 0;
    return f->find && f->mark;
}

void traffic_finds_drop(struct traffic_finds *f)
{
    free(f->find);
    free(f->mark);
    *f = (struct traffic_finds){0};
}

static void note_find(struct traffic_finds *f, uint32_t rule, uint64_t from)
{
    if (f->mark[rule])
        return;
    f->mark[rule] = 1;
    f->find[f->n++] = (struct traffic_find){rule, from};
}

/* end: of the text that was searched, which must hold all of a literal. */
static void on_pattern(void *arg, unsigned id, uint64_t end)
{
    struct traffic_finds *out = arg;
    const struct traffic_set *s = out->set;

    for (uint32_t i = s->first[id]; i < s->first[id + 1]; i++)
        if (end >= s->lens[i])
            note_find(out, s->found[i], out->base + end - s->lens[i]);
}

/* Better all of them asked than one missed. */
static void find_everything(const struct traffic_set *s, struct traffic_finds *out)
{
    for (uint32_t i = 0; i < s->first[s->n_patterns]; i++)
        note_find(out, s->found[i], 0);
}

static void find_starts(const struct traffic_set *s, struct bytes text, struct traffic_finds *out)
{
    if (!s->starts || text.len == 0)
        return;
    for (uint32_t i = s->starts_first[text.p[0]]; i < s->starts_first[text.p[0] + 1]; i++)
        note_find(out, s->starts[i], 0);
}

static void find_always(const struct traffic_set *s, uint64_t from, struct traffic_finds *out)
{
    for (unsigned i = 0; i < s->n_always; i++)
        note_find(out, s->always[i], from);
}

void traffic_set_find(const struct traffic_set *s, struct bytes text, struct traffic_finds *out)
{
    out->set = s;
    out->base = 0;
    find_starts(s, text, out);
    find_always(s, 0, out);
    if (s->patterns && !patterns_scan(s->patterns, text, on_pattern, out))
        find_everything(s, out);
}

void traffic_set_find_piece(const struct traffic_set *s, struct patterns_stream *stream, struct bytes piece,
                            uint64_t base, bool first, struct traffic_finds *out)
{
    out->set = s;
    out->base = base;
    if (first)
        find_starts(s, piece, out);
    find_always(s, 0, out);
    if (!s->patterns)
        return;
    if (!stream || !patterns_stream_feed(s->patterns, stream, piece, on_pattern, out))
        find_everything(s, out);
}

static int by_rule(const void *left, const void *right)
{
    const struct traffic_find *a = left, *b = right;

    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

void traffic_finds_sort(struct traffic_finds *f)
{
    if (f->n > 1)
        qsort(f->find, f->n, sizeof *f->find, by_rule);
}

void traffic_finds_clear(struct traffic_finds *f)
{
    for (unsigned i = 0; i < f->n; i++)
        f->mark[f->find[i].rule] = 0;
    f->n = 0;
}

bool traffic_set_asks_always(const struct traffic_set *set, uint32_t rule)
{
    for (unsigned i = 0; i < set->n_always; i++)
        if (set->always[i] == rule)
            return true;
    return false;
}

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

/* Where there are many of them, still fewer: 60,000 of 60 bytes that end alike took a minute and 1.5 GB. */
#define SEARCHED_MANY    1024
#define SEARCHED_OF_MANY 16

#define SHORT_MAX sizeof((struct set_short){0}.text)

/* The literal stands at the very beginning of the value or nowhere. */
static bool is_at_start(const struct traffic_test *t)
{
    if (t->kind != ASK_CONTENT || t->negated || t->relative || t->pattern.len == 0 || t->nocase)
        return false;
    if (t->from.var || t->reach.var || t->from.n != 0)
        return false;
    return t->starts || (t->has_reach && t->reach.n <= (int64_t)t->pattern.len);
}

static bool is_brief(const struct traffic_test *t)
{
    return t->kind == ASK_CONTENT && !t->negated && !t->nocase && t->pattern.len > 0 &&
           t->pattern.len <= SHORT_MAX;
}

/* A literal of one or two bytes without which the section cannot hold: the longest; for a section that is
 * found by another one, that which its author thought the rarest. */
static struct bytes brief_of(const struct traffic_section *section, bool found)
{
    struct bytes best = {0};

    for (unsigned i = 0; i < section->n_tests; i++) {
        const struct traffic_test *t = &section->tests[i];

        if (is_brief(t) && (t->fast || !found) && t->pattern.len > best.len)
            best = t->pattern;
    }
    return best;
}

/* The next test only looks further on. */
static bool goes_forward(const struct traffic_test *t)
{
    if (!t->relative || t->negated || t->from.var)
        return false;
    return t->kind == ASK_PCRE || (t->kind == ASK_CONTENT && t->from.n >= 0);
}

/* The brief one stands before the literal in whatever satisfies the section. */
static bool is_led_by(const struct traffic_section *section, const struct traffic_test *fast,
                      struct bytes brief)
{
    const struct traffic_test *t = section->tests;

    while (t < fast && !(is_brief(t) && bytes_eq(t->pattern, brief)))
        t++;
    if (brief.len != SHORT_MAX || t == fast)
        return false;
    while (t < fast)
        if (!goes_forward(++t))
            return false;
    return true;
}

static struct bytes searched(struct bytes text, size_t most)
{
    return text.len > most ? bytes_from(text, text.len - most) : text;
}

bool set_draft_note(struct set_draft *d, uint32_t rule, const struct traffic_section *section,
                    const struct traffic_test *fast)
{
    /* What stands behind base64_decode is not asked. */
    if (section->n_transforms == 0)
        for (unsigned i = 0; i < section->n_tests && section->tests[i].kind != ASK_BASE64; i++)
            if (is_at_start(&section->tests[i]))
                return draft_add(
                    d, (struct set_note){.rule = rule, .way = SET_START, .text = section->tests[i].pattern});
    if (fast && fast->pattern.len >= PATTERNS_MIN)
        return draft_add(d, (struct set_note){.leads = is_led_by(section, fast, brief_of(section, true)),
                                              .rule = rule,
                                              .way = SET_PATTERN,
                                              .text = searched(fast->pattern, SEARCHED_MAX),
                                              .brief = brief_of(section, true),
                                              .whole = (uint32_t)fast->pattern.len,
                                              .nocase = fast->nocase});
    return draft_add(d,
                     (struct set_note){.rule = rule, .way = SET_ALWAYS, .brief = brief_of(section, false)});
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
    free(s->found_needs);
    free(s->always_needs);
    *s = (struct traffic_set){0};
}

/* Patterns that are the same stand together, each with its rules in their order. */
static int by_text(const void *left, const void *right)
{
    const struct set_note *a = left, *b = right;
    size_t shorter = a->text.len < b->text.len ? a->text.len : b->text.len;
    int differ = shorter ? memcmp(a->text.p, b->text.p, shorter) : 0;

    if (a->way != b->way)
        return a->way < b->way ? -1 : 1;
    if (differ == 0 && a->text.len != b->text.len)
        differ = a->text.len < b->text.len ? -1 : 1;
    if (differ == 0 && a->nocase != b->nocase)
        differ = a->nocase < b->nocase ? -1 : 1;
    return differ ? differ : a->rule < b->rule ? -1 : a->rule > b->rule;
}

static bool same_pattern(const struct set_note *a, const struct set_note *b)
{
    return a->nocase == b->nocase && bytes_eq(a->text, b->text);
}

/* See traffic_set. None when there is no room for another: then the rule is asked more often. */
static uint8_t short_for(struct traffic_set *out, struct bytes brief)
{
    struct set_short *s = out->shorts;

    if (brief.len == 0)
        return 0;
    while (s < out->shorts + out->n_shorts && !bytes_eq(bytes_of(s->text, s->len), brief))
        s++;
    if (s == out->shorts + SET_SHORTS)
        return 0;
    if (s == out->shorts + out->n_shorts) {
        out->n_shorts++;
        s->len = (uint8_t)brief.len;
        memcpy(s->text, brief.p, brief.len);
    }
    return (uint8_t)(s - out->shorts + 1);
}

/* What stands before the literal of the first note in all rules that are found by it. */
static struct bytes lead_of(const struct set_note *notes, unsigned n)
{
    for (unsigned i = 0; i < n && (i == 0 || same_pattern(&notes[i - 1], &notes[i])); i++)
        if (!notes[i].leads || !bytes_eq(notes[i].brief, notes[0].brief))
            return (struct bytes){0};
    return notes[0].brief;
}

/* notes: n of SET_PATTERN, sorted. grows: what stands before a literal may have come long before. */
static bool compile_patterns(const struct set_note *notes, unsigned n, bool grows, struct traffic_set *out,
                             struct complaint *why)
{
    struct pattern *list = malloc(n * sizeof *list);
    struct bytes *leads = calloc(n, sizeof *leads);
    unsigned n_list = 0;

    out->lens = malloc(n * sizeof *out->lens);
    out->first = malloc((n + 1) * sizeof *out->first);
    out->found = malloc(n * sizeof *out->found);
    out->found_needs = malloc(n);
    if (!list || !leads || !out->lens || !out->first || !out->found || !out->found_needs) {
        free(list);
        free(leads);
        return complain(why, "memory is short for the patterns of rules");
    }
    for (unsigned i = 0; i < n; i++) {
        if (i == 0 || !same_pattern(&notes[i - 1], &notes[i])) {
            out->first[n_list] = i;
            list[n_list] = (struct pattern){.text = notes[i].text, .nocase = notes[i].nocase, .id = n_list};
            if (short_for(out, notes[i].brief)) /* it is known whether that was seen */
                leads[n_list] = lead_of(notes + i, n - i);
            n_list++;
        }
        out->found[i] = notes[i].rule;
        out->found_needs[i] = short_for(out, notes[i].brief);
        out->lens[i] = notes[i].whole;
    }
    out->first[n_list] = n;
    out->n_patterns = n_list;
    out->patterns = patterns_new(list, n_list, why);
    gates_choose(&out->gates, list, grows ? NULL : leads, n_list);
    free(leads);
    free(list);
    return out->patterns != NULL;
}

static bool list_starts(const struct set_note *notes, unsigned n, struct traffic_set *out)
{
    unsigned at = 0;

    out->starts = malloc(n * sizeof *out->starts);
    if (!out->starts)
        return false;
    for (unsigned b = 0; b < 256; b++) {
        out->starts_first[b] = at;
        for (; at < n && notes[at].text.p[0] == b; at++)
            out->starts[at] = (struct set_start){notes[at].rule, notes[at].text};
    }
    out->starts_first[256] = n;
    return true;
}

static bool list_always(const struct set_note *notes, unsigned n, struct traffic_set *out)
{
    out->always = malloc(n * sizeof *out->always);
    out->always_needs = malloc(n);
    if (!out->always || !out->always_needs)
        return false;
    for (unsigned i = 0; i < n; i++) {
        out->always[i] = notes[i].rule;
        out->always_needs[i] = short_for(out, notes[i].brief);
    }
    return true;
}

static void note_beginnings(struct traffic_set *s)
{
    s->may_be_empty = s->n_always > 0;
    if (s->patterns || s->n_always)
        memset(s->may_begin, 0xff, sizeof s->may_begin);
    for (unsigned b = 0; s->starts && b < 256; b++)
        if (s->starts_first[b] < s->starts_first[b + 1])
            s->may_begin[b / 8] |= (uint8_t)(1u << b % 8);
}

static bool gates_show_shorts(const struct traffic_set *s)
{
    for (unsigned i = 0; i < s->n_shorts; i++)
        if (!gates_have(&s->gates, bytes_of(s->shorts[i].text, s->shorts[i].len)))
            return false;
    return true;
}

bool set_draft_compile(struct set_draft *d, struct traffic_set *out, struct complaint *why)
{
    unsigned n_patterns = 0, n_starts = 0;
    bool good = true;

    *out = (struct traffic_set){.any = d->n > 0, .classes = d->classes};
    for (unsigned i = 0; i < d->n; i++) {
        n_patterns += d->notes[i].way == SET_PATTERN;
        n_starts += d->notes[i].way == SET_START;
    }
    for (unsigned i = 0; n_patterns > SEARCHED_MANY && i < d->n; i++)
        if (d->notes[i].way == SET_PATTERN)
            d->notes[i].text = searched(d->notes[i].text, SEARCHED_OF_MANY);
    if (d->n)
        qsort(d->notes, d->n, sizeof *d->notes, by_text);
    out->n_always = d->n - n_patterns - n_starts;
    /* Those who gain most have the first choice of shorts. */
    if (out->n_always && !list_always(d->notes + n_patterns + n_starts, out->n_always, out))
        good = complain(why, "memory is short for the rules");
    if (good && n_starts && !list_starts(d->notes + n_patterns, n_starts, out))
        good = complain(why, "memory is short for the rules");
    if (good && n_patterns)
        good = compile_patterns(d->notes, n_patterns, d->grows, out, why);
    set_draft_drop(d);
    note_beginnings(out);
    out->shorts_as_well = gates_show_shorts(out);
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

static void note_find(struct traffic_finds *f, struct traffic_find find)
{
    if (f->mark[find.rule])
        return;
    f->mark[find.rule] = 1;
    f->find[f->n++] = find;
}

static void note_pattern(struct traffic_finds *f, uint32_t i, uint64_t from)
{
    note_find(f,
              (struct traffic_find){.rule = f->set->found[i], .needs = f->set->found_needs[i], .from = from});
}

/* end: of what is searched. The text must hold all of a literal, and some of it be new. */
static void on_pattern(void *arg, unsigned id, uint64_t end)
{
    struct traffic_finds *out = arg;
    const struct traffic_set *s = out->set;

    if (end <= out->old)
        return;
    for (uint32_t i = s->first[id]; i < s->first[id + 1]; i++)
        if (out->base + end >= out->text->begin + s->lens[i])
            note_pattern(out, i, out->base + end - s->lens[i]);
}

/* Better all of them asked than one missed. */
static void find_everything(const struct traffic_set *s, struct traffic_finds *out)
{
    for (uint32_t i = 0; i < s->first[s->n_patterns]; i++)
        note_pattern(out, i, 0);
}

/* As far as there is text. */
static void find_starts(const struct traffic_set *s, struct bytes text, struct traffic_finds *out)
{
    if (!s->starts || text.len == 0)
        return;
    for (uint32_t i = s->starts_first[text.p[0]]; i < s->starts_first[text.p[0] + 1]; i++)
        if (bytes_starts(text, bytes_slice(s->starts[i].text, 0, text.len)))
            note_find(out, (struct traffic_find){.rule = s->starts[i].rule});
}

/* The last place of a literal of one or two bytes. */
static size_t find_last(struct bytes text, const struct set_short *s)
{
    while (text.len >= s->len) {
        const uint8_t *p = memrchr(text.p, s->text[0], text.len - s->len + 1);

        if (!p)
            break;
        if (s->len == 1 || p[1] == s->text[1])
            return (size_t)(p - text.p);
        text.len = (size_t)(p - text.p) + s->len - 1u;
    }
    return BYTES_NONE;
}

static void find_shorts(const struct traffic_set *s, struct traffic_finds *out)
{
    const struct bytes window = out->text->window;

    for (unsigned i = 0; i < s->n_shorts; i++) {
        size_t old = window.len - out->text->fresh, tail = s->shorts[i].len - 1u;
        size_t from = old > tail ? old - tail : 0;
        size_t at = find_last(bytes_from(window, from), &s->shorts[i]);

        out->short_end[i] = at == BYTES_NONE ? 0 : out->text->at + from + at + s->shorts[i].len;
    }
}

static void find_always(const struct traffic_set *s, struct traffic_finds *out)
{
    for (unsigned i = 0; i < s->n_always; i++) {
        uint8_t needs = s->always_needs[i];

        if (!needs || out->short_end[needs - 1])
            note_find(out, (struct traffic_find){.rule = s->always[i], .always = true, .needs = needs});
    }
}

/* What is searched: the new bytes, and so many before them as a literal may have begun in. */
static struct bytes to_search(struct traffic_finds *out, size_t fresh)
{
    const struct bytes window = out->text->window;
    size_t before = window.len > fresh ? window.len - fresh : 0;

    out->old = before < SEARCHED_MAX - 1 ? before : SEARCHED_MAX - 1;
    out->base = out->text->at + before - out->old;
    return bytes_from(window, before - out->old);
}

void traffic_set_find_new(const struct traffic_set *s, const struct set_text *text, struct traffic_finds *out)
{
    struct bytes recent;

    out->set = s;
    out->text = text;
    if (text->first)
        find_starts(s, text->window, out);
    recent = to_search(out, text->fresh);
    out->searched = text->lead || gates_open(&s->gates, recent);
    if (out->searched || !s->shorts_as_well)
        find_shorts(s, out);
    else
        memset(out->short_end, 0, sizeof out->short_end);
    find_always(s, out);
    if (!out->searched || !s->patterns)
        return;
    if (text->behind)
        recent = to_search(out, text->fresh + text->behind);
    if (!patterns_scan(s->patterns, recent, on_pattern, out))
        find_everything(s, out);
}

void traffic_set_find(const struct traffic_set *s, struct bytes text, struct traffic_finds *out)
{
    const struct set_text whole = {.window = text, .fresh = text.len, .first = true};

    traffic_set_find_new(s, &whole, out);
    out->text = NULL;
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/resolve.h"
#include "detect/glance.h"
#include "detect/hidden.h"
#include "detect/jndi_name.h"
#include "detect/pieces.h"

#include <stdlib.h>

#define MAX_ROUNDS    12 /* of taking off whatever is there */
#define MAX_BLOBS     64
#define MAX_URL_DEPTH 16 /* %2525..24 */

/* Looks at a text, or at what it becomes, in its own length. What is found takes 30 at most, 5 as a rule, and
 * tests/unit/test_trigger.c sees to it that nothing found spends more than this. */
#define EFFORT_PER_BYTE 48
#define EFFORT_BASE     16384

#define TEXT_MAX 98304 /* a decoded text; the longest window is two thirds of it */

struct resolver {
    struct lookup *lookup;
    struct scan *scan;
    unsigned rounds;
    struct buf wide;    /* a text of 16-bit units, made narrow */
    struct buf inner;   /* a value that is JSON or XML itself */
    struct buf a, b;    /* layers, in turns */
    struct buf blob[2]; /* a decoded blob, and a blob in a blob */
    reading_fn *watcher;
    void *watcher_arg;
    unsigned taken; /* encodings off the text at hand: for the watcher only */
};

/* One run over one text. */
struct run {
    struct resolver *r;
    resolved_fn *fn;
    void *arg;
    const uint8_t *grows_at;   /* where the text may still grow; NULL when it is whole */
    unsigned outer_layers;     /* taken off the whole text before it was taken to pieces ... */
    unsigned n_outer;          /* ... so many ... */
    const struct bytes *outer; /* ... which was this; NULL when there was none */
    bool in_clear;             /* no "${" is encoded anywhere: a piece without one is of no interest */
    struct bytes piece;
    uint64_t effort;  /* bytes that may still be looked at, over all readings */
    struct bytes all; /* what is taken to pieces */
    enum field_coding all_coding;
    bool as_one;      /* it was one piece, and has been tried */
    bool effective;   /* a reading is at hand whose names lead nowhere: only a better one counts */
    bool passed_over; /* ... this was one */
    bool inside;      /* at the pieces of a piece */
    bool found, spent;
};

struct resolver *resolver_new(const struct config *config, struct scan *scan)
{
    struct resolver *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->lookup = lookup_new(config);
    if (!r->lookup) {
        free(r);
        return NULL;
    }
    r->scan = scan;
    r->rounds = config->lookup_url_decode < MAX_ROUNDS ? (unsigned)config->lookup_url_decode : MAX_ROUNDS;
    r->wide = buf_within(TEXT_MAX);
    r->inner = buf_within(TEXT_MAX);
    r->a = buf_within(TEXT_MAX);
    r->b = buf_within(TEXT_MAX);
    r->blob[0] = buf_within(TEXT_MAX);
    r->blob[1] = buf_within(TEXT_MAX);
    return r;
}

void resolver_free(struct resolver *r)
{
    if (!r)
        return;
    lookup_free(r->lookup);
    buf_drop(&r->wide);
    buf_drop(&r->inner);
    buf_drop(&r->a);
    buf_drop(&r->b);
    buf_drop(&r->blob[0]);
    buf_drop(&r->blob[1]);
    free(r);
}

static void tell(const struct resolver *r, enum reading_event event, const char *what, struct bytes text)
{
    if (r->watcher)
        r->watcher(r->watcher_arg, event, r->taken, what, text);
}

static void on_step(void *arg, const char *what, struct bytes message)
{
    tell(arg, READING_STEP, what, message);
}

void resolver_watch(struct resolver *r, reading_fn *fn, void *arg)
{
    r->watcher = fn;
    r->watcher_arg = arg;
    lookup_watch(r->lookup, fn ? on_step : NULL, r);
}

static void tell_layer(struct resolver *r, enum unwrap_layer layer, struct bytes text)
{
    tell(r, READING_LAYER, unwrap_name(layer), text);
    r->taken++;
}

/* Every look at every reading is counted, or a text could be made to be read in hundreds of ways. */
static bool can_afford(struct run *run, size_t len)
{
    if (run->effort < len) {
        run->effort = 0;
        run->spent = true;
        return false;
    }
    run->effort -= len;
    return true;
}

static unsigned look_at(struct run *run, struct bytes text)
{
    return can_afford(run, text.len) ? scan_all(run->r->scan, text) : 0;
}

static bool is_effective(const struct lookup_result *result)
{
    for (unsigned i = 0; i < result->n_hits; i++) {
        struct jndi_name name;

        jndi_name_parse(result->hits[i].name, &name);
        if (!name.ineffective)
            return true;
    }
    return false;
}

#define SHORTEST 8 /* "${jndi:}" */

/* Works out one text as it stands. effective: a name that no JDK would ask anyone for does not count. */
static bool work_out_if(struct run *run, struct bytes text, unsigned layers, bool effective)
{
    struct lookup_result result;

    if (bytes_find(text, BYTES_LIT("${")) == BYTES_NONE || (!glance_has_letters(text) && !run->r->watcher))
        return false;
    if (!can_afford(run, text.len))
        return false;
    tell(run->r, READING_BEGIN, NULL, text);
    lookup_resolve(run->r->lookup, text, &result);
    run->spent |= result.spent || result.cut;
    if (result.n_hits == 0)
        return false;
    if (effective && !is_effective(&result)) {
        run->passed_over = true;
        return false;
    }
    for (unsigned i = 0; i < result.n_hits; i++) {
        struct resolved resolved = {.hit = &result.hits[i],
                                    .decoded = text,
                                    .piece = run->outer ? *run->outer : run->piece,
                                    .layers = layers | run->outer_layers,
                                    .aborted = result.aborted};

        run->fn(run->arg, &resolved);
    }
    run->found = true;
    return true;
}

static bool work_out(struct run *run, struct bytes text, unsigned layers)
{
    return work_out_if(run, text, layers, run->effective);
}

/* An application that undoes escapes, entities or compatibility forms where nothing asks for it is rare: such
 * a layer counts when it brings an expression to light, not when it mends the spelling of one that stands
 * there in clear. Percent signs are undone everywhere, and mail breaks its lines anywhere. */
static bool is_disguise(enum unwrap_layer layer, size_t opens_before, struct bytes after)
{
    return layer == UNWRAP_URL || layer == UNWRAP_QUOTED || glance_opens(after) > opens_before;
}

/* One layer more, for one look; opens: how many "${" stand in the text as it is. */
static bool try_layer(struct run *run, enum unwrap_layer layer, struct bytes text, size_t opens,
                      unsigned layers)
{
    bool found;

    buf_clear(&run->r->b);
    if (!can_afford(run, text.len) || !unwrap(layer, text, &run->r->b) ||
        !is_disguise(layer, opens, buf_bytes(&run->r->b)))
        return false;
    tell_layer(run->r, layer, buf_bytes(&run->r->b));
    found = work_out(run, buf_bytes(&run->r->b), layers | 1u << layer);
    run->r->taken--;
    return found;
}

static bool try_blobs(struct run *run, struct bytes text, unsigned layers, unsigned depth);

/* One decoded blob: as it stands, blobs in it, and what was encoded once more inside (JSON in a token, a
 * percent). */
static bool try_blob(struct run *run, struct bytes plain, unsigned layers, unsigned depth)
{
    if (work_out(run, plain, layers) || try_blobs(run, plain, layers, depth + 1))
        return true;
    for (unsigned layer = 0; layer < UNWRAP_N_TEXT; layer++)
        if (layer != UNWRAP_FORM && try_layer(run, (enum unwrap_layer)layer, plain, 0, layers))
            return true;
    return false;
}

/* Blobs anywhere in the text, at each alignment. */
static bool try_blobs(struct run *run, struct bytes text, unsigned layers, unsigned depth)
{
    static const struct {
        enum unwrap_layer layer;
        unsigned n_shifts;
    } kinds[] = {{UNWRAP_BASE64, 4}, {UNWRAP_HEX, 2}};
    bool found = false;

    if (depth >= 2)
        return false;
    for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (unsigned shift = 0; shift < kinds[k].n_shifts && !found; shift++) {
            size_t at = 0;

            for (unsigned n = 0; n < MAX_BLOBS; n++) {
                struct buf *out = &run->r->blob[depth];
                size_t from = at;

                buf_clear(out);
                if (!unwrap_blob(kinds[k].layer, text, &at, shift, out) ||
                    !can_afford(run, at - from + out->len))
                    break;
                if (!(scan_block(run->r->scan, buf_bytes(out)) & SCAN_HIT))
                    continue;
                tell_layer(run->r, kinds[k].layer, buf_bytes(out));
                found |= try_blob(run, buf_bytes(out), layers | 1u << kinds[k].layer, depth);
                run->r->taken--;
            }
        }
    return found;
}

/* The encoding that the place itself puts on text. */
static enum unwrap_layer natural_layer(enum field_coding coding)
{
    switch (coding) {
    case FIELD_URI:
    case FIELD_COOKIE:
        return UNWRAP_URL;
    case FIELD_FORM:
        return UNWRAP_FORM;
    case FIELD_JSON:
        return UNWRAP_JSON;
    case FIELD_XML:
        return UNWRAP_ENTITY;
    case FIELD_PLAIN:
        break;
    }
    return UNWRAP_N;
}

/* Takes one layer off *text (which may lie in a) into b, and makes that the new a. */
static bool peel(struct run *run, enum unwrap_layer layer, struct bytes *text)
{
    struct buf swap;

    buf_clear(&run->r->b);
    if (!can_afford(run, text->len) || !unwrap(layer, *text, &run->r->b))
        return false;
    swap = run->r->a;
    run->r->a = run->r->b;
    run->r->b = swap;
    *text = buf_bytes(&run->r->a);
    tell_layer(run->r, layer, *text);
    return true;
}

/* The piece is not all there yet, and this reading of it may yet come to another end: no other is tried
 * before. */
static bool must_wait(const struct run *run, struct bytes reading)
{
    return run->grows_at && run->piece.p + run->piece.len == run->grows_at && glance_ends_open(reading);
}

/* Whatever encodings can be taken off, round by round, as far as the scan sees a reason for it. */
static bool try_layers(struct run *run, struct bytes text, unsigned layers, unsigned seen)
{
    static const struct {
        enum unwrap_layer layer;
        unsigned reason;
    } loose[] = {
        {UNWRAP_URL, SCAN_ENCODED | SCAN_MIXED | SCAN_BLOB},
        {UNWRAP_ESCAPE, SCAN_ENCODED},
        {UNWRAP_ENTITY, SCAN_ENCODED},
        {UNWRAP_UTF8, SCAN_ENCODED},
        {UNWRAP_QUOTED, SCAN_ENCODED | SCAN_MIXED},
        {UNWRAP_UTF7, SCAN_ENCODED},
    };
    size_t opens = glance_opens(text);

    /* A shifted run is base64 as well, and read as a blob it would go on behind its end. */
    if (seen & SCAN_ENCODED && try_layer(run, UNWRAP_UTF7, text, opens, layers))
        return true;
    for (unsigned round = 0; round < run->r->rounds; round++) {
        bool changed = false;

        if (seen & SCAN_BLOB && try_blobs(run, text, layers, 0))
            return true;
        for (size_t i = 0; i < sizeof loose / sizeof *loose; i++) {
            /* Percent signs of percent signs are common, and come off one by one. */
            unsigned depth = loose[i].layer == UNWRAP_URL ? MAX_URL_DEPTH : 1;

            while (depth-- && seen & loose[i].reason && peel(run, loose[i].layer, &text)) {
                changed = true;
                layers |= 1u << loose[i].layer;
                /* Who knows what comes to light: to try is cheaper than to scan again. */
                seen |= SCAN_ENCODED | SCAN_MIXED | SCAN_BLOB;
                if (!is_disguise(loose[i].layer, opens, text))
                    continue;
                if (work_out(run, text, layers))
                    return true;
                opens = glance_opens(text);
            }
        }
        if (!changed || must_wait(run, text))
            return false;
    }
    run->spent |= (look_at(run, text) & SCAN_ENCODED) != 0;
    return false;
}

static bool on_piece(void *arg, struct bytes piece, enum field_coding coding);

/* JSON in a parameter, in a part of a form, in a line: its application takes it apart in turn. piece lies in
 * the text that was given, text is what it reads as. Half a piece says nothing yet. */
static bool try_inner(struct run *run, struct bytes piece, struct bytes text, enum field_coding coding,
                      unsigned layers)
{
    const struct bytes *outer = run->outer;
    unsigned outer_layers = run->outer_layers;
    enum field_coding inner = glance_coding(text);
    bool found;

    if (inner == FIELD_PLAIN && text.len && bytes_trim(text).p[0] == '"')
        inner = FIELD_JSON; /* a line of JSON */
    buf_clear(&run->r->inner);
    if (run->inside || inner == FIELD_PLAIN || inner == coding || piece.p + piece.len == run->grows_at ||
        !buf_add(&run->r->inner, text))
        return false;
    if (!outer)
        run->outer = &piece;
    run->outer_layers |= layers;
    run->n_outer += layers != 0;
    run->inside = true;
    found = pieces_each(buf_bytes(&run->r->inner), inner, on_piece, run);
    run->inside = false;
    run->outer = outer;
    run->outer_layers = outer_layers;
    run->n_outer -= layers != 0;
    run->piece = piece;
    return found;
}

/* One piece: as the place encodes it, as it stands, then without whatever encodings can still be taken off.
 * seen: what the scan says of it. */
static bool try_seen(struct run *run, struct bytes piece, enum field_coding coding, unsigned seen)
{
    enum unwrap_layer natural = natural_layer(coding);
    bool passed_over;
    struct bytes text = piece;
    unsigned layers = 0;

    if (!(seen & SCAN_HIT))
        return false;
    run->piece = piece;
    run->effective = false;
    run->r->taken = run->n_outer;
    if (natural != UNWRAP_N && peel(run, natural, &text)) {
        layers |= 1u << natural;
        seen |= look_at(run, text);
        if (work_out(run, text, layers))
            return true;
        if (must_wait(run, text))
            return false;
    }
    /* "ldap%3a//h" as it stands is a name that leads nowhere. Whoever undoes the percent sign gets one that
     * does. */
    run->passed_over = false;
    run->r->taken = run->n_outer;
    if (work_out_if(run, piece, 0, seen & SCAN_MIXED || glance_has_escape(piece)))
        return true;
    passed_over = run->passed_over;
    if (passed_over)
        seen |= SCAN_MIXED;
    if (!(seen & SCAN_HIT & ~(unsigned)SCAN_PLAIN) || must_wait(run, piece))
        return false;
    if (try_inner(run, piece, text, coding, layers))
        return true;
    if (natural != UNWRAP_N) { /* what is inside used the room that text lay in */
        text = piece;
        run->r->taken = run->n_outer;
        (void)peel(run, natural, &text);
    }
    run->effective = passed_over;
    run->r->taken = run->n_outer + (layers != 0);
    if (try_layers(run, text, layers, seen))
        return true;
    if (!passed_over)
        return false;
    run->effective = false;
    run->r->taken = run->n_outer;
    return work_out(run, piece, 0);
}

static bool try_piece(struct run *run, struct bytes piece, enum field_coding coding)
{
    run->as_one |= piece.p == run->all.p && piece.len == run->all.len && coding == run->all_coding;
    return try_seen(run, piece, coding, look_at(run, piece));
}

static bool on_piece(void *arg, struct bytes piece, enum field_coding coding)
{
    struct run *run = arg;

    if (piece.len < SHORTEST)
        return false;
    if (run->in_clear && bytes_find(piece, BYTES_LIT("${")) == BYTES_NONE)
        return false;
    return try_piece(run, piece, coding);
}

static bool run_pieces(struct run *run, struct bytes text, enum field_coding coding)
{
    if (run->in_clear && coding == FIELD_PLAIN)
        return pieces_each_line_with(text, BYTES_LIT("${"), on_piece, run);
    return pieces_each(text, coding, on_piece, run);
}

/* The whole lines of a text. */
static struct bytes whole_lines(const struct run *run, struct bytes text)
{
    while (run->grows_at && text.len && text.p[text.len - 1] != '\n')
        text.len--;
    return text;
}

/* A string of 36 bytes behind its length, as binary protocols have it: the length is a "$", and with it the
 * lookup would be an escaped one. Told from "$${" in a text by what stands before it. */
static bool try_behind_length(struct run *run, struct bytes text)
{
    size_t at = 1, found;
    bool any = false;

    /* Pairs are found many places at a time, three bytes one place after the other. */
    while ((found = bytes_find(bytes_from(text, at), BYTES_LIT("$$"))) != BYTES_NONE) {
        uint8_t before;

        at += found;
        if (!bytes_starts(bytes_from(text, at), BYTES_LIT("$${"))) {
            at++;
            continue;
        }
        before = text.p[at - 1];
        if (before < ' ' && before != '\t' && before != '\r' && before != '\n')
            any |= on_piece(run, bytes_slice(text, at + 1, at + 1 + '$'), FIELD_PLAIN);
        at += 3;
    }
    return any;
}

/* Alone first: what stands in other lines or parameters has no part in it. Together, when nothing was found.
 * What only looks like JSON or XML may be lines as well. Binary text is taken together only for a reason: it
 * is full of "${". */
static void run_text(struct run *run, struct bytes text, enum field_coding label, unsigned seen)
{
    enum field_coding coding = label == FIELD_PLAIN ? glance_coding(text) : label;
    bool found;

    run->all = text;
    run->all_coding = coding;
    run->as_one = false;
    run->in_clear = !(seen & (SCAN_ENCODED | SCAN_WIDE | SCAN_BLOB));
    found = run_pieces(run, text, coding);
    if (!found && coding != label)
        found = run_pieces(run, whole_lines(run, text), label);
    if (!found && label == FIELD_PLAIN)
        found = try_behind_length(run, text);
    if (!found && !run->as_one && (coding != FIELD_PLAIN || seen & SCAN_TIGHT || !text_is_binary(text)))
        try_seen(run, text, coding, seen);
}

/* What the whole text became, in wide. */
static void run_otherwise(struct run *run, enum unwrap_layer layer, struct bytes text,
                          enum field_coding coding, bool whole)
{
    struct bytes narrow = buf_bytes(&run->r->wide);

    run->outer_layers = 1u << layer;
    run->outer = &text;
    run->r->taken = 0;
    tell_layer(run->r, layer, narrow);
    run->n_outer = 1;
    run->grows_at = whole ? NULL : narrow.p + narrow.len;
    run_text(run, narrow, coding, scan_all(run->r->scan, narrow));
    run->outer_layers = run->n_outer = 0;
    run->outer = NULL;
}

bool resolver_run_hidden(struct resolver *r, struct bytes text, unsigned ways, bool whole, resolved_fn *fn,
                         void *arg, bool *spent)
{
    struct run run = {.r = r, .fn = fn, .arg = arg};
    enum field_coding coding;

    for (unsigned layer = UNWRAP_N; layer < UNWRAP_ALL && !run.found; layer++) {
        buf_clear(&r->wide);
        if (!(ways & 1u << layer) || !hidden_unfold((enum unwrap_layer)layer, text, &r->wide, &coding))
            continue;
        run.effort = EFFORT_BASE + EFFORT_PER_BYTE * (uint64_t)r->wide.len;
        lookup_share(r->lookup, r->wide.len);
        run_otherwise(&run, (enum unwrap_layer)layer, text, coding, whole);
    }
    *spent = run.spent;
    return run.found;
}

bool resolver_run(struct resolver *r, struct bytes text, enum field_coding coding, bool whole,
                  resolved_fn *fn, void *arg, bool *spent)
{
    struct run run = {
        .r = r, .fn = fn, .arg = arg, .effort = EFFORT_BASE + EFFORT_PER_BYTE * (uint64_t)text.len};
    unsigned seen = scan_all(r->scan, text);

    lookup_share(r->lookup, text.len);
    /* Wide text hides the separators and escapes of its format: it is made narrow before anything else. What
     * is not wide in it suffers from that, and has its turn when nothing was found. */
    buf_clear(&r->wide);
    if (seen & SCAN_WIDE && unwrap(UNWRAP_UTF16, text, &r->wide))
        run_otherwise(&run, UNWRAP_UTF16, text, coding, whole);
    run.grows_at = whole ? NULL : text.p + text.len;
    if (!run.found)
        run_text(&run, text, coding, seen);
    *spent = run.spent;
    return run.found;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "detect/rule_pcre.h"

#include <pcre2.h>
#include <stdlib.h>

/* The just-in-time compiler is left alone: it needs memory that is both written and executed, which a
 * sandboxed worker should not be able to get, and sightings are rare. */

/* Backtracking frames that one ruleset keeps, in KiB (PCRE2's own unit). */
#define FRAMES_KIB 1024

struct rule_pcre {
    struct rule_pcre *older;
    pcre2_code *code;
    bool relative;
    char buffer;
};

struct pcre_scratch {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_match_data *found;
    bool sealed; /* from here on PCRE2 gets no more memory */
    bool spent;
    uint64_t units;
};

struct flag {
    char letter;
    uint32_t option;
};

static const struct flag flags[] = {
    {'i', PCRE2_CASELESS},
    {'m', PCRE2_MULTILINE},
    {'s', PCRE2_DOTALL},
    {'x', PCRE2_EXTENDED},
    {'A', PCRE2_ANCHORED},
    {'E', PCRE2_DOLLAR_ENDONLY},
    {'G', PCRE2_UNGREEDY},
    {'R', 0},
    {'B', 0}, /* rawbytes: the payload is never changed */
};

/* Each names a buffer of Suricata's. */
static const char buffer_flags[] = "UIPQHDMCSYVWZ";

struct written_flags {
    uint32_t options;
    bool relative;
    char buffer;
};

static bool read_flags(struct bytes letters, struct written_flags *out, struct complaint *why)
{
    for (size_t i = 0; i < letters.len; i++) {
        char letter = (char)letters.p[i];
        size_t k = 0;

        while (k < sizeof flags / sizeof *flags && flags[k].letter != letter)
            k++;
        if (letter == 'O')
            return complain(why, "flag 'O' lifts the match limits, which protect the sensor: leave it out");
        if (letter == ',')
            return complain(why, "captures are not kept: leave ',name' out");
        if (k < sizeof flags / sizeof *flags) {
            out->options |= flags[k].option;
            out->relative |= letter == 'R';
            continue;
        }
        if (!letter || !strchr(buffer_flags, letter))
            return complain(why,
                            "flag '%c' is not read: i m s x A E G R B are, and those that name a buffer (%s)",
                            letter, buffer_flags);
        if (out->buffer && out->buffer != letter)
            return complain(why, "flags '%c' and '%c' name two buffers: leave one out", out->buffer, letter);
        out->buffer = letter;
    }
    return true;
}

static size_t last_slash(struct bytes b)
{
    size_t at = b.len;

    while (at > 0 && b.p[at - 1] != '/')
        at--;
    return at ? at - 1 : 0;
}

/* A pattern means the same whatever options this PCRE2 was built with. */
static pcre2_code *compile(struct bytes expression, uint32_t options, struct complaint *why)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code = NULL;
    PCRE2_UCHAR text[160];
    PCRE2_SIZE at = 0;
    int error = 0;

    if (!context) {
        complain(why, "memory is short");
        return NULL;
    }
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
    /* Automatic callouts are where the work is counted. */
    options |= PCRE2_AUTO_CALLOUT | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
    code = pcre2_compile(expression.p, expression.len, options, &error, &at, context);
    pcre2_compile_context_free(context);
    if (code)
        return code;
    pcre2_get_error_message(error, text, sizeof text);
    complain(why, "the expression does not compile, at offset %zu: %s", at, (const char *)text);
    return NULL;
}

/* NULL with the reason, and older is the caller's still. */
static struct rule_pcre *pcre_from(struct bytes expression, const struct written_flags *f,
                                   struct rule_pcre *older, struct complaint *why)
{
    struct rule_pcre *p;
    pcre2_code *code;

    if (!expression.len || expression.len > RULE_PCRE_MAX) {
        complain(why, !expression.len
                          ? "the expression is empty: write what to find"
                          : "the expression is longer than 1024 bytes: split it into several rules");
        return NULL;
    }
    code = compile(expression, f->options, why);
    if (!code)
        return NULL;
    p = malloc(sizeof *p);
    if (!p) {
        pcre2_code_free(code);
        complain(why, "memory is short");
        return NULL;
    }
    *p = (struct rule_pcre){older, code, f->relative, f->buffer};
    return p;
}

struct rule_pcre *rule_pcre_new(struct bytes written, struct rule_pcre *older, struct complaint *why)
{
    size_t slash = last_slash(written);
    struct written_flags f = {0};

    if (written.len < 2 || written.p[0] != '/' || slash == 0) {
        complain(why, "the expression stands between slashes: write \"/expression/flags\"");
        return NULL;
    }
    if (!read_flags(bytes_from(written, slash + 1), &f, why))
        return NULL;
    return pcre_from(bytes_slice(written, 1, slash), &f, older, why);
}

struct rule_pcre *rule_pcre_capture_new(struct bytes expression, struct rule_pcre *older,
                                        struct complaint *why)
{
    struct written_flags f = {0};
    struct rule_pcre *p = pcre_from(expression, &f, older, why);
    uint32_t groups = 0;

    if (!p)
        return NULL;
    pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups == 1)
        return p;
    complain(why,
             "the expression has %u groups, and one is what it is for: write (...) around what is wanted",
             groups);
    p->older = NULL; /* the caller's still */
    rule_pcre_free(p);
    return NULL;
}

size_t rule_pcre_size(const struct rule_pcre *p)
{
    size_t size = 0;

    pcre2_pattern_info(p->code, PCRE2_INFO_SIZE, &size);
    return size + sizeof *p;
}

char rule_pcre_buffer(const struct rule_pcre *p)
{
    return p->buffer;
}

void rule_pcre_free(struct rule_pcre *p)
{
    while (p) {
        struct rule_pcre *older = p->older;

        pcre2_code_free(p->code);
        free(p);
        p = older;
    }
}

bool rule_pcre_relative(const struct rule_pcre *p)
{
    return p->relative;
}

static void *scratch_malloc(PCRE2_SIZE len, void *arg)
{
    const struct pcre_scratch *s = arg;

    return s->sealed ? NULL : malloc(len);
}

static void scratch_release(void *p, void *arg)
{
    (void)arg;
    free(p);
}

/* Called at every item of the expression. A single repeated item can run over all that is left without
 * another call, so what is left is charged, too. */
static int charge(pcre2_callout_block *at, void *arg)
{
    struct pcre_scratch *s = arg;
    uint64_t cost = 1 + (at->subject_length - at->current_position) / 128;

    if (s->units < cost)
        return PCRE2_ERROR_CALLOUT;
    s->units -= cost;
    return 0;
}

struct pcre_scratch *pcre_scratch_new(void)
{
    struct pcre_scratch *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->memory = pcre2_general_context_create(scratch_malloc, scratch_release, s);
    s->limits = s->memory ? pcre2_match_context_create(s->memory) : NULL;
    s->found = s->memory ? pcre2_match_data_create(2, s->memory) : NULL;
    if (s->limits) {
        pcre2_set_heap_limit(s->limits, FRAMES_KIB);
        pcre2_set_match_limit(s->limits, 1000000); /* per start; the units bound the whole */
        pcre2_set_callout(s->limits, charge, s);
    }
    if (!s->limits || !s->found) {
        pcre_scratch_free(s);
        return NULL;
    }
    return s;
}

void pcre_scratch_free(struct pcre_scratch *s)
{
    if (!s)
        return;
    pcre2_match_data_free(s->found);
    pcre2_match_context_free(s->limits);
    pcre2_general_context_free(s->memory);
    free(s);
}

void pcre_scratch_allow(struct pcre_scratch *s, uint64_t units)
{
    s->units = units;
    s->spent = false;
}

bool pcre_scratch_spent(const struct pcre_scratch *s)
{
    return s->spent;
}

static int match(const struct rule_pcre *p, const struct pcre_scratch *s, struct bytes subject, size_t from)
{
    return pcre2_match(p->code, subject.len ? subject.p : (const uint8_t *)"", subject.len, from, 0, s->found,
                       s->limits);
}

/* Matches something that needs all the frames there may be, so that PCRE2 takes them now and has them for
 * good: with the first search, for most traffic never needs one, and they are two megabytes. */
static bool take_frames(struct pcre_scratch *s)
{
    struct rule_pcre *deep = rule_pcre_new(BYTES_LIT("/^(?:(a)|(b))*[cd]/"), NULL, NULL);
    size_t len = FRAMES_KIB * 16;
    uint8_t *subject = malloc(len);
    uint64_t units = s->units;

    if (deep && subject) {
        memset(subject, 'a', len);
        s->units = UINT64_MAX;
        match(deep, s, bytes_of(subject, len), 0);
        s->units = units;
        s->sealed = true;
    }
    free(subject);
    rule_pcre_free(deep);
    return s->sealed;
}

size_t rule_pcre_find(const struct rule_pcre *p, struct pcre_scratch *s, struct bytes subject, size_t from,
                      size_t *end)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(s->found);
    uint64_t cost = 1 + subject.len / 128; /* a search that finds no place to start calls nothing */
    int rc;

    if (s->units < cost || (!s->sealed && !take_frames(s))) {
        s->spent = true;
        return BYTES_NONE;
    }
    s->units -= cost;
    rc = match(p, s, subject, from);
    if (rc < 0) {
        s->spent |= rc != PCRE2_ERROR_NOMATCH;
        return BYTES_NONE;
    }
    *end = ends[1];
    /* \K in a lookahead can put the start behind the end. */
    return ends[0] < ends[1] ? ends[0] : ends[1];
}

bool rule_pcre_captured(const struct rule_pcre *p, struct pcre_scratch *s, struct bytes subject,
                        struct bytes *group)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(s->found);
    size_t end;

    if (rule_pcre_find(p, s, subject, 0, &end) == BYTES_NONE)
        return false;
    /* A group that took no part in the match. */
    if (ends[2] == PCRE2_UNSET || ends[2] > ends[3])
        return false;
    *group = bytes_slice(subject, ends[2], ends[3]);
    return true;
}

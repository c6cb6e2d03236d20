/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/lookup.h"
#include "detect/evaluation.h"
#include "detect/java_case.h"

#include <stdlib.h>

static const char *const technique_names[LOOKUP_N_TECHNIQUES] = {
    "nested", "default-value", "lower",      "upper",        "date",        "env",
    "sys",    "escape",        "multi-pass", "unicode-case", "prefix-case", "escaped-delimiter",
    "budget",
};

const char *lookup_technique_name(unsigned bit)
{
    return bit < LOOKUP_N_TECHNIQUES ? technique_names[bit] : "";
}

const char *lookup_versions(unsigned techniques, bool until_2_15)
{
    /* ":\-" came with 2.13.1, lower and upper with 2.13.0, caseless prefixes with 2.8. */
    static const struct {
        unsigned needs;
        const char *until_2_14, *until_2_15;
    } ranges[] = {
        {LOOKUP_DELIMITER, "2.13.1-2.14.1", "2.13.1-2.15.0"},
        {LOOKUP_LOWER | LOOKUP_UPPER, "2.13.0-2.14.1", "2.13.0-2.15.0"},
        {LOOKUP_PREFIX_CASE, "2.8-2.14.1", "2.8-2.15.0"},
        {~0u, "2.0-2.14.1", "2.0-2.15.0"},
    };
    size_t i = 0;

    while (i + 1 < sizeof ranges / sizeof *ranges && !(techniques & ranges[i].needs))
        i++;
    return until_2_15 && !(techniques & LOOKUP_MULTI_PASS) ? ranges[i].until_2_15 : ranges[i].until_2_14;
}

/* The message as it stands, put together from the buffers that are being worked on. */
void evaluation_tell(struct evaluation *ev, const char *what, const struct u16 *buf)
{
    struct buf text = buf_within(8 * ev->l->max_input);
    const struct frame *inside = NULL;

    if (!ev->l->step)
        return;
    /* From the outermost in, what stands before; then the buffer; then, from the innermost out, what stands
     * behind. */
    while (inside != ev->frame) {
        const struct frame *f = ev->frame;

        while (f->outer != inside)
            f = f->outer;
        u16_to_utf8(&text, f->buf->c, f->from);
        inside = f;
    }
    u16_to_utf8(&text, buf->c, buf->len);
    for (const struct frame *f = ev->frame; f; f = f->outer)
        u16_to_utf8(&text, f->buf->c + f->to, f->buf->len - f->to);
    ev->l->step(ev->l->step_arg, what, buf_bytes(&text));
    buf_drop(&text);
}

void evaluation_hit(struct evaluation *ev, const uint16_t *name, size_t len, unsigned techniques)
{
    struct lookup_result *r = ev->result;
    size_t start = ev->l->names.len;
    struct bytes text;

    evaluation_spend(ev, len);
    if (r->n_hits == LOOKUP_MAX_HITS) {
        r->cut = true;
        return;
    }
    if (!u16_to_utf8(&ev->l->names, name, len)) {
        ev->l->names.len = start;
        r->cut = true;
        return;
    }
    text = bytes_from(buf_bytes(&ev->l->names), start);
    for (unsigned i = 0; i < r->n_hits; i++)
        if (bytes_eq(text, r->hits[i].name)) {
            ev->l->names.len = start;
            return;
        }
    r->hits[r->n_hits++] = (struct lookup_hit){
        .name = text, .from = ev->from, .to = ev->to, .techniques = techniques, .depth = ev->deepest};
}

/* MessagePatternConverter of 2.14.1: at each "${" that stands at or behind the cursor the whole message is
 * evaluated again. An evaluation that changes nothing would repeat itself for ever: that is the fixpoint. */
static void message_loop(struct evaluation *ev)
{
    const struct u16 *message = &ev->l->message;

    for (size_t i = 0; i + 1 < message->len && !ev->stop; i++) {
        if (message->c[i] != '$' || message->c[i + 1] != '{')
            continue;
        ev->pass++;
        if (ev->pass > 1) {
            ev->from = 0;
            ev->to = SIZE_MAX;
        }
        if (!evaluation_pass(ev))
            return;
    }
}

static void slices_to_bytes(struct bytes text, struct lookup_result *r)
{
    for (unsigned i = 0; i < r->n_hits; i++) {
        struct lookup_hit *h = &r->hits[i];

        h->from = u16_offset_in_utf8(text, h->from);
        h->to = u16_offset_in_utf8(text, h->to);
        if (h->to > text.len)
            h->to = text.len;
        if (h->from > h->to)
            h->from = h->to;
    }
}

void lookup_watch(struct lookup *l, lookup_step_fn *fn, void *arg)
{
    l->step = fn;
    l->step_arg = arg;
}

/* Units of work for one text. */
static uint64_t work_for(const struct lookup *l, size_t len)
{
    uint64_t steps = 256 + (uint64_t)len;

    return EVALUATION_STEP * (steps < l->max_steps ? steps : l->max_steps);
}

void lookup_share(struct lookup *l, size_t len)
{
    l->shared = 3 * work_for(l, len);
}

bool lookup_resolve(struct lookup *l, struct bytes text, struct lookup_result *out)
{
    struct evaluation ev = {.l = l, .result = out};

    *out = (struct lookup_result){0};
    if (text.len > l->max_input) {
        text.len = l->max_input;
        out->spent = true;
    }
    l->names.len = 0;
    l->message.len = 0;
    /* Whatever charset Java reads a message in: what is no UTF-8 in it must not spoil the rest, and keeps its
     * bytes apart. */
    if (!u16_from_utf8(&l->message, text)) {
        out->spent = true;
        return false;
    }
    ev.max_work = work_for(l, text.len);
    if (ev.max_work > l->shared)
        ev.max_work = l->shared;
    message_loop(&ev);
    l->shared -= ev.work < l->shared ? ev.work : l->shared;
    slices_to_bytes(text, out);
    if (out->spent)
        for (unsigned i = 0; i < out->n_hits; i++)
            out->hits[i].techniques |= LOOKUP_BUDGET;
    return out->n_hits > 0;
}

bool lookup_message(const struct lookup *l, struct buf *out)
{
    return u16_to_utf8(out, l->message.c, l->message.len);
}

struct lookup *lookup_new(const struct config *config)
{
    struct lookup *l = calloc(1, sizeof *l);
    size_t ceiling;

    if (!l)
        return NULL;
    l->max_depth = config->lookup_max_depth;
    l->max_input = config->lookup_max_input;
    l->max_steps = config->lookup_max_steps;
    l->shared = UINT64_MAX;
    l->n_levels = 2 * l->max_depth + 4; /* names and values take turns */
    l->levels = calloc(l->n_levels, sizeof *l->levels);
    if (!l->levels) {
        lookup_free(l);
        return NULL;
    }
    ceiling = JAVA_CASE_GROWTH * l->max_input + 64;
    l->message = u16_within(ceiling);
    for (size_t i = 0; i < l->n_levels; i++)
        l->levels[i] = (struct level){u16_within(ceiling), u16_within(ceiling), u16_within(ceiling)};
    l->names = buf_within(4 * l->max_input);
    /* Names are views into this buffer: it must not move while hits are collected. */
    if (!buf_room(&l->names, l->names.ceiling)) {
        lookup_free(l);
        return NULL;
    }
    return l;
}

void lookup_free(struct lookup *l)
{
    if (!l)
        return;
    u16_drop(&l->message);
    for (size_t i = 0; l->levels && i < l->n_levels; i++) {
        u16_drop(&l->levels[i].name);
        u16_drop(&l->levels[i].top);
        u16_drop(&l->levels[i].value);
    }
    free(l->levels);
    buf_drop(&l->names);
    free(l);
}

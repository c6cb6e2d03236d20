/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_shown.h"

/* What follows is wanted: all of it, or that there is something. */
static unsigned wants_rest(const struct inspecting *in, enum http_shown_kind kind)
{
    return in->wants & (kind == HTTP_SHOWN_MIXED ? INSPECT_BODIES | INSPECT_ENDS : INSPECT_BODIES);
}

uint64_t http_shown_most(const struct inspecting *in, enum http_shown_kind kind)
{
    uint64_t limit = in->config->http_response_body_limit, rules = in->config->traffic_body_limit;

    return wants_rest(in, kind) && rules > limit ? rules : limit;
}

static void give_rest(const struct inspecting *in, struct field *f, struct bytes piece, bool first, bool last)
{
    f->kind = FIELD_HTTP_RESPONSE_REST;
    f->value = in->wants & INSPECT_BODIES ? piece : bytes_of(piece.p, 0);
    f->fresh = 0;
    f->first = first;
    f->last = last;
    (void)in->fn(in->arg, f);
}

void http_shown_give(const struct inspecting *in, enum http_shown_kind kind, struct window *w,
                     struct field *f, struct bytes piece, bool last, uint64_t *shown)
{
    uint64_t limit = in->config->http_response_body_limit, room = *shown < limit ? limit - *shown : 0;
    struct bytes front = bytes_slice(piece, 0, room < piece.len ? (size_t)room : piece.len);
    bool first = *shown == 0, ends = last || (front.len && front.len == room);

    if (front.len || (ends && w->started))
        window_give(w, f, front, ends, in->fn, in->arg);
    *shown = last ? 0 : *shown + piece.len;
    piece = bytes_from(piece, front.len);
    if (wants_rest(in, kind) && (piece.len || last))
        give_rest(in, f, piece, first && front.len == 0, last);
}

void http_shown_end(const struct inspecting *in, struct field *f)
{
    if (in->wants & INSPECT_ENDS)
        give_rest(in, f, (struct bytes){0}, false, true);
}

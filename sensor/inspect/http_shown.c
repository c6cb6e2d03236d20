/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_shown.h"

uint64_t http_shown_most(const struct inspecting *in)
{
    uint64_t limit = in->config->http_response_body_limit, rules = in->config->traffic_body_limit;

    return in->wants & INSPECT_BODIES && rules > limit ? rules : limit;
}

static void give_rest(const struct inspecting *in, struct field *f, struct bytes piece, bool last)
{
    if (!(in->wants & INSPECT_BODIES) || (piece.len == 0 && !last))
        return;
    f->kind = FIELD_HTTP_RESPONSE_REST;
    f->value = piece;
    f->fresh = 0;
    f->first = false;
    f->last = last;
    (void)in->fn(in->arg, f);
}

void http_shown_give(const struct inspecting *in, struct window *w, struct field *f, struct bytes piece,
                     bool last, uint64_t *shown)
{
    uint64_t limit = in->config->http_response_body_limit, room = *shown < limit ? limit - *shown : 0;
    struct bytes front = bytes_slice(piece, 0, room < piece.len ? (size_t)room : piece.len);
    bool ends = last || (front.len && front.len == room);

    if (front.len || (ends && w->started))
        window_give(w, f, front, ends, in->fn, in->arg);
    *shown = last ? 0 : *shown + piece.len;
    give_rest(in, f, bytes_from(piece, front.len), last);
}

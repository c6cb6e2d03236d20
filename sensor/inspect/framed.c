/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/framed.h"

/* rest: what comes behind it, as far as it is here. */
static void give_held(struct framed *f, const struct framing *framing, const struct inspecting *in,
                      struct bytes rest)
{
    unsigned side = in->chunk->side;
    struct buf *held = &f->held[side];

    open_join(&f->open[side], in, framing->app_proto, f->n[side], held->len ? buf_bytes(held) : rest);
    inspecting_give_raw(in, framing->app_proto, f->n[side], buf_bytes(held));
    hold_drop(held);
}

enum progress framed_feed(struct framed *f, const struct framing *framing, const struct inspecting *in,
                          struct bytes data, uint64_t gap, bool last, size_t *used)
{
    unsigned side = in->chunk->side;
    struct buf *held = &f->held[side];
    struct bytes rest = data, packet;

    *used = 0;
    if (gap) {
        give_held(f, framing, in, (struct bytes){0});
        return PROGRESS_GIVE_UP;
    }
    for (;;) {
        switch (hold_next(held, in->config->app_max_message, framing->size, &rest, &packet)) {
        case HOLD_MESSAGE:
            framing->packet(f, in, packet);
            f->n[side]++;
            hold_drop(held);
            break;
        case HOLD_WAIT:
            if (last)
                give_held(f, framing, in, rest);
            return PROGRESS_MORE;
        default:
            *used = data.len - rest.len;
            give_held(f, framing, in, rest);
            return PROGRESS_GIVE_UP;
        }
    }
}

void framed_free(void *state)
{
    struct framed *f = state;

    for (unsigned side = 0; side < 2; side++) {
        hold_drop(&f->held[side]);
        hold_drop(&f->open[side]);
    }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/window.h"

#include "base/count.h"

/* A receiver may keep at most this much: a slice must bring something new. */
#define KEEP_MAX (WINDOW_CEILING / 2)

/* Memory above this size is given back once this many times less is kept: long slices are rare, windows are
 * many. */
#define ROOMY_MIN   4096
#define ROOMY_TIMES 4

static uint64_t windows_now, windows_memcap = 64 * 1024 * 1024;

void windows_set_memcap(uint64_t bytes)
{
    windows_memcap = bytes;
}

static void window_release(struct window *w)
{
    windows_now -= w->held.cap;
    buf_drop(&w->held);
}

void window_drop(struct window *w)
{
    window_release(w);
    w->started = false;
}

/* False, counted, with the lookback forgotten, when all windows together would take too much. */
static bool window_add(struct window *w, struct bytes piece)
{
    size_t before = w->held.cap;
    bool fits;

    w->held.ceiling = WINDOW_CEILING;
    fits = windows_now - before + w->held.len + piece.len <= windows_memcap;
    if (fits) {
        fits = buf_add(&w->held, piece);
        windows_now += w->held.cap - before;
    }
    if (!fits) {
        count(COUNT_INSPECT_MEMORY);
        window_release(w);
    }
    return fits;
}

static size_t window_call(struct window *w, struct field *f, struct bytes value, size_t fresh, bool last,
                          field_fn *fn, void *arg)
{
    size_t want, most = value.len < KEEP_MAX ? value.len : KEEP_MAX;

    f->value = value;
    f->fresh = fresh;
    w->given += value.len - fresh;
    f->at = w->given - value.len;
    f->first = !w->started;
    f->last = last;
    w->started = true;
    want = fn(arg, f);
    return want < most ? want : most;
}

/* Gives what is held with the front of the piece behind it: *at says how much of the piece that was, *want
 * how much is to be seen again. False, with nothing given, when memory is short. */
static bool window_give_held(struct window *w, struct field *f, struct bytes piece, bool last, size_t *at,
                             size_t *want, field_fn *fn, void *arg)
{
    size_t old = w->held.len, take = piece.len;

    if (take > WINDOW_CEILING - old)
        take = WINDOW_CEILING - old;
    if (!window_add(w, bytes_slice(piece, 0, take)))
        return false;
    *at = take;
    *want = window_call(w, f, buf_bytes(&w->held), old, last && take == piece.len, fn, arg);
    return true;
}

/* Gives the piece from at on, in slices straight from where it lies, want bytes before at again in front of
 * it. Returns what is to be kept of its end. */
static size_t window_give_slices(struct window *w, struct field *f, struct bytes piece, size_t at,
                                 size_t want, bool last, field_fn *fn, void *arg)
{
    size_t to;

    do {
        to = at - want + WINDOW_CEILING;
        want = window_call(w, f, bytes_slice(piece, at - want, to), want, last && to >= piece.len, fn, arg);
        at = to;
    } while (to < piece.len);
    return want;
}

/* The last want bytes, into a smaller hold. Apart, as its page of stack is not for each piece to pay. */
static __attribute__((noinline)) void window_move(struct window *w, size_t want)
{
    uint8_t kept[ROOMY_MIN];

    memcpy(kept, w->held.p + w->held.len - want, want);
    window_release(w);
    (void)window_add(w, bytes_of(kept, want));
}

/* Leaves only the last want bytes in the hold. */
static void window_shrink(struct window *w, size_t want)
{
    if (want == 0)
        window_release(w);
    else if (w->held.cap > ROOMY_MIN && want <= w->held.cap / ROOMY_TIMES && want <= ROOMY_MIN)
        window_move(w, want);
    else
        buf_cut_front(&w->held, w->held.len - want);
}

void window_give(struct window *w, struct field *f, struct bytes piece, bool last, field_fn *fn, void *arg)
{
    size_t at = 0, want = 0;

    if (piece.len == 0 && (!last || !w->started))
        return;
    if (w->held.len && window_give_held(w, f, piece, last, &at, &want, fn, arg) && at == piece.len) {
        window_shrink(w, last ? 0 : want);
    } else {
        /* A hold is at most KEEP_MAX long, so what was given of the piece with it covers any want. */
        window_release(w);
        want = window_give_slices(w, f, piece, at, want, last, fn, arg);
        if (want && !last)
            (void)window_add(w, bytes_from(piece, piece.len - want));
    }
    if (last)
        w->started = false;
}

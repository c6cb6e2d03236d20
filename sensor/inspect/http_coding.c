/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_coding.h"

#include <stdlib.h>

#define BETWEEN 4096 /* what one layer gives the next at a time */

struct layer {
    struct coding *coding;
    uint64_t n_out;
    uint8_t *between; /* what the layer below gave: [from, to) is still to be taken; NULL for the lowest */
    size_t from, to;
    bool crowned; /* a layer was put on top of it once */
};

struct http_decoder {
    struct layer layers[HTTP_CODINGS_MAX]; /* the lowest takes what came over the wire */
    unsigned n;
    struct http_coding_limits limits;
    uint64_t n_in;
    bool bad, refused, last;
};

static bool layer_add(struct http_decoder *d, enum coding_label label)
{
    struct layer *l = &d->layers[d->n];

    *l = (struct layer){.coding = coding_new(label), .between = d->n ? malloc(BETWEEN) : NULL};
    if (!l->coding || (d->n && !l->between)) {
        coding_free(l->coding);
        free(l->between);
        return false;
    }
    if (d->n)
        l[-1].crowned = true;
    d->n++;
    return true;
}

static void layer_remove(struct http_decoder *d)
{
    struct layer *l = &d->layers[--d->n];

    d->bad |= coding_is_bad(l->coding);
    d->refused |= coding_is_refused(l->coding);
    coding_free(l->coding);
    free(l->between);
}

/* What comes out may be coded once more, though nobody said so. */
static bool layer_on_top(struct http_decoder *d)
{
    return d->n >= d->limits.layers || layer_add(d, CODING_UNLABELLED);
}

struct http_decoder *http_decoder_new(const struct http_codings *labels, struct http_coding_limits limits)
{
    struct http_decoder *d = calloc(1, sizeof *d);

    if (!d)
        return NULL;
    d->limits = limits;
    if (d->limits.layers > HTTP_CODINGS_MAX)
        d->limits.layers = HTTP_CODINGS_MAX;
    d->bad = labels->too_many || labels->n > d->limits.layers;
    for (unsigned i = labels->n; i > 0 && d->n < d->limits.layers; i--)
        if (!layer_add(d, (enum coding_label)labels->label[i - 1]))
            goto out;
    if (!layer_on_top(d))
        goto out;
    return d;
out:
    http_decoder_free(d);
    return NULL;
}

void http_decoder_free(struct http_decoder *d)
{
    if (!d)
        return;
    while (d->n)
        layer_remove(d);
    free(d);
}

/* How many more bytes may come out of a layer. */
static uint64_t allowance(const struct http_decoder *d, const struct layer *l)
{
    uint64_t ratio = d->limits.ratio, most = d->n_in > UINT64_MAX / ratio ? UINT64_MAX : d->n_in * ratio;

    if (most < HTTP_DECODE_FREE)
        most = HTTP_DECODE_FREE;
    if (most > d->limits.limit)
        most = d->limits.limit;
    return most > l->n_out ? most - l->n_out : 0;
}

/* One step of a layer. What passes as it is costs no allowance. */
static enum http_decoded layer_run(struct http_decoder *d, struct layer *l, struct bytes *in, bool last,
                                   uint8_t *out, size_t room, size_t *n)
{
    bool open = coding_is_open(l->coding);
    uint64_t allowed = open ? allowance(d, l) : room;
    enum coding_next next;

    *n = 0;
    if (allowed == 0)
        return HTTP_DECODED_BOMB;
    next = coding_run(l->coding, in, last, out, room < allowed ? room : (size_t)allowed, n);
    if (open)
        l->n_out += *n;
    if (next == CODING_ANEW)
        return HTTP_DECODED_ANEW;
    return next == CODING_ROOM ? HTTP_DECODED_ROOM : HTTP_DECODED_MORE;
}

/* What the layers above made of a text that was none is forgotten. What layer k took for coded and is not is
 * looked at by no other: it would take it for the same. */
static enum http_decoded begin_anew(struct http_decoder *d, unsigned k)
{
    while (d->n > k + 1)
        layer_remove(d);
    return HTTP_DECODED_ANEW;
}

/* Output of layer k. MORE: nothing more comes of what is here; *n may be anything. */
static enum http_decoded pull(struct http_decoder *d, unsigned k, struct bytes *in, uint8_t *out, size_t room,
                              size_t *n)
{
    struct layer *l = &d->layers[k];
    enum http_decoded below = HTTP_DECODED_ROOM, got;
    struct bytes between;
    bool last;

    *n = 0;
    if (k == 0) {
        got = layer_run(d, l, in, d->last, out, room, n);
        return got == HTTP_DECODED_ANEW ? begin_anew(d, k) : got;
    }
    if (l->from == l->to) {
        below = pull(d, k - 1, in, l->between, BETWEEN, &l->to);
        l->from = 0;
        if (below == HTTP_DECODED_ANEW)
            return below; /* this layer is gone */
        if (below == HTTP_DECODED_BOMB && l->to == 0)
            return below;
    }
    between = bytes_of(l->between + l->from, l->to - l->from);
    last = d->last && below == HTTP_DECODED_MORE;
    if (between.len == 0 && !last)
        return below;
    got = layer_run(d, l, &between, last, out, room, n);
    l->from = l->to - between.len;
    if (got == HTTP_DECODED_ANEW)
        return begin_anew(d, k);
    /* Not the end while the layer below may have more. */
    return got == HTTP_DECODED_MORE && below != HTTP_DECODED_MORE ? HTTP_DECODED_ROOM : got;
}

/* The layer on top found nothing to undo, or has just begun to. */
static void look_on_top(struct http_decoder *d)
{
    struct layer *top = &d->layers[d->n - 1];

    if (coding_is_open(top->coding) && !top->crowned)
        (void)layer_on_top(d);
    else if (d->n > 1 && coding_is_plain(top->coding) && top->from == top->to)
        layer_remove(d);
}

enum http_decoded http_decode(struct http_decoder *d, struct bytes *in, bool last, uint8_t *out, size_t room,
                              size_t *n)
{
    enum http_decoded got;

    d->last = last;
    d->n_in +=
        in->len; /* by what is here, not by what is taken: a byte may be taken and much be owed for it */
    got = pull(d, d->n - 1, in, out, room, n);
    d->n_in -= in->len;
    if (got == HTTP_DECODED_ROOM || got == HTTP_DECODED_MORE)
        look_on_top(d);
    return got;
}

bool http_decoder_is_plain(const struct http_decoder *d)
{
    return d->n == 1 && coding_is_plain(d->layers[0].coding);
}

bool http_decoder_is_bad(const struct http_decoder *d)
{
    bool bad = d->bad;

    for (unsigned i = 0; i < d->n; i++)
        bad |= coding_is_bad(d->layers[i].coding);
    return bad;
}

bool http_decoder_is_refused(const struct http_decoder *d)
{
    bool refused = d->refused;

    for (unsigned i = 0; i < d->n; i++)
        refused |= coding_is_refused(d->layers[i].coding);
    return refused;
}

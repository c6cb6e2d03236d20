/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/packed.h"

#include "base/count.h"
#include "inspect/coding.h"
#include "inspect/hold.h"
#include "inspect/inflate.h"

#include <stdlib.h>

#define TEXT_MAX 16384 /* given at once ... */
#define OVERLAP  2048  /* ... with so much of what was given before */
#define DUE      1024  /* less is not worth looking at again what stands before it ... */

/* ... but where a lookup may end: then so many times what came out, so that no byte of it costs more. */
#define EARLY_FREE  8192
#define EARLY_TIMES 3

#define STREAM_FREE 65536 /* may come out of a stream however short it is */
#define BLOCK       512   /* searched at once */

/* Texts under way at once. What begins inside of another one is a text as well: whoever sends a start that is
 * none would hide with it whatever it takes. Most false ones end within a few bytes, and random bytes hardly
 * ever make two at once; for more than these the oldest makes room. */
#define TEXTS_MAX 4

struct text {
    struct coding *coding; /* kept for the next one while a piece lasts */
    bool open;             /* n_in bytes of it have come, n_out have come out */
    uint64_t at;           /* where it begins in the stream */
    uint64_t n_in, n_out;
    struct buf out; /* a hold: what came out; the front of it was given before */
    size_t given;
    uint64_t shown; /* bytes given, those given again as well */
};

struct packed {
    struct text texts[TEXTS_MAX];
    uint64_t seen; /* bytes of the stream */
    uint64_t made; /* bytes that have come out of all its texts */
    bool whole;    /* it is no stream: texts have no place in one */
};

struct receiver {
    const struct config *config;
    const struct field *like;
    field_fn *fn;
    void *arg;
    bool whole;
};

static void text_drop(struct text *t)
{
    struct coding *coding = t->coding;

    hold_drop(&t->out);
    *t = (struct text){.coding = coding};
}

void packed_drop(struct packed **p)
{
    if (!*p)
        return;
    for (unsigned i = 0; i < TEXTS_MAX; i++) {
        text_drop(&(*p)->texts[i]);
        coding_free((*p)->texts[i].coding);
    }
    free(*p);
    *p = NULL;
}

static void text_give(struct text *t, const struct receiver *r)
{
    struct field f = *r->like;

    if (t->out.len == t->given)
        return;
    f.value = buf_bytes(&t->out);
    f.fresh = t->given;
    f.first = f.last = true;
    f.at = r->whole ? 0 : t->at;
    f.wire = r->whole ? 0 : t->n_in;
    t->shown += t->out.len;
    (void)r->fn(r->arg, &f);
    if (t->out.len > OVERLAP)
        hold_cut_front(&t->out, t->out.len - OVERLAP);
    t->given = t->out.len;
}

static void text_add(struct text *t, const struct receiver *r, struct bytes out)
{
    if (out.len == 0)
        return;
    t->n_out += out.len;
    if (t->out.len + out.len > TEXT_MAX)
        text_give(t, r);
    if (hold_add(&t->out, TEXT_MAX, out))
        return;
    text_give(t, r); /* memory is short: judged without what stands before it */
    hold_drop(&t->out);
    t->given = 0;
    (void)hold_add(&t->out, TEXT_MAX, out);
}

/* What three bytes say for certain enough, and the two of zlib; fewer at the end of what is here. */
static bool may_begin(struct bytes b)
{
    static const uint8_t gzip[] = {0x1f, 0x8b, 0x08}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};

    if (b.p[0] == 0x78)
        return b.len < 2 || b.p[1] == 0x01 || b.p[1] == 0x5e || b.p[1] == 0x9c || b.p[1] == 0xda;
    if (b.p[0] == gzip[0])
        return memcmp(b.p, gzip, b.len < sizeof gzip ? b.len : sizeof gzip) == 0;
    return memcmp(b.p, zstd, b.len < sizeof zstd ? b.len : sizeof zstd) == 0;
}

/* The same in the first bytes only of a block; the rest of the stream is behind them. */
static size_t start_in(struct bytes b, size_t block)
{
    static const uint8_t firsts[] = {0x1f, 0x28, 0x78};
    size_t best = BYTES_NONE;

    for (size_t i = 0; i < sizeof firsts; i++) {
        size_t at = 0, to = best < block ? best : block, found;

        while ((found = bytes_find_byte(bytes_slice(b, at, to), firsts[i])) != BYTES_NONE &&
               !may_begin(bytes_from(b, at + found)))
            at += found + 1;
        if (found != BYTES_NONE)
            best = at + found;
    }
    return best;
}

/* Offset of the next start, or BYTES_NONE. A block at a time: else a rare first byte were searched to the end
 * for each of the frequent ones. */
static size_t start_find(struct bytes b)
{
    for (size_t at = 0; at < b.len; at += BLOCK) {
        size_t found = start_in(bytes_from(b, at), b.len - at < BLOCK ? b.len - at : BLOCK);

        if (found != BYTES_NONE)
            return at + found;
    }
    return BYTES_NONE;
}

/* How much more may come out: of this text, and of the stream, as each text may become a little whatever its
 * size. */
static size_t room_of(const struct packed *p, const struct text *t, const struct receiver *r, size_t at_hand)
{
    uint64_t text = inflate_ceiling(t->n_in + at_hand, r->config->app_max_inflated);
    uint64_t stream = STREAM_FREE + p->seen * INFLATE_RATIO;

    text = text > t->n_out ? text - t->n_out : 0;
    stream = stream > p->made ? stream - p->made : 0;
    return (size_t)(text < stream ? text : stream);
}

/* Takes what in has of it. True when it is over: well, badly, or too big. */
static bool text_run(struct packed *p, struct text *t, const struct receiver *r, struct bytes in, bool last)
{
    uint8_t out[4096];
    enum coding_next next;

    do {
        size_t before = in.len, n, room = room_of(p, t, r, in.len);

        if (room == 0) {
            count(COUNT_INSPECT_BOMB);
            return true;
        }
        next = coding_run(t->coding, &in, last, out, room < sizeof out ? room : sizeof out, &n);
        t->n_in += before - in.len;
        p->made += n;
        text_add(t, r, bytes_of(out, n));
        if (coding_is_plain(t->coding))
            return true;
    } while (next != CODING_MORE);
    return false;
}

static void text_end(struct text *t, const struct receiver *r)
{
    if (coding_is_refused(t->coding))
        count(COUNT_INSPECT_MEMORY);
    if (coding_is_plain(t->coding) && !coding_is_bad(t->coding))
        count(COUNT_INSPECT_UNPACKED);
    text_give(t, r);
    text_drop(t);
}

/* Room for one more: the oldest goes when there is none. */
static struct text *room_for_text(struct packed *p, const struct receiver *r)
{
    struct text *oldest = p->texts;

    for (struct text *t = p->texts; t < p->texts + TEXTS_MAX; t++) {
        if (!t->open)
            return t;
        if (t->at < oldest->at)
            oldest = t;
    }
    count(COUNT_INSPECT_PACKED_LEFT);
    text_give(oldest, r);
    text_drop(oldest);
    return oldest;
}

/* A text begins that far into the piece. */
static void text_begin(struct packed **p, const struct receiver *r, size_t piece_len, size_t into)
{
    struct text *t = NULL;

    if (!*p) {
        *p = calloc(1, sizeof **p);
        if (*p)
            (*p)->seen = piece_len;
    }
    if (*p)
        t = room_for_text(*p, r);
    if (t && t->coding)
        coding_reset(t->coding);
    else if (t)
        t->coding = coding_new(CODING_ALONE);
    if (!t || !t->coding) {
        count(COUNT_INSPECT_MEMORY);
        return;
    }
    t->open = true;
    t->at = r->like->at + into;
}

/* The same bytes to all that are under way. */
static void texts_run(struct packed *p, const struct receiver *r, struct bytes in, bool last)
{
    if (!p || (in.len == 0 && !last))
        return;
    for (struct text *t = p->texts; t < p->texts + TEXTS_MAX; t++)
        if (t->open && text_run(p, t, r, in, last))
            text_end(t, r);
}

/* Whether what came out is to be looked at before more comes: it is much, or may end a lookup, whose alert
 * belongs to this packet. */
static bool is_due(const struct text *t)
{
    struct bytes fresh = bytes_from(buf_bytes(&t->out), t->given);

    return fresh.len >= DUE || (t->shown + t->out.len <= EARLY_FREE + EARLY_TIMES * t->n_out &&
                                bytes_find_byte(fresh, '}') != BYTES_NONE);
}

/* Memory is kept for a text that is under way only. */
static void packed_rest(struct packed *p, const struct receiver *r)
{
    for (struct text *t = p->texts; t < p->texts + TEXTS_MAX; t++) {
        if (t->open && is_due(t))
            text_give(t, r);
        if (!t->open) {
            coding_free(t->coding);
            t->coding = NULL;
        }
    }
}

void packed_feed(struct packed **p, const struct config *config, const struct field *like, struct bytes piece,
                 bool last, field_fn *fn, void *arg)
{
    const struct receiver r = {config, like, fn, arg, *p && (*p)->whole};
    size_t from = 0, next;

    if (*p)
        (*p)->seen += piece.len;
    /* From one start to the next, so that no byte is taken by more than there may be at once. */
    for (next = start_find(piece); next != BYTES_NONE; next = next == BYTES_NONE ? next : from + 1 + next) {
        texts_run(*p, &r, bytes_slice(piece, from, next), false);
        text_begin(p, &r, piece.len, next);
        from = next;
        next = start_find(bytes_from(piece, from + 1));
    }
    texts_run(*p, &r, bytes_from(piece, from), last);
    if (*p)
        packed_rest(*p, &r);
    if (last)
        packed_drop(p);
}

void packed_whole(const struct config *config, const struct field *like, struct bytes text, field_fn *fn,
                  void *arg)
{
    struct packed *p;

    if (start_find(bytes_slice(text, 0, PACKED_FRONT)) == BYTES_NONE)
        return;
    p = calloc(1, sizeof *p);
    if (!p) {
        count(COUNT_INSPECT_MEMORY);
        return;
    }
    p->whole = true;
    p->made = STREAM_FREE; /* there are many of them, and small ones: nothing is free */
    packed_feed(&p, config, like, text, true, fn, arg);
}

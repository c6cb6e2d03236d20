/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/packed.h"

#include "base/count.h"
#include "inspect/coding.h"
#include "inspect/hold.h"
#include "inspect/inflate.h"

#include <stdlib.h>

#define TEXT_MAX 16384 /* given at once ... */
#define OVERLAP  2048  /* ... with so much of what was given before */
#define DUE      1024  /* less is not worth looking at again what stands before it */

#define HEAD_MAX    1024  /* kept of a text as long as nothing comes out of it: it may be none */
#define STREAM_FREE 65536 /* may come out of a stream however short it is */
#define BLOCK       512   /* searched at once */

/* Bytes that look like a start and are none are searched once more from behind their first; so much in all,
 * and so many times what came, that no stream of false starts makes us read it a hundred times. */
#define AGAIN_FREE  65536
#define AGAIN_TIMES 4

struct packed {
    struct coding *coding; /* kept from one text to the next while a piece lasts */
    bool open;             /* a text is under way: n_in bytes of it have come, n_out have come out */
    uint64_t n_in, n_out;
    struct buf head; /* a hold: its first bytes, from pieces before, as long as nothing has come out */
    struct buf text; /* a hold: what came out; the front of it was given before */
    size_t given;
    uint64_t seen, again; /* bytes of the stream; those that were looked at once more */
    uint64_t made;        /* bytes that have come out of all its texts */
};

struct receiver {
    const struct config *config;
    const struct field *like;
    field_fn *fn;
    void *arg;
};

static void text_drop(struct packed *p)
{
    hold_drop(&p->head);
    hold_drop(&p->text);
    p->n_in = p->n_out = p->given = 0;
    p->open = false;
}

void packed_drop(struct packed **p)
{
    if (!*p)
        return;
    text_drop(*p);
    coding_free((*p)->coding);
    free(*p);
    *p = NULL;
}

static void text_give(struct packed *p, const struct receiver *r)
{
    struct field f = *r->like;

    if (p->text.len == p->given)
        return;
    f.value = buf_bytes(&p->text);
    f.fresh = p->given;
    f.first = f.last = true;
    (void)r->fn(r->arg, &f);
    if (p->text.len > OVERLAP)
        hold_cut_front(&p->text, p->text.len - OVERLAP);
    p->given = p->text.len;
}

static void text_add(struct packed *p, const struct receiver *r, struct bytes out)
{
    if (out.len == 0)
        return;
    p->n_out += out.len;
    p->made += out.len;
    if (p->text.len + out.len > TEXT_MAX)
        text_give(p, r);
    if (hold_add(&p->text, TEXT_MAX, out))
        return;
    text_give(p, r); /* memory is short: judged without what stands before it */
    hold_drop(&p->text);
    p->given = 0;
    (void)hold_add(&p->text, TEXT_MAX, out);
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
static size_t room_of(const struct packed *p, const struct receiver *r, size_t at_hand)
{
    uint64_t text = inflate_ceiling(p->n_in + at_hand, r->config->app_max_inflated);
    uint64_t stream = STREAM_FREE + p->seen * INFLATE_RATIO;

    text = text > p->n_out ? text - p->n_out : 0;
    stream = stream > p->made ? stream - p->made : 0;
    return (size_t)(text < stream ? text : stream);
}

/* Takes from the front of *in as long as the text goes on. True when it is over: well, badly, or too big. */
static bool text_run(struct packed *p, const struct receiver *r, struct bytes *in, bool last)
{
    uint8_t out[4096];
    enum coding_next next;

    do {
        size_t before = in->len, n, room = room_of(p, r, in->len);

        if (room == 0) {
            count(COUNT_INSPECT_BOMB);
            return true;
        }
        next = coding_run(p->coding, in, last, out, room < sizeof out ? room : sizeof out, &n);
        p->n_in += before - in->len;
        text_add(p, r, bytes_of(out, n));
        if (coding_is_plain(p->coding))
            return true;
    } while (next != CODING_MORE);
    return false;
}

static bool text_begin(struct packed **p, size_t at_hand)
{
    if (!*p) {
        *p = calloc(1, sizeof **p);
        if (*p)
            (*p)->seen = at_hand;
    }
    if (*p && (*p)->coding)
        coding_reset((*p)->coding);
    else if (*p)
        (*p)->coding = coding_new(CODING_ALONE);
    if (!*p || !(*p)->coding) {
        count(COUNT_INSPECT_MEMORY);
        return false;
    }
    (*p)->open = true;
    return true;
}

/* The text is over. */
static void text_end(struct packed *p, const struct receiver *r)
{
    if (coding_is_refused(p->coding))
        count(COUNT_INSPECT_MEMORY);
    if (coding_is_plain(p->coding) && !coding_is_bad(p->coding))
        count(COUNT_INSPECT_UNPACKED);
    text_give(p, r);
    text_drop(p);
}

/* A false start took n bytes that may hold a true one: whether they are to be searched. */
static bool may_search_again(struct packed *p, size_t n)
{
    if (!coding_is_bad(p->coding) || p->again + n > AGAIN_FREE + AGAIN_TIMES * p->seen)
        return false;
    p->again += n;
    return true;
}

/* What is kept of a text that has given nothing yet. */
static void head_keep(struct packed *p, struct bytes taken)
{
    if (p->n_out || p->n_in > HEAD_MAX || !hold_add(&p->head, HEAD_MAX, taken))
        hold_drop(&p->head);
}

/* True when a text is under way, be it one that begins in *rest, which then begins with it. */
static bool is_open(struct packed **p, struct bytes *rest)
{
    size_t start;

    if (*p && (*p)->open)
        return true;
    start = start_find(*rest);
    if (start == BYTES_NONE || !text_begin(p, rest->len))
        return false;
    *rest = bytes_from(*rest, start);
    return true;
}

static void take(struct packed **p, const struct receiver *r, struct bytes rest, bool last);

/* The text is over, of which this piece has what is in from and no longer in left. Where to go on. */
static struct bytes go_on(struct packed **p, const struct receiver *r, struct bytes from, struct bytes left)
{
    struct buf head = (*p)->head;
    bool again = may_search_again(*p, head.len + from.len - left.len), any = (*p)->n_in > 0;

    (*p)->head = (struct buf){0};
    text_end(*p, r);
    if (!again) {
        hold_drop(&head);
        return any ? left : bytes_from(left, 1);
    }
    if (head.len == 0)
        return bytes_from(from, 1);
    take(p, r, bytes_from(buf_bytes(&head), 1), false); /* no deeper: nothing in there began before it */
    hold_drop(&head);
    return from;
}

/* The bytes of one piece; or what is kept of those before, once more. */
static void take(struct packed **p, const struct receiver *r, struct bytes rest, bool last)
{
    while ((rest.len || (last && *p && (*p)->open)) && is_open(p, &rest)) {
        struct bytes from = rest;

        if (!text_run(*p, r, &rest, last)) {
            head_keep(*p, from);
            return;
        }
        rest = go_on(p, r, from, rest);
    }
}

/* Memory is kept for a text that is under way only. */
static void packed_rest(struct packed *p, const struct receiver *r)
{
    if (p->open && p->text.len - p->given >= DUE)
        text_give(p, r);
    if (!p->open) {
        coding_free(p->coding);
        p->coding = NULL;
    }
}

void packed_feed(struct packed **p, const struct config *config, const struct field *like, struct bytes piece,
                 bool last, field_fn *fn, void *arg)
{
    const struct receiver r = {config, like, fn, arg};

    if (*p)
        (*p)->seen += piece.len;
    take(p, &r, piece, last);
    if (*p)
        packed_rest(*p, &r);
    if (last)
        packed_drop(p);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/alternative.h"

#include "base/count.h"
#include "base/pages.h"
#include "stream/history.h"

#include <stdlib.h>

enum {
    AROUND = 512,     /* bytes of the stream on either side: no lookup worth hiding is longer */
    KEPT = 2048,      /* bytes kept of a version, until what follows it has come */
    PIECE = 60000,    /* judged at once: windows of inspect/ hold 65536 */
    N_VERSIONS = 128, /* in all flows; the oldest makes room */
    DUE = 16,       /* a version is looked at again when twice as much has followed, and so much at least, */
    MAX_LOOKS = 16, /* when the other side speaks, and when it ends; but not more often than this */
};

struct version {
    struct flow_entry *e; /* NULL: free */
    uint8_t side, looks;
    bool doubted;   /* not judged yet */
    bool following; /* to be judged again with what follows */
    uint32_t seq, len;
    uint32_t seen, due; /* how much had followed when it was looked at, and will have when it is again */
    uint8_t data[KEPT];
};

struct alternatives {
    struct version versions[N_VERSIONS];
    unsigned hand;
    uint8_t text[AROUND + PIECE + AROUND];
};

struct alternatives *alternatives_new(void)
{
    return pages_new(1, sizeof(struct alternatives));
}

void alternatives_free(struct alternatives *a)
{
    pages_free(a, 1, sizeof *a);
}

/* Returns how much of the stream behind it was known, AROUND when nobody wants to know more. */
static size_t judge(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq, struct bytes data)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint8_t *text = s->alternatives->text;
    size_t before, after;
    struct chunk c = {.flow = &e->flow,
                      .side = side,
                      .alternative = true,
                      .ts_us = h->last_us,
                      .packet = e->flow.end[side].last_packet};

    if (h->ended || h->enough)
        return AROUND;
    before = history_before(s->history, h, seq, text, AROUND);
    memcpy(text + before, data.p, data.len);
    after = history_after(s->history, h, seq + (uint32_t)data.len, text + before + data.len, AROUND);
    c.data = bytes_of(text, before + data.len + after);
    (void)s->hooks.chunk(s->hooks.arg, &c);
    return after;
}

static void forget(struct version *v)
{
    struct tcp_side *h = &v->e->tcp.side[v->side];

    h->n_versions--;
    h->n_following -= v->following;
    v->e = NULL;
}

/* No look is due before more of the stream has come. */
static void settle(struct version *v)
{
    v->e->tcp.side[v->side].n_following -= v->following;
    v->following = false;
}

/* How much of the stream has come behind it, as far as it is of interest. */
static uint32_t behind(const struct version *v)
{
    uint32_t end = v->seq + v->len, next = v->e->tcp.side[v->side].next;

    if (!seq_after(next, end))
        return 0;
    return next - end < AROUND ? next - end : AROUND;
}

static void note_look(struct version *v, size_t seen)
{
    v->seen = (uint32_t)seen;
    v->due = seen > DUE / 2 ? 2 * v->seen : seen ? DUE : 1;
    if (v->due > AROUND)
        v->due = AROUND;
}

static void look(struct stream *s, struct version *v)
{
    size_t after = judge(s, v->e, v->side, v->seq, bytes_of(v->data, v->len));

    note_look(v, behind(v));
    if (after >= AROUND || v->seen >= AROUND || ++v->looks >= MAX_LOOKS)
        settle(v);
}

/* Before nothing more follows. */
static void look_at_last(struct stream *s, struct version *v)
{
    if (v->following && !v->doubted && behind(v) > v->seen)
        look(s, v);
}

static struct version *keep(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                            struct bytes data, bool doubted)
{
    struct alternatives *a = s->alternatives;
    struct version *v = &a->versions[a->hand];

    a->hand = (a->hand + 1) % N_VERSIONS;
    if (v->e) {
        look_at_last(s, v);
        forget(v);
    }
    if (data.len > KEPT) { /* what follows is near its end */
        seq += (uint32_t)(data.len - KEPT);
        data = bytes_from(data, data.len - KEPT);
    }
    v->e = e;
    v->side = (uint8_t)side;
    v->looks = 0;
    v->doubted = doubted;
    v->following = true;
    v->seq = seq;
    v->len = (uint32_t)data.len;
    v->seen = 0;
    v->due = 1;
    memcpy(v->data, data.p, data.len);
    e->tcp.side[side].n_versions++;
    e->tcp.side[side].n_following++;
    return v;
}

static bool is_of(const struct version *v, const struct flow_entry *e, unsigned side)
{
    return v->e == e && v->side == side;
}

/* Do the two touch, and agree where both have bytes? Together they must not be longer than what is kept. */
static bool is_continued(const struct version *v, uint32_t seq, struct bytes data)
{
    uint32_t v_end = v->seq + v->len, end = seq + (uint32_t)data.len;
    uint32_t from = seq_after(v->seq, seq) ? v->seq : seq, to = seq_after(end, v_end) ? v_end : end;
    uint32_t low = from == seq ? v->seq : seq, high = to == end ? v_end : end;

    if (data.len > KEPT || seq_after(from, to) || high - low > KEPT)
        return false;
    return memcmp(v->data + (from - v->seq), data.p + (from - seq), to - from) == 0;
}

/* The version that this is a piece of: a decoy's victim may get the true bytes one by one. */
static struct version *find_continued(struct stream *s, const struct flow_entry *e, unsigned side,
                                      uint32_t seq, struct bytes data)
{
    if (e->tcp.side[side].n_versions == 0)
        return NULL;
    for (unsigned i = 0; i < N_VERSIONS; i++) {
        struct version *v = &s->alternatives->versions[i];

        if (is_of(v, e, side) && !v->doubted && is_continued(v, seq, data))
            return v;
    }
    return NULL;
}

/* False when nothing was new in it. */
static bool join(struct version *v, uint32_t seq, struct bytes data)
{
    uint32_t v_end = v->seq + v->len, end = seq + (uint32_t)data.len;
    bool grown = false;

    if (seq_after(v->seq, seq)) {
        memmove(v->data + (v->seq - seq), v->data, v->len);
        memcpy(v->data, data.p, v->seq - seq);
        v->len = v_end - seq;
        v->seq = seq;
        grown = true;
    }
    if (seq_after(end, v_end)) {
        memcpy(v->data + v->len, data.p + (v_end - seq), end - v_end);
        v->len += end - v_end;
        grown = true;
    }
    return grown;
}

static void look_anew(struct stream *s, struct version *v)
{
    v->e->tcp.side[v->side].n_following += !v->following;
    v->following = true;
    v->looks = 0;
    look(s, v);
}

void alternative_extend(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                        struct bytes data)
{
    struct version *v = find_continued(s, e, side, seq, data);

    if (v && join(v, seq, data))
        look_anew(s, v);
}

void alternative_judge(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq, struct bytes data)
{
    struct version *v = find_continued(s, e, side, seq, data);
    size_t after = 0;

    if (v) {
        if (join(v, seq, data))
            look_anew(s, v);
        return;
    }
    for (size_t at = 0; at < data.len; at += PIECE)
        after = judge(s, e, side, seq + (uint32_t)at, bytes_slice(data, at, at + PIECE));
    if (data.len == 0)
        return;
    v = keep(s, e, side, seq, data, false);
    note_look(v, behind(v));
    if (after >= AROUND)
        settle(v);
}

void alternative_doubt(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq, struct bytes data)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t end = seq + (uint32_t)data.len;

    if (data.len == 0 || h->ended || h->enough || !(h->isn_known || h->started) || !seq_after(end, h->next))
        return;
    keep(s, e, side, seq, data, true);
    if (!h->doubted || seq_after(end, h->doubt_end))
        h->doubt_end = end;
    h->doubted = true;
}

void alternative_believe(struct stream *s, struct flow_entry *e, unsigned side, uint32_t from, uint32_t to)
{
    struct tcp_side *h = &e->tcp.side[side];

    for (unsigned i = 0; h->n_versions && i < N_VERSIONS; i++) {
        struct version *v = &s->alternatives->versions[i];

        if (!is_of(v, e, side) || !v->doubted)
            continue;
        if (seq_after(to, v->seq) && seq_after(v->seq + v->len, from)) {
            v->doubted = false;
            (void)judge(s, e, side, v->seq, bytes_of(v->data, v->len));
        }
    }
    if (h->doubted && !seq_after(h->doubt_end, to))
        h->doubted = false;
}

void alternative_follow(struct stream *s, struct flow_entry *e, unsigned side)
{
    struct tcp_side *h = &e->tcp.side[side];

    for (unsigned i = 0; h->n_following && i < N_VERSIONS; i++) {
        struct version *v = &s->alternatives->versions[i];
        uint32_t end = v->seq + v->len;

        if (!is_of(v, e, side) || !v->following || !seq_after(h->next, end))
            continue;
        if (v->doubted) {
            forget(v); /* the host had the bytes from elsewhere */
            continue;
        }
        if (behind(v) >= v->due)
            look(s, v);
    }
}

void alternative_pause(struct stream *s, struct flow_entry *e, unsigned side)
{
    const struct tcp_side *h = &e->tcp.side[side];

    for (unsigned i = 0; h->n_following && i < N_VERSIONS; i++)
        if (is_of(&s->alternatives->versions[i], e, side))
            look_at_last(s, &s->alternatives->versions[i]);
}

void alternative_forget(struct stream *s, struct flow_entry *e)
{
    if (e->tcp.side[0].n_versions + e->tcp.side[1].n_versions == 0)
        return;
    for (unsigned i = 0; i < N_VERSIONS; i++)
        if (s->alternatives->versions[i].e == e)
            forget(&s->alternatives->versions[i]);
}

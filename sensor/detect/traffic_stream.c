/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_engine.h"
#include "base/count.h"
#include "inspect/inspect.h"

#include <stdlib.h>

/* Suricata looks at a stream in pieces of at least this size (stream.reassembly.toserver-chunk-size), or
 * shorter ones where a transaction ends; a rule speaks once for each. Where one ends is as arbitrary here as
 * there, so what two pieces hold together counts as well, as far as it is kept. */
#define PIECE 2560

#define LOOKBACK 2560  /* kept of a stream in which nothing was found */
#define PATIENCE 16384 /* a rule whose pattern was found waits so long for the rest */

#define WAITING_MAX 512 /* of one direction */

static struct traffic_waiting *waiting_of(struct traffic_side *s, uint32_t rule)
{
    for (uint32_t i = 0; i < s->n_waiting; i++)
        if (s->waiting[i].rule == rule)
            return &s->waiting[i];
    return NULL;
}

static struct traffic_waiting *waiting_add(struct traffic *t, struct traffic_side *s, uint32_t rule)
{
    if (s->n_waiting == s->waiting_room) {
        uint32_t room = s->waiting_room ? 2 * s->waiting_room : 8;
        struct traffic_waiting *list = room <= WAITING_MAX ? realloc(s->waiting, room * sizeof *list) : NULL;

        if (!list) {
            count(COUNT_TRAFFIC_MEMORY);
            return NULL;
        }
        t->memory += (room - s->waiting_room) * sizeof *list;
        s->waiting = list;
        s->waiting_room = room;
    }
    s->waiting[s->n_waiting] = (struct traffic_waiting){.rule = rule};
    return &s->waiting[s->n_waiting++];
}

/* The pattern of a rule was found. What lies before the piece counts only as far as the pattern itself does:
 * another message's words are none of this one's. */
static void on_find(struct traffic *t, struct traffic_side *s, const struct traffic_set *set,
                    const struct traffic_find *f)
{
    struct traffic_waiting *w = waiting_of(s, f->rule);
    uint64_t from = f->from < s->piece ? f->from : s->piece;

    if (w && w->state == WAITING_QUIET)
        return;
    if (!w)
        w = waiting_add(t, s, f->rule);
    if (!w)
        return;
    if (w->state == WAITING_PAST && from < w->from)
        from = w->from;
    if (w->state != WAITING_ASKED || w->until == 0)
        w->from = from;
    w->state = WAITING_ASKED;
    w->until = traffic_set_asks_always(set, f->rule) ? UINT64_MAX : s->offset + PATIENCE;
}

static void on_finds(struct traffic *t, struct traffic_side *s, const struct traffic_set *set)
{
    traffic_finds_sort(&t->room.finds);
    for (unsigned i = 0; i < t->room.finds.n; i++)
        on_find(t, s, set, &t->room.finds.find[i]);
    traffic_finds_clear(&t->room.finds);
}

static int by_rule(const void *left, const void *right)
{
    const struct traffic_waiting *a = left, *b = right;

    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* One rule, one packet, one alert: what the segment has shown already is not told again for the stream. */
static bool is_told(const struct traffic *t, const struct situation *s, uint32_t rule)
{
    return t->room.told_of[rule] == s->chunk->packet && t->room.told_flow[rule] == s->chunk->flow->id;
}

static void ask_one(struct traffic *t, const struct situation *at, struct traffic_side *s,
                    struct traffic_waiting *w, struct bytes window, bool closes)
{
    const struct traffic_rule *r = &t->plan->rule[w->rule];
    uint64_t begin = s->offset - window.len, first = r->at_once || w->from > s->piece ? w->from : s->piece;
    uint64_t from = first > begin ? first : begin;
    struct confirm_value v = {
        .bytes = bytes_from(window, (size_t)(from - begin)), .before = from, .last = closes};
    struct confirm_vars vars = {0};

    if (!r->at_once && !closes)
        return;
    if (r->n_others && !traffic_is_mixed(at->tf, w->rule, at->chunk->side))
        return;
    if (v.bytes.len == 0 || !traffic_conditions_hold(t, at, r) || !traffic_payload_holds(t, r, &v, &vars))
        return;
    w->state = WAITING_QUIET;
    w->from = s->offset;
    if (is_told(t, at, w->rule))
        return;
    t->room.told_of[w->rule] = at->chunk->packet;
    t->room.told_flow[w->rule] = at->chunk->flow->id;
    traffic_matched(t, at, r);
}

static void ask_waiting(struct traffic *t, const struct situation *at, struct traffic_side *s,
                        struct bytes window, bool closes)
{
    uint32_t n = s->n_waiting;

    if (n > 1)
        qsort(s->waiting, n, sizeof *s->waiting, by_rule);
    for (uint32_t i = 0; i < n; i++)
        if (s->waiting[i].state == WAITING_ASKED)
            ask_one(t, at, s, &s->waiting[i], window, closes);
}

/* Those that have waited long enough go. */
static void forget(struct traffic_side *s)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->n_waiting; i++) {
        const struct traffic_waiting *w = &s->waiting[i];
        uint64_t until = w->state == WAITING_ASKED ? w->until : w->from + LOOKBACK + PATIENCE;

        if (w->state == WAITING_QUIET || until > s->offset)
            s->waiting[kept++] = *w;
    }
    s->n_waiting = kept;
}

/* The piece ends here: rules that spoke may speak again. With a message's end, what is found by no pattern
 * begins anew, too. */
static void piece_close(struct traffic_side *s, bool message)
{
    s->piece = s->offset;
    for (uint32_t i = 0; i < s->n_waiting; i++) {
        struct traffic_waiting *w = &s->waiting[i];

        if (w->state == WAITING_QUIET)
            w->state = WAITING_PAST;
        else if (message && w->state == WAITING_ASKED && w->until == UINT64_MAX)
            w->from = s->offset;
    }
}

/* How much of the end has to be there again with the next chunk. */
static size_t keep_of(const struct traffic_side *s)
{
    uint64_t from = s->offset > LOOKBACK ? s->offset - LOOKBACK : 0;

    for (uint32_t i = 0; i < s->n_waiting; i++) {
        const struct traffic_waiting *w = &s->waiting[i];

        if (w->state == WAITING_ASKED && w->until != UINT64_MAX && w->from < from)
            from = w->from;
    }
    if (s->offset - from > LOOKBACK + PATIENCE)
        from = s->offset - LOOKBACK - PATIENCE;
    return (size_t)(s->offset - from);
}

bool traffic_keep(struct traffic *t, struct buf *b, struct bytes piece)
{
    size_t before = b->cap;

    if (b->cap < b->len + piece.len && t->memory + 2 * (b->len + piece.len) > t->config->traffic_memcap) {
        count(COUNT_TRAFFIC_MEMORY);
        return false;
    }
    b->ceiling = SIZE_MAX;
    if (!buf_add(b, piece)) {
        count(COUNT_TRAFFIC_MEMORY);
        return false;
    }
    t->memory += b->cap - before;
    return true;
}

void traffic_unkeep(struct traffic *t, struct buf *b)
{
    t->memory -= b->cap;
    buf_drop(b);
}

static void hold_end(struct traffic *t, struct traffic_side *s, struct bytes data)
{
    size_t keep = keep_of(s);

    if (keep <= data.len) {
        buf_clear(&s->held);
        (void)traffic_keep(t, &s->held, bytes_from(data, data.len - keep));
        return;
    }
    keep -= data.len;
    if (s->held.len > keep)
        buf_cut_front(&s->held, s->held.len - keep);
    if (!traffic_keep(t, &s->held, data))
        buf_clear(&s->held);
}

static struct bytes window_of(struct traffic *t, struct traffic_side *s, struct bytes data)
{
    if (s->held.len == 0)
        return data;
    if (data.len == 0)
        return buf_bytes(&s->held);
    buf_clear(&t->window);
    t->window.ceiling = SIZE_MAX;
    if (!buf_add(&t->window, buf_bytes(&s->held)) || !buf_add(&t->window, data))
        return data;
    return buf_bytes(&t->window);
}

static void stream_open(struct traffic *t, struct traffic_side *s, const struct traffic_set *set)
{
    if (!set->patterns || s->stream)
        return;
    s->stream = patterns_stream_open(set->patterns);
    s->base = s->offset - s->held.len;
    if (!s->stream) {
        count(COUNT_TRAFFIC_MEMORY);
        return;
    }
    t->memory += patterns_stream_size(set->patterns);
    if (s->held.len)
        traffic_set_find_piece(set, s->stream, buf_bytes(&s->held), s->base, false, &t->room.finds);
}

static void stream_close(struct traffic *t, struct traffic_side *s)
{
    if (!s->stream)
        return;
    patterns_stream_close(s->stream);
    t->memory -= patterns_stream_size(s->set->patterns);
    s->stream = NULL;
}

static void waiting_drop(struct traffic *t, struct traffic_side *s)
{
    t->memory -= s->waiting_room * sizeof *s->waiting;
    free(s->waiting);
    s->waiting = NULL;
    s->n_waiting = s->waiting_room = 0;
}

void traffic_side_drop(struct traffic *t, struct traffic_side *s)
{
    stream_close(t, s);
    waiting_drop(t, s);
    traffic_unkeep(t, &s->held);
}

/* The patterns of the new rules are looked for from what is held on. */
void traffic_side_renumber(struct traffic *t, struct traffic_side *s, const uint32_t *to)
{
    uint32_t kept = 0;

    stream_close(t, s);
    s->set = NULL;
    for (uint32_t i = 0; i < s->n_waiting; i++) {
        uint32_t rule = traffic_renumbered(to, s->waiting[i].rule);

        if (rule == TRAFFIC_GONE)
            continue;
        s->waiting[kept] = s->waiting[i];
        s->waiting[kept++].rule = rule;
    }
    s->n_waiting = kept;
}

/* Nothing more comes that belongs to what there is. */
static void side_break(struct traffic *t, const struct situation *at, struct traffic_side *s)
{
    ask_waiting(t, at, s, buf_bytes(&s->held), true);
    s->n_waiting = 0;
    buf_clear(&s->held);
    if (s->stream)
        patterns_stream_reset(s->stream);
}

/* Rules begin to ask here, or again after others had enough: amid a stream, most often. What is encrypted by
 * now does not become worth a look. */
static void side_begin(struct traffic *t, struct traffic_flow *tf, const struct chunk *c,
                       const struct traffic_set *set)
{
    struct traffic_side *s = &tf->side[c->side];

    if (c->at > s->offset + c->gap)
        s->offset = c->at - c->gap;
    if (s->done || !s->begun)
        s->piece = s->base = s->offset;
    s->begun |= s->offset > 0;
    s->set = set;
    s->done = !set->any || !traffic_reaches(t, tf, c, set) ||
              (s->begun && inspect_is_encrypted(c->flow, c->side));
}

/* Who is the client may turn out late. */
static const struct traffic_set *side_set(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    struct traffic_side *s = &tf->side[c->side];
    const struct traffic_set *set = &t->plan->payload[POINT_STREAM][flow_to_server(c->flow, c->side)];

    if (s->set != set) {
        if (s->set)
            traffic_side_drop(t, s);
        side_begin(t, tf, c, set);
    }
    return set;
}

/* The other side has spoken, in a protocol where that ends a message: what waited for the end of its piece
 * has all that Suricata would see of it. */
static void other_speaks(struct traffic *t, struct traffic_flow *tf, const struct chunk *c,
                         const char *app_proto)
{
    struct traffic_side *o = &tf->side[!c->side];
    struct chunk was = {.flow = c->flow,
                        .side = !c->side,
                        .ts_us = o->ts_us,
                        .packet = o->packet,
                        .data = buf_bytes(&o->held)};
    struct situation at;

    if (o->piece == o->offset || !app_proto || strcmp(app_proto, "failed") == 0)
        return;
    if (o->n_waiting) {
        situation_fill(&at, tf, &was, app_proto);
        ask_waiting(t, &at, o, was.data, true);
    }
    piece_close(o, true);
    traffic_unmix(t, tf, !c->side);
}

/* Nobody asks about this stream any further: only its length is followed. */
static bool is_over(const struct traffic_side *s, const struct traffic_set *set)
{
    return s->begun && !set->patterns && !set->n_always && s->n_waiting == 0;
}

static struct bytes within_depth(const struct traffic *t, const struct traffic_side *s, struct bytes data)
{
    uint64_t depth = t->config->traffic_stream_depth;

    if (!depth || data.len + s->offset <= depth)
        return data;
    count_add(COUNT_TRAFFIC_DEPTH_BYTES, data.len - (s->offset < depth ? depth - s->offset : 0));
    return bytes_slice(data, 0, s->offset < depth ? (size_t)(depth - s->offset) : 0);
}

static void side_finish(struct traffic *t, const struct situation *at, struct traffic_side *s)
{
    side_break(t, at, s);
    traffic_side_drop(t, s);
    s->done = true;
}

static void side_data(struct traffic *t, const struct situation *at, struct traffic_side *s,
                      const struct traffic_set *set)
{
    struct bytes data = within_depth(t, s, at->chunk->data);
    struct bytes window;
    bool closes;

    stream_open(t, s, set);
    traffic_set_find_piece(set, s->stream, data, s->base, !s->begun, &t->room.finds);
    s->offset += data.len;
    on_finds(t, s, set);
    closes = s->offset - s->piece >= PIECE || data.len < at->chunk->data.len;
    if (s->n_waiting) {
        window = window_of(t, s, data);
        ask_waiting(t, at, s, window, closes);
    }
    if (closes) {
        piece_close(s, false);
        traffic_unmix(t, at->tf, at->chunk->side);
    }
    forget(s);
    s->begun = true;
    if (!is_over(s, set))
        hold_end(t, s, data);
    s->offset += at->chunk->data.len - data.len;
    if (is_over(s, set) || data.len < at->chunk->data.len)
        side_finish(t, at, s);
}

enum appetite traffic_stream_chunk(struct traffic *t, struct traffic_flow *tf, const struct chunk *c,
                                   const char *app_proto)
{
    struct traffic_side *s = &tf->side[c->side];
    const struct traffic_set *set = side_set(t, tf, c);
    struct situation at;

    /* Most of what servers send: nobody asks about it, and the client's piece is closed already. */
    if (s->done && tf->side[!c->side].piece == tf->side[!c->side].offset) {
        s->offset += c->gap + c->data.len;
        return APPETITE_ENOUGH;
    }
    if (c->data.len)
        other_speaks(t, tf, c, app_proto);
    s->ts_us = c->ts_us;
    s->packet = c->packet;
    situation_fill(&at, tf, c, app_proto);
    if (c->gap && !s->done) {
        side_break(t, &at, s);
        s->piece = s->base = s->offset + c->gap;
    }
    s->offset += c->gap;
    if (s->done) {
        s->offset += c->data.len;
        return APPETITE_ENOUGH;
    }
    if (c->data.len)
        side_data(t, &at, s, set);
    if ((c->end || inspect_is_encrypted(c->flow, c->side)) && !s->done)
        side_finish(t, &at, s);
    return s->done ? APPETITE_ENOUGH : APPETITE_MORE;
}

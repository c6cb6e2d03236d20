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
 * another message's words are none of this one's. again: in what it was looked for in before, if the rule is
 * not new. */
static void on_find(struct traffic *t, struct traffic_side *s, const struct traffic_find *f, bool again)
{
    struct traffic_waiting *w = waiting_of(s, f->rule);
    uint64_t from = f->from < s->piece ? f->from : s->piece;

    if (w && (again || w->state == WAITING_QUIET)) {
        /* Other rules may have come since it was found first. */
        w->always = f->always;
        w->needs = f->needs;
        return;
    }
    if (!w)
        w = waiting_add(t, s, f->rule);
    if (!w)
        return;
    if (f->always)
        from = s->anew;
    if (w->state == WAITING_PAST && (f->always || from < w->from))
        from = w->from;
    if (w->state != WAITING_ASKED || w->until == 0)
        w->from = from;
    w->state = WAITING_ASKED;
    w->always = f->always;
    w->needs = f->needs;
    w->until = f->always ? UINT64_MAX : s->offset + PATIENCE;
}

static void on_finds(struct traffic *t, struct traffic_side *s, bool again)
{
    traffic_finds_sort(&t->room.finds);
    for (unsigned i = 0; i < t->room.finds.n; i++)
        on_find(t, s, &t->room.finds.find[i], again);
    traffic_finds_clear(&t->room.finds);
}

static bool is_in_sight(const struct traffic_side *s, const struct traffic_waiting *w, uint64_t from)
{
    return !w->needs || s->short_end[w->needs - 1] > from;
}

/* A rule that is found by no literal waits again from where it matched: what it needs may have come while it
 * was quiet. */
static void wake_past(struct traffic_side *s)
{
    for (uint32_t i = 0; i < s->n_waiting; i++) {
        struct traffic_waiting *w = &s->waiting[i];

        if (w->state == WAITING_PAST && w->always && is_in_sight(s, w, w->from))
            w->state = WAITING_ASKED;
    }
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

/* Where its text begins. */
static uint64_t from_of(const struct traffic *t, const struct traffic_side *s,
                        const struct traffic_waiting *w, struct bytes window)
{
    uint64_t begin = s->offset - window.len;
    uint64_t first = t->plan->rule[w->rule].at_once || w->from > s->piece ? w->from : s->piece;

    return first > begin ? first : begin;
}

static bool is_worth_asking(const struct traffic *t, const struct traffic_side *s,
                            const struct traffic_waiting *w, struct bytes window, bool closes)
{
    return w->state == WAITING_ASKED && (closes || t->plan->rule[w->rule].at_once) &&
           is_in_sight(s, w, from_of(t, s, w, window));
}

static void ask_one(struct traffic *t, const struct situation *at, struct traffic_side *s,
                    struct traffic_waiting *w, struct bytes window, bool closes)
{
    const struct traffic_rule *r = &t->plan->rule[w->rule];
    uint64_t begin = s->offset - window.len, from = from_of(t, s, w, window);
    struct confirm_value v = {
        .bytes = bytes_from(window, (size_t)(from - begin)), .before = from, .last = closes};
    struct confirm_vars vars = {0};

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

/* All that wait, in their order. Mostly nobody does, or what all of them need is not there. */
static void ask_waiting(struct traffic *t, struct traffic_flow *tf, const struct chunk *c,
                        struct bytes window, bool closes)
{
    struct traffic_side *s = &tf->side[c->side];
    struct situation at;
    uint32_t n = s->n_waiting, first = 0;

    while (first < n && !is_worth_asking(t, s, &s->waiting[first], window, closes))
        first++;
    if (first == n)
        return;
    situation_fill(&at, tf, c, inspect_app_proto(c->flow));
    qsort(s->waiting, n, sizeof *s->waiting, by_rule);
    for (uint32_t i = 0; i < n; i++)
        if (is_worth_asking(t, s, &s->waiting[i], window, closes))
            ask_one(t, &at, s, &s->waiting[i], window, closes);
}

/* How much of the end has to be there again with the next chunk. */
static size_t keep_of(const struct traffic_side *s)
{
    uint64_t from = s->offset > LOOKBACK ? s->offset - LOOKBACK : 0;

    for (uint32_t i = 0; i < s->n_waiting; i++) {
        const struct traffic_waiting *w = &s->waiting[i];

        if (w->state == WAITING_ASKED && !w->always && w->from < from)
            from = w->from;
    }
    if (s->offset - from > LOOKBACK + PATIENCE)
        from = s->offset - LOOKBACK - PATIENCE;
    return (size_t)(s->offset - from);
}

/* It has waited long enough; or it waits for a short literal, which is out of sight. */
static bool is_stale(const struct traffic_side *s, const struct traffic_waiting *w, uint64_t sight)
{
    if (w->state == WAITING_QUIET)
        return false;
    if (w->state == WAITING_PAST)
        return w->from + LOOKBACK + PATIENCE <= s->offset;
    return w->always ? !is_in_sight(s, w, sight) && w->from <= sight : w->until <= s->offset;
}

static void forget(struct traffic_side *s)
{
    uint64_t sight = s->offset - keep_of(s);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->n_waiting; i++)
        if (!is_stale(s, &s->waiting[i], sight))
            s->waiting[kept++] = s->waiting[i];
    s->n_waiting = kept;
}

/* The piece ends here: rules that spoke may speak again. With a message's end, what is found by no pattern
 * begins anew, too. */
static void piece_close(struct traffic_side *s, bool message)
{
    s->piece = s->offset;
    if (message)
        s->anew = s->offset;
    for (uint32_t i = 0; i < s->n_waiting; i++) {
        struct traffic_waiting *w = &s->waiting[i];

        if (w->state == WAITING_QUIET)
            w->state = WAITING_PAST;
        else if (message && w->always)
            w->from = s->offset;
    }
}

static bool has_room(const struct traffic *t, const struct buf *b, size_t more)
{
    size_t need = b->len + more;

    return need <= b->cap || t->memory + 2 * need <= t->config->traffic_memcap;
}

bool traffic_keep(struct traffic *t, struct buf *b, struct bytes piece)
{
    size_t before = b->cap;

    if (!has_room(t, b, piece.len)) {
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

/* What is kept, and new bytes behind it. */
struct window {
    struct bytes text;
    bool is_held; /* in held */
};

static struct bytes kept_of(const struct traffic_side *s)
{
    return bytes_from(buf_bytes(&s->held), s->held.len - s->kept);
}

/* In one piece. Small ones gather in what is held, so that most bytes are copied once. */
static struct window window_of(struct traffic *t, struct traffic_side *s, struct bytes data)
{
    struct bytes kept = kept_of(s);

    if (kept.len == 0)
        return (struct window){.text = data};
    if (s->held.len + data.len > s->held.cap)
        buf_cut_front(&s->held, s->held.len - kept.len); /* moves what is kept */
    if (data.len <= LOOKBACK && has_room(t, &s->held, data.len) && traffic_keep(t, &s->held, data))
        return (struct window){bytes_from(buf_bytes(&s->held), s->held.len - data.len - kept.len), true};
    kept = kept_of(s);
    buf_clear(&t->window);
    t->window.ceiling = SIZE_MAX;
    if (!buf_add(&t->window, kept) || !buf_add(&t->window, data))
        return (struct window){.text = data};
    return (struct window){.text = buf_bytes(&t->window)};
}

static void hold_end(struct traffic *t, struct traffic_side *s, struct window w)
{
    size_t keep = keep_of(s);

    s->kept = keep < w.text.len ? keep : w.text.len;
    if (w.is_held)
        return;
    buf_clear(&s->held);
    if (!traffic_keep(t, &s->held, bytes_from(w.text, w.text.len - s->kept)))
        s->kept = 0;
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
    waiting_drop(t, s);
    traffic_unkeep(t, &s->held);
    s->kept = 0;
}

/* The patterns of the new rules are looked for from what is held on. */
void traffic_side_renumber(struct traffic_side *s, const uint32_t *to)
{
    uint32_t kept = 0;

    s->set = NULL;
    s->again = true;
    for (uint32_t i = 0; i < s->n_waiting; i++) {
        uint32_t rule = traffic_renumbered(to, s->waiting[i].rule);

        if (rule == TRAFFIC_GONE)
            continue;
        s->waiting[kept] = s->waiting[i];
        s->waiting[kept].rule = rule;
        /* It may be found by something else now. */
        if (s->waiting[kept].always)
            s->waiting[kept].until = s->offset + PATIENCE;
        s->waiting[kept].always = false;
        s->waiting[kept++].needs = 0;
    }
    s->n_waiting = kept;
}

/* Nothing more comes that belongs to what there is. */
static void side_break(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    struct traffic_side *s = &tf->side[c->side];

    ask_waiting(t, tf, c, kept_of(s), true);
    s->n_waiting = 0;
    s->kept = 0;
    buf_clear(&s->held);
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
        s->piece = s->offset;
    s->begin = s->offset - s->kept;
    memset(s->short_end, 0, sizeof s->short_end);
    s->begun |= s->offset > 0;
    s->set = set;
    s->done =
        !set->any || !traffic_reaches(t, tf, c, set) || (s->begun && inspect_is_encrypted(c->flow, c->side));
}

/* Who is the client may turn out late. */
static void side_set(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    struct traffic_side *s = &tf->side[c->side];
    const struct traffic_set *set = &t->plan->payload[POINT_STREAM][flow_to_server(c->flow, c->side)];

    if (s->set != set) {
        if (s->set)
            traffic_side_drop(t, s);
        side_begin(t, tf, c, set);
    }
}

/* The other side has spoken, in a protocol where that ends a message: what waited for the end of its piece
 * has all that Suricata would see of it. */
static void other_speaks(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    struct traffic_side *o = &tf->side[!c->side];
    struct chunk was = {
        .flow = c->flow, .side = !c->side, .ts_us = o->ts_us, .packet = o->packet, .data = kept_of(o)};
    const char *app_proto = inspect_app_proto(c->flow);

    if (!app_proto || strcmp(app_proto, "failed") == 0)
        return;
    ask_waiting(t, tf, &was, was.data, true);
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

static void side_finish(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    side_break(t, tf, c);
    traffic_side_drop(t, &tf->side[c->side]);
    tf->side[c->side].done = true;
}

/* A short of the set was seen: what needs it counts from now on. */
static bool is_led(const struct traffic_side *s)
{
    for (unsigned i = 0; i < s->set->n_shorts; i++)
        if (s->short_end[i])
            return true;
    return false;
}

/* again: all of the window, else what is fresh. */
static void find_in(struct traffic *t, struct traffic_side *s, struct bytes window, size_t fresh, bool again)
{
    struct set_text text = {.window = window,
                            .fresh = again ? window.len : fresh,
                            .behind = again ? 0 : s->behind,
                            .lead = is_led(s),
                            .at = s->offset - window.len,
                            .begin = s->begin,
                            .first = !s->begun};

    traffic_set_find_new(s->set, &text, &t->room.finds);
    for (unsigned i = 0; i < s->set->n_shorts; i++)
        if (t->room.finds.short_end[i])
            s->short_end[i] = t->room.finds.short_end[i];
    s->behind = again || t->room.finds.searched ? 0 : s->behind + fresh;
    if (t->room.finds.n)
        on_finds(t, s, again);
}

static void find_new(struct traffic *t, struct traffic_side *s, struct bytes window, size_t fresh)
{
    if (s->again)
        find_in(t, s, window, fresh, true);
    s->again = false;
    find_in(t, s, window, fresh, false);
    wake_past(s);
}

static void side_data(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    struct traffic_side *s = &tf->side[c->side];
    struct bytes data = within_depth(t, s, c->data);
    struct window window = window_of(t, s, data);
    bool cut = data.len < c->data.len, closes;

    s->offset += data.len;
    find_new(t, s, window.text, data.len);
    closes = s->offset - s->piece >= PIECE || cut;
    ask_waiting(t, tf, c, window.text, closes);
    if (closes) {
        piece_close(s, false);
        traffic_unmix(t, tf, c->side);
    }
    if (s->n_waiting)
        forget(s);
    s->begun = true;
    if (!is_over(s, s->set))
        hold_end(t, s, window);
    s->offset += c->data.len - data.len;
    if (is_over(s, s->set) || cut)
        side_finish(t, tf, c);
}

enum appetite traffic_stream_chunk(struct traffic *t, struct traffic_flow *tf, const struct chunk *c)
{
    struct traffic_side *s = &tf->side[c->side];

    side_set(t, tf, c);
    if (traffic_other_has_spoken(tf, c))
        other_speaks(t, tf, c);
    if (s->done) {
        s->offset += c->gap + c->data.len;
        return APPETITE_ENOUGH;
    }
    s->ts_us = c->ts_us;
    s->packet = c->packet;
    if (c->gap) {
        side_break(t, tf, c);
        s->piece = s->begin = s->offset + c->gap;
    }
    s->offset += c->gap;
    if (c->data.len)
        side_data(t, tf, c);
    if ((c->end || inspect_is_encrypted(c->flow, c->side)) && !s->done)
        side_finish(t, tf, c);
    return s->done ? APPETITE_ENOUGH : APPETITE_MORE;
}

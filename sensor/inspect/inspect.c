/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/slot.h"

#include "base/count.h"
#include "inspect/hold.h"
#include "inspect/http_tx.h"

#include <stdlib.h>

/* Longest beginning of a direction kept while nobody can say what it is. */
#define FIRST_MAX 8192

struct inspect *inspect_new(const struct config *config, field_fn *fn, void *arg)
{
    struct inspect *i = calloc(1, sizeof *i);

    if (!i)
        return NULL;
    i->config = config;
    i->fn = fn;
    i->arg = arg;
    for (const struct known *known = known_rows; known->inspector; known++)
        if (*(const bool *)((const char *)config + known->enabled))
            i->known[i->n_known++] = known;
    /* stream.memcap covers reassembly and both kinds of memory here; each may take at most its quarter. */
    windows_set_memcap(config->stream_memcap / 4);
    holds_set_memcap(config->stream_memcap / 4);
    return i;
}

void inspect_want(struct inspect *i, unsigned wants)
{
    i->wants = wants;
}

void inspect_free(struct inspect *i)
{
    free(i);
}

/* A yes beats a maybe, whoever stands first: the same bytes in other pieces must come to the same parser. */
static enum recognition recognise(const struct inspect *i, struct bytes first, uint8_t proto, bool whole,
                                  const struct known **known)
{
    enum recognition best = RECOGNISE_NO;

    for (unsigned k = 0; k < i->n_known; k++) {
        enum recognition r;

        if (proto == PROTO_UDP && !i->known[k]->udp)
            continue;
        r = i->known[k]->inspector->recognise(first, proto, whole);
        *known = i->known[k];
        if (is_yes(r))
            return r;
        if (r == RECOGNISE_MORE)
            best = r;
    }
    return whole ? RECOGNISE_NO : best;
}

static enum appetite segment(struct inspect *i, struct slot *slot, const struct chunk *c);
static enum appetite change(struct inspect *i, struct slot *slot, const struct chunk *c,
                            struct hand_over *next, struct bytes data, uint64_t gap, bool last);

static enum appetite feed(struct inspect *i, struct slot *slot, const struct chunk *c, struct bytes data,
                          uint64_t gap, bool last)
{
    struct side *s = &slot->side[c->side];
    struct talk *talk = talk_of(&slot->talks, c->side);
    struct renumber renumber = {i, talk->first_message};
    struct hand_over next = {0};
    struct inspecting in = {.config = i->config,
                            .wants = i->wants,
                            .fn = i->fn,
                            .arg = i->arg,
                            .chunk = c,
                            .from_client = c->side == talk->client,
                            .next = &next};
    enum appetite appetite = APPETITE_MORE;
    size_t used = 0;

    if (renumber.first_message) {
        in.fn = renumber_give;
        in.arg = &renumber;
    }
    s->mode = SIDE_PARSED;
    switch (talk->known->inspector->feed(talk->state, &in, data, gap, last, &used)) {
    case PROGRESS_MORE:
        return last ? side_done(s) : APPETITE_MORE;
    case PROGRESS_ENOUGH:
        return side_done(s);
    case PROGRESS_CHANGE:
        next.n_messages += talk->first_message;
        return change(i, slot, c, &next, bytes_from(data, used), used ? 0 : gap, last);
    case PROGRESS_GIVE_UP:
        count(COUNT_INSPECT_GAVE_UP);
        break;
    case PROGRESS_RAW:
        break;
    }
    data = bytes_from(data, used);
    if (next.before.len)
        appetite = raw_give(i, slot, c, buf_bytes(&next.before), false);
    hold_drop(&next.before);
    if (appetite == APPETITE_ENOUGH) {
        count_add(COUNT_INSPECT_SKIPPED_BYTES, data.len);
        return appetite;
    }
    slot_note_hello(slot, c, data); /* STARTTLS, CONNECT: a good reason to give up */
    return raw_give(i, slot, c, data, last);
}

/* False when there is no memory for the parser's state. */
static bool flow_become(struct slot *slot, const struct known *known, const struct chunk *c,
                        enum recognition r)
{
    unsigned client = r == RECOGNISE_REQUEST ? c->side : !c->side;

    if (!talk_become(talk_of(&slot->talks, c->side), known, client))
        return false;
    flow_set_client(c->flow, client);
    return true;
}

static const struct known *known_by(const struct inspect *i, const struct inspector *inspector)
{
    for (unsigned k = 0; k < i->n_known; k++)
        if (i->known[k]->inspector == inspector)
            return i->known[k];
    return NULL;
}

/* The first direction to change has said what comes. False when that protocol is switched off, or memory is
 * short. */
static bool change_told(struct inspect *i, struct slot *slot, const struct chunk *c,
                        const struct hand_over *next, unsigned client)
{
    struct talk *talk = talk_of(&slot->talks, c->side);
    const struct known *known = known_by(i, next->to);
    struct inspecting in = {.config = i->config, .wants = i->wants, .fn = i->fn, .arg = i->arg, .chunk = c};

    talk->first_message = next->n_messages;
    if (!next->to)
        return true;
    if (!known || !talk_become(talk, known, client))
        return false;
    in.from_client = c->side == client;
    if (known->inspector->begin)
        known->inspector->begin(talk->state, &in, next);
    return true;
}

/* This direction goes on in another protocol: with what next brings, then, behind the gap, with data. */
static enum appetite change(struct inspect *i, struct slot *slot, const struct chunk *c,
                            struct hand_over *next, struct bytes data, uint64_t gap, bool last)
{
    struct side *s = &slot->side[c->side], *o = &slot->side[!c->side];
    unsigned client = talk_of(&slot->talks, c->side)->client;
    struct buf before = next->before;
    struct chunk rest = *c;
    bool is_new, good = talks_change(&slot->talks, c->side, &is_new);
    enum appetite appetite = APPETITE_MORE;

    if (good && is_new)
        good = change_told(i, slot, c, next, client);
    http_tx_release(next->tx);
    if (o->mode == SIDE_RAW)
        talks_join(&slot->talks, !c->side);
    s->mode = SIDE_UNKNOWN;
    if (talk_of(&slot->talks, c->side)->known)
        s->mode = SIDE_PARSED;
    if (!good)
        s->mode = SIDE_RAW;
    rest.begin = rest.end = false;
    rest.gap = 0;
    rest.data = buf_bytes(&before);
    if (before.len)
        appetite = segment(i, slot, &rest);
    hold_drop(&before);
    rest.data = data;
    rest.gap = gap;
    rest.end = last;
    return appetite == APPETITE_MORE && (data.len || last) ? segment(i, slot, &rest) : appetite;
}

/* The flow is known now. What the other side said before, and nobody understood, comes first: it was first.
 */
static void feed_other_first(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct side *o = &slot->side[!c->side];
    struct buf first = o->first;
    struct chunk was = {.flow = c->flow,
                        .side = !c->side,
                        .data = buf_bytes(&first),
                        .begin = true,
                        .ts_us = o->first_us,
                        .packet = o->first_packet};

    if (o->mode != SIDE_UNKNOWN || !talks_agree(&slot->talks))
        return;
    o->mode = SIDE_PARSED;
    o->first = (struct buf){0};
    if (first.len)
        (void)feed(i, slot, &was, was.data, 0, false);
    hold_drop(&first);
}

/* Nobody will say yes to this direction: it is raw, from its first byte. */
static enum appetite raw_from_first(struct inspect *i, struct slot *slot, const struct chunk *c,
                                    struct bytes data)
{
    struct side *s = &slot->side[c->side];
    struct buf first = s->first;
    enum appetite appetite = APPETITE_MORE;

    s->first = (struct buf){0};
    if (first.len)
        appetite = raw_give(i, slot, c, buf_bytes(&first), false);
    hold_drop(&first);
    if (appetite == APPETITE_ENOUGH) {
        count_add(COUNT_INSPECT_SKIPPED_BYTES, data.len);
        return appetite;
    }
    return raw_give(i, slot, c, data, c->end);
}

static enum appetite feed_from_first(struct inspect *i, struct slot *slot, const struct chunk *c,
                                     struct bytes text)
{
    struct side *s = &slot->side[c->side];
    struct buf first = s->first; /* text may lie in it */
    enum appetite appetite;

    s->first = (struct buf){0};
    feed_other_first(i, slot, c);
    appetite = feed(i, slot, c, text, 0, c->end);
    hold_drop(&first);
    return appetite;
}

/* Fills the beginning that is kept; the rest comes as if in a segment of its own. So the parsers are asked
 * about the same bytes, however they were cut. */
static enum appetite chunk_in_two(struct inspect *i, struct slot *slot, const struct chunk *c, size_t at)
{
    struct chunk front = *c, back = *c;

    front.data = bytes_slice(c->data, 0, at);
    front.end = false;
    back.data = bytes_from(c->data, at);
    back.begin = false;
    back.gap = 0;
    (void)segment(i, slot, &front);
    return segment(i, slot, &back);
}

static enum appetite unknown_chunk(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct side *s = &slot->side[c->side];
    const struct known *known = NULL;
    struct bytes text = c->data;
    enum recognition r;

    if (s->first.len) {
        size_t room = FIRST_MAX - s->first.len;

        if (room && c->data.len > room)
            return chunk_in_two(i, slot, c, room);
        if (!hold_add(&s->first, FIRST_MAX, c->data))
            return raw_from_first(i, slot, c, c->data);
        text = buf_bytes(&s->first);
    }
    if (text.len == 0 && !c->end)
        return APPETITE_MORE;
    r = recognise(i, text, c->flow->proto, c->end, &known);
    if (is_yes(r) && flow_become(slot, known, c, r))
        return feed_from_first(i, slot, c, text);
    slot_note_hello(slot, c, text);
    if (!is_yes(s->hello) && !c->end && (r == RECOGNISE_MORE || tls_recognise(text) == RECOGNISE_MORE)) {
        s->first_us = c->ts_us;
        s->first_packet = c->packet;
        if (s->first.len || hold_add(&s->first, FIRST_MAX, c->data))
            return APPETITE_MORE;
    }
    talks_note_plain(&slot->talks, text);
    /* With a hold, c->data is in it already. */
    return raw_from_first(i, slot, c, s->first.len ? (struct bytes){0} : c->data);
}

/* Does a message of a protocol that is certain of its first bytes begin here? */
static bool resumes(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    const struct known *now = talk_of(&slot->talks, c->side)->known;

    for (unsigned k = 0; k < i->n_known; k++) {
        const struct known *known = i->known[k];
        enum recognition r;

        if (!known->resumes || (now && now != known))
            continue;
        r = known->inspector->recognise(c->data, c->flow->proto, false);
        if (is_yes(r))
            return now || flow_become(slot, known, c, r);
    }
    return false;
}

static enum appetite raw_chunk(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    if (c->data.len && resumes(i, slot, c)) {
        /* Read by both, once: what the raw window had begun ends here. */
        (void)raw_give(i, slot, c, c->data, true);
        return feed_from_first(i, slot, c, c->data);
    }
    slot_note_hello(slot, c, c->data);
    if (c->gap)
        raw_gap(i, slot, c);
    return raw_give(i, slot, c, c->data, c->end);
}

static enum appetite segment(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct side *s = &slot->side[c->side];
    enum appetite appetite = APPETITE_ENOUGH;

    if (s->mode == SIDE_DONE) {
        count_add(slot_is_encrypted(slot, c->side) ? slot_encrypted_count(slot) : COUNT_INSPECT_SKIPPED_BYTES,
                  c->data.len);
        return APPETITE_ENOUGH;
    }
    if (!slot_is_encrypted(slot, c->side)) {
        if (c->gap && s->mode == SIDE_UNKNOWN && s->first.len) {
            /* The beginning stays unknown; what follows the hole begins anew. */
            struct chunk before = *c;

            before.end = false;
            if (raw_from_first(i, slot, &before, (struct bytes){0}) == APPETITE_ENOUGH)
                return APPETITE_ENOUGH;
            raw_gap(i, slot, c);
            s->mode = talk_of(&slot->talks, c->side)->known ? SIDE_PARSED : SIDE_UNKNOWN;
        }
        if (s->mode == SIDE_UNKNOWN)
            appetite = unknown_chunk(i, slot, c);
        else if (s->mode == SIDE_PARSED)
            appetite = feed(i, slot, c, c->data, c->gap, c->end);
        else
            appetite = raw_chunk(i, slot, c);
    }
    if (slot_is_encrypted(slot, c->side)) {
        count_add(slot_encrypted_count(slot), c->data.len);
        flow_set_unread(c->flow, c->side, slot_encrypted_count(slot));
        return side_done(s);
    }
    return appetite;
}

/* Every datagram stands for itself: no depth, and no memory of what the last one was but the parser's own. */
static void datagram(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct hand_over next = {0}; /* no datagram changes the protocol */
    struct inspecting in = {
        .config = i->config, .wants = i->wants, .fn = i->fn, .arg = i->arg, .chunk = c, .next = &next};
    struct talk *talk = talk_of(&slot->talks, c->side);
    const struct known *known = NULL;
    enum recognition r;
    size_t used = 0;

    if (c->data.len == 0)
        return;
    r = recognise(i, c->data, PROTO_UDP, true, &known);
    /* Each datagram is read as what it is: one of another protocol in front must not shut the eyes. */
    if (is_yes(r) && !talk->known)
        (void)flow_become(slot, known, c, r);
    else if (is_yes(r) && talk->known != known)
        (void)talk_become_anew(talk, known, r == RECOGNISE_REQUEST ? c->side : !c->side);
    if (is_yes(r) && talk->known == known) {
        in.from_client = r == RECOGNISE_REQUEST;
        if (known->inspector->feed(talk->state, &in, c->data, 0, true, &used) != PROGRESS_GIVE_UP)
            return;
        count(COUNT_INSPECT_GAVE_UP);
    }
    slot->raw_seen = true;
    if (!i->config->raw) {
        count_add(COUNT_INSPECT_SKIPPED_BYTES, c->data.len - used);
        return;
    }
    raw_give_apart(i, slot, c, bytes_from(c->data, used));
}

/* Says once what the client speaks: a protocol that is known, TLS, or none of those; behind a prefix, what
 * comes there. Correlation waits for it where a callback is due: of a hidden one it is all that will ever be
 * seen. */
static void tell_words(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    unsigned client = c->flow->client;
    const struct known *known = talk_of(&slot->talks, client)->known;
    struct field f = {
        .kind = FIELD_RECORD, .chunk = c, .app_proto = slot_app_proto(slot, client), .words = true};

    if (known && known->inspector == &proxy_inspector)
        return;
    if (!c->flow->client_known || (slot->side[client].raw_given == 0 && strcmp(f.app_proto, "failed") == 0))
        return;
    slot->words_told = true;
    (void)i->fn(i->arg, &f);
}

/* Another version of some bytes, with what stands around them: no parser sees it. */
static enum appetite alternative(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    if (i->config->raw && slot->side[c->side].mode != SIDE_DONE && !slot_is_encrypted(slot, c->side))
        raw_give_apart(i, slot, c, c->data);
    return APPETITE_MORE;
}

enum appetite inspect_chunk(struct inspect *i, const struct chunk *c)
{
    struct slot *slot = c->flow->inspect_slot;

    if (!slot) {
        slot = calloc(1, sizeof *slot);
        if (!slot) {
            count(COUNT_INSPECT_MEMORY);
            count_add(COUNT_INSPECT_SKIPPED_BYTES, c->data.len);
            return APPETITE_MORE;
        }
        c->flow->inspect_slot = slot;
    }
    if (c->alternative)
        return alternative(i, slot, c);
    if (c->flow->proto == PROTO_TCP) {
        enum appetite appetite = segment(i, slot, c);

        if (!slot->words_told)
            tell_words(i, slot, c);
        return appetite;
    }
    datagram(i, slot, c);
    return APPETITE_MORE;
}

const char *inspect_app_proto(const struct flow *f)
{
    struct slot *slot = f->inspect_slot;
    const struct side *side = slot ? slot->side : NULL;
    const char *name;

    if (!slot)
        return NULL;
    name = slot_app_proto(slot, slot->talks.newest == slot->talks.of[0] ? 0 : 1);
    if (strcmp(name, "failed") == 0 && (side[0].mode == SIDE_UNKNOWN || side[1].mode == SIDE_UNKNOWN))
        return NULL;
    return name;
}

bool inspect_message(const struct flow *f, unsigned side, uint64_t *number, uint64_t *body_len)
{
    struct slot *slot = f->inspect_slot;
    const struct talk *talk = slot ? talk_of(&slot->talks, side) : NULL;

    if (!talk || !talk->known || !talk->known->inspector->under_way ||
        !talk->known->inspector->under_way(talk->state, side == talk->client, number, body_len))
        return false;
    *number += talk->first_message;
    return true;
}

bool inspect_is_encrypted(const struct flow *f, unsigned side)
{
    return f->inspect_slot && slot_is_encrypted(f->inspect_slot, side);
}

void inspect_flow_end(struct inspect *i, struct flow *f)
{
    struct slot *slot = f->inspect_slot;

    (void)i;
    if (!slot)
        return;
    if (!talk_of(&slot->talks, 0)->known && slot->raw_seen && !is_yes(slot->side[0].hello) &&
        !is_yes(slot->side[1].hello))
        count(COUNT_INSPECT_RAW);
    if (talk_of(&slot->talks, f->client)->known || slot->raw_seen)
        f->app_proto = slot_app_proto(slot, f->client);
    talks_drop(&slot->talks);
    for (unsigned side = 0; side < 2; side++)
        (void)side_done(&slot->side[side]);
    free(slot);
    f->inspect_slot = NULL;
}

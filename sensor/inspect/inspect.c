/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspect.h"

#include "base/count.h"
#include "base/cursor.h"
#include "inspect/hold.h"
#include "inspect/http_tx.h"
#include "inspect/talk.h"
#include "inspect/tls.h"
#include "inspect/window.h"

#include <stdlib.h>

/* Longest beginning of a direction kept while nobody can say what it is. */
#define FIRST_MAX 8192

enum side_mode {
    SIDE_UNKNOWN, /* what came so far, if anything, is in first */
    SIDE_PARSED,
    SIDE_RAW,
    SIDE_DONE, /* nothing more is read */
};

struct side {
    uint8_t mode;                    /* enum side_mode */
    uint8_t hello;                   /* enum recognition: the TLS hello it sent; RECOGNISE_NO for none */
    uint8_t tls_state;               /* enum tls_state, from the hello on */
    struct tls_side *tls;            /* reads its handshake, as long as that is in clear */
    struct buf first;                /* a hold, empty except while SIDE_UNKNOWN waits */
    uint64_t first_us, first_packet; /* of the last bytes in first */
    struct window raw;
    uint64_t raw_given;
};

struct inspect {
    const struct config *config;
    field_fn *fn;
    void *arg;
    unsigned n_known;
    const struct known *known[KNOWN_MAX]; /* those switched on, in the registry's order */
};

/* What a flow keeps here. */
struct slot {
    struct talks talks;
    bool raw_seen;
    bool words_told; /* what the client speaks has been said */
    struct side side[2];
};

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

void inspect_free(struct inspect *i)
{
    free(i);
}

static bool is_yes(enum recognition r)
{
    return r == RECOGNISE_REQUEST || r == RECOGNISE_RESPONSE;
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

/* Both sides have said hello, each in its part, and this one's handshake is over. One side alone proves
 * nothing: who sends a false hello to a server that speaks in clear would switch us off. */
static bool is_encrypted(const struct slot *slot, unsigned side)
{
    return is_yes(slot->side[0].hello) && is_yes(slot->side[1].hello) &&
           slot->side[0].hello != slot->side[1].hello && slot->side[side].tls_state == TLS_ENCRYPTED;
}

static void tls_end(struct side *s, enum tls_state state)
{
    tls_side_free(s->tls);
    s->tls = NULL;
    s->tls_state = (uint8_t)state;
}

static void note_hello(struct slot *slot, const struct chunk *c, struct bytes data)
{
    struct side *s = &slot->side[c->side];
    enum recognition r = is_yes(s->hello) ? RECOGNISE_NO : tls_recognise(data);

    if (!is_yes(r))
        return;
    s->hello = (uint8_t)r;
    s->tls = tls_side_new();
    s->tls_state = s->tls ? TLS_CLEAR : TLS_ENCRYPTED;
    if (!is_yes(slot->side[!c->side].hello))
        count(COUNT_INSPECT_TLS);
    flow_set_client(c->flow, r == RECOGNISE_REQUEST ? c->side : !c->side);
}

static const char *app_proto(struct slot *slot, unsigned side)
{
    const char *name = talks_name(&slot->talks, side);

    if (name)
        return name;
    return (is_yes(slot->side[0].hello) || is_yes(slot->side[1].hello)) ? "tls" : "failed";
}

static enum appetite side_done(struct side *s)
{
    hold_drop(&s->first);
    window_drop(&s->raw);
    tls_side_free(s->tls);
    s->tls = NULL;
    s->mode = SIDE_DONE;
    return APPETITE_ENOUGH;
}

/* Messages are numbered through all that a connection speaks. */
struct renumber {
    const struct inspect *i;
    uint64_t first_message;
};

static size_t give_renumbered(void *arg, const struct field *f)
{
    const struct renumber *r = arg;
    struct field later = *f;

    later.message += r->first_message;
    return r->i->fn(r->i->arg, &later);
}

/* Gives text to the raw window of its direction, as deep as the settings say. */
static enum appetite give_window(struct inspect *i, struct slot *slot, const struct chunk *c,
                                 struct bytes text, bool last)
{
    struct side *s = &slot->side[c->side];
    struct field f = {.kind = FIELD_RAW,
                      .chunk = c,
                      .app_proto = app_proto(slot, c->side),
                      .message = talk_of(&slot->talks, c->side)->first_message};
    struct bytes piece = bytes_slice(text, 0, raw_room(i->config, s->raw_given, text.len));

    s->mode = SIDE_RAW;
    slot->raw_seen |= text.len > 0;
    if (i->config->raw)
        window_give(&s->raw, &f, piece, last || piece.len < text.len, i->fn, i->arg);
    s->raw_given += piece.len;
    count_add(COUNT_INSPECT_SKIPPED_BYTES, text.len - piece.len);
    if (piece.len < text.len)
        flow_set_unread(c->flow, c->side, COUNT_INSPECT_SKIPPED_BYTES);
    if (last || piece.len < text.len)
        return side_done(s);
    return APPETITE_MORE;
}

/* The other side speaks in clear: then a hello proves nothing, and nobody waits for its end. */
static bool is_doubtful(const struct slot *slot, unsigned side)
{
    return slot->side[!side].mode == SIDE_RAW && !is_yes(slot->side[!side].hello);
}

/* The raw window sees what waited behind the names of a handshake. */
static enum appetite give_waiting(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct buf waiting = slot->side[c->side].first;
    enum appetite appetite = APPETITE_MORE;

    slot->side[c->side].first = (struct buf){0};
    if (waiting.len)
        appetite = give_window(i, slot, c, buf_bytes(&waiting), false);
    hold_drop(&waiting);
    return appetite;
}

/* The names of a handshake first, then the same bytes to the raw window, a message at a time: one lookup is
 * one alert, and a name says more. */
static enum appetite give_tls(struct inspect *i, struct slot *slot, const struct chunk *c, struct bytes text,
                              bool last)
{
    struct side *s = &slot->side[c->side];
    struct renumber renumber = {i, talk_of(&slot->talks, c->side)->first_message};
    struct inspecting in = {.config = i->config,
                            .fn = give_renumbered,
                            .arg = &renumber,
                            .chunk = c,
                            .from_client = s->hello == RECOGNISE_REQUEST};
    size_t clear;
    enum tls_state state = tls_side_feed(s->tls, &in, text, &clear);

    s->mode = SIDE_RAW;
    if (state == TLS_CLEAR && !tls_side_idle(s->tls) && !last && !is_doubtful(slot, c->side) &&
        hold_add(&s->first, i->config->tls_max_handshake, text))
        return APPETITE_MORE;
    if (state != TLS_CLEAR)
        tls_end(s, state);
    if (is_encrypted(slot, c->side))
        text = bytes_slice(text, 0, clear);
    if (give_waiting(i, slot, c) == APPETITE_ENOUGH)
        return APPETITE_ENOUGH;
    return give_window(i, slot, c, text, last);
}

static enum appetite give_raw(struct inspect *i, struct slot *slot, const struct chunk *c, struct bytes text,
                              bool last)
{
    struct side *o = &slot->side[!c->side];
    struct chunk others = *c;

    if (slot->side[c->side].tls)
        return give_tls(i, slot, c, text, last);
    if (text.len && o->tls && o->first.len && !is_yes(slot->side[c->side].hello)) {
        others.side = !c->side;
        (void)give_waiting(i, slot, &others);
    }
    return give_window(i, slot, c, text, last);
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
                            .fn = i->fn,
                            .arg = i->arg,
                            .chunk = c,
                            .from_client = c->side == talk->client,
                            .next = &next};
    size_t used = 0;

    if (renumber.first_message) {
        in.fn = give_renumbered;
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
    note_hello(slot, c, data); /* STARTTLS, CONNECT: a good reason to give up */
    return give_raw(i, slot, c, data, last);
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
    struct inspecting in = {.config = i->config, .fn = i->fn, .arg = i->arg, .chunk = c};

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
        appetite = give_raw(i, slot, c, buf_bytes(&first), false);
    hold_drop(&first);
    if (appetite == APPETITE_ENOUGH) {
        count_add(COUNT_INSPECT_SKIPPED_BYTES, data.len);
        return appetite;
    }
    return give_raw(i, slot, c, data, c->end);
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
    note_hello(slot, c, text);
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
    struct side *s = &slot->side[c->side];

    if (c->data.len && resumes(i, slot, c)) {
        /* Read by both, once: what the raw window had begun ends here. */
        (void)give_raw(i, slot, c, c->data, true);
        return feed_from_first(i, slot, c, c->data);
    }
    note_hello(slot, c, c->data);
    if (c->gap) {
        (void)give_waiting(i, slot, c);
        window_drop(&s->raw);
        if (s->tls) /* what comes after the hole is most likely the rest of a handshake, and then no more */
            tls_end(s, TLS_ENCRYPTED);
    }
    return give_raw(i, slot, c, c->data, c->end);
}

static enum appetite segment(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct side *s = &slot->side[c->side];
    enum appetite appetite = APPETITE_ENOUGH;

    if (s->mode == SIDE_DONE) {
        count_add(is_encrypted(slot, c->side) ? COUNT_INSPECT_TLS_BYTES : COUNT_INSPECT_SKIPPED_BYTES,
                  c->data.len);
        return APPETITE_ENOUGH;
    }
    if (!is_encrypted(slot, c->side)) {
        if (c->gap && s->mode == SIDE_UNKNOWN && s->first.len) {
            /* The beginning stays unknown; what follows the hole begins anew. */
            struct chunk before = *c;

            before.end = false;
            if (raw_from_first(i, slot, &before, (struct bytes){0}) == APPETITE_ENOUGH)
                return APPETITE_ENOUGH;
            window_drop(&s->raw);
            s->mode = talk_of(&slot->talks, c->side)->known ? SIDE_PARSED : SIDE_UNKNOWN;
        }
        if (s->mode == SIDE_UNKNOWN)
            appetite = unknown_chunk(i, slot, c);
        else if (s->mode == SIDE_PARSED)
            appetite = feed(i, slot, c, c->data, c->gap, c->end);
        else
            appetite = raw_chunk(i, slot, c);
    }
    if (is_encrypted(slot, c->side)) {
        count_add(COUNT_INSPECT_TLS_BYTES, c->data.len);
        flow_set_unread(c->flow, c->side, COUNT_INSPECT_TLS_BYTES);
        return side_done(s);
    }
    return appetite;
}

/* Every datagram stands for itself: no depth, and no memory of what the last one was but the parser's own. */
static void datagram(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct hand_over next = {0}; /* no datagram changes the protocol */
    struct inspecting in = {.config = i->config, .fn = i->fn, .arg = i->arg, .chunk = c, .next = &next};
    struct talk *talk = talk_of(&slot->talks, c->side);
    struct field f = {.kind = FIELD_RAW, .chunk = c};
    struct window whole = {0};
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
    f.app_proto = app_proto(slot, c->side);
    window_give(&whole, &f, bytes_from(c->data, used), true, i->fn, i->arg);
    window_drop(&whole);
}

/* Says once what the client speaks: a protocol that is known, TLS, or none of those. Correlation waits for it
 * where a callback is due: of a hidden one it is all that will ever be seen. */
static void tell_words(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    unsigned client = c->flow->client;
    struct field f = {.kind = FIELD_RECORD, .chunk = c, .app_proto = app_proto(slot, client), .words = true};

    if (!c->flow->client_known || (slot->side[client].raw_given == 0 && strcmp(f.app_proto, "failed") == 0))
        return;
    slot->words_told = true;
    (void)i->fn(i->arg, &f);
}

/* Another version of some bytes, with what stands around them: text of its own, which no parser sees and
 * which disturbs no window. */
static enum appetite alternative(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct field f = {.kind = FIELD_RAW, .chunk = c, .app_proto = app_proto(slot, c->side)};
    struct window whole = {0};

    if (i->config->raw && slot->side[c->side].mode != SIDE_DONE && !is_encrypted(slot, c->side)) {
        window_give(&whole, &f, c->data, true, i->fn, i->arg);
        window_drop(&whole);
    }
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
        f->app_proto = app_proto(slot, f->client);
    talks_drop(&slot->talks);
    for (unsigned side = 0; side < 2; side++)
        (void)side_done(&slot->side[side]);
    free(slot);
    f->inspect_slot = NULL;
}

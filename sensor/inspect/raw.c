/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/slot.h"

#include "base/count.h"
#include "inspect/hold.h"

static bool is_ssh(const struct slot *slot)
{
    return slot->side[0].ssh.state == SSH_ENCRYPTED && slot->side[1].ssh.state == SSH_ENCRYPTED;
}

enum counter slot_encrypted_count(const struct slot *slot)
{
    return is_ssh(slot) ? COUNT_INSPECT_SSH_BYTES : COUNT_INSPECT_TLS_BYTES;
}

bool slot_is_encrypted(const struct slot *slot, unsigned side)
{
    if (is_ssh(slot))
        return true;
    return is_yes(slot->side[0].hello) && is_yes(slot->side[1].hello) &&
           slot->side[0].hello != slot->side[1].hello && slot->side[side].tls_state == TLS_ENCRYPTED;
}

static void tls_end(struct side *s, enum tls_state state)
{
    tls_side_free(s->tls);
    s->tls = NULL;
    s->tls_state = (uint8_t)state;
}

void slot_note_hello(struct slot *slot, const struct chunk *c, struct bytes data)
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

const char *slot_app_proto(struct slot *slot, unsigned side)
{
    const char *name = talks_name(&slot->talks, side);

    if (name)
        return name;
    return (is_yes(slot->side[0].hello) || is_yes(slot->side[1].hello)) ? "tls" : "failed";
}

enum appetite side_done(struct side *s)
{
    hold_drop(&s->first);
    window_drop(&s->raw);
    packed_drop(&s->packed);
    tls_side_free(s->tls);
    s->tls = NULL;
    s->mode = SIDE_DONE;
    return APPETITE_ENOUGH;
}

size_t renumber_give(void *arg, const struct field *f)
{
    const struct renumber *r = arg;
    struct field later = *f;

    later.message += r->first_message;
    return r->i->fn(r->i->arg, &later);
}

static struct field raw_field(struct slot *slot, const struct chunk *c)
{
    return (struct field){.kind = FIELD_RAW,
                          .chunk = c,
                          .app_proto = slot_app_proto(slot, c->side),
                          .message = talk_of(&slot->talks, c->side)->first_message};
}

/* Gives text to the raw window of its direction, as deep as the settings say. */
static enum appetite give_window(struct inspect *i, struct slot *slot, const struct chunk *c,
                                 struct bytes text, bool last)
{
    struct side *s = &slot->side[c->side];
    struct field f = raw_field(slot, c);
    struct bytes piece = bytes_slice(text, 0, raw_room(i->config, s->raw_given, text.len));

    s->mode = SIDE_RAW;
    slot->raw_seen |= text.len > 0;
    if (i->config->raw) {
        bool enough = last || piece.len < text.len;

        /* Unpacked first: what a compressed text shows of itself in clear may be half of it. */
        f.at = s->raw.given;
        packed_feed(&s->packed, i->config, &f, piece, enough, i->fn, i->arg);
        window_give(&s->raw, &f, piece, enough, i->fn, i->arg);
    }
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
                            .wants = i->wants,
                            .fn = renumber_give,
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
    if (slot_is_encrypted(slot, c->side))
        text = bytes_slice(text, 0, clear);
    if (give_waiting(i, slot, c) == APPETITE_ENOUGH)
        return APPETITE_ENOUGH;
    return give_window(i, slot, c, text, last);
}

enum appetite raw_give(struct inspect *i, struct slot *slot, const struct chunk *c, struct bytes text,
                       bool last)
{
    struct side *o = &slot->side[!c->side];
    struct chunk others = *c;
    size_t clear;

    if (slot->side[c->side].tls)
        return give_tls(i, slot, c, text, last);
    clear = ssh_side_feed(&slot->side[c->side].ssh, text);
    if (is_ssh(slot))
        text = bytes_slice(text, 0, clear);
    if (text.len && o->tls && o->first.len && !is_yes(slot->side[c->side].hello)) {
        others.side = !c->side;
        (void)give_waiting(i, slot, &others);
    }
    return give_window(i, slot, c, text, last);
}

void raw_gap(struct inspect *i, struct slot *slot, const struct chunk *c)
{
    struct side *s = &slot->side[c->side];
    struct field f = raw_field(slot, c);

    (void)give_waiting(i, slot, c);
    window_drop(&s->raw);
    ssh_side_gap(&s->ssh);
    packed_feed(&s->packed, i->config, &f, (struct bytes){NULL, 0}, true, i->fn, i->arg);
    if (s->tls) /* what comes after the hole is most likely the rest of a handshake, and then no more */
        tls_end(s, TLS_ENCRYPTED);
}

void raw_give_apart(struct inspect *i, struct slot *slot, const struct chunk *c, struct bytes text)
{
    struct field f = {.kind = FIELD_RAW, .chunk = c, .app_proto = slot_app_proto(slot, c->side)};
    struct window whole = {0};

    packed_whole(i->config, &f, text, i->fn, i->arg);
    window_give(&whole, &f, text, true, i->fn, i->arg);
    window_drop(&whole);
}

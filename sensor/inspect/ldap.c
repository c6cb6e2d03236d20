/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_message.h"

#include "base/count.h"
#include "inspect/hold.h"
#include "inspect/ldap_long.h"
#include "inspect/window.h"

/* LDAP over TCP (RFC 4511): framing and recognition. What a message means is told in ldap_message.c. */

#define PDU_SANE (16u * 1024 * 1024) /* recognition: no server and no client in use accepts more */
#define JUNK_MAX 64                  /* bytes before a PDU that the JDK's client would step over, too */
#define HEAD_MAX 40                  /* a longest possible head: two headers, message id, operation header */

struct ldap {
    struct buf held[2];       /* by direction: [0] from the client */
    struct buf junk;          /* a hold: from the server, what may yet be a PDU's head behind it */
    struct ldap_long *longer; /* a PDU of the server's that is too long to hold; NULL for none */
    struct window raw;        /* its bytes as they are */
    struct ldap_talk talk;
};

/* SEQUENCE { messageID INTEGER, protocolOp, ... }: what can be said of the first bytes. */
struct pdu_head {
    enum ber_result result;
    size_t size; /* of the whole PDU; 0 when not known yet */
    uint8_t op;
};

static struct pdu_head head_read(struct bytes start)
{
    struct cursor c = cursor_over(start);
    struct pdu_head h = {.result = BER_BAD};
    size_t len, id_len, op_len, head_len;
    uint8_t tag;

    if (start.len && start.p[0] != 0x30)
        return h;
    h.result = ber_head(&c, &tag, &len);
    if (h.result != BER_OK)
        return h;
    head_len = start.len - cursor_left(&c);
    h.size = head_len + len;
    h.result = ber_head(&c, &tag, &id_len);
    /* messageID fits 31 bits; long forms of it and a leading zero still fit 8 bytes. */
    if (h.result == BER_BAD || (start.len > head_len && tag != 0x02) ||
        (h.result == BER_OK && (id_len == 0 || id_len > 8)))
        goto bad;
    cursor_skip(&c, id_len);
    if (cursor_left(&c))
        h.op = *c.p;
    if (h.result == BER_OK && cursor_ok(&c) && cursor_left(&c)) {
        h.result = ber_head(&c, &tag, &op_len);
        if (h.result == BER_BAD || ldap_op_kind(h.op) == LDAP_OP_UNKNOWN)
            goto bad;
        /* Of an answer no JDK looks at it. */
        if (h.result == BER_OK && start.len - cursor_left(&c) + op_len > h.size &&
            ldap_op_kind(h.op) == LDAP_OP_REQUEST)
            goto bad;
    } else if (h.result == BER_OK) {
        h.result = BER_SHORT;
    }
    return h;
bad:
    h.result = BER_BAD;
    return h;
}

static enum recognition ldap_recognise(struct bytes first, uint8_t proto, bool whole)
{
    struct pdu_head h = head_read(first);

    if (proto != PROTO_TCP || h.result == BER_BAD || h.size > PDU_SANE)
        return RECOGNISE_NO;
    if (h.result == BER_SHORT)
        return whole || first.len > HEAD_MAX ? RECOGNISE_NO : RECOGNISE_MORE;
    return ldap_op_kind(h.op) == LDAP_OP_REQUEST ? RECOGNISE_REQUEST : RECOGNISE_RESPONSE;
}

/* Framing looks at the outer header only: whatever is inside, the next PDU begins behind it. */
static size_t pdu_size(struct bytes start)
{
    struct cursor c = cursor_over(start);
    uint8_t tag;
    size_t len;
    enum ber_result r;

    if (start.len == 0)
        return 0;
    if (start.p[0] != 0x30)
        return HOLD_NONSENSE;
    r = ber_head(&c, &tag, &len);
    if (r == BER_SHORT)
        return 0;
    return r == BER_BAD ? HOLD_NONSENSE : start.len - cursor_left(&c) + len;
}

/* Bytes that are no message, or too many for one, as they come. */
static void give_stream(struct ldap *l, const struct inspecting *in, struct bytes piece, bool last)
{
    struct field f = {
        .kind = FIELD_RAW, .chunk = in->chunk, .app_proto = "ldap", .message = ldap_talk_number(&l->talk)};

    if (piece.len || (last && l->raw.started))
        window_give(&l->raw, &f, piece, last, in->fn, in->arg);
}

/* What stands in front of a PDU. */
enum junk {
    JUNK_OVER,    /* a PDU begins: in what is held of it, and *rest */
    JUNK_WAIT,    /* all of *rest is taken */
    JUNK_GOES_ON, /* a part of it is done with */
    JUNK_ENDLESS, /* none begins near enough, or memory is short: what is held, and *rest, are no LDAP */
};

/* The JDK's reader drops bytes until one is 0x30, so a hostile server may put junk before an answer. It is
 * stepped over, and watched raw: in one piece whatever its segments, so that no text in it is cut. For the
 * same reason a '0' in a text is not enough for a head, nor is one at the end of what has come. */
static enum junk step_over_junk(const struct inspecting *in, struct ldap *l, struct buf *held,
                                struct bytes *rest)
{
    size_t before = l->junk.len, at = 0;
    struct bytes all = *rest, piece = bytes_slice(all, 0, JUNK_MAX + HEAD_MAX - before), text;
    struct pdu_head head = {.result = BER_BAD};

    if (!hold_add(&l->junk, JUNK_MAX + HEAD_MAX, piece))
        return JUNK_ENDLESS;
    *rest = bytes_from(all, piece.len);
    text = buf_bytes(&l->junk);
    while (at < text.len && at < JUNK_MAX &&
           (head = head_read(bytes_slice(text, at, at + HEAD_MAX))).result == BER_BAD)
        at++;
    if (at == JUNK_MAX && ldap_talk_waits(&l->talk)) { /* for a JDK, which steps over any amount */
        give_stream(l, in, bytes_slice(text, 0, at), false);
        hold_cut_front(&l->junk, at);
        return JUNK_GOES_ON;
    }
    if (at == JUNK_MAX)
        return JUNK_ENDLESS;
    if (at == text.len || (head.result == BER_SHORT && text.len - at < HEAD_MAX))
        return JUNK_WAIT;
    if (at < before && !hold_add(held, in->config->ldap_max_pdu, bytes_slice(text, at, before)))
        return JUNK_ENDLESS;
    *rest = bytes_from(all, at > before ? at - before : 0);
    if (l->raw.started)
        give_stream(l, in, bytes_slice(text, 0, at), true);
    else
        inspecting_give_raw(in, "ldap", ldap_talk_number(&l->talk), bytes_slice(text, 0, at));
    hold_drop(&l->junk);
    return JUNK_OVER;
}

/* An indefinite length is none, and the JDK takes such a head for an empty message that it cannot read. */
static bool skip_indefinite(struct ldap *l, struct buf *held, struct bytes *rest)
{
    struct bytes first = held->len ? buf_bytes(held) : bytes_slice(*rest, 0, 1);
    size_t n = first.len;

    if (!ldap_talk_waits(&l->talk) || first.p[0] != 0x30 || held->len + rest->len < 2 ||
        (n > 1 ? first.p[1] : rest->p[held->len ? 0 : 1]) != 0x80 ||
        !hold_add(&l->junk, JUNK_MAX + HEAD_MAX, first))
        return false;
    *rest = bytes_from(*rest, held->len ? 0 : n);
    hold_drop(held);
    return true;
}

/* A TLS record: StartTLS was agreed, nothing is in clear any more. */
static bool is_tls(struct bytes b)
{
    return b.len > 1 && b.p[0] == 0x16 && b.p[1] == 0x03;
}

/* What is held goes in front of what the raw window gets. */
static enum progress give_up(struct buf *held, const struct inspecting *in)
{
    in->next->before = *held;
    *held = (struct buf){0};
    count(COUNT_LDAP_MALFORMED);
    return PROGRESS_GIVE_UP;
}

/* A client reads a long answer to its end. What is cut away of it is watched raw, as all of it is. */
static void long_over(struct ldap *l, const struct inspecting *in)
{
    struct bytes pdu = ldap_long_message(l->longer);

    if (ldap_long_lacks(l->longer))
        ldap_talk_missed(&l->talk);
    l->talk.given_raw = true;
    l->talk.cut_from = ldap_long_cut_from(l->longer);
    ldap_message(&l->talk, in, pdu);
    l->talk.given_raw = false;
    l->talk.cut_from = 0;
    ldap_long_free(l->longer);
    l->longer = NULL;
}

/* The next bytes of it. */
static enum progress long_feed(struct ldap *l, const struct inspecting *in, struct bytes *rest)
{
    struct bytes all = *rest;
    enum ldap_long_state state = ldap_long_take(l->longer, rest);

    give_stream(l, in, bytes_slice(all, 0, all.len - rest->len), state != LDAP_LONG_MORE);
    if (state != LDAP_LONG_MORE)
        long_over(l, in);
    if (state != LDAP_LONG_BAD)
        return PROGRESS_MORE;
    count(COUNT_LDAP_MALFORMED);
    return PROGRESS_GIVE_UP;
}

/* What is held of a PDU begins one that is too long; what follows goes on with it. */
static enum progress long_begin(struct ldap *l, const struct inspecting *in, struct buf *held)
{
    struct bytes first = buf_bytes(held);
    enum progress progress = PROGRESS_MORE;

    if (in->from_client || !(l->longer = ldap_long_new(in->config->ldap_max_pdu)))
        return give_up(held, in);
    count(COUNT_LDAP_LONG);
    if (first.len)
        progress = long_feed(l, in, &first);
    inspecting_give_raw(in, "ldap", ldap_talk_number(&l->talk), first); /* what is no message of it */
    hold_drop(held);
    return progress;
}

static enum progress feed_pdus(struct ldap *l, const struct inspecting *in, struct buf *held,
                               struct bytes *rest)
{
    bool to_client = !in->from_client;

    for (;;) {
        struct bytes pdu;
        enum progress progress;

        if (to_client && l->longer) {
            progress = long_feed(l, in, rest);
            if (progress != PROGRESS_MORE || l->longer)
                return progress;
        }
        if (to_client && !held->len && (l->junk.len || (rest->len && rest->p[0] != 0x30 && !is_tls(*rest)))) {
            enum junk junk = step_over_junk(in, l, held, rest);

            if (junk == JUNK_GOES_ON)
                continue;
            if (junk != JUNK_OVER)
                return junk == JUNK_WAIT ? PROGRESS_MORE : give_up(&l->junk, in);
        }
        switch (hold_next(held, in->config->ldap_max_pdu, pdu_size, rest, &pdu)) {
        case HOLD_MESSAGE:
            ldap_message(&l->talk, in, pdu);
            hold_drop(held);
            break;
        case HOLD_WAIT:
            return PROGRESS_MORE;
        case HOLD_BAD:
            if (!held->len && is_tls(*rest))
                return PROGRESS_RAW;
            if (to_client && skip_indefinite(l, held, rest))
                break;
            return give_up(held, in);
        case HOLD_TOO_LONG:
            progress = long_begin(l, in, held);
            if (progress != PROGRESS_MORE)
                return progress;
            break;
        }
    }
}

/* What will not become a PDU any more. */
static void give_held(struct ldap *l, const struct inspecting *in)
{
    if (!in->from_client && l->longer) {
        give_stream(l, in, (struct bytes){NULL, 0}, true);
        long_over(l, in);
    }
    if (!in->from_client && l->raw.started) {
        give_stream(l, in, buf_bytes(&l->junk), true);
        hold_drop(&l->junk);
    }
    struct buf *held[] = {&l->held[in->from_client ? 0 : 1], &l->junk};

    for (unsigned i = 0; i < (in->from_client ? 1 : 2); i++) {
        inspecting_give_raw(in, "ldap", ldap_talk_number(&l->talk), buf_bytes(held[i]));
        hold_drop(held[i]);
    }
}

static enum progress ldap_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                               bool last, size_t *used)
{
    struct ldap *l = state;
    struct buf *held = &l->held[in->from_client ? 0 : 1];
    struct bytes rest = data;
    enum progress progress;

    *used = 0;
    if (gap && !in->from_client)
        ldap_talk_missed(&l->talk);
    if (gap && in->from_client)
        l->talk.last_id = 0; /* whatever comes next follows something unseen */
    if (gap) /* The PDU will never be whole. PDUs mostly begin where a segment does: go on as if one did. */
        give_held(l, in);
    progress = feed_pdus(l, in, held, &rest);
    if (progress == PROGRESS_GIVE_UP && !in->from_client)
        ldap_talk_missed(&l->talk);
    *used = data.len - rest.len;
    if (last)
        give_held(l, in);
    if (last && in->from_client)
        ldap_talk_end(&l->talk, in);
    return progress;
}

static void ldap_free_state(void *state)
{
    struct ldap *l = state;

    for (unsigned i = 0; i < 2; i++)
        hold_drop(&l->held[i]);
    hold_drop(&l->junk);
    ldap_long_free(l->longer);
    window_drop(&l->raw);
}

const struct inspector ldap_inspector = {
    .name = "ldap",
    .recognise = ldap_recognise,
    .state_size = sizeof(struct ldap),
    .feed = ldap_feed,
    .free_state = ldap_free_state,
};

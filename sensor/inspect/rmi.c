/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/rmi_message.h"

#include "base/count.h"
#include "base/cursor.h"
#include "inspect/hold.h"
#include "inspect/rmi_ref.h"

/* JRMP over TCP (Java Remote Method Invocation Specification, chapter 10): recognition and framing. What a
 * call or a return means is told in rmi_message.c.
 *
 *  client   JRMI version protocol        endpoint   50 call    52   54 uid
 *  server                         4e endpoint        51 return  53
 *
 * Calls and returns are serialization streams without a length. One ends where a walk over it says so, or at
 * the latest when the other side speaks. */

enum {
    JRMP_CALL = 0x50,
    JRMP_RETURN = 0x51,
    JRMP_PING = 0x52,
    JRMP_PING_ACK = 0x53,
    JRMP_DGC_ACK = 0x54,
    JRMP_PROTOCOL_ACK = 0x4e,
    JRMP_NOT_SUPPORTED = 0x4f,
};
enum { JRMP_STREAM = 0x4b, JRMP_SINGLE_OP = 0x4c, JRMP_MULTIPLEX = 0x4d };

#define HEADER_LEN  7 /* "JRMI", version, protocol */
#define DGC_ACK_LEN 15

/* Each piece of a message costs another walk over it; beyond this multiple of its length (and a flat sum) the
 * walk waits for the end. */
#define WALKS_PER_BYTE 8
#define WALKS_FREE     65536

struct rmi_side {
    struct buf held;
    uint64_t walked;        /* bytes walked for the message that is held */
    uint64_t ts_us, packet; /* of the last bytes of this side */
    uint8_t side;           /* of the flow */
    bool endpoint_next;     /* the client's endpoint follows its header */
};

struct rmi {
    struct rmi_side from_client, from_server;
    struct rmi_talk talk;
};

static enum recognition known_until(struct bytes first, const char *magic, size_t len, enum recognition yes)
{
    struct bytes want = bytes_of(magic, len);

    if (first.len >= len)
        return bytes_starts(first, want) ? yes : RECOGNISE_NO;
    return bytes_starts(want, first) ? RECOGNISE_MORE : RECOGNISE_NO;
}

/* op, stream magic and version, block data (short or long form), before which there may be resets. */
static enum recognition recognise_object(struct bytes first, enum recognition yes)
{
    struct bytes stream = bytes_from(first, 1);
    enum recognition r = known_until(stream, "\xac\xed\x00\x05", 4, yes);
    size_t at = 4;

    if (r != yes)
        return r;
    while (at < stream.len && stream.p[at] == 0x79)
        at++;
    if (at >= stream.len)
        return RECOGNISE_MORE;
    return stream.p[at] == 0x77 || stream.p[at] == 0x7a ? yes : RECOGNISE_NO;
}

/* 0 = more bytes needed, SIZE_MAX = no endpoint. */
static size_t endpoint_size(struct bytes b)
{
    struct rmi_ref ref;

    return rmi_endpoint_read(b, &ref);
}

/* Of an acknowledgement where one is due: whatever host and port it names, the JDK does not look at them. */
static size_t ack_size(struct bytes text)
{
    struct cursor c = cursor_over(text);

    cursor_skip(&c, 1);
    cursor_skip(&c, cursor_u16be(&c));
    cursor_skip(&c, 4);
    return cursor_ok(&c) ? text.len - cursor_left(&c) : 0;
}

static enum recognition recognise_ack(struct bytes first)
{
    size_t n = endpoint_size(bytes_from(first, 1));

    if (n == SIZE_MAX)
        return RECOGNISE_NO;
    return n ? RECOGNISE_RESPONSE : RECOGNISE_MORE;
}

static enum recognition recognise_header(struct bytes first)
{
    enum recognition r = known_until(first, "JRMI", 4, RECOGNISE_REQUEST);

    if (r != RECOGNISE_REQUEST)
        return r;
    if (first.len < HEADER_LEN)
        return RECOGNISE_MORE;
    return first.p[6] >= JRMP_STREAM && first.p[6] <= JRMP_MULTIPLEX ? RECOGNISE_REQUEST : RECOGNISE_NO;
}

/* Connections are kept and used again, and a capture may begin in one: a ping or an acknowledgement then
 * comes first, and only the call or return behind it is proof. */
static enum recognition recognise_from(struct bytes first, unsigned depth)
{
    if (first.len == 0 || depth > 4)
        return depth > 4 ? RECOGNISE_NO : RECOGNISE_MORE;
    switch (first.p[0]) {
    case 'J':
        return depth ? RECOGNISE_NO : recognise_header(first);
    case JRMP_CALL:
        return recognise_object(first, RECOGNISE_REQUEST);
    case JRMP_RETURN:
        return recognise_object(first, RECOGNISE_RESPONSE);
    case JRMP_PROTOCOL_ACK:
        return depth ? RECOGNISE_NO : recognise_ack(first);
    case JRMP_PING:
    case JRMP_PING_ACK:
        return recognise_from(bytes_from(first, 1), depth + 1);
    case JRMP_DGC_ACK:
        if (first.len < DGC_ACK_LEN)
            return RECOGNISE_MORE;
        return recognise_from(bytes_from(first, DGC_ACK_LEN), depth + 1);
    default:
        return RECOGNISE_NO;
    }
}

static enum recognition rmi_recognise(struct bytes first, uint8_t proto, bool whole)
{
    enum recognition r;

    if (proto != PROTO_TCP)
        return RECOGNISE_NO;
    r = recognise_from(first, 0);
    return whole && r == RECOGNISE_MORE ? RECOGNISE_NO : r;
}

/* Gives what is known of the first n bytes held. They were sent by s, whoever speaks now. */
static void judge(struct rmi *r, const struct rmi_side *s, const struct inspecting *in, struct bytes message)
{
    struct chunk chunk = {
        .flow = in->chunk->flow, .side = s->side, .data = message, .ts_us = s->ts_us, .packet = s->packet};
    struct inspecting as_sent = *in;

    as_sent.chunk = &chunk;
    as_sent.from_client = s == &r->from_client;
    rmi_message(&r->talk, &as_sent, message);
}

/* The other side speaks, or nobody will: what is held of s is all there will be of its message. */
static void judge_held(struct rmi *r, struct rmi_side *s, const struct inspecting *in)
{
    if (s->held.len)
        judge(r, s, in, buf_bytes(&s->held));
    hold_drop(&s->held);
    s->walked = 0;
}

/* Size of the message at the front of text; 0 = not known yet; SIZE_MAX = none begins so. */
static size_t message_size(struct rmi_side *s, struct bytes text, bool from_client)
{
    if (text.len == 0)
        return 0;
    if (s->endpoint_next)
        return endpoint_size(text);
    switch (text.p[0]) {
    case 'J':
        if (!from_client || recognise_header(text) == RECOGNISE_NO)
            return SIZE_MAX;
        return text.len >= HEADER_LEN ? HEADER_LEN : 0;
    case JRMP_PROTOCOL_ACK:
        return from_client ? SIZE_MAX : ack_size(text);
    case JRMP_NOT_SUPPORTED:
    case JRMP_PING:
    case JRMP_PING_ACK:
        return 1;
    case JRMP_DGC_ACK:
        return text.len >= DGC_ACK_LEN ? DGC_ACK_LEN : 0;
    case JRMP_CALL:
    case JRMP_RETURN:
        if (s->walked + text.len > WALKS_FREE + WALKS_PER_BYTE * text.len)
            return 0;
        s->walked += text.len;
        if (recognise_object(text, RECOGNISE_REQUEST) == RECOGNISE_NO)
            return SIZE_MAX;
        return rmi_object_size(text);
    default:
        return SIZE_MAX;
    }
}

/* Judges the whole messages in text. Returns how many bytes that were; *bad when no message follows them. */
static size_t judge_whole(struct rmi *r, struct rmi_side *s, const struct inspecting *in, struct bytes text,
                          bool *bad)
{
    size_t done = 0;

    for (;;) {
        struct bytes rest = bytes_from(text, done);
        size_t size = message_size(s, rest, in->from_client);

        *bad = size == SIZE_MAX;
        if (*bad || size == 0)
            return done;
        s->endpoint_next = rest.p[0] == 'J' && size == HEADER_LEN && rest.p[6] == JRMP_STREAM &&
                           in->from_client && !s->endpoint_next;
        s->walked = 0;
        judge(r, s, in, bytes_slice(rest, 0, size));
        done += size;
    }
}

static enum progress give_up(struct rmi_side *s, size_t *used, size_t at)
{
    hold_drop(&s->held);
    s->walked = 0;
    s->endpoint_next = false;
    *used = at;
    count(COUNT_RMI_MALFORMED);
    return PROGRESS_GIVE_UP;
}

/* Nothing is held: messages are read where they lie, and only what is not whole is kept. */
static enum progress feed_fresh(struct rmi *r, struct rmi_side *s, const struct inspecting *in,
                                struct bytes data, size_t *used)
{
    bool bad;
    size_t done = judge_whole(r, s, in, data, &bad);
    struct bytes rest = bytes_from(data, done);

    if (bad)
        return give_up(s, used, done);
    if (!hold_add(&s->held, in->config->rmi_max_object, rest)) {
        /* Too long to keep: say what the beginning says, leave the rest to the raw window. */
        judge(r, s, in, rest);
        return give_up(s, used, done);
    }
    return PROGRESS_MORE;
}

static enum progress feed_held(struct rmi *r, struct rmi_side *s, const struct inspecting *in,
                               struct bytes data, size_t *used)
{
    size_t before = s->held.len, done;
    bool bad;

    if (!hold_add(&s->held, in->config->rmi_max_object, data)) {
        judge_held(r, s, in);
        return give_up(s, used, 0);
    }
    done = judge_whole(r, s, in, buf_bytes(&s->held), &bad);
    if (!bad) {
        hold_cut_front(&s->held, done);
        return PROGRESS_MORE;
    }
    if (done < before) {
        /* What was held before began no message after all. */
        inspecting_give_raw(in, "rmi", 0, bytes_from(buf_bytes(&s->held), done));
        done = before + data.len;
    }
    return give_up(s, used, done - before);
}

static enum progress rmi_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                              bool last, size_t *used)
{
    struct rmi *r = state;
    struct rmi_side *mine = in->from_client ? &r->from_client : &r->from_server;
    struct rmi_side *other = in->from_client ? &r->from_server : &r->from_client;
    enum progress progress = PROGRESS_MORE;

    *used = 0;
    if (gap)
        judge_held(r, mine, in);
    if (data.len) {
        judge_held(r, other, in);
        mine->ts_us = in->chunk->ts_us;
        mine->packet = in->chunk->packet;
        mine->side = (uint8_t)in->chunk->side;
        progress = mine->held.len ? feed_held(r, mine, in, data, used) : feed_fresh(r, mine, in, data, used);
    }
    if (last)
        judge_held(r, mine, in);
    if (last && in->from_client)
        rmi_talk_end(&r->talk, in);
    return progress;
}

static void rmi_free_state(void *state)
{
    struct rmi *r = state;

    hold_drop(&r->from_client.held);
    hold_drop(&r->from_server.held);
}

const struct inspector rmi_inspector = {
    .name = "rmi",
    .recognise = rmi_recognise,
    .state_size = sizeof(struct rmi),
    .feed = rmi_feed,
    .free_state = rmi_free_state,
};

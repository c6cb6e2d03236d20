/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "base/cursor.h"
#include "inspect/giop_message.h"
#include "inspect/hold.h"

/* GIOP over TCP, IIOP (OMG formal/2011-11-02, section 9.4.1): recognition, framing, fragments.
 *
 *    "GIOP" | major 1 | minor | flags: 1 little endian, 2 more fragments | type | size | body */

enum { FLAG_LITTLE = 1, FLAG_MORE = 2 };

#define FRAGMENT_ID 4 /* since 1.2 a fragment begins with the number of its request */

struct giop_side {
    struct buf held;
    struct buf parts; /* a message whose fragments have not all come */
};

struct giop {
    struct giop_side side[2]; /* [0] from the client */
    struct giop_talk talk;
};

static enum recognition giop_recognise(struct bytes first, uint8_t proto, bool whole)
{
    struct bytes magic = BYTES_LIT("GIOP\x01");

    if (proto != PROTO_TCP)
        return RECOGNISE_NO;
    if (first.len < 8)
        return !whole && bytes_starts(magic, bytes_slice(first, 0, magic.len)) &&
                       (first.len < 6 || first.p[5] <= 3)
                   ? RECOGNISE_MORE
                   : RECOGNISE_NO;
    if (!bytes_starts(first, magic) || first.p[5] > 3 || first.p[7] >= GIOP_TYPE_N)
        return RECOGNISE_NO;
    return first.p[7] == GIOP_REPLY || first.p[7] == GIOP_LOCATE_REPLY ? RECOGNISE_RESPONSE
                                                                       : RECOGNISE_REQUEST;
}

static size_t message_size(struct bytes start)
{
    struct bytes magic = BYTES_LIT("GIOP\x01");
    struct cursor c = cursor_over(start);
    uint8_t flags;
    uint32_t size;

    if (!bytes_starts(start.len < magic.len ? magic : start, start.len < magic.len ? start : magic))
        return HOLD_NONSENSE;
    cursor_skip(&c, 6);
    flags = cursor_u8(&c);
    cursor_skip(&c, 1);
    size = cursor_u32be(&c);
    if (!cursor_ok(&c))
        return 0;
    return (size_t)GIOP_HEADER + (flags & FLAG_LITTLE ? __builtin_bswap32(size) : size);
}

/* What came of a message whose end will not come. */
static void give_parts(struct giop *g, const struct inspecting *in, struct giop_side *s)
{
    if (s->parts.len)
        giop_message(&g->talk, in, buf_bytes(&s->parts));
    hold_drop(&s->parts);
}

/* Joins fragments. A message that is too long for that is read as far as it came, the rest given raw. */
static void on_message(struct giop *g, const struct inspecting *in, struct giop_side *s, struct bytes message)
{
    bool fragment = message.p[7] == GIOP_FRAGMENT, more = message.p[6] & FLAG_MORE;
    size_t skip = GIOP_HEADER + (message.p[5] >= 2 ? FRAGMENT_ID : 0);

    if (!fragment)
        give_parts(g, in, s);
    if (!fragment && !more) {
        giop_message(&g->talk, in, message);
        return;
    }
    if (fragment && s->parts.len == 0) {
        inspecting_give_raw(in, "giop", 0, message);
        return;
    }
    if (!hold_add(&s->parts, in->config->giop_max_message, fragment ? bytes_from(message, skip) : message)) {
        give_parts(g, in, s);
        inspecting_give_raw(in, "giop", 0, message);
    } else if (!more) {
        give_parts(g, in, s);
    }
}

static enum progress give_up(struct giop *g, const struct inspecting *in, struct giop_side *s)
{
    give_parts(g, in, s);
    inspecting_give_raw(in, "giop", 0, buf_bytes(&s->held));
    hold_drop(&s->held);
    count(COUNT_GIOP_MALFORMED);
    return PROGRESS_GIVE_UP;
}

static enum progress giop_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                               bool last, size_t *used)
{
    struct giop *g = state;
    struct giop_side *s = &g->side[in->from_client ? 0 : 1];
    struct bytes rest = data, message;
    enum progress progress = PROGRESS_MORE;
    enum hold_next next = HOLD_WAIT;

    if (gap) {
        give_parts(g, in, s);
        inspecting_give_raw(in, "giop", 0, buf_bytes(&s->held));
        hold_drop(&s->held);
    }
    while ((next = hold_next(&s->held, in->config->giop_max_message, message_size, &rest, &message)) ==
           HOLD_MESSAGE) {
        on_message(g, in, s, message);
        hold_drop(&s->held);
    }
    if (next != HOLD_WAIT)
        progress = give_up(g, in, s);
    *used = data.len - rest.len;
    if (last) {
        give_parts(g, in, s);
        inspecting_give_raw(in, "giop", 0, buf_bytes(&s->held));
        hold_drop(&s->held);
    }
    return progress;
}

static void giop_free_state(void *state)
{
    struct giop *g = state;

    for (unsigned i = 0; i < 2; i++) {
        hold_drop(&g->side[i].held);
        hold_drop(&g->side[i].parts);
    }
}

const struct inspector giop_inspector = {
    .name = "giop",
    .recognise = giop_recognise,
    .state_size = sizeof(struct giop),
    .feed = giop_feed,
    .free_state = giop_free_state,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "config/config.h"
#include "inspect/http_tx.h"
#include "inspect/websocket_frame.h"
#include "inspect/websocket_inflate.h"
#include "inspect/window.h"

/* WebSocket (RFC 6455), behind the upgrade that HTTP has read, or picked up midstream. */

enum place {
    AT_HEAD,
    IN_PAYLOAD,
    OPAQUE, /* no more parsing: raw bytes only */
};

#define CONTROL_MAX 125

/* A receiver closes the connection at the first of them (RFC 7692 7.2.2): who goes on sends no compression.
 */
#define BAD_MAX 16

struct side {
    uint8_t place;
    uint8_t n_got, got[WEBSOCKET_HEAD_MAX]; /* of a frame's head */
    struct websocket_frame frame;           /* at hand */
    uint64_t at;                            /* bytes of its payload that are taken */
    bool open;                              /* a message has begun and not ended */
    bool compressed;                        /* ... it says */
    bool muted;                             /* ... and has reached a ceiling */
    bool begun, midstream;
    uint8_t n_bad;  /* messages that were called compressed and were not */
    uint8_t coding; /* enum field_coding, by the first byte */
    uint64_t number;
    struct websocket_inflate inflate;
    struct window text, raw;
    uint64_t raw_len;
    uint8_t n_control, control[CONTROL_MAX]; /* payload of a control frame */
};

struct websocket {
    struct side side[2]; /* client, server */
    struct http_tx *tx;  /* the request that asked for it, or NULL */
    uint64_t n_messages;
};

struct feeding {
    struct websocket *w;
    struct side *s;
    const struct inspecting *in;
    struct bytes data;
    size_t at;
    size_t gathered;
};

/* Empty between two calls of feed, and so one for all flows. */
#define GATHER_MAX 16384
static uint8_t gather[GATHER_MAX];

static struct field field_of(const struct feeding *fd, enum field_kind kind)
{
    return (struct field){.kind = kind,
                          .chunk = fd->in->chunk,
                          .app_proto = "websocket",
                          .message = fd->s->number,
                          .http = fd->w->tx ? &fd->w->tx->view : NULL};
}

/* --- text --- */

/* Most messages are JSON; a receiver undoes its escapes as a matter of course. */
static uint8_t coding_of(struct bytes text)
{
    text = bytes_trim(text);
    return text.len && (text.p[0] == '{' || text.p[0] == '[' || text.p[0] == '"') ? FIELD_JSON : FIELD_PLAIN;
}

static void text_give(struct feeding *fd, bool last)
{
    struct field f = field_of(fd, FIELD_WEBSOCKET_PAYLOAD);
    struct bytes piece = bytes_of(gather, fd->gathered);

    fd->gathered = 0;
    if (piece.len == 0 && !(last && fd->s->text.started))
        return;
    if (!fd->s->text.started)
        fd->s->coding = coding_of(piece);
    f.coding = fd->s->coding;
    f.wire = fd->s->compressed ? fd->s->inflate.n_in + 1 : 0;
    window_give(&fd->s->text, &f, piece, last, fd->in->fn, fd->in->arg);
}

static void text_put(struct feeding *fd, struct bytes piece)
{
    while (piece.len) {
        struct bytes part = bytes_slice(piece, 0, sizeof gather - fd->gathered);

        memcpy(gather + fd->gathered, part.p, part.len);
        fd->gathered += part.len;
        piece = bytes_from(piece, part.len);
        if (fd->gathered == sizeof gather)
            text_give(fd, false);
    }
}

/* --- compressed text --- */

static void inflate_put(struct feeding *fd, struct bytes piece)
{
    const struct config *config = fd->in->config;
    const struct websocket_ceilings ceilings = {config->http_decompress_limit, config->http_decompress_ratio,
                                                config->websocket_memcap};
    struct bytes sent = piece;
    enum websocket_inflated got;

    do {
        size_t n;

        if (fd->gathered == sizeof gather)
            text_give(fd, false);
        got = websocket_inflate(&fd->s->inflate, &ceilings, &piece, gather + fd->gathered,
                                sizeof gather - fd->gathered, &n);
        fd->gathered += n;
    } while (got == WEBSOCKET_INFLATED_ROOM);
    if (got == WEBSOCKET_INFLATED_BOMB) {
        count(COUNT_WEBSOCKET_BOMB);
        fd->s->muted = true;
    } else if (got == WEBSOCKET_INFLATED_BAD) {
        count(COUNT_WEBSOCKET_BAD_CODING);
        fd->s->n_bad++;
        text_give(fd, true);
        fd->s->compressed = false;
        text_put(fd, sent);
    }
}

static void message_put(struct feeding *fd, struct bytes piece)
{
    if (fd->s->muted)
        count_add(COUNT_INSPECT_SKIPPED_BYTES, piece.len);
    else if (fd->s->compressed)
        inflate_put(fd, piece);
    else
        text_put(fd, piece);
}

static void message_begin(struct feeding *fd, bool compressed)
{
    struct side *s = fd->s;

    count(COUNT_WEBSOCKET_MESSAGES);
    s->open = true;
    s->compressed = compressed && s->n_bad < BAD_MAX;
    s->muted = false;
    s->number = fd->w->n_messages++;
    if (s->compressed)
        websocket_inflate_next(&s->inflate);
}

static void message_end(struct feeding *fd, bool whole)
{
    struct side *s = fd->s;

    if (!s->open)
        return;
    if (s->compressed && !s->muted && whole)
        inflate_put(fd, WEBSOCKET_TAIL);
    text_give(fd, true);
    s->open = false;
}

/* --- frames --- */

static bool is_control(const struct side *s)
{
    return s->frame.opcode & 8;
}

/* Pings and reasons for closing are text of their own, between the pieces of a message. */
static void control_give(struct feeding *fd)
{
    struct side *s = fd->s;
    struct field f = field_of(fd, FIELD_WEBSOCKET_PAYLOAD);

    f.value = bytes_of(s->control, s->n_control);
    f.first = f.last = true;
    if (s->n_control)
        (void)fd->in->fn(fd->in->arg, &f);
    s->n_control = 0;
}

static void frame_over(struct feeding *fd)
{
    struct side *s = fd->s;

    s->place = AT_HEAD;
    if (is_control(s))
        control_give(fd);
    else if (s->frame.fin)
        message_end(fd, true);
}

/* False when the head is none, or of a frame that cannot stand here (RFC 6455 5.4). */
static bool frame_begin(struct feeding *fd)
{
    struct side *s = fd->s;

    if (!websocket_frame_read(bytes_of(s->got, s->n_got), &s->frame))
        return false;
    if (!is_control(s)) {
        bool goes_on = s->frame.opcode == WEBSOCKET_CONTINUATION;

        /* Midstream the first piece of a message may have been missed. */
        if (goes_on != s->open && !(goes_on && s->midstream))
            return false;
        if (!s->open)
            message_begin(fd, s->frame.compressed);
    }
    s->midstream &= is_control(s);
    s->n_got = 0;
    s->at = 0;
    s->place = IN_PAYLOAD;
    if (s->frame.len == 0)
        frame_over(fd);
    return true;
}

static bool head_step(struct feeding *fd)
{
    struct side *s = fd->s;

    while (s->n_got < websocket_head_len(bytes_of(s->got, s->n_got)) && fd->at < fd->data.len)
        s->got[s->n_got++] = fd->data.p[fd->at++];
    if (s->n_got < websocket_head_len(bytes_of(s->got, s->n_got)))
        return true;
    return frame_begin(fd);
}

static void payload_step(struct feeding *fd)
{
    uint8_t plain[4096];
    struct side *s = fd->s;
    uint64_t left = s->frame.len - s->at;
    struct bytes piece =
        bytes_slice(fd->data, fd->at, fd->at + (left < sizeof plain ? (size_t)left : sizeof plain));

    websocket_unmask(&s->frame, s->at, piece, plain);
    fd->at += piece.len;
    s->at += piece.len;
    if (is_control(s)) {
        memcpy(s->control + s->n_control, plain, piece.len);
        s->n_control = (uint8_t)(s->n_control + piece.len);
    } else {
        message_put(fd, bytes_of(plain, piece.len));
    }
    if (s->at == s->frame.len)
        frame_over(fd);
}

/* --- raw --- */

static void raw_put(struct feeding *fd, struct bytes piece, bool last)
{
    struct side *s = fd->s;
    struct field f = field_of(fd, FIELD_RAW);
    size_t shown = raw_room(fd->in->config, s->raw_len, piece.len);

    s->raw_len += shown;
    count_add(COUNT_INSPECT_SKIPPED_BYTES, piece.len - shown);
    piece.len = shown;
    if (piece.len || (last && s->raw.started))
        window_give(&s->raw, &f, piece, last, fd->in->fn, fd->in->arg);
}

static void abandon(struct feeding *fd)
{
    message_end(fd, false);
    control_give(fd);
    websocket_inflate_drop(&fd->s->inflate);
    fd->s->inflate.partial = true;
    fd->s->place = AT_HEAD;
}

/* No frame begins where the head does that is in got, or in data from from on. */
static enum progress lost(struct feeding *fd, size_t from, struct bytes got)
{
    struct side *s = fd->s;

    abandon(fd);
    s->n_got = 0;
    fd->at = from;
    s->midstream = true;
    if (got.len == 0)
        return PROGRESS_GIVE_UP;
    count(COUNT_INSPECT_GAVE_UP);
    s->place = OPAQUE;
    raw_put(fd, got, false);
    raw_put(fd, bytes_from(fd->data, from), false);
    fd->at = fd->data.len;
    return PROGRESS_MORE;
}

static enum progress run(struct feeding *fd)
{
    struct side *s = fd->s;

    while (fd->at < fd->data.len) {
        size_t from = fd->at, n_got = s->n_got;
        uint8_t got[sizeof s->got];

        if (s->place == OPAQUE) {
            raw_put(fd, bytes_from(fd->data, fd->at), false);
            fd->at = fd->data.len;
        } else if (s->place == IN_PAYLOAD) {
            payload_step(fd);
        } else {
            memcpy(got, s->got, n_got);
            if (!head_step(fd))
                return lost(fd, from, bytes_of(got, n_got));
        }
    }
    return PROGRESS_MORE;
}

/* --- gaps and ends --- */

/* Inside a message the masking goes on behind the hole; nothing that is compressed does. */
static bool bridges(struct feeding *fd, uint64_t gap)
{
    struct side *s = fd->s;

    if (s->place == OPAQUE) {
        raw_put(fd, bytes_of(NULL, 0), true);
        return true;
    }
    if (s->place != IN_PAYLOAD || gap >= s->frame.len - s->at || is_control(s))
        return false;
    text_give(fd, true);
    s->at += gap;
    if (s->compressed) {
        websocket_inflate_drop(&s->inflate);
        s->inflate.partial = s->muted = true;
    }
    return true;
}

static enum progress behind_gap(struct feeding *fd)
{
    enum recognition r = websocket_recognise(fd->data, PROTO_TCP, false);

    abandon(fd);
    fd->s->n_got = 0;
    fd->s->midstream = true;
    if (r == (fd->in->from_client ? RECOGNISE_REQUEST : RECOGNISE_RESPONSE))
        return PROGRESS_MORE;
    return PROGRESS_GIVE_UP; /* raw until such a frame begins a segment: inspect.c asks for that */
}

static void finish(struct feeding *fd)
{
    if (fd->s->n_got)
        raw_put(fd, bytes_of(fd->s->got, fd->s->n_got), false);
    abandon(fd);
    raw_put(fd, bytes_of(NULL, 0), true);
}

static enum progress websocket_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                                    bool last, size_t *used)
{
    struct websocket *w = state;
    struct feeding fd = {.w = w, .s = &w->side[!in->from_client], .in = in, .data = data};
    enum progress progress = PROGRESS_MORE;

    if (!fd.s->begun && !w->tx) {
        fd.s->midstream = true;
        fd.s->inflate.partial = true;
    }
    fd.s->begun = true;
    if (gap && !bridges(&fd, gap))
        progress = behind_gap(&fd);
    if (progress == PROGRESS_MORE)
        progress = run(&fd);
    text_give(&fd, false);
    if (last && progress == PROGRESS_MORE)
        finish(&fd);
    *used = fd.at;
    return progress;
}

static void websocket_begin(void *state, const struct inspecting *in, const struct hand_over *from)
{
    struct websocket *w = state;

    (void)in;
    w->side[0].begun = w->side[1].begun = true;
    w->tx = from->tx ? http_tx_hold(from->tx) : NULL;
}

static void websocket_free(void *state)
{
    struct websocket *w = state;

    for (unsigned side = 0; side < 2; side++) {
        websocket_inflate_drop(&w->side[side].inflate);
        window_drop(&w->side[side].text);
        window_drop(&w->side[side].raw);
    }
    http_tx_release(w->tx);
}

const struct inspector websocket_inspector = {
    .name = "websocket",
    .recognise = websocket_recognise,
    .state_size = sizeof(struct websocket),
    .feed = websocket_feed,
    .begin = websocket_begin,
    .free_state = websocket_free,
};

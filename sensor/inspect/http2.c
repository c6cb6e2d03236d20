/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_flow.h"

#include "base/count.h"
#include "base/cursor.h"

/* What references to the table may expand to before a byte has been seen. */
#define FIRST_CREDIT 65536

struct field http2_field(const struct http2_feed *fd, const struct http2_stream *st, struct http_view *view)
{
    *view = st && st->tx ? st->tx->view : (struct http_view){0};
    if (st && http2_way(fd) == HTTP2_RESPONSE) {
        view->status = st->status;
        if (st->type_len)
            view->response_content_type = bytes_of(st->type, st->type_len);
        view->response_length = st->body[HTTP2_RESPONSE].len;
    }
    view->stream = st ? st->id : fd->s->stream;
    return (struct field){.chunk = fd->in->chunk,
                          .app_proto = "http2",
                          .message = st ? st->number : fd->s->message,
                          .http = view};
}

/* --- raw --- */

void http2_raw_put(struct http2_feed *fd, struct bytes piece)
{
    struct http2_side *s = fd->s;
    size_t shown = raw_room(fd->in->config, s->raw_len, piece.len);
    struct http_view view;
    struct field f;

    if (piece.len == 0)
        return;
    s->raw_len += piece.len;
    count_add(COUNT_INSPECT_SKIPPED_BYTES, piece.len - shown);
    piece.len = shown;
    f = http2_field(fd, http2_stream_find(fd->h, s->stream), &view);
    f.kind = FIELD_RAW;
    if (piece.len)
        window_give(&s->raw, &f, piece, false, fd->in->fn, fd->in->arg);
}

static void raw_end(struct http2_feed *fd)
{
    struct http_view view;
    struct field f;

    if (!fd->s->raw.started)
        return;
    f = http2_field(fd, NULL, &view);
    f.kind = FIELD_RAW;
    window_give(&fd->s->raw, &f, bytes_of(NULL, 0), true, fd->in->fn, fd->in->arg);
}

/* --- giving up --- */

/* Ends what this side has under way. Header blocks that come later may refer to what is lost. */
static void side_break(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;

    http2_block_abandon(fd);
    for (struct http2_stream *st = fd->h->streams; st; st = st->next)
        if (st->body[http2_way(fd)].open)
            http2_body_broken(fd, st, 0);
    s->partial = s->also_raw = true;
    s->place = HTTP2_AT_FRAME;
    s->n_got = 0;
}

/* The frame that begins at from (in got, when it began in an earlier chunk) is none: the rest of this
 * direction is raw. Headers in Huffman's code are then not seen any more, which is counted as loss. */
static enum progress side_lost(struct http2_feed *fd, size_t from, struct bytes got)
{
    struct http2_side *s = fd->s;
    bool was_raw = s->also_raw;

    side_break(fd);
    count(COUNT_HTTP2_GAVE_UP);
    fd->at = from;
    if (got.len == 0 && !was_raw) {
        raw_end(fd);
        return PROGRESS_GIVE_UP;
    }
    count(COUNT_INSPECT_GAVE_UP);
    s->place = HTTP2_OPAQUE;
    s->stream = 0;
    if (!was_raw)
        http2_raw_put(fd, got);
    http2_raw_put(fd, bytes_from(fd->data, from));
    fd->at = fd->data.len;
    return PROGRESS_MORE;
}

/* --- frames --- */

/* What is missing of want bytes comes from data. True when they are all in got. */
static bool gather_head(struct http2_feed *fd, size_t want)
{
    struct http2_side *s = fd->s;

    while (s->n_got < want && fd->at < fd->data.len)
        s->got[s->n_got++] = fd->data.p[fd->at++];
    return s->n_got == want;
}

static void frame_over(struct http2_feed *fd);

/* The content is over; the padding may be. */
static void content_over(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;

    s->place = HTTP2_IN_PADDING;
    if (s->padding == 0)
        frame_over(fd);
}

static void frame_over(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    struct http2_stream *st;

    s->place = HTTP2_AT_FRAME;
    s->n_got = 0;
    if (s->type != HTTP2_DATA || !(s->flags & HTTP2_END_STREAM))
        return;
    st = http2_stream_find(fd->h, s->stream);
    if (st)
        http2_stream_ended(fd, st, http2_way(fd));
}

static void reset(struct http2_feed *fd)
{
    struct http2_stream *st = http2_stream_find(fd->h, fd->s->stream);

    count(COUNT_HTTP2_RESETS);
    if (st)
        http2_stream_close(fd, st);
}

/* Between HEADERS and its last CONTINUATION nothing else may come (RFC 9113 4.3). */
static bool fits(const struct http2_side *s, const struct http2_frame *f)
{
    if (s->block.open)
        return f->type == HTTP2_CONTINUATION && f->stream == s->block.stream;
    return f->type != HTTP2_CONTINUATION;
}

static void place_of(struct http2_feed *fd, const struct http2_frame *f)
{
    struct http2_side *s = fd->s;
    bool padded = f->flags & HTTP2_PADDED;

    s->lead = s->padding = 0;
    switch (f->type) {
    case HTTP2_DATA:
        s->lead = padded;
        s->place = HTTP2_IN_DATA;
        break;
    case HTTP2_HEADERS:
        s->lead = (uint8_t)(padded + (f->flags & HTTP2_PRIORITISED ? 5 : 0));
        s->place = HTTP2_IN_FRAGMENT;
        break;
    case HTTP2_PUSH_PROMISE:
        s->lead = (uint8_t)(padded + 4);
        s->place = HTTP2_IN_FRAGMENT;
        break;
    case HTTP2_CONTINUATION:
        s->place = HTTP2_IN_FRAGMENT;
        break;
    case HTTP2_PRIORITY:
    case HTTP2_RST_STREAM:
    case HTTP2_SETTINGS:
    case HTTP2_PING:
    case HTTP2_WINDOW_UPDATE:
        s->place = HTTP2_IN_SKIPPED;
        break;
    default:
        s->place = HTTP2_IN_TEXT;
        break;
    }
    if (f->type == HTTP2_HEADERS || f->type == HTTP2_PUSH_PROMISE)
        s->block =
            (struct http2_block){.open = true,
                                 .stream = f->stream,
                                 .ends_stream = f->type == HTTP2_HEADERS && (f->flags & HTTP2_END_STREAM)};
    if (s->lead)
        s->place = HTTP2_AT_LEAD;
}

/* False when a block that ended is none. */
static bool fragment_over(struct http2_feed *fd)
{
    bool good = !(fd->s->flags & HTTP2_END_HEADERS) || http2_block_end(fd);

    if (good)
        content_over(fd);
    return good;
}

/* The content begins; it may be empty. */
static bool content_begin(struct http2_feed *fd)
{
    if (fd->s->left)
        return true;
    if (fd->s->place == HTTP2_IN_FRAGMENT)
        return fragment_over(fd);
    content_over(fd);
    return true;
}

static bool frame_begin(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    struct http2_frame f = http2_frame_read(bytes_of(s->got, HTTP2_FRAME_HEAD));

    if (!http2_frame_is_good(&f) || !fits(s, &f))
        return false;
    s->type = f.type;
    s->flags = f.flags;
    s->stream = f.stream;
    s->left = f.len;
    count(COUNT_HTTP2_FRAMES);
    place_of(fd, &f);
    if (s->lead > s->left)
        return false;
    if (s->type == HTTP2_RST_STREAM)
        reset(fd);
    if (s->place == HTTP2_IN_TEXT && !s->also_raw)
        http2_raw_put(fd, bytes_of(s->got, HTTP2_FRAME_HEAD));
    s->n_got = 0;
    return s->place == HTTP2_AT_LEAD || content_begin(fd);
}

static bool lead_read(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    struct cursor c = cursor_over(bytes_of(s->got, s->lead));

    s->left -= s->lead;
    s->n_got = 0;
    if (s->flags & HTTP2_PADDED)
        s->padding = cursor_u8(&c);
    if (s->padding > s->left)
        return false;
    s->left -= s->padding;
    if (s->type == HTTP2_PUSH_PROMISE)
        s->block.promised = cursor_u32be(&c) & 0x7fffffff;
    s->place = s->type == HTTP2_DATA ? HTTP2_IN_DATA : HTTP2_IN_FRAGMENT;
    return content_begin(fd);
}

/* A stream that was never opened or is over: who sends that is no well-behaved peer, but its bytes are seen.
 */
static void data_put(struct http2_feed *fd, struct bytes piece)
{
    struct http2_side *s = fd->s;
    struct http2_stream *st = http2_stream_find(fd->h, s->stream);

    if (!st && s->partial)
        st = http2_stream_new(fd, s->stream);
    if (st && !st->body[http2_way(fd)].ended)
        http2_body_put(fd, st, piece);
    else if (!s->also_raw)
        http2_raw_put(fd, piece);
}

static bool content_put(struct http2_feed *fd, struct bytes piece)
{
    struct http2_side *s = fd->s;

    switch (s->place) {
    case HTTP2_IN_DATA:
        data_put(fd, piece);
        break;
    case HTTP2_IN_FRAGMENT:
        if (!http2_block_take(fd, piece))
            return false;
        break;
    case HTTP2_IN_TEXT:
        if (!s->also_raw)
            http2_raw_put(fd, piece);
        break;
    default:
        break;
    }
    s->left -= (uint32_t)piece.len;
    if (s->left)
        return true;
    if (s->place == HTTP2_IN_FRAGMENT)
        return fragment_over(fd);
    content_over(fd);
    return true;
}

static void padding_skip(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    size_t n = bytes_slice(fd->data, fd->at, fd->at + s->padding).len;

    fd->at += n;
    s->padding = (uint8_t)(s->padding - n);
    if (s->padding == 0)
        frame_over(fd);
}

/* The client's preface; False when it begins like one and is none. */
static bool start_client(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    struct bytes preface = HTTP2_PREFACE;

    (void)gather_head(fd, 1);
    if (s->got[0] != preface.p[0]) {
        s->partial = s->also_raw = true;
        s->place = HTTP2_AT_FRAME;
        return true;
    }
    if (!gather_head(fd, preface.len))
        return true;
    s->place = HTTP2_AT_FRAME;
    s->n_got = 0;
    return bytes_eq(bytes_of(s->got, preface.len), preface);
}

/* The server's first frame says whether the capture came later. */
static void start_server(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;

    if (!gather_head(fd, HTTP2_FRAME_HEAD))
        return;
    s->place = HTTP2_AT_FRAME;
    s->partial = s->also_raw = s->got[3] != HTTP2_SETTINGS || (s->got[4] & HTTP2_ACK);
}

static bool step(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    struct bytes piece;

    switch (s->place) {
    case HTTP2_AT_START:
        if (http2_way(fd) == HTTP2_REQUEST)
            return start_client(fd);
        start_server(fd);
        return true;
    case HTTP2_AT_FRAME:
        return (s->n_got < HTTP2_FRAME_HEAD && !gather_head(fd, HTTP2_FRAME_HEAD)) || frame_begin(fd);
    case HTTP2_AT_LEAD:
        return !gather_head(fd, s->lead) || lead_read(fd);
    case HTTP2_IN_PADDING:
        padding_skip(fd);
        return true;
    case HTTP2_OPAQUE:
        http2_raw_put(fd, bytes_from(fd->data, fd->at));
        fd->at = fd->data.len;
        return true;
    default:
        piece = bytes_slice(fd->data, fd->at, fd->at + s->left);
        fd->at += piece.len;
        return content_put(fd, piece);
    }
}

/* Reads on from at to the end of data. */
static enum progress run(struct http2_feed *fd)
{
    struct http2_side *s = fd->s;
    bool good = true;

    while (good && fd->at < fd->data.len) {
        size_t from = fd->at, n_got = s->n_got;
        bool opaque = s->place == HTTP2_OPAQUE;
        uint8_t got[sizeof s->got];

        memcpy(got, s->got, n_got);
        good = step(fd);
        if (!good)
            return side_lost(fd, from, bytes_of(got, n_got));
        if (s->also_raw && !opaque)
            http2_raw_put(fd, bytes_slice(fd->data, from, fd->at));
    }
    return PROGRESS_MORE;
}

/* --- gaps and ends --- */

/* True when the missing bytes are all inside something whose end is known. */
static bool bridges(struct http2_feed *fd, uint64_t gap)
{
    struct http2_side *s = fd->s;
    struct http2_stream *st = NULL;
    uint32_t missed;

    if (s->place == HTTP2_OPAQUE)
        return true;
    if (s->place != HTTP2_IN_DATA && s->place != HTTP2_IN_SKIPPED && s->place != HTTP2_IN_TEXT &&
        s->place != HTTP2_IN_PADDING)
        return false;
    missed = gap < s->left ? (uint32_t)gap : s->left;
    if (gap - missed > s->padding)
        return false;
    if (s->place == HTTP2_IN_DATA)
        st = http2_stream_find(fd->h, s->stream);
    if (st)
        http2_body_broken(fd, st, missed);
    s->left -= missed;
    s->padding = (uint8_t)(s->padding - (gap - missed));
    if (s->left == 0)
        content_over(fd);
    return true;
}

/* Behind a hole a frame may begin: then the reading goes on, with a table of which nothing is known. */
static bool resumes(struct http2_feed *fd)
{
    enum recognition r = http2_recognise(fd->data, PROTO_TCP, false);

    side_break(fd);
    return r == (fd->in->from_client ? RECOGNISE_REQUEST : RECOGNISE_RESPONSE);
}

static void finish(struct http2_feed *fd)
{
    http2_block_abandon(fd);
    if (fd->s->n_got && !fd->s->also_raw)
        http2_raw_put(fd, bytes_of(fd->s->got, fd->s->n_got));
    for (struct http2_stream *st = fd->h->streams; st; st = st->next)
        http2_body_end(fd, st, http2_way(fd));
    raw_end(fd);
}

static enum progress http2_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                                bool last, size_t *used)
{
    struct http2 *h = state;
    struct http2_feed fd = {
        .h = h, .s = &h->side[in->from_client ? HTTP2_REQUEST : HTTP2_RESPONSE], .in = in, .data = data};
    enum progress progress = PROGRESS_MORE;

    http2_block_resume(&fd);
    if (gap)
        raw_end(&fd);
    if (fd.s->place == HTTP2_AT_START && fd.s->n_got == 0)
        fd.s->credit = FIRST_CREDIT;
    if (gap && !bridges(&fd, gap) && !resumes(&fd)) {
        /* Raw until a header block begins a segment: inspect.c asks for that. */
        count(COUNT_HTTP2_GAVE_UP);
        progress = PROGRESS_GIVE_UP;
    }
    if (progress == PROGRESS_MORE)
        progress = run(&fd);
    http2_body_flush(&fd);
    if (last && progress == PROGRESS_MORE)
        finish(&fd);
    http2_block_wait(&fd);
    *used = fd.at;
    return progress;
}

/* Upgrade: h2c (RFC 7540 3.2): the request that asked for it is stream 1, and has been sent. */
static void http2_begin(void *state, const struct inspecting *in, const struct hand_over *from)
{
    struct http2 *h = state;
    struct http2_feed fd = {.h = h, .s = &h->side[HTTP2_REQUEST], .in = in};
    struct http2_stream *st = http2_stream_new(&fd, 1);

    if (!st)
        return;
    st->tx = from->tx ? http_tx_hold(from->tx) : NULL;
    st->body[HTTP2_REQUEST].headed = st->body[HTTP2_REQUEST].ended = true;
}

static void http2_free(void *state)
{
    struct http2 *h = state;

    http2_streams_drop(h);
    for (unsigned way = 0; way < 2; way++) {
        http2_aside_drop(&h->side[way].block.aside);
        http2_hpack_free(h->side[way].hpack);
        window_drop(&h->side[way].raw);
    }
}

const struct inspector http2_inspector = {
    .name = "http2",
    .recognise = http2_recognise,
    .state_size = sizeof(struct http2),
    .feed = http2_feed,
    .begin = http2_begin,
    .free_state = http2_free,
};

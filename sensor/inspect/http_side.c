/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_flow.h"

#include "base/count.h"
#include "inspect/hold.h"

/* A line that fills a whole piece of a long head is given again from here on: a lookup across the cut is
 * whole in the second piece. */
#define CUT_OVERLAP 8192

struct field http_field(const struct http_feed *fd, struct http_view *view)
{
    const struct http_tx *tx = http_is_request(fd) ? fd->h->asking : fd->h->answering;

    *view = tx ? tx->view : (struct http_view){0};
    if (!http_is_request(fd)) {
        view->status = fd->h->status;
        if (fd->h->type_len)
            view->response_content_type = bytes_of(fd->h->type, fd->h->type_len);
        view->response_length = fd->s->body_len;
    }
    return (struct field){
        .chunk = fd->in->chunk, .app_proto = "http", .message = fd->s->message, .http = view};
}

/* --- raw --- */

void http_raw_put(struct http_feed *fd, struct bytes piece)
{
    struct http_side *s = fd->s;
    size_t room = raw_room(fd->in->config, s->raw_len, piece.len);
    struct http_view view;
    struct field f;

    s->raw_len += piece.len;
    if (!fd->in->config->raw)
        return;
    count_add(COUNT_INSPECT_SKIPPED_BYTES, piece.len - room);
    piece.len = room;
    f = http_field(fd, &view);
    f.kind = FIELD_RAW;
    f.at = s->raw.given;
    packed_feed(&s->packed_raw, fd->in->config, &f, piece, false, fd->in->fn, fd->in->arg);
    window_give(&s->raw, &f, piece, false, fd->in->fn, fd->in->arg);
}

static void raw_end(struct http_feed *fd)
{
    struct http_view view;
    struct field f;

    if (!fd->s->raw.started)
        return;
    f = http_field(fd, &view);
    f.kind = FIELD_RAW;
    packed_feed(&fd->s->packed_raw, fd->in->config, &f, (struct bytes){NULL, 0}, true, fd->in->fn,
                fd->in->arg);
    window_give(&fd->s->raw, &f, (struct bytes){NULL, 0}, true, fd->in->fn, fd->in->arg);
}

static void note_odd(const struct http_feed *fd, uint32_t odd)
{
    count(COUNT_HTTP_AMBIGUOUS);
    anomaly_note(fd->in->chunk->flow, fd->in->chunk->side, odd);
}

void http_side_doubt(struct http_feed *fd, uint32_t odd)
{
    note_odd(fd, odd);
    if (fd->s->also_raw)
        return;
    fd->s->also_raw = true;
    http_raw_put(fd, bytes_from(fd->data, fd->at));
}

/* Bytes that are read raw or not at all. */
static void raw_only(const struct http_feed *fd, size_t len)
{
    if (!fd->in->config->raw)
        count_add(COUNT_INSPECT_SKIPPED_BYTES, len);
}

enum progress http_side_lost(struct http_feed *fd)
{
    struct http_side *s = fd->s;

    if (s->held.len == 0 && !s->also_raw)
        return PROGRESS_GIVE_UP;
    count(COUNT_INSPECT_GAVE_UP);
    raw_only(fd, s->held.len + fd->data.len - fd->at - fd->appended);
    if (!s->also_raw) {
        s->also_raw = true;
        http_raw_put(fd, buf_bytes(&s->held));
        http_raw_put(fd, bytes_from(fd->data, fd->at + fd->appended));
    }
    hold_drop(&s->held);
    s->place = HTTP_OPAQUE;
    fd->at = fd->data.len;
    return PROGRESS_MORE;
}

enum progress http_side_change(struct http_feed *fd)
{
    struct http_side *s = fd->s;

    raw_end(fd);
    fd->in->next->before = s->held;
    s->held = (struct buf){0};
    return PROGRESS_CHANGE;
}

/* --- heads --- */

static void head_reset(struct http_side *s)
{
    s->scan = (struct http_scan){0};
    s->judged = s->continued = false;
}

void http_side_next_message(struct http_feed *fd)
{
    fd->s->place = HTTP_AT_HEAD;
    fd->s->later = true;
    head_reset(fd->s);
}

static void body_end(struct http_feed *fd)
{
    if (http_is_request(fd))
        http_request_body_end(fd);
    else
        http_response_body_end(fd);
    http_side_next_message(fd);
}

static enum progress head_give(struct http_feed *fd, struct bytes piece, bool complete)
{
    bool is_trailer = fd->s->place == HTTP_AT_TRAILER;

    if (is_trailer && http_is_request(fd))
        http_request_trailer(fd, piece);
    else if (is_trailer)
        http_response_trailer(fd, piece);
    else if (http_is_request(fd))
        return http_request_head(fd, piece, complete);
    else
        return http_response_head(fd, piece, complete);
    if (complete)
        body_end(fd);
    return PROGRESS_MORE;
}

/* The first line of a head that may have no end yet. */
static struct bytes first_line(const struct http_side *s, struct bytes text)
{
    if (s->scan.first && s->scan.first <= text.len)
        return bytes_trim(bytes_slice(text, 0, s->scan.first));
    return http_first_line(text);
}

enum verdict { VERDICT_NO, VERDICT_MORE, VERDICT_YES };

static enum verdict request_judge(const struct http_side *s, struct bytes text, bool ended)
{
    struct bytes line;
    bool long_line = (s->scan.first ? s->scan.first : text.len) >= HTTP_LINE_MAX;

    if (s->later && !http_line_may_be_request(bytes_slice(text, 0, HTTP_METHOD_MAX + 1)))
        return VERDICT_NO;
    if (long_line)
        return http_line_begins_request(bytes_slice(text, 0, HTTP_LINE_MAX)) ? VERDICT_YES : VERDICT_NO;
    if (!ended && !s->scan.first)
        return VERDICT_MORE;
    line = first_line(s, text);
    return http_line_is_common(line) || http_line_is_request(line) ? VERDICT_YES : VERDICT_NO;
}

static enum verdict head_judge(const struct http_feed *fd, struct bytes text, bool ended)
{
    const struct http_side *s = fd->s;

    if (s->judged || s->place == HTTP_AT_TRAILER)
        return VERDICT_YES;
    if (http_is_request(fd))
        return request_judge(s, text, ended);
    if (!http_line_may_be_response(text))
        return VERDICT_NO;
    if (text.len < 5)
        return ended ? VERDICT_NO : VERDICT_MORE;
    return VERDICT_YES;
}

/* HTTP/0.9: a method and a path, and nothing follows. Three words may be an attack in the version's place. */
static bool is_old_request(struct bytes line)
{
    struct http_request_line r;

    if (http_line_is_common(line))
        return false;
    r = http_request_line(line);
    return r.protocol.len == 0 && bytes_find_byte(r.target, ' ') == BYTES_NONE &&
           bytes_find_byte(r.target, '\t') == BYTES_NONE;
}

/* What does not begin a message: the body of a request that did not say how long it is, or no HTTP any more.
 */
static enum progress head_stray(struct http_feed *fd)
{
    struct http_side *s = fd->s;
    struct buf held = s->held;

    if (!s->unsized)
        return http_side_lost(fd);
    s->unsized = false;
    s->place = HTTP_AT_BODY;
    s->body = http_body_to_close();
    http_text_begin(fd);
    s->held = (struct buf){0};
    fd->at += fd->appended;
    fd->appended = 0;
    if (held.len)
        http_request_piece(fd, buf_bytes(&held));
    hold_drop(&held);
    return PROGRESS_MORE;
}

/* Memory is short: what is here of the head is judged, and the rest is raw. */
static enum progress head_abandon(struct http_feed *fd, struct bytes text)
{
    if (head_judge(fd, text, true) == VERDICT_YES) {
        (void)head_give(fd, text, false);
        fd->at += fd->s->held.len ? fd->appended : text.len;
        fd->appended = 0;
        hold_drop(&fd->s->held);
    }
    return http_side_lost(fd);
}

/* Gives a full piece of a head that goes on: up to the last whole line, when it is not too short so. */
static enum progress head_cut(struct http_feed *fd, struct bytes text)
{
    struct http_side *s = fd->s;
    size_t to = s->scan.line, next = to;
    bool inside = to <= HTTP_HEAD_MAX / 2 || to == text.len || text.p[to] == ' ' || text.p[to] == '\t';
    enum progress progress;

    if (inside) {
        to = text.len;
        next = to - CUT_OVERLAP;
    }
    if (!s->continued)
        count(COUNT_HTTP_HEAD_CUT);
    progress = head_give(fd, bytes_slice(text, 0, to), false);
    s->continued = s->judged = true;
    s->scan = (struct http_scan){.inside = inside, .first = 1};
    if (s->held.len) {
        hold_cut_front(&s->held, next);
        fd->at += fd->appended;
    } else {
        fd->at += next;
    }
    return progress;
}

/* The head ends at end of text, of which before bytes are from earlier chunks. */
static enum progress head_complete(struct http_feed *fd, struct bytes text, size_t end, size_t before,
                                   bool doubt)
{
    struct buf held = fd->s->held;
    enum progress progress;

    fd->s->held = (struct buf){0};
    fd->at += end - before;
    fd->appended = 0;
    progress = head_give(fd, bytes_slice(text, 0, end), !doubt);
    hold_drop(&held);
    if (!doubt)
        return progress;
    note_odd(fd, anomaly_bit(ANOMALY_HTTP_CR));
    return http_side_lost(fd);
}

static void skip_empty_lines(struct http_feed *fd)
{
    while (fd->at < fd->data.len && (fd->data.p[fd->at] == '\r' || fd->data.p[fd->at] == '\n'))
        fd->at++;
}

/* The head as far as it is here; false when memory is short. */
static bool head_text(struct http_feed *fd, struct bytes *text)
{
    struct http_side *s = fd->s;
    struct bytes rest = bytes_slice(fd->data, fd->at, fd->at + HTTP_HEAD_MAX - s->held.len);
    bool fits = true;

    *text = rest;
    fd->appended = 0;
    if (s->held.len == 0)
        return true;
    fits = hold_add(&s->held, HTTP_HEAD_MAX, rest);
    if (fits)
        fd->appended = rest.len;
    *text = buf_bytes(&s->held);
    return fits;
}

static enum progress head_wait(struct http_feed *fd, struct bytes text)
{
    if (fd->s->held.len == 0 && !hold_add(&fd->s->held, HTTP_HEAD_MAX, text))
        return head_abandon(fd, text);
    fd->at = fd->data.len;
    return PROGRESS_MORE;
}

static enum progress head_step(struct http_feed *fd)
{
    struct http_side *s = fd->s;
    size_t before = s->held.len, end = 0;
    struct bytes text;
    enum http_end ended;
    bool judged = s->judged;

    if (s->place == HTTP_AT_HEAD && fd->h->tunnel && !s->judged && !s->continued)
        return http_side_change(fd);
    if (s->place == HTTP_AT_HEAD && before == 0 && !s->continued) {
        skip_empty_lines(fd);
        if (fd->at == fd->data.len)
            return PROGRESS_MORE;
    }
    if (!head_text(fd, &text))
        return head_abandon(fd, text);
    ended = http_head_end(text, &s->scan, &end);
    /* What lies behind the end has no say: it is not here yet when bytes come one by one. */
    switch (head_judge(fd, ended ? bytes_slice(text, 0, end) : text, ended != HTTP_END_NOT_YET)) {
    case VERDICT_NO:
        return head_stray(fd);
    case VERDICT_YES:
        s->judged = true;
        break;
    case VERDICT_MORE:
        break;
    }
    if (s->judged && !judged && http_is_request(fd) && s->place == HTTP_AT_HEAD && s->scan.first &&
        is_old_request(first_line(s, text))) {
        ended = HTTP_END_BLANK;
        end = s->scan.first;
    }
    if (ended != HTTP_END_NOT_YET)
        return head_complete(fd, text, end, before, ended == HTTP_END_CR);
    if (text.len == HTTP_HEAD_MAX)
        return head_cut(fd, text);
    return head_wait(fd, text);
}

/* --- bodies --- */

#define EXTENSION_MAX     8192 /* longer extensions are judged in pieces ... */
#define EXTENSION_OVERLAP 2048 /* ... that share so much */
#define EXTENSION_MIN     8    /* "${jndi:}": shorter ones say nothing */

static void extension_give(struct http_feed *fd, struct bytes text)
{
    struct http_view view;
    struct field f;

    text = bytes_trim(text);
    if (text.len < EXTENSION_MIN)
        return;
    f = http_field(fd, &view);
    f.kind = FIELD_HTTP_CHUNK_EXTENSION;
    f.value = text;
    (void)fd->in->fn(fd->in->arg, &f);
}

/* No more comes of the extension that is held. */
static void extension_end(struct http_feed *fd)
{
    if (fd->s->held.len)
        extension_give(fd, buf_bytes(&fd->s->held));
    hold_drop(&fd->s->held);
}

/* Framing to the server, but its log may have it. Held only when its line is not whole; no head is held in
 * the middle of a body. */
static void extension_put(struct http_feed *fd, struct bytes piece)
{
    struct buf *held = &fd->s->held;
    bool ended = piece.len && piece.p[piece.len - 1] == '\n';

    if (held->len == 0 && ended && piece.len <= EXTENSION_MAX) {
        extension_give(fd, piece);
        return;
    }
    while (piece.len) {
        struct bytes part = bytes_slice(piece, 0, EXTENSION_MAX - held->len);

        piece = bytes_from(piece, part.len);
        if (!hold_add(held, EXTENSION_MAX, part)) {
            extension_end(fd);
            extension_give(fd, part);
        } else if (held->len == EXTENSION_MAX) {
            extension_give(fd, buf_bytes(held));
            hold_cut_front(held, EXTENSION_MAX - EXTENSION_OVERLAP);
        }
    }
    if (ended)
        extension_end(fd);
}

static enum progress body_step(struct http_feed *fd)
{
    struct http_side *s = fd->s;
    struct cursor c = cursor_over(bytes_from(fd->data, fd->at));
    size_t before = cursor_left(&c);
    struct bytes piece = {NULL, 0};
    enum http_body_next next = http_body_next(&s->body, &c, &piece);

    fd->at += before - cursor_left(&c);
    switch (next) {
    case HTTP_BODY_PIECE:
        if (http_is_request(fd))
            http_request_piece(fd, piece);
        else
            http_response_piece(fd, piece);
        if (http_body_complete(&s->body))
            body_end(fd);
        break;
    case HTTP_BODY_EXTENSION:
        extension_put(fd, piece);
        break;
    case HTTP_BODY_DONE:
        s->place = HTTP_AT_TRAILER;
        head_reset(s);
        break;
    case HTTP_BODY_BAD:
        note_odd(fd, anomaly_bit(ANOMALY_HTTP_CHUNK));
        body_end(fd);
        return http_side_lost(fd);
    case HTTP_BODY_MORE:
        break;
    }
    return PROGRESS_MORE;
}

enum progress http_side_run(struct http_feed *fd)
{
    enum progress progress = PROGRESS_MORE;

    while (progress == PROGRESS_MORE && fd->at < fd->data.len) {
        if (fd->s->place == HTTP_AT_BODY) {
            progress = body_step(fd);
        } else if (fd->s->place != HTTP_OPAQUE) {
            progress = head_step(fd);
        } else {
            raw_only(fd, fd->data.len - fd->at);
            fd->at = fd->data.len;
        }
    }
    return progress;
}

/* --- gaps and ends --- */

/* A head that will not be completed: what there is of it is judged. */
static void head_finish(struct http_feed *fd)
{
    struct http_side *s = fd->s;
    struct bytes text = buf_bytes(&s->held);

    if (s->held.len == 0)
        return;
    if (head_judge(fd, text, true) == VERDICT_YES) {
        (void)head_give(fd, text, false);
    } else if (s->unsized) {
        (void)head_stray(fd);
        body_end(fd);
    } else {
        raw_only(fd, text.len);
        if (!s->also_raw)
            http_raw_put(fd, text);
    }
    hold_drop(&s->held);
}

bool http_side_bridges(struct http_feed *fd, uint64_t gap)
{
    struct http_side *s = fd->s;

    raw_end(fd);
    if (s->place == HTTP_OPAQUE)
        return true;
    if (s->place != HTTP_AT_BODY) {
        head_finish(fd);
        raw_end(fd);
        return false;
    }
    extension_end(fd);
    if (http_is_request(fd))
        http_request_body_broken(fd);
    else
        http_response_body_broken(fd);
    s->body_len += gap;
    if (!http_body_gap(&s->body, gap)) {
        body_end(fd);
        return false;
    }
    if (http_body_complete(&s->body))
        body_end(fd);
    return true;
}

void http_side_finish(struct http_feed *fd)
{
    if (fd->s->place == HTTP_AT_BODY) {
        extension_end(fd);
        body_end(fd);
    } else {
        head_finish(fd);
    }
    if (fd->s->place == HTTP_AT_TRAILER)
        body_end(fd);
    raw_end(fd);
}

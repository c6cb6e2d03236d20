/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_flow.h"

#include "base/count.h"
#include "inspect/hold.h"

static void head_field(struct http_feed *fd, struct bytes piece,
                       void (*parts)(const struct field *, field_fn *, void *))
{
    struct http_view view;
    struct field f = http_field(fd, &view);

    f.kind = FIELD_HTTP_RESPONSE_HEAD;
    f.value = piece;
    f.parts = parts;
    (void)fd->in->fn(fd->in->arg, &f);
}

/* URLConnection steps over a 100 and takes any other for the answer, with a body, as tried with JDK 17; it
 * never asks for another protocol. What speaks of Java only beside its own name may. */
static bool answers_jvm(unsigned status, const struct http_tx *asked)
{
    if (!asked || status == 100)
        return false;
    return status == 101 ? bytes_starts(asked->view.user_agent, BYTES_LIT("Java/"))
                         : http_jvm_of(asked->view.user_agent) == HTTP_JVM_URL;
}

/* An interim response (RFC 9110 15.2) is followed by the one that answers the request. */
static bool is_interim(struct http1 *h)
{
    return h->status >= 100 && h->status < 200 && h->status != 101 &&
           !answers_jvm(h->status, http_tx_peek(&h->waiting, h->n_answered));
}

/* Responses come in the order of their requests; one without a request before it (picked up midstream)
 * answers none. */
static void pair(struct http1 *h, struct http_side *s)
{
    http_tx_release(h->answering);
    h->answering = NULL;
    s->message = h->n_answered;
    if (is_interim(h)) {
        struct http_tx *tx = http_tx_peek(&h->waiting, h->n_answered);

        h->answering = tx ? http_tx_hold(tx) : NULL;
        return;
    }
    h->answering = http_tx_pop(&h->waiting, h->n_answered);
    if (h->n_answered < h->n_requests)
        h->n_answered++;
}

static void begin_response(struct http_feed *fd, struct bytes piece)
{
    struct http_side *s = fd->s;
    struct http1 *h = fd->h;
    struct bytes line = http_first_line(piece);
    struct http_view seen = {0};
    struct bytes *type = &seen.response_content_type;

    count(COUNT_HTTP_RESPONSES);
    h->status = http_status(line);
    pair(h, s);
    s->said = (struct http_said){.old = !bytes_starts(line, BYTES_LIT("HTTP/1.1"))};
    s->body_len = 0;
    http_head_read(piece, (size_t)(line.p - piece.p) + line.len, &s->scan, &s->said, &seen);
    h->type_len = (uint8_t)(type->len < HTTP_TYPE_MAX ? type->len : HTTP_TYPE_MAX);
    if (h->type_len)
        memcpy(h->type, type->p, h->type_len);
    head_field(fd, piece, http_response_parts);
}

static bool opens_tunnel(const struct http1 *h)
{
    return (h->status == 101 && !answers_jvm(101, h->answering)) ||
           (h->answering && h->answering->connect && h->status / 100 == 2);
}

static bool has_no_body(const struct http1 *h)
{
    return (h->status / 100 == 1 && !answers_jvm(h->status, h->answering)) || h->status == 204 ||
           h->status == 304 || (h->answering && h->answering->head);
}

#define UPGRADE_MAX 256

/* What a 101 names: a list, mostly of one (RFC 9110 7.8). */
static const struct inspector *inspector_of(struct bytes head)
{
    struct buf names = {0};
    const struct inspector *to = NULL;

    http_head_values(head, BYTES_LIT("Upgrade"), &names, UPGRADE_MAX);
    if (bytes_eq_nocase(bytes_trim(buf_bytes(&names)), BYTES_LIT("websocket")))
        to = &websocket_inspector;
    else if (bytes_eq_nocase(bytes_trim(buf_bytes(&names)), BYTES_LIT("h2c")))
        to = &http2_inspector;
    hold_drop(&names);
    return to;
}

/* The bytes behind this head, in both directions, are another protocol's (RFC 9110 7.8 and 9.3.6). */
static enum progress open_tunnel(struct http_feed *fd, struct bytes head)
{
    struct http1 *h = fd->h;
    struct hand_over *next = fd->in->next;

    h->tunnel = true;
    next->n_messages = h->n_requests > h->n_answered ? h->n_requests : h->n_answered;
    next->to = h->status == 101 ? inspector_of(head) : NULL;
    next->tx = h->answering ? http_tx_hold(h->answering) : NULL;
    http_response_body_end(fd);
    http_side_next_message(fd);
    return http_side_change(fd);
}

/* A fetch of Java code that leads elsewhere, or nowhere. */
static enum http_jvm_use answer_java(struct http_feed *fd, struct bytes head)
{
    struct bytes location = {NULL, 0};
    struct http_view view;
    struct field f;

    if (fd->h->status < 300 || !fd->h->answering)
        return HTTP_JVM_READ;
    f = http_field(fd, &view);
    if (fd->h->status < 400)
        location = http_head_last_value(head, BYTES_LIT("Location"));
    return http_java_answer(fd->in, &f, bytes_trim(location));
}

/* Where two readers may frame a response differently, as URLConnection does, as tried with JDK 17: by the
 * last of several lengths, of which the longest is taken here so that none hides a part of the body, and in
 * chunks only when it is told of nothing else. */
static void frame_for_jvm(const struct http1 *h, struct http_said *said, struct bytes head)
{
    bool coded = said->chunked && (said->transfer.n || said->bad_coding);

    if ((!coded && said->longest <= said->length) || !h->answering ||
        http_jvm_of(h->answering->view.user_agent) != HTTP_JVM_URL)
        return;
    said->length = said->longest;
    if (!coded || bytes_eq_nocase(bytes_trim(http_head_last_value(head, BYTES_LIT("Transfer-Encoding"))),
                                  BYTES_LIT("chunked")))
        return;
    said->chunked = false;
    said->transfer.n = 0;
}

static enum progress begin_body(struct http_feed *fd, struct bytes head)
{
    struct http_side *s = fd->s;
    struct http1 *h = fd->h;
    const struct http_said *said = &s->said;
    enum http_jvm_use use;

    if (opens_tunnel(h))
        return open_tunnel(fd, head);
    use = answer_java(fd, head);
    frame_for_jvm(h, &s->said, head);
    if (said->odd || s->continued)
        http_side_doubt(fd, said->odd | (s->continued ? anomaly_bit(ANOMALY_HTTP_LONG_HEAD) : 0));
    if (has_no_body(h) || (said->has_length && said->length == 0 && !said->chunked)) {
        http_response_body_end(fd);
        http_side_next_message(fd);
        return PROGRESS_MORE;
    }
    if (said->chunked)
        s->body = http_body_chunked();
    else if (said->has_length)
        s->body = http_body_of_length(said->length);
    else
        s->body = http_body_to_close();
    s->place = HTTP_AT_BODY;
    http_text_begin(fd);
    http_java_watch(&h->java, fd->in->config,
                    &(struct http_java_head){.asked = h->answering ? &h->answering->view : NULL,
                                             .type = bytes_of(h->type, h->type_len),
                                             .codings = said->content.n ? &said->content : &said->transfer,
                                             .use = use});
    return PROGRESS_MORE;
}

enum progress http_response_head(struct http_feed *fd, struct bytes piece, bool complete)
{
    if (!fd->s->continued) {
        begin_response(fd, piece);
    } else {
        http_head_read(piece, 0, &fd->s->scan, &fd->s->said, NULL);
        head_field(fd, piece, http_response_more_parts);
    }
    return complete ? begin_body(fd, piece) : PROGRESS_MORE;
}

void http_response_trailer(struct http_feed *fd, struct bytes lines)
{
    if (bytes_trim(lines).len)
        head_field(fd, lines, http_response_more_parts);
}

static void java_tell(struct http_feed *fd)
{
    struct http_view view;
    struct field f;

    if (!fd->h->java.watching)
        return;
    f = http_field(fd, &view);
    http_java_tell(&fd->h->java, fd->in, &f);
}

static void java_end(struct http_feed *fd, bool whole)
{
    struct http_view view;
    struct field f;

    if (!fd->h->java.watching)
        return;
    f = http_field(fd, &view);
    http_java_end(&fd->h->java, fd->in, &f, whole);
}

/* A body that ends with the connection is whole when it does. */
static bool is_whole(const struct http_side *s)
{
    if (s->body.framing == HTTP_CHUNKED)
        return s->place == HTTP_AT_TRAILER;
    return s->body.framing == HTTP_TO_CLOSE || http_body_complete(&s->body);
}

void http_response_piece(struct http_feed *fd, struct bytes piece)
{
    if (http_java_take(&fd->h->java, piece))
        java_tell(fd);
    http_text_take(fd, piece);
}

void http_response_body_broken(struct http_feed *fd)
{
    java_end(fd, false);
    http_text_finish(fd);
}

void http_response_body_end(struct http_feed *fd)
{
    java_end(fd, is_whole(fd->s));
    http_text_finish(fd);
    http_tx_release(fd->h->answering);
    fd->h->answering = NULL;
}

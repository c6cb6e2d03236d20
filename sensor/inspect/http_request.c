/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_flow.h"

#include "base/count.h"

static bool may_have_body(struct bytes method)
{
    return bytes_eq(method, BYTES_LIT("POST")) || bytes_eq(method, BYTES_LIT("PUT")) ||
           bytes_eq(method, BYTES_LIT("PATCH"));
}

static void head_field(struct http_feed *fd, const struct http_view *view, struct bytes piece,
                       void (*parts)(const struct field *, field_fn *, void *))
{
    struct http_view known;
    struct field f = http_field(fd, &known);

    f.kind = FIELD_HTTP_REQUEST_HEAD;
    f.value = piece;
    f.parts = parts;
    if (view)
        f.http = view;
    (void)fd->in->fn(fd->in->arg, &f);
}

static void remember(struct http1 *h, const struct http_view *view, uint64_t number)
{
    h->asking = http_tx_new(view, number);
    if (!h->asking)
        return;
    h->asking->head = bytes_eq(view->method, BYTES_LIT("HEAD"));
    h->asking->connect = bytes_eq(view->method, BYTES_LIT("CONNECT"));
    http_tx_push(&h->waiting, h->asking);
}

static void forget(struct http1 *h)
{
    http_tx_release(h->asking);
    h->asking = NULL;
}

/* The piece that has the request line. */
static void begin_request(struct http_feed *fd, struct bytes piece)
{
    struct http_side *s = fd->s;
    struct http1 *h = fd->h;
    struct bytes line = http_first_line(piece);
    struct http_request_line r = http_request_line(line);
    struct http_view view = {.method = r.method, .url = r.target, .protocol = r.protocol};
    size_t behind = (size_t)(line.p - piece.p) + line.len;

    count(COUNT_HTTP_REQUESTS);
    forget(h);
    s->message = h->n_requests++;
    s->said = (struct http_said){.old = !bytes_eq_nocase(r.protocol, BYTES_LIT("HTTP/1.1"))};
    s->unsized = may_have_body(r.method);
    s->body_len = 0;
    http_head_read(piece, behind, &s->scan, &s->said, &view);
    head_field(fd, &view, piece, http_request_parts);
    remember(h, &view, s->message);
}

/* Of two lengths the first one, as most servers have it. Half a compressed text says nothing: there the
 * longer one; the bytes as they were sent show the other reading. */
static uint64_t length_of(const struct http_said *said)
{
    return said->content.n || said->transfer.n ? said->longest : said->length;
}

static void begin_body(struct http_feed *fd)
{
    struct http_side *s = fd->s;
    const struct http_said *said = &s->said;

    /* A head in pieces may hide a header in the cut. */
    if (said->odd || s->continued)
        http_side_doubt(fd, said->odd | (s->continued ? anomaly_bit(ANOMALY_HTTP_LONG_HEAD) : 0));
    s->unsized = (s->unsized || said->has_type || said->bad_length) && !said->has_length && !said->chunked;
    if (said->chunked)
        s->body = http_body_chunked();
    else if (said->has_length && length_of(said))
        s->body = http_body_of_length(length_of(said));
    else {
        if (!s->unsized && !s->also_raw)
            forget(fd->h);
        http_side_next_message(fd);
        return;
    }
    s->place = HTTP_AT_BODY;
    http_text_begin(fd);
}

enum progress http_request_head(struct http_feed *fd, struct bytes piece, bool complete)
{
    if (!fd->s->continued) {
        begin_request(fd, piece);
    } else {
        http_head_read(piece, 0, &fd->s->scan, &fd->s->said, NULL);
        head_field(fd, NULL, piece, http_request_more_parts);
    }
    if (complete)
        begin_body(fd);
    return PROGRESS_MORE;
}

void http_request_trailer(struct http_feed *fd, struct bytes lines)
{
    if (bytes_trim(lines).len)
        head_field(fd, NULL, lines, http_request_more_parts);
}

/* --- bodies --- */

/* The compressed body as it came: most servers hand it to the application so, and a gzip header has room for
 * text. Not when the whole direction is given so already: a receiver sees one raw text of a direction at a
 * time. */
static void sent_give(struct http_feed *fd, struct bytes piece, bool last)
{
    struct http_view view;
    struct field f;

    if (last ? !fd->h->sent.started : fd->s->also_raw)
        return;
    f = http_field(fd, &view);
    f.kind = FIELD_RAW;
    f.packed = true;
    window_give(&fd->h->sent, &f, piece, last, fd->in->fn, fd->in->arg);
}

void http_request_piece(struct http_feed *fd, struct bytes piece)
{
    struct http_side *s = fd->s;
    uint64_t before = s->body_len, limit = fd->in->config->http_request_body_limit;

    http_text_take(fd, piece);
    if (before <= limit && s->body_len > limit)
        count(COUNT_HTTP_BODY_CUT);
    if (s->packed) {
        http_text_flush(fd); /* first: what stands in both is in the body */
        sent_give(fd, piece, false);
    }
}

void http_request_body_broken(struct http_feed *fd)
{
    /* No decoder finds its way again after a gap. */
    http_text_finish(fd);
    sent_give(fd, (struct bytes){NULL, 0}, true);
}

void http_request_body_end(struct http_feed *fd)
{
    http_text_finish(fd);
    sent_give(fd, (struct bytes){NULL, 0}, true);
    forget(fd->h);
}

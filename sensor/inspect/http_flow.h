/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_FLOW_H
#define INSPECT_HTTP_FLOW_H

#include "config/config.h"
#include "inspect/http_body.h"
#include "inspect/http_coding.h"
#include "inspect/http_head.h"
#include "inspect/http_java.h"
#include "inspect/http_tx.h"
#include "inspect/packed.h"
#include "inspect/window.h"

/* The state of one HTTP/1 flow, shared by the files that read it: http_side.c (what both directions have in
 * common), http_request.c, http_response.c. http1.c is the inspector. */

enum http_place {
    HTTP_AT_HEAD,
    HTTP_AT_BODY,
    HTTP_AT_TRAILER,
    HTTP_OPAQUE, /* no more parsing: raw bytes only */
};

struct http_side {
    uint8_t place;
    bool judged;    /* the first line of this head is one of a message */
    bool later;     /* not the first message of this direction: strangers are recognised sooner */
    bool continued; /* the head was too long: its first pieces have been given */
    bool unsized;   /* requests: the message before had no length, but something that speaks for a body */
    bool also_raw;  /* somebody framed a message in two ways: the bytes are given as sent, too */
    bool muted;     /* enough of the body was shown, or it reached a ceiling */
    bool packed;    /* the body's text is not what was sent */
    struct http_scan scan;
    struct buf held; /* the head as far as it has come, when it does not lie in one chunk */
    struct http_said said;
    struct http_body body;
    struct window text, raw;
    struct packed *packed_raw;    /* compressed text in the raw bytes */
    struct packed *messages;      /* ... in the content of a body that is framed */
    struct http_decoder *decoder; /* of the body */
    uint64_t message, body_len, raw_len;
    uint64_t text_left; /* so much of the body may still be shown */
    uint64_t shown;     /* of a response's: http_shown_give */
};

#define HTTP_TYPE_MAX 63 /* longest Content-Type of a response that is remembered */

struct http1 {
    struct http_side request, response;
    struct http_tx_queue waiting;
    uint64_t n_requests, n_answered;
    bool tunnel; /* a response said so (CONNECT, Upgrade): what follows is another protocol */

    struct http_tx *asking; /* the request being read */
    struct window sent;     /* its compressed body as it came: few servers undo that coding */

    struct http_tx *answering; /* the request that the response being read belongs to */
    struct http_java java;
    unsigned status;
    uint8_t type_len, type[HTTP_TYPE_MAX];
};

/* One call of the inspector's feed. */
struct http_feed {
    struct http1 *h;
    struct http_side *s;
    const struct inspecting *in;
    struct bytes data;
    size_t at;       /* data before this is done with */
    size_t appended; /* data behind at that lies in s->held as well */
    size_t gathered; /* bytes of body that wait to be given together */
};

static inline bool http_is_request(const struct http_feed *fd)
{
    return fd->s == &fd->h->request;
}

/* --- http_side.c --- */

/* Reads on from at to the end of data. */
enum progress http_side_run(struct http_feed *fd);

/* False when what was missed leaves no idea of where the next message begins. */
bool http_side_bridges(struct http_feed *fd, uint64_t gap);

/* The rest of this direction is raw: inspect.c's when it has all the bytes, ours when some are held here or a
 * raw window is open already. */
enum progress http_side_lost(struct http_feed *fd);

/* What follows at is another protocol: a response said so. */
enum progress http_side_change(struct http_feed *fd);

/* No more will come. */
void http_side_finish(struct http_feed *fd);

/* From at on, the direction is given as sent as well. odd: bits by enum anomaly_kind, told as events. */
void http_side_doubt(struct http_feed *fd, uint32_t odd);

/* The message is over; the next byte begins a head. */
void http_side_next_message(struct http_feed *fd);

/* A field with everything but kind and value. view is filled and must live as long as the field. */
struct field http_field(const struct http_feed *fd, struct http_view *view);

/* Bytes as sent. */
void http_raw_put(struct http_feed *fd, struct bytes piece);

/* --- http_text.c --- */

/* At the beginning of a body, when the head was read. */
void http_text_begin(struct http_feed *fd);

/* Its next bytes: codings undone, as much as the settings want. Small pieces are given together: a chunk of
 * one byte costs little more than its byte. http_text_flush gives what waits. */
void http_text_take(struct http_feed *fd, struct bytes piece);
void http_text_flush(struct http_feed *fd);

/* No more comes of it, or not without a hole. */
void http_text_finish(struct http_feed *fd);

/* --- http_request.c, http_response.c --- */

/* One piece of a head: the first has the first line. complete: the message's body begins behind it. */
enum progress http_request_head(struct http_feed *fd, struct bytes piece, bool complete);
enum progress http_response_head(struct http_feed *fd, struct bytes piece, bool complete);

/* Header lines behind a chunked body. */
void http_request_trailer(struct http_feed *fd, struct bytes lines);
void http_response_trailer(struct http_feed *fd, struct bytes lines);

/* Content of the body. */
void http_request_piece(struct http_feed *fd, struct bytes piece);
void http_response_piece(struct http_feed *fd, struct bytes piece);

/* The body is over, or broken by a gap (then more may follow). */
void http_request_body_end(struct http_feed *fd);
void http_response_body_end(struct http_feed *fd);
void http_request_body_broken(struct http_feed *fd);
void http_response_body_broken(struct http_feed *fd);

#endif

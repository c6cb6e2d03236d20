/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP2_FLOW_H
#define INSPECT_HTTP2_FLOW_H

#include "config/config.h"
#include "inspect/http2_frame.h"
#include "inspect/http2_hpack.h"
#include "inspect/http2_list.h"
#include "inspect/http_coding.h"
#include "inspect/http_java.h"
#include "inspect/http_tx.h"
#include "inspect/packed.h"
#include "inspect/window.h"

/* The state of one HTTP/2 connection (RFC 9113), shared by the files that read it: http2.c (frames),
 * http2_block.c (header blocks), http2_stream.c (who is who), http2_body.c (DATA). */

/* The two directions of a stream. */
enum { HTTP2_REQUEST, HTTP2_RESPONSE };

#define HTTP2_TYPE_MAX 63 /* longest Content-Type of a response that is remembered */

struct http2_body {
    struct http_said said;
    struct http_decoder *decoder;
    struct packed *messages; /* compressed texts in content that is framed */
    struct window text;
    struct window sent;      /* a compressed body as it came: few servers undo that coding */
    uint64_t len, text_left; /* so much may still be shown */
    uint64_t shown;          /* of a response's: http_shown_give */
    bool headed;             /* the head has been seen: a further one is a trailer */
    bool open;               /* content has been seen */
    bool muted;              /* enough was shown, or the compressed body reached a ceiling */
    bool packed;             /* the text is not what was sent */
    bool ended;
};

struct http2_stream {
    struct http2_stream *next; /* the most recently used first */
    uint32_t id;
    uint64_t number;    /* of the request in its flow */
    struct http_tx *tx; /* NULL when its head was not seen */
    struct http2_body body[2];
    struct http_java java;
    struct http2_socket *socket; /* WebSocket in its content; NULL for none */
    unsigned status;
    uint8_t type_len, type[HTTP2_TYPE_MAX];
};

/* A header block under way: HEADERS or PUSH_PROMISE, and CONTINUATION (RFC 9113 4.3). */
struct http2_block {
    bool open;      /* END_HEADERS is still to come */
    bool continued; /* a first piece has been given */
    bool trails;    /* it stands behind the content */
    bool ends_stream;
    uint32_t stream, promised; /* promised: 0 in HEADERS */
    struct http2_aside aside;
};

enum http2_place {
    HTTP2_AT_START,
    HTTP2_AT_FRAME,
    HTTP2_AT_LEAD,     /* what stands before the content: pad length, priority, promised stream */
    HTTP2_IN_FRAGMENT, /* of a header block */
    HTTP2_IN_DATA,
    HTTP2_IN_SKIPPED, /* numbers only: SETTINGS, PING ... */
    HTTP2_IN_TEXT,    /* what could be text: GOAWAY, ALTSVC, frames that nobody knows */
    HTTP2_IN_PADDING,
    HTTP2_OPAQUE, /* no more parsing: raw bytes only */
};

struct http2_side {
    uint8_t place;
    uint8_t type, flags; /* of the frame at hand */
    uint8_t n_got;       /* bytes in got: of a preface, frame head or lead that is not whole yet */
    uint8_t got[24];
    uint8_t lead, padding;
    uint32_t left; /* bytes of the frame's content before its padding */
    uint32_t stream;
    bool partial;  /* something of this direction was not seen: unknown table, doubtful frames */
    bool also_raw; /* ... and so its bytes are given as sent, too */
    struct http2_block block;
    struct http2_hpack *hpack;
    uint64_t credit; /* bytes that references to the table may still expand to */
    struct window raw;
    uint64_t raw_len, message;
};

struct http2 {
    struct http2_side side[2]; /* by who sends: HTTP2_REQUEST is the client */
    struct http2_stream *streams;
    unsigned n_streams;
    uint64_t n_requests;
    const struct http2_stream *sent_of; /* whose compressed body is being given as sent */
};

/* One call of the inspector's feed. */
struct http2_feed {
    struct http2 *h;
    struct http2_side *s;
    const struct inspecting *in;
    struct bytes data;
    size_t at;                      /* data before this is done with */
    struct http2_stream *gathering; /* whose content waits in the gather buffer */
    size_t gathered;
};

/* Whose bytes these are. */
static inline unsigned http2_way(const struct http2_feed *fd)
{
    return fd->in->from_client ? HTTP2_REQUEST : HTTP2_RESPONSE;
}

/* --- http2.c --- */

/* A field of the stream (NULL: of none) with everything but kind and value. view is filled and must live as
 * long as the field. */
struct field http2_field(const struct http2_feed *fd, const struct http2_stream *st, struct http_view *view);

/* Bytes as sent. */
void http2_raw_put(struct http2_feed *fd, struct bytes piece);

/* --- http2_stream.c --- */

/* NULL when it is not there. */
struct http2_stream *http2_stream_find(struct http2 *h, uint32_t id);

/* A new one, with the next number. At the ceiling the least recently used one of the connection goes. NULL
 * when memory is short (counted). */
struct http2_stream *http2_stream_new(struct http2_feed *fd, uint32_t id);

/* Judges what it holds and forgets it. */
void http2_stream_close(struct http2_feed *fd, struct http2_stream *st);

/* This direction has said its last on the stream, which may be over with that. */
void http2_stream_ended(struct http2_feed *fd, struct http2_stream *st, unsigned way);

/* Forgets all of them without judging. */
void http2_streams_drop(struct http2 *h);

/* --- http2_block.c --- */

/* Bytes of the block. False when they are no header block. */
bool http2_block_take(struct http2_feed *fd, struct bytes piece);

/* END_HEADERS. The same. */
bool http2_block_end(struct http2_feed *fd);

/* The list under way lives in one place for all flows while a call of feed lasts, and is put aside between
 * them. */
void http2_block_wait(struct http2_feed *fd);
void http2_block_resume(struct http2_feed *fd);

/* It will not be completed: what there is of it is judged. */
void http2_block_abandon(struct http2_feed *fd);

/* --- http2_body.c --- */

/* The head of this direction's message has been read. */
void http2_body_begin(struct http2_feed *fd, struct http2_stream *st, const struct http_said *said);

/* Content. Small pieces are given together; http2_body_flush gives what waits. */
void http2_body_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece);
void http2_body_flush(struct http2_feed *fd);

/* So many bytes of it are missing. */
void http2_body_broken(struct http2_feed *fd, struct http2_stream *st, uint64_t gap);
void http2_body_end(struct http2_feed *fd, struct http2_stream *st, unsigned way);
void http2_body_drop(struct http2_body *b);

/* --- http2_socket.c --- */

/* The request asked for WebSocket on its stream (RFC 8441). Without memory (counted) its content is read as
 * any other. */
void http2_socket_begin(struct http2_feed *fd, struct http2_stream *st);

/* Content of either direction, behind so many missing bytes; last: there is no more. False when there is no
 * WebSocket, or it is not sure that the server speaks it: then it is a body as well. */
bool http2_socket_put(struct http2_feed *fd, struct http2_stream *st, struct bytes piece, uint64_t gap,
                      bool last);
void http2_socket_drop(struct http2_stream *st);

#endif

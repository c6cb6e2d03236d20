/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP2_FRAME_H
#define INSPECT_HTTP2_FRAME_H

#include "inspect/inspector.h"

/* What the head of a frame says (RFC 9113 4.1), and what begins an HTTP/2 connection. */

enum http2_type {
    HTTP2_DATA,
    HTTP2_HEADERS,
    HTTP2_PRIORITY,
    HTTP2_RST_STREAM,
    HTTP2_SETTINGS,
    HTTP2_PUSH_PROMISE,
    HTTP2_PING,
    HTTP2_GOAWAY,
    HTTP2_WINDOW_UPDATE,
    HTTP2_CONTINUATION,
};

enum {
    HTTP2_END_STREAM = 0x01,
    HTTP2_ACK = 0x01,
    HTTP2_END_HEADERS = 0x04,
    HTTP2_PADDED = 0x08,
    HTTP2_PRIORITISED = 0x20
};

#define HTTP2_FRAME_HEAD 9
#define HTTP2_PREFACE    BYTES_LIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

struct http2_frame {
    uint32_t len, stream;
    uint8_t type, flags;
};

/* head: HTTP2_FRAME_HEAD bytes. */
struct http2_frame http2_frame_read(struct bytes head);

/* False when no receiver would take it: a length or a stream that its type forbids, or a type that nobody
 * has registered or reserved for greasing (RFC 9113 section 6, RFC 8701's idea in RFC 9113 5.5). */
bool http2_frame_is_good(const struct http2_frame *f);

/* inspector.recognise: a client's preface; a server's first SETTINGS; in the middle of a connection a whole
 * header block that decodes to a request or a response. */
enum recognition http2_recognise(struct bytes first, uint8_t proto, bool whole);

#endif

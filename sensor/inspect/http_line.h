/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_LINE_H
#define INSPECT_HTTP_LINE_H

#include "inspect/inspector.h"

/* First lines: of a flow (is this HTTP at all?) and of every further message (is this still HTTP?). Lines
 * come with or without their line end. */

#define HTTP_LINE_MAX 8192 /* longest first line that is waited for before the flow is raw */

/* inspector.recognise: a request line ends in a blank and HTTP/..., whatever its method; without a version
 * (HTTP/0.9, or an attack in its place) it takes a known method and a path or URL. SIP and RTSP are not HTTP,
 * nor is HTTP/2. */
enum recognition http_recognise(struct bytes first, uint8_t proto, bool whole);

/* The same for one whole line. */
bool http_line_is_request(struct bytes line);

/* True for what nearly all request lines are (GET or POST, a path, HTTP/1.x): spares the questions of the
 * others. */
bool http_line_is_common(struct bytes line);

/* For the start of a line that may not be whole: false when it cannot become a request line of a well-behaved
 * client (a method of at most HTTP_METHOD_MAX token characters, RFC 9110 5.6.2). Looks at no more than that.
 */
#define HTTP_METHOD_MAX 32
bool http_line_may_be_request(struct bytes start);

/* A line of HTTP_LINE_MAX bytes without an end: true when it begins like a request all the same. */
bool http_line_begins_request(struct bytes start);

/* False when the start of a response's line can no longer be one. */
bool http_line_may_be_response(struct bytes start);

/* All views into the line, empty when missing; then p is NULL for the protocol alone. */
struct http_request_line {
    struct bytes method, target, protocol;
    bool plain; /* nothing but a method of token characters and HTTP/x.y */
};

struct http_request_line http_request_line(struct bytes line);

/* Three digits, or 0 when there are none. */
unsigned http_status(struct bytes line);

#endif

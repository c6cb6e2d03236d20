/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP2_LIST_H
#define INSPECT_HTTP2_LIST_H

#include "base/buf.h"
#include "inspect/http_head.h"

/* The headers of one HTTP/2 message as a text, a line for each: ":path: /x", "user-agent: y". Its parts are
 * known by their place, so a value may hold anything, line ends too.
 *
 * There is one list for the process: a header block is mostly read in one go. One that is not is put aside.
 */

#define HTTP2_LIST_TEXT 65536 /* longer lists are given in pieces, a single longer header alone */
#define HTTP2_LIST_MAX  1024  /* headers in a piece */

/* A list put aside, in two holds. All zero: nothing. */
struct http2_aside {
    struct buf text, parts;
};

void http2_list_clear(void);
bool http2_list_is_empty(void);

/* False when the piece is full: give it, clear it, and add again. */
bool http2_list_add(struct bytes name, struct bytes value);

/* False when memory is short (counted); the list is then as it was. */
bool http2_list_put_aside(struct http2_aside *a);
void http2_list_take_back(struct http2_aside *a);
void http2_aside_drop(struct http2_aside *a);

/* What the list says. The views are good as long as the list is. */
struct http2_said {
    struct http_view view; /* status of a response, too */
    struct http_said said;
    struct bytes location;        /* of a response that leads elsewhere; empty for none */
    bool is_request, is_response; /* it has pseudo-headers of one */
    bool websocket;               /* an extended CONNECT for it (RFC 8441 4) */
};

/* Cookies in crumbs are joined first (RFC 9113 8.2.3). */
void http2_list_read(struct http2_said *out);

/* The list as a text, and its parts as struct field's: its value must be that text. */
struct bytes http2_list_text(void);
void http2_request_parts(const struct field *head, field_fn *fn, void *arg);
void http2_response_parts(const struct field *head, field_fn *fn, void *arg);

#endif

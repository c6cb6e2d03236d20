/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_HTTP_H
#define DETECT_TRAFFIC_HTTP_H

#include "detect/rule_buffer.h"

/* The http.* buffers of a head, as Suricata 7 fills them (its rules/http-keywords, and what libhtp does to
 * headers): each is worked out when it is asked for. */

#define HTTP_BUFFER_HEADERS 1024 /* of one head; what follows is in the raw buffers only */

struct http_buffers;                         /* one for all heads: they are judged one after the other */
struct http_buffers *http_buffers_new(void); /* NULL when memory is short */
void http_buffers_free(struct http_buffers *h);

/* A head of HTTP/1, or a list of HTTP/2 headers (":path: /x" each). False when it is no head at all:
 * trailers. The views are good until the next call, and as long as head is. */
bool http_buffers_read(struct http_buffers *h, struct bytes head, bool request, bool http2);

/* The i-th value of the buffer: of most there is one. False when there is none. */
bool http_buffers_get(struct http_buffers *h, enum buffer_id id, unsigned i, struct bytes *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_HEAD_H
#define INSPECT_HTTP_HEAD_H

#include "inspect/http_coding.h"
#include "inspect/http_line.h"

/* Heads: where they end, what their headers say of the body, and their parts when something was found in
 * them. */

#define HTTP_HEAD_MAX 65536 /* longer heads are judged in pieces */

/* How far the search for the end has come; all zero at the start of a head. */
#define HTTP_MARKS 12
struct http_scan {
    size_t seen, line; /* bytes searched, start of the line they end in */
    size_t first;      /* end of the first line, behind its LF; 0 = not seen */
    bool inside;       /* a further piece of a long head begins so: an empty first line is no end of it */
    uint8_t n_marks;   /* HTTP_MARKS + 1 = too many */
    uint16_t marks[HTTP_MARKS]; /* where the headers begin that http_head_read may want to see */
};

enum http_end {
    HTTP_END_NOT_YET,
    HTTP_END_BLANK, /* a blank line: LF or CRLF, RFC 9112 2.2 */
    HTTP_END_CR,    /* no LF at all so far, and CR CR: a client that ends its lines with CR */
};

/* Searches text (the same as before with more behind it, or the first time) on from where it was. *end:
 * offset behind the blank line. Linear over all calls. */
enum http_end http_head_end(struct bytes text, struct http_scan *scan, size_t *end);

/* What the headers say of the message behind them. */
struct http_said {
    uint64_t length, longest;    /* the first that is told, and the longest */
    bool has_length, bad_length; /* a Content-Length; one that is no plain number, or two that differ */
    bool chunked, has_transfer;  /* Transfer-Encoding names chunked; there is one */
    uint32_t odd;    /* bits, by enum anomaly_kind: two readers may frame this message differently */
    bool bad_coding; /* one that nobody knows */
    struct http_codings content;  /* Content-Encoding, in the order it names them */
    struct http_codings transfer; /* Transfer-Encoding, without chunked: they lie over the others */
    bool has_type;                /* a Content-Type */
    bool framed;                  /* it is gRPC's: messages behind a length, each compressed on its own */
    bool old;                     /* below HTTP/1.1 */
    enum field_coding coding;     /* by Content-Type */
};

/* Adds what the header lines of one piece of a head say; from: where they begin, scan: of that piece. view
 * gets host, user_agent, referer and response_content_type; it may be NULL. */
void http_head_read(struct bytes piece, size_t from, const struct http_scan *scan, struct http_said *said,
                    struct http_view *view);

/* The four heads as struct field's parts: whole (with its first line), or header lines only (a further piece
 * of a long head, trailers). Folded lines are unfolded as RFC 9112 5.2 and Java's servers do it: one blank
 * for each fold. */
void http_request_parts(const struct field *head, field_fn *fn, void *arg);
void http_request_more_parts(const struct field *head, field_fn *fn, void *arg);
void http_response_parts(const struct field *head, field_fn *fn, void *arg);
void http_response_more_parts(const struct field *head, field_fn *fn, void *arg);

/* Adds the values of all headers of that name, in the piece of a head that begins with its first line, to a
 * hold: with a comma between them, as RFC 9110 5.3 has it, and as far as ceiling reaches. */
void http_head_values(struct bytes head, struct bytes name, struct buf *values, size_t ceiling);

/* The one that a JVM goes by when there are several; a view. */
struct bytes http_head_last_value(struct bytes head, struct bytes name);

/* The same as http_head_read for one header that comes without a line: HTTP/2's. */
void http_header_read(struct bytes name, struct bytes value, struct http_said *said, struct http_view *view);

/* True when a name holds what a lookup may begin with, also in disguise: then it is the text that matters. */
bool http_name_is_odd(struct bytes name);

/* Gives part as that kind, in the coding that its place has. */
void http_part_give(struct field *part, enum field_kind kind, struct bytes name, struct bytes value,
                    field_fn *fn, void *arg);

/* The first line of a head, without its end. */
struct bytes http_first_line(struct bytes head);

#endif

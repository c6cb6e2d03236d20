/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_BODY_H
#define INSPECT_HTTP_BODY_H

#include "base/cursor.h"

/* Where the body of a message ends, and which of its bytes are content (RFC 9112 sections 6 and 7). */

enum http_framing { HTTP_LENGTH, HTTP_CHUNKED, HTTP_TO_CLOSE };

struct http_body {
    uint8_t framing; /* enum http_framing */
    uint8_t place;   /* of the next byte in chunked framing; 0 at first */
    uint8_t digits;  /* of the chunk size read so far */
    uint64_t left;   /* of the body (HTTP_LENGTH) or of the chunk */
};

static inline struct http_body http_body_of_length(uint64_t length)
{
    return (struct http_body){.framing = HTTP_LENGTH, .left = length};
}

static inline struct http_body http_body_chunked(void)
{
    return (struct http_body){.framing = HTTP_CHUNKED};
}

static inline struct http_body http_body_to_close(void)
{
    return (struct http_body){.framing = HTTP_TO_CLOSE};
}

enum http_body_next {
    HTTP_BODY_MORE,      /* all taken, and the body goes on */
    HTTP_BODY_PIECE,     /* *piece is content */
    HTTP_BODY_EXTENSION, /* *piece is of a chunk's extension (RFC 9112 7.1.1); its last piece ends in LF */
    HTTP_BODY_DONE,      /* HTTP_LENGTH: ended. HTTP_CHUNKED: the last chunk was read, its trailers follow */
    HTTP_BODY_BAD,       /* no chunk begins at the cursor */
};

/* Takes what comes next off the front of c. Reads on through LF without CR, blanks round the size,
 * extensions, and empty lines before a size. What follows a size on its line is extension, whatever it is. */
enum http_body_next http_body_next(struct http_body *b, struct cursor *c, struct bytes *piece);

/* True when gap bytes that were never seen are all content, which then counts as taken. */
bool http_body_gap(struct http_body *b, uint64_t gap);

/* True when HTTP_LENGTH content is complete: http_body_next would say DONE. */
static inline bool http_body_complete(const struct http_body *b)
{
    return b->framing == HTTP_LENGTH && b->left == 0;
}

#endif

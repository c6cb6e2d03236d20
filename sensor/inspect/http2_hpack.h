/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP2_HPACK_H
#define INSPECT_HTTP2_HPACK_H

#include "base/bytes.h"

/* Header compression (RFC 7541) of one direction, undone by libnghttp2's inflater, in any pieces.
 *
 * The size of the dynamic table follows what the encoder says in its header blocks (RFC 7541 6.3), up to the
 * ceiling given here, whatever SETTINGS allowed it: they may have been seen or not. */
struct http2_hpack;

/* partial: header blocks came before that were not seen. The table is then full of entries without name and
 * value; newer entries are found at their place all the same, since indices count from the newest. NULL when
 * memory is short. All tables together stay below memcap (counted as INSPECT_MEMORY). */
struct http2_hpack *http2_hpack_new(uint32_t max_table, uint64_t memcap, bool partial);
void http2_hpack_free(struct http2_hpack *p); /* NULL is welcome */

struct http2_header {
    struct bytes name, value; /* good until the next call */
    size_t wire_len;          /* bytes that it took: few when it refers to the table */
};

enum http2_hpack_next {
    HTTP2_HPACK_MORE,   /* all of *in is taken */
    HTTP2_HPACK_HEADER, /* *header is the next one */
    HTTP2_HPACK_BAD,    /* no header block, or memory is short: p is only good to be freed */
};

enum http2_hpack_next http2_hpack_next(struct http2_hpack *p, struct bytes *in, struct http2_header *header);

/* The block is over. False when it ends inside a header. */
bool http2_hpack_end(struct http2_hpack *p);

/* What all tables take now. */
uint64_t http2_hpack_bytes(void);

#endif

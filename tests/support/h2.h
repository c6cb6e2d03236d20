/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_H2_H
#define SUPPORT_H2_H

#include "base/buf.h"
#include "inspect/http2_frame.h"

/* Writes one direction of an HTTP/2 connection, header blocks by nghttp2's own deflater. */
struct h2 {
    struct buf out;
    void *deflater;
    struct buf block; /* the header block at hand */
};

struct h2_pair {
    const char *name, *value;
};

void h2_begin(struct h2 *w);
void h2_drop(struct h2 *w);

/* What a client and a server say first. */
void h2_preface(struct h2 *w);
void h2_settings(struct h2 *w);

void h2_frame(struct h2 *w, uint8_t type, uint8_t flags, uint32_t stream, struct bytes content);

/* Compresses; name NULL ends the list. The second: as literals that enter no table and are not in Huffman's
 * code. */
struct bytes h2_block(struct h2 *w, const struct h2_pair *pairs);
struct bytes h2_literals(struct h2 *w, const struct h2_pair *pairs);

/* HEADERS with END_HEADERS, and flags. */
void h2_headers(struct h2 *w, uint8_t flags, uint32_t stream, const struct h2_pair *pairs);

static inline struct bytes h2_bytes(const struct h2 *w)
{
    return buf_bytes(&w->out);
}

#endif

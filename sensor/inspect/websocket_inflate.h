/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_WEBSOCKET_INFLATE_H
#define INSPECT_WEBSOCKET_INFLATE_H

#include "base/bytes.h"

/* permessage-deflate (RFC 7692) of one direction, undone. A message may refer to those before it, so the
 * context lives as long as the connection. All contexts of the process stay below one ceiling: the one that
 * was used least recently makes room for the next (counted), and later messages of its connection then show
 * what they say anew, with "?" for what they repeat. All zero at first; the same for one that was dropped. */
struct websocket_context;
struct websocket_inflate {
    struct websocket_context *context;
    bool partial;         /* something was said in this direction that the context does not know */
    uint64_t n_in, n_out; /* of this message */
};

enum websocket_inflated {
    WEBSOCKET_INFLATED_MORE, /* all of *in is taken */
    WEBSOCKET_INFLATED_ROOM, /* out is full: call again */
    WEBSOCKET_INFLATED_BAD,  /* not compressed, or memory is short */
    WEBSOCKET_INFLATED_BOMB, /* a ceiling is reached */
};

/* Ceilings of one message: limit bytes in all, and ratio times what went in, but 64 KB in any case. memcap:
 * of all contexts. */
struct websocket_ceilings {
    uint64_t limit, ratio, memcap;
};

/* Takes from the front of *in, writes at most room bytes to out; *n says how many. BAD and BOMB drop the
 * context. */
enum websocket_inflated websocket_inflate(struct websocket_inflate *w, const struct websocket_ceilings *c,
                                          struct bytes *in, uint8_t *out, size_t room, size_t *n);

/* The four bytes that a sender leaves out at the end of a message (RFC 7692 7.2.2): to be fed then. */
#define WEBSOCKET_TAIL BYTES_LIT("\x00\x00\xff\xff")

/* Begins the next message. */
void websocket_inflate_next(struct websocket_inflate *w);
void websocket_inflate_drop(struct websocket_inflate *w);

/* What the beginning of a message inflates to, when nothing before it is known: bytes in out, 0 when it is
 * not compressed. */
size_t websocket_inflate_start(struct bytes in, uint8_t *out, size_t room);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_CODING_H
#define INSPECT_HTTP_CODING_H

#include "inspect/coding.h"

/* Undoes the content codings of a request body, one above the other, in the order that the headers say, and
 * those that nobody spoke of as long as what comes out begins like a coded text. Servers differ in what they
 * undo, and attackers lie: what a label is wrong about comes out as it was sent. */
#define HTTP_CODINGS_MAX 8

/* Labels in the order in which they were put on: the last one comes off first. */
struct http_codings {
    uint8_t n;
    uint8_t label[HTTP_CODINGS_MAX]; /* enum coding_label */
    bool too_many;
};

/* Ceilings on what comes out: limit bytes in all, and ratio times what went in (a body may always become
 * HTTP_DECODE_FREE bytes: short texts compress well); of each coding, so that stacking them gains nothing.
 * At most so many layers, those without a label included. */
struct http_coding_limits {
    uint64_t limit, ratio, layers;
};
#define HTTP_DECODE_FREE 65536

struct http_decoder;

/* NULL when memory is short. */
struct http_decoder *http_decoder_new(const struct http_codings *labels, struct http_coding_limits limits);
void http_decoder_free(struct http_decoder *d); /* NULL is welcome */

enum http_decoded {
    HTTP_DECODED_MORE, /* all of *in is taken; there may be output */
    HTTP_DECODED_ROOM, /* out is full, or a step is done: call again */
    HTTP_DECODED_ANEW, /* what came out so far was no text: it begins here. Call again */
    HTTP_DECODED_BOMB, /* a ceiling is reached; what was decoded until there is out */
};

/* Takes from the front of *in, writes at most room bytes (at least 1) to out; *n says how many. last: nothing
 * comes behind *in; after MORE everything is out. After BOMB the decoder is only good to be freed. */
enum http_decoded http_decode(struct http_decoder *d, struct bytes *in, bool last, uint8_t *out, size_t room,
                              size_t *n);

/* True when what still comes in comes out as it is: the decoder is of no more use. */
bool http_decoder_is_plain(const struct http_decoder *d);

/* True when a label was wrong or a coded text broke off; when memory was short for one. */
bool http_decoder_is_bad(const struct http_decoder *d);
bool http_decoder_is_refused(const struct http_decoder *d);

#endif

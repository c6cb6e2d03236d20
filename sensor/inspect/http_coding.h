/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_CODING_H
#define INSPECT_HTTP_CODING_H

#include "base/buf.h"

/* Undoes the content coding of a request body: gzip, zlib or raw deflate by what the bytes are, whatever the
 * header calls them. Servers differ in that, and attackers lie. */
struct http_decoder;

/* Ceilings on what comes out: limit bytes in all, and ratio times what went in (a body may always become
 * HTTP_DECODE_FREE bytes: short texts compress well). NULL when memory is short or HTTP_DECODERS_MAX are in
 * use. */
#define HTTP_DECODERS_MAX 1024 /* each holds about 45 KB while its body is under way */
#define HTTP_DECODE_FREE  65536
struct http_decoder *http_decoder_new(uint64_t limit, uint64_t ratio);
void http_decoder_free(struct http_decoder *d); /* NULL is welcome */

enum http_decoded {
    HTTP_DECODED_MORE,  /* all of *in is taken; there may be output */
    HTTP_DECODED_ROOM,  /* out is full, or a step is done: call again */
    HTTP_DECODED_PLAIN, /* the coded stream has ended; what is left of *in is no part of it */
    HTTP_DECODED_BAD,   /* not (any more) a coded stream; see http_decoder_sent */
    HTTP_DECODED_BOMB,  /* a ceiling is reached; what was decoded until there is in out */
};

/* Takes from the front of *in, writes at most room bytes (at least 1) to out; *n says how many. After PLAIN,
 * BAD and BOMB the decoder is only good to be asked for http_decoder_sent and freed. */
enum http_decoded http_decode(struct http_decoder *d, struct bytes *in, uint8_t *out, size_t room, size_t *n);

/* Bytes taken that are to be judged as sent, in front of what is left of *in. After PLAIN: those behind the
 * coded stream. After BAD: all from the start on, when the body turned out not to be coded within its first
 * HTTP_DECODE_HELD bytes; none when it was good for longer than that. Borrowed from d. */
#define HTTP_DECODE_HELD 4096
struct bytes http_decoder_sent(const struct http_decoder *d);

/* At the end of the body: PLAIN when the coded stream has ended before, BAD when it is cut. */
enum http_decoded http_decoder_close(const struct http_decoder *d);

#endif

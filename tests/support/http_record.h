/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_HTTP_RECORD_H
#define SUPPORT_HTTP_RECORD_H

#include "base/buf.h"
#include "config/config.h"
#include "inspect/inspector.h"

/* Drives an inspector without the stages round it and writes down the fields it gives, one text per kind:
 * heads with their parts, windows by their fresh bytes. What the inspector gives up counts as RAW. */
struct http_record {
    struct config config;
    void *state;
    struct flow flow;
    bool begun[2], given_up[2];
    struct buf of[FIELD_N]; /* one line per TEXT, HEAD, FACT or whole WINDOW */
    struct buf packed;      /* what compressed text among raw bytes says: each in pieces of its own */
    size_t open[FIELD_N];   /* where the open window of that kind began, plus one */
    size_t want;            /* lookback asked for */
    unsigned wants;         /* inspect.h */
    bool keep_parts;        /* take heads apart (default) */
    unsigned n_fields;
    uint64_t last_message;
    char view[512]; /* method url protocol host agent referer status type length of the last field */
};

struct http_record *http_record_new(void);
void http_record_free(struct http_record *r);

/* Bytes of one direction; side 0 is the client. Each piece lies in memory of exactly its size. */
void http_record_feed(struct http_record *r, unsigned side, struct bytes data, uint64_t gap, bool last);

/* The same in pieces of at most step bytes. */
void http_record_steps(struct http_record *r, unsigned side, struct bytes data, size_t step);
void http_record_end(struct http_record *r);

/* True when the text of that kind holds needle. */
bool http_record_has(const struct http_record *r, enum field_kind kind, struct bytes needle);

/* Of any kind; heads count by their parts only. */
bool http_record_delivers(const struct http_record *r, struct bytes needle);

/* Aborts with both texts when two records differ in anything. */
void http_record_same(const struct http_record *a, const struct http_record *b);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_TX_H
#define INSPECT_HTTP_TX_H

#include "inspect/field.h"

/* What is remembered of a request until its body and its response have been read: a compact copy for alerts,
 * and what decides how the response is framed. Shared by those who hold it. */
struct http_tx {
    struct http_tx *next; /* in the queue */
    uint64_t number;      /* of the request in its flow */
    unsigned holders;
    bool head, connect; /* its method: the response has no body, or opens a tunnel */
    size_t size;
    struct http_view view; /* into text, each value cut at its ceiling (about 2 KB in all) */
    uint8_t text[];
};

/* Held once. Without the text when all texts of the process together are above HTTP_TX_TEXTS_MAX (counted as
 * INSPECT_MEMORY); NULL when there is no memory at all. */
#define HTTP_TX_TEXTS_MAX (48u * 1024 * 1024)
struct http_tx *http_tx_new(const struct http_view *view, uint64_t number);
struct http_tx *http_tx_hold(struct http_tx *tx);
void http_tx_release(struct http_tx *tx); /* NULL is welcome */

/* Requests that wait for their response, in order. At most HTTP_TX_PENDING: further ones are not remembered,
 * and their responses are read like those to a GET. */
#define HTTP_TX_PENDING 32
struct http_tx_queue {
    struct http_tx *first, *last;
    unsigned n;
};

void http_tx_push(struct http_tx_queue *q, struct http_tx *tx);

/* The request of that number, no longer queued but held by the caller; NULL when it is not there. Forgets
 * those with a lower number. */
struct http_tx *http_tx_pop(struct http_tx_queue *q, uint64_t number);

/* The same, borrowed: the queue keeps it. */
struct http_tx *http_tx_peek(struct http_tx_queue *q, uint64_t number);

void http_tx_queue_drop(struct http_tx_queue *q);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_tx.h"

#include <stdlib.h>

#include "base/count.h"

/* Ceilings of the copies: what an event shows of each. */
enum {
    METHOD_MAX = 32,
    URL_MAX = 1024,
    PROTOCOL_MAX = 16,
    HOST_MAX = 256,
    AGENT_MAX = 448,
    REFERER_MAX = 256
};

static size_t texts_now;

static size_t cut_len(struct bytes b, size_t max)
{
    return b.len < max ? b.len : max;
}

static size_t view_size(const struct http_view *v)
{
    return cut_len(v->method, METHOD_MAX) + cut_len(v->url, URL_MAX) + cut_len(v->protocol, PROTOCOL_MAX) +
           cut_len(v->host, HOST_MAX) + cut_len(v->user_agent, AGENT_MAX) + cut_len(v->referer, REFERER_MAX);
}

static struct bytes copy(uint8_t **at, struct bytes value, size_t max)
{
    struct bytes to = {*at, cut_len(value, max)};

    if (!value.p)
        return value;
    if (to.len)
        memcpy(*at, value.p, to.len);
    *at += to.len;
    return to;
}

struct http_tx *http_tx_new(const struct http_view *view, uint64_t number)
{
    static const struct http_view nothing;
    size_t size = view_size(view);
    struct http_tx *tx;
    uint8_t *at;

    if (texts_now + size > HTTP_TX_TEXTS_MAX) {
        count(COUNT_INSPECT_MEMORY);
        view = &nothing;
        size = 0;
    }
    tx = malloc(sizeof *tx + size);
    if (!tx)
        return NULL;
    *tx = (struct http_tx){.number = number, .holders = 1, .size = size};
    texts_now += size;
    at = tx->text;
    tx->view.method = copy(&at, view->method, METHOD_MAX);
    tx->view.url = copy(&at, view->url, URL_MAX);
    tx->view.protocol = copy(&at, view->protocol, PROTOCOL_MAX);
    tx->view.host = copy(&at, view->host, HOST_MAX);
    tx->view.user_agent = copy(&at, view->user_agent, AGENT_MAX);
    tx->view.referer = copy(&at, view->referer, REFERER_MAX);
    return tx;
}

struct http_tx *http_tx_hold(struct http_tx *tx)
{
    tx->holders++;
    return tx;
}

void http_tx_release(struct http_tx *tx)
{
    if (!tx || --tx->holders)
        return;
    texts_now -= tx->size;
    free(tx);
}

void http_tx_push(struct http_tx_queue *q, struct http_tx *tx)
{
    if (q->n == HTTP_TX_PENDING)
        return;
    tx->next = NULL;
    if (q->last)
        q->last->next = tx;
    else
        q->first = tx;
    q->last = http_tx_hold(tx);
    q->n++;
}

static struct http_tx *queue_take(struct http_tx_queue *q)
{
    struct http_tx *tx = q->first;

    if (!tx)
        return NULL;
    q->first = tx->next;
    if (!q->first)
        q->last = NULL;
    q->n--;
    return tx;
}

struct http_tx *http_tx_peek(struct http_tx_queue *q, uint64_t number)
{
    while (q->first && q->first->number < number)
        http_tx_release(queue_take(q));
    return q->first && q->first->number == number ? q->first : NULL;
}

struct http_tx *http_tx_pop(struct http_tx_queue *q, uint64_t number)
{
    return http_tx_peek(q, number) ? queue_take(q) : NULL;
}

void http_tx_queue_drop(struct http_tx_queue *q)
{
    struct http_tx *tx;

    while ((tx = queue_take(q)) != NULL)
        http_tx_release(tx);
}

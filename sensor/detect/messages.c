/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/messages.h"
#include "base/count.h"
#include "detect/pool.h"
#include "detect/traffic_http.h"
#include "inspect/hold.h"
#include "inspect/http2_list.h"
#include "inspect/http_head.h"

#include <stdlib.h>

#define BIT(id)      (UINT64_C(1) << BUFFER_##id)
#define BODY_BUFFERS (BIT(HTTP_REQUEST_BODY) | BIT(HTTP_RESPONSE_BODY))
#define BODY_MAX     65536 /* as much of a value as rules over sightings look at */
#define LIST_MAX     16    /* messages of one flow */
#define WAITING_MAX  16    /* findings that wait for one body */

/* A finding that waits, with copies of all that it views. */
struct waiting {
    struct waiting *next;
    struct pool pool; /* this, too */
    struct finding finding;
    struct field field;
    struct chunk chunk;
    struct http_view http;
    struct attrs attrs;
};

struct message {
    struct message *older, *newer; /* of all flows, by age */
    struct message *next;          /* of its flow, the latest first */
    struct message_list *list;
    uint64_t number;
    uint8_t side;
    bool request, http2;
    bool over; /* no more comes of its body */
    bool torn; /* not all of its body could be kept: none of it is shown */
    struct buf body;
    struct waiting *waiting;
    unsigned n_waiting;
    size_t head_len;
    uint8_t head[];
};

struct messages {
    uint64_t wanted, memory, memcap;
    struct message *oldest, *newest;
    struct http_buffers *buffers;
    const struct message *read; /* whose head is in buffers */
    void (*tell)(void *arg, struct finding *f, const struct sighting_tx *tx);
    void *arg;
    /* Of the sighting at hand. */
    struct sighting_tx tx;
    const struct field *field;
    const struct message *request, *response;
};

struct messages *messages_new(const struct config *config,
                              void (*tell)(void *arg, struct finding *f, const struct sighting_tx *tx),
                              void *arg)
{
    struct messages *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->memcap = config->sighting_memcap;
    m->tell = tell;
    m->arg = arg;
    return m;
}

void messages_free(struct messages *m)
{
    if (!m)
        return;
    http_buffers_free(m->buffers);
    free(m);
}

void messages_want(struct messages *m, uint64_t buffers)
{
    m->wanted = buffers;
    if (buffers && !m->buffers)
        m->buffers = http_buffers_new();
    if (!m->buffers)
        m->wanted = 0;
}

bool messages_wanted(const struct messages *m)
{
    return m->wanted != 0;
}

/* --- what waits --- */

static size_t waiting_size(const struct waiting *w)
{
    return w->pool.bytes;
}

static struct bytes copy(struct pool *p, struct bytes b)
{
    uint8_t *to = b.p ? pool_room(p, b.len + 1) : NULL;

    if (to && b.len)
        memcpy(to, b.p, b.len);
    return bytes_of(to, to ? b.len : 0);
}

static void copy_http(struct waiting *w, const struct http_view *from)
{
    struct pool *p = &w->pool;

    w->http = *from;
    w->http.method = copy(p, from->method);
    w->http.url = copy(p, from->url);
    w->http.protocol = copy(p, from->protocol);
    w->http.host = copy(p, from->host);
    w->http.user_agent = copy(p, from->user_agent);
    w->http.referer = copy(p, from->referer);
    w->http.response_content_type = copy(p, from->response_content_type);
    w->field.http = &w->http;
}

/* raw is a slice of payload, where it is there. */
static void copy_texts(struct waiting *w, const struct finding *from)
{
    uintptr_t payload = (uintptr_t)from->payload.p, raw = (uintptr_t)from->raw.p;
    bool inside = from->raw.p && raw >= payload && raw - payload <= from->payload.len &&
                  from->raw.len <= from->payload.len - (raw - payload);

    w->finding.payload = copy(&w->pool, from->payload);
    w->finding.raw = inside && w->finding.payload.p
                         ? bytes_slice(w->finding.payload, raw - payload, raw - payload + from->raw.len)
                         : copy(&w->pool, from->raw);
    w->finding.decoded = copy(&w->pool, from->decoded);
}

static struct waiting *waiting_new(const struct finding *f)
{
    struct pool pool = {0};
    struct waiting *w = pool_room(&pool, sizeof *w);

    if (!w)
        return NULL;
    w->pool = pool;
    w->finding = *f;
    w->field = *f->field;
    w->chunk = *f->field->chunk;
    w->chunk.data = w->field.value = bytes_of(NULL, 0);
    w->field.chunk = &w->chunk;
    w->field.name = copy(&w->pool, f->field->name);
    if (f->field->http)
        copy_http(w, f->field->http);
    w->attrs = *f->attrs;
    for (unsigned i = 0; i < w->attrs.n; i++)
        w->attrs.v[i].value = copy(&w->pool, f->attrs->v[i].value);
    copy_texts(w, f);
    w->finding.field = &w->field;
    w->finding.attrs = &w->attrs;
    return w;
}

static void waiting_tell(struct messages *m, struct message *of)
{
    while (of->waiting) {
        struct waiting *w = of->waiting;
        struct pool pool = w->pool;

        of->waiting = w->next;
        m->memory -= waiting_size(w);
        m->tell(m->arg, &w->finding, messages_of(m, of->list, &w->field));
        pool_drop(&pool);
    }
    of->n_waiting = 0;
}

/* --- messages --- */

static struct message *message_find(const struct message_list *list, uint64_t number, bool request)
{
    struct message *one = list->first;

    while (one && (one->number != number || one->request != request))
        one = one->next;
    return one;
}

static void message_free(struct messages *m, struct message *one)
{
    struct message **at = &one->list->first;

    one->over = true;
    waiting_tell(m, one);
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
    *(one->older ? &one->older->newer : &m->oldest) = one->newer;
    *(one->newer ? &one->newer->older : &m->newest) = one->older;
    m->memory -= sizeof *one + one->head_len + one->body.cap;
    if (m->read == one)
        m->read = NULL;
    buf_drop(&one->body);
    free(one);
}

/* For others, whatever may still come of its body. */
static void message_expel(struct messages *m, struct message *one)
{
    one->torn |= !one->over;
    message_free(m, one);
}

/* True when so many bytes more are allowed; the oldest messages go for them, but not keep. */
static bool make_room(struct messages *m, size_t len, const struct message *keep)
{
    while (m->memory + len > m->memcap && m->oldest && m->oldest != keep) {
        count(COUNT_DETECT_MESSAGES_LOST);
        message_expel(m, m->oldest);
    }
    if (m->memory + len <= m->memcap)
        return true;
    count(COUNT_DETECT_MESSAGES_LOST);
    return false;
}

static void list_shorten(struct messages *m, struct message_list *list)
{
    struct message *last = list->first;
    unsigned n = last ? 1 : 0;

    while (last && last->next) {
        last = last->next;
        n++;
    }
    if (n >= LIST_MAX)
        message_expel(m, last);
}

static void note_head(struct messages *m, struct message_list *list, const struct field *f, bool request)
{
    struct message *one = message_find(list, f->message, request);

    if (one && (one->request || one->http2)) /* trailers */
        return;
    if (one) /* an interim answer */
        message_free(m, one);
    list_shorten(m, list);
    if (!make_room(m, sizeof *one + f->value.len, NULL))
        return;
    one = malloc(sizeof *one + f->value.len);
    if (!one) {
        count(COUNT_DETECT_MESSAGES_LOST);
        return;
    }
    *one = (struct message){.older = m->newest,
                            .next = list->first,
                            .list = list,
                            .number = f->message,
                            .side = (uint8_t)f->chunk->side,
                            .request = request,
                            .http2 = f->parts == http2_request_parts || f->parts == http2_response_parts,
                            .head_len = f->value.len};
    if (f->value.len)
        memcpy(one->head, f->value.p, f->value.len);
    *(m->newest ? &m->newest->newer : &m->oldest) = one;
    m->newest = list->first = one;
    m->memory += sizeof *one + one->head_len;
}

static void note_body(struct messages *m, struct message *one, const struct field *f)
{
    struct bytes fresh = bytes_from(f->value, f->fresh);
    size_t before = one->body.cap;

    one->over = f->last;
    one->body.ceiling = BODY_MAX;
    fresh = bytes_slice(fresh, 0, BODY_MAX - one->body.len);
    if (fresh.len && (!make_room(m, 2 * (one->body.len + fresh.len), one) || !buf_add(&one->body, fresh)))
        one->torn = true;
    m->memory += one->body.cap - before;
}

static bool is_body(const struct field *f)
{
    return (f->kind == FIELD_HTTP_REQUEST_BODY || f->kind == FIELD_HTTP_RESPONSE_BODY) && !f->packed;
}

static struct message *body_of(const struct message_list *list, const struct field *f)
{
    return is_body(f) ? message_find(list, f->message, f->kind == FIELD_HTTP_REQUEST_BODY) : NULL;
}

void messages_note(struct messages *m, struct message_list *list, const struct field *f)
{
    struct message *one = m->wanted & BODY_BUFFERS ? body_of(list, f) : NULL;

    if (f->chunk->alternative)
        return;
    /* A further piece of a long head, or trailers: the first one is kept. */
    if ((f->kind == FIELD_HTTP_REQUEST_HEAD && f->parts != http_request_more_parts) ||
        (f->kind == FIELD_HTTP_RESPONSE_HEAD && f->parts != http_response_more_parts))
        note_head(m, list, f, f->kind == FIELD_HTTP_REQUEST_HEAD);
    else if (one && !one->over)
        note_body(m, one, f);
}

void messages_settle(struct messages *m, struct message_list *list, const struct field *f)
{
    struct message *one = body_of(list, f);

    if (one && one->over)
        waiting_tell(m, one);
}

void messages_drop(struct messages *m, struct message_list *list)
{
    while (list->first)
        message_free(m, list->first);
}

/* --- what a sighting may be asked for --- */

/* Whose buffer it is. What requests and responses both have is that of the one at hand. */
static const struct message *owner_of(const struct messages *m, enum buffer_id id)
{
    unsigned directions = buffer_rows[id].directions;

    if (directions == BUFFER_TS)
        return m->request;
    if (directions == BUFFER_TC)
        return m->response;
    return flow_to_server(m->field->chunk->flow, m->field->chunk->side) ? m->request : m->response;
}

static bool get_record(const struct field *f, enum buffer_id id, unsigned i, struct bytes *out)
{
    *out = bytes_of(NULL, 0);
    if (id == BUFFER_DNS_QUERY && f->dns)
        *out = i == 0 ? f->dns->name : i <= f->dns->n_more ? f->dns->more[i - 1] : *out;
    else if (id == BUFFER_TLS_SNI && f->tls && i == 0)
        *out = f->tls->sni;
    return out->len > 0;
}

static bool get(void *arg, unsigned id, unsigned i, struct bytes *out)
{
    struct messages *m = arg;
    const struct message *one;

    if (id == BUFFER_DNS_QUERY || id == BUFFER_TLS_SNI)
        return get_record(m->field, id, i, out);
    one = owner_of(m, id);
    if (!one)
        return false;
    if (BODY_BUFFERS >> id & 1) {
        *out = one->torn ? bytes_of(NULL, 0) : buf_bytes(&one->body);
        return i == 0 && out->len > 0;
    }
    if (m->read != one) {
        if (!http_buffers_read(m->buffers, bytes_of(one->head, one->head_len), one->request, one->http2))
            return false;
        m->read = one;
    }
    return http_buffers_get(m->buffers, id, i, out);
}

const struct sighting_tx *messages_of(struct messages *m, const struct message_list *list,
                                      const struct field *f)
{
    m->field = f;
    m->request = f->http ? message_find(list, f->message, true) : NULL;
    m->response = f->http ? message_find(list, f->message, false) : NULL;
    m->tx = (struct sighting_tx){.get = get, .arg = m};
    return &m->tx;
}

/* RFC 9112 section 6.3: a request has a body when its head says so. */
static bool says_body(const struct message *one)
{
    struct bytes head = bytes_of(one->head, one->head_len);
    struct buf value = {0};
    uint64_t len = 0;
    bool body;

    http_head_values(head, BYTES_LIT("Transfer-Encoding"), &value, 64);
    body = value.len > 0;
    hold_drop(&value);
    http_head_values(head, BYTES_LIT("Content-Length"), &value, 64);
    body |= value.len > 0 && (!bytes_to_u64(bytes_trim(buf_bytes(&value)), UINT64_MAX, &len) || len > 0);
    hold_drop(&value);
    return body;
}

bool messages_more(struct messages *m, const struct message_list *list, const struct field *f)
{
    const struct message *one;

    if (!(m->wanted & BIT(HTTP_REQUEST_BODY)) || !f->http)
        return false;
    one = message_find(list, f->message, true);
    return one && one->side == f->chunk->side && !one->over && says_body(one);
}

bool messages_wait(struct messages *m, const struct message_list *list, const struct finding *f)
{
    struct message *one = message_find(list, f->field->message, true);
    struct waiting *w, **last;

    if (!one || one->n_waiting == WAITING_MAX || !make_room(m, sizeof *w + f->payload.len, one))
        return false;
    w = waiting_new(f);
    if (!w)
        return false;
    for (last = &one->waiting; *last;)
        last = &(*last)->next;
    *last = w;
    one->n_waiting++;
    m->memory += waiting_size(w);
    return true;
}

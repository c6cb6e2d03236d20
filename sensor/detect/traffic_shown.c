/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_shown.h"
#include "base/count.h"
#include "inspect/inspect.h"

#include <stdlib.h>

#define VALUE_MAX  1024 /* of each text: as much as an alert shows */
#define ROOM_LEAST 160  /* of texts: most messages of a flow fit without another allocation */

/* Does anybody ask for the packets or the stream of this side? */
static bool is_asked_for(struct traffic *t, struct traffic_flow *tf, const struct field *f)
{
    const struct flow *flow = f->chunk->flow;
    const struct traffic_set(*sets)[2] = t->plan->payload;
    bool to_server = flow_to_server(flow, f->chunk->side);

    if (flow->proto != PROTO_TCP)
        return sets[POINT_DATAGRAM][to_server].any;
    return (sets[POINT_STREAM][to_server].any &&
            traffic_reaches(t, tf, f->chunk, &sets[POINT_STREAM][to_server])) ||
           (sets[POINT_SEGMENT][to_server].any &&
            traffic_reaches(t, tf, f->chunk, &sets[POINT_SEGMENT][to_server]));
}

/* Of TLS the client's hello: it is told with whatever else the connection shows. */
static bool is_hello(const struct field *f)
{
    return f->kind == FIELD_RECORD && f->tls && !f->tls->server && !f->tls->certificate;
}

bool traffic_shown_wants(const struct traffic *t, const struct field *f)
{
    if (f->http || (f->dns && f->kind == FIELD_RECORD))
        return f->chunk->flow->proto == PROTO_TCP || t->plan->payload[POINT_DATAGRAM][0].any ||
               t->plan->payload[POINT_DATAGRAM][1].any || is_hello(f);
    return is_hello(f);
}

/* --- what is kept --- */

static size_t shown_len(struct bytes b)
{
    return b.len < VALUE_MAX ? b.len : VALUE_MAX;
}

static size_t texts_of(const struct field *f)
{
    const struct http_view *h = f->http;

    if (h)
        return shown_len(h->method) + shown_len(h->url) + shown_len(h->protocol) + shown_len(h->host) +
               shown_len(h->user_agent) + shown_len(h->referer) + shown_len(h->response_content_type);
    return shown_len(f->dns ? f->dns->name : f->tls->sni);
}

/* Emptied, with room for so many bytes of text. NULL when there is none. */
static struct traffic_shown *shown_make(struct traffic *t, struct traffic_shown **at, size_t texts)
{
    struct traffic_shown *s = *at;
    size_t size = sizeof *s + (texts < ROOM_LEAST ? ROOM_LEAST : texts);

    if (!s || s->size < size) {
        size_t before = s ? s->size : 0;

        s = t->memory + size - before > t->config->traffic_memcap ? NULL : realloc(s, size);
        if (!s) {
            count(COUNT_TRAFFIC_MEMORY);
            return NULL;
        }
        t->memory += size - before;
        *at = s;
    } else {
        size = s->size;
    }
    *s = (struct traffic_shown){.size = size};
    return s;
}

static struct bytes copy(struct traffic_shown *s, struct bytes value)
{
    struct bytes to = {s->text + s->used, shown_len(value)};

    if (!value.p)
        return value;
    if (to.len)
        memcpy(s->text + s->used, value.p, to.len);
    s->used += to.len;
    return to;
}

static void copy_http(struct traffic_shown *s, const struct http_view *h)
{
    s->has_http = true;
    s->http = (struct http_view){
        .method = copy(s, h->method),
        .url = copy(s, h->url),
        .protocol = copy(s, h->protocol),
        .host = copy(s, h->host),
        .user_agent = copy(s, h->user_agent),
        .referer = copy(s, h->referer),
        .response_content_type = copy(s, h->response_content_type),
        .status = h->status,
        .stream = h->stream,
        .response_length = h->response_length,
    };
}

static void copy_dns(struct traffic_shown *s, const struct dns_view *d)
{
    s->has_dns = true;
    s->dns = (struct shown_dns){.response = d->response,
                                .id = d->id,
                                .flags = d->flags,
                                .type = d->type,
                                .rcode = d->rcode,
                                .opcode = d->opcode,
                                .name = copy(s, d->name)};
}

static void copy_tls(struct traffic_shown *s, const struct tls_view *v)
{
    s->has_tls = true;
    s->tls.version = v->version;
    memcpy(s->tls.ja3, v->ja3, sizeof s->tls.ja3);
    memcpy(s->tls.ja4, v->ja4, sizeof s->tls.ja4);
    s->tls.sni = copy(s, v->sni);
}

void traffic_shown_note(struct traffic *t, struct traffic_flow *tf, const struct field *f)
{
    struct traffic_shown **at = &tf->shown[f->chunk->side], *s;

    if (!f->tls && !is_asked_for(t, tf, f))
        return;
    s = shown_make(t, at, texts_of(f));
    if (!s) {
        /* What was before would be another one's. */
        if (*at)
            **at = (struct traffic_shown){.size = (*at)->size};
        return;
    }
    s->message = f->message;
    s->packet = f->chunk->packet;
    if (f->http)
        copy_http(s, f->http);
    else if (f->dns)
        copy_dns(s, f->dns);
    else
        copy_tls(s, f->tls);
}

void traffic_shown_drop(struct traffic *t, struct traffic_flow *tf)
{
    for (unsigned side = 0; side < 2; side++) {
        t->memory -= tf->shown[side] ? tf->shown[side]->size : 0;
        free(tf->shown[side]);
        tf->shown[side] = NULL;
    }
}

/* --- what is told --- */

/* The bytes at hand came with the message that was read last, or go on with it. Those of an unfinished head
 * may be any message's. */
static bool is_of_chunk(struct traffic_shown *s, const struct chunk *c)
{
    uint64_t under_way, body_len;

    if (inspect_message(c->flow, c->side, &under_way, &body_len) && under_way == s->message) {
        if (s->has_http && c->side != c->flow->client)
            s->http.response_length = body_len;
        return true;
    }
    return s->packet == c->packet || (c->data.len == 0 && c->flow->proto == PROTO_TCP);
}

static void fill_dns(const struct shown_dns *d, struct dns_view *out)
{
    out->response = d->response;
    out->id = d->id;
    out->flags = d->flags;
    out->type = d->type;
    out->rcode = d->rcode;
    out->opcode = d->opcode;
    out->name = d->name;
}

/* What a client has said in its hello holds for the whole connection. */
static const struct tls_view *fill_tls(const struct traffic_flow *tf, const struct chunk *c,
                                       struct tls_view *out)
{
    const struct traffic_shown *hello = tf->shown[c->flow->client];

    if (!hello || !hello->has_tls)
        return NULL;
    out->server = c->side != c->flow->client;
    out->sni = hello->tls.sni;
    if (!out->version)
        out->version = hello->tls.version;
    memcpy(out->ja3, hello->tls.ja3, sizeof out->ja3);
    memcpy(out->ja4, hello->tls.ja4, sizeof out->ja4);
    return out;
}

void traffic_shown_fill(const struct traffic_flow *tf, struct field *f, struct shown_views *views)
{
    struct traffic_shown *s = tf->shown[f->chunk->side];

    memset(views, 0, sizeof *views);
    if (strcmp(f->app_proto, "tls") == 0 && !(f->tls && f->tls->sni.p)) {
        const struct tls_view *known = f->tls;

        if (known)
            views->tls = *known;
        f->tls = fill_tls(tf, f->chunk, &views->tls);
        f->tls = f->tls ? f->tls : known;
        return;
    }
    if (f->kind != FIELD_RAW || !s || !(s->has_http || s->has_dns) || !is_of_chunk(s, f->chunk))
        return;
    f->message = s->message;
    if (s->has_http)
        f->http = &s->http;
    if (s->has_dns) {
        fill_dns(&s->dns, &views->dns);
        f->dns = &views->dns;
    }
}

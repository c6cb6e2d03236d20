/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_SHOWN_H
#define DETECT_TRAFFIC_SHOWN_H

#include "detect/traffic_engine.h"

/* What an alert says of the transaction that its bytes belong to, when the rule looked at packets or at the
 * stream: what was read of it last, for each direction of a flow. A copy of some hundred bytes per message,
 * of which nothing is made when no rule looks at such bytes. */
struct traffic_shown {
    uint64_t message, packet;
    size_t size; /* of all of it */
    bool has_http, has_dns, has_tls; /* one of them, or none */
    union {
        struct http_view http;
        struct shown_dns {
            bool response;
            uint16_t id, flags, type;
            uint8_t rcode, opcode;
            struct bytes name;
        } dns;
        struct shown_tls {
            uint16_t version;
            char ja3[TLS_JA3_TEXT], ja4[TLS_JA4_TEXT];
            struct bytes sni;
        } tls;
    };
    size_t used;
    uint8_t text[];
};

/* True when f says something of its transaction that alerts may have to tell. */
bool traffic_shown_wants(const struct traffic *t, const struct field *f);

/* True when f belongs to the message that s was made of, if there is any: only what counts on has changed,
 * and is kept. */
static inline bool traffic_shown_goes_on(struct traffic_shown *s, const struct field *f)
{
    if (!s || !f->http || !s->has_http || s->message != f->message || s->http.status != f->http->status ||
        s->http.stream != f->http->stream)
        return false;
    s->http.response_length = f->http->response_length;
    s->packet = f->chunk->packet;
    return true;
}

/* Keeps that of a field with which nothing goes on. Without memory, or room under traffic-rules.memcap
 * (counted), the alert will do without. */
void traffic_shown_note(struct traffic *t, struct traffic_flow *tf, const struct field *f);

/* The transaction that the bytes of the chunk are part of, into a field whose views are good until the flow's
 * next field; dns and tls are where those views are made. Nothing when it is not known, or over. */
struct shown_views {
    struct dns_view dns;
    struct tls_view tls;
};
void traffic_shown_fill(const struct traffic_flow *tf, struct field *f, struct shown_views *views);

void traffic_shown_drop(struct traffic *t, struct traffic_flow *tf);

#endif

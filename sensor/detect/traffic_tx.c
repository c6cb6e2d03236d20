/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_tx.h"
#include "base/count.h"
#include "detect/traffic_http.h"
#include "detect/traffic_shown.h"
#include "inspect/http2_list.h"
#include "inspect/http_head.h"

#include <stdlib.h>

#define BIT(id) (UINT64_C(1) << BUFFER_##id)

/* --- one transaction --- */

/* Values of one buffer that are worth looking at at all: nobody sends more in earnest. */
#define VALUES_MAX 1024

static void find_in_values(struct traffic *t, const struct traffic_buffer *b, const struct transaction *tx)
{
    struct bytes value;

    for (unsigned i = 0; i < VALUES_MAX && tx->get(tx->arg, b->id, i, &value); i++)
        traffic_set_find(&b->set, rule_transformed(b->like, value, t->scratch), &t->room.finds);
}

static bool section_holds(struct traffic *t, const struct traffic_section *s, const struct transaction *tx,
                          struct confirm_vars *vars)
{
    struct confirm_value v = {.last = true};

    for (unsigned i = 0; i < VALUES_MAX && tx->get(tx->arg, s->buffer, i, &v.bytes); i++)
        if (rule_confirm(s, &v, vars, t->scratch))
            return true;
    return false;
}

/* All sections whose buffers a transaction has at once; bodies and payload are asked apart. */
static bool sections_hold(struct traffic *t, const struct traffic_rule *r, const struct transaction *tx)
{
    struct confirm_vars vars = {0};

    count(COUNT_TRAFFIC_ASKED);
    for (unsigned i = 0; i < r->ask->n_sections; i++) {
        const struct traffic_section *s = &r->ask->sections[i];

        if (s->buffer == BUFFER_PAYLOAD || (buffer_rows[s->buffer].traits & BUFFER_STREAM))
            continue;
        if (!(tx->has >> s->buffer & 1) || !section_holds(t, s, tx, &vars))
            return false;
    }
    return true;
}

static void ask_rule(struct traffic *t, struct situation *at, const struct transaction *tx, uint32_t rule)
{
    const struct traffic_rule *r = &t->plan->rule[rule];

    if (!traffic_conditions_hold(t, at, r) || !sections_hold(t, r, tx))
        return;
    if (r->bodies)
        traffic_body_wait(t, at, rule);
    else if (r->payload)
        traffic_mix(t, at, rule);
    else
        traffic_matched(t, at, r);
}

void traffic_ask_transaction(struct traffic *t, struct situation *at, const struct transaction *tx)
{
    const struct traffic_plan *p = t->plan;

    for (unsigned i = 0; i < p->n_buffers; i++) {
        const struct traffic_buffer *b = &p->buffers[i];

        if (b->to_server == at->sighting.to_server && (tx->has >> b->id & 1) &&
            traffic_reaches(t, at->tf, at->chunk, &b->set))
            find_in_values(t, b, tx);
    }
    traffic_finds_sort(&t->room.finds);
    for (unsigned i = 0; i < t->room.finds.n; i++)
        ask_rule(t, at, tx, t->room.finds.find[i].rule);
    traffic_finds_clear(&t->room.finds);
}

/* --- which transactions there are --- */

#define HTTP_HEAD_BUFFERS \
    (BIT(HTTP_METHOD) | BIT(HTTP_URI) | BIT(HTTP_URI_RAW) | BIT(HTTP_PROTOCOL) | BIT(HTTP_REQUEST_LINE) | \
     BIT(HTTP_RESPONSE_LINE) | BIT(HTTP_HEADER) | BIT(HTTP_HEADER_RAW) | BIT(HTTP_HEADER_NAMES) | \
     BIT(HTTP_REQUEST_HEADER) | BIT(HTTP_RESPONSE_HEADER) | BIT(HTTP_COOKIE) | BIT(HTTP_USER_AGENT) | \
     BIT(HTTP_HOST) | BIT(HTTP_HOST_RAW) | BIT(HTTP_REFERER) | BIT(HTTP_ACCEPT) | BIT(HTTP_ACCEPT_LANG) | \
     BIT(HTTP_ACCEPT_ENC) | BIT(HTTP_CONNECTION) | BIT(HTTP_CONTENT_TYPE) | BIT(HTTP_CONTENT_LEN) | \
     BIT(HTTP_START) | BIT(HTTP_LOCATION) | BIT(HTTP_SERVER) | BIT(HTTP_STAT_CODE) | BIT(HTTP_STAT_MSG))

static bool get_http(void *arg, enum buffer_id id, unsigned i, struct bytes *out)
{
    return http_buffers_get(arg, id, i, out);
}

/* 100 Continue: the answer is still to come, and Suricata's rules see that one alone. */
static bool is_interim(struct traffic *t)
{
    struct bytes status;

    return http_buffers_get(t->http, BUFFER_HTTP_STAT_CODE, 0, &status) && bytes_eq(status, BYTES_LIT("100"));
}

static void on_head(struct traffic *t, struct situation *at, const struct field *f)
{
    bool request = f->kind == FIELD_HTTP_REQUEST_HEAD;
    bool http2 = f->parts == http2_request_parts || f->parts == http2_response_parts;
    struct transaction tx = {.has = HTTP_HEAD_BUFFERS, .get = get_http, .arg = t->http};

    /* A further piece of a long head, or trailers: the first one was asked about. */
    if (f->parts == http_request_more_parts || f->parts == http_response_more_parts)
        return;
    if (http_buffers_read(t->http, f->value, request, http2) && !(!request && is_interim(t)))
        traffic_ask_transaction(t, at, &tx);
}

/* A record is a query's or an answer's, a client's hello or a server's. */
#define DNS_BUFFERS   BIT(DNS_QUERY)
#define HELLO_BUFFERS (BIT(TLS_SNI) | BIT(JA3_HASH))

static bool get_of_record(void *arg, enum buffer_id id, unsigned i, struct bytes *out)
{
    const struct field *f = *(const struct field *const *)arg;

    if (id == BUFFER_DNS_QUERY) {
        *out = i == 0 ? f->dns->name : i <= f->dns->n_more ? f->dns->more[i - 1] : (struct bytes){0};
        return out->len > 0;
    }
    *out = id == BUFFER_TLS_SNI ? f->tls->sni : bytes_str(f->tls->ja3);
    return i == 0 && out->len;
}

static void on_record(struct traffic *t, struct situation *at, const struct field *f)
{
    struct transaction tx = {.has = f->dns ? DNS_BUFFERS : HELLO_BUFFERS, .get = get_of_record, .arg = &f};

    traffic_ask_transaction(t, at, &tx);
}

static const struct {
    enum buffer_id buffer;
    enum attr_id attr;
} ldap_buffers[] = {
    {BUFFER_LDAP_REQUEST_OPERATION, ATTR_LDAP_REQUEST_OPERATION},
    {BUFFER_LDAP_REQUEST_DN, ATTR_LDAP_REQUEST_DN},
    {BUFFER_LDAP_REQUEST_ATTRIBUTE_TYPE, ATTR_LDAP_REQUEST_ATTRIBUTE_TYPE},
    {BUFFER_LDAP_RESPONSES_OPERATION, ATTR_LDAP_RESPONSES_OPERATION},
    {BUFFER_LDAP_RESPONSES_DN, ATTR_LDAP_RESPONSES_DN},
    {BUFFER_LDAP_RESPONSES_RESULT_CODE, ATTR_LDAP_RESPONSES_RESULT_CODE},
    {BUFFER_LDAP_RESPONSES_MESSAGE, ATTR_LDAP_RESPONSES_MESSAGE},
    {BUFFER_LDAP_RESPONSES_ATTRIBUTE_TYPE, ATTR_LDAP_RESPONSES_ATTRIBUTE_TYPE},
};

#define N_LDAP_BUFFERS (sizeof ldap_buffers / sizeof *ldap_buffers)
#define LDAP_BUFFERS \
    (BIT(LDAP_REQUEST_OPERATION) | BIT(LDAP_REQUEST_DN) | BIT(LDAP_REQUEST_ATTRIBUTE_TYPE) | \
     BIT(LDAP_RESPONSES_OPERATION) | BIT(LDAP_RESPONSES_DN) | BIT(LDAP_RESPONSES_RESULT_CODE) | \
     BIT(LDAP_RESPONSES_MESSAGE) | BIT(LDAP_RESPONSES_ATTRIBUTE_TYPE))

static bool get_ldap(void *arg, enum buffer_id id, unsigned i, struct bytes *out)
{
    const struct attrs *attrs = *(const struct attrs *const *)arg;
    size_t row = 0;

    while (row < N_LDAP_BUFFERS && ldap_buffers[row].buffer != id)
        row++;
    for (unsigned k = 0; row < N_LDAP_BUFFERS && k < attrs->n; k++)
        if (attrs->v[k].id == ldap_buffers[row].attr && i-- == 0) {
            *out = attrs->v[k].value;
            return true;
        }
    return false;
}

static void on_ldap(struct traffic *t, struct situation *at, const struct field *f)
{
    const struct attrs *attrs = f->attrs;
    struct transaction tx = {.has = LDAP_BUFFERS, .get = get_ldap, .arg = &attrs};

    traffic_ask_transaction(t, at, &tx);
}

#define BODY_BUFFERS (BIT(FILE_DATA) | BIT(HTTP_REQUEST_BODY) | BIT(HTTP_RESPONSE_BODY))

/* What a response shows to the resolver ends sooner than what rules are asked about: the rest follows. */
static void on_body(struct traffic *t, struct situation *at, const struct field *f)
{
    bool last = f->last && f->kind != FIELD_HTTP_RESPONSE_BODY;

    traffic_body_piece(t, at, bytes_from(f->value, f->fresh), f->first, last);
}

/* The buffers that a kind of field may fill, and who fills them. */
static const struct filling {
    void (*fill)(struct traffic *t, struct situation *at, const struct field *f);
    uint64_t buffers;
} fillings[FIELD_N] = {
    [FIELD_HTTP_REQUEST_HEAD] = {on_head, HTTP_HEAD_BUFFERS},
    [FIELD_HTTP_RESPONSE_HEAD] = {on_head, HTTP_HEAD_BUFFERS},
    [FIELD_HTTP_REQUEST_BODY] = {on_body, BODY_BUFFERS},
    [FIELD_HTTP_RESPONSE_BODY] = {on_body, BODY_BUFFERS},
    [FIELD_HTTP_RESPONSE_REST] = {on_body, BODY_BUFFERS},
    [FIELD_EMAIL_BODY] = {on_body, BODY_BUFFERS},
    [FIELD_TLS_CERTIFICATES] = {traffic_certificates, TRAFFIC_CERTIFICATE_BUFFERS},
    [FIELD_RECORD] = {on_record, DNS_BUFFERS | HELLO_BUFFERS},
    [FIELD_FACT] = {on_ldap, LDAP_BUFFERS},
};

/* What this very field has of them. */
static uint64_t buffers_of(const struct field *f)
{
    uint64_t buffers = fillings[f->kind].buffers;

    if (f->kind == FIELD_RECORD) {
        if (f->dns && !f->dns->response)
            return DNS_BUFFERS;
        return f->tls && !f->tls->server && !f->tls->certificate ? HELLO_BUFFERS : 0;
    }
    return f->kind != FIELD_FACT || strcmp(f->app_proto, "ldap") == 0 ? buffers : 0;
}

/* Some rule that looks at one of these buffers first can speak of this flow, or already waits for more. */
static bool is_worth_it(struct traffic *t, struct traffic_flow *tf, const struct field *f, bool to_server,
                        uint64_t buffers)
{
    reach_classes reach = traffic_reach(t, tf, f->chunk->flow, f->chunk->side);

    for (unsigned i = 0; i < t->plan->n_buffers; i++) {
        const struct traffic_buffer *b = &t->plan->buffers[i];

        if (b->to_server == to_server && (buffers >> b->id & 1) && (reach & b->set.classes))
            return true;
    }
    return tf->bodies && (buffers & BODY_BUFFERS);
}

static __attribute__((noinline)) void fill(struct traffic *t, struct traffic_flow *tf, const struct field *f)
{
    struct situation at;

    situation_fill(&at, tf, f->chunk, f->app_proto);
    at.kind = f->kind == FIELD_HTTP_RESPONSE_REST ? FIELD_HTTP_RESPONSE_BODY : f->kind;
    at.message = f->message;
    at.http = f->http;
    at.dns = f->dns;
    at.tls = f->tls;
    at.shown = f->value.len ? f->value : f->chunk->data; /* records have no text of their own */
    fillings[f->kind].fill(t, &at, f);
}

/* Most fields fill no buffer that a rule names, and say nothing new of their message. */
void traffic_field(struct traffic *t, const struct field *f)
{
    bool to_server = flow_to_server(f->chunk->flow, f->chunk->side);
    uint64_t buffers = fillings[f->kind].buffers & t->plan->wanted[to_server];
    bool shown = traffic_shown_wants(t, f);
    struct traffic_flow *tf;

    if (buffers)
        buffers &= buffers_of(f);
    if ((!buffers && !shown) || f->chunk->alternative)
        return;
    tf = traffic_flow_of(t, f->chunk->flow);
    if (tf && shown && !traffic_shown_goes_on(tf->shown[f->chunk->side], f))
        traffic_shown_note(t, tf, f);
    if (tf && buffers && is_worth_it(t, tf, f, to_server, buffers))
        fill(t, tf, f);
}

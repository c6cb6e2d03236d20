/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hints.h"

static void put(const struct hints *h, const struct field *f, struct fact *fact)
{
    fact->ts_us = f->chunk->ts_us;
    fact->packet = f->chunk->packet;
    fact->flow_id = f->chunk->flow->id;
    channel_put_fact(h->channel, fact);
}

static void text_add(struct fact_called *c, struct bytes b)
{
    size_t room = FACT_TEXT_MAX - c->text_len, n = b.len < room ? b.len : room;

    memcpy(c->text + c->text_len, b.p, n);
    c->text_len = (uint16_t)(c->text_len + n);
}

static struct fact_called called_of(const struct flow *flow, unsigned client, enum called_how how)
{
    return (struct fact_called){.client = flow->end[client].addr,
                                .server = flow->end[!client].addr,
                                .client_port = flow->end[client].port,
                                .server_port = flow->end[!client].port,
                                .proto = flow->proto,
                                .how = (uint8_t)how};
}

static void put_called(const struct hints *h, const struct field *f, const struct fact_called *c)
{
    struct fact fact;
    uint8_t space[FACT_MAX];

    fact_put_called(&fact, c, space);
    put(h, f, &fact);
}

static void put_client(const struct hints *h, const struct field *f, unsigned client, enum client_shows shows,
                       struct bytes text)
{
    const struct flow *flow = f->chunk->flow;
    struct fact_client c = {.client = flow->end[client].addr,
                            .server = flow->end[!client].addr,
                            .server_port = flow->end[!client].port,
                            .shows = (uint8_t)shows};
    struct fact fact;
    uint8_t space[FACT_MAX];

    text = bytes_slice(text, 0, FACT_AGENT_MAX);
    if (text.len > 0)
        memcpy(c.text, text.p, text.len);
    c.text_len = (uint8_t)text.len;
    fact_put_client(&fact, &c, space);
    put(h, f, &fact);
}

/* The host of a Host header, without its port. */
static struct bytes host_of(struct bytes host)
{
    size_t end;

    if (host.len > 0 && host.p[0] == '[') {
        end = bytes_find_byte(host, ']');
        return end == BYTES_NONE ? host : bytes_slice(host, 1, end);
    }
    end = bytes_find_byte(host, ':');
    return bytes_slice(host, 0, end);
}

/* The first request of a connection speaks for all of them: a JVM asks a thousand times as the same program.
 */
static void request(const struct hints *h, const struct field *f)
{
    const struct http_view *view = f->http;
    unsigned side = f->chunk->side;
    struct fact_called c;

    if (!view)
        return;
    if (f->message == 0 && bytes_find(view->user_agent, BYTES_LIT("Java")) != BYTES_NONE &&
        ruleset_is_home(h->rules, &f->chunk->flow->end[side].addr))
        put_client(h, f, side, SHOWS_AGENT, view->user_agent);
    if (!ioc_sieve_host(h->sieve, host_of(view->host)) ||
        !ruleset_is_home(h->rules, &f->chunk->flow->end[side].addr))
        return;
    c = called_of(f->chunk->flow, side, CALLED_HTTP);
    text_add(&c, BYTES_LIT("http://"));
    text_add(&c, view->host);
    text_add(&c, view->url);
    put_called(h, f, &c);
}

static void hello(const struct hints *h, const struct field *f)
{
    struct fact_called c;

    if (!ioc_sieve_host(h->sieve, f->value) ||
        !ruleset_is_home(h->rules, &f->chunk->flow->end[f->chunk->side].addr))
        return;
    c = called_of(f->chunk->flow, f->chunk->side, CALLED_TLS);
    text_add(&c, f->value);
    put_called(h, f, &c);
}

static void delivered(const struct hints *h, const struct field *f, unsigned client)
{
    struct bytes sha256 = attrs_get(f->attrs, ATTR_JAVA_SHA256);
    bool java = bytes_eq(attrs_get(f->attrs, ATTR_JAVA_CLIENT), BYTES_LIT("yes"));
    struct fact_called c;

    if (sha256.len == 0)
        return;
    if (java && bytes_eq(attrs_get(f->attrs, ATTR_JNDI_STAGE), BYTES_LIT("class_delivery")))
        put_client(h, f, client, SHOWS_FETCH, sha256);
    if (!ioc_sieve_sha256(h->sieve, sha256))
        return;
    c = called_of(f->chunk->flow, client, CALLED_FILE);
    text_add(&c, sha256);
    put_called(h, f, &c);
}

/* What an inspector has understood. */
static void understood(const struct hints *h, const struct field *f)
{
    unsigned client = f->chunk->flow->client;
    static const struct {
        enum attr_id id;
        struct bytes value;
        enum client_shows shows;
    } rows[] = {{ATTR_LDAP_CLIENT, BYTES_LIT("jndi"), SHOWS_LDAP},
                {ATTR_RMI_METHOD, BYTES_LIT("lookup"), SHOWS_RMI},
                {ATTR_DNS_CLIENT, BYTES_LIT("jndi"), SHOWS_DNS}};

    if (!ruleset_is_home(h->rules, &f->chunk->flow->end[client].addr))
        return;
    delivered(h, f, client);
    if (attrs_get(f->attrs, ATTR_TLS_CLIENT).len > 0)
        put_client(h, f, client, SHOWS_TLS, attrs_get(f->attrs, ATTR_TLS_CLIENT));
    if (f->chunk->side != client) /* the answer tells again what was asked */
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (bytes_eq(attrs_get(f->attrs, rows[i].id), rows[i].value))
            put_client(h, f, client, rows[i].shows, (struct bytes){NULL, 0});
}

void hints_field(const struct hints *h, const struct field *f)
{
    if (f->chunk->alternative) /* perhaps never received */
        return;
    switch (f->kind) {
    case FIELD_HTTP_REQUEST_HEAD:
        request(h, f);
        break;
    case FIELD_TLS_SNI:
        hello(h, f);
        break;
    case FIELD_FACT:
        if (f->attrs)
            understood(h, f);
        break;
    default:
        break;
    }
}

void hints_connection(const struct hints *h, const struct connection *c)
{
    const struct flow *flow = c->flow;
    struct fact_called body;
    struct fact fact = {.ts_us = c->ts_us, .packet = c->packet, .flow_id = flow->id};
    uint8_t space[FACT_MAX];

    if (c->outcome != CONNECTION_ESTABLISHED || !ioc_sieve_addr(h->sieve, &flow->end[flow->client].addr) ||
        ruleset_is_home(h->rules, &flow->end[flow->client].addr) ||
        !ruleset_is_home(h->rules, &flow->end[!flow->client].addr))
        return;
    body = called_of(flow, flow->client, CALLED_VISIT);
    fact_put_called(&fact, &body, space);
    channel_put_fact(h->channel, &fact);
}

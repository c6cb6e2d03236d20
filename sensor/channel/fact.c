/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel/fact.h"

_Static_assert(sizeof(struct fact_connection) <= FACT_MAX && sizeof(struct fact_name) <= FACT_MAX &&
                   sizeof(struct fact_called) <= FACT_MAX && sizeof(struct fact_client) <= FACT_MAX,
               "a fact's body fits");

/* Member by member into zeroed memory: gaps between members cross the process boundary, too. */
void fact_put_connection(struct fact *f, const struct fact_connection *c, uint8_t *space)
{
    struct fact_connection body;

    memset(&body, 0, sizeof body);
    body.client = c->client;
    body.server = c->server;
    body.client_port = c->client_port;
    body.server_port = c->server_port;
    body.proto = c->proto;
    body.outcome = c->outcome;
    body.ts_us = c->ts_us;
    body.packet = c->packet;
    memcpy(body.app_proto, c->app_proto, strnlen(c->app_proto, FACT_APP_MAX - 1));
    memcpy(space, &body, sizeof body);
    f->number = FACT_CONNECTION;
    f->body = bytes_of(space, sizeof body);
}

void fact_put_name(struct fact *f, const struct fact_name *n, uint8_t *space)
{
    struct fact_name body;

    memset(&body, 0, sizeof body);
    body.client = n->client;
    body.server = n->server;
    body.server_port = n->server_port;
    body.type = n->type;
    body.answered = n->answered;
    body.rcode = n->rcode;
    body.ttl_s = n->ttl_s;
    body.n_addrs = n->n_addrs < FACT_ADDRS_MAX ? n->n_addrs : FACT_ADDRS_MAX;
    for (unsigned i = 0; i < body.n_addrs; i++)
        body.addrs[i] = n->addrs[i];
    body.name_len = n->name_len;
    memcpy(body.name, n->name, n->name_len);
    memcpy(space, &body, sizeof body);
    f->number = FACT_NAME;
    f->body = bytes_of(space, sizeof body);
}

void fact_put_called(struct fact *f, const struct fact_called *c, uint8_t *space)
{
    struct fact_called body;

    memset(&body, 0, sizeof body);
    body.client = c->client;
    body.server = c->server;
    body.client_port = c->client_port;
    body.server_port = c->server_port;
    body.proto = c->proto;
    body.how = c->how;
    body.text_len = c->text_len < FACT_TEXT_MAX ? c->text_len : FACT_TEXT_MAX;
    memcpy(body.text, c->text, body.text_len);
    memcpy(space, &body, sizeof body);
    f->number = FACT_CALLED;
    f->body = bytes_of(space, sizeof body);
}

void fact_put_client(struct fact *f, const struct fact_client *c, uint8_t *space)
{
    struct fact_client body;

    memset(&body, 0, sizeof body);
    body.client = c->client;
    body.server = c->server;
    body.server_port = c->server_port;
    body.shows = c->shows;
    body.text_len = c->text_len;
    memcpy(body.text, c->text, c->text_len);
    memcpy(space, &body, sizeof body);
    f->number = FACT_CLIENT;
    f->body = bytes_of(space, sizeof body);
}

static bool addr_sound(const struct addr *a)
{
    static const uint8_t zeros[16];

    return (a->version == 4 || a->version == 6) &&
           memcmp(a->b + addr_len(a), zeros, sizeof zeros - addr_len(a)) == 0;
}

bool fact_get_connection(const struct fact *f, struct fact_connection *out)
{
    if (f->number != FACT_CONNECTION || f->body.len != sizeof *out)
        return false;
    memcpy(out, f->body.p, sizeof *out);
    return addr_sound(&out->client) && addr_sound(&out->server) &&
           out->client.version == out->server.version && out->outcome < CONNECTION_OUTCOME_N &&
           (out->proto == PROTO_TCP || out->proto == PROTO_UDP) && out->app_proto[FACT_APP_MAX - 1] == '\0';
}

bool fact_get_name(const struct fact *f, struct fact_name *out)
{
    if (f->number != FACT_NAME || f->body.len != sizeof *out)
        return false;
    memcpy(out, f->body.p, sizeof *out);
    if (!addr_sound(&out->client) || !addr_sound(&out->server) ||
        out->client.version != out->server.version || out->answered > 1 || out->n_addrs > FACT_ADDRS_MAX)
        return false;
    for (unsigned i = 0; i < out->n_addrs; i++)
        if (!addr_sound(&out->addrs[i]))
            return false;
    out->name[out->name_len] = '\0'; /* within: name_len has eight bits */
    return true;
}

bool fact_get_called(const struct fact *f, struct fact_called *out)
{
    if (f->number != FACT_CALLED || f->body.len != sizeof *out)
        return false;
    memcpy(out, f->body.p, sizeof *out);
    if (!addr_sound(&out->client) || !addr_sound(&out->server) || out->how >= CALLED_N ||
        out->text_len > FACT_TEXT_MAX)
        return false;
    out->text[out->text_len] = '\0';
    return true;
}

bool fact_get_client(const struct fact *f, struct fact_client *out)
{
    if (f->number != FACT_CLIENT || f->body.len != sizeof *out)
        return false;
    memcpy(out, f->body.p, sizeof *out);
    out->text[out->text_len] = '\0'; /* within: text_len has eight bits */
    return addr_sound(&out->client) && addr_sound(&out->server) && out->shows < SHOWS_N;
}

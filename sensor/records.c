/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "records.h"

#include "channel/fact.h"

#define TYPE_CNAME 5 /* RFC 1035 section 3.2.2 */

static void put_line(struct records *r, uint64_t ts_us, uint64_t packet, uint64_t flow_id)
{
    struct line line = {.ts_us = ts_us, .packet = packet, .flow_id = flow_id, .text = buf_bytes(&r->line)};

    channel_put_line(r->channel, &line);
}

static void on_ldap(void *arg, struct bytes text, uint64_t ts_us, uint64_t packet, uint64_t flow_id)
{
    struct records *r = arg;
    struct line line = {.ts_us = ts_us, .packet = packet, .flow_id = flow_id, .text = text};

    channel_put_line(r->channel, &line);
}

bool records_begin(struct records *r)
{
    if (r->eve.config->eve_ldap)
        r->ldap = ldap_records_new(&r->eve, on_ldap, r);
    return r->ldap || !r->eve.config->eve_ldap;
}

void records_drop(struct records *r)
{
    ldap_records_free(r->ldap);
    buf_drop(&r->line);
}

/* Names longer than a name may be are nobody's that was resolved. */
static bool name_of(struct fact_name *out, const struct dns_view *dns)
{
    if (!dns->name.len || dns->name.len > FACT_NAME_MAX)
        return false;
    memcpy(out->name, dns->name.p, dns->name.len);
    out->name_len = (uint8_t)dns->name.len;
    return true;
}

/* Of an answer that came by aliases each part is good for its own time, the whole for the shortest. */
static uint32_t ttl_of(const struct dns_view *dns)
{
    uint32_t ttl = UINT32_MAX;

    for (unsigned i = 0; i < dns->n_answers; i++)
        if ((dns->answers[i].addr.version || dns->answers[i].type == TYPE_CNAME) && dns->answers[i].ttl < ttl)
            ttl = dns->answers[i].ttl;
    return ttl == UINT32_MAX ? 0 : ttl;
}

static void put_name(struct records *r, const struct field *f)
{
    const struct flow *flow = f->chunk->flow;
    unsigned client = f->dns->response ? !f->chunk->side : f->chunk->side;
    struct fact_name name = {.client = flow->end[client].addr,
                             .server = flow->end[!client].addr,
                             .server_port = flow->end[!client].port,
                             .type = f->dns->type,
                             .answered = f->dns->response,
                             .rcode = f->dns->rcode,
                             .ttl_s = ttl_of(f->dns)};
    struct fact fact = {.ts_us = f->chunk->ts_us, .packet = f->chunk->packet, .flow_id = flow->id};
    uint8_t space[FACT_MAX];

    if (!ruleset_is_home(r->rules, &name.client) || !name_of(&name, f->dns))
        return;
    for (unsigned i = 0; i < f->dns->n_answers && name.n_addrs < FACT_ADDRS_MAX; i++)
        if (f->dns->answers[i].addr.version)
            name.addrs[name.n_addrs++] = f->dns->answers[i].addr;
    fact_put_name(&fact, &name, space);
    channel_put_fact(r->channel, &fact);
}

static void put_words(struct records *r, const struct field *f)
{
    const struct flow *flow = f->chunk->flow;
    struct connection words = {
        .flow = flow, .outcome = CONNECTION_TALKED, .ts_us = f->chunk->ts_us, .packet = f->chunk->packet};

    records_connection(r, &words, f->app_proto);
}

void records_connection(struct records *r, const struct connection *c, const char *app_proto)
{
    const struct flow_end *client = &c->flow->end[c->flow->client], *server = &c->flow->end[!c->flow->client];
    struct fact_connection body = {.client = client->addr,
                                   .server = server->addr,
                                   .client_port = client->port,
                                   .server_port = server->port,
                                   .proto = c->flow->proto,
                                   .outcome = (uint8_t)c->outcome,
                                   .ts_us = c->ts_us,
                                   .packet = c->packet};
    struct fact fact = {.ts_us = c->ts_us, .packet = c->packet, .flow_id = c->flow->id};
    uint8_t space[FACT_MAX];

    if (!ruleset_is_home(r->rules, &client->addr))
        return;
    memcpy(body.app_proto, app_proto, strnlen(app_proto, FACT_APP_MAX - 1));
    fact_put_connection(&fact, &body, space);
    channel_put_fact(r->channel, &fact);
}

void records_field(struct records *r, const struct field *f)
{
    if (f->kind != FIELD_RECORD && f->kind != FIELD_FACT)
        return;
    if (f->words) {
        put_words(r, f);
        return;
    }
    if (f->kind == FIELD_FACT) {
        if (r->ldap)
            ldap_records_field(r->ldap, f);
        return;
    }
    if (f->dns)
        put_name(r, f);
    if (eve_record(&r->line, &r->eve, f))
        put_line(r, f->chunk->ts_us, f->chunk->packet, f->chunk->flow->id);
}

void records_flow_end(struct records *r, const struct flow *f)
{
    if (r->ldap)
        ldap_records_flow_end(r->ldap, f);
    if (r->eve.config->eve_flow && eve_flow(&r->line, &r->eve, f))
        put_line(r, f->last_us, 0, f->id);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/facts.h"

/* Who attacks whom follows from the step. A lookup comes from the attacker, in whichever direction it
 * travels; in all later steps the client is the victim that was made to call out. The server of a DNS
 * callback is as a rule the victim's own resolver: no attacker is named then. */
static void judge_roles(struct facts *f, const struct alert *a)
{
    const struct record_head *h = &a->record->head;
    bool dns = bytes_eq(a->record->item[RECORD_APP_PROTO], BYTES_LIT("dns"));

    if (a->stage == STAGE_OTHER)
        return;
    f->victim_known = true;
    if (a->stage == STAGE_INDICATOR) { /* side 0 is the home host; whom it asks in DNS is no attacker */
        f->victim = 0;
        f->attacker = 1;
        f->attacker_known = !dns;
        return;
    }
    if (a->stage == STAGE_LOOKUP) {
        f->attacker_known = true;
        f->attacker = f->src;
        f->victim = f->dst;
        return;
    }
    f->victim = h->client;
    f->attacker = 1u - h->client;
    f->attacker_known = !dns;
}

/* A victim seen at the attacker's directory: the server is the callback, whether or not its lookup was seen.
 */
static void callback_from_server(struct facts *f, const struct alert *a)
{
    const struct record_head *h = &a->record->head;
    struct bytes app = a->record->item[RECORD_APP_PROTO];
    bool directory = bytes_eq(app, BYTES_LIT("ldap")) || bytes_eq(app, BYTES_LIT("rmi")) ||
                     bytes_eq(app, BYTES_LIT("giop"));
    unsigned server = 1u - h->client;

    if (a->stage == STAGE_LOOKUP || a->stage >= STAGE_INDICATOR || !directory || f->host.len > 0)
        return;
    addr_print(&h->addr[server], f->host_text);
    f->host = bytes_str(f->host_text);
    f->port = h->port[server];
    f->port_known = true;
    if (f->scheme.len == 0)
        f->scheme = bytes_eq(app, BYTES_LIT("giop")) ? BYTES_LIT("iiop") : app;
}

void facts_of(struct facts *f, const struct alert *a)
{
    const struct record *r = a->record;
    uint64_t port;

    memset(f, 0, sizeof *f);
    f->src = r->head.packet_side;
    f->dst = 1u - f->src;
    f->to_server = r->head.packet_side == r->head.client;
    f->lookup = attrs_get(&r->attrs, ATTR_JNDI_NAME);
    f->scheme = attrs_get(&r->attrs, ATTR_JNDI_SCHEME);
    f->host = attrs_get(&r->attrs, ATTR_JNDI_HOST);
    if (bytes_to_u64(attrs_get(&r->attrs, ATTR_JNDI_PORT), UINT16_MAX, &port)) {
        f->port = (uint16_t)port;
        f->port_known = true;
    }
    f->location = attrs_get(&r->attrs, ATTR_JNDI_LOCATION);
    if (f->location.len == 0)
        f->location = r->item[RECORD_LOCATION];
    if (bytes_eq(f->location, bytes_str(field_rows[FIELD_FACT].name)))
        f->location = (struct bytes){NULL, 0}; /* a fact stands nowhere in particular */
    f->name = r->item[RECORD_FIELD_NAME];
    judge_roles(f, a);
    callback_from_server(f, a);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/connection.h"

#include "base/count.h"

static void tell(struct stream *s, struct flow_entry *e, enum connection_outcome outcome)
{
    struct connection c = {
        .flow = &e->flow, .outcome = outcome, .ts_us = e->tcp.asked_us, .packet = e->tcp.asked_packet};

    if (outcome == CONNECTION_UNREACHABLE)
        e->tcp.unreachable = true;
    else
        e->tcp.told = true;
    if (outcome == CONNECTION_REFUSED)
        count(COUNT_FLOW_REFUSED);
    else if (outcome == CONNECTION_UNREACHABLE)
        count(COUNT_FLOW_UNREACHABLE);
    else if (outcome == CONNECTION_SILENT)
        count(COUNT_FLOW_UNANSWERED);
    if (s->hooks.connection)
        s->hooks.connection(s->hooks.arg, &c);
}

void connection_note(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_flow *tcp = &e->tcp;
    unsigned client = e->flow.client;
    const struct tcp_side *asks = &tcp->side[client], *answers = &tcp->side[!client];

    if (tcp->asked_us == 0) {
        tcp->asked_us = p->ts_us;
        tcp->asked_packet = p->number;
    }
    if (asks->begun || answers->begun) {
        /* Bytes: also of a connection whose handshake was not captured, once it is known who opened it. */
        if (e->flow.client_known)
            tell(s, e, CONNECTION_ESTABLISHED);
    } else if (tcp->reset) {
        /* A reset by the client, or after the server's SYN, is a change of mind: scanners do so. */
        if (side != client && asks->isn_known && !answers->isn_known)
            tell(s, e, CONNECTION_REFUSED);
    } else if (side == client && asks->isn_known && answers->isn_known && !(p->tcp.flags & TH_FLAG_SYN)) {
        tell(s, e, CONNECTION_ESTABLISHED);
    }
}

/* Nothing ends by it: whoever made it up gains no more than a word, and an answer is told of all the same. */
void connection_unreachable(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_side *asks = &e->tcp.side[side];

    if (e->tcp.told || e->tcp.unreachable || side != e->flow.client || e->flow.end[!side].packets)
        return;
    if (e->flow.proto == PROTO_TCP && (!asks->isn_known || p->tcp.seq != asks->isn))
        return;
    if (e->flow.proto == PROTO_UDP) {
        e->tcp.asked_us = e->flow.first_us;
        e->tcp.asked_packet = e->flow.end[side].last_packet;
    }
    tell(s, e, CONNECTION_UNREACHABLE);
}

void connection_end(struct stream *s, struct flow_entry *e)
{
    unsigned client = e->flow.client;

    if (!e->tcp.told && !e->tcp.unreachable && e->tcp.side[client].isn_known &&
        e->flow.end[!client].packets == 0)
        tell(s, e, CONNECTION_SILENT);
}

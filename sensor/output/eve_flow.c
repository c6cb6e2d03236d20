/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_record.h"

#include "base/count.h"
#include "base/stamp.h"

#include <stdio.h>

static void put_stamp(struct jsonw *w, const char *key, uint64_t ts_us)
{
    char stamp[STAMP_TEXT];

    stamp_print(ts_us, stamp);
    jsonw_str(w, key, stamp);
}

static const char *state_name(const struct flow *f)
{
    static const char *const names[] = {
        [FLOW_NEW] = "new", [FLOW_ESTABLISHED] = "established", [FLOW_CLOSED] = "closed"};

    return names[f->state];
}

static const char *reason_name(const struct flow *f)
{
    static const char *const names[] = {
        [FLOW_TIMEOUT] = "timeout", [FLOW_FORCED] = "forced", [FLOW_SHUTDOWN] = "shutdown"};

    return names[f->reason];
}

static void put_counts(struct jsonw *w, const struct flow *f)
{
    const struct flow_end *client = &f->end[f->client], *server = &f->end[!f->client];

    jsonw_object(w, "flow");
    jsonw_u64(w, "pkts_toserver", client->packets);
    jsonw_u64(w, "pkts_toclient", server->packets);
    jsonw_u64(w, "bytes_toserver", client->bytes);
    jsonw_u64(w, "bytes_toclient", server->bytes);
    put_stamp(w, "start", f->first_us);
    put_stamp(w, "end", f->last_us);
    jsonw_u64(w, "age", f->last_us > f->first_us ? (f->last_us - f->first_us) / 1000000 : 0);
    jsonw_str(w, "state", state_name(f));
    jsonw_str(w, "reason", reason_name(f));
    jsonw_bool(w, "alerted", f->alerted);
    jsonw_end_object(w);
}

static void put_flags(struct jsonw *w, const char *key, unsigned flags)
{
    char text[8];

    (void)snprintf(text, sizeof text, "%02x", flags);
    jsonw_str(w, key, text);
}

/* How far the connection came, in the words of RFC 9293 section 3.3.2, by the flags of both sides. */
static const char *tcp_state(const struct flow *f)
{
    uint8_t client = f->end[f->client].tcp_flags, server = f->end[!f->client].tcp_flags;
    uint8_t both = client & server, any = client | server;

    if (f->state == FLOW_CLOSED || (any & TH_FLAG_RST) || (both & TH_FLAG_FIN))
        return "closed";
    if (client & TH_FLAG_FIN)
        return "fin_wait1";
    if (server & TH_FLAG_FIN)
        return "close_wait";
    if (!(any & TH_FLAG_ACK))
        return "syn_sent";
    return (server & TH_FLAG_SYN) && !(client & TH_FLAG_ACK) ? "syn_recv" : "established";
}

/* Suricata's object: the flags that were seen, all of them and by direction, and those that are set by name.
 */
static void put_tcp(struct jsonw *w, const struct flow *f)
{
    static const char *const names[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"};
    const struct flow_end *client = &f->end[f->client], *server = &f->end[!f->client];
    uint8_t any = client->tcp_flags | server->tcp_flags;

    jsonw_object(w, "tcp");
    put_flags(w, "tcp_flags", any);
    put_flags(w, "tcp_flags_ts", client->tcp_flags);
    put_flags(w, "tcp_flags_tc", server->tcp_flags);
    for (unsigned bit = 0; bit < 8; bit++)
        if (any & 1u << bit)
            jsonw_bool(w, names[bit], true);
    jsonw_str(w, "state", tcp_state(f));
    if (client->gap)
        jsonw_bool(w, "ts_gap", true);
    if (server->gap)
        jsonw_bool(w, "tc_gap", true);
    jsonw_end_object(w);
}

bool eve_flow(struct buf *line, const struct eve *eve, const struct flow *f)
{
    struct record_head h = {.ts_us = f->last_us, .flow_id = f->id, .proto = f->proto, .n_vlans = f->n_vlans};
    struct jsonw w = jsonw_to(line);

    for (unsigned side = 0; side < 2; side++) {
        h.addr[side] = f->end[side].addr;
        h.port[side] = f->end[side].port;
        if (f->end[side].last_packet > h.packet)
            h.packet = f->end[side].last_packet;
    }
    memcpy(h.vlans, f->vlans, sizeof h.vlans);
    buf_clear(line);
    line->ceiling = eve->config->eve_max_event_size;
    jsonw_object(&w, NULL);
    eve_envelope(&w, eve, "flow", &h, f->client);
    if (f->app_proto)
        jsonw_str(&w, "app_proto", f->app_proto);
    put_counts(&w, f);
    if (f->proto == PROTO_TCP)
        put_tcp(&w, f);
    eve_source(&w, eve, 255);
    jsonw_end_object(&w);
    if (buf_add_byte(line, '\n') && w.ok)
        return true;
    count(COUNT_OUTPUT_FAILED);
    return false;
}

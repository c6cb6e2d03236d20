/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve.h"
#include "base/count.h"
#include "base/stamp.h"
#include "output/community_id.h"
#include "output/text.h"

#define END_OF_LINE 2 /* the closing brace and the newline */

/* From generous to bare: the first that fits is written. Below 1024 characters a keyword field of Elastic's
 * default mapping still indexes the string. */
static const struct eve_limits levels[] = {
    {.text = 1000, .raw = 1000, .url = 2048, .items = 64},
    {.text = 500, .raw = 500, .url = 500, .items = 16},
    {.text = 160, .raw = 160, .url = 160, .items = 8},
    {.text = 64, .raw = 64, .url = 64, .items = 4},
    {.text = 64, .raw = 64, .bare = true},
    {.text = 32, .raw = 0, .bare = true},
    {.text = 10, .raw = 0, .bare = true},
};

#define N_LEVELS (sizeof levels / sizeof levels[0])

static void put_head(struct jsonw *w, const struct eve *eve, const char *event_type,
                     const struct record_head *h)
{
    char stamp[STAMP_TEXT];

    stamp_print(h->ts_us, stamp);
    jsonw_str(w, "timestamp", stamp); /* first: the Wazuh and Splunk readers look for it there */
    if (h->flow_id)
        jsonw_u64(w, "flow_id", h->flow_id);
    if (eve->offline)
        jsonw_u64(w, "pcap_cnt", h->packet);
    else if (eve->source)
        jsonw_bytes(w, "in_iface", text_cut(bytes_str(eve->source), 64));
    jsonw_str(w, "event_type", event_type);
    if (eve->config->sensor_name && eve->config->sensor_name[0])
        jsonw_bytes(w, "host", text_cut(bytes_str(eve->config->sensor_name), 64));
}

static void put_vlans(struct jsonw *w, const struct record_head *h)
{
    if (h->n_vlans == 0)
        return;
    jsonw_array(w, "vlan");
    for (unsigned i = 0; i < h->n_vlans; i++)
        jsonw_u64(w, NULL, h->vlans[i]);
    jsonw_end_array(w);
}

static void put_end(struct jsonw *w, const char *ip_key, const char *port_key, const struct record_head *h,
                    unsigned side)
{
    char text[ADDR_TEXT];

    addr_print(&h->addr[side], text);
    jsonw_str(w, ip_key, text);
    if (port_key)
        jsonw_u64(w, port_key, h->port[side]);
}

/* Suricata's way: names for the common ones, numbers for the others. */
static void put_proto(struct jsonw *w, uint8_t proto)
{
    char number[4] = {(char)('0' + proto / 100), (char)('0' + proto / 10 % 10), (char)('0' + proto % 10)};

    switch (proto) {
    case PROTO_TCP:
        jsonw_str(w, "proto", "TCP");
        break;
    case PROTO_UDP:
        jsonw_str(w, "proto", "UDP");
        break;
    case 1:
        jsonw_str(w, "proto", "ICMP");
        break;
    case 58:
        jsonw_str(w, "proto", "IPv6-ICMP");
        break;
    default:
        jsonw_str(w, "proto", number);
    }
}

static void put_tuple(struct jsonw *w, const struct eve *eve, const struct record_head *h, unsigned src)
{
    bool ports = h->flow_id != 0;

    put_end(w, "src_ip", ports ? "src_port" : NULL, h, src);
    put_end(w, "dest_ip", ports ? "dest_port" : NULL, h, !src);
    put_proto(w, h->proto);
    jsonw_str(w, "pkt_src", "wire/pcap");
    if (eve->config->eve_community_id && ports) {
        char id[COMMUNITY_ID_TEXT];

        community_id_print(h->addr, h->port, h->proto, (uint16_t)eve->config->eve_community_id_seed, id);
        jsonw_str(w, "community_id", id);
    }
}

void eve_envelope(struct jsonw *w, const struct eve *eve, const char *event_type, const struct record_head *h,
                  unsigned src)
{
    put_head(w, eve, event_type, h);
    put_vlans(w, h);
    put_tuple(w, eve, h, src);
}

void eve_source(struct jsonw *w, const struct eve *eve, size_t max)
{
    if (eve->offline && eve->config->eve_pcap_file && eve->source)
        jsonw_bytes(w, "pcap_filename", text_cut(bytes_str(eve->source), max));
}

static void put_role(struct jsonw *w, const char *key, const struct record_head *h, unsigned side)
{
    jsonw_object(w, key);
    put_end(w, "ip", "port", h, side);
    jsonw_end_object(w);
}

static void put_alert(struct jsonw *w, const struct alert *a, const struct facts *f,
                      const struct eve_limits *limits)
{
    const struct record_head *h = &a->record->head;
    const struct rule *rule = a->rule;

    jsonw_object(w, "alert");
    jsonw_str(w, "action", "allowed"); /* nothing is ever blocked here, whatever the rule's verb */
    jsonw_u64(w, "gid", rule->gid);
    jsonw_u64(w, "signature_id", rule->sid);
    jsonw_u64(w, "rev", rule->rev);
    jsonw_bytes(w, "signature", text_cut(bytes_str(rule->msg), limits->text));
    jsonw_bytes(w, "category", text_cut(bytes_str(rule->category), limits->text));
    jsonw_u64(w, "severity", a->severity);
    if (f->attacker_known)
        put_role(w, "source", h, f->attacker);
    if (f->victim_known)
        put_role(w, "target", h, f->victim);
    eve_references(w, rule, limits);
    eve_metadata(w, a, f, limits);
    if (!rule_is_traffic(rule) || a->incident) { /* of plain traffic nothing more is known */
        jsonw_object(w, "context");
        jsonw_object(w, "jndi");
        eve_jndi(w, a, f, limits);
        jsonw_end_object(w);
        jsonw_end_object(w);
    }
    jsonw_end_object(w);
}

static void put_flow(struct jsonw *w, const struct record_head *h)
{
    unsigned client = h->client, server = 1u - client;
    char stamp[STAMP_TEXT];

    jsonw_object(w, "flow");
    if (h->packets[0] + h->packets[1] > 0) { /* of a step that correlation saw, nothing is counted */
        jsonw_u64(w, "pkts_toserver", h->packets[client]);
        jsonw_u64(w, "pkts_toclient", h->packets[server]);
        jsonw_u64(w, "bytes_toserver", h->bytes[client]);
        jsonw_u64(w, "bytes_toclient", h->bytes[server]);
    }
    stamp_print(h->flow_first_us, stamp);
    jsonw_str(w, "start", stamp);
    put_end(w, "src_ip", "src_port", h, client);
    put_end(w, "dest_ip", "dest_port", h, server);
    jsonw_end_object(w);
}

/* Of bytes of a packet or stream it is not always known whose they are. */
static bool is_transaction(const struct alert *a)
{
    const struct record *r = a->record;
    bool told = r->head.has_http || r->head.has_dns || r->head.has_tls;
    struct bytes app_proto = r->item[RECORD_APP_PROTO];

    if (app_proto.len == 0 || bytes_eq(app_proto, BYTES_LIT("failed")))
        return false;
    return told || !rule_is_traffic(a->rule) || !bytes_eq(r->item[RECORD_LOCATION], BYTES_LIT("raw"));
}

static void put_line(struct jsonw *w, const struct eve *eve, const struct alert *a, const struct facts *f,
                     const struct eve_limits *limits)
{
    const struct record *r = a->record;
    struct bytes app_proto = r->item[RECORD_APP_PROTO];

    jsonw_object(w, NULL);
    eve_envelope(w, eve, "alert", &r->head, f->src);
    if (is_transaction(a))
        jsonw_u64(w, "tx_id", r->head.message);
    put_alert(w, a, f, limits);
    if (!limits->bare)
        eve_app(w, r, limits->url);
    if (app_proto.len > 0)
        jsonw_bytes(w, "app_proto", text_cut(app_proto, 32));
    jsonw_str(w, "direction", f->to_server ? "to_server" : "to_client");
    put_flow(w, &r->head);
    eve_source(w, eve, limits->text);
    jsonw_u64(w, "stream", r->head.proto == PROTO_TCP);
}

/* Bytes that both forms of the payload add to the line. */
static size_t payload_cost(const struct config *config, struct bytes payload)
{
    size_t cost = 0;

    if (config->eve_alert_payload)
        cost += sizeof ",\"payload\":\"\"" - 1 + (payload.len + 2) / 3 * 4;
    if (!config->eve_alert_payload_printable)
        return cost;
    cost += sizeof ",\"payload_printable\":\"\"" - 1 + payload.len;
    for (size_t i = 0; i < payload.len; i++) {
        uint8_t c = payload.p[i];

        cost += c == '"' || c == '\\' || c == '\r' || c == '\n';
    }
    return cost;
}

/* The part of the payload around the lookup that fits into room. A byte less saves at most 4/3 and 2 bytes of
 * line, so dropping a quarter of the excess at a time never takes away too much. */
static struct bytes payload_fit(const struct eve *eve, const struct record *r, size_t room)
{
    struct bytes payload = r->item[RECORD_PAYLOAD], raw = r->item[RECORD_RAW], part;
    size_t at = bytes_find(payload, bytes_slice(raw, 0, 64)), n = payload.len, cost;

    if (n > eve->config->eve_payload_buffer_size)
        n = eve->config->eve_payload_buffer_size;
    if (at == BYTES_NONE)
        at = 0;
    for (;;) {
        part = record_window(payload, at, n);
        cost = payload_cost(eve->config, part);
        if (n == 0 || cost <= room)
            return part;
        n -= (cost - room) / 4 < n ? (cost - room + 3) / 4 : n;
    }
}

/* Last on the line, so that it takes exactly what is left. True when some of it was left out for want of
 * room. */
static bool put_payload(struct jsonw *w, const struct eve *eve, const struct record *r)
{
    const struct config *config = eve->config;
    struct bytes payload = r->item[RECORD_PAYLOAD], part;

    if (payload.len == 0 || (!config->eve_alert_payload && !config->eve_alert_payload_printable))
        return false;
    part = payload_fit(eve, r, w->out->ceiling - w->out->len - END_OF_LINE);
    if (part.len > 0 && config->eve_alert_payload)
        jsonw_base64(w, "payload", part);
    if (part.len > 0 && config->eve_alert_payload_printable)
        jsonw_printable(w, "payload_printable", part);
    return part.len < payload.len && part.len < config->eve_payload_buffer_size;
}

static struct eve_limits limits_of(const struct config *config, size_t level)
{
    struct eve_limits limits = levels[level];

    if (limits.raw > config->eve_raw_strings || level == 0)
        limits.raw = config->eve_raw_strings;
    return limits;
}

bool eve_alert(struct buf *line, const struct eve *eve, const struct alert *a)
{
    size_t level;
    struct facts f;
    bool cut;

    facts_of(&f, a);
    if (line->cap > eve->config->eve_max_event_size)
        buf_drop(line);
    line->ceiling = eve->config->eve_max_event_size;
    for (level = 0; level < N_LEVELS; level++) {
        struct eve_limits limits = limits_of(eve->config, level);
        struct jsonw w = jsonw_to(line);

        buf_clear(line);
        put_line(&w, eve, a, &f, &limits);
        if (w.ok && line->ceiling - line->len >= END_OF_LINE) {
            cut = put_payload(&w, eve, a->record);
            jsonw_end_object(&w);
            if (cut || level > 0)
                count(COUNT_OUTPUT_CUT);
            return buf_add_byte(line, '\n') && w.ok;
        }
    }
    buf_clear(line);
    return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/stats.h"
#include "base/count.h"
#include "base/stamp.h"
#include "output/text.h"

/* Longest line: a name, its punctuation and 20 digits for each counter, twice. */
#define STATS_LINE_MAX (COUNT_N * 128 + 2048)

#define KEYS_MAX 100 /* Arkime's reader takes so many of one object */

/* Suricata's names for what we count in the same sense, valid in its schemas of 7.0.10 and 8.0.6. What it
 * splits in another way than we do (DNS over TCP and UDP, fragments by IP version) is left to our own names.
 */
static const struct {
    const char *object, *key;
    enum counter counter;
} rows[] = {
    {"capture", "kernel_drops", COUNT_CAPTURE_KERNEL_DROPS},
    {"capture", "kernel_ifdrops", COUNT_CAPTURE_INTERFACE_DROPS},
    {"capture", "kernel_packets", COUNT_CAPTURE_FRAMES},
    {"decoder", "pkts", COUNT_CAPTURE_FRAMES},
    {"decoder", "bytes", COUNT_CAPTURE_BYTES},
    {"decoder", "invalid", COUNT_DECODE_MALFORMED},
    {"decoder", "ipv4", COUNT_DECODE_IPV4},
    {"decoder", "ipv6", COUNT_DECODE_IPV6},
    {"decoder", "tcp", COUNT_DECODE_TCP},
    {"decoder", "udp", COUNT_DECODE_UDP},
    {"decoder", "vlan", COUNT_DECODE_VLAN},
    {"decoder", "too_many_layers", COUNT_DECODE_TOO_DEEP},
    {"tcp", "sessions", COUNT_FLOW_TCP},
    {"tcp", "midstream_pickups", COUNT_STREAM_MIDSTREAM},
    {"tcp", "reassembly_gap", COUNT_STREAM_GAPS},
};

static void put_objects(struct jsonw *w)
{
    const char *open = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!open || strcmp(open, rows[i].object) != 0) {
            if (open)
                jsonw_end_object(w);
            open = rows[i].object;
            jsonw_object(w, open);
        }
        jsonw_u64(w, rows[i].key, counters[rows[i].counter]);
    }
    jsonw_end_object(w);
}

static void put_flows(struct jsonw *w, size_t n_flows)
{
    jsonw_object(w, "flow");
    jsonw_u64(w, "total", counters[COUNT_FLOW_TCP] + counters[COUNT_FLOW_UDP]);
    jsonw_u64(w, "active", n_flows);
    jsonw_u64(w, "tcp", counters[COUNT_FLOW_TCP]);
    jsonw_u64(w, "udp", counters[COUNT_FLOW_UDP]);
    jsonw_end_object(w);
    jsonw_object(w, "app_layer");
    jsonw_object(w, "flow");
    jsonw_u64(w, "http", counters[COUNT_INSPECT_HTTP]);
    jsonw_u64(w, "http2", counters[COUNT_INSPECT_HTTP2]);
    jsonw_u64(w, "tls", counters[COUNT_INSPECT_TLS]);
    jsonw_end_object(w);
    jsonw_end_object(w);
}

void stats_put_engines(struct jsonw *w, const char *key, const struct stats_rules *rules)
{
    char stamp[STAMP_TEXT];

    jsonw_array(w, key);
    jsonw_object(w, NULL);
    jsonw_u64(w, "id", 0);
    if (rules->read_us) {
        stamp_print(rules->read_us, stamp);
        jsonw_str(w, "last_reload", stamp);
    }
    jsonw_u64(w, "rules_loaded", rules->loaded);
    jsonw_u64(w, "rules_failed", rules->failed);
    jsonw_end_object(w);
    jsonw_end_array(w);
}

static void put_detect(struct jsonw *w, const struct stats_rules *rules)
{
    jsonw_object(w, "detect");
    jsonw_u64(w, "alert", counters[COUNT_ALERTS]);
    jsonw_u64(w, "alerts_suppressed", counters[COUNT_ALERTS_LIMITED] + counters[COUNT_ALERTS_SUPPRESSED]);
    stats_put_engines(w, "engines", rules);
    jsonw_end_object(w);
}

/* Those of one kind that are not zero, as far as there is room for keys. */
static void put_kind(struct jsonw *w, enum counter_kind kind, unsigned *room)
{
    for (unsigned i = 0; i<COUNT_N && * room> 0; i++)
        if (counter_rows[i].kind == kind && counters[i]) {
            jsonw_u64(w, counter_rows[i].name, counters[i]);
            --*room;
        }
}

/* The one object of an event that both schemas leave open for named numbers. What was lost goes first: no
 * sensor runs into everything that can be counted, but if one did, this must be there. */
static void put_counters(struct jsonw *w)
{
    unsigned room = KEYS_MAX;

    jsonw_object(w, "metadata");
    jsonw_object(w, "flowints");
    put_kind(w, COUNTER_LOSS, &room);
    put_kind(w, COUNTER_INFO, &room);
    jsonw_end_object(w);
    jsonw_end_object(w);
}

void stats_put(struct jsonw *w, uint64_t uptime_us, size_t n_flows, const struct stats_rules *rules)
{
    jsonw_u64(w, "uptime", uptime_us / 1000000);
    put_objects(w);
    put_flows(w, n_flows);
    put_detect(w, rules);
}

bool stats_line(struct buf *line, const struct config *config, uint64_t ts_us, uint64_t uptime_us,
                size_t n_flows, const struct stats_rules *rules)
{
    struct jsonw w = jsonw_to(line);
    char stamp[STAMP_TEXT];

    buf_clear(line);
    if (line->ceiling < STATS_LINE_MAX)
        line->ceiling = STATS_LINE_MAX;
    stamp_print(ts_us, stamp);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "timestamp", stamp);
    jsonw_str(&w, "event_type", "stats");
    if (config->sensor_name && config->sensor_name[0])
        jsonw_bytes(&w, "host", text_cut(bytes_str(config->sensor_name), 64));
    jsonw_object(&w, "stats");
    stats_put(&w, uptime_us, n_flows, rules);
    jsonw_end_object(&w);
    put_counters(&w);
    jsonw_end_object(&w);
    return buf_add_byte(line, '\n') && w.ok;
}

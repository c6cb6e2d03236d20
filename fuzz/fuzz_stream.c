/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises stream/: bytes become small TCP, UDP and fragment packets of a few flows, in any order, in two
 * versions, by several ways. At its end it says how many packets there were. */
#include "base/count.h"
#include "base/cursor.h"
#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_PACKETS 400
#define MAX_FLOWS   (2 * MAX_PACKETS)

/* What the header promises of each direction: a beginning, then data or an end, and one end. */
struct seen {
    uint64_t id;
    uint64_t given[2];
    bool begun[2], ended[2], enough[2];
};

static struct seen seen[MAX_FLOWS];
static unsigned n_seen, n_over;
static uint64_t sent, given, n_told, n_packets;

static void require(bool promise)
{
    if (!promise)
        abort();
}

static struct seen *seen_of(const struct flow *f)
{
    require(f->id != 0 && f->id < UINT64_C(1) << 51);
    for (unsigned i = n_seen; i-- > 0;)
        if (seen[i].id == f->id)
            return &seen[i];
    require(n_seen < MAX_FLOWS);
    seen[n_seen] = (struct seen){.id = f->id};
    return &seen[n_seen++];
}

static enum appetite on_chunk(void *arg, const struct chunk *c)
{
    struct seen *s = seen_of(c->flow);
    unsigned side = c->side;
    bool udp = c->flow->proto == PROTO_UDP;

    (void)arg;
    require(side < 2 && c->packet != 0);
    for (size_t i = 0; i < c->data.len; i++) /* every byte is ours to read, and was sent */
        require(c->data.p[i] == 'd' || c->data.p[i] == 'e');
    if (c->alternative) {
        require(!c->begin && !c->end && c->gap == 0 && c->data.len > 0 && c->data.len < 65536);
        require(udp || (!s->ended[side] && !s->enough[side]));
        return APPETITE_MORE;
    }
    require(c->begin == (udp || !s->begun[side]));
    require(udp || !s->ended[side]);
    require(c->data.len > 0 || c->end);
    require(!s->enough[side] || (c->end && c->data.len == 0) || udp);
    s->begun[side] = true;
    s->ended[side] = c->end;
    given += c->data.len;
    s->given[side] += c->data.len;
    s->enough[side] = s->given[side] > 2000;
    return s->enough[side] ? APPETITE_ENOUGH : APPETITE_MORE;
}

static void on_flow_end(void *arg, struct flow *f)
{
    struct seen *s = seen_of(f);

    (void)arg;
    for (unsigned side = 0; side < 2; side++)
        require(s->begun[side] == s->ended[side]);
    s->id = 0;
    n_over++;
}

static void on_anomaly(void *arg, const struct anomaly *a)
{
    (void)arg;
    require(a->kind < ANOMALY_N && a->side < 2 && a->n > 0 && a->packet != 0);
    n_told++;
}

static void tell_packets(void)
{
    fprintf(stderr, "%llu packets\n", (unsigned long long)n_packets);
}

static struct stream *open_once(void)
{
    static const struct stream_hooks hooks = {
        .chunk = on_chunk, .flow_end = on_flow_end, .anomaly = on_anomaly};
    static const struct config config = {
        .flow_memcap = 1, /* the smallest table: 64 flows */
        .flow_new_us = 30000000,
        .flow_established_us = 300000000,
        .flow_closed_us = 10000000,
        .flow_udp_us = 30000000,
        .max_layers = 8,
        .stream_memcap = 16384,
        .stream_depth = 4000,
        .stream_midstream = true,
        .vlan_tracking = true,
        .tunnel_tracking = true,
        .anomaly_rate = 100,
        .defrag_memcap = 8192,
        .defrag_timeout_us = 60000000,
        .deterministic = true,
    };
    static struct stream *stream;

    if (!stream) {
        stream = stream_new(&config, decode_new(&config), &hooks, NULL);
        atexit(tell_packets);
    }
    require(stream != NULL);
    return stream;
}

/* A timestamp that moves back and forth, or a signature. */
static struct bytes options_of(uint8_t flags, uint8_t more)
{
    static uint8_t stamp[] = {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t signature[18] = {19, 18};

    stamp[6] = more & 3;
    if (flags & 0x80)
        return bytes_of(signature, sizeof signature);
    return bytes_of(stamp, flags & 0x40 ? sizeof stamp : 0);
}

/* Eight bytes make a packet: what (flow, side, kind), flags, numbers near the ones in use, length, time
 * passed. */
static struct packet packet_from(struct cursor *c, uint32_t base[2])
{
    static uint8_t data[2048];
    uint8_t what = cursor_u8(c), flags = cursor_u8(c);
    int8_t seq = (int8_t)cursor_u8(c), ack = (int8_t)cursor_u8(c);
    uint16_t len = cursor_u16be(c);
    uint8_t step = cursor_u8(c), more = cursor_u8(c);
    unsigned side = what & 1;
    uint8_t host[2][16] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    struct packet p = {.proto = what & 8 ? PROTO_UDP : PROTO_TCP, .src_port = 80, .dst_port = 80};

    memset(data, step & 2 ? 'e' : 'd', sizeof data);
    p.src = what & 16 ? addr_v6(host[side]) : addr_v4(host[side]);
    p.dst = what & 16 ? addr_v6(host[!side]) : addr_v4(host[!side]);
    *(side ? &p.dst_port : &p.src_port) = (uint16_t)(40000 + (what >> 1 & 3) + (more & 0x7fu) * (what >> 7));
    p.ttl = len & 0x4000 ? 3 : 64;
    if (len & 0x2000) {
        p.network = more & 1;
        p.path = more >> 1 & 1;
        p.n_vlans = more >> 2 & 1;
        p.vlans[0] = more >> 3 & 1;
    }
    p.payload = bytes_of(data, len % (sizeof data + 1));
    p.payload_len = (uint32_t)p.payload.len + (len & 0x8000 ? more : 0);
    p.fragment = what & 32;
    if (p.fragment) {
        p.src_port = p.dst_port = 0;
        p.fragment_id = what >> 1 & 3;
        p.fragment_offset = (uint32_t)(uint8_t)seq * 8;
        p.more_fragments = flags & 1;
    } else if (p.proto == PROTO_TCP) {
        uint32_t seq_off = (uint32_t)(int32_t)seq, ack_off = (uint32_t)(int32_t)ack;

        p.tcp.flags = flags & 0x3f;
        p.tcp.seq = base[side] + seq_off * (what & 64 ? 65536u : 1u);
        p.tcp.ack = base[!side] + ack_off * (step & 1 ? 65536u : 1u);
        p.tcp.urgent = more & 31;
        p.tcp.options = options_of(flags, more);
        p.tcp.window = (uint16_t)(more << 8);
        p.tcp.window_shift = more & 1 ? 0xff : more >> 4;
        if (seq >= 0)
            base[side] += p.payload_len / 2 + ((flags & TH_FLAG_SYN) != 0);
    }
    p.ts_us = (uint64_t)step * step * step * 10;
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct stream *s = open_once();
    struct cursor c = cursor_over(bytes_of(bytes, size));
    uint32_t base[2] = {0xffffff00, 5};
    uint64_t now_us = UINT64_C(1700000000000000);

    count_reset();
    n_seen = n_over = 0;
    sent = given = n_told = 0;
    for (uint64_t n = 1; cursor_left(&c) >= 8 && n <= MAX_PACKETS; n++) {
        struct packet p = packet_from(&c, base);

        now_us += p.ts_us;
        p.ts_us = now_us;
        p.number = n;
        sent += p.payload.len;
        n_packets++;
        stream_packet(s, &p);
        require(stream_n_flows(s) <= 64);
        require(stream_bytes_told(s) == counters[COUNT_STREAM_PAYLOAD_BYTES]);
    }
    stream_flush(s);
    require(stream_n_flows(s) == 0);
    require(given == counters[COUNT_STREAM_BYTES]);
    require(given <= counters[COUNT_STREAM_PAYLOAD_BYTES]);
    require(stream_bytes_told(s) == counters[COUNT_STREAM_PAYLOAD_BYTES]);
    require(counters[COUNT_STREAM_PAYLOAD_BYTES] <= 2 * sent); /* a datagram may have two versions */
    require(n_told <= 2 * counters[COUNT_STREAM_ANOMALIES]);
    require(n_over == counters[COUNT_FLOW_TCP] + counters[COUNT_FLOW_UDP]);
    return 0;
}

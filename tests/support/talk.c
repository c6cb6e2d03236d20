/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/talk.h"

#include <stdlib.h>

#define MAX_HEARD 64

struct config talk_config;
struct stream *talk_stream;
uint64_t talk_now_us = UINT64_C(1700000000000000), talk_number;
bool talk_quiet, talk_in_order = true, talk_adds_up = true;
uint64_t talk_appetite = UINT64_MAX;

static struct decode *decode;
static struct heard heard[MAX_HEARD];
static unsigned n_heard, n_over;
static struct {
    unsigned n_told;
    uint64_t n;
} anomalies[ANOMALY_N];
static uint32_t odd[2];
static enum counter unread[2] = {COUNT_N, COUNT_N}; /* COUNT_N: no loss */

static struct heard *heard_of(const struct flow *f)
{
    for (unsigned i = 0; i < n_heard; i++)
        if (heard[i].flow.id == f->id && !heard[i].over)
            return &heard[i];
    return NULL;
}

static enum appetite on_chunk(void *arg, const struct chunk *c)
{
    struct heard *h = heard_of(c->flow);
    bool datagram = c->flow->proto == PROTO_UDP;

    (void)arg;
    if (!h) {
        if (n_heard == MAX_HEARD)
            return APPETITE_MORE; /* floods are counted, not recorded */
        h = &heard[n_heard++];
        *h = (struct heard){0};
        for (unsigned i = 0; i < 2; i++)
            h->side[i].text = h->side[i].other = buf_within(8 << 20);
    }
    h->flow = *c->flow;
    if (c->alternative) {
        buf_add(&h->side[c->side].other, c->data);
        buf_add_byte(&h->side[c->side].other, '\n');
        h->side[c->side].n_others++;
        return APPETITE_MORE;
    }
    if (!datagram)
        talk_in_order &= c->begin == (h->side[c->side].n_begin == 0) && h->side[c->side].n_end == 0;
    talk_in_order &= c->data.len > 0 || c->end;
    h->side[c->side].n_chunks++;
    h->side[c->side].n_begin += c->begin;
    h->side[c->side].n_end += c->end;
    if (c->gap) {
        h->side[c->side].n_gaps++;
        h->side[c->side].gap += c->gap;
        h->side[c->side].gap_at = h->side[c->side].text.len;
    }
    if (!datagram && !c->end)
        talk_in_order &= c->at == h->side[c->side].text.len + h->side[c->side].gap;
    if (c->data.len)
        buf_add(&h->side[c->side].text, c->data);
    h->side[c->side].last_packet = c->packet;
    h->side[c->side].last_us = c->ts_us;
    if (unread[c->side] != COUNT_N)
        flow_set_unread(c->flow, c->side, unread[c->side]);
    anomaly_note(c->flow, c->side, odd[c->side]);
    return h->side[c->side].text.len >= talk_appetite ? APPETITE_ENOUGH : APPETITE_MORE;
}

void talk_unread_as(unsigned side, enum counter counter)
{
    unread[side] = counter;
}

void talk_note(unsigned side, enum anomaly_kind kind)
{
    odd[side] |= anomaly_bit(kind);
}

static void on_flow_end(void *arg, struct flow *f)
{
    struct heard *h = heard_of(f);

    (void)arg;
    n_over++;
    if (!h)
        return;
    for (unsigned i = 0; i < 2; i++)
        talk_in_order &= h->side[i].n_begin == h->side[i].n_end;
    h->over = true;
    h->flow = *f;
}

static void on_anomaly(void *arg, const struct anomaly *a)
{
    (void)arg;
    anomalies[a->kind].n_told++;
    anomalies[a->kind].n = a->n;
}

static struct connection connection;
static unsigned n_connections;

static void on_connection(void *arg, const struct connection *c)
{
    (void)arg;
    connection = *c;
    n_connections++;
}

unsigned talk_n_connections(void)
{
    return n_connections;
}

const struct connection *talk_connection(void)
{
    return &connection;
}

unsigned talk_n_anomalies(enum anomaly_kind kind)
{
    return anomalies[kind].n_told;
}

uint64_t talk_anomaly_count(enum anomaly_kind kind)
{
    return anomalies[kind].n;
}

bool talk_other_has(const struct heard *h, unsigned side, const char *text)
{
    return h && bytes_find(buf_bytes(&h->side[side].other), bytes_str(text)) != BYTES_NONE;
}

void talk_open(void)
{
    static const struct stream_hooks hooks = {
        .chunk = on_chunk, .flow_end = on_flow_end, .anomaly = on_anomaly, .connection = on_connection};
    struct complaint why = {""};

    talk_config = (struct config){
        .max_layers = 8,
        .flow_memcap = 1 << 20,
        .flow_new_us = 30000000,
        .flow_established_us = 300000000,
        .flow_closed_us = 10000000,
        .flow_udp_us = 30000000,
        .stream_memcap = 4 << 20,
        .stream_midstream = true,
        .vlan_tracking = true,
        .tunnel_tracking = true,
        .anomaly_rate = 100,
        .defrag_memcap = 1 << 20,
        .defrag_timeout_us = 60000000,
        .deterministic = true,
    };
    decode = decode_new(&talk_config);
    talk_stream = stream_new(&talk_config, decode, &hooks, &why);
    if (!talk_stream) {
        log_error("%s", why.text);
        abort();
    }
}

void talk_close(void)
{
    talk_clear();
    stream_free(talk_stream);
    decode_free(decode);
}

int talk_group_begin(void **state)
{
    (void)state;
    talk_open();
    return 0;
}

int talk_group_end(void **state)
{
    (void)state;
    talk_close();
    return 0;
}

static void drop_side(unsigned n, unsigned side)
{
    buf_drop(&heard[n].side[side].text);
    buf_drop(&heard[n].side[side].other);
}

void talk_clear(void)
{
    stream_flush(talk_stream);
    for (unsigned i = 0; i < n_heard; i++)
        for (unsigned side = 0; side < 2; side++)
            drop_side(i, side);
    n_heard = n_over = 0;
    n_connections = 0;
    talk_in_order = talk_adds_up = true;
    memset(anomalies, 0, sizeof anomalies);
    memset(odd, 0, sizeof odd);
    talk_now_us += UINT64_C(120000000); /* no rate that is measured in seconds reaches into the next test */
    talk_quiet = false;
    talk_appetite = UINT64_MAX;
    unread[0] = unread[1] = COUNT_N;
    talk_config.stream_depth = 0;
    talk_config.stream_midstream = true;
    count_reset();
}

struct talk talk_new(uint8_t version)
{
    static uint32_t n;
    struct talk t = {
        .port = {(uint16_t)(40000 + n % 20000), 8080}, .window = 65535, .seq = {1000 + n * 7919, 77}};
    uint8_t b[16] = {0x20, 0x01, 0x0d, 0xb8};

    n++;
    for (unsigned side = 0; side < 2; side++) {
        if (version == 4) {
            uint8_t v4[4] = {10, (uint8_t)(n >> 8), (uint8_t)n, (uint8_t)(1 + side)};

            t.addr[side] = addr_v4(v4);
        } else {
            b[14] = (uint8_t)n;
            b[15] = (uint8_t)(1 + side);
            t.addr[side] = addr_v6(b);
        }
    }
    return t;
}

struct packet talk_packet(const struct talk *t, unsigned from, uint8_t flags, uint32_t seq, uint32_t ack,
                          struct bytes payload)
{
    struct packet p = {
        .src = t->addr[from],
        .dst = t->addr[!from],
        .src_port = t->port[from],
        .dst_port = t->port[!from],
        .proto = PROTO_TCP,
        .ttl = 64,
        .n_vlans = t->vlan ? 1 : 0,
        .vlans = {t->vlan},
        .tcp = {.seq = seq,
                .ack = ack,
                .window = t->window,
                .flags = flags,
                .window_shift = 0xff,
                .options = t->options[from]},
        .payload = payload,
        .payload_len = (uint32_t)payload.len,
    };

    return p;
}

void talk_send(struct packet p)
{
    if (!talk_quiet)
        talk_now_us += 1000;
    p.ts_us = talk_now_us;
    p.number = ++talk_number;
    stream_packet(talk_stream, &p);
    talk_adds_up &= stream_bytes_told(talk_stream) == counters[COUNT_STREAM_PAYLOAD_BYTES];
}

void talk_handshake(struct talk *t)
{
    struct bytes none = {NULL, 0};

    talk_send(talk_packet(t, 0, TH_FLAG_SYN, t->seq[0], 0, none));
    t->seq[0]++;
    talk_send(talk_packet(t, 1, TH_FLAG_SYN | TH_FLAG_ACK, t->seq[1], t->seq[0], none));
    t->seq[1]++;
    talk_ack(t, 0);
}

void talk_say(struct talk *t, unsigned from, const char *text)
{
    struct bytes b = bytes_str(text);

    talk_send(talk_packet(t, from, TH_FLAG_ACK | TH_FLAG_PSH, t->seq[from], t->seq[!from], b));
    t->seq[from] += (uint32_t)b.len;
}

void talk_ack(struct talk *t, unsigned from)
{
    talk_send(talk_packet(t, from, TH_FLAG_ACK, t->seq[from], t->seq[!from], (struct bytes){NULL, 0}));
}

void talk_fin(struct talk *t, unsigned from)
{
    talk_send(talk_packet(t, from, TH_FLAG_ACK | TH_FLAG_FIN, t->seq[from], t->seq[!from],
                          (struct bytes){NULL, 0}));
    t->seq[from]++;
}

const struct heard *talk_heard(unsigned n)
{
    return n < n_heard ? &heard[n] : NULL;
}

unsigned talk_n_heard(void)
{
    return n_heard;
}

unsigned talk_n_over(void)
{
    return n_over;
}

bool talk_is(const struct heard *h, unsigned side, const char *text)
{
    return h && bytes_eq(buf_bytes(&h->side[side].text), bytes_str(text));
}

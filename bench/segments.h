/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SEGMENTS_H
#define BENCH_SEGMENTS_H

/* For programs of one file: conversations as Ethernet frames, with all lengths and checksums right. */

#include "chance.h"

#define MSS 1460 /* where the conversation has no other */

enum { SYN = 2, FIN = 1, RST = 4, PSH = 8, ACK = 16 };

struct packet {
    uint64_t ts_us;
    size_t at, len; /* in the flow's frames */
};

struct end {
    uint8_t mac[6];
    uint32_t addr;
    uint16_t port;
    uint16_t ip_id;
    uint32_t seq; /* the next to send */
};

/* A conversation, made whole before its first packet is written. */
struct flow {
    struct text frames;
    struct packet *packets;
    size_t n_packets, cap_packets, next;
    struct end end[2]; /* client, server */
    uint64_t now_us;
    uint32_t rtt_us;
    uint32_t mss; /* 0: MSS */
};

static struct {
    uint64_t packets, bytes, http_flows, tls_flows, dns_flows, chat_flows, requests, payload[2];
} total;

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    return n % 2 ? sum + ((uint32_t)p[n - 1] << 8) : sum;
}

static void sum_store(uint8_t *at, uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    at[0] = (uint8_t)(~sum >> 8);
    at[1] = (uint8_t)~sum;
}

/* Ethernet and IPv4 around len bytes that are still to be written; where they begin. */
static size_t frame_begin(struct flow *f, unsigned side, uint8_t proto, size_t len)
{
    struct text *t = &f->frames;
    struct end *from = &f->end[side], *to = &f->end[!side];
    size_t ip;

    if (f->n_packets == f->cap_packets) {
        f->cap_packets = f->cap_packets * 2 + 64;
        f->packets = realloc(f->packets, f->cap_packets * sizeof *f->packets);
        if (!f->packets)
            exit(2);
    }
    f->packets[f->n_packets++] = (struct packet){f->now_us, t->len, 34 + len};
    text_add(t, to->mac, 6);
    text_add(t, from->mac, 6);
    text_put(t, 0x0800, 2);
    ip = t->len;
    text_put(t, 0x4500, 2);
    text_put(t, 20 + len, 2);
    text_put(t, from->ip_id++, 2);
    text_put(t, 0x4000, 2);
    text_put(t, side ? 57 : 64, 1);
    text_put(t, proto, 1);
    text_put(t, 0, 2);
    text_put(t, from->addr, 4);
    text_put(t, to->addr, 4);
    sum_store(t->p + ip + 10, sum16(0, t->p + ip, 20));
    return t->len;
}

/* The checksum of what lies from begin to the end of the frame. */
static void transport_end(struct flow *f, size_t begin, uint8_t proto, size_t checksum_at)
{
    struct text *t = &f->frames;
    uint32_t sum = sum16((uint32_t)(t->len - begin) + proto, t->p + begin - 8, 8);

    sum_store(t->p + begin + checksum_at, sum16(sum, t->p + begin, t->len - begin));
}

static uint32_t mss_of(const struct flow *f)
{
    return f->mss ? f->mss : MSS;
}

static void tcp_send(struct flow *f, unsigned side, uint8_t flags, const void *payload, size_t len)
{
    uint8_t high = (uint8_t)(mss_of(f) >> 8), low = (uint8_t)mss_of(f);
    uint8_t options[] = {2, 4, high, low, 1, 1, 4, 2, 1, 3, 3, 7};
    size_t n_options = flags & SYN ? sizeof options : 0;
    struct end *from = &f->end[side];
    size_t begin = frame_begin(f, side, 6, 20 + n_options + len);
    struct text *t = &f->frames;

    text_put(t, from->port, 2);
    text_put(t, f->end[!side].port, 2);
    text_put(t, from->seq, 4);
    text_put(t, flags & ACK ? f->end[!side].seq : 0, 4);
    text_put(t, (20 + n_options) / 4 << 12 | flags, 2);
    text_put(t, flags & SYN ? 64240 : 502, 2);
    text_put(t, 0, 4);
    text_add(t, options, n_options);
    text_add(t, payload, len);
    transport_end(f, begin, 6, 16);
    from->seq += (uint32_t)len + ((flags & (SYN | FIN)) != 0);
    total.payload[side] += len;
}

/* Segments as they come in at 1 Gbit/s and less; every second is acknowledged, and the last. */
static void tcp_stream(struct flow *f, unsigned side, const void *data, size_t len)
{
    const uint8_t *p = data;
    unsigned unacked = 0;

    while (len > 0) {
        size_t n = len < mss_of(f) ? len : mss_of(f);

        tcp_send(f, side, (uint8_t)(n == len ? ACK | PSH : ACK), p, n);
        p += n;
        len -= n;
        f->now_us += 12 + below(30);
        if (++unacked == 2 || len == 0) {
            tcp_send(f, !side, ACK, NULL, 0);
            f->now_us += 3;
            unacked = 0;
        }
    }
}

static void tcp_open(struct flow *f)
{
    tcp_send(f, 0, SYN, NULL, 0);
    f->now_us += f->rtt_us;
    tcp_send(f, 1, SYN | ACK, NULL, 0);
    f->now_us += between(20, 80);
    tcp_send(f, 0, ACK, NULL, 0);
    f->now_us += between(50, 400);
}

static void tcp_close(struct flow *f)
{
    unsigned first = percent(70);

    f->now_us += between(100, 50000);
    if (percent(4)) {
        tcp_send(f, first, RST | ACK, NULL, 0);
        return;
    }
    tcp_send(f, first, FIN | ACK, NULL, 0);
    f->now_us += f->rtt_us;
    tcp_send(f, !first, FIN | ACK, NULL, 0);
    f->now_us += between(20, 80);
    tcp_send(f, first, ACK, NULL, 0);
}

static void udp_send(struct flow *f, unsigned side, const struct text *message)
{
    size_t begin = frame_begin(f, side, 17, 8 + message->len);

    text_put(&f->frames, f->end[side].port, 2);
    text_put(&f->frames, f->end[!side].port, 2);
    text_put(&f->frames, 8 + message->len, 2);
    text_put(&f->frames, 0, 2);
    text_add(&f->frames, message->p, message->len);
    transport_end(f, begin, 17, 6);
    total.payload[side] += message->len;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#define MESSAGE_HEADER 8
#define IPV4_HEADER    20
#define QUOTED_LEAST   8 /* of the transport's header: RFC 792 promises no more */

enum { ICMP4_UNREACHABLE = 3, ICMP4_TOO_LONG = 4, ICMP6_UNREACHABLE = 1 };

/* type | code | checksum, 2 bytes | 4 that say nothing here. RFC 792, RFC 4443 section 3.1. A packet that was
 * only too long will be sent again in pieces. */
static bool says_unreachable(struct cursor *c, unsigned version)
{
    uint8_t type = cursor_u8(c), code = cursor_u8(c);

    cursor_skip(c, MESSAGE_HEADER - 2);
    if (version == 6)
        return cursor_ok(c) && type == ICMP6_UNREACHABLE;
    return cursor_ok(c) && type == ICMP4_UNREACHABLE && code != ICMP4_TOO_LONG;
}

/* The quoted header. Nobody has checked it: its sender may have made it up. */
static bool quoted4(struct cursor *c, struct packet *out)
{
    struct cursor header = cursor_sub(c, IPV4_HEADER);
    uint8_t version_words = cursor_u8(&header);
    uint32_t header_len = (version_words & 0x0fu) * 4;
    uint16_t place;
    struct bytes addresses;

    cursor_skip(&header, 5);
    place = cursor_u16be(&header);
    cursor_skip(&header, 1);
    out->proto = cursor_u8(&header);
    cursor_skip(&header, 2);
    addresses = cursor_take(&header, 8);
    /* Ports stand in the first fragment only. */
    if (!cursor_ok(&header) || version_words >> 4 != 4 || header_len < IPV4_HEADER || (place & 0x1fff))
        return false;
    cursor_skip(c, header_len - IPV4_HEADER);
    addr_fill_v4(&out->src, addresses.p);
    addr_fill_v4(&out->dst, addresses.p + 4);
    return cursor_ok(c);
}

/* Extension headers are not stepped over: hosts put none between IPv6 and what opens a connection. */
static bool quoted6(struct cursor *c, struct packet *out)
{
    uint8_t version_class = cursor_u8(c);
    struct bytes addresses;

    cursor_skip(c, 5);
    out->proto = cursor_u8(c);
    cursor_skip(c, 1);
    addresses = cursor_take(c, 32);
    if (!cursor_ok(c) || version_class >> 4 != 6)
        return false;
    addr_fill_v6(&out->src, addresses.p);
    addr_fill_v6(&out->dst, addresses.p + 16);
    return true;
}

/* Ports, and TCP's number behind them. */
static bool quoted_transport(struct cursor *c, struct packet *out)
{
    struct cursor header = cursor_sub(c, QUOTED_LEAST);

    memset(&out->tcp, 0, sizeof out->tcp);
    out->tcp.window_shift = NO_WINDOW_SHIFT;
    out->src_port = cursor_u16be(&header);
    out->dst_port = cursor_u16be(&header);
    if (out->proto == PROTO_TCP)
        out->tcp.seq = cursor_u32be(&header);
    return cursor_ok(&header) && (out->proto == PROTO_TCP || out->proto == PROTO_UDP);
}

/* What the snap length cut cannot be checked and passes. */
static bool message_passes(struct peel *f, const struct packet *p)
{
    uint32_t sum = p->src.version == 6 ? checksum_pseudo(p, p->payload_len) : 0;

    return p->payload.len < p->payload_len ||
           checksum_passes(f, checksum_is_right(checksum_add(sum, p->payload)));
}

bool icmp_peel(struct peel *f, struct packet *out)
{
    unsigned version = out->src.version;
    struct addr told = out->dst;
    struct cursor c = cursor_over(out->payload);

    if (!says_unreachable(&c, version))
        return refuse(COUNT_DECODE_OTHER);
    if (f->checks && !message_passes(f, out))
        return false;
    /* Who is told must be who has sent what is quoted: else it is another host's, or nobody's. */
    if (!(version == 4 ? quoted4(&c, out) : quoted6(&c, out)) || !quoted_transport(&c, out) ||
        !addr_eq(&told, &out->src))
        return refuse(COUNT_DECODE_OTHER);
    out->unreachable = true;
    out->payload = bytes_from(out->payload, out->payload.len);
    out->payload_len = 0;
    count(COUNT_DECODE_UNREACHABLE);
    return true;
}

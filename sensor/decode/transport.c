/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#define UDP_HEADER       8
#define WINDOW_SHIFT_MAX 14 /* RFC 7323 section 2.3: a larger one is taken for this */

uint32_t checksum_add(uint32_t sum, struct bytes data)
{
    struct cursor c = cursor_over(data);

    while (cursor_left(&c) >= 2) {
        sum += cursor_u16be(&c);
        sum = (sum & 0xffff) + (sum >> 16); /* at once, so that it cannot overflow, however long data is */
    }
    if (cursor_left(&c) == 1)
        sum += (uint32_t)cursor_u8(&c) << 8;
    return sum;
}

bool checksum_is_right(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

/* With the pseudo header of RFC 9293 section 3.1, or RFC 8200 section 8.1: the sums are the same. What the
 * snap length cut cannot be checked and passes. */
static bool segment_is_right(const struct packet *p, struct bytes segment, uint32_t segment_len)
{
    uint32_t sum = (segment_len & 0xffff) + (segment_len >> 16) + p->proto;

    if (segment.len < segment_len)
        return true;
    sum = checksum_add(sum, bytes_of(p->src.b, addr_len(&p->src)));
    sum = checksum_add(sum, bytes_of(p->dst.b, addr_len(&p->dst)));
    return checksum_is_right(checksum_add(sum, segment));
}

/* Kinds 0 (end) and 1 (padding) are one byte, every other has a length (RFC 9293 section 3.2). As for Linux,
 * a wrong length ends the list, and of two options of a kind the last counts. */
static uint8_t window_shift_of(struct bytes options)
{
    struct cursor c = cursor_over(options);
    uint8_t shift = NO_WINDOW_SHIFT;

    while (cursor_left(&c) > 0) {
        uint8_t kind = cursor_u8(&c), len;

        if (kind == 0)
            break;
        if (kind == 1)
            continue;
        len = cursor_u8(&c);
        if (!cursor_ok(&c) || len < 2 || cursor_left(&c) < len - 2u)
            break;
        if (kind == 3 && len == 3) {
            shift = cursor_u8(&c);
            if (shift > WINDOW_SHIFT_MAX)
                shift = WINDOW_SHIFT_MAX;
        } else {
            cursor_skip(&c, len - 2u);
        }
    }
    return shift;
}

static bool tcp_peel(bool checksums, struct packet *out)
{
    struct bytes segment = out->payload;
    uint32_t segment_len = out->payload_len, header_len;
    struct cursor c = cursor_over(segment);
    struct cursor header = cursor_sub(&c, TCP_HEADER);

    header_len = tcp_header(&header, out);
    if (header_len < TCP_HEADER || header_len > segment_len)
        return refuse(COUNT_DECODE_MALFORMED);
    if (checksums && !segment_is_right(out, segment, segment_len))
        return refuse(COUNT_DECODE_BAD_CHECKSUM);
    out->tcp.options = bytes_slice(segment, TCP_HEADER, header_len); /* what was captured of them */
    out->tcp.window_shift = NO_WINDOW_SHIFT;
    if (out->tcp.flags & TH_FLAG_SYN)
        out->tcp.window_shift = window_shift_of(out->tcp.options);
    out->payload = bytes_from(segment, header_len);
    out->payload_len = segment_len - header_len;
    count(COUNT_DECODE_TCP);
    return true;
}

/* RFC 768: source port | destination port | length with this header | checksum */
static bool udp_peel(bool checksums, struct packet *out)
{
    struct bytes datagram = out->payload;
    struct cursor c = cursor_over(datagram);
    uint32_t claimed, checksum;

    out->src_port = cursor_u16be(&c);
    out->dst_port = cursor_u16be(&c);
    claimed = cursor_u16be(&c);
    checksum = cursor_u16be(&c);
    /* RFC 2675: of a jumbo datagram, which only IPv6 has, the length does not fit and is 0. */
    if (claimed == 0 && out->src.version == 6)
        claimed = out->payload_len;
    /* Longer than the IP packet, or shorter than itself: receivers drop it. */
    if (!cursor_ok(&c) || claimed < UDP_HEADER || claimed > out->payload_len)
        return refuse(COUNT_DECODE_MALFORMED);
    datagram = bytes_slice(datagram, 0, claimed);
    /* 0 is "none was made" under IPv4, and forbidden under IPv6 (RFC 8200 section 8.1). */
    if (checksums && (checksum ? !segment_is_right(out, datagram, claimed) : out->src.version == 6))
        return refuse(COUNT_DECODE_BAD_CHECKSUM);
    memset(&out->tcp, 0, sizeof out->tcp);
    out->payload = bytes_from(datagram, UDP_HEADER);
    out->payload_len = claimed - UDP_HEADER;
    count(COUNT_DECODE_UDP);
    return true;
}

/* IANA protocol numbers of what carries packets of others. None is opened: what is inside is not seen. */
static bool is_tunnel(uint8_t proto)
{
    switch (proto) {
    case 4:   /* IPv4 */
    case 41:  /* IPv6 */
    case 47:  /* GRE */
    case 50:  /* ESP */
    case 94:  /* IP in IP, as KA9Q had it */
    case 97:  /* Ethernet, RFC 3378 */
    case 115: /* L2TP */
    case 137: /* MPLS, RFC 4023 */
        return true;
    default:
        return false;
    }
}

bool transport_peel(bool checksums, struct packet *out)
{
    switch (out->proto) {
    case PROTO_TCP:
        return tcp_peel(checksums, out);
    case PROTO_UDP:
        return udp_peel(checksums, out);
    default:
        return refuse(is_tunnel(out->proto) ? COUNT_DECODE_LINK_UNKNOWN : COUNT_DECODE_OTHER);
    }
}

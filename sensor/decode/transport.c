/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#include <endian.h>

#define UDP_HEADER       8
#define TCP_CHECKSUM_AT  16
#define WINDOW_SHIFT_MAX 14 /* RFC 7323 section 2.3: a larger one is taken for this */

/* Eight bytes at a time in the order of the machine: the sum of RFC 1071 section 2 (B) does not mind, until
 * its end. */
uint32_t checksum_add(uint32_t sum, struct bytes data)
{
    uint64_t total = 0, word;
    size_t i = 0;

    for (; data.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, data.p + i, sizeof word);
        total += word;
        total += total < word;
    }
    if (i < data.len) {
        word = 0;
        memcpy(&word, data.p + i, data.len - i);
        total += word;
        total += total < word;
    }
    total = (total & 0xffffffff) + (total >> 32);
    total = (total & 0xffff) + (total >> 16 & 0xffff) + (total >> 32);
    total = (total & 0xffff) + (total >> 16);
    total = (total & 0xffff) + (total >> 16);
    return sum + be16toh((uint16_t)total);
}

static uint16_t checksum_fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

bool checksum_is_right(uint32_t sum)
{
    return checksum_fold(sum) == 0xffff;
}

bool checksum_passes(struct peel *f, bool right)
{
    f->checked = true;
    if (right)
        return true;
    if (f->checks != CHECKS_NOTE)
        return refuse(COUNT_DECODE_BAD_CHECKSUM);
    f->wrong = true;
    return true;
}

/* Those of IPv4 and IPv6 come to the same. */
uint32_t checksum_pseudo(const struct packet *p, uint32_t len)
{
    uint32_t sum = (len & 0xffff) + (len >> 16) + p->proto;

    sum = checksum_add(sum, bytes_of(p->src.b, addr_len(&p->src)));
    return checksum_add(sum, bytes_of(p->dst.b, addr_len(&p->dst)));
}

/* What the snap length cut cannot be checked and passes. A host that leaves the sum to its card puts that of
 * the pseudo header there, and so does one that has put received segments together (GRO): a capture on that
 * host shows it, the wire never did. */
static bool segment_passes(struct peel *f, const struct packet *p, struct bytes segment, uint32_t len,
                           uint16_t checksum)
{
    uint32_t pseudo;

    if (segment.len < len)
        return true;
    pseudo = checksum_pseudo(p, len);
    if (f->checks != CHECKS_STRICT && checksum == checksum_fold(pseudo)) {
        f->unfinished = true;
        return true;
    }
    return checksum_passes(f, checksum_is_right(checksum_add(pseudo, segment)));
}

/* The sums of a segment on whose word a connection begins or ends. */
static enum sums sums_of(const struct peel *f, const struct packet *p, struct bytes segment, uint32_t len,
                         uint16_t checksum)
{
    uint32_t pseudo;

    if (segment.len < len)
        return SUMS_UNKNOWN;
    pseudo = checksum_pseudo(p, len);
    if (checksum == checksum_fold(pseudo)) /* left to the card */
        return SUMS_UNKNOWN;
    if (f->header.len && !checksum_is_right(checksum_add(0, f->header)))
        return SUMS_WRONG;
    return checksum_is_right(checksum_add(pseudo, segment)) ? SUMS_RIGHT : SUMS_WRONG;
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

static uint16_t tcp_checksum(struct bytes segment)
{
    struct cursor c = cursor_over(bytes_from(segment, TCP_CHECKSUM_AT));

    return cursor_u16be(&c);
}

bool tcp_peel(struct peel *f, struct packet *out)
{
    struct bytes segment = out->payload;
    uint32_t segment_len = out->payload_len, header_len;
    struct cursor c = cursor_over(segment);
    struct cursor header = cursor_sub(&c, TCP_HEADER);

    header_len = tcp_header(&header, out);
    if (header_len < TCP_HEADER || header_len > segment_len)
        return refuse(COUNT_DECODE_MALFORMED);
    if (f->checks && !segment_passes(f, out, segment, segment_len, tcp_checksum(segment)))
        return false;
    if (f->checks <= CHECKS_NOTE && (out->tcp.flags & (TH_FLAG_SYN | TH_FLAG_FIN | TH_FLAG_RST)))
        out->sums = (uint8_t)sums_of(f, out, segment, segment_len, tcp_checksum(segment));
    out->tcp.options = bytes_slice(segment, TCP_HEADER, header_len); /* what was captured of them */
    out->tcp.window_shift = NO_WINDOW_SHIFT;
    if (out->tcp.flags & TH_FLAG_SYN)
        out->tcp.window_shift = window_shift_of(out->tcp.options);
    out->payload = bytes_from(segment, header_len);
    out->payload_len = segment_len - header_len;
    count(COUNT_DECODE_TCP);
    return true;
}

/* 0 is "none was made" under IPv4, and forbidden under IPv6 (RFC 8200 section 8.1), but for tunnels (RFC
 * 6935).
 */
static bool datagram_passes(struct peel *f, const struct packet *p, struct bytes datagram, uint32_t len,
                            uint16_t checksum)
{
    if (checksum)
        return segment_passes(f, p, datagram, len, checksum);
    return p->src.version == 4 || udp_tunnel_of(f->opened, p->dst_port) || checksum_passes(f, false);
}

/* RFC 768: source port | destination port | length with this header | checksum */
bool udp_peel(struct peel *f, struct packet *out)
{
    struct bytes datagram = out->payload;
    struct cursor c = cursor_over(datagram);
    uint32_t claimed;
    uint16_t checksum;

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
    if (f->checks && !datagram_passes(f, out, datagram, claimed, checksum))
        return false;
    memset(&out->tcp, 0, sizeof out->tcp);
    out->payload = bytes_from(datagram, UDP_HEADER);
    out->payload_len = claimed - UDP_HEADER;
    return true;
}

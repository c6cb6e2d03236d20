/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#include <pcap/dlt.h>

#define ETHERNET_HEADER 14
#define IPV4_HEADER     20

/* Nothing here knows more than link.c, ip.c and transport.c: it is their middle road, without their branches,
 * at a third of the cost. The fuzz target holds the two against each other. */
bool common_peel(const struct frame *frame, struct packet *out)
{
    struct cursor c = cursor_over(frame->data);
    struct cursor header = cursor_sub(&c, ETHERNET_HEADER + IPV4_HEADER + TCP_HEADER);
    struct bytes addresses;
    uint16_t type, place;
    uint8_t version_words;
    uint32_t total, header_len;

    if (frame->link_type != DLT_EN10MB)
        return false;
    cursor_skip(&header, 12);
    type = cursor_u16be(&header);
    version_words = cursor_u8(&header);
    cursor_skip(&header, 1);
    total = cursor_u16be(&header);
    cursor_skip(&header, 2);
    place = cursor_u16be(&header);
    out->ttl = cursor_u8(&header);
    out->proto = cursor_u8(&header);
    cursor_skip(&header, 2);
    addresses = cursor_take(&header, 8);
    if (type != 0x0800 || version_words != 0x45 || (place & 0x3fff) || out->proto != PROTO_TCP)
        return false;
    header_len = tcp_header(&header, out);
    if (header_len < TCP_HEADER || total < IPV4_HEADER + header_len ||
        total > frame->data.len - ETHERNET_HEADER ||
        (out->tcp.flags & (TH_FLAG_SYN | TH_FLAG_FIN | TH_FLAG_RST)))
        return false;
    addr_fill_v4(&out->src, addresses.p);
    addr_fill_v4(&out->dst, addresses.p + 4);
    out->tcp.window_shift = NO_WINDOW_SHIFT;
    out->tcp.options = cursor_take(&c, header_len - TCP_HEADER);
    out->payload = cursor_take(&c, total - IPV4_HEADER - header_len);
    out->payload_len = (uint32_t)out->payload.len;
    count(COUNT_DECODE_IPV4);
    count(COUNT_DECODE_TCP);
    return true;
}

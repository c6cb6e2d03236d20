/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DECODE_LAYERS_H
#define DECODE_LAYERS_H

/* Inside this folder only: how the files hand a frame to one another, outermost layer first. Each of them
 * counts why it refuses, exactly once. */

#include "base/count.h"
#include "base/cursor.h"
#include "decode/decode.h"

/* What is left of a frame. */
struct peel {
    struct cursor c;
    uint32_t cut;    /* bytes of the frame that followed on the wire but were not captured (snap length) */
    uint32_t layers; /* headers that may still be opened */
    bool checksums;  /* verify them */
};

static inline bool refuse(enum counter why)
{
    count(why);
    return false;
}

static inline bool peel_layer(struct peel *f)
{
    if (f->layers == 0)
        return refuse(COUNT_DECODE_TOO_DEEP);
    f->layers--;
    return true;
}

/* addr_v4 without a call: this runs twice per packet. */
static inline void addr_fill_v4(struct addr *a, const uint8_t *b)
{
    memcpy(a->b, b, 4);
    memset(a->b + 4, 0, 12);
    a->version = 4;
}

#define TCP_HEADER      20
#define NO_WINDOW_SHIFT 0xff

/* RFC 9293 section 3.1:
 *   source port | destination port | sequence, 4 bytes | acknowledgment, 4
 *   header words (4 bits), flags (12) | window | checksum | urgent | options
 * All but the options, from a cursor over TCP_HEADER bytes. The header's length, 0 when the cursor is short.
 */
static inline uint32_t tcp_header(struct cursor *header, struct packet *out)
{
    uint16_t words_flags;

    out->src_port = cursor_u16be(header);
    out->dst_port = cursor_u16be(header);
    out->tcp.seq = cursor_u32be(header);
    out->tcp.ack = cursor_u32be(header);
    words_flags = cursor_u16be(header);
    out->tcp.flags = (uint8_t)words_flags;
    out->tcp.window = cursor_u16be(header);
    cursor_skip(header, 2);
    out->tcp.urgent = cursor_u16be(header);
    return cursor_ok(header) ? (words_flags >> 12) * 4u : 0;
}

/* The frame that nearly all are, in one go: Ethernet II, IPv4 without options, whole, a TCP segment without
 * SYN. False when it is any other, or odd in any way: then nothing is counted, and the layers below decide.
 */
bool common_peel(const struct frame *frame, struct packet *out);

/* Leaves the cursor at an IP header. The version that the layer before it announced, or 0 when there is none.
 */
unsigned link_peel(struct peel *f, int link_type, struct packet *out);

/* The IP header and all that belongs to IP. Fills addresses, proto and payload; or, for a piece of a
 * datagram, everything. */
bool ipv4_peel(struct peel *f, struct packet *out);
bool ipv6_peel(struct peel *f, struct packet *out);

/* Steps over IPv6 extension headers in f, of which len bytes are claimed, to a transport or a fragment. */
bool ipv6_extensions(struct peel *f, uint8_t next, uint32_t len, struct packet *out);

/* out->payload is a whole segment or datagram with its header, out->payload_len its claimed length: both
 * become those of what it carries. */
bool transport_peel(bool checksums, struct packet *out);

/* RFC 1071: the sum of data, added to sum, ready for checksum_is_right. */
uint32_t checksum_add(uint32_t sum, struct bytes data);
bool checksum_is_right(uint32_t sum);

#endif

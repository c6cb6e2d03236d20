/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "base/addr.h"
#include "capture/capture.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

/* TCP flags as on the wire (RFC 9293 section 3.1). */
enum {
    TH_FLAG_FIN = 0x01,
    TH_FLAG_SYN = 0x02,
    TH_FLAG_RST = 0x04,
    TH_FLAG_PSH = 0x08,
    TH_FLAG_ACK = 0x10,
    TH_FLAG_URG = 0x20
};

#define PACKET_MAX_VLANS 3

/* Of a segment that opens or ends a connection, where wrong checksums are taken: an attacker's decoy is
 * dropped by its receiver, a sender's own card was yet to fill it in. */
enum sums { SUMS_UNKNOWN, SUMS_RIGHT, SUMS_WRONG };

/* Who, which transport, where the payload is. Views into the frame; good as long as it is. */
struct packet {
    uint64_t ts_us, number;
    struct addr src, dst;
    uint16_t src_port, dst_port;
    uint8_t proto; /* PROTO_TCP or PROTO_UDP; any other when fragment is set */
    uint8_t ttl;   /* time to live, or hop limit, of the innermost IP header */
    bool special;  /* has headers that only hosts set up for them take: IPsec's AH, segment routing's */
    uint8_t sums;  /* enum sums */
    uint8_t n_vlans;
    uint16_t vlans[PACKET_MAX_VLANS]; /* outermost first, 12-bit ids */
    /* Which of the networks around it the addresses belong to; 0 when there is no tunnel. Tenants of one
     * cloud, or of one provider, use the same private addresses. What names a network (VNI, GRE key) is in
     * network; what names a way through one, and may differ between the directions or change (MPLS label, GTP
     * tunnel, the tunnel's two ends), is in path. Mixed with a secret: good for comparing, no more. */
    uint64_t network, path;
    struct {
        uint32_t seq, ack;
        uint16_t window, urgent;
        uint8_t flags;
        uint8_t window_shift; /* of a SYN's window scale option, 0xff when it has none */
        struct bytes options; /* what was captured of them, unchecked */
    } tcp;
    struct bytes payload; /* what was captured of it */
    uint32_t payload_len; /* what the headers say; more than payload.len when the snap length cut it */

    /* Not sent by src: a router, or dst itself, says by ICMP that this packet of src's did not arrive. Only
     * addresses, ports and tcp.seq are known; what is quoted may be made up. */
    bool unreachable;

    /* A piece of an IP datagram: no ports and no transport fields above; the piece is payload. */
    bool fragment;
    bool more_fragments;
    uint32_t fragment_id;
    uint32_t fragment_offset; /* bytes */
};

struct decode;

struct decode *decode_new(const struct config *config);
void decode_free(struct decode *d);

/* False while the first packets are still to decide whether checksums mean anything (checksum-checks: auto).
 */
bool decode_is_settled(const struct decode *d);

/* True when the frame holds a TCP segment, a UDP datagram, a fragment of an IP datagram or an ICMP message
 * that one of the first two is unreachable, which *out then describes: the innermost one when there are
 * tunnels, with the VLANs of the innermost frame. Otherwise exactly one counter says why not. */
bool decode_frame(struct decode *d, const struct frame *frame, struct packet *out);

/* The transport header and payload of a reassembled datagram (proto and addresses already in *p): fills the
 * rest. A datagram of a tunnel becomes what it carries, which may be a fragment again. False (counted) when
 * it is neither, or malformed. */
bool decode_transport(struct decode *d, struct bytes datagram, struct packet *p);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DECODE_LAYERS_H
#define DECODE_LAYERS_H

/* Inside this folder only: how the files hand a frame to one another, outermost layer first. Each of them
 * counts why it refuses, exactly once. */

#include "base/count.h"
#include "base/cursor.h"
#include "base/mix.h"
#include "decode/decode.h"

/* Tunnels that are known by their UDP port first. */
enum udp_tunnel { UDP_TUNNEL_NONE, UDP_TUNNEL_VXLAN, UDP_TUNNEL_GENEVE, UDP_TUNNEL_GTP, UDP_TUNNEL_TZSP };

/* What the settings let be opened. */
struct opened {
    bool mpls, pppoe, gre, erspan, ip_in_ip;
    bool tracks; /* tunnels tell networks apart */
    uint64_t secrets[MIX_SECRETS];
    unsigned n_ports;
    struct {
        uint16_t port;
        enum udp_tunnel tunnel;
    } ports[4 * CONFIG_MAX_PORTS];
};

enum checks {
    CHECKS_OFF,
    CHECKS_NOTE,   /* look, and remember in the peel; nothing is dropped */
    CHECKS_SPARE,  /* drop, but not what a network card was to finish */
    CHECKS_STRICT, /* drop */
};

/* What is left of a frame. */
struct peel {
    struct cursor c;
    uint32_t cut;    /* bytes of the frame that followed on the wire but were not captured (snap length) */
    uint32_t layers; /* headers that may still be opened */
    const struct opened *opened;
    enum checks checks;
    bool checked, wrong, unfinished; /* what the checksums looked at were */
    struct bytes header;             /* of IPv4, the innermost, as long as its checksum was not looked at */
};

static inline bool refuse(enum counter why)
{
    count(why);
    return false;
}

/* The same where the answer is an IP version. */
static inline unsigned refuse_all(enum counter why)
{
    count(why);
    return 0;
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

static inline void addr_fill_v6(struct addr *a, const uint8_t *b)
{
    memcpy(a->b, b, 16);
    a->version = 6;
}

/* What ids of packet.network and packet.path mean, so that equal ones of two kinds differ. */
enum network_kind {
    NETWORK_VXLAN = 1,
    NETWORK_GENEVE,
    NETWORK_GRE,
    PATH_MPLS,
    PATH_PPPOE,
    PATH_GRE_FLOW,
    PATH_PPTP,
    PATH_GTP,
    PATH_ENDS,
};

/* Adds an id to one of the two. */
static inline void network_enter(const struct peel *f, uint64_t *place, enum network_kind kind, uint64_t id)
{
    const uint64_t *secrets = f->opened->secrets;

    if (f->opened->tracks)
        *place = mix(*place ^ id ^ secrets[0], (uint64_t)kind ^ secrets[1]) ^ *place << 1;
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
 * SYN, FIN and RST. False when it is any other, or odd in any way: then nothing is counted, and the layers
 * below decide.
 */
bool common_peel(const struct frame *frame, struct packet *out);

/* IEEE 802 numbers. Values up to 1500 in their place are the length of an 802.3 frame. */
enum ether_type {
    ETHER_802_2 = 0x0004, /* Linux's own, in SLL: an LLC header follows */
    ETHER_LENGTH_MAX = 1500,
    ETHER_IPV4 = 0x0800,
    ETHER_ARP = 0x0806,
    ETHER_BRIDGED = 0x6558, /* a whole Ethernet frame, in tunnels only (RFC 1701) */
    ETHER_VLAN = 0x8100,    /* 802.1Q */
    ETHER_IPV6 = 0x86dd,
    ETHER_PPPOE_DISCOVERY = 0x8863,
    ETHER_PPPOE = 0x8864,   /* session stage, RFC 2516 */
    ETHER_QINQ = 0x88a8,    /* 802.1ad */
    ETHER_QINQ_91 = 0x9100, /* what equipment sent before 802.1ad, and still sends */
    ETHER_QINQ_92 = 0x9200,
    ETHER_MPLS = 0x8847, /* RFC 3032, 5332 */
    ETHER_MPLS_UPSTREAM = 0x8848,
    ETHER_MACSEC = 0x88e5, /* 802.1AE */
    ETHER_PBB = 0x88e7,    /* 802.1ah: Ethernet in Ethernet */
    ETHER_NSH = 0x894f,    /* RFC 8300 */
};

/* These leave the cursor at an IP header. The version that the layer before it announced, or 0 when there is
 * none: then it has been counted why. */
unsigned link_peel(struct peel *f, int link_type, struct packet *out);
unsigned ether_type_peel(struct peel *f, uint16_t type, struct packet *out);
unsigned mpls_peel(struct peel *f, struct packet *out);
unsigned gre_peel(struct peel *f, struct packet *out);
unsigned ppp_peel(struct peel *f, struct packet *out);

/* An Ethernet frame inside a tunnel: VLAN ids are this frame's from here on. */
unsigned bridged_peel(struct peel *f, struct packet *out);

/* Nothing says what follows: its first four bits do. */
unsigned raw_peel(struct peel *f);

/* A type that stands in real frames, for those who have to guess. */
bool ether_type_is_known(uint16_t type);
bool ether_type_is_vlan(uint16_t type);

/* The two ends of a tunnel are a part of its path, whichever sends. outer: the packet that is the tunnel's.
 */
void path_between(const struct peel *f, const struct packet *outer, struct packet *out);

/* From an IP header of that version, or from what one has announced (out->proto, out->payload), through all
 * tunnels to a transport or a fragment. */
bool inside_peel(struct peel *f, unsigned version, struct packet *out);
bool announced_peel(struct peel *f, struct packet *out);

/* out is a UDP datagram that may be a tunnel's. When it is one that can be opened, out becomes what it
 * carries. */
enum tunnel_answer { TUNNEL_IS_NONE, TUNNEL_OPENED, TUNNEL_REFUSED /* and counted why */ };
enum tunnel_answer udp_tunnel_peel(struct peel *f, enum udp_tunnel tunnel, struct packet *out);
enum udp_tunnel udp_tunnel_of(const struct opened *opened, uint16_t port);

/* Narrows f to the len bytes that a header claims to follow, when so many are there; f->cut says how many are
 * missing. Behind a shorter claim lies padding (RFC 894) or a trailer. False when the claim goes beyond the
 * frame, though the frame was not cut by the capture: every receiver drops it. */
bool claim_peel(struct peel *f, uint32_t len);

/* The IP header and all that belongs to IP. Fills addresses, proto and payload; or, for a piece of a
 * datagram, everything. */
bool ipv4_peel(struct peel *f, struct packet *out);
bool ipv6_peel(struct peel *f, struct packet *out);

/* Steps over IPv6 extension headers in f, of which len bytes are claimed, to a transport or a fragment.
 * whole: it was fragmented already; Linux takes one fragment header, and no more. */
bool ipv6_extensions(struct peel *f, uint8_t next, uint32_t len, bool whole, struct packet *out);

/* out->payload is a whole segment or datagram with its header, out->payload_len its claimed length: both
 * become those of what it carries. The datagram is not counted: it may be a tunnel's. */
bool tcp_peel(struct peel *f, struct packet *out);
bool udp_peel(struct peel *f, struct packet *out);

/* out->payload is an ICMP message, of the version that out->src has. When it says that a segment or a
 * datagram is unreachable, out becomes what it quotes; else false, counted. */
bool icmp_peel(struct peel *f, struct packet *out);

/* The sum of the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1) before len bytes of p's protocol.
 */
uint32_t checksum_pseudo(const struct packet *p, uint32_t len);

/* RFC 1071: the sum of data, added to sum, ready for checksum_is_right. Few of them fit into one sum; only
 * the last may have an odd length. */
uint32_t checksum_add(uint32_t sum, struct bytes data);
bool checksum_is_right(uint32_t sum);

/* Notes what a checksum was. False (counted) when the packet is to be dropped for it. */
bool checksum_passes(struct peel *f, bool right);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#include <pcap/dlt.h>

/* IEEE 802 numbers. Values up to 1500 in their place are the length of an 802.3 frame. */
enum ether_type {
    ETHER_802_2 = 0x0004, /* Linux's own, in SLL: an LLC header follows */
    ETHER_LENGTH_MAX = 1500,
    ETHER_IPV4 = 0x0800,
    ETHER_VLAN = 0x8100, /* 802.1Q */
    ETHER_IPV6 = 0x86dd,
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

enum {
    LINK_TYPE_RAW = 101,    /* DLT_RAW as files have it */
    HARDWARE_NETLINK = 824, /* ARPHRD_NETLINK */
};

static unsigned not_ip(void)
{
    count(COUNT_DECODE_NOT_IP);
    return 0;
}

static unsigned malformed(void)
{
    count(COUNT_DECODE_MALFORMED);
    return 0;
}

/* The layer above says nothing: the first four bits do. */
static unsigned raw_peel(struct peel *f)
{
    struct bytes rest = cursor_rest(&f->c);

    if (rest.len == 0)
        return malformed();
    switch (rest.p[0] >> 4) {
    case 4:
        return 4;
    case 6:
        return 6;
    default:
        return not_ip();
    }
}

/* Priority (3 bits), drop eligible (1), id (12); then the next type. */
static bool vlan_peel(struct peel *f, struct packet *out, uint16_t *type)
{
    uint16_t tag = cursor_u16be(&f->c);

    *type = cursor_u16be(&f->c);
    if (!cursor_ok(&f->c))
        return refuse(COUNT_DECODE_MALFORMED);
    if (out->n_vlans < PACKET_MAX_VLANS)
        out->vlans[out->n_vlans++] = tag & 0x0fff;
    return peel_layer(f);
}

/* Logical link control: IP has its own service access point (06) since RFC 948, or comes by SNAP (RFC 1042):
 *   AA AA 03 | organisation, three bytes of zero | Ethernet type */
static bool llc_peel(struct peel *f, uint16_t *type)
{
    uint8_t to = cursor_u8(&f->c), from = cursor_u8(&f->c), control = cursor_u8(&f->c);

    if (!cursor_ok(&f->c))
        return refuse(COUNT_DECODE_MALFORMED);
    if (to == 0x06 && from == 0x06 && control == 0x03) {
        *type = ETHER_IPV4;
        return true;
    }
    if (to == 0xaa && from == 0xaa && control == 0x03) {
        uint32_t organisation = (uint32_t)cursor_u16be(&f->c) << 8 | cursor_u8(&f->c);

        *type = cursor_u16be(&f->c);
        if (!cursor_ok(&f->c))
            return refuse(COUNT_DECODE_MALFORMED);
        /* A length would open another LLC header inside: no one sends that, and it must not become a loop. */
        if (organisation == 0 && *type > ETHER_LENGTH_MAX)
            return true;
    }
    return refuse(COUNT_DECODE_NOT_IP);
}

/* RFC 1661: the protocol has one byte when its low bit is set there (compressed). */
static unsigned ppp_protocol(struct peel *f)
{
    uint32_t protocol = cursor_u8(&f->c);

    if (!(protocol & 1))
        protocol = protocol << 8 | cursor_u8(&f->c);
    if (!cursor_ok(&f->c))
        return malformed();
    switch (protocol) {
    case 0x21:
        return 4;
    case 0x57:
        return 6;
    default:
        return not_ip();
    }
}

/* FF 03 (RFC 1662: address and control) may stand before the protocol, or have been left out. */
static unsigned ppp_peel(struct peel *f)
{
    if (bytes_starts(cursor_rest(&f->c), BYTES_LIT("\xff\x03")))
        cursor_skip(&f->c, 2);
    return ppp_protocol(f);
}

/* version 1, type 1 | code 0: session data | session | length | PPP */
static unsigned pppoe_peel(struct peel *f)
{
    uint8_t version_type = cursor_u8(&f->c), code = cursor_u8(&f->c);

    cursor_skip(&f->c, 4);
    if (!cursor_ok(&f->c) || version_type != 0x11)
        return malformed();
    if (code != 0)
        return not_ip();
    return peel_layer(f) ? ppp_protocol(f) : 0;
}

static bool is_vlan(uint16_t type)
{
    return type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_91 || type == ETHER_QINQ_92;
}

/* From an Ethernet type to IP, whatever link it stood in. */
static unsigned type_peel(struct peel *f, uint16_t type, struct packet *out)
{
    if (is_vlan(type)) {
        count(COUNT_DECODE_VLAN);
        while (is_vlan(type))
            if (!vlan_peel(f, out, &type))
                return 0;
    }
    if (type <= ETHER_LENGTH_MAX && !llc_peel(f, &type))
        return 0;
    switch (type) {
    case ETHER_IPV4:
        return 4;
    case ETHER_IPV6:
        return 6;
    case ETHER_PPPOE:
        return pppoe_peel(f);
    case ETHER_MPLS:
    case ETHER_MPLS_UPSTREAM:
    case ETHER_MACSEC:
    case ETHER_PBB:
    case ETHER_NSH:
        count(COUNT_DECODE_LINK_UNKNOWN);
        return 0;
    default:
        return not_ip();
    }
}

/* destination, 6 bytes | source, 6 bytes | type */
static unsigned ethernet_peel(struct peel *f, struct packet *out)
{
    uint16_t type;

    cursor_skip(&f->c, 12);
    type = cursor_u16be(&f->c);
    if (!cursor_ok(&f->c))
        return malformed();
    if (type == ETHER_IPV4) /* nearly always */
        return 4;
    return type_peel(f, type, out);
}

/* "cooked": direction, 2 bytes | hardware, 2 | address length, 2 | address, 8 | type */
static unsigned sll_peel(struct peel *f, struct packet *out)
{
    uint16_t hardware, type;

    cursor_skip(&f->c, 2);
    hardware = cursor_u16be(&f->c);
    cursor_skip(&f->c, 10);
    type = cursor_u16be(&f->c);
    if (!cursor_ok(&f->c))
        return malformed();
    /* There the type is a netlink family. */
    if (hardware == HARDWARE_NETLINK)
        return not_ip();
    return type_peel(f, type, out);
}

/* type, 2 bytes | reserved, 2 | interface, 4 | hardware, 2 | direction, 1 | address length, 1 | address, 8 */
static unsigned sll2_peel(struct peel *f, struct packet *out)
{
    uint16_t type = cursor_u16be(&f->c), hardware;

    cursor_skip(&f->c, 6);
    hardware = cursor_u16be(&f->c);
    cursor_skip(&f->c, 10);
    if (!cursor_ok(&f->c))
        return malformed();
    if (hardware == HARDWARE_NETLINK)
        return not_ip();
    return type_peel(f, type, out);
}

/* An address family as the capturing system numbers it, in its byte order (NULL) or the network's (LOOP). All
 * are small numbers: a large one has been read the wrong way round. */
static unsigned loopback_peel(struct peel *f)
{
    uint32_t family = cursor_u32be(&f->c);

    if (!cursor_ok(&f->c))
        return malformed();
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2: /* everywhere */
        return 4;
    case 10: /* Linux */
    case 23: /* Windows */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* macOS */
        return 6;
    default:
        return not_ip();
    }
}

unsigned link_peel(struct peel *f, int link_type, struct packet *out)
{
    switch (link_type) {
    case DLT_EN10MB:
        return ethernet_peel(f, out);
    case DLT_LINUX_SLL:
        return sll_peel(f, out);
    case DLT_LINUX_SLL2:
        return sll2_peel(f, out);
    case DLT_RAW:
    case LINK_TYPE_RAW:
        return raw_peel(f);
    case DLT_IPV4:
        return 4;
    case DLT_IPV6:
        return 6;
    case DLT_NULL:
    case DLT_LOOP:
        return loopback_peel(f);
    case DLT_PPP:
    case DLT_PPP_SERIAL:
        return ppp_peel(f);
    case DLT_PPP_ETHER:
        return pppoe_peel(f);
    default:
        count(COUNT_DECODE_LINK_UNKNOWN);
        return 0;
    }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#include <pcap/dlt.h>

enum {
    LINK_TYPE_RAW = 101,    /* DLT_RAW as files have it */
    HARDWARE_NETLINK = 824, /* ARPHRD_NETLINK */
};

unsigned raw_peel(struct peel *f)
{
    struct bytes rest = cursor_rest(&f->c);

    if (rest.len == 0)
        return refuse_all(COUNT_DECODE_MALFORMED);
    switch (rest.p[0] >> 4) {
    case 4:
        return 4;
    case 6:
        return 6;
    default:
        return refuse_all(COUNT_DECODE_NOT_IP);
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

enum ppp_protocol {
    PPP_IPV4 = 0x21,
    PPP_VJ_COMPRESSED = 0x2d, /* RFC 1144 */
    PPP_VJ_WHOLE = 0x2f,
    PPP_MULTILINK = 0x3d,
    PPP_ENCRYPTED = 0x53,
    PPP_IPV6 = 0x57,
    PPP_COMPRESSED = 0xfd,
    PPP_MPLS = 0x281,
    PPP_MPLS_MULTICAST = 0x283,
};

/* RFC 1661: the protocol has one byte when its low bit is set there (compressed). FF 03 (RFC 1662: address
 * and control) may stand before it, or have been left out. */
unsigned ppp_peel(struct peel *f, struct packet *out)
{
    uint32_t protocol;

    if (bytes_starts(cursor_rest(&f->c), BYTES_LIT("\xff\x03")))
        cursor_skip(&f->c, 2);
    protocol = cursor_u8(&f->c);
    if (!(protocol & 1))
        protocol = protocol << 8 | cursor_u8(&f->c);
    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
    switch (protocol) {
    case PPP_IPV4:
        return 4;
    case PPP_IPV6:
        return 6;
    case PPP_MPLS:
    case PPP_MPLS_MULTICAST:
        return mpls_peel(f, out);
    case PPP_VJ_COMPRESSED:
    case PPP_VJ_WHOLE:
    case PPP_MULTILINK:
    case PPP_ENCRYPTED:
    case PPP_COMPRESSED:
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    default:
        return refuse_all(COUNT_DECODE_NOT_IP);
    }
}

/* version 1, type 1 | code 0: session data | session | length | PPP */
static unsigned pppoe_peel(struct peel *f, struct packet *out)
{
    uint8_t version_type = cursor_u8(&f->c), code = cursor_u8(&f->c);
    uint16_t session, len;

    session = cursor_u16be(&f->c);
    len = cursor_u16be(&f->c);
    if (!cursor_ok(&f->c) || version_type != 0x11)
        return refuse_all(COUNT_DECODE_MALFORMED);
    if (code != 0)
        return refuse_all(COUNT_DECODE_NOT_IP);
    if (!f->opened->pppoe)
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    if (!claim_peel(f, len) || !peel_layer(f))
        return 0;
    count(COUNT_DECODE_PPPOE);
    network_enter(f, &out->path, PATH_PPPOE, session);
    return ppp_peel(f, out);
}

bool ether_type_is_vlan(uint16_t type)
{
    return type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_91 || type == ETHER_QINQ_92;
}

bool ether_type_is_known(uint16_t type)
{
    switch (type) {
    case ETHER_IPV4:
    case ETHER_ARP:
    case ETHER_IPV6:
    case ETHER_PPPOE_DISCOVERY:
    case ETHER_PPPOE:
    case ETHER_MPLS:
    case ETHER_MPLS_UPSTREAM:
    case ETHER_MACSEC:
    case ETHER_PBB:
        return true;
    default:
        return ether_type_is_vlan(type);
    }
}

/* From an Ethernet type to IP, whatever link it stood in. */
unsigned ether_type_peel(struct peel *f, uint16_t type, struct packet *out)
{
    if (ether_type_is_vlan(type)) {
        count(COUNT_DECODE_VLAN);
        while (ether_type_is_vlan(type))
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
        return pppoe_peel(f, out);
    case ETHER_MPLS:
    case ETHER_MPLS_UPSTREAM:
        return mpls_peel(f, out);
    case ETHER_MACSEC:
    case ETHER_PBB:
    case ETHER_NSH:
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    default:
        return refuse_all(COUNT_DECODE_NOT_IP);
    }
}

/* destination, 6 bytes | source, 6 bytes | type */
static unsigned ethernet_peel(struct peel *f, struct packet *out)
{
    uint16_t type;

    cursor_skip(&f->c, 12);
    type = cursor_u16be(&f->c);
    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
    if (type == ETHER_IPV4) /* nearly always */
        return 4;
    return ether_type_peel(f, type, out);
}

unsigned bridged_peel(struct peel *f, struct packet *out)
{
    out->n_vlans = 0;
    return ethernet_peel(f, out);
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
        return refuse_all(COUNT_DECODE_MALFORMED);
    /* There the type is a netlink family. */
    if (hardware == HARDWARE_NETLINK)
        return refuse_all(COUNT_DECODE_NOT_IP);
    return ether_type_peel(f, type, out);
}

/* type, 2 bytes | reserved, 2 | interface, 4 | hardware, 2 | direction, 1 | address length, 1 | address, 8 */
static unsigned sll2_peel(struct peel *f, struct packet *out)
{
    uint16_t type = cursor_u16be(&f->c), hardware;

    cursor_skip(&f->c, 6);
    hardware = cursor_u16be(&f->c);
    cursor_skip(&f->c, 10);
    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
    if (hardware == HARDWARE_NETLINK)
        return refuse_all(COUNT_DECODE_NOT_IP);
    return ether_type_peel(f, type, out);
}

/* An address family as the capturing system numbers it, in its byte order (NULL) or the network's (LOOP). All
 * are small numbers: a large one has been read the wrong way round. */
static unsigned loopback_peel(struct peel *f)
{
    uint32_t family = cursor_u32be(&f->c);

    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
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
        return refuse_all(COUNT_DECODE_NOT_IP);
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
        return ppp_peel(f, out);
    case DLT_PPP_ETHER:
        return pppoe_peel(f, out);
    default:
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    }
}

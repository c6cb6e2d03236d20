/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

/* IANA protocol numbers of what carries packets of others. */
enum {
    CARRIES_IPV4 = 4,
    CARRIES_IPV6 = 41,
    CARRIES_GRE = 47,
    CARRIES_IPV4_KA9Q = 94, /* as CARRIES_IPV4, from before it had that number */
    CARRIES_MPLS = 137,     /* RFC 4023 */
};

/* What networks say to each other about themselves. Of anything else (SCTP, ESP, L2TP, what is yet to come)
 * it must not be said that nothing was missed. */
static bool is_control(uint8_t proto)
{
    switch (proto) {
    case 1:   /* ICMP */
    case 2:   /* IGMP */
    case 46:  /* RSVP */
    case 58:  /* ICMPv6 */
    case 59:  /* nothing follows */
    case 88:  /* EIGRP */
    case 89:  /* OSPF */
    case 103: /* PIM */
    case 112: /* VRRP, CARP */
        return true;
    default:
        return false;
    }
}

void path_between(const struct peel *f, const struct packet *outer, struct packet *out)
{
    const uint64_t *secrets = f->opened->secrets;
    uint64_t a[2], b[2];

    memcpy(a, outer->src.b, sizeof a);
    memcpy(b, outer->dst.b, sizeof b);
    network_enter(f, &out->path, PATH_ENDS, mix((a[0] + b[0]) ^ secrets[2], (a[1] + b[1]) ^ secrets[3]));
}

static unsigned ip_in_ip_peel(struct peel *f, unsigned version, struct packet *out)
{
    if (!f->opened->ip_in_ip)
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    count(COUNT_DECODE_IP_IN_IP);
    path_between(f, out, out);
    return version;
}

static unsigned tunnel_peel(struct peel *f, struct packet *out)
{
    f->c = cursor_over(out->payload);
    f->cut = out->payload_len - (uint32_t)out->payload.len;
    switch (out->proto) {
    case CARRIES_IPV4:
    case CARRIES_IPV4_KA9Q:
        return ip_in_ip_peel(f, 4, out);
    case CARRIES_IPV6:
        return ip_in_ip_peel(f, 6, out);
    case CARRIES_GRE:
        return gre_peel(f, out);
    case CARRIES_MPLS:
        path_between(f, out, out);
        return mpls_peel(f, out);
    default:
        return refuse_all(is_control(out->proto) ? COUNT_DECODE_OTHER : COUNT_DECODE_LINK_UNKNOWN);
    }
}

/* What an ICMP message quotes is no traffic: what it carries is not opened. */
static bool is_icmp(const struct packet *p)
{
    return p->proto == (p->src.version == 4 ? 1 : 58);
}

static bool udp_found(struct peel *f, struct packet *out)
{
    enum udp_tunnel tunnel = udp_tunnel_of(f->opened, out->dst_port);

    if (tunnel) {
        enum tunnel_answer answer = udp_tunnel_peel(f, tunnel, out);

        if (answer != TUNNEL_IS_NONE)
            return answer == TUNNEL_OPENED;
    }
    count(COUNT_DECODE_UDP);
    return true;
}

static bool fragment_found(struct packet *p)
{
    p->src_port = p->dst_port = 0;
    memset(&p->tcp, 0, sizeof p->tcp);
    count(COUNT_DECODE_FRAGMENTS);
    return true;
}

bool announced_peel(struct peel *f, struct packet *out)
{
    unsigned version;

    if (out->proto == PROTO_TCP)
        return tcp_peel(f, out);
    if (out->proto == PROTO_UDP)
        return udp_peel(f, out) && udp_found(f, out);
    if (is_icmp(out))
        return icmp_peel(f, out);
    version = tunnel_peel(f, out);
    return version && inside_peel(f, version, out);
}

/* The two call each other as deep as tunnels are nested. Each IP header takes a layer: the ceiling ends it.
 */
bool inside_peel(struct peel *f, unsigned version, struct packet *out)
{
    if (version == 4 ? !ipv4_peel(f, out) : !ipv6_peel(f, out))
        return false;
    return out->fragment ? fragment_found(out) : announced_peel(f, out);
}

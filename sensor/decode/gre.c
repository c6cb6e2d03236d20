/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

/* The first two bytes: which optional fields follow (RFC 2784, 2890), and the version. */
enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000, /* RFC 1701 only; Linux drops such packets */
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGMENT = 0x0080, /* version 1 */
    GRE_VERSION = 0x0007,
};

#define GRE_VERSION_PPTP 1 /* RFC 2637 */

/* What only GRE carries, in the place of an Ethernet type. */
enum { CARRIED_PPP = 0x880b, CARRIED_ERSPAN = 0x88be, CARRIED_ERSPAN_3 = 0x22eb, CARRIED_WCCP = 0x883e };

#define ERSPAN_TRUNCATED  0x0400
#define ERSPAN_SUBHEADER  0x0001
#define ERSPAN_FRAME_TYPE 0x7c00
#define ERSPAN_FRAME_IP   (2 << 10)
#define FRAME_MAX         65535

/* draft-foschiano-erspan-03 sections 4.2 and 4.3. Type I has no header of its own. Types II and III begin
 * alike: version (4 bits; one less than the type), VLAN (12) | class (3), .. (2), truncated (1), session (10)
 *   II: reserved (12), index (20)
 *   III: timestamp, 4 bytes | group, 2 | .. (1), frame type (5), .. (9), optional subheader (1)
 * The VLAN there is what the mirroring switch thought; what the frame says itself is read from the frame. */
static unsigned erspan_peel(struct peel *f, struct packet *out)
{
    uint16_t version_vlan = cursor_u16be(&f->c), flags = cursor_u16be(&f->c), form = 0;

    switch (version_vlan >> 12) {
    case 1:
        cursor_skip(&f->c, 4);
        break;
    case 2:
        cursor_skip(&f->c, 6);
        form = cursor_u16be(&f->c);
        if (form & ERSPAN_SUBHEADER)
            cursor_skip(&f->c, 8);
        break;
    default: /* or cut */
        return refuse_all(cursor_ok(&f->c) ? COUNT_DECODE_LINK_UNKNOWN : COUNT_DECODE_MALFORMED);
    }
    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
    /* Nobody says how much the switch has cut off: whatever the headers inside claim. */
    if (flags & ERSPAN_TRUNCATED)
        f->cut += FRAME_MAX;
    return (form & ERSPAN_FRAME_TYPE) == ERSPAN_FRAME_IP ? raw_peel(f) : bridged_peel(f, out);
}

/* The redirect header of version 2 has four bytes, of which the first is no IPv4 header's; version 1 has
 * none.
 */
static unsigned wccp_peel(struct peel *f)
{
    struct bytes rest = cursor_rest(&f->c);

    if (rest.len && rest.p[0] >> 4 != 4)
        cursor_skip(&f->c, 4);
    return 4;
}

static unsigned carried_peel(struct peel *f, uint16_t type, bool sequence, struct packet *out)
{
    bool mirror = type == CARRIED_ERSPAN || type == CARRIED_ERSPAN_3;

    if (!mirror) /* who mirrors says nothing about the network that the frame is of */
        path_between(f, out, out);
    switch (type) {
    case ETHER_BRIDGED:
        return bridged_peel(f, out);
    case CARRIED_ERSPAN:
    case CARRIED_ERSPAN_3:
        if (!f->opened->erspan)
            return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
        count(COUNT_DECODE_ERSPAN);
        return type == CARRIED_ERSPAN && !sequence ? bridged_peel(f, out) : erspan_peel(f, out);
    case CARRIED_WCCP:
        return wccp_peel(f);
    default:
        return ether_type_peel(f, type, out);
    }
}

/* RFC 2637 section 4.1: flags and version | type | length of the payload, 2 bytes | call, 2 | sequence, 4 |
 * acknowledgment, 4. Compressed or encrypted as a rule: PPP says so. */
static unsigned pptp_peel(struct peel *f, uint16_t flags, uint16_t type, struct packet *out)
{
    uint16_t len = cursor_u16be(&f->c), call = cursor_u16be(&f->c);

    if ((flags & (GRE_CHECKSUM | GRE_ROUTING | GRE_KEY)) != GRE_KEY || type != CARRIED_PPP)
        return refuse_all(COUNT_DECODE_MALFORMED);
    cursor_skip(&f->c, (flags & GRE_SEQUENCE ? 4u : 0) + (flags & GRE_ACKNOWLEDGMENT ? 4u : 0));
    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
    if (!claim_peel(f, len) || !peel_layer(f))
        return 0;
    count(COUNT_DECODE_PPTP);
    network_enter(f, &out->path, PATH_PPTP, call);
    return len ? ppp_peel(f, out) : refuse_all(COUNT_DECODE_NOT_IP); /* an acknowledgment alone */
}

/* NVGRE (RFC 7637 section 3.2) keeps the network in 24 bits of the key of a bridged frame, and a number of
 * the flow, which may have another on its way back, in the last 8. */
static void enter_key(const struct peel *f, uint16_t type, uint32_t key, struct packet *out)
{
    unsigned flow_bits = type == ETHER_BRIDGED ? 8 : 0;

    network_enter(f, &out->network, NETWORK_GRE, key >> flow_bits);
    if (flow_bits)
        network_enter(f, &out->path, PATH_GRE_FLOW, key & 0xff);
}

/* flags and version | type of what is carried | checksum, 2 bytes, and reserved, 2 | key, 4 | sequence, 4 */
unsigned gre_peel(struct peel *f, struct packet *out)
{
    struct bytes whole = cursor_rest(&f->c);
    uint16_t flags = cursor_u16be(&f->c), type = cursor_u16be(&f->c);
    uint32_t key;

    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
    if (!f->opened->gre)
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    if ((flags & GRE_VERSION) == GRE_VERSION_PPTP)
        return pptp_peel(f, flags, type, out);
    if (flags & (GRE_VERSION | GRE_ROUTING))
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    cursor_skip(&f->c, flags & GRE_CHECKSUM ? 4 : 0);
    key = flags & GRE_KEY ? cursor_u32be(&f->c) : 0;
    cursor_skip(&f->c, flags & GRE_SEQUENCE ? 4 : 0);
    if (!cursor_ok(&f->c))
        return refuse_all(COUNT_DECODE_MALFORMED);
    if (!peel_layer(f))
        return 0;
    if ((flags & GRE_CHECKSUM) && f->checks && f->cut == 0 &&
        !checksum_passes(f, checksum_is_right(checksum_add(0, whole))))
        return 0;
    count(COUNT_DECODE_GRE);
    if (flags & GRE_KEY)
        enter_key(f, type, key, out);
    return carried_peel(f, type, (flags & GRE_SEQUENCE) != 0, out);
}

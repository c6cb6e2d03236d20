/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

/* Where an Ethernet type is expected and none was said. They are lengths there, so that no type is like them.
 */
enum { CARRIED_IP = 0 /* its first bits say which */, CARRIED_OTHER = 1 /* what is not opened */ };

/* RFC 7348 section 5; draft-ietf-nvo3-vxlan-gpe:
 *   flags: valid network (08), next protocol said (04) | 2 bytes | next protocol | network, 3 bytes | 1 byte
 * What is reserved has to be ignored; vendors put policies there. */
static bool vxlan_header(struct peel *f, uint16_t *type, struct packet *out)
{
    static const uint16_t next[] = {CARRIED_OTHER, ETHER_IPV4, ETHER_IPV6, ETHER_BRIDGED};
    uint8_t flags = cursor_u8(&f->c), protocol;

    cursor_skip(&f->c, 2);
    protocol = cursor_u8(&f->c);
    network_enter(f, &out->network, NETWORK_VXLAN, cursor_u32be(&f->c) >> 8);
    *type = ETHER_BRIDGED;
    if (flags & 0x04)
        *type = protocol < 4 ? next[protocol] : (uint16_t)CARRIED_OTHER;
    return cursor_ok(&f->c) && (flags & 0x08);
}

/* RFC 8926 section 3.4:
 *   version (2 bits), length of the options in 4 bytes (6) | flags | type | network, 3 bytes | 1 byte |
 * options */
static bool geneve_header(struct peel *f, uint16_t *type, struct packet *out)
{
    uint8_t version_len = cursor_u8(&f->c);

    cursor_skip(&f->c, 1);
    *type = cursor_u16be(&f->c);
    network_enter(f, &out->network, NETWORK_GENEVE, cursor_u32be(&f->c) >> 8);
    cursor_skip(&f->c, (version_len & 0x3fu) * 4);
    return cursor_ok(&f->c) && version_len >> 6 == 0 &&
           (*type == ETHER_BRIDGED || ether_type_is_known(*type));
}

/* 3GPP TS 29.281 section 5:
 *   version 1 (3 bits), GTP (1), reserved (1), extension, sequence, number (1 each) | message | length |
 * tunnel, 4 with any of those three: sequence, 2 bytes | number | kind of the first extension extension: its
 * length in 4 bytes | .. | kind of the next; 0 is none Message 255 alone is a packet of a user; the others
 * belong to the network. */
static bool gtp_header(struct peel *f, uint16_t *type, struct packet *out)
{
    uint8_t flags = cursor_u8(&f->c), message = cursor_u8(&f->c), next = 0;
    uint16_t len = cursor_u16be(&f->c);

    network_enter(f, &out->path, PATH_GTP, cursor_u32be(&f->c));
    if (!cursor_ok(&f->c) || flags >> 4 != 3 || message != 255 || len > cursor_left(&f->c) + f->cut)
        return false;
    claim_peel(f, len);
    if (flags & 7) {
        cursor_skip(&f->c, 3);
        next = cursor_u8(&f->c);
    }
    while ((flags & 4) && next && cursor_ok(&f->c)) {
        uint8_t words = cursor_u8(&f->c);

        if (words == 0)
            return false;
        cursor_skip(&f->c, words * 4u - 2);
        next = cursor_u8(&f->c);
    }
    *type = CARRIED_IP;
    return cursor_ok(&f->c);
}

#define TZSP_PADDING     0
#define TZSP_END         1
#define TZSP_FRAME_LEN   41 /* how long the frame was that has been cut to fit */
#define TZSP_IS_ETHERNET 1

/* version 1 | kind: received (0) or to send (1) | what is carried, 2 bytes | tags: kind | length | value ..
 */
static bool tzsp_header(struct peel *f, uint16_t *type, struct packet *out)
{
    uint8_t version = cursor_u8(&f->c), kind = cursor_u8(&f->c), tag;
    uint32_t frame_len = 0;

    (void)out; /* a mirror's: the frame is of the network it was taken from */
    *type = cursor_u16be(&f->c) == TZSP_IS_ETHERNET ? ETHER_BRIDGED : CARRIED_OTHER;
    if (!cursor_ok(&f->c) || version != 1 || kind > 1)
        return false;
    while ((tag = cursor_u8(&f->c)) != TZSP_END && cursor_ok(&f->c)) {
        struct cursor value;

        if (tag == TZSP_PADDING)
            continue;
        value = cursor_sub(&f->c, cursor_u8(&f->c));
        if (tag == TZSP_FRAME_LEN)
            frame_len = cursor_u16be(&value);
    }
    if (frame_len > cursor_left(&f->c) + f->cut)
        f->cut = frame_len - (uint32_t)cursor_left(&f->c);
    return cursor_ok(&f->c);
}

static const struct {
    bool (*header)(struct peel *f, uint16_t *type,
                   struct packet *out); /* false: this is no such tunnel. Nothing is counted */
    enum counter counter;
} tunnels[] = {
    [UDP_TUNNEL_VXLAN] = {vxlan_header, COUNT_DECODE_VXLAN},
    [UDP_TUNNEL_GENEVE] = {geneve_header, COUNT_DECODE_GENEVE},
    [UDP_TUNNEL_GTP] = {gtp_header, COUNT_DECODE_GTP},
    [UDP_TUNNEL_TZSP] = {tzsp_header, COUNT_DECODE_TZSP},
};

/* All that opening a tunnel may change: a datagram that proves to be none is given as if it had never been
 * tried. Its counters are those of this folder. */
#define TRIAL_FIRST COUNT_DECODE_LINK_UNKNOWN
#define TRIAL_N     (COUNT_DECODE_BAD_CHECKSUM - TRIAL_FIRST + 1)

struct trial {
    struct peel peel;
    struct packet packet;
    uint64_t counters[TRIAL_N];
};

static void trial_begin(struct trial *t, const struct peel *f, const struct packet *out)
{
    t->peel = *f;
    t->packet = *out;
    memcpy(t->counters, counters + TRIAL_FIRST, sizeof t->counters);
}

static void trial_undo(const struct trial *t, struct peel *f, struct packet *out)
{
    *f = t->peel;
    *out = t->packet;
    memcpy(counters + TRIAL_FIRST, t->counters, sizeof t->counters);
}

static bool has_counted(const struct trial *t, enum counter c)
{
    return counters[c] != t->counters[c - TRIAL_FIRST];
}

static bool carried_peel(struct peel *f, uint16_t type, struct packet *out)
{
    unsigned version;

    if (!peel_layer(f))
        return false;
    switch (type) {
    case CARRIED_IP:
        version = raw_peel(f);
        break;
    case CARRIED_OTHER:
        return refuse(COUNT_DECODE_LINK_UNKNOWN);
    case ETHER_BRIDGED:
        version = bridged_peel(f, out);
        break;
    default:
        version = ether_type_peel(f, type, out);
    }
    return version && inside_peel(f, version, out);
}

enum tunnel_answer udp_tunnel_peel(struct peel *f, enum udp_tunnel tunnel, struct packet *out)
{
    struct trial before;
    uint16_t type;
    bool lost;

    trial_begin(&before, f, out);
    f->c = cursor_over(out->payload);
    f->cut = out->payload_len - (uint32_t)out->payload.len;
    if (!tunnels[tunnel].header(f, &type, out)) {
        trial_undo(&before, f, out);
        return TUNNEL_IS_NONE;
    }
    count(tunnels[tunnel].counter);
    if (tunnel != UDP_TUNNEL_TZSP)
        path_between(f, &before.packet, out);
    if (carried_peel(f, type, out))
        return TUNNEL_OPENED;
    /* The receiver opens it, and drops what is inside: so do we. */
    if (has_counted(&before, COUNT_DECODE_BAD_CHECKSUM))
        return TUNNEL_REFUSED;
    /* ARP and the like are no loss. */
    lost = has_counted(&before, COUNT_DECODE_MALFORMED) || has_counted(&before, COUNT_DECODE_TOO_DEEP) ||
           has_counted(&before, COUNT_DECODE_LINK_UNKNOWN);
    trial_undo(&before, f, out);
    if (lost)
        count(COUNT_DECODE_TUNNEL_SHUT);
    return TUNNEL_IS_NONE;
}

enum udp_tunnel udp_tunnel_of(const struct opened *opened, uint16_t port)
{
    for (unsigned i = 0; i < opened->n_ports; i++)
        if (opened->ports[i].port == port)
            return opened->ports[i].tunnel;
    return UDP_TUNNEL_NONE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/owner.h"
#include "decode/state.h"

#include <pcap/dlt.h>

#define IPV4_AT        14
#define HEADERS        (IPV4_AT + 20)
#define MORE_OR_OFFSET 0x3fff

static bool is_tunnel_port(const struct opened *o, uint16_t port)
{
    for (unsigned i = 0; i < o->n_ports; i++)
        if (o->ports[i].port == port)
            return true;
    return false;
}

/* An unfragmented IPv4 packet right in an Ethernet frame, with nothing inside that has addresses of its own:
 * then these are the ones that count, whatever else is wrong with it. */
static bool plain_pair(const struct opened *o, const struct frame *frame, uint64_t *bits)
{
    struct cursor c = cursor_over(frame->data);
    struct cursor header = cursor_sub(&c, HEADERS);
    uint16_t type, place;
    uint8_t version_words, proto;
    struct bytes addresses;
    uint32_t src, dst;

    cursor_skip(&header, 12);
    type = cursor_u16be(&header);
    version_words = cursor_u8(&header);
    cursor_skip(&header, 5);
    place = cursor_u16be(&header);
    cursor_skip(&header, 1);
    proto = cursor_u8(&header);
    cursor_skip(&header, 2);
    addresses = cursor_take(&header, 8);
    if (!cursor_ok(&header) || frame->link_type != DLT_EN10MB || type != 0x0800 || version_words >> 4 != 4 ||
        (place & MORE_OR_OFFSET))
        return false;
    if (proto == PROTO_UDP) {
        uint16_t ports[2] = {cursor_u16be(&c), cursor_u16be(&c)};

        if (version_words != 0x45 || !cursor_ok(&c) || is_tunnel_port(o, ports[0]) ||
            is_tunnel_port(o, ports[1]))
            return false;
    } else if (proto != PROTO_TCP) {
        return false;
    }
    memcpy(&src, addresses.p, sizeof src); /* as packet_owner reads an address */
    memcpy(&dst, addresses.p + 4, sizeof dst);
    *bits = src ^ dst;
    return true;
}

/* The counters that a look at a frame may change. */
#define FIRST  COUNT_DECODE_LINK_UNKNOWN
#define N_ROWS (COUNT_DEFRAG_DATAGRAMS - FIRST)

static unsigned owner_by_decoding(struct decode *d, const struct frame *frame, unsigned n, bool *shared)
{
    uint64_t before[N_ROWS];
    struct packet packet;
    bool found;

    memcpy(before, &counters[FIRST], sizeof before);
    found = decode_frame(d, frame, &packet);
    memcpy(&counters[FIRST], before, sizeof before);
    *shared = found && packet.fragment;
    return found ? packet_owner(&packet, n) : (unsigned)(frame->number % n);
}

unsigned decode_owner(struct decode *d, const struct frame *frame, unsigned n, bool *shared)
{
    uint64_t bits;

    *shared = !decode_is_settled(d);
    if (*shared) /* decoding it now would have it weighed twice */
        return (unsigned)(frame->number % n);
    if (plain_pair(&d->opened, frame, &bits))
        return owner_of_bits(bits, n);
    return owner_by_decoding(d, frame, n, shared);
}

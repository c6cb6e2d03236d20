/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

/* Labels that say what is below them (RFC 3032 section 2.1); all others mean what two routers agreed on. */
enum { LABEL_IPV4_NULL = 0, LABEL_IPV6_NULL = 2, LABEL_FIRST_FREE = 16 };

#define CONTROL_WORD   4  /* RFC 4385: before what a pseudowire carries, if it has one */
#define TYPE_AT        12 /* in an Ethernet frame */
#define BOTTOM         0x100
#define IPV4_WORDS_MIN 5

static uint16_t type_at(struct bytes b, size_t offset)
{
    struct cursor c = cursor_over(bytes_from(b, offset));

    return cursor_u16be(&c);
}

/* An IP header whose lengths fit what is there. The first byte of a hardware address may look like one's. */
static unsigned ip_version_of(const struct peel *f)
{
    struct cursor c = f->c;
    size_t room = cursor_left(&c) + f->cut;
    uint8_t first = cursor_u8(&c);
    uint32_t len;

    if (first >> 4 == 4 && (first & 0x0f) >= IPV4_WORDS_MIN) {
        cursor_skip(&c, 1);
        len = cursor_u16be(&c);
        return cursor_ok(&c) && len <= room && (len == 0 || len >= (first & 0x0fu) * 4) ? 4 : 0;
    }
    if (first >> 4 == 6) {
        cursor_skip(&c, 3);
        len = cursor_u16be(&c) + 40u;
        return cursor_ok(&c) && len <= room ? 6 : 0;
    }
    return 0;
}

/* Nothing says what is below the last label. IP begins with its version; a control word with four bits of
 * zero, as many a hardware address does: then the Ethernet type behind the one or the other decides. */
static unsigned below_labels(struct peel *f, struct packet *out)
{
    struct bytes rest = cursor_rest(&f->c);
    unsigned first = rest.len ? rest.p[0] >> 4 : 0, version = ip_version_of(f);
    uint16_t type = type_at(rest, TYPE_AT), type_behind = type_at(rest, CONTROL_WORD + TYPE_AT);

    if (version)
        return version;
    if (first == 0 &&
        (!ether_type_is_known(type) || (ether_type_is_known(type_behind) && !ether_type_is_vlan(type)))) {
        cursor_skip(&f->c, CONTROL_WORD);
        return bridged_peel(f, out);
    }
    if (ether_type_is_known(type))
        return bridged_peel(f, out);
    switch (first) {
    case 1: /* a channel of the routers' own, RFC 4385 section 5 */
        return refuse_all(COUNT_DECODE_NOT_IP);
    case 4:
    case 6:
        return first; /* cut or broken: the IP layer says which */
    default:
        return bridged_peel(f, out);
    }
}

/* RFC 3032 section 2.1: label (20 bits) | class (3) | bottom of the stack (1) | time to live (8) */
unsigned mpls_peel(struct peel *f, struct packet *out)
{
    uint32_t entry;

    if (!f->opened->mpls)
        return refuse_all(COUNT_DECODE_LINK_UNKNOWN);
    do {
        entry = cursor_u32be(&f->c);
        if (!cursor_ok(&f->c))
            return refuse_all(COUNT_DECODE_MALFORMED);
        if (!peel_layer(f))
            return 0;
    } while (!(entry & BOTTOM));
    count(COUNT_DECODE_MPLS);
    /* The lowest label names a customer, if any does; those above it lead to his router. */
    if (entry >> 12 >= LABEL_FIRST_FREE)
        network_enter(f, &out->path, PATH_MPLS, entry >> 12);
    switch (entry >> 12) {
    case LABEL_IPV4_NULL:
        return 4;
    case LABEL_IPV6_NULL:
        return 6;
    default:
        return below_labels(f, out);
    }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define DATAGRAM_MAX  65535
#define UNCLAIMED_MIN 1240 /* what fits into the smallest packets that IPv6 allows (RFC 8200 section 5) */

/* IANA protocol numbers that are headers of IPv6 itself, RFC 8200 section 4. */
enum {
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AUTHENTICATION = 51,
    NEXT_DESTINATION = 60
};

bool claim_peel(struct peel *f, uint32_t len)
{
    size_t left = cursor_left(&f->c);

    if (len <= left) {
        f->c = cursor_over(bytes_slice(cursor_rest(&f->c), 0, len));
        f->cut = 0;
    } else if (len <= left + f->cut) {
        f->cut = len - (uint32_t)left;
    } else {
        return refuse(COUNT_DECODE_MALFORMED);
    }
    return true;
}

/* No claim at all is a segment that the network card was to cut up (TSO): the capture was made before, and
 * all of it counts. No card gets a short one to cut: there 0 means what it says. */
static bool claim_length(struct peel *f, bool no_claim, uint32_t *len)
{
    size_t all = cursor_left(&f->c) + f->cut;

    if (!no_claim || all < UNCLAIMED_MIN)
        return claim_peel(f, *len);
    *len = (uint32_t)all;
    return true;
}

static bool fragment_set(struct packet *out, uint32_t id, uint32_t offset, bool more)
{
    out->fragment = true;
    out->more_fragments = more;
    out->fragment_id = id;
    out->fragment_offset = offset;
    /* No datagram is longer: "ping of death". In version 4 its datagram is condemned with it, which stream/
     * does. */
    if (out->src.version == 6 && offset + out->payload_len > DATAGRAM_MAX)
        return refuse(COUNT_DECODE_MALFORMED);
    return true;
}

/* RFC 791 section 3.1, as Linux judges them (ip_options_compile): */
enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_RECORD = 7,
    OPTION_TIME = 68,
    OPTION_LOOSE_ROUTE = 131,
    OPTION_STRICT_ROUTE = 137,
    OPTION_ALERT = 148,
};

#define TIME_ONLY 0 /* the low bits of the fourth byte; otherwise addresses stand before the times */

/* kind | length | where the next entry goes, from 1 | .. A place within the option must have room for an
 * entry. */
static bool recording_is_taken(struct bytes option, uint8_t least, uint8_t entry)
{
    struct cursor c = cursor_over(bytes_from(option, 2));
    uint8_t place = cursor_u8(&c);

    return cursor_ok(&c) && place >= least && (place > option.len || place + entry - 1u <= option.len);
}

static bool option_is_taken(uint8_t kind, struct bytes option)
{
    struct cursor c = cursor_over(bytes_from(option, 3));
    uint8_t flags = cursor_u8(&c);

    switch (kind) {
    case OPTION_LOOSE_ROUTE:
    case OPTION_STRICT_ROUTE:
        return false; /* hosts and routers drop them unless told otherwise (accept_source_route) */
    case OPTION_RECORD:
        return recording_is_taken(option, 4, 4);
    case OPTION_TIME:
        return cursor_ok(&c) && recording_is_taken(option, 5, (flags & 0x0f) == TIME_ONLY ? 4 : 8);
    case OPTION_ALERT:
        return option.len >= 4;
    default:
        return true;
    }
}

/* The receiver answers a wrong option with an ICMP message and drops the packet: a decoy, were it read. */
static bool ip_options_are_taken(struct bytes options)
{
    struct cursor c = cursor_over(options);
    bool recorded = false, timed = false;

    while (cursor_left(&c) > 0) {
        struct bytes rest = cursor_rest(&c);
        uint8_t kind = cursor_u8(&c), len;

        if (kind == OPTION_END)
            break;
        if (kind == OPTION_NOP)
            continue;
        len = cursor_u8(&c);
        if (!cursor_ok(&c) || len < 2)
            return false;
        cursor_skip(&c, len - 2u);
        if (!cursor_ok(&c) || !option_is_taken(kind, bytes_slice(rest, 0, len)))
            return false;
        if ((kind == OPTION_RECORD && recorded) || (kind == OPTION_TIME && timed))
            return false;
        recorded |= kind == OPTION_RECORD;
        timed |= kind == OPTION_TIME;
    }
    return true;
}

/* RFC 791 section 3.1:
 *   version, header words | service | total length
 *   identification | flags (3 bits), offset in 8 bytes (13)
 *   time to live | protocol | checksum | source | destination | options */
bool ipv4_peel(struct peel *f, struct packet *out)
{
    struct bytes from_header = cursor_rest(&f->c);
    struct cursor header = cursor_sub(&f->c, IPV4_HEADER);
    uint8_t version_words = cursor_u8(&header);
    uint32_t header_len = (version_words & 0x0fu) * 4, total, id, place, payload_len;
    struct bytes addresses, options;

    cursor_skip(&header, 1);
    total = cursor_u16be(&header);
    id = cursor_u16be(&header);
    place = cursor_u16be(&header);
    out->ttl = cursor_u8(&header);
    out->proto = cursor_u8(&header);
    cursor_skip(&header, 2);
    addresses = cursor_take(&header, 8);
    if (!cursor_ok(&header) || version_words >> 4 != 4 || header_len < IPV4_HEADER ||
        (total && total < header_len))
        return refuse(COUNT_DECODE_MALFORMED);
    options = cursor_take(&f->c, header_len - IPV4_HEADER);
    if (!cursor_ok(&f->c) || (options.len && !ip_options_are_taken(options)))
        return refuse(COUNT_DECODE_MALFORMED);
    if (!peel_layer(f))
        return false;
    out->special = false;
    addr_fill_v4(&out->src, addresses.p);
    addr_fill_v4(&out->dst, addresses.p + 4);
    payload_len = total ? total - header_len : 0;
    if (!claim_length(f, total == 0, &payload_len))
        return false;
    if (total == 0 && payload_len == 0) /* not even its own header */
        return refuse(COUNT_DECODE_MALFORMED);
    if (f->checks &&
        !checksum_passes(f, checksum_is_right(checksum_add(0, bytes_slice(from_header, 0, header_len)))))
        return false;
    f->header = f->checks > CHECKS_NOTE ? (struct bytes){NULL, 0} : bytes_slice(from_header, 0, header_len);
    count(COUNT_DECODE_IPV4);
    out->payload = cursor_rest(&f->c);
    out->payload_len = payload_len;
    /* Offset 0 and nothing more to come (bit 13): a datagram that is whole. */
    if (place & 0x3fff)
        return fragment_set(out, id, (place & 0x1fff) * 8, (place & 0x2000) != 0);
    return true;
}

/* Of IPv6's options, as Linux judges them (ip6_parse_tlv): */
enum {
    OPTION6_PAD_1 = 0,
    OPTION6_PAD_N = 1,
    OPTION6_ALERT = 5,
    OPTION6_JUMBO = 0xc2, /* RFC 2675: of hop-by-hop options, where the header says no length */
    PADDING_MAX = 7,
    OPTIONS_MAX = 8, /* net.ipv6.max_dst_opts_number, max_hbh_opts_number */
};

static bool is_zero(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.p[i])
            return false;
    return true;
}

/* A type whose first two bits are not 00 must be known by the receiver (RFC 8200 section 4.2), or the packet
 * is dropped. A home address (RFC 6275) is, where no such partner is expected. */
static bool option6_is_taken(uint8_t type, struct bytes body, uint8_t kind, bool jumbo)
{
    struct cursor c = cursor_over(body);

    if (type == OPTION6_JUMBO && kind == NEXT_HOP_BY_HOP)
        return jumbo && body.len == 4 && cursor_u32be(&c) > DATAGRAM_MAX;
    if (type == OPTION6_ALERT && kind == NEXT_HOP_BY_HOP)
        return body.len == 2;
    return type >> 6 == 0;
}

/* Hop-by-hop and destination options: a packet with one that a Linux host does not take is a decoy, since
 * only we would read it. */
static bool options_are_taken(struct bytes options, uint8_t kind, bool jumbo)
{
    struct cursor c = cursor_over(options);
    size_t padding = 0, n = 0;

    while (cursor_left(&c) > 0) {
        uint8_t type = cursor_u8(&c);
        struct bytes body = {NULL, 0};

        if (type != OPTION6_PAD_1)
            body = cursor_take(&c, cursor_u8(&c));
        if (!cursor_ok(&c))
            return false;
        if (type <= OPTION6_PAD_N) {
            padding += body.len + (type == OPTION6_PAD_1 ? 1 : 2);
            if (padding > PADDING_MAX || !is_zero(body))
                return false;
            continue;
        }
        padding = 0;
        if (++n > OPTIONS_MAX || !option6_is_taken(type, body, kind, jumbo))
            return false;
    }
    return true;
}

#define ROUTING_SEGMENTS \
    4 /* RFC 8754: of a network that routes by itself; its hosts never see it unfinished */

/* type | segments left | .. A way that is not yet at its end makes Linux drop the packet, unless it was told
 * to follow such ways. */
static bool routing_is_taken(struct bytes content, bool *special)
{
    struct cursor c = cursor_over(content);
    uint8_t type = cursor_u8(&c), left = cursor_u8(&c);

    *special |= type == ROUTING_SEGMENTS;
    return left == 0 || type == ROUTING_SEGMENTS;
}

/* next header | length in 8 bytes without the first 8 | 6 bytes and more */
static bool extension_take(struct cursor *c, uint8_t kind, uint8_t *next, uint32_t *len,
                           struct bytes *content)
{
    size_t before = cursor_left(c), body;

    *next = cursor_u8(c);
    body = cursor_u8(c);
    /* AH alone counts in 4 bytes without the first 8, RFC 4302 section 2.2. */
    body = kind == NEXT_AUTHENTICATION ? body * 4 + 6 : body * 8 + 6;
    *content = cursor_take(c, body);
    if (!cursor_ok(c) || before - cursor_left(c) > *len)
        return false;
    *len -= (uint32_t)(before - cursor_left(c));
    return true;
}

static bool extension_skip(struct cursor *c, uint8_t kind, uint8_t *next, uint32_t *len, bool jumbo,
                           bool *special)
{
    struct bytes content;

    if (!extension_take(c, kind, next, len, &content))
        return false;
    if (kind == NEXT_ROUTING)
        return routing_is_taken(content, special);
    *special |= kind == NEXT_AUTHENTICATION;
    return (kind != NEXT_HOP_BY_HOP && kind != NEXT_DESTINATION) || options_are_taken(content, kind, jumbo);
}

/* next header | reserved | offset in 8 bytes (13 bits), 2 reserved, more (1) | identification, 4 bytes */
static bool fragment_header(struct cursor *c, uint8_t *next, uint32_t *len, uint32_t *id, uint32_t *place)
{
    *next = cursor_u8(c);
    cursor_skip(c, 1);
    *place = cursor_u16be(c);
    *id = cursor_u32be(c);
    if (!cursor_ok(c) || *len < 8)
        return false;
    *len -= 8;
    return true;
}

/* RFC 7112: a first piece without all headers, the transport's among them, is dropped (Linux:
 * ipv6frag_thdr_truncated, with these lengths). c is behind the fragment header. */
static bool first_piece_is_taken(struct cursor c, uint8_t next, uint32_t len)
{
    struct bytes options;
    uint32_t least;

    while (next == NEXT_HOP_BY_HOP || next == NEXT_DESTINATION || next == NEXT_ROUTING ||
           next == NEXT_AUTHENTICATION)
        if (!extension_take(&c, next, &next, &len, &options))
            return false;
    least = next == PROTO_TCP ? 20 : next == PROTO_UDP || next == 58 /* ICMPv6 */ ? 8 : 1;
    return next == NEXT_FRAGMENT || len >= least;
}

bool ipv6_extensions(struct peel *f, uint8_t next, uint32_t len, bool whole, struct packet *out)
{
    uint32_t id = 0, place = 0;
    bool piece = false;

    while (!piece) {
        bool good;

        if (next == NEXT_FRAGMENT) {
            good = !whole && fragment_header(&f->c, &next, &len, &id, &place);
            whole = true;
        } else if (next == NEXT_DESTINATION || next == NEXT_ROUTING || next == NEXT_AUTHENTICATION) {
            good = extension_skip(&f->c, next, &next, &len, false, &out->special);
        } else if (next == NEXT_HOP_BY_HOP) {
            good = false; /* anywhere but first receivers drop it, RFC 8200 section 4.1 */
        } else {
            break;
        }
        if (!good)
            return refuse(COUNT_DECODE_MALFORMED);
        if (!peel_layer(f))
            return false;
        /* RFC 6946: offset 0 and nothing more to come is a datagram that is whole ("atomic"). */
        piece = (place & 0xfff9) != 0;
    }
    if (piece && !(place & 0xfff8) && !first_piece_is_taken(f->c, next, len))
        return refuse(COUNT_DECODE_MALFORMED);
    out->proto = next;
    out->payload = cursor_rest(&f->c);
    out->payload_len = len;
    return !piece || fragment_set(out, id, place & 0xfff8, place & 1);
}

/* RFC 8200 section 3:
 *   version (4 bits), class (8), flow label (20)
 *   payload length | next header | hop limit | source, 16 bytes | destination, 16 */
bool ipv6_peel(struct peel *f, struct packet *out)
{
    struct cursor header = cursor_sub(&f->c, IPV6_HEADER);
    uint8_t version_class = cursor_u8(&header), next;
    struct bytes addresses;
    uint32_t len;
    bool jumbo;

    cursor_skip(&header, 3);
    len = cursor_u16be(&header);
    jumbo = len == 0;
    next = cursor_u8(&header);
    out->ttl = cursor_u8(&header);
    addresses = cursor_take(&header, 32);
    if (!cursor_ok(&header) || version_class >> 4 != 6)
        return refuse(COUNT_DECODE_MALFORMED);
    if (!peel_layer(f))
        return false;
    out->special = false; /* what the outside of a tunnel had is its ends' affair */
    addr_fill_v6(&out->src, addresses.p);
    addr_fill_v6(&out->dst, addresses.p + 16);
    if (!claim_length(f, len == 0, &len))
        return false;
    f->header = (struct bytes){NULL, 0};
    count(COUNT_DECODE_IPV6);
    if (next == NEXT_HOP_BY_HOP) {
        if (!extension_skip(&f->c, NEXT_HOP_BY_HOP, &next, &len, jumbo, &out->special))
            return refuse(COUNT_DECODE_MALFORMED);
        if (!peel_layer(f))
            return false;
    }
    return ipv6_extensions(f, next, len, false, out);
}

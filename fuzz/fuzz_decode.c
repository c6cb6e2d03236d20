/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decoder and its tunnels: byte 0 selects the link type, byte 1 the checks (modulo 3) and the snapped
 * tail; the rest is a frame. */
#include "base/count.h"
#include "decode/owner.h"

#include <assert.h>
#include <pcap/dlt.h>

static const int link_types[] = {DLT_EN10MB, DLT_LINUX_SLL,  DLT_LINUX_SLL2, DLT_RAW,  DLT_NULL, DLT_LOOP,
                                 DLT_PPP,    DLT_PPP_SERIAL, DLT_PPP_ETHER,  DLT_IPV4, DLT_IPV6, 1000};

static const enum counter outcomes[] = {
    COUNT_DECODE_TCP,      COUNT_DECODE_UDP,          COUNT_DECODE_FRAGMENTS,    COUNT_DECODE_UNREACHABLE,
    COUNT_DECODE_NOT_IP,   COUNT_DECODE_MALFORMED,    COUNT_DECODE_LINK_UNKNOWN, COUNT_DECODE_OTHER,
    COUNT_DECODE_TOO_DEEP, COUNT_DECODE_BAD_CHECKSUM,
};

#define N_OUTCOMES (sizeof outcomes / sizeof outcomes[0])

/* How many of the outcomes have been counted; and how many of them gave a packet. */
static uint64_t outcomes_counted(size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += counters[outcomes[i]];
    return sum;
}

static void check_packet(const struct packet *p, struct bytes within)
{
    assert(p->payload.len <= p->payload_len);
    assert(p->payload.p >= within.p && p->payload.p + p->payload.len <= within.p + within.len);
    assert(p->n_vlans <= PACKET_MAX_VLANS);
    assert(p->src.version == p->dst.version && (p->src.version == 4 || p->src.version == 6));
    for (unsigned i = 0; i < p->n_vlans; i++)
        assert(p->vlans[i] < 4096);
    if (p->fragment) {
        /* In version 4 one that reaches further condemns its datagram: the stream stage must see it. */
        assert(p->src.version == 4 || p->fragment_offset + p->payload_len <= 65535);
        assert(p->fragment_offset <= 65528);
        assert(p->more_fragments || p->fragment_offset);
    } else {
        assert(p->proto == PROTO_TCP || p->proto == PROTO_UDP);
        assert(p->tcp.window_shift <= 14 || p->tcp.window_shift == 0xff);
        assert(p->tcp.options.len <= 40);
    }
    /* Every byte of it can be read. */
    for (size_t i = 0; i < p->payload.len; i++)
        (void)*(const volatile uint8_t *)(p->payload.p + i);
}

/* The piece of a fragment is as good a datagram as any; a tunnel in it may hold a fragment again. */
static void check_transport(struct decode *d, struct packet *p)
{
    struct bytes datagram = p->payload;
    uint64_t before = outcomes_counted(N_OUTCOMES);

    if (decode_transport(d, datagram, p)) {
        check_packet(p, datagram);
        assert(p->payload.len < datagram.len);
    }
    assert(outcomes_counted(N_OUTCOMES) == before + 1);
}

/* The short way that common frames take gives what the long one does: without its Ethernet header a frame
 * cannot take it. */
static void check_long_road(struct decode *d, const struct frame *f, bool found, const struct packet *p)
{
    struct frame ip = *f;
    struct packet other;

    if (f->link_type != DLT_EN10MB || f->data.len < 14 || f->data.p[12] != 0x08 || f->data.p[13] != 0x00)
        return;
    ip.data = bytes_from(f->data, 14);
    ip.wire_len = f->wire_len - 14;
    ip.link_type = DLT_IPV4;
    assert(decode_frame(d, &ip, &other) == found);
    assert(outcomes_counted(4) == 2u * found && outcomes_counted(N_OUTCOMES) == 2);
    if (!found)
        return;
    assert(addr_eq(&p->src, &other.src) && addr_eq(&p->dst, &other.dst));
    assert(p->src_port == other.src_port && p->dst_port == other.dst_port && p->proto == other.proto);
    assert(p->tcp.seq == other.tcp.seq && p->tcp.ack == other.tcp.ack && p->tcp.window == other.tcp.window);
    assert(p->tcp.urgent == other.tcp.urgent && p->tcp.flags == other.tcp.flags);
    assert(p->tcp.window_shift == other.tcp.window_shift && bytes_eq(p->tcp.options, other.tcp.options));
    assert(p->payload.p == other.payload.p && p->payload.len == other.payload.len);
    assert(p->payload_len == other.payload_len && p->fragment == other.fragment &&
           p->n_vlans == other.n_vlans);
}

/* Whose a frame is agrees with what is in it, and is asked without a trace. */
static void check_owner(struct decode *d, const struct frame *f, bool found, const struct packet *p)
{
    uint64_t before[COUNT_N];
    bool shared;
    unsigned owner;

    memcpy(before, counters, sizeof before);
    owner = decode_owner(d, f, 7, &shared);
    assert(owner < 7 && memcmp(before, counters, sizeof before) == 0);
    if (!decode_is_settled(d))
        assert(shared);
    else if (found)
        assert(shared == p->fragment && owner == packet_owner(p, 7));
}

/* A fresh one each time: what it has seen of checksums must not decide. */
static struct decode *decoder_new(enum checksum_checks checks)
{
    static struct config *config;
    struct decode *decoder;

    if (!config)
        config = config_new();
    assert(config);
    config->checksums = checks;
    decoder = decode_new(config);
    assert(decoder);
    return decoder;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decode *decoder;
    struct packet p;
    struct frame f;
    bool found;

    if (size < 2)
        return 0;
    decoder = decoder_new(data[1] % 3);
    count_reset();
    f = (struct frame){.data = bytes_of(data + 2, size - 2)};
    f.link_type = link_types[data[0] % (sizeof link_types / sizeof link_types[0])];
    f.wire_len = (uint32_t)(f.data.len + data[1] / 2u);
    found = decode_frame(decoder, &f, &p);
    assert(outcomes_counted(N_OUTCOMES) == 1 && outcomes_counted(4) == found);
    check_long_road(decoder, &f, found, &p);
    check_owner(decoder, &f, found, &p);
    if (found) {
        check_packet(&p, f.data);
        if (p.fragment)
            check_transport(decoder, &p);
    }
    decode_free(decoder);
    return 0;
}

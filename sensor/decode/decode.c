/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/layers.h"

#include <stdlib.h>

struct decode {
    uint32_t max_layers;
    bool checksums;
    bool common; /* nothing in the settings forbids the short way */
};

struct decode *decode_new(const struct config *config)
{
    struct decode *d = malloc(sizeof *d);

    if (!d)
        return NULL;
    d->max_layers = config->max_layers > UINT32_MAX ? UINT32_MAX : (uint32_t)config->max_layers;
    d->checksums = config->checksums;
    d->common = !d->checksums && d->max_layers > 0;
    return d;
}

void decode_free(struct decode *d)
{
    free(d);
}

/* By hand and not by memset: three quarters of a packet is written by the layers anyway. */
static void packet_begin(struct packet *p, const struct frame *frame)
{
    p->ts_us = frame->ts_us;
    p->number = frame->number;
    p->n_vlans = 0;
    p->fragment = false;
    p->more_fragments = false;
    p->fragment_id = 0;
    p->fragment_offset = 0;
}

static bool fragment_found(struct packet *p)
{
    p->src_port = p->dst_port = 0;
    memset(&p->tcp, 0, sizeof p->tcp);
    count(COUNT_DECODE_FRAGMENTS);
    return true;
}

static bool peel_all(struct peel *f, int link_type, struct packet *out)
{
    unsigned version = link_peel(f, link_type, out);

    if (version == 0)
        return false;
    if (version == 4 ? !ipv4_peel(f, out) : !ipv6_peel(f, out))
        return false;
    if (out->fragment)
        return fragment_found(out);
    return transport_peel(f->checksums, out);
}

bool decode_frame(struct decode *d, const struct frame *frame, struct packet *out)
{
    struct peel f;

    packet_begin(out, frame);
    if (d->common && common_peel(frame, out))
        return true;
    f = (struct peel){
        .c = cursor_over(frame->data),
        .cut = (uint32_t)(frame->wire_len - frame->data.len),
        .layers = d->max_layers,
        .checksums = d->checksums,
    };
    return peel_all(&f, frame->link_type, out);
}

bool decode_transport(struct decode *d, struct bytes datagram, struct packet *p)
{
    struct peel f = {.c = cursor_over(datagram), .layers = d->max_layers, .checksums = d->checksums};

    p->fragment = p->more_fragments = false;
    p->fragment_id = p->fragment_offset = 0;
    if (datagram.len > UINT32_MAX)
        return refuse(COUNT_DECODE_MALFORMED);
    p->payload = datagram;
    p->payload_len = (uint32_t)datagram.len;
    /* The first fragment may have begun with more extension headers, but not with another fragment. */
    if (p->src.version == 6 && !ipv6_extensions(&f, p->proto, p->payload_len, p))
        return false;
    if (p->fragment) {
        p->fragment = false;
        return refuse(COUNT_DECODE_MALFORMED);
    }
    return transport_peel(d->checksums, p);
}

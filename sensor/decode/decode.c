/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/state.h"

#include <stdlib.h>

/* pcap-file.checksum-checks: auto decides after so many packets whose checksum could be verified, by how many
 * of them were wrong (Suricata's figures). */
#define AUTO_PACKETS     1000
#define AUTO_WRONG_LIMIT (AUTO_PACKETS / 10)

static void open_ports(struct opened *o, bool on, const struct config_ports *ports, enum udp_tunnel tunnel)
{
    for (unsigned i = 0; on && i < ports->n; i++) {
        o->ports[o->n_ports].port = ports->v[i];
        o->ports[o->n_ports++].tunnel = tunnel;
    }
}

static void checks_set(struct decode *d, enum checks checks)
{
    d->checks = checks;
    d->common = checks == CHECKS_OFF && d->max_layers > 0;
}

struct decode *decode_new(const struct config *config)
{
    static const enum checks checks[] = {
        [CHECKSUM_CHECKS_NO] = CHECKS_OFF,
        [CHECKSUM_CHECKS_YES] = CHECKS_STRICT,
        [CHECKSUM_CHECKS_AUTO] = CHECKS_NOTE,
    };
    struct decode *d = calloc(1, sizeof *d);

    if (!d)
        return NULL;
    d->max_layers = config->max_layers > UINT32_MAX ? UINT32_MAX : (uint32_t)config->max_layers;
    d->opened.mpls = config->mpls;
    d->opened.pppoe = config->pppoe;
    d->opened.gre = config->gre;
    d->opened.erspan = config->erspan;
    d->opened.ip_in_ip = config->ip_in_ip;
    d->opened.tracks = config->tunnel_tracking;
    mix_secrets(config->deterministic, d->opened.secrets);
    open_ports(&d->opened, config->vxlan, &config->vxlan_ports, UDP_TUNNEL_VXLAN);
    open_ports(&d->opened, config->geneve, &config->geneve_ports, UDP_TUNNEL_GENEVE);
    open_ports(&d->opened, config->gtp, &config->gtp_ports, UDP_TUNNEL_GTP);
    open_ports(&d->opened, config->tzsp, &config->tzsp_ports, UDP_TUNNEL_TZSP);
    checks_set(d, checks[config->checksums]);
    return d;
}

void decode_free(struct decode *d)
{
    free(d);
}

bool decode_is_settled(const struct decode *d)
{
    return d->checks != CHECKS_NOTE;
}

/* By hand and not by memset: three quarters of a packet is written by the layers anyway. */
static void packet_begin(struct packet *p, const struct frame *frame)
{
    p->ts_us = frame->ts_us;
    p->number = frame->number;
    p->n_vlans = 0;
    p->network = p->path = 0;
    p->special = false;
    p->sums = SUMS_UNKNOWN;
    p->unreachable = false;
    p->fragment = false;
    p->more_fragments = false;
    p->fragment_id = 0;
    p->fragment_offset = 0;
}

static struct peel peel_begin(const struct decode *d, struct bytes data, uint32_t cut)
{
    return (struct peel){
        .c = cursor_over(data),
        .cut = cut,
        .layers = d->max_layers,
        .opened = &d->opened,
        .checks = d->checks,
    };
}

static void checks_decide(struct decode *d)
{
    if (d->n_wrong > AUTO_WRONG_LIMIT) {
        checks_set(d, CHECKS_OFF);
        count(COUNT_DECODE_CHECKSUMS_OFF);
        log_notice(
            "%u of the first %u checksums are wrong, as in captures made on the sending host: they are "
            "not checked any more",
            d->n_wrong, d->n_checked);
    } else {
        checks_set(d, CHECKS_SPARE);
        log_notice("%u of the first %u checksums are wrong: such packets are dropped from here on",
                   d->n_wrong, d->n_checked);
    }
}

/* What the checksums of a frame were, however many it has. */
static void checks_note(struct decode *d, const struct peel *f)
{
    if (f->wrong || f->unfinished)
        count(COUNT_DECODE_CHECKSUM_TAKEN);
    if (d->checks != CHECKS_NOTE || !f->checked)
        return;
    d->n_checked++;
    d->n_wrong += f->wrong;
    if (d->n_checked == AUTO_PACKETS)
        checks_decide(d);
}

bool decode_frame(struct decode *d, const struct frame *frame, struct packet *out)
{
    struct peel f;
    unsigned version;
    bool found;

    packet_begin(out, frame);
    if (d->common && common_peel(frame, out))
        return true;
    f = peel_begin(d, frame->data, (uint32_t)(frame->wire_len - frame->data.len));
    version = link_peel(&f, frame->link_type, out);
    found = version && inside_peel(&f, version, out);
    if (f.checks)
        checks_note(d, &f);
    return found;
}

bool decode_transport(struct decode *d, struct bytes datagram, struct packet *p)
{
    struct peel f = peel_begin(d, datagram, 0);
    bool found;

    p->fragment = p->more_fragments = p->unreachable = false;
    p->fragment_id = p->fragment_offset = 0;
    if (datagram.len > UINT32_MAX)
        return refuse(COUNT_DECODE_MALFORMED);
    p->payload = datagram;
    p->payload_len = (uint32_t)datagram.len;
    /* The first fragment may have begun with more extension headers. */
    if (p->src.version == 6 && !ipv6_extensions(&f, p->proto, p->payload_len, true, p))
        return false;
    found = announced_peel(&f, p);
    if (f.checks)
        checks_note(d, &f);
    return found;
}

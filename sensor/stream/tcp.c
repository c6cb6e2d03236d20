/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/tcp.h"

#include "base/count.h"
#include "stream/reassemble.h"

static bool direction_is_read(const struct tcp_side *h)
{
    return !h->ended && !h->enough;
}

static void set_client(struct flow *f, unsigned side)
{
    f->client = (uint8_t)side;
    f->client_known = true;
}

/* The sender's numbers are fixed by its SYN, or else by the first segment with data. False when the settings
 * say that only whole connections count. */
static bool start(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq)
{
    struct tcp_side *h = &e->tcp.side[side];
    bool handshake = h->isn_known || e->tcp.side[!side].isn_known;

    if (!handshake && !s->config->stream_midstream) {
        count(COUNT_STREAM_MIDSTREAM_OFF);
        return false;
    }
    if (!handshake && !e->tcp.picked_up) {
        e->tcp.picked_up = true;
        count(COUNT_STREAM_MIDSTREAM);
    }
    if (!h->isn_known)
        condition_pick_up(h, seq);
    h->started = true;
    return true;
}

/* Nobody reads this direction any more: only its numbers are followed, so that its end is seen. */
static void pass_over(struct flow_entry *e, unsigned side, uint32_t seq, uint32_t len)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t end = seq + len, fresh = end - h->next;

    if (!seq_after(end, h->next)) {
        count(COUNT_STREAM_RETRANSMITTED);
        return;
    }
    if (h->fin_taken || (h->ended && !h->too_deep)) {
        count(COUNT_STREAM_BAD_SEGMENTS); /* data after the end */
        return;
    }
    deliver_unread(e, side, fresh < len ? fresh : len);
    h->next = end;
}

static void take_data(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                      const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t captured_end = seq + (uint32_t)p->payload.len, end = seq + p->payload_len;

    if (!h->started && !start(s, e, side, seq))
        return;
    if (!direction_is_read(h)) {
        pass_over(e, side, seq, p->payload_len);
        return;
    }
    if (!seq_after(end, h->next)) {
        count(COUNT_STREAM_RETRANSMITTED);
        return;
    }
    if (h->hole_us && h->passed_us && h->n_since_passed < UINT8_MAX)
        h->n_since_passed++;
    if (seq_after(seq, h->next)) {
        count(COUNT_STREAM_OUT_OF_ORDER);
        hole_make_room(s, e, side, p->payload.len);
    }
    switch (p->payload.len ? reassemble_segment(e, side, seq, p->payload) : REASSEMBLED_GIVEN) {
    case REASSEMBLED_NOTHING:
        count(COUNT_STREAM_RETRANSMITTED);
        break;
    case REASSEMBLED_WAITS:
        h->unsettled = true;
        break;
    case REASSEMBLED_GIVEN:
        break;
    }
    if (seq_after(end, h->top))
        h->top = end;
    /* The snap length cut the segment: its tail is a hole that nothing will fill. */
    if (captured_end != end && !seq_after(seq, h->next) && !seq_after(captured_end, h->next))
        hole_skip_to(s, e, side, end);
}

static void take_fin(struct stream *s, struct flow_entry *e, unsigned side, uint32_t fin)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (h->fin_taken)
        return;
    if (!h->isn_known && !h->started) {
        h->next = h->top = fin;
        h->started = true;
    }
    if (!direction_is_read(h)) {
        if (seq_after(h->next, fin))
            return;
        h->next = fin + 1;
        h->fin_taken = true;
        deliver_end(s, e, side);
        return;
    }
    if (seq_after(h->next, fin))
        return;
    if (!h->fin_waiting || seq_after(h->fin, fin))
        h->fin = fin;
    h->fin_waiting = true;
}

static void take_syn(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    bool answer = p->tcp.flags & TH_FLAG_ACK;

    if ((p->tcp.flags & TH_FLAG_FIN) ||
        (answer && o->isn_known && !o->begun && p->tcp.ack - (o->isn + 1) > o->syn_len)) {
        count(COUNT_STREAM_BAD_SEGMENTS); /* the host that is opening resets what answers another SYN */
        return;
    }
    if (!h->isn_known && !h->started) {
        condition_begin(h, p->tcp.seq, p->tcp.window_shift);
        if (answer || !o->isn_known)
            set_client(&e->flow, answer ? !side : side);
        h->syn_len = p->payload_len;
    } else if (!h->isn_known || p->tcp.seq != h->isn) {
        h->rival = true;
        h->rival_isn = p->tcp.seq;
        h->rival_shift = p->tcp.window_shift;
        h->rival_synack = answer;
        return;
    }
    if (answer)
        condition_note_ack(e, side, p);
    if (p->payload_len) /* TCP Fast Open, or an attempt: the SYN takes the first number */
        take_data(s, e, side, p->tcp.seq + 1, p);
}

static void take_reset(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    if (e->tcp.reset)
        return;
    if (!condition_reset_is_exact(e, side, p)) {
        count(COUNT_STREAM_RST_IGNORED);
        return;
    }
    tcp_end(s, e);
    e->tcp.reset = true;
}

static void take_segment(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    if (e->tcp.reset) {
        if (p->payload_len)
            count(COUNT_STREAM_BAD_SEGMENTS);
        return;
    }
    switch (condition_segment(e, side, p)) {
    case SEGMENT_BAD:
        count(COUNT_STREAM_BAD_SEGMENTS);
        return;
    case SEGMENT_STRAY:
        count(COUNT_STREAM_OUT_OF_WINDOW);
        return;
    case SEGMENT_TAKE:
        break;
    }
    condition_note_ack(e, side, p);
    if (p->payload_len)
        take_data(s, e, side, p->tcp.seq, p);
    if (p->tcp.flags & TH_FLAG_FIN)
        take_fin(s, e, side, p->tcp.seq + p->payload_len);
}

/* A flow is a conversation once a host has answered with more than a SYN, or one side alone goes on talking:
 * a flood of single packets, whatever their flags, never gets there. */
static enum flow_phase phase_of(const struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_flow *tcp = &e->tcp;
    const struct flow_end *end = e->flow.end;
    bool bare = p->tcp.flags & (TH_FLAG_SYN | TH_FLAG_RST) || !(p->tcp.flags & TH_FLAG_ACK);

    if (e->phase == PHASE_ESTABLISHED && !tcp->reset && !tcp->side[side].fin_taken)
        return PHASE_ESTABLISHED; /* the other side's FIN alone closes only what was one-sided, and this is
                                     not */
    if (tcp->reset || (tcp->side[0].fin_taken && (tcp->side[1].fin_taken || end[1].packets == 0)) ||
        (tcp->side[1].fin_taken && end[0].packets == 0))
        return PHASE_CLOSED;
    if (e->phase == PHASE_ESTABLISHED)
        return PHASE_ESTABLISHED;
    return !bare && (end[!side].packets || end[side].packets >= 3) ? PHASE_ESTABLISHED : PHASE_NEW;
}

void tcp_segment(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_flow *tcp = &e->tcp;
    const struct tcp_side *h = &tcp->side[side];

    for (unsigned i = 0; e->waiting && i < 2; i++) /* what was due before this packet comes first */
        hole_settle(s, e, i);
    if (p->tcp.flags & TH_FLAG_RST)
        take_reset(s, e, side, p);
    else if (p->tcp.flags & TH_FLAG_SYN)
        take_syn(s, e, side, p);
    else
        take_segment(s, e, side, p);
    if (h->unsettled || h->hole_us || h->fin_waiting)
        hole_settle(s, e, side);
    if (tcp->side[!side].hole_us)
        hole_settle(s, e, !side);
    if (tcp->nids && !direction_is_read(h) && !direction_is_read(&tcp->side[!side]))
        reassemble_close(e);
    flow_table_touch(s->flows, e, phase_of(e, side, p));
}

void tcp_begin(struct flow_entry *e, const struct successor *known)
{
    for (unsigned side = 0; side < 2; side++)
        if (known->side[side].known)
            condition_begin(&e->tcp.side[side], known->side[side].isn, known->side[side].shift);
    if (known->client_known)
        set_client(&e->flow, known->client);
}

void tcp_end(struct stream *s, struct flow_entry *e)
{
    for (unsigned side = 0; side < 2; side++) {
        hole_release(s, e, side);
        deliver_end(s, e, side);
    }
    hole_forget(s, e);
    reassemble_close(e);
}

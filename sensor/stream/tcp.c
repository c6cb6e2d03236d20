/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/tcp.h"
#include "stream/connection.h"

#include "base/count.h"
#include "stream/alternative.h"
#include "stream/history.h"
#include "stream/reassemble.h"

static bool direction_is_read(const struct tcp_side *h)
{
    return !(h->ended | h->enough);
}

static void set_client(struct flow *f, unsigned side)
{
    f->client = (uint8_t)side;
    f->client_known = true;
}

/* The sender's numbers are fixed by its SYN, or else by the first segment with data. False when the settings
 * say that only whole connections count. */
static bool start(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq, size_t captured)
{
    struct tcp_side *h = &e->tcp.side[side];
    bool handshake = h->isn_known || e->tcp.side[!side].isn_known;

    if (!handshake && !s->config->stream_midstream) {
        count(COUNT_STREAM_MIDSTREAM_OFF);
        count_add(COUNT_STREAM_MIDSTREAM_OFF_BYTES, captured);
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

/* An attacker who can count the hops between us and his victim sends what only we shall see. */
static __attribute__((noinline)) void note_ttl(struct tcp_side *h, const struct packet *p)
{
    if (h->ttl == 0)
        h->ttl = p->ttl;
    else if (p->payload_len)
        h->other_ttl = true;
}

/* Two versions of some bytes; and perhaps a reason why the victim has not seen one of them. */
static void raise_overlap(struct stream *s, struct flow_entry *e, unsigned side)
{
    anomaly_raise(s, e, side, ANOMALY_OVERLAP);
    if (e->tcp.side[side].other_ttl)
        anomaly_raise(s, e, side, ANOMALY_OTHER_TTL);
}

/* The part of a segment that lies before next, as far as it was captured. */
static size_t old_part(const struct tcp_side *h, uint32_t seq, struct bytes payload)
{
    uint32_t old = seq_after(h->next, seq) ? h->next - seq : 0;

    return old < payload.len ? old : payload.len;
}

/* A segment that is not taken: all its bytes go under one row. */
static void refuse(enum counter segments, enum counter bytes, const struct packet *p)
{
    count(segments);
    count_add(bytes, p->payload.len);
}

/* Nobody reads this direction any more: only its numbers are followed, so that its end is seen. */
static void pass_over(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                      const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t end = seq + p->payload_len;
    size_t old = old_part(h, seq, p->payload);

    if (!seq_after(end, h->next)) {
        refuse(COUNT_STREAM_RETRANSMITTED, COUNT_STREAM_RETRANSMITTED_BYTES, p);
        return;
    }
    if (h->fin_taken || (h->ended && !h->too_deep)) {
        refuse(COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, p);
        anomaly_raise(s, e, side, ANOMALY_AFTER_END);
        return;
    }
    count_add(COUNT_STREAM_RETRANSMITTED_BYTES, old);
    deliver_unread(e, side, p->payload.len - old);
    h->gap += end - h->next; /* in case it is read again */
    h->next = end;
}

/* The front of a segment, old bytes long, lies where bytes were given: are they the same? What they cannot be
 * compared with any more is judged once again when it is a client's: nothing that an attacker sends goes
 * unseen for having been sent late. */
static void take_copy(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq, size_t old,
                      struct bytes payload)
{
    struct tcp_side *h = &e->tcp.side[side];
    enum copy copy = history_compare(s->history, h, seq, bytes_slice(payload, 0, old));

    if (copy == COPY_DIFFERS && payload.len == 1 && seq + 1 == h->next)
        copy = COPY_UNKNOWN; /* a keep-alive probe, whose byte is made up (RFC 9293 3.8.4), or so it seems */
    if (copy == COPY_DIFFERS)
        raise_overlap(s, e, side);
    if (copy == COPY_DIFFERS || (copy == COPY_UNKNOWN && flow_to_server(&e->flow, side))) {
        count_add(COUNT_STREAM_ASIDE_BYTES, old);
        alternative_judge(s, e, side, seq, payload);
    } else {
        count_add(COUNT_STREAM_RETRANSMITTED_BYTES, old);
        if (h->n_versions) /* equal by chance, perhaps, amid a version that differs */
            alternative_extend(s, e, side, seq, payload);
    }
}

struct place {
    struct stream *s;
    struct flow_entry *e;
    unsigned side;
};

static void on_conflict(void *arg, uint32_t seq, struct bytes data)
{
    struct place *at = arg;

    alternative_judge(at->s, at->e, at->side, seq, data);
}

/* Something waits: the segment may differ from it. */
static __attribute__((noinline)) void take_conflict(struct stream *s, struct flow_entry *e, unsigned side,
                                                    uint32_t seq, struct bytes payload)
{
    struct place here = {s, e, side};

    if (!reassemble_conflicts(e, side, seq, payload, on_conflict, &here))
        return;
    raise_overlap(s, e, side);
    alternative_judge(s, e, side, seq, payload);
}

static __attribute__((noinline)) void settle_if_nothing_waits(struct flow_entry *e, unsigned side)
{
    uint32_t seq;

    if (!reassemble_waiting(e, side, &seq))
        deliver_settle(e, side);
}

/* Bytes from next on, or early ones. */
static void take_new(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                     struct bytes payload)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (seq_after(seq, h->next)) {
        count(COUNT_STREAM_OUT_OF_ORDER);
        hole_make_room(s, e, side, payload.len);
    }
    if (h->pending)
        take_conflict(s, e, side, seq, payload);
    h->pending += payload.len;
    switch (reassemble_segment(e, side, seq, payload)) {
    case REASSEMBLED_NOTHING:
        count(COUNT_STREAM_RETRANSMITTED);
        break;
    case REASSEMBLED_WAITS:
        h->unsettled = true;
        break;
    case REASSEMBLED_GIVEN:
        break;
    }
    if (h->pending)
        settle_if_nothing_waits(e, side);
}

static void take_data(struct stream *s, struct flow_entry *e, unsigned side, uint32_t seq,
                      const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side];
    uint32_t captured_end = seq + (uint32_t)p->payload.len, end = seq + p->payload_len;
    struct bytes payload = p->payload;
    size_t old;

    if (!h->started && !start(s, e, side, seq, payload.len))
        return;
    if (!direction_is_read(h)) {
        pass_over(s, e, side, seq, p);
        return;
    }
    old = old_part(h, seq, payload);
    if (old) {
        take_copy(s, e, side, seq, old, payload);
        payload = bytes_from(payload, old);
        seq += (uint32_t)old;
    }
    if (!seq_after(end, h->next)) {
        count(COUNT_STREAM_RETRANSMITTED);
        return;
    }
    if (h->hole_us && h->passed_us && h->n_since_passed < UINT8_MAX)
        h->n_since_passed++;
    if (payload.len)
        take_new(s, e, side, seq, payload);
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

/* Would the other host, unlike us, not have read this reset or FIN? Where checksums are not checked, a sender
 * whose SYN had a right one does not leave them to its card. */
static bool end_is_doubtful(const struct tcp_side *h, const struct packet *p, enum anomaly_kind *why)
{
    *why = p->ttl != h->ttl ? ANOMALY_OTHER_TTL : ANOMALY_WRONG_SUMS;
    return (h->ttl && p->ttl != h->ttl) || (h->summed && p->sums == SUMS_WRONG);
}

/* It has arrived if the other host says so. */
static void doubt_fin(struct stream *s, struct flow_entry *e, unsigned side, uint32_t fin,
                      enum anomaly_kind why)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (h->acked_known && seq_after(h->acked, fin)) {
        take_fin(s, e, side, fin);
        return;
    }
    if (h->fin_taken || h->ended)
        return;
    h->fin_doubted = true;
    h->doubted_fin = fin;
    anomaly_raise(s, e, side, why);
}

/* The other side has acknowledged something. One number behind the bytes is that of the FIN; more is data
 * that went on where it stood. */
static void believe_fin(struct stream *s, struct flow_entry *e, unsigned side)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (!h->acked_known || !seq_after(h->acked, h->doubted_fin))
        return;
    h->fin_doubted = false;
    if (h->acked == h->doubted_fin + 1)
        take_fin(s, e, side, h->doubted_fin);
    hole_settle(s, e, side);
}

static void take_syn(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    bool answer = p->tcp.flags & TH_FLAG_ACK;

    if ((p->tcp.flags & TH_FLAG_FIN) ||
        (answer && o->isn_known && !o->begun && p->tcp.ack - (o->isn + 1) > o->syn_len)) {
        /* The host that is opening resets what answers another SYN. */
        refuse(COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, p);
        return;
    }
    if (!h->isn_known && !h->started) {
        condition_begin(h, p->tcp.seq, p->tcp.window_shift);
        condition_note_offer(e, side, p);
        if (answer || !o->isn_known)
            set_client(&e->flow, answer ? !side : side);
        h->syn_len = p->payload_len;
        h->ttl = p->ttl;
        h->summed = p->sums == SUMS_RIGHT;
        h->special = p->special;
    } else if (!h->isn_known || p->tcp.seq != h->isn) {
        h->rival = true;
        h->rival_isn = p->tcp.seq;
        h->rival_shift = p->tcp.window_shift;
        h->rival_synack = answer;
        count_add(COUNT_STREAM_BAD_BYTES, p->payload.len);
        anomaly_raise(s, e, side, ANOMALY_OTHER_SYN);
        return;
    }
    if (answer)
        condition_note_ack(e, side, p);
    if (p->payload_len) /* TCP Fast Open, or an attempt: the SYN takes the first number */
        take_data(s, e, side, p->tcp.seq + 1, p);
}

static void take_reset(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    enum anomaly_kind why;

    count_add(COUNT_STREAM_BAD_BYTES,
              p->payload.len); /* the reason for the reset, in words: nobody reads it */
    if (e->tcp.reset)
        return;
    if (!condition_reset_is_exact(e, side, p)) {
        count(COUNT_STREAM_RST_IGNORED);
        if ((h->begun || o->begun) && !h->ended && !o->ended) /* later ones are the hosts' own untidiness */
            anomaly_raise(s, e, side, ANOMALY_INVALID_RESET);
        return;
    }
    if (end_is_doubtful(h, p, &why)) {
        count(COUNT_STREAM_RST_IGNORED);
        anomaly_raise(s, e, side, why);
        return;
    }
    tcp_end(s, e);
    e->tcp.reset = true;
}

/* What becomes of a segment that the host does not take. doubtful: by numbers that we may have wrong; its
 * bytes are judged if the host acknowledges them all the same. */
struct drop {
    enum counter segments, bytes;
    enum anomaly_kind anomaly;
    bool doubtful;
};

static const struct drop drops[VERDICT_N] = {
    [SEGMENT_NO_ACK] = {COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, ANOMALY_NO_ACK_FLAG, false},
    [SEGMENT_BAD_ACK] = {COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, ANOMALY_INVALID_ACK, true},
    [SEGMENT_OLD] = {COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, ANOMALY_INVALID_STAMP, true},
    [SEGMENT_SIGNED] = {COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, ANOMALY_SIGNED, true},
    [SEGMENT_SPECIAL] = {COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, ANOMALY_SPECIAL, true},
    [SEGMENT_STRAY] = {COUNT_STREAM_OUT_OF_WINDOW, COUNT_STREAM_OUT_OF_WINDOW_BYTES, ANOMALY_OUT_OF_WINDOW,
                       false},
};

static void drop(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p,
                 const struct drop *d)
{
    refuse(d->segments, d->bytes, p);
    if (p->payload_len)
        anomaly_raise(s, e, side, d->anomaly);
    if (d->doubtful)
        alternative_doubt(s, e, side, p->tcp.seq, p->payload);
}

/* As tcp_check_urg of Linux: the pointer names the byte after the urgent one (RFC 6093 section 3.1), 0 the
 * first of the segment. One that lies before what was given is late; of two the later counts, and the earlier
 * stays in the stream if the host has not come to it. */
static void note_urgent(struct tcp_side *h, const struct packet *p)
{
    uint32_t at = p->tcp.seq + (p->tcp.urgent ? p->tcp.urgent - 1u : 0);

    if (h->started && seq_after(h->next, at))
        return;
    if (h->has_urgent && !seq_after(at, h->urgent))
        return;
    h->has_urgent = true;
    h->urgent = at;
}

static void take_segment(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side];
    enum anomaly_kind why;
    enum verdict v;

    if (e->tcp.reset) {
        if (p->payload_len)
            refuse(COUNT_STREAM_BAD_SEGMENTS, COUNT_STREAM_BAD_BYTES, p);
        return;
    }
    v = condition_segment(e, side, p);
    if (v != SEGMENT_TAKE) {
        drop(s, e, side, p, &drops[v]);
        return;
    }
    if (condition_note_ack(e, side, p) && e->tcp.side[!side].fin_doubted)
        believe_fin(s, e, !side);
    if (p->tcp.flags & TH_FLAG_URG)
        note_urgent(h, p);
    if (p->ttl != h->ttl)
        note_ttl(h, p);
    if (p->payload_len)
        take_data(s, e, side, p->tcp.seq, p);
    if (!(p->tcp.flags & TH_FLAG_FIN))
        return;
    if (end_is_doubtful(h, p, &why))
        doubt_fin(s, e, side, p->tcp.seq + p->payload_len, why);
    else
        take_fin(s, e, side, p->tcp.seq + p->payload_len);
}

/* A flow is a conversation once a host has answered with more than a SYN, or one side alone goes on talking:
 * a flood of single packets, whatever their flags, never gets there. */
static enum flow_phase phase_of(const struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_flow *tcp = &e->tcp;
    const struct flow_end *end = e->flow.end;
    bool bare = p->tcp.flags & (TH_FLAG_SYN | TH_FLAG_RST) || !(p->tcp.flags & TH_FLAG_ACK);
    bool spoken = tcp->side[0].begun || tcp->side[1].begun || e->waiting;

    if (e->phase == PHASE_ESTABLISHED && !(tcp->reset | tcp->side[side].fin_taken))
        return PHASE_ESTABLISHED; /* the other side's FIN alone closes only what was one-sided, and this is
                                     not */
    if (tcp->reset || (tcp->side[0].fin_taken && (tcp->side[1].fin_taken || end[1].packets == 0)) ||
        (tcp->side[1].fin_taken && end[0].packets == 0))
        return PHASE_CLOSED;
    if (e->phase == PHASE_ESTABLISHED)
        return PHASE_ESTABLISHED;
    if (e->phase == PHASE_SILENT || (!bare && (end[!side].packets || end[side].packets >= 3)))
        return spoken ? PHASE_ESTABLISHED : PHASE_SILENT;
    return PHASE_NEW;
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
    if (!tcp->told)
        connection_note(s, e, side, p);
    if (h->hole_us || (h->unsettled | h->fin_waiting))
        hole_settle(s, e, side);
    if (tcp->side[!side].hole_us || tcp->side[!side].doubted)
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

/* What the other side has acknowledged and we have not seen is missing at the end, too. One number more may
 * be that of a FIN. */
static void miss_tail(struct stream *s, struct flow_entry *e, unsigned side)
{
    const struct tcp_side *h = &e->tcp.side[side];
    uint32_t missing = h->acked - h->next;

    if ((h->started || h->isn_known) && h->acked_known && seq_after(h->acked, h->next) && missing > 1)
        deliver_gap(s, e, side, missing);
}

void tcp_end(struct stream *s, struct flow_entry *e)
{
    for (unsigned side = 0; side < 2; side++) {
        hole_release(s, e, side);
        miss_tail(s, e, side);
        deliver_end(s, e, side);
        deliver_unread(e, side, e->tcp.side[side].pending); /* behind the end */
        e->tcp.side[side].pending = 0;
    }
    hole_forget(s, e);
    reassemble_close(e);
    alternative_forget(s, e);
}

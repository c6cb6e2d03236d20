/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/condition.h"

enum {
    MAX_SHIFT = 14, /* RFC 7323 section 2.3 */
    MIN_WINDOW = 65536,
    MAX_WINDOW =
        1 << 28, /* more is nobody's; two of them on top of each other must not reach half the circle */
    MAX_AHEAD = 1 << 30, /* libnids takes segments up to 65535 << 14 ahead */
    MAX_START_GAP =
        1 << 20, /* an acknowledgment this far before the first segment still says where data began */
    SILENCE_US = 1000000, /* a host answers each stray at once: no answer means that we do not hear it */

    /* Timestamps: Linux lets a segment be one tick older than the last, and forgets after 24 days. Nobody's
     * clock ticks more than ten times a millisecond; one that leaps further ahead than that is not followed:
     * whoever slips us a false one must not make us drop the true ones after it. */
    PAWS_WINDOW = 1,
    TICK_US = 100,
    LEAP = 1000,
};

#define STAMP_LIFE_US (UINT64_C(24) * 24 * 3600 * 1000000)

/* First number after what the side's SYN takes. */
static bool in_syn(const struct tcp_side *h, uint32_t ack)
{
    return ack - (h->isn + 1) <= h->syn_len;
}

static inline unsigned shift_of(const struct flow_entry *e, unsigned side)
{
    const struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];

    if (!(h->isn_known & o->isn_known))
        return MAX_SHIFT; /* without both SYNs nothing is ruled out */
    if (h->shift == 0xff || o->shift == 0xff)
        return 0; /* it counts only when both offer it */
    return h->shift > MAX_SHIFT ? MAX_SHIFT : h->shift;
}

static uint32_t window_of(const struct flow_entry *e, unsigned side, const struct packet *p)
{
    uint32_t window = p->tcp.window;

    if (!(p->tcp.flags & TH_FLAG_SYN)) /* a SYN's is never scaled */
        window <<= shift_of(e, side);
    return window > MAX_WINDOW ? MAX_WINDOW : window;
}

static uint32_t slack_of(const struct tcp_side *h)
{
    return h->window > MIN_WINDOW ? h->window : MIN_WINDOW;
}

static uint32_t furthest(const struct tcp_side *h)
{
    return seq_after(h->top, h->next) ? h->top : h->next;
}

/* Within a window of what was seen of o. What acknowledges bytes that were never sent is dropped by the host,
 * and we cannot always tell: it must not make those that follow look old, or a few of them, half the circle
 * further, look new. */
static bool ack_is_near(const struct tcp_side *o, uint32_t ack)
{
    return (o->isn_known | o->started) && ack - (furthest(o) - slack_of(o)) <= 2 * slack_of(o);
}

/* Is it past its handshake, as far as the other side's packets show: has that side sent or taken anything
 * but SYNs? In a flow that goes on behind a reset it has not sent even that. */
static bool is_open(const struct flow_entry *e, unsigned side)
{
    const struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];

    if (o->begun || o->fin_waiting || o->top != o->isn + 1 || e->flow.end[!side].packets == 0)
        return true;
    return h->acked_known && seq_after(h->acked, h->answered);
}

/* Until the handshake is done only one number is right: anything else the host answers with a reset, and goes
 * on opening. */
static bool ack_is_impossible(const struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_side *o = &e->tcp.side[!side];
    uint32_t ack = p->tcp.ack;
    /* Data of a side whose SYN nobody has seen: whoever captured has lost it, and more perhaps. */
    bool answer_was_lost = !e->tcp.side[side].isn_known && p->payload_len > 0;

    if (!o->acked_known)
        return o->isn_known && (is_open(e, side) || answer_was_lost ? !o->begun && seq_after(o->isn + 1, ack)
                                                                    : ack != o->isn + 1);
    if (ack_is_near(o, ack))
        return false;
    return seq_after(o->acked - slack_of(o), ack) || seq_after(ack, o->edge + slack_of(o));
}

/* One side was far ahead, and the other has acknowledged it: the conversation has moved on unseen. */
static bool agreed(const struct tcp_side *o, uint32_t ack)
{
    return o->stray_us && !seq_after(o->stray_low, ack) && !seq_after(ack, o->stray_high);
}

/* Beyond the furthest edge that the receiver has offered, and one window more. */
static bool is_stray(struct tcp_side *h, const struct tcp_side *o, const struct packet *p)
{
    uint32_t seq = p->tcp.seq, end = seq + p->payload_len;

    if (!h->isn_known && !h->started)
        return false;
    if (!h->acked_known)
        return seq_after(seq, h->next + MAX_AHEAD);
    if (!seq_after(seq, h->edge + slack_of(h)) || !seq_after(seq, furthest(h)))
        return false;
    if (h->stray_us == 0 || o->last_us >= h->stray_us) {
        h->stray_us = p->ts_us ? p->ts_us : 1;
        h->stray_low = seq;
        h->stray_high = end;
    } else if (seq_after(end, h->stray_high)) {
        h->stray_high = end;
    }
    if (p->ts_us < h->stray_us + SILENCE_US || seq_after(seq, h->next + MAX_AHEAD))
        return true;
    h->stray_us = 0;
    h->acked_known = false;
    return false;
}

/* Does the segment carry a signature, when it must, and none, when the host has no key for it? Of a side
 * whose SYN was not seen, its first segment tells. */
static bool signature_is_wrong(struct tcp_side *h, const struct tcp_side *o, bool has)
{
    if (!h->isn_known && !h->started && has)
        h->signs = true;
    if (has)
        return !h->signs;
    return h->signs && h->isn_known && o->signs && o->isn_known;
}

static bool stamp_is_old(const struct tcp_side *h, const struct tcp_side *o, const struct packet *p,
                         const struct tcp_options *options)
{
    if (!h->stamped || !o->stamped || !options->stamped || p->ts_us - h->stamp_us > STAMP_LIFE_US)
        return false;
    /* Linux takes an old acknowledgment without data. */
    return (int32_t)(h->stamp - options->stamp) > PAWS_WINDOW &&
           (p->payload_len || (p->tcp.flags & TH_FLAG_FIN));
}

/* As Linux does, of segments that begin within what has been acknowledged. */
static void note_stamp(struct tcp_side *h, const struct packet *p, uint32_t stamp)
{
    uint32_t ahead = stamp - h->stamp;

    if (!h->stamped || !h->acked_known || seq_after(p->tcp.seq, h->acked) || ahead == 0 || ahead > INT32_MAX)
        return;
    if (p->ts_us < h->stamp_us || ahead > LEAP + (p->ts_us - h->stamp_us) / TICK_US)
        return;
    h->stamp = stamp;
    h->stamp_us = p->ts_us;
}

/* Nobody has yet acknowledged the answer to this side's SYN: only a segment within the window of that answer
 * does (tcp_check_req of Linux). */
static bool is_outside_handshake(const struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    uint32_t seq = p->tcp.seq, end = seq + p->payload_len + (p->tcp.flags & TH_FLAG_FIN ? 1 : 0);

    if (o->acked_known || !(h->isn_known & o->isn_known & h->acked_known) || is_open(e, side))
        return false;
    return seq != h->acked && (!seq_after(end, h->acked) || seq_after(seq, h->edge));
}

static enum verdict judge_numbers(struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    bool stray;

    stray = is_stray(h, o, p);
    if (agreed(o, p->tcp.ack)) {
        o->stray_us = h->stray_us = 0;
        if (stray)
            h->acked_known = false; /* what the other side offered it was not seen */
        return SEGMENT_TAKE;
    }
    if (stray || is_outside_handshake(e, side, p))
        return SEGMENT_STRAY;
    return ack_is_impossible(e, side, p) ? SEGMENT_BAD_ACK : SEGMENT_TAKE;
}

enum verdict condition_judge(struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    struct tcp_options options = {0};
    enum verdict v;

    if (!(p->tcp.flags & TH_FLAG_ACK))
        return SEGMENT_NO_ACK;
    if (!h->isn_known && !h->started)
        h->special = p->special;
    if (p->special && !h->special)
        return SEGMENT_SPECIAL;
    if ((h->stamped && o->stamped) || h->signs || options_are_odd(p->tcp.options)) {
        options = options_read(p->tcp.options);
        if (signature_is_wrong(h, o, options.signed_))
            return SEGMENT_SIGNED;
        if (stamp_is_old(h, o, p, &options))
            return SEGMENT_OLD;
    }
    v = judge_numbers(e, side, p);
    if (v == SEGMENT_TAKE && options.stamped)
        note_stamp(h, p, options.stamp);
    if (v == SEGMENT_TAKE && options.has_blocks) {
        o->has_blocks = true;
        o->blocks_end = options.blocks_end;
    }
    return v;
}

void condition_note(struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_side *o = &e->tcp.side[!side];
    uint32_t window = window_of(e, side, p), edge = p->tcp.ack + window;

    o->noted_ack = p->tcp.ack;
    o->noted_window = p->tcp.flags & TH_FLAG_SYN ? UINT32_MAX : p->tcp.window; /* the next one is scaled */
    if (!o->acked_known) {
        o->acked_known = true;
        o->acked = o->answered = p->tcp.ack;
        o->edge = edge;
    }
    if (seq_after(p->tcp.ack, o->acked))
        o->acked = p->tcp.ack;
    if (seq_after(edge, o->edge))
        o->edge = edge;
    if (window > o->window)
        o->window = window;
    if (o->syn_len && o->isn_known && seq_after(p->tcp.ack, o->isn + 1))
        o->syn_len = 0; /* taken with the SYN */
}

/* Linux wants the very next number, or the end of the last block that it has acknowledged selectively. Bytes
 * that the capture lost, but the receiver has acknowledged, count. */
bool condition_reset_is_exact(const struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];

    if ((h->isn_known || h->started) && (h->signs || options_are_odd(p->tcp.options)) &&
        options_read(p->tcp.options).signed_ != h->signs)
        return false;
    if (h->has_blocks && p->tcp.seq == h->blocks_end && seq_after(h->blocks_end, h->acked))
        return true;
    if (h->isn_known || h->started)
        return p->tcp.seq == (h->acked_known && seq_after(h->acked, h->next) ? h->acked : h->next);
    if (o->isn_known &&
        !h->acked_known) /* the answer to a SYN: it must acknowledge it (RFC 9293 section 3.10.7.3) */
        return (p->tcp.flags & TH_FLAG_ACK) && in_syn(o, p->tcp.ack);
    return !h->acked_known || p->tcp.seq == h->acked;
}

enum fit { FIT_UNKNOWN, FIT_NO, FIT_YES };

/* Within a window of what is known: one number in 2^15 is by chance. */
static enum fit fit_of(bool known, uint32_t number, uint32_t low, uint32_t high)
{
    if (!known)
        return FIT_UNKNOWN;
    return number - (low - MIN_WINDOW) <= high - low + 2 * MIN_WINDOW ? FIT_YES : FIT_NO;
}

bool condition_joins(const struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    bool known = h->isn_known || h->started;
    enum fit seq, ack;

    if (p->proto != PROTO_TCP)
        return true;
    if (p->tcp.flags & TH_FLAG_SYN)
        return p->tcp.flags & TH_FLAG_ACK ? o->isn_known && in_syn(o, p->tcp.ack)
                                          : h->isn_known && p->tcp.seq == h->isn;
    seq = known ? fit_of(true, p->tcp.seq, h->next, furthest(h))
                : fit_of(h->acked_known, p->tcp.seq, h->acked, h->acked);
    ack = fit_of((o->isn_known || o->started) && (p->tcp.flags & TH_FLAG_ACK), p->tcp.ack, o->next,
                 furthest(o));
    return seq != FIT_NO && ack != FIT_NO && (seq == FIT_YES || ack == FIT_YES);
}

void condition_begin(struct tcp_side *h, uint32_t isn, uint8_t shift)
{
    h->isn_known = true;
    h->isn = isn;
    h->next = h->top = isn + 1;
    h->shift = shift;
}

void condition_note_offer(struct flow_entry *e, unsigned side, const struct packet *p)
{
    struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];
    struct tcp_options options = options_read(p->tcp.options);

    h->stamped = options.stamped;
    h->stamp = options.stamp;
    h->stamp_us = p->ts_us;
    h->signs = options.signed_;
    if (o->isn_known && o->signs != h->signs) /* a host without the key would not have answered */
        o->signs = h->signs = false;
}

void condition_pick_up(struct tcp_side *h, uint32_t seq)
{
    h->next = seq;
    if (h->acked_known && seq_after(seq, h->acked) && seq - h->acked <= MAX_START_GAP)
        h->next = h->acked;
    h->top = h->next;
}

static bool is_over(const struct tcp_flow *tcp)
{
    return tcp->reset || (tcp->side[0].fin_taken && tcp->side[1].fin_taken);
}

/* Could the running connection mean this number? */
static bool is_plausible(const struct tcp_side *h, uint32_t seq)
{
    uint32_t ahead = h->acked_known ? h->edge + slack_of(h) : h->next + MIN_WINDOW;

    if (!h->isn_known && !h->started)
        return true;
    return !seq_after(h->next - slack_of(h), seq) && !seq_after(seq, ahead);
}

static bool syn_succeeds(const struct flow_entry *e, unsigned side, const struct packet *p,
                         struct successor *out)
{
    const struct tcp_side *o = &e->tcp.side[!side];

    if (is_over(&e->tcp))
        return true;
    if (!(p->tcp.flags & TH_FLAG_ACK))
        return false;
    /* The other host has answered the SYN that contradicted what we knew; or it took the SYN without its
     * data. */
    out->side[1].known = true;
    if (o->rival && !o->rival_synack && p->tcp.ack == o->rival_isn + 1) {
        out->side[1].isn = o->rival_isn;
        out->side[1].shift = o->rival_shift;
        return true;
    }
    out->side[1].isn = o->isn;
    out->side[1].shift = o->shift;
    return o->isn_known && o->syn_len && o->begun && p->tcp.ack == o->isn + 1;
}

/* Data where only the contradicting SYN, or a host that took no data with the SYN, would have it. */
static bool data_succeeds(const struct flow_entry *e, unsigned side, const struct packet *p,
                          struct successor *out)
{
    const struct tcp_side *h = &e->tcp.side[side];

    out->side[0].known = true;
    if (h->rival && p->tcp.seq == h->rival_isn + 1 && !is_plausible(h, p->tcp.seq)) {
        out->side[0].isn = h->rival_isn;
        out->side[0].shift = h->rival_shift;
        out->client_known = true;
        out->client = h->rival_synack ? 1 : 0;
        return true;
    }
    out->side[0].isn = h->isn;
    out->side[0].shift = h->shift;
    out->client_known = e->flow.client_known;
    out->client = e->flow.client == side ? 0 : 1;
    return h->isn_known && h->syn_len && h->begun && p->payload_len && p->tcp.seq == h->isn + 1;
}

/* After a reset that only we believed (a decoy that died on its way) the conversation goes on where it was.
 */
static bool goes_on(const struct flow_entry *e, unsigned side, const struct packet *p, struct successor *out)
{
    const struct tcp_side *h = &e->tcp.side[side], *o = &e->tcp.side[!side];

    if (!e->tcp.reset || h->fin_taken || p->payload_len == 0 || p->tcp.seq != h->next ||
        !(h->isn_known || h->started))
        return false;
    out->side[0].known = true;
    out->side[0].isn = h->next - 1;
    out->side[0].shift = h->shift;
    out->side[1].known = o->isn_known || o->started;
    out->side[1].isn = o->next - 1;
    out->side[1].shift = o->shift;
    out->client_known = e->flow.client_known;
    out->client = e->flow.client == side ? 0 : 1;
    return true;
}

bool condition_is_successor(const struct flow_entry *e, unsigned side, const struct packet *p, bool midstream,
                            struct successor *out)
{
    uint8_t flags = p->tcp.flags;

    *out = (struct successor){0};
    if (flags & TH_FLAG_RST)
        return false;
    if (flags & TH_FLAG_SYN)
        return !(flags & TH_FLAG_FIN) && syn_succeeds(e, side, p, out);
    if (!(flags & TH_FLAG_ACK))
        return false;
    if (data_succeeds(e, side, p, out))
        return true;
    *out = (struct successor){0};
    return midstream && goes_on(e, side, p, out);
}

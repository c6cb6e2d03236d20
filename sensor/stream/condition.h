/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_CONDITION_H
#define STREAM_CONDITION_H

#include "stream/flow_table.h"
#include "stream/options.h"

/* What a Linux host makes of a segment's numbers and flags, decided before libnids sees it. Two hosts that
 * read the same packets differently are where an attack hides. */

enum verdict {
    SEGMENT_TAKE,
    SEGMENT_NO_ACK,  /* without the ACK flag */
    SEGMENT_BAD_ACK, /* acknowledges what was never sent, or long ago */
    SEGMENT_OLD,     /* its timestamp is older than the last one: PAWS (RFC 7323 section 5) */
    SEGMENT_SIGNED,  /* an MD5 signature where there is no key, or none where there is one */
    SEGMENT_SPECIAL, /* headers around it that this host has not shown to take */
    SEGMENT_STRAY,   /* far beyond what the receiver has room for */
    VERDICT_N
};

/* A segment without SYN and RST. May note a stray in the side. */
enum verdict condition_judge(struct flow_entry *e, unsigned side, const struct packet *p);

/* The acknowledgment and window of a segment that was taken. */
void condition_note(struct flow_entry *e, unsigned side, const struct packet *p);

/* True of nearly every segment: within what the other side has offered, acknowledging what this side was, and
 * without an option that says anything. */
static inline bool condition_is_usual(const struct tcp_side *h, const struct tcp_side *o,
                                      const struct packet *p)
{
    return (p->tcp.flags & TH_FLAG_ACK) && (h->acked_known & o->acked_known) &&
           (h->stray_us | o->stray_us) == 0 && !seq_after(p->tcp.seq, h->edge) &&
           p->tcp.ack - o->acked <= o->edge - o->acked && !((h->stamped & o->stamped) | h->signs) &&
           !options_are_odd(p->tcp.options) && !p->special;
}

/* The two above, at once where there is nothing to judge and nothing new to note. */
static inline enum verdict condition_segment(struct flow_entry *e, unsigned side, const struct packet *p)
{
    return condition_is_usual(&e->tcp.side[side], &e->tcp.side[!side], p) ? SEGMENT_TAKE
                                                                          : condition_judge(e, side, p);
}

/* True when there was something new. */
static inline bool condition_note_ack(struct flow_entry *e, unsigned side, const struct packet *p)
{
    const struct tcp_side *o = &e->tcp.side[!side];

    if (o->acked_known && p->tcp.ack == o->noted_ack && p->tcp.window == o->noted_window)
        return false;
    condition_note(e, side, p);
    return true;
}

/* A packet between the two ends of a flow that came in by another way (flow_table_other_way): do its numbers
 * belong to it? A datagram has none, and needs the same network. */
bool condition_joins(const struct flow_entry *e, unsigned side, const struct packet *p);

/* A reset is believed only when it is exact (RFC 5961 section 3), and signed if and only if the connection
 * is; others are answered or ignored. */
bool condition_reset_is_exact(const struct flow_entry *e, unsigned side, const struct packet *p);

/* A SYN of this side: its numbers begin here. */
void condition_begin(struct tcp_side *h, uint32_t isn, uint8_t shift);

/* What that SYN offers beside its numbers; the answer to it settles what counts. */
void condition_note_offer(struct flow_entry *e, unsigned side, const struct packet *p);

/* A first segment of data, of a side whose SYN was not seen. */
void condition_pick_up(struct tcp_side *h, uint32_t seq);

/* What a packet that cannot belong to the old connection says about the new one on the same ports. Side 0 is
 * the packet's sender. */
struct successor {
    struct {
        bool known;
        uint32_t isn;
        uint8_t shift;
    } side[2];
    bool client_known;
    uint8_t client;
};

/* False for nearly every packet: no need to ask. */
static inline bool condition_may_be_successor(const struct flow_entry *e, unsigned side,
                                              const struct packet *p)
{
    const struct tcp_side *h = &e->tcp.side[side];

    return ((p->tcp.flags & TH_FLAG_SYN) | h->rival | (h->syn_len != 0) | e->tcp.reset) != 0;
}

/* True when the packet shows that another connection has begun (port reuse), or that what was given of this
 * one was not what the receiver took (data in a SYN, refused). A SYN alone never does while the old
 * connection lives: anyone can send one, and the host ignores it. */
bool condition_is_successor(const struct flow_entry *e, unsigned side, const struct packet *p, bool midstream,
                            struct successor *out);

#endif

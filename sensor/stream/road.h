/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_ROAD_H
#define STREAM_ROAD_H

#include "stream/flow_table.h"
#include "stream/stream.h"

/* What the files of stream/ share; nobody else includes this. */

struct defrag;
struct history;
struct alternatives;
struct anomaly_pairs;

struct stream {
    const struct config *config;
    struct decode *decode;
    struct stream_hooks hooks;
    void (*on_packet)(void *arg, struct flow *f, unsigned side, const struct packet *p); /* NULL: nobody */
    struct flow_table *flows;
    struct defrag *defrag;
    struct history *history;                      /* history.h */
    struct alternatives *alternatives;            /* alternative.h */
    struct flow_entry *wait_oldest, *wait_newest; /* flows with an open hole (hole.c) */
    uint64_t now_us;                              /* packet time */
    uint64_t next_tick_us;
    unsigned share_index, share_n; /* of the workers that see the same fragments */
    uint64_t anomaly_second;       /* of packet time; n_anomalies were told in it */
    uint64_t n_anomalies;
    struct anomaly_pairs *anomaly_pairs; /* anomaly.c */
};

struct anomaly_pairs *anomaly_pairs_new(void);

/* anomaly.c: the packet of this side that was seen last has shown it. */
void anomaly_raise(struct stream *s, struct flow_entry *e, unsigned side, enum anomaly_kind kind);
void anomaly_raise_noted(struct stream *s, struct flow_entry *e, unsigned side); /* by the readers */
void anomaly_of_fragment(struct stream *s, const struct packet *p, enum anomaly_kind kind);
void anomaly_tick(struct stream *s, bool at_end); /* tells how often pairs of hosts did what they did */
void anomaly_flow_end(struct stream *s, struct flow_entry *e);

/* deliver.c: the only caller of the chunk hook. Each chunk carries the time and number of the side's last
 * packet. */
void deliver_data(struct stream *s, struct flow_entry *e, unsigned side, struct bytes data);
/* Counts len captured bytes that nobody reads any more, by the reason. */
void deliver_unread(const struct flow_entry *e, unsigned side, uint64_t len);
/* Nothing waits any more: what was taken and not given was there twice. */
void deliver_settle(struct flow_entry *e, unsigned side);
void deliver_gap(struct stream *s, struct flow_entry *e, unsigned side, uint32_t missing);
void deliver_end(struct stream *s, struct flow_entry *e, unsigned side); /* does nothing the second time */
/* other: it is the second version of one that was given. */
void deliver_datagram(struct stream *s, struct flow_entry *e, unsigned side, const struct packet *p,
                      bool other);

/* hole.c: what waits behind missing bytes, and for how long.
 *
 * Bytes that the receiver has acknowledged were lost by the capture, not by the network: they will not come
 * again. As long as it has not, a retransmission is due, and what it brings is what the receiver will read;
 * an attacker who delays it must not make us skip it. Only where the receiver is never heard (one direction
 * captured) the wait is short. */
void hole_settle(struct stream *s, struct flow_entry *e,
                 unsigned side); /* after anything about this side changed */
void hole_make_room(struct stream *s, struct flow_entry *e, unsigned side, size_t payload_len);
void hole_skip_to(struct stream *s, struct flow_entry *e, unsigned side, uint32_t to);
void hole_release(struct stream *s, struct flow_entry *e,
                  unsigned side);                         /* gives all that waits, gaps marked */
void hole_forget(struct stream *s, struct flow_entry *e); /* the flow ends */
void hole_tick(struct stream *s);

#endif

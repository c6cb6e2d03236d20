/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_TALK_H
#define SUPPORT_TALK_H

#include "base/buf.h"
#include "base/count.h"
#include "stream/stream.h"

/* Two hosts that talk: packets straight in memory, through stream_packet; and a recorder for what comes out.
 */

struct talk {
    struct addr addr[2]; /* side 0 is the client */
    uint16_t port[2];
    uint16_t vlan;           /* 0 for none */
    uint32_t seq[2];         /* next number of each side */
    uint16_t window;         /* as both offer it; no scale */
    struct bytes options[2]; /* of each side's packets */
};

/* A stream whose hooks record; at most one per process. The configuration may be changed while it runs. */
extern struct config talk_config;
extern struct stream *talk_stream;
extern uint64_t talk_now_us; /* time of the next packet; each one takes a millisecond */
extern uint64_t talk_number; /* of the last packet */
extern bool talk_quiet;      /* packets keep the clock where it is */

void talk_open(void);
void talk_close(void);

/* The same as cmocka's fixtures of a group. */
int talk_group_begin(void **state);
int talk_group_end(void **state);

/* Ends every flow, forgets what was heard, clears the counters. */
void talk_clear(void);

/* Fresh addresses and ports on each call. */
struct talk talk_new(uint8_t version);

/* seq and ack as given; the talk's own numbers stay. */
struct packet talk_packet(const struct talk *t, unsigned from, uint8_t flags, uint32_t seq, uint32_t ack,
                          struct bytes payload);
void talk_send(struct packet p);

/* The ordinary life of a connection; each of these moves the talk's numbers. */
void talk_handshake(struct talk *t);
void talk_say(struct talk *t, unsigned from, const char *text);
void talk_ack(struct talk *t, unsigned from);
void talk_fin(struct talk *t, unsigned from);

/* What came out of one flow. */
struct heard {
    struct flow flow; /* as it was at the last chunk, or when it ended */
    struct {
        struct buf text;
        struct buf other; /* all alternatives, each with a newline */
        unsigned n_others;
        unsigned n_begin, n_end, n_chunks, n_gaps;
        uint64_t gap, gap_at; /* bytes missing, and where in text the last hole was */
        uint64_t last_packet, last_us;
    } side[2];
    bool over; /* flow_end was called */
};

/* The n-th flow that gave a chunk since talk_clear, or NULL. */
const struct heard *talk_heard(unsigned n);
unsigned talk_n_heard(void);
unsigned talk_n_over(void); /* flows that ended */
bool talk_is(const struct heard *h, unsigned side, const char *text);

/* How often a kind was told since talk_clear, and the n of the last time. */
unsigned talk_n_anomalies(enum anomaly_kind kind);
uint64_t talk_anomaly_count(enum anomaly_kind kind);

/* How many outcomes of connections were told since talk_clear, and the last of them (its flow may be gone).
 */
unsigned talk_n_connections(void);
const struct connection *talk_connection(void);

/* True when an alternative of this side contains the text. */
bool talk_other_has(const struct heard *h, unsigned side, const char *text);

/* After each packet, every captured byte was in one place. True so far. */
extern bool talk_adds_up;

/* Every direction that began ended once, and chunks came in the right order. True so far for all flows. */
extern bool talk_in_order;

/* What the hook answers once this many bytes of a direction were given. */
extern uint64_t talk_appetite;

/* From now on until talk_clear, the hook has what this side says after that counted. */
void talk_unread_as(unsigned side, enum counter counter);

/* From now on until talk_clear, the hook notes that each chunk of this side has shown it. */
void talk_note(unsigned side, enum anomaly_kind kind);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include "stream/anomaly.h"

/* The next bytes of one direction, in order. */
struct chunk {
    struct flow *flow;
    unsigned side;     /* whose bytes these are */
    struct bytes data; /* borrowed for the call; may be empty in the last chunk */
    uint64_t gap;      /* bytes missing right before data, never to come */
    uint64_t at;       /* TCP: where data begins in its direction, gaps included */
    bool begin;        /* first chunk of this direction */
    bool end;          /* last one: exactly one per direction that had a first */
    /* Not the next bytes at all: another version of some that were given or will be, with what stands around
     * them. begin, end and gap are not set; what it contains was perhaps never received. */
    bool alternative;
    uint64_t ts_us; /* time and number of the packet that completed data */
    uint64_t packet;
};

/* The one word that travels back: whether more of this direction is wanted. After APPETITE_ENOUGH only the
 * empty end chunk follows, unless stream_ask_again is called. */
enum appetite { APPETITE_MORE, APPETITE_ENOUGH };

/* How far a connection came. Each step may be told when it is seen; what is not seen is not told. */
enum connection_outcome {
    CONNECTION_REFUSED,     /* RST in answer to the SYN */
    CONNECTION_UNREACHABLE, /* ICMP says so */
    CONNECTION_SILENT,      /* no answer until the flow was given up */
    CONNECTION_ESTABLISHED, /* the handshake is over, or data of a handshake unseen; nothing is said of its
                               words */
    CONNECTION_TALKED,      /* the client's first words: app_proto says what they are */
    CONNECTION_OUTCOME_N
};

/* A TCP connection of which that is known; of UDP no more than that its server is unreachable. Borrowed for
 * the call. */
struct connection {
    const struct flow *flow;
    enum connection_outcome outcome;
    uint64_t ts_us; /* time and number of the first packet of it */
    uint64_t packet;
};

struct stream_hooks {
    enum appetite (*chunk)(void *arg, const struct chunk *c);
    void (*flow_end)(void *arg, struct flow *f); /* after the last chunk; slots must be given back here */
    void (*anomaly)(void *arg, const struct anomaly *a); /* may be NULL */
    /* Once for each TCP flow whose beginning says enough: refused, silent or established; and once for each
     * flow that is unreachable. May be NULL. */
    void (*connection)(void *arg, const struct connection *c);
    void *arg;
};

struct stream;

/* One per process: libnids keeps its state in globals (stream/NOTES.md). NULL with a complaint otherwise. */
struct stream *stream_new(const struct config *config, struct decode *decode,
                          const struct stream_hooks *hooks, struct complaint *why);

/* n workers see the same fragments, and each puts them together; the datagram goes on in the one whose
 * packets it holds, and odd fragments are told by the first. Without this call there is one worker. */
void stream_share(struct stream *s, unsigned index, unsigned n);

/* TCP: conditioned, reassembled, given as chunks. UDP: a chunk that begins and ends. Fragments: gathered
 * first. */
void stream_packet(struct stream *s, const struct packet *p);

/* fn gets each TCP segment and UDP datagram as it came, empty ones and copies too, once what it completed has
 * been given; with the arg of the hooks. NULL, as at first: nobody does. */
void stream_on_packet(struct stream *s,
                      void (*fn)(void *arg, struct flow *f, unsigned side, const struct packet *p));

/* Directions of TCP that were enough may be wanted again: what comes next is given, with all that went by
 * meanwhile as the gap before it, and the appetite asked for anew. Between two packets. */
void stream_ask_again(struct stream *s);

/* Packet time drives every timer; call it at least once a second of packet time. */
void stream_tick(struct stream *s, uint64_t now_us);

/* End of input: every open flow ends, in the order of their ids; what waited behind holes is given, marked
 * with its gap. */
void stream_flush(struct stream *s);

/* Every captured payload byte is in exactly one place: after each packet this equals
 * counters[COUNT_STREAM_PAYLOAD_BYTES]. The sum of the counters, and of the bytes that wait behind holes. */
uint64_t stream_bytes_told(const struct stream *s);

/* Flows open now, for the stats. */
size_t stream_n_flows(const struct stream *s);

/* Bytes that wait for others: of streams behind holes, of all streams in this process; of fragments. */
size_t stream_held(const struct stream *s);
size_t stream_fragments_held(const struct stream *s);

void stream_free(struct stream *s);

#endif

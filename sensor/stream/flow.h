/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_FLOW_H
#define STREAM_FLOW_H

#include "base/count.h"
#include "decode/decode.h"

/* A conversation between two endpoints: what every event of it has in common. Kept by the flow table, which
 * forgets the least recently seen one when full. */

/* Why a flow ended: nothing was heard of it for too long (it may have been closed before), it had to make
 * room or another one took its ports, or the sensor itself ended. */
enum flow_reason { FLOW_TIMEOUT, FLOW_FORCED, FLOW_SHUTDOWN };

/* How far it had come by then: one side was heard, both were, or its end was seen as well. */
enum flow_state { FLOW_NEW, FLOW_ESTABLISHED, FLOW_CLOSED };

/* The side that sent the first packet seen is 0, the other is 1. */
struct flow_end {
    struct addr addr;
    uint16_t port;
    uint64_t packets, bytes; /* frames sent by this side, and their IP payload bytes */
    uint64_t last_packet;    /* number of the last of them */
    uint8_t tcp_flags;       /* of all of them */
    bool gap;                /* bytes of its stream were never seen */
    /* Set by inspectors: what this side says after APPETITE_ENOUGH is counted here, unless that is no loss.
     */
    enum counter unread;
    bool unread_counts;
    uint32_t odd; /* see anomaly_note */
};

struct flow {
    uint64_t id; /* EVE's flow_id: never 0, below 2^51, the same on every event of the flow */
    struct flow_end end[2];
    uint8_t proto;
    uint8_t client;    /* index of the side that opened it, as far as known */
    bool client_known; /* a SYN said so, or an inspector that read a request */
    uint8_t n_vlans;
    uint16_t vlans[PACKET_MAX_VLANS];
    uint64_t first_us, last_us;

    uint8_t state, reason; /* enum flow_state, enum flow_reason: once it has ended */
    bool alerted;          /* set by detect's listener */
    const char *app_proto; /* set by inspectors with its end: EVE's; NULL when nothing was said */

    /* Owned by the stages after stream/, which are told when the flow ends; NULL at first. */
    void *inspect_slot, *detect_slot, *traffic_slot;
};

/* For inspectors: the side that sends requests, once the content has shown it. Ignored when a SYN has
 * decided. */
static inline void flow_set_client(struct flow *f, unsigned side)
{
    if (!f->client_known) {
        f->client = (uint8_t)side;
        f->client_known = true;
    }
}

/* For inspectors: what this side says once they want no more of it is missing from what was inspected. */
static inline void flow_set_unread(struct flow *f, unsigned side, enum counter counter)
{
    f->end[side].unread = counter;
    f->end[side].unread_counts = true;
}

/* True when bytes from this side travel towards the server. */
static inline bool flow_to_server(const struct flow *f, unsigned side)
{
    return side == f->client;
}

#endif

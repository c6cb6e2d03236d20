/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_FLOW_TABLE_H
#define STREAM_FLOW_TABLE_H

#include "stream/flow.h"
#include "stream/tcp_state.h"

/* How far a flow has come decides how long it may be idle, and who goes first when the table is full: what is
 * closed or never answered is worth less than a conversation, one in which nothing was said less than one
 * amid a request, and a UDP flow holds no bytes back between two datagrams. */
enum flow_phase { PHASE_CLOSED, PHASE_NEW, PHASE_SILENT, PHASE_UDP, PHASE_ESTABLISHED, PHASE_N };

/* Which network a side's packets come in by: packet.network with the VLANs, and packet.path. */
struct flow_way {
    uint64_t network, path;
};

/* A flow and what stream/ keeps of it. Never moves while the flow lives. */
struct flow_entry {
    struct flow flow;
    struct tcp_flow tcp;

    void *shown;                              /* anomaly.c: what the flow has shown; NULL for nothing */
    struct flow_entry *older, *newer;         /* of the same phase, by last packet */
    struct flow_entry *wait_prev, *wait_next; /* flows with an open hole, by its opening (hole.c) */
    uint64_t seen_us;                         /* the stream's clock at its last packet, which may be older */
    bool waiting;
    uint8_t phase;
    uint32_t slot; /* below flow_table_ceiling; no other living flow has it */
    struct flow_way way[2];
    struct {
        uint64_t hash;
        uint32_t chain;
    } link[2];          /* of the table's buckets: one for each way that differs */
    uint8_t n_links;    /* in use */
    uint8_t link_of[2]; /* by side */
};

struct flow_table;

/* As many flows as config->flow_memcap pays for, libnids' share included; at least 64. NULL when memory is
 * short. */
struct flow_table *flow_table_new(const struct config *config);
void flow_table_free(struct flow_table *t); /* NULL is welcome; flows must have ended */

size_t flow_table_ceiling(const struct flow_table *t);
size_t flow_table_n(const struct flow_table *t);

/* The flow of this packet, whichever way it travels, and which side sent it. NULL when it is unknown. */
struct flow_entry *flow_table_find(const struct flow_table *t, const struct packet *p, unsigned *side);

/* The latest flow between the same two ends, when the packet may be of it though it has come in by another
 * way (a VLAN or a label for each direction, a way that has changed): its network is the same, or it is TCP's
 * and its sender was silent so far. NULL when there is none. Its numbers decide; flow_table_rejoin then lets
 * the side's packets be found by the new way. */
struct flow_entry *flow_table_other_way(const struct flow_table *t, const struct packet *p, unsigned *side);
void flow_table_rejoin(struct flow_table *t, struct flow_entry *e, unsigned side, const struct packet *p);

/* A fresh entry, its sender being side 0; everything else zero but addresses, id and a guess at the client.
 * The packet's flow must be unknown. NULL when the table is full: end flow_table_victim first. */
struct flow_entry *flow_table_add(struct flow_table *t, const struct packet *p);

/* How many flows may be in PHASE_NEW at a time: a flood of SYNs gets this part of the memory and no more. */
size_t flow_table_max_new(const struct flow_table *t);

/* The flow that is worth least: of those in PHASE_NEW when they are too many, else of the lowest phase that
 * has one, the least recently seen. NULL when empty. */
struct flow_entry *flow_table_victim(const struct flow_table *t);

/* All flows, by their ids; sorted holds flow_table_n of them. */
void flow_table_sort(const struct flow_table *t, struct flow_entry **sorted);

/* fn for each flow; it may neither add nor remove any. */
void flow_table_each(const struct flow_table *t, void (*fn)(struct flow_entry *e));

/* A flow that has been idle too long at now_us, or NULL. Finds the next one after the first was removed. */
struct flow_entry *flow_table_idle(const struct flow_table *t, uint64_t now_us);
bool flow_table_is_idle(const struct flow_table *t, const struct flow_entry *e, uint64_t now_us);

/* Seen now, and in this phase. */
void flow_table_touch(struct flow_table *t, struct flow_entry *e, enum flow_phase phase);

/* Forgets an ended flow. The entry is gone. */
void flow_table_remove(struct flow_table *t, struct flow_entry *e);

#endif

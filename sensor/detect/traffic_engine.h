/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_ENGINE_H
#define DETECT_TRAFFIC_ENGINE_H

#include "base/buf.h"
#include "detect/traffic.h"
#include "detect/traffic_set.h"
#include "detect/traffic_state.h"

/* Shared by the files of the engine: traffic.c (who comes in), traffic_stream.c (windows over streams),
 * traffic_tx.c (transactions), traffic_ask.c (one rule, one place). */

/* A rule that may match a stream, once more of it has come; or that did. */
struct traffic_waiting {
    uint32_t rule;
    enum waiting_state {
        WAITING_ASKED, /* asked again with each chunk */
        WAITING_QUIET, /* matched in this piece: not again before the next */
        WAITING_PAST,  /* matched in an earlier one: what it saw does not count again */
    } state;
    bool always;    /* see traffic_find */
    uint8_t needs;  /* the same */
    uint64_t from;  /* what lies before does not count for it */
    uint64_t until; /* forgotten there */
};

/* One direction of a TCP flow. Places count the bytes of the direction, gaps included. */
struct traffic_side {
    uint64_t offset; /* of the next byte */
    uint64_t piece;  /* where the piece began that Suricata would look at in one go */
    uint64_t begin;  /* of the text, or where it went on after its last gap */
    uint64_t anew;   /* the message that a rule found by no literal is asked about begins there */
    uint64_t ts_us, packet;
    const struct traffic_set *set;  /* of its direction; NULL before the first chunk */
    struct buf held;                /* the last bytes, */
    size_t kept;                    /* of which so many at the end count */
    size_t behind;                  /* so many were not searched for all literals yet: see gates */
    uint64_t short_end[SET_SHORTS]; /* behind the last place of each short of the set; 0: none yet */
    struct traffic_waiting *waiting;
    uint32_t n_waiting, waiting_room;
    bool begun, done;
    bool again; /* other rules: what is held is to be searched for them, too */
};

struct traffic_body;  /* traffic_body.c */
struct traffic_shown; /* traffic_shown.h */

/* A rule over a transaction and the payload, of which the transaction has matched. */
struct traffic_mix {
    uint32_t rule;
    uint32_t side;
};

enum { WANTS_OPEN, CLIENT_OPEN, CLIENT_FIRST, CLIENT_SECOND };

/* flow->traffic_slot */
struct traffic_flow {
    struct traffic_flow *next, **at; /* in the list of all: *at points here */
    struct traffic_side side[2];
    reach_classes reach[2]; /* by side, of packets that it sends; 0: not known yet */
    uint8_t wants;          /* see traffic_wants: */
    uint8_t wants_for; /* with this one as the client; CLIENT_OPEN while any may be, WANTS_OPEN at first */
    uint8_t quiet;     /* as long as that holds, no rule asks about the stream of these: one bit per side */
    struct flow_marks state;
    struct traffic_body *bodies;    /* under way */
    struct traffic_shown *shown[2]; /* by side: what alerts say of its last message; NULL for nothing */
    struct traffic_mix *mixed;      /* see traffic_mix */
    uint32_t n_mixed;
    uint8_t ends_asked; /* once_a_way rules: one bit per side */
    bool passed;        /* a pass rule matched its stream or transaction */
    uint64_t passed_at; /* the datagram that one matched: it alone is let pass */
};

/* What the engine has for each rule. */
struct traffic_room {
    struct traffic_finds finds;
    uint64_t *told_of, *told_flow; /* the packet, and its flow, that it matched last as payload */
};

struct traffic {
    const struct config *config;
    struct reach_known known;
    struct state_names *names;
    struct xbits *xbits;
    struct traffic_plan *plan;
    struct traffic_flow *flows; /* all that there are */
    struct confirm_scratch *scratch;
    struct http_buffers *http;
    void (*fn)(void *arg, const struct finding *f);
    void *arg;
    struct buf window; /* a window in one piece */
    uint64_t memory;   /* that flows take here */
    struct traffic_room room;
};

/* Where a rule is asked. */
struct situation {
    struct traffic_flow *tf;
    const struct chunk *chunk; /* flow, side, time, packet; its data count for dsize when is_packet */
    struct sighting sighting;
    bool established, is_packet;
    enum field_kind kind; /* and what alerts say of the place */
    uint64_t message;
    const struct http_view *http;
    const struct dns_view *dns;
    const struct tls_view *tls;
    struct bytes shown; /* the payload of an alert */
};

/* NULL when memory is short (counted). */
struct traffic_flow *traffic_flow_of(struct traffic *t, struct flow *f);

/* --- traffic_ask.c --- */

void situation_fill(struct situation *s, struct traffic_flow *tf, const struct chunk *c,
                    const char *app_proto);

/* The classes of rules that can speak of what this side of the flow sends. */
reach_classes traffic_reach(struct traffic *t, struct traffic_flow *tf, const struct flow *f, unsigned side);

/* False when no rule of the set can. */
bool traffic_reaches(struct traffic *t, struct traffic_flow *tf, const struct chunk *c,
                     const struct traffic_set *set);

/* All that is asked beside contents: header, flow, sizes, state. */
bool traffic_conditions_hold(struct traffic *t, const struct situation *s, const struct traffic_rule *r);

/* All payload sections, on this text. */
bool traffic_payload_holds(struct traffic *t, const struct traffic_rule *r, const struct confirm_value *v,
                           struct confirm_vars *vars);

/* The rule holds: does what it says. */
void traffic_matched(struct traffic *t, const struct situation *s, const struct traffic_rule *r);

/* The transaction's part of a rule over both holds: until its piece of the stream, or its datagram, is over,
 * the payload's part makes it match. */
void traffic_mix(struct traffic *t, const struct situation *s, uint32_t rule);
bool traffic_is_mixed(const struct traffic_flow *tf, uint32_t rule, unsigned side);
void traffic_unmix(struct traffic *t, struct traffic_flow *tf, unsigned side);

/* --- traffic_body.c --- */

/* Rules have other numbers from now on: to[i] for the i-th, or TRAFFIC_GONE; to NULL: none goes on. */
#define TRAFFIC_GONE UINT32_MAX
static inline uint32_t traffic_renumbered(const uint32_t *to, uint32_t rule)
{
    return to && rule != TRAFFIC_GONE ? to[rule] : TRAFFIC_GONE;
}

void traffic_bodies_renumber(struct traffic_flow *tf, const uint32_t *to);

/* --- traffic_stream.c --- */

void traffic_side_renumber(struct traffic_side *s, const uint32_t *to);

/* ENOUGH stays true until the rules or the client are others. */
enum appetite traffic_stream_chunk(struct traffic *t, struct traffic_flow *tf, const struct chunk *c);

/* The other side has said something that this one's chunk may be the answer to, and somebody minds. */
static inline bool traffic_other_has_spoken(const struct traffic_flow *tf, const struct chunk *c)
{
    const struct traffic_side *o = &tf->side[!c->side];

    return o->piece != o->offset && c->data.len && (!o->done || tf->mixed);
}

void traffic_side_drop(struct traffic *t, struct traffic_side *s);

/* Bytes kept for later, under traffic-rules.memcap. False, counted, when there is no room; nothing is added.
 */
bool traffic_keep(struct traffic *t, struct buf *b, struct bytes piece);
void traffic_unkeep(struct traffic *t, struct buf *b);

#endif

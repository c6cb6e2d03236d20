/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_TALK_H
#define INSPECT_TALK_H

#include "inspect/inspector.h"

/* What inspect.c must know of an inspector that is its own business: one row each. */
struct known {
    const struct inspector *inspector;
    enum counter counter;
    size_t enabled; /* offset of its switch in struct config */
    bool udp;       /* speaks in datagrams, too */
    bool resumes;   /* certain of its first bytes: found again where a segment begins, even in the middle of a
                       flow */
};

/* registry.c: in this order, the first to recognise wins. Ends with a row without an inspector. */
extern const struct known known_rows[];
#define KNOWN_MAX 32

/* One protocol on one connection. */
struct talk {
    const struct known *known; /* NULL as long as nobody recognised it */
    void *state;               /* of known->inspector */
    uint8_t client;            /* side that sends requests, once known is set */
    uint64_t first_message;    /* numbers below were used up by what was spoken before */
};

/* A connection may change its protocol (a tunnel, an upgrade), each direction at its own byte: so there are
 * at most two talks at a time, the one that a direction still has to leave and the newest. All zero at first.
 */
#define TALKS_MAX_CHANGES 8 /* tunnels in tunnels beyond this are raw */
struct talks {
    struct talk talk[2];
    uint8_t of[2]; /* by side: the talk that it is in */
    uint8_t newest;
    uint8_t n_changes;
    const char *plain; /* what a flow that nobody reads calls itself (plain.h); NULL for nothing */
};

/* EVE's app_proto for what a side speaks; NULL when nobody knows. */
const char *talks_name(struct talks *t, unsigned side);

/* A direction that nobody reads begins so. */
void talks_note_plain(struct talks *t, struct bytes first);

static inline struct talk *talk_of(struct talks *t, unsigned side)
{
    return &t->talk[t->of[side]];
}

/* True when both directions are in the same talk. */
static inline bool talks_agree(const struct talks *t)
{
    return t->of[0] == t->of[1];
}

/* Makes the parser's state. False when there is no memory for it (counted). */
bool talk_become(struct talk *talk, const struct known *known, unsigned client);

/* The same where something else may have been spoken until now: datagrams that share two ports need not share
 * a protocol. What the old parser held is lost, as it would be to a receiver that sees the two mixed. */
bool talk_become_anew(struct talk *talk, const struct known *known, unsigned client);

/* The side leaves its talk: for the one that the other side has changed to already, or for a new one.
 * *is_new says which. False when there were too many changes. */
bool talks_change(struct talks *t, unsigned side, bool *is_new);

/* The other side has nothing to wait for where it is: it comes along. */
void talks_join(struct talks *t, unsigned side);

void talks_drop(struct talks *t);

#endif

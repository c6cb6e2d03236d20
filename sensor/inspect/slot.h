/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_SLOT_H
#define INSPECT_SLOT_H

#include "inspect/inspect.h"
#include "inspect/packed.h"
#include "inspect/ssh.h"
#include "inspect/talk.h"
#include "inspect/tls.h"
#include "inspect/window.h"

/* What inspect.c (which parser reads a direction) and raw.c (what no parser reads) share; nobody else
 * includes this. */

struct inspect {
    const struct config *config;
    unsigned wants; /* inspect_want */
    field_fn *fn;
    void *arg;
    unsigned n_known;
    const struct known *known[KNOWN_MAX]; /* those switched on, in the registry's order */
};

enum side_mode {
    SIDE_UNKNOWN, /* what came so far, if anything, is in first */
    SIDE_PARSED,
    SIDE_RAW,
    SIDE_DONE, /* nothing more is read */
};

struct side {
    uint8_t mode;                    /* enum side_mode */
    uint8_t hello;                   /* enum recognition: the TLS hello it sent; RECOGNISE_NO for none */
    uint8_t tls_state;               /* enum tls_state, from the hello on */
    struct tls_side *tls;            /* reads its handshake, as long as that is in clear */
    struct buf first;                /* a hold, empty except while SIDE_UNKNOWN waits */
    uint64_t first_us, first_packet; /* of the last bytes in first */
    struct ssh_side ssh;
    struct window raw;
    struct packed *packed; /* compressed text in the raw bytes; NULL for none */
    uint64_t raw_given;
};

/* What a flow keeps: flow->inspect_slot. */
struct slot {
    struct talks talks;
    bool raw_seen;
    bool words_told; /* what the client speaks has been said */
    struct side side[2];
};

static inline bool is_yes(enum recognition r)
{
    return r == RECOGNISE_REQUEST || r == RECOGNISE_RESPONSE;
}

/* Messages are numbered through all that a connection speaks: a field_fn for the talk that began with
 * first_message, arg a struct renumber. */
struct renumber {
    const struct inspect *i;
    uint64_t first_message;
};

size_t renumber_give(void *arg, const struct field *f);

/* --- raw.c --- */

/* What an alert calls the protocol of this side. */
const char *slot_app_proto(struct slot *slot, unsigned side);

/* Both sides have said hello, each in its part, and this one's handshake is over; or both have changed to SSH's
 * keys. One side alone proves nothing: who sends a false hello to a server that speaks in clear would switch us
 * off. */
bool slot_is_encrypted(const struct slot *slot, unsigned side);

/* Where the bytes of an encrypted side are counted. */
enum counter slot_encrypted_count(const struct slot *slot);

/* The bytes may be a TLS hello, and the first of this side. */
void slot_note_hello(struct slot *slot, const struct chunk *c, struct bytes data);

/* Gives text of c's side that no parser reads: to the reader of a TLS handshake first, if one is under way,
 * then to the raw window, as deep as the settings say. The side is raw from here on. */
enum appetite raw_give(struct inspect *i, struct slot *slot, const struct chunk *c, struct bytes text,
                       bool last);

/* A hole in a raw direction: what waits is given, and the window begins anew. */
void raw_gap(struct inspect *i, struct slot *slot, const struct chunk *c);

/* Another version of some bytes, or a datagram: text of its own, which disturbs no window. */
void raw_give_apart(struct inspect *i, struct slot *slot, const struct chunk *c, struct bytes text);

/* Nothing more is read of it. Always APPETITE_ENOUGH. */
enum appetite side_done(struct side *s);

#endif

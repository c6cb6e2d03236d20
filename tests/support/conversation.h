/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_CONVERSATION_H
#define SUPPORT_CONVERSATION_H

#include "base/buf.h"
#include "inspect/inspect.h"

/* Plays what two sides of a flow say to the inspectors and writes down the fields that come back. */

/* What one side says at once. missing: so many bytes before it were never captured. */
struct said {
    unsigned side;
    struct bytes data;
    uint64_t missing;
};

struct conversation {
    const struct said *said;
    unsigned n;
    uint8_t proto;
    /* How the bytes arrive: in pieces of at most this many (0 = as said), and each thing said once more cut
     * at this offset (0 = not). Each piece lies in memory of exactly its size. */
    size_t piece, cut;
    bool unended;      /* without the closing chunks */
    bool parts;        /* heads are written down as their parts */
    bool client_known; /* a SYN has said that side 0 is the client */
};

/* A window that is being given. */
#define TRANSCRIPT_WINDOWS 64
struct transcript_window {
    bool open;
    unsigned side;
    enum field_kind kind;
    uint64_t message;
    struct buf text;
};

struct transcript {
    struct buf text; /* a line per field: "0 ldap ldap.search_base #1 a", FACTs as "... jndi.stage=callback;",
                       headers as "... host=a", windows when they are over, files, when the settings want
                       them, as "1 ldap file #1 cn=a;MAGIC;3 bytes;whole;SHA-256" */
    struct buf raw[2];      /* by side: the fresh bytes of all raw fields, which depend on no cut */
    struct buf body;        /* the fresh bytes of all parts of mails, each part ended by a bar */
    struct flow_end end[2]; /* as the flow had them when it ended */
    unsigned n_enough;      /* chunks answered with APPETITE_ENOUGH */
    const char *words;      /* what the client was said to speak; NULL: nothing was said of it */
    unsigned n_words;       /* how often */
    bool parts;
    struct transcript_window window[TRANSCRIPT_WINDOWS];
};

/* Defaults of the settings that inspect/ reads. */
struct config conversation_config(void);

void conversation_play(const struct conversation *c, const struct config *config, struct transcript *out);
void transcript_drop(struct transcript *t);

/* Plays with the defaults of the settings, and asserts that nothing is held when it is over. */
struct transcript conversation_of(uint8_t proto, const struct said *said, unsigned n);

/* What a client says may end, or turn to nonsense, at any byte: for each cut of the stream, a lookup behind
 * some nonsense is still given, in some field or raw. */
void conversation_assert_nothing_hides(struct bytes stream);

bool transcript_has(const struct transcript *t, const char *needle);
bool transcript_raw_has(const struct transcript *t, unsigned side, const char *needle);

/* Asserts that the conversation gives the same text and raw bytes whole, byte by byte, in threes and cut
 * anywhere. */
void conversation_assert_same_in_pieces(const struct said *said, unsigned n, const struct config *config);

#endif

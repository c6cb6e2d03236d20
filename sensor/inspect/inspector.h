/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_INSPECTOR_H
#define INSPECT_INSPECTOR_H

#include "base/buf.h"
#include "inspect/inspect.h"

/* The contract between inspect.c and one protocol's parser: one file, one constant, one row in registry.c. */

enum recognition {
    RECOGNISE_NO,       /* certainly not this protocol */
    RECOGNISE_MORE,     /* could be: more bytes are needed to say */
    RECOGNISE_REQUEST,  /* yes, and the sender of these bytes is the client */
    RECOGNISE_RESPONSE, /* yes, and the sender is the server */
};

/* How the parser left a direction. */
enum progress {
    PROGRESS_MORE,    /* all taken, go on */
    PROGRESS_GIVE_UP, /* nonsense from *used on: the rest belongs to the raw window (whole is fine), behind
                       * what in->next->before brings */
    PROGRESS_ENOUGH,  /* nothing more of interest will come in this direction; skipping it is no loss of ours
                       */
    PROGRESS_RAW, /* the raw window is enough for this direction, from *used on: nothing is wrong with it */
    PROGRESS_CHANGE, /* from *used on (0: from the gap on) another protocol is spoken: in->next says which */
};

struct inspector;
struct http_tx;

/* What a connection speaks behind an upgrade or in a tunnel. Each direction changes at its own byte; the
 * first to change decides for both. All zero: nothing is known of it but where it begins. inspect.c gives
 * back what is in it. */
struct hand_over {
    const struct inspector *to; /* NULL: recognised by its first bytes, as at the beginning of a flow */
    struct http_tx *tx;         /* the request that asked for the change, held once for the taker; or NULL */
    struct buf before;          /* a hold: bytes of this direction in front of *used */
    uint64_t n_messages;        /* numbers that the old protocol used up in this flow */
};

/* What a parser gets with each call. */
struct inspecting {
    const struct config *config;
    unsigned wants; /* inspect.h: INSPECT_HELLOS ... */
    field_fn *fn;
    void *arg;
    const struct chunk *chunk; /* of which data may be a part, or more when bytes were held back */
    bool from_client;
    struct hand_over *next; /* never NULL for who returns PROGRESS_CHANGE or leaves something before what it
                             * gives up; all zero before the call */
};

struct inspector {
    const char *name; /* EVE's app_proto */
    /* The first bytes of one direction (a prefix of the stream, or a whole datagram when proto is UDP). */
    enum recognition (*recognise)(struct bytes first, uint8_t proto, bool whole);
    size_t state_size; /* bytes of parser state per flow, zeroed at first; 0 for none */
    /* The next bytes of a direction. gap: so many bytes are missing before data (the parser resynchronises or
     * gives up). last: no more will come: judge what is held. *used: bytes of data consumed when giving up.
     */
    enum progress (*feed)(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                          bool last, size_t *used);
    /* The flow came here by a hand-over, before the first feed; NULL when that makes no difference. */
    void (*begin)(void *state, const struct inspecting *in, const struct hand_over *from);
    /* inspect_message, without what the connection spoke before; NULL when that is never known. */
    bool (*under_way)(const void *state, bool from_client, uint64_t *number, uint64_t *body_len);
    void (*free_state)(void *state); /* releases what state holds, not state itself; NULL when nothing */
};

extern const struct inspector http1_inspector, http2_inspector, websocket_inspector, dns_inspector,
    ldap_inspector, rmi_inspector, giop_inspector;
extern const struct inspector smtp_inspector, sip_inspector, syslog_inspector, gelf_inspector;
extern const struct inspector mqtt_inspector, redis_inspector, minecraft_inspector, proxy_inspector;

/* Gives a FACT or TEXT field with the rest filled in from in. */
void inspecting_give_fact(const struct inspecting *in, const char *app_proto, uint64_t message,
                          const struct attrs *attrs, struct bytes value);
void inspecting_give_text(const struct inspecting *in, const char *app_proto, uint64_t message,
                          enum field_kind kind, struct bytes value);

/* A RECORD of a file. */
void inspecting_give_file(const struct inspecting *in, const char *app_proto, uint64_t message,
                          const struct file_view *file);

/* A TEXT field with a name of its own: of a header. */
void inspecting_give_header(const struct inspecting *in, const char *app_proto, uint64_t message,
                            enum field_kind kind, struct bytes name, struct bytes value);

/* The part of a message that no named field covers, as a raw stream of its own (first and last piece at
 * once). Pieces too short to hold a lookup are not given. */
void inspecting_give_raw(const struct inspecting *in, const char *app_proto, uint64_t message,
                         struct bytes value);

/* How many of the next len bytes of a raw stream are to be looked at, of which given were before: all, as
 * far as the settings say nothing else. */
size_t raw_room(const struct config *config, uint64_t given, size_t len);

#endif

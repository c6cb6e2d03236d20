/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cursor.h"
#include "inspect/hold.h"
#include "inspect/inflate.h"
#include "inspect/inspector.h"

/* GELF over UDP (Graylog's log format): a JSON object, in clear, gzip or zlib, in one datagram or in chunks.
 *
 *    0       2              10      11      12
 *    +-------+--------------+-------+-------+--------
 *    | 1e 0f | message id   | seq   | count | payload     at most 128 chunks, which arrive in any order
 *    +-------+--------------+-------+-------+--------
 *
 * GELF over TCP is JSON with a NUL behind each message, never compressed: the raw window reads that. */

#define CHUNK_HEAD  12
#define CHUNKS_MAX  128
#define MESSAGES    8       /* under way on one flow; the oldest makes room */
#define TIMEOUT_US  5000000 /* what receivers wait for the rest of a message */
#define RECORD_HEAD 3       /* of a chunk in a hold: seq, length */

struct message {
    uint8_t id[8];
    uint8_t count, n_seen; /* count 0: unused */
    uint8_t seen[CHUNKS_MAX / 8];
    uint64_t begun_us;
    struct buf chunks; /* a hold: each chunk as it came, with RECORD_HEAD in front */
};

struct gelf {
    uint64_t n;
    struct message message[MESSAGES];
};

struct chunk_head {
    struct bytes id, payload;
    uint8_t seq, count;
};

static bool read_chunk(struct bytes datagram, struct chunk_head *h)
{
    struct cursor c = cursor_over(datagram);

    if (!bytes_starts(datagram, BYTES_LIT("\x1e\x0f")))
        return false;
    cursor_skip(&c, 2);
    h->id = cursor_take(&c, sizeof((struct message *)0)->id);
    h->seq = cursor_u8(&c);
    h->count = cursor_u8(&c);
    h->payload = cursor_rest(&c);
    return cursor_ok(&c) && h->count > 0 && h->count <= CHUNKS_MAX && h->seq < h->count;
}

static bool is_message(struct bytes json)
{
    return json.len && json.p[0] == '{' && bytes_find(json, BYTES_LIT("\"short_message\"")) != BYTES_NONE;
}

/* Compressed datagrams say no more than that: what comes out decides, and is given in any case. */
static enum recognition gelf_recognise(struct bytes first, uint8_t proto, bool whole)
{
    struct chunk_head h;

    (void)whole;
    if (proto != PROTO_UDP)
        return RECOGNISE_NO;
    return read_chunk(first, &h) || inflate_begins(first) || is_message(first) ? RECOGNISE_REQUEST
                                                                               : RECOGNISE_NO;
}

static void give_json(struct gelf *g, const struct inspecting *in, struct bytes json)
{
    struct field f = {.kind = FIELD_GELF_MESSAGE,
                      .coding = FIELD_JSON,
                      .value = json,
                      .chunk = in->chunk,
                      .app_proto = "gelf",
                      .message = g->n++};

    if (json.len)
        in->fn(in->arg, &f);
}

/* As it is when it is not compressed, or says so and nothing comes out. What is behind the compressed part is
 * looked at, too. */
static void give_payload(struct gelf *g, const struct inspecting *in, struct bytes payload)
{
    struct buf plain = buf_within(inflate_ceiling(payload.len, in->config->app_max_inflated));

    if (inflate_begins(payload)) {
        (void)inflate_all(payload, &plain);
        inspecting_give_raw(in, "gelf", g->n, payload);
    }
    give_json(g, in, plain.len ? buf_bytes(&plain) : payload);
    buf_drop(&plain);
}

/* The chunk with this number, among those held; empty when it has not come. */
static struct bytes find_chunk(const struct message *m, uint8_t seq)
{
    struct cursor c = cursor_over(buf_bytes(&m->chunks));

    while (cursor_left(&c)) {
        uint8_t n = cursor_u8(&c);
        struct bytes payload = cursor_take(&c, cursor_u16be(&c));

        if (n == seq)
            return payload;
    }
    return (struct bytes){0};
}

static void message_drop(struct message *m)
{
    hold_drop(&m->chunks);
    *m = (struct message){0};
}

/* Gives what has come of a message, in order, and forgets it. */
static void message_give(struct gelf *g, const struct inspecting *in, struct message *m)
{
    struct buf all = buf_within(m->chunks.len);

    for (unsigned seq = 0; seq < m->count; seq++)
        (void)buf_add(&all, find_chunk(m, (uint8_t)seq));
    give_payload(g, in, buf_bytes(&all));
    buf_drop(&all);
    message_drop(m);
}

static struct message *message_of(struct gelf *g, const struct inspecting *in, const struct chunk_head *h)
{
    struct message *oldest = &g->message[0];
    uint64_t now_us = in->chunk->ts_us;

    for (unsigned i = 0; i < MESSAGES; i++) {
        struct message *m = &g->message[i];

        if (m->count && now_us > m->begun_us + TIMEOUT_US)
            message_give(g, in, m);
        if (m->count == h->count && memcmp(m->id, h->id.p, sizeof m->id) == 0)
            return m;
        if (oldest->count && (m->count == 0 || m->begun_us < oldest->begun_us))
            oldest = m;
    }
    if (oldest->count)
        message_give(g, in, oldest);
    memcpy(oldest->id, h->id.p, sizeof oldest->id);
    oldest->count = h->count;
    oldest->begun_us = now_us;
    return oldest;
}

static bool keep_chunk(const struct inspecting *in, struct message *m, const struct chunk_head *h)
{
    uint8_t head[RECORD_HEAD] = {h->seq, (uint8_t)(h->payload.len >> 8), (uint8_t)h->payload.len};
    uint64_t max = in->config->app_max_message;

    return m->chunks.len + sizeof head + h->payload.len <= max &&
           hold_add(&m->chunks, max, bytes_of(head, sizeof head)) && hold_add(&m->chunks, max, h->payload);
}

static void take_chunk(struct gelf *g, const struct inspecting *in, const struct chunk_head *h)
{
    struct message *m = message_of(g, in, h);

    /* A second version of a chunk: which one the receiver takes is its affair. */
    if (m->seen[h->seq / 8] & 1u << h->seq % 8) {
        inspecting_give_raw(in, "gelf", g->n, h->payload);
        return;
    }
    if (!keep_chunk(in, m, h)) {
        message_give(g, in, m);
        inspecting_give_raw(in, "gelf", g->n, h->payload);
        return;
    }
    m->seen[h->seq / 8] |= (uint8_t)(1u << h->seq % 8);
    if (++m->n_seen == m->count)
        message_give(g, in, m);
}

static enum progress gelf_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                               bool last, size_t *used)
{
    struct gelf *g = state;
    struct chunk_head h;

    (void)gap;
    (void)last;
    *used = 0;
    if (read_chunk(data, &h))
        take_chunk(g, in, &h);
    else
        give_payload(g, in, data);
    return PROGRESS_MORE;
}

static void gelf_free_state(void *state)
{
    struct gelf *g = state;

    for (unsigned i = 0; i < MESSAGES; i++)
        message_drop(&g->message[i]);
}

const struct inspector gelf_inspector = {
    .name = "gelf",
    .recognise = gelf_recognise,
    .state_size = sizeof(struct gelf),
    .feed = gelf_feed,
    .free_state = gelf_free_state,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/defrag.h"

#include "base/count.h"
#include "base/cursor.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>
#include <sys/random.h>

#define N_BUCKETS    32768 /* a flood of unfinished datagrams fills the memory with about twice as many */
#define MAX_DATAGRAM 65535 /* what the 16-bit length of either version can say */
#define FIRST_PIECES 4
#define FIRST_BYTES  256

/* A fragment that has come: where it belongs, and where its bytes lie in `bytes`, which is in order of
 * arrival. */
struct piece {
    uint32_t from, to, at;
};

struct frag_key {
    uint8_t src[16], dst[16];
    uint32_t id;
    uint16_t vlans[PACKET_MAX_VLANS];
    uint8_t version, n_vlans;
    uint8_t proto; /* IPv4 only: fragments of a v6 datagram may name different ones, the first one's counts */
    uint8_t zero[3];
};

_Static_assert(sizeof(struct frag_key) == 48, "a key has no padding");

struct datagram {
    struct datagram *chain;
    struct datagram *older, *newer;
    struct frag_key key;
    uint64_t hash, first_us;
    struct piece *pieces; /* by from, not overlapping */
    uint8_t *bytes;
    uint32_t n_pieces, max_pieces;
    uint32_t n_bytes, max_bytes;
    uint32_t end;  /* of the furthest piece; of the datagram when has_last */
    uint8_t proto; /* of the fragment at offset 0 */
    bool has_last;
};

struct defrag {
    size_t held, ceiling;
    uint64_t timeout_us, seed;
    struct datagram *oldest, *newest;
    struct datagram *buckets[N_BUCKETS];
    uint8_t whole[MAX_DATAGRAM];
};

struct defrag *defrag_new(const struct config *config)
{
    struct defrag *d = calloc(1, sizeof *d);

    if (!d)
        return NULL;
    d->ceiling = config->defrag_memcap;
    d->timeout_us = config->defrag_timeout_us;
    if (config->deterministic ||
        getrandom(&d->seed, sizeof d->seed, GRND_NONBLOCK) != (ssize_t)sizeof d->seed)
        d->seed = 0x66726167;
    return d;
}

static size_t size_of(const struct datagram *g)
{
    return sizeof *g + g->max_pieces * sizeof *g->pieces + g->max_bytes;
}

static bool is_whole(const struct datagram *g)
{
    return g->has_last && g->n_bytes == g->end; /* pieces do not overlap */
}

static void forget(struct defrag *d, struct datagram *g)
{
    struct datagram **link = &d->buckets[g->hash % N_BUCKETS];

    if (!is_whole(g))
        count_add(COUNT_DEFRAG_LOST_BYTES, g->n_bytes);
    while (*link != g)
        link = &(*link)->chain;
    *link = g->chain;
    if (g->older)
        g->older->newer = g->newer;
    else
        d->oldest = g->newer;
    if (g->newer)
        g->newer->older = g->older;
    else
        d->newest = g->older;
    d->held -= size_of(g);
    free(g->pieces);
    free(g->bytes);
    free(g);
}

static void give_up(struct defrag *d, struct datagram *g)
{
    count(COUNT_DEFRAG_EVICTED);
    forget(d, g);
}

void defrag_flush(struct defrag *d)
{
    while (d->oldest)
        give_up(d, d->oldest);
}

void defrag_free(struct defrag *d)
{
    if (!d)
        return;
    while (d->oldest)
        forget(d, d->oldest);
    free(d);
}

size_t defrag_held(const struct defrag *d)
{
    return d->held;
}

void defrag_tick(struct defrag *d, uint64_t now_us)
{
    while (d->oldest && now_us > d->oldest->first_us && now_us - d->oldest->first_us >= d->timeout_us)
        give_up(d, d->oldest);
}

static struct frag_key key_of(const struct packet *p)
{
    struct frag_key key = {.id = p->fragment_id, .version = p->src.version, .n_vlans = p->n_vlans};

    memcpy(key.src, p->src.b, sizeof key.src);
    memcpy(key.dst, p->dst.b, sizeof key.dst);
    if (p->src.version == 4)
        key.proto = p->proto;
    for (unsigned i = 0; i < p->n_vlans && i < PACKET_MAX_VLANS; i++)
        key.vlans[i] = p->vlans[i];
    return key;
}

/* NULL when no piece of it is there. */
static struct datagram *find(const struct defrag *d, const struct packet *p, struct frag_key *key,
                             uint64_t *hash)
{
    *key = key_of(p);
    *hash = XXH3_64bits_withSeed(key, sizeof *key, d->seed);
    for (struct datagram *g = d->buckets[*hash % N_BUCKETS]; g; g = g->chain)
        if (g->hash == *hash && memcmp(&g->key, key, sizeof *key) == 0)
            return g;
    return NULL;
}

static struct datagram *find_or_begin(struct defrag *d, const struct packet *p)
{
    struct frag_key key;
    uint64_t hash;
    struct datagram *g = find(d, p, &key, &hash);

    if (g)
        return g;
    g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->key = key;
    g->hash = hash;
    g->first_us = p->ts_us;
    g->chain = d->buckets[hash % N_BUCKETS];
    d->buckets[hash % N_BUCKETS] = g;
    g->older = d->newest;
    if (g->older)
        g->older->newer = g;
    else
        d->oldest = g;
    d->newest = g;
    d->held += size_of(g);
    return g;
}

/* Index of the first piece that ends beyond `from`. */
static uint32_t first_beyond(const struct datagram *g, uint32_t from)
{
    uint32_t low = 0, high = g->n_pieces;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (g->pieces[middle].to > from)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

enum placement { PLACE_FREE, PLACE_DUPLICATE, PLACE_OVERLAPS };

/* at: where in pieces it would go. */
static enum placement place_of(const struct datagram *g, uint32_t from, uint32_t to, uint32_t *at)
{
    uint32_t i = first_beyond(g, from);

    *at = i;
    if (i == g->n_pieces || g->pieces[i].from >= to)
        return PLACE_FREE;
    if (g->pieces[i].from > from)
        return PLACE_OVERLAPS;
    while (g->pieces[i].to < to && i + 1 < g->n_pieces && g->pieces[i + 1].from == g->pieces[i].to)
        i++;
    return g->pieces[i].to >= to ? PLACE_DUPLICATE : PLACE_OVERLAPS;
}

/* Doubles until it fits. The other datagrams are older or newer, never this one: it is being filled. */
static bool grow(struct defrag *d, struct datagram *g, size_t len)
{
    uint32_t max_pieces = g->max_pieces ? g->max_pieces : FIRST_PIECES;
    uint32_t max_bytes = g->max_bytes ? g->max_bytes : FIRST_BYTES;
    size_t more;
    void *p;

    while (max_pieces < g->n_pieces + 1)
        max_pieces *= 2;
    while (max_bytes < g->n_bytes + len)
        max_bytes *= 2;
    more = (max_pieces - g->max_pieces) * sizeof *g->pieces + (max_bytes - g->max_bytes);
    if (more == 0)
        return true;
    while (d->held + more > d->ceiling && d->oldest != g)
        give_up(d, d->oldest);
    while (d->held + more > d->ceiling && d->oldest->newer)
        give_up(d, d->oldest->newer); /* this one is the oldest: it goes on, having come furthest */
    if (d->held + more > d->ceiling)
        return false;
    p = realloc(g->pieces, max_pieces * sizeof *g->pieces);
    if (!p)
        return false;
    d->held -= size_of(g);
    g->pieces = p;
    g->max_pieces = max_pieces;
    p = realloc(g->bytes, max_bytes);
    if (p) {
        g->bytes = p;
        g->max_bytes = max_bytes;
    }
    d->held += size_of(g);
    return p != NULL;
}

static void insert(struct datagram *g, uint32_t at, uint32_t from, struct bytes payload)
{
    memmove(g->pieces + at + 1, g->pieces + at, (g->n_pieces - at) * sizeof *g->pieces);
    g->pieces[at] = (struct piece){from, from + (uint32_t)payload.len, g->n_bytes};
    memcpy(g->bytes + g->n_bytes, payload.p, payload.len);
    g->n_pieces++;
    g->n_bytes += (uint32_t)payload.len;
}

/* What Linux refuses before it looks at overlaps: an end that contradicts an earlier one. */
static bool ends_agree(const struct datagram *g, const struct packet *p, uint32_t to)
{
    if (p->more_fragments)
        return !g->has_last || to <= g->end;
    return g->has_last ? to == g->end : to >= g->end;
}

static void put_together(struct defrag *d, const struct datagram *g, const struct packet *p,
                         struct packet *whole, struct bytes *datagram)
{
    for (uint32_t i = 0; i < g->n_pieces; i++) {
        const struct piece *piece = &g->pieces[i];

        memcpy(d->whole + piece->from, g->bytes + piece->at, piece->to - piece->from);
    }
    *whole = *p;
    whole->proto = g->proto;
    whole->fragment = whole->more_fragments = false;
    whole->fragment_id = whole->fragment_offset = 0;
    *datagram = bytes_of(d->whole, g->end);
    whole->payload = *datagram;
    whole->payload_len = g->end;
    count(COUNT_DEFRAG_DATAGRAMS);
}

/* RFC 8200 section 4.5, and Linux since 5.10: the first piece of an IPv6 datagram holds all headers up to
 * TCP's or UDP's last byte; a smaller one is dropped. */
static bool first_has_all_headers(const struct packet *p)
{
    enum { HOP_BY_HOP = 0, ROUTING = 43, AUTHENTICATION = 51, DESTINATION = 60, TCP_LEN = 20, UDP_LEN = 8 };
    struct cursor c = cursor_over(p->payload);
    uint8_t next = p->proto;

    while (cursor_ok(&c) &&
           (next == HOP_BY_HOP || next == ROUTING || next == AUTHENTICATION || next == DESTINATION)) {
        bool words_of_four = next == AUTHENTICATION; /* RFC 4302 section 2.2; the others count in eights */
        size_t len;

        next = cursor_u8(&c);
        len = cursor_u8(&c);
        cursor_skip(&c, words_of_four ? 4 * len + 6 : 8 * len + 6);
    }
    return cursor_need(&c, next == PROTO_TCP ? TCP_LEN : next == PROTO_UDP ? UDP_LEN : 1);
}

static bool reaches_too_far(const struct packet *p, uint32_t len)
{
    return len > MAX_DATAGRAM || p->fragment_offset > MAX_DATAGRAM - len;
}

/* What Linux makes of a piece alone, before it looks at the others. */
enum worth {
    WORTH_KEEPING,
    WORTH_NOTHING,           /* dropped */
    WORTH_LESS_THAN_NOTHING, /* dropped, and its whole datagram with it */
};

/* A piece that is not the last has a length divisible by eight (RFC 791, RFC 8200 section 4.5); Linux cuts
 * the rest off in version 4 and drops the piece in version 6. An empty piece condemns its datagram. One that
 * reaches beyond any datagram is dropped in version 6. One whose end the snap length cut is nothing to keep.
 */
static enum worth worth_of(const struct packet *p, uint32_t *len)
{
    bool v6 = p->src.version == 6;

    *len = p->payload_len;
    if (p->more_fragments && (*len & 7)) {
        if (v6)
            return WORTH_NOTHING;
        *len &= ~7u;
    }
    if (*len == 0)
        return WORTH_LESS_THAN_NOTHING;
    if (v6 && reaches_too_far(p, *len))
        return WORTH_NOTHING;
    if (p->payload.len < *len || (v6 && p->fragment_offset == 0 && !first_has_all_headers(p)))
        return WORTH_NOTHING;
    return WORTH_KEEPING;
}

bool defrag_packet(struct defrag *d, const struct packet *p, struct packet *whole, struct bytes *datagram)
{
    uint32_t from = p->fragment_offset, len, to, at;
    struct datagram *g;
    enum placement place;
    enum worth worth;
    struct frag_key key;
    uint64_t hash;

    worth = worth_of(p, &len);
    if (worth != WORTH_KEEPING) {
        count(COUNT_DECODE_MALFORMED);
        if (worth == WORTH_LESS_THAN_NOTHING && (g = find(d, p, &key, &hash)))
            give_up(d, g);
        return false;
    }
    to = from + len;
    g = find_or_begin(d, p);
    if (!g)
        return false;
    place = ends_agree(g, p, to) ? place_of(g, from, to, &at) : PLACE_OVERLAPS;
    if (place == PLACE_FREE && reaches_too_far(p, len)) {
        /* Nothing of it is kept but where it ends: no other end agrees with that. */
        count(COUNT_DECODE_MALFORMED);
        g->end = to;
        g->has_last |= !p->more_fragments;
        if (!grow(d, g, 0))
            give_up(d, g);
        return false;
    }
    if (place == PLACE_OVERLAPS) {
        count(COUNT_DEFRAG_OVERLAPS);
        count_add(COUNT_DEFRAG_LOST_BYTES, len);
        forget(d, g);
        return false;
    }
    if (place == PLACE_DUPLICATE)
        return false;
    if (!grow(d, g, len)) {
        give_up(d, g);
        return false;
    }
    insert(g, at, from, bytes_slice(p->payload, 0, len));
    if (from == 0)
        g->proto = p->proto;
    if (to > g->end)
        g->end = to;
    g->has_last |= !p->more_fragments;
    if (!is_whole(g))
        return false;
    put_together(d, g, p, whole, datagram);
    forget(d, g);
    return true;
}

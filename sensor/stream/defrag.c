/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/defrag.h"

#include "base/count.h"
#include "base/cursor.h"
#include "base/mix.h"
#include "base/pages.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>

#define N_BUCKETS    32768 /* a flood of unfinished datagrams fills the memory with about twice as many */
#define MAX_DATAGRAM 65535 /* what the 16-bit length of either version can say */
#define FIRST_PIECES 4
#define FIRST_BYTES  256

/* A fragment that has come: where it belongs, and where its bytes lie in `bytes`, which is in order of
 * arrival. */
struct piece {
    uint32_t from, to, at;
};

struct store {
    struct piece *pieces;
    uint8_t *bytes;
    uint32_t n_pieces, max_pieces;
    uint32_t n_bytes, max_bytes;
};

struct frag_key {
    uint8_t src[16], dst[16];
    uint64_t network, path;
    uint32_t id;
    uint16_t vlans[PACKET_MAX_VLANS];
    uint8_t version, n_vlans;
    uint8_t proto; /* IPv4 only: fragments of a v6 datagram may name different ones, the first one's counts */
    uint8_t zero[3];
};

_Static_assert(sizeof(struct frag_key) == 64, "a key has no padding");

struct datagram {
    struct datagram *chain;
    struct datagram *older, *newer;
    struct frag_key key;
    uint64_t hash, first_us;
    struct store first; /* the first copy of each byte, which Linux takes: by from, not overlapping */
    struct store
        later;     /* copies that differ from it, as they came: perhaps the victim's, were those decoys */
    uint32_t end;  /* of the furthest piece; of the datagram when has_last */
    uint8_t proto; /* of the fragment at offset 0 */
    bool has_last;
};

struct defrag {
    size_t held, ceiling;
    uint64_t timeout_us, seeds[MIX_SECRETS];
    bool vlans; /* tell datagrams apart */
    struct datagram *oldest, *newest;
    struct datagram *buckets[N_BUCKETS];
    uint32_t other_len; /* of the second version of the last one, 0 for none */
    uint8_t whole[MAX_DATAGRAM], other[MAX_DATAGRAM];
};

struct defrag *defrag_new(const struct config *config)
{
    struct defrag *d = pages_new(1, sizeof *d);

    if (!d)
        return NULL;
    d->ceiling = config->defrag_memcap;
    d->timeout_us = config->defrag_timeout_us;
    d->vlans = config->vlan_tracking;
    mix_secrets(config->deterministic, d->seeds);
    return d;
}

static size_t store_size(const struct store *s)
{
    return s->max_pieces * sizeof *s->pieces + s->max_bytes;
}

static size_t size_of(const struct datagram *g)
{
    return sizeof *g + store_size(&g->first) + store_size(&g->later);
}

static bool is_whole(const struct datagram *g)
{
    return g->has_last && g->first.n_bytes == g->end; /* pieces do not overlap */
}

static void forget(struct defrag *d, struct datagram *g)
{
    struct datagram **link = &d->buckets[g->hash % N_BUCKETS];

    if (!is_whole(g))
        count_add(COUNT_DEFRAG_LOST_BYTES, g->first.n_bytes);
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
    free(g->first.pieces);
    free(g->first.bytes);
    free(g->later.pieces);
    free(g->later.bytes);
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
    pages_free(d, 1, sizeof *d);
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

static struct frag_key key_of(const struct defrag *d, const struct packet *p)
{
    struct frag_key key = {
        .id = p->fragment_id, .version = p->src.version, .network = p->network, .path = p->path};

    memcpy(key.src, p->src.b, sizeof key.src);
    memcpy(key.dst, p->dst.b, sizeof key.dst);
    if (p->src.version == 4)
        key.proto = p->proto;
    for (unsigned i = 0; d->vlans && i < p->n_vlans && i < PACKET_MAX_VLANS; i++)
        key.vlans[key.n_vlans++] = p->vlans[i];
    return key;
}

/* NULL when no piece of it is there. */
static struct datagram *find(const struct defrag *d, const struct packet *p, struct frag_key *key,
                             uint64_t *hash)
{
    *key = key_of(d, p);
    *hash = XXH3_64bits_withSeed(key, sizeof *key, d->seeds[0]);
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
static uint32_t first_beyond(const struct store *s, uint32_t from)
{
    uint32_t low = 0, high = s->n_pieces;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (s->pieces[middle].to > from)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

enum placement { PLACE_FREE, PLACE_DUPLICATE, PLACE_OVERLAPS };

/* at: where in pieces it would go; of a duplicate the first piece that it shares bytes with. */
static enum placement place_of(const struct store *s, uint32_t from, uint32_t to, uint32_t *at)
{
    uint32_t i = first_beyond(s, from);

    *at = i;
    if (i == s->n_pieces || s->pieces[i].from >= to)
        return PLACE_FREE;
    if (s->pieces[i].from > from)
        return PLACE_OVERLAPS;
    while (s->pieces[i].to < to && i + 1 < s->n_pieces && s->pieces[i + 1].from == s->pieces[i].to)
        i++;
    return s->pieces[i].to >= to ? PLACE_DUPLICATE : PLACE_OVERLAPS;
}

/* Of a duplicate. */
static bool is_same(const struct store *s, uint32_t at, uint32_t from, struct bytes payload)
{
    for (uint32_t to = from + (uint32_t)payload.len; from < to; at++) {
        const struct piece *piece = &s->pieces[at];
        uint32_t end = piece->to < to ? piece->to : to;

        if (memcmp(payload.p, s->bytes + piece->at + (from - piece->from), end - from) != 0)
            return false;
        payload = bytes_from(payload, end - from);
        from = end;
    }
    return true;
}

/* False when nothing more can be given up. The other datagrams are older or newer, never this one: it is
 * being filled. */
static bool make_room(struct defrag *d, const struct datagram *g, size_t more)
{
    while (d->held + more > d->ceiling && d->oldest != g)
        give_up(d, d->oldest);
    while (d->held + more > d->ceiling && d->oldest->newer)
        give_up(d, d->oldest->newer); /* this one is the oldest: it goes on, having come furthest */
    return d->held + more <= d->ceiling;
}

/* Doubles until it fits. */
static bool grow(struct defrag *d, struct datagram *g, struct store *s, size_t len)
{
    uint32_t max_pieces = s->max_pieces ? s->max_pieces : FIRST_PIECES;
    uint32_t max_bytes = s->max_bytes ? s->max_bytes : FIRST_BYTES;
    size_t more;
    void *p;

    while (max_pieces < s->n_pieces + 1)
        max_pieces *= 2;
    while (max_bytes < s->n_bytes + len)
        max_bytes *= 2;
    more = (max_pieces - s->max_pieces) * sizeof *s->pieces + (max_bytes - s->max_bytes);
    if (more == 0)
        return true;
    if (!make_room(d, g, more))
        return false;
    p = realloc(s->pieces, max_pieces * sizeof *s->pieces);
    if (!p)
        return false;
    d->held -= size_of(g);
    s->pieces = p;
    s->max_pieces = max_pieces;
    p = realloc(s->bytes, max_bytes);
    if (p) {
        s->bytes = p;
        s->max_bytes = max_bytes;
    }
    d->held += size_of(g);
    return p != NULL;
}

static void insert(struct store *s, uint32_t at, uint32_t from, struct bytes payload)
{
    memmove(s->pieces + at + 1, s->pieces + at, (s->n_pieces - at) * sizeof *s->pieces);
    s->pieces[at] = (struct piece){from, from + (uint32_t)payload.len, s->n_bytes};
    memcpy(s->bytes + s->n_bytes, payload.p, payload.len);
    s->n_pieces++;
    s->n_bytes += (uint32_t)payload.len;
}

/* No more of them than a datagram is long, or than there is room for: that there were any is told. */
static void keep_later(struct defrag *d, struct datagram *g, uint32_t at, uint32_t from, struct bytes payload)
{
    if (is_same(&g->first, at, from, payload))
        return;
    count(COUNT_DEFRAG_COPIES);
    if (g->later.n_bytes + payload.len <= MAX_DATAGRAM && grow(d, g, &g->later, payload.len))
        insert(&g->later, g->later.n_pieces, from, payload);
}

/* What Linux refuses before it looks at overlaps: an end that contradicts an earlier one. */
static bool ends_agree(const struct datagram *g, const struct packet *p, uint32_t to)
{
    if (p->more_fragments)
        return !g->has_last || to <= g->end;
    return g->has_last ? to == g->end : to >= g->end;
}

static void put_pieces(const struct store *s, uint8_t *to)
{
    for (const struct piece *piece = s->pieces; piece < s->pieces + s->n_pieces; piece++)
        memcpy(to + piece->from, s->bytes + piece->at, piece->to - piece->from);
}

static void put_together(struct defrag *d, const struct datagram *g, const struct packet *p,
                         struct packet *whole, struct bytes *datagram)
{
    put_pieces(&g->first, d->whole);
    if (g->later.n_pieces) {
        memcpy(d->other, d->whole, g->end);
        put_pieces(&g->later, d->other);
        d->other_len = g->end;
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

struct bytes defrag_other(const struct defrag *d)
{
    return bytes_of(d->other, d->other_len);
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

    d->other_len = 0;
    worth = worth_of(p, &len);
    if (worth != WORTH_KEEPING) {
        count(COUNT_DECODE_MALFORMED);
        if (worth == WORTH_LESS_THAN_NOTHING && (g = find(d, p, &key, &hash)))
            give_up(d, g);
        return false;
    }
    to = from + len;
    g = find_or_begin(d, p);
    if (!g) { /* memory is short */
        count_add(COUNT_DEFRAG_LOST_BYTES, len);
        return false;
    }
    place = ends_agree(g, p, to) ? place_of(&g->first, from, to, &at) : PLACE_OVERLAPS;
    if (place == PLACE_FREE && reaches_too_far(p, len)) {
        /* Nothing of it is kept but where it ends: no other end agrees with that. */
        count(COUNT_DECODE_MALFORMED);
        g->end = to;
        g->has_last |= !p->more_fragments;
        if (!grow(d, g, &g->first, 0))
            give_up(d, g);
        return false;
    }
    if (place == PLACE_OVERLAPS) {
        count(COUNT_DEFRAG_OVERLAPS);
        count_add(COUNT_DEFRAG_LOST_BYTES, len);
        forget(d, g);
        return false;
    }
    if (place == PLACE_DUPLICATE) {
        keep_later(d, g, at, from, bytes_slice(p->payload, 0, len));
        return false;
    }
    if (!grow(d, g, &g->first, len)) {
        count_add(COUNT_DEFRAG_LOST_BYTES, len);
        give_up(d, g);
        return false;
    }
    insert(&g->first, at, from, bytes_slice(p->payload, 0, len));
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

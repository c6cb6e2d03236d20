/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cursor.h"
#include "inspect/hold.h"
#include "inspect/inspector.h"

/* What stands in front of a connection that goes through somebody: a load balancer says for whom (the PROXY
 * protocol, versions 1 and 2, haproxy.org), a client says where to (SOCKS 4, 4a and 5, RFC 1928 and 1929).
 * Behind it, in each direction, another protocol begins. The prefix is given raw: a name in it is a text.
 *
 *   PROXY TCP4 192.0.2.1 198.51.100.2 40000 443 CR LF             at most 107 bytes; nothing from the server
 *   0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a | 2x | family | u16 len | addresses, TLVs
 *   client: 05 n methods, [01 len user len password,] 05 cmd 00 type address u16 port
 *   server: 05 method, [01 status,] 05 reply 00 type address u16 port
 *   client: 04 cmd u16 port, address, user 00 [host 00]           the name when the address is 0.0.0.x
 *   server: 00 code u16 port, address */

#define LINE_MAX_LEN 107
#define V2_HEAD      16
#define PREFIX_MAX   2048 /* longer ones are nonsense: TLVs are a few hundred bytes at most */
#define METHODS_MAX  10   /* IANA has nine */

enum kind { KIND_NONE, KIND_LINE, KIND_V2, KIND_SOCKS4, KIND_SOCKS5 };

enum found { FOUND_MORE, FOUND_BAD, FOUND_WHOLE };

struct proxy {
    uint8_t kind;
    struct buf held[2]; /* by direction: the prefix as far as it has come */
};

static const uint8_t v2_start[] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

static bool agrees(struct bytes b, struct bytes magic)
{
    size_t n = b.len < magic.len ? b.len : magic.len;

    return bytes_eq(bytes_slice(b, 0, n), bytes_slice(magic, 0, n));
}

/* What a cursor that has run out means, else what the reader thinks. */
static enum found found(const struct cursor *c, bool good)
{
    if (c->state == CURSOR_SHORT)
        return FOUND_MORE;
    return good && cursor_ok(c) ? FOUND_WHOLE : FOUND_BAD;
}

/* "UNKNOWN" may have any text behind it. */
static enum found line_read(struct cursor *c)
{
    struct bytes rest = cursor_rest(c);
    size_t lf = bytes_find_byte(rest, '\n');

    if (!agrees(rest, BYTES_LIT("PROXY TCP4 ")) && !agrees(rest, BYTES_LIT("PROXY TCP6 ")) &&
        !agrees(rest, BYTES_LIT("PROXY UNKNOWN")))
        return FOUND_BAD;
    if (lf == BYTES_NONE)
        return cursor_left(c) < LINE_MAX_LEN ? FOUND_MORE : FOUND_BAD;
    cursor_skip(c, lf + 1);
    return lf < LINE_MAX_LEN ? FOUND_WHOLE : FOUND_BAD;
}

static enum found v2_read(struct cursor *c)
{
    struct bytes start = cursor_take(c, sizeof v2_start);
    uint8_t version = cursor_u8(c);
    uint16_t len;
    bool good = bytes_eq(start, bytes_of(v2_start, sizeof v2_start)) && version >> 4 == 2;

    cursor_skip(c, 1);
    len = cursor_u16be(c);
    if (cursor_ok(c) && (!good || len > PREFIX_MAX - V2_HEAD))
        return FOUND_BAD;
    cursor_skip(c, len);
    return found(c, good);
}

/* The type, the address and the port that end both a request and a reply. */
static bool socks5_address(struct cursor *c)
{
    uint8_t type = cursor_u8(c);

    if (!cursor_ok(c))
        return true;
    if (type == 3)
        cursor_skip(c, cursor_u8(c));
    else if (type == 1 || type == 4)
        cursor_skip(c, type == 1 ? 4 : 16);
    else
        return false;
    cursor_skip(c, 2);
    return true;
}

static bool socks5_request(struct cursor *c)
{
    uint8_t version = cursor_u8(c), command;

    if (cursor_ok(c) && version == 1) { /* user and password (RFC 1929) */
        cursor_skip(c, cursor_u8(c));
        cursor_skip(c, cursor_u8(c));
        version = cursor_u8(c);
    }
    command = cursor_u8(c);
    cursor_skip(c, 1);
    return !cursor_ok(c) || (version == 5 && command >= 1 && command <= 3 && socks5_address(c));
}

static bool socks5_reply(struct cursor *c)
{
    uint8_t version = cursor_u8(c);

    if (cursor_ok(c) && version == 1) {
        cursor_skip(c, 1);
        version = cursor_u8(c);
    }
    cursor_skip(c, 2);
    return !cursor_ok(c) || (version == 5 && socks5_address(c));
}

static enum found socks5_read(struct cursor *c, bool from_client)
{
    uint8_t version = cursor_u8(c), n = cursor_u8(c);
    bool good = version == 5;

    if (!cursor_ok(c))
        return FOUND_MORE;
    if (from_client) {
        struct bytes methods = cursor_take(c, n);

        good = good && n && n <= METHODS_MAX;
        for (size_t i = 0; i < methods.len; i++)
            good = good && (methods.p[i] <= 9 || methods.p[i] >= 0x80);
    }
    good = good && (from_client ? socks5_request(c) : socks5_reply(c));
    return good ? found(c, true) : FOUND_BAD;
}

static void skip_text(struct cursor *c)
{
    struct bytes rest = cursor_rest(c);
    size_t end = bytes_find_byte(rest, 0);

    cursor_skip(c, end == BYTES_NONE ? rest.len + 1 : end + 1);
}

static enum found socks4_read(struct cursor *c, bool from_client)
{
    uint8_t version = cursor_u8(c), code = cursor_u8(c);
    struct bytes address;

    if (cursor_ok(c) && (from_client ? version != 4 || code < 1 || code > 2 : version != 0 || code >> 4 != 5))
        return FOUND_BAD;
    cursor_skip(c, 2);
    address = cursor_take(c, 4);
    if (!from_client)
        return found(c, true);
    skip_text(c);
    if (cursor_ok(c) && !address.p[0] && !address.p[1] && !address.p[2] && address.p[3])
        skip_text(c);
    return found(c, true);
}

/* The prefix of one direction; *len: its length when it is whole. */
static enum found prefix_read(enum kind kind, bool from_client, struct bytes b, size_t *len)
{
    struct cursor c = cursor_over(b);
    enum found f = FOUND_WHOLE; /* PROXY: the server has none */

    if (kind == KIND_SOCKS5)
        f = socks5_read(&c, from_client);
    else if (kind == KIND_SOCKS4)
        f = socks4_read(&c, from_client);
    else if (from_client)
        f = kind == KIND_V2 ? v2_read(&c) : line_read(&c);
    if (f == FOUND_MORE && b.len >= PREFIX_MAX)
        f = FOUND_BAD;
    *len = f == FOUND_WHOLE ? b.len - cursor_left(&c) : 0;
    return f;
}

/* SOCKS 5 clients wait behind their greeting: it stands alone, or the rest agrees, too. */
static bool socks5_begins(struct bytes first)
{
    size_t len;

    return first.len > 2 && first.len >= 2 + (size_t)first.p[1] &&
           prefix_read(KIND_SOCKS5, true, first, &len) != FOUND_BAD;
}

static enum kind kind_of(struct bytes first)
{
    size_t len;

    if (first.len == 0)
        return KIND_NONE;
    if (first.p[0] == 'P')
        return agrees(first, BYTES_LIT("PROXY ")) ? KIND_LINE : KIND_NONE;
    if (first.p[0] == v2_start[0])
        return agrees(first, bytes_of(v2_start, sizeof v2_start)) ? KIND_V2 : KIND_NONE;
    if (first.p[0] == 5)
        return socks5_begins(first) ? KIND_SOCKS5 : KIND_NONE;
    return first.p[0] == 4 && prefix_read(KIND_SOCKS4, true, first, &len) != FOUND_BAD ? KIND_SOCKS4
                                                                                       : KIND_NONE;
}

static enum recognition proxy_recognise(struct bytes first, uint8_t proto, bool whole)
{
    enum kind kind = proto == PROTO_TCP ? kind_of(first) : KIND_NONE;
    enum recognition unsure = whole ? RECOGNISE_NO : RECOGNISE_MORE;
    size_t len;

    if (kind == KIND_NONE)
        /* "05 n": a few bytes more tell. */
        return proto == PROTO_TCP && first.len && first.len < 2 + METHODS_MAX && first.p[0] == 5
                   ? unsure
                   : RECOGNISE_NO;
    if (kind == KIND_SOCKS5)
        return RECOGNISE_REQUEST;
    switch (prefix_read(kind, true, first, &len)) {
    case FOUND_WHOLE:
        return RECOGNISE_REQUEST;
    case FOUND_MORE:
        return unsure;
    case FOUND_BAD:
        break;
    }
    return RECOGNISE_NO;
}

static enum progress proxy_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                                bool last, size_t *used)
{
    struct proxy *p = state;
    struct buf *held = &p->held[in->from_client];
    size_t before = held->len, len;
    enum found f = FOUND_BAD;

    *used = 0;
    if (in->from_client && p->kind == KIND_NONE)
        p->kind = (uint8_t)kind_of(data);
    if (!gap && p->kind != KIND_NONE && hold_add(held, PREFIX_MAX, bytes_slice(data, 0, PREFIX_MAX - before)))
        f = prefix_read((enum kind)p->kind, in->from_client, buf_bytes(held), &len);
    if (f == FOUND_MORE && !last)
        return PROGRESS_MORE;
    if (f == FOUND_WHOLE) {
        *used = len - before;
        in->next->n_messages = 1;
        inspecting_give_raw(in, "proxy", 0, bytes_slice(buf_bytes(held), 0, len));
    } else { /* what is in data is for the raw window */
        inspecting_give_raw(in, "proxy", 0, bytes_slice(buf_bytes(held), 0, before));
    }
    hold_drop(held);
    return f == FOUND_WHOLE ? PROGRESS_CHANGE : PROGRESS_GIVE_UP;
}

static void proxy_free(void *state)
{
    struct proxy *p = state;

    hold_drop(&p->held[0]);
    hold_drop(&p->held[1]);
}

const struct inspector proxy_inspector = {
    .name = "proxy",
    .recognise = proxy_recognise,
    .state_size = sizeof(struct proxy),
    .feed = proxy_feed,
    .free_state = proxy_free,
};

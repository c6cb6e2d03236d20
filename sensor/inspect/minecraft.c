/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cursor.h"
#include "inspect/inflate.h"
#include "inspect/framed.h"

/* Minecraft (Java edition), where Log4Shell was first met: chat lines that every server and player logs.
 *
 *  packet                length   id  fields ...
 *  ... with compression  length   0   id  fields ...         below the threshold
 *                        length   n   zlib of n bytes
 *
 * Numbers are VarInts, and a length is of what follows it. Compression begins, in both directions, where the
 * server says so, which may be unseen: whatever looks compressed is tried, and given as it is, too. On
 * servers that ask for an account everything is encrypted soon after the login, and then the framing ends in
 * nonsense and the raw window takes over. */

#define VARINT_MAX 3 /* bytes of a length: packets are at most 2 MB long */

#define ID_HANDSHAKE 0

/* Short when the number is not all there, BYTES_NONE when it is longer than max bytes. */
static size_t cursor_varint(struct cursor *c, unsigned max)
{
    size_t value = 0;

    for (unsigned i = 0; i < max; i++) {
        uint8_t byte = cursor_u8(c);

        value |= (size_t)(byte & 0x7f) << 7 * i;
        if (!(byte & 0x80))
            return value;
    }
    return BYTES_NONE;
}

/* Handshake: protocol version, server's name as the player typed it, port, what is to come (1 status, 2
 * login, 3 transfer), and not a byte more. */
static bool is_handshake(struct bytes packet)
{
    struct cursor c = cursor_over(packet);
    size_t id, host_len, intent;

    (void)cursor_varint(&c, VARINT_MAX);
    id = cursor_varint(&c, VARINT_MAX);
    (void)cursor_varint(&c, 5);
    host_len = cursor_varint(&c, VARINT_MAX);
    cursor_skip(&c, host_len);
    cursor_skip(&c, 2);
    intent = cursor_varint(&c, 1);
    return cursor_ok(&c) && cursor_left(&c) == 0 && id == ID_HANDSHAKE && intent >= 1 && intent <= 3;
}

#define HANDSHAKE_MIN 8
#define HANDSHAKE_MAX 1100 /* a name of at most 255 characters, four bytes each */

static size_t packet_size(struct bytes start)
{
    struct cursor c = cursor_over(start);
    size_t len = cursor_varint(&c, VARINT_MAX);

    if (!cursor_ok(&c))
        return 0;
    return len == BYTES_NONE || len == 0 ? HOLD_NONSENSE : start.len - cursor_left(&c) + len;
}

static enum recognition minecraft_recognise(struct bytes first, uint8_t proto, bool whole)
{
    size_t size = packet_size(first);
    struct cursor c = cursor_over(first);

    if (proto != PROTO_TCP || size > HANDSHAKE_MAX || (size && size < HANDSHAKE_MIN))
        return RECOGNISE_NO;
    (void)cursor_varint(&c, VARINT_MAX);
    if (cursor_left(&c) && *cursor_rest(&c).p != ID_HANDSHAKE)
        return RECOGNISE_NO;
    if (size == 0 || first.len < size)
        return whole ? RECOGNISE_NO : RECOGNISE_MORE;
    return is_handshake(bytes_slice(first, 0, size)) ? RECOGNISE_REQUEST : RECOGNISE_NO;
}

static void give(struct framed *f, const struct inspecting *in, struct bytes packet)
{
    if (packet.len)
        inspecting_give_text(in, "minecraft", f->n[in->chunk->side], FIELD_MINECRAFT_PACKET, packet);
}

/* What is compressed as far as it can be undone. */
static void give_inflated(struct framed *f, const struct inspecting *in, struct bytes data)
{
    struct buf plain = buf_within(inflate_ceiling(data.len, in->config->app_max_inflated));

    (void)inflate_all(data, &plain);
    give(f, in, buf_bytes(&plain));
    buf_drop(&plain);
}

static void read_packet(struct framed *f, const struct inspecting *in, struct bytes packet)
{
    struct cursor c = cursor_over(packet);
    struct bytes body;

    (void)cursor_varint(&c, VARINT_MAX);
    body = cursor_rest(&c);
    (void)cursor_varint(&c, VARINT_MAX);
    if (inflate_begins(cursor_rest(&c)))
        give_inflated(f, in, cursor_rest(&c));
    give(f, in, body);
    open_join(&f->open[in->chunk->side], in, "minecraft", f->n[in->chunk->side], packet);
    open_keep(&f->open[in->chunk->side], in, body);
}

static const struct framing framing = {.app_proto = "minecraft", .size = packet_size, .packet = read_packet};

static enum progress minecraft_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                                    bool last, size_t *used)
{
    return framed_feed(state, &framing, in, data, gap, last, used);
}

const struct inspector minecraft_inspector = {
    .name = "minecraft",
    .recognise = minecraft_recognise,
    .state_size = sizeof(struct framed),
    .feed = minecraft_feed,
    .free_state = framed_free,
};

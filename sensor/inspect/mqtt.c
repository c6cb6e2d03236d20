/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cursor.h"
#include "inspect/framed.h"
#include "inspect/packed.h"

/* MQTT 3.1, 3.1.1 and 5.0 over TCP. A packet is type and flags(1), remaining length(1 to 4), and that many
 * bytes; strings have their length(2) in front. What a broker logs comes from CONNECT, PUBLISH and SUBSCRIBE;
 * any other packet, and what these hold beside their strings, is given raw. */

enum { CONNECT = 1, PUBLISH = 3, SUBSCRIBE = 8, UNSUBSCRIBE = 10 };
enum { FLAG_WILL = 0x04, FLAG_PASSWORD = 0x40, FLAG_USER = 0x80 };

#define VERSION_5   5
#define MAX_FILTERS 256 /* of one subscription; what is behind them is given raw */

struct mqtt {
    struct framed framed;
    uint8_t version;
};

struct reading {
    const struct inspecting *in;
    uint64_t number;
    bool modern; /* version 5: packets have properties */
};

/* Section 1.5.5: seven bits a byte, the lowest first. BYTES_NONE when there are more than four bytes. */
static size_t cursor_varint(struct cursor *c)
{
    size_t value = 0;

    for (unsigned shift = 0; shift < 28; shift += 7) {
        uint8_t byte = cursor_u8(c);

        value |= (size_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    return BYTES_NONE;
}

static struct bytes cursor_string(struct cursor *c)
{
    return cursor_take(c, cursor_u16be(c));
}

/* CONNECT with its protocol's name: certain enough for any port. */
static enum recognition mqtt_recognise(struct bytes first, uint8_t proto, bool whole)
{
    struct cursor c = cursor_over(first);
    uint8_t type = cursor_u8(&c);
    size_t len = cursor_varint(&c);
    struct bytes rest = cursor_rest(&c), names[] = {BYTES_LIT("\x00\x04MQTT"), BYTES_LIT("\x00\x06MQIsdp")};

    if (proto != PROTO_TCP || (first.len && type != CONNECT << 4) ||
        (cursor_ok(&c) && (len == BYTES_NONE || len < 10)))
        return RECOGNISE_NO;
    for (unsigned i = 0; cursor_ok(&c) && i < 2; i++) {
        if (bytes_starts(rest, names[i]))
            return RECOGNISE_REQUEST;
        if (bytes_starts(names[i], rest))
            return whole ? RECOGNISE_NO : RECOGNISE_MORE;
    }
    return cursor_ok(&c) || whole ? RECOGNISE_NO : RECOGNISE_MORE;
}

static void give(const struct reading *r, enum field_kind kind, struct bytes value)
{
    if (value.len)
        inspecting_give_text(r->in, "mqtt", r->number, kind, value);
}

/* What is sent, which many compress: beside it, what it becomes. */
static void give_payload(const struct reading *r, enum field_kind kind, struct bytes value)
{
    const struct field like = {
        .kind = kind, .chunk = r->in->chunk, .app_proto = "mqtt", .message = r->number};

    packed_whole(r->in->config, &like, value, r->in->fn, r->in->arg);
    give(r, kind, value);
}

static void give_raw(const struct reading *r, struct bytes value)
{
    inspecting_give_raw(r->in, "mqtt", r->number, value);
}

/* Of version 5: names and values that a client makes up are among them. */
static void read_properties(const struct reading *r, struct cursor *c)
{
    size_t len;

    if (!r->modern)
        return;
    len = cursor_varint(c);
    give_raw(r, cursor_take(c, len));
}

static void read_connect(struct reading *r, struct mqtt *m, struct cursor *c)
{
    uint8_t flags;

    (void)cursor_string(c);
    m->version = cursor_u8(c);
    r->modern = m->version == VERSION_5;
    flags = cursor_u8(c);
    cursor_skip(c, 2); /* keep alive */
    read_properties(r, c);
    give(r, FIELD_MQTT_CLIENT_ID, cursor_string(c));
    if (flags & FLAG_WILL) {
        read_properties(r, c);
        give(r, FIELD_MQTT_WILL_TOPIC, cursor_string(c));
        give_payload(r, FIELD_MQTT_WILL_MESSAGE, cursor_string(c));
    }
    if (flags & FLAG_USER)
        give(r, FIELD_MQTT_USERNAME, cursor_string(c));
    if (flags & FLAG_PASSWORD)
        give(r, FIELD_MQTT_PASSWORD, cursor_string(c));
}

static void read_publish(const struct reading *r, uint8_t flags, struct cursor *c)
{
    struct bytes topic = cursor_string(c);

    give(r, FIELD_MQTT_TOPIC, topic);
    if (flags & 0x06) /* quality of service 1 and 2: an identifier */
        cursor_skip(c, 2);
    read_properties(r, c);
    if (!cursor_ok(c))
        return;
    give_payload(r, FIELD_MQTT_MESSAGE, cursor_rest(c));
    cursor_skip(c, cursor_left(c));
}

/* Topic filters; a subscription has options(1) behind each. */
static void read_filters(const struct reading *r, bool options, struct cursor *c)
{
    cursor_skip(c, 2);
    read_properties(r, c);
    for (unsigned n = 0; n < MAX_FILTERS && cursor_left(c) && cursor_ok(c); n++) {
        give(r, FIELD_MQTT_FILTER, cursor_string(c));
        if (options)
            cursor_skip(c, 1);
    }
}

static void read_packet(struct framed *f, const struct inspecting *in, struct bytes packet)
{
    struct mqtt *m = (struct mqtt *)f; /* its first member */
    struct reading r = {.in = in, .number = f->n[in->chunk->side], .modern = m->version == VERSION_5};
    struct cursor c = cursor_over(packet);
    uint8_t head = cursor_u8(&c);

    (void)cursor_varint(&c);
    switch (head >> 4) {
    case CONNECT:
        read_connect(&r, m, &c);
        break;
    case PUBLISH:
        read_publish(&r, head & 0x0f, &c);
        break;
    case SUBSCRIBE:
        read_filters(&r, true, &c);
        break;
    case UNSUBSCRIBE:
        read_filters(&r, false, &c);
        break;
    default:
        break;
    }
    give_raw(&r, cursor_ok(&c) ? cursor_rest(&c) : packet);
    open_join(&f->open[in->chunk->side], in, "mqtt", r.number, packet);
    open_keep(&f->open[in->chunk->side], in, packet);
}

static size_t packet_size(struct bytes start)
{
    struct cursor c = cursor_over(start);
    uint8_t head = cursor_u8(&c);
    size_t len = cursor_varint(&c);

    if (start.len && head >> 4 == 0)
        return HOLD_NONSENSE;
    if (!cursor_ok(&c))
        return 0;
    return len == BYTES_NONE ? HOLD_NONSENSE : start.len - cursor_left(&c) + len;
}

static const struct framing framing = {.app_proto = "mqtt", .size = packet_size, .packet = read_packet};

static enum progress mqtt_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                               bool last, size_t *used)
{
    return framed_feed(state, &framing, in, data, gap, last, used);
}

const struct inspector mqtt_inspector = {
    .name = "mqtt",
    .recognise = mqtt_recognise,
    .state_size = sizeof(struct mqtt),
    .feed = mqtt_feed,
    .free_state = framed_free,
};

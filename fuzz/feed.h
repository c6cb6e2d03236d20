/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_FEED_H
#define FUZZ_FEED_H

#include "inspect/hold.h"
#include "inspect/inspector.h"

#include <assert.h>
#include <stdlib.h>

/* What the targets of inspectors share: the input as a datagram, and as a stream of either side in two pieces
 * with an end. Asserts what inspector.h promises, and that what is given stays in proportion to what came. */

struct feed {
    const struct inspector *inspector;
    size_t most; /* bytes that may be given for each byte of input, and as many KB in all */
    size_t given;
};

static size_t feed_hear(void *arg, const struct field *f)
{
    struct feed *feed = arg;

    assert(f->value.len > 0 || f->kind == FIELD_EMAIL_BODY);
    assert(f->kind < FIELD_N && f->fresh <= f->value.len);
    feed->given += f->value.len - f->fresh;
    return f->value.len;
}

static bool feed_piece(struct feed *feed, void *state, uint8_t proto, bool from_client, struct bytes data,
                       bool last)
{
    struct config config = {.app_max_message = 2048, .app_max_inflated = 8192};
    struct flow flow = {.id = 1, .proto = proto};
    struct chunk chunk = {.flow = &flow, .data = data, .side = from_client ? 0 : 1};
    struct hand_over next = {0};
    struct inspecting in = {.config = &config,
                            .fn = feed_hear,
                            .arg = feed,
                            .chunk = &chunk,
                            .from_client = from_client,
                            .next = &next};
    size_t used = 0;
    enum progress p = feed->inspector->feed(state, &in, data, 0, last, &used);

    assert(used <= data.len);
    return p == PROGRESS_MORE;
}

static void feed_all(struct feed *feed, uint8_t proto, bool from_client, struct bytes all)
{
    void *state = calloc(1, feed->inspector->state_size);
    size_t cut = all.len ? all.p[all.len - 1] % (all.len + 1) : 0;

    assert(state);
    feed->given = 0;
    if (proto == PROTO_UDP)
        cut = all.len;
    if (feed_piece(feed, state, proto, from_client, bytes_slice(all, 0, cut), proto == PROTO_UDP) &&
        proto == PROTO_TCP)
        (void)feed_piece(feed, state, proto, from_client, bytes_from(all, cut), true);
    assert(feed->given <= feed->most * (all.len + 1024));
    feed->inspector->free_state(state);
    free(state);
    assert(holds_bytes() == 0);
}

static int feed_input(const struct inspector *inspector, size_t most, bool udp, const uint8_t *data,
                      size_t size)
{
    struct feed feed = {.inspector = inspector, .most = most};
    struct bytes all = bytes_of(data, size);

    assert(inspector->recognise(all, PROTO_UDP, true) != RECOGNISE_MORE);
    assert(inspector->recognise(all, PROTO_TCP, true) != RECOGNISE_MORE);
    (void)inspector->recognise(all, PROTO_TCP, false);
    if (udp && size)
        feed_all(&feed, PROTO_UDP, true, all);
    feed_all(&feed, PROTO_TCP, true, all);
    feed_all(&feed, PROTO_TCP, false, all);
    return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the WebSocket inspector: both directions, in any pieces, with gaps; each input also byte by byte,
 * which must give as much text. Records: flags (1 = server, 2 = a gap in front), length (2 bytes, big
 * endian), bytes. The first byte says whether there was an upgrade (0x80). */
#include <assert.h>
#include <stdlib.h>

#include "base/count.h"
#include "base/cursor.h"
#include "config/config.h"
#include "inspect/hold.h"
#include "inspect/inspector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct config config;
    void *state;
    struct flow flow;
    bool over[2];
    uint64_t fed;
    uint64_t given[2];
    bool gaps;
};

static size_t take(void *arg, const struct field *f)
{
    struct run *r = arg;

    assert(f->chunk && f->message <= r->fed && f->fresh <= f->value.len && f->value.len <= 65536);
    if (f->kind == FIELD_RAW)
        return 100;
    assert(f->kind == FIELD_WEBSOCKET_PAYLOAD);
    r->given[f->chunk->side] += f->value.len - f->fresh;
    return f->value.len % 300; /* some lookback, any */
}

static void feed(struct run *r, unsigned side, struct bytes piece, uint64_t gap, bool last)
{
    uint8_t *exact = malloc(piece.len ? piece.len : 1);
    struct chunk chunk = {
        .flow = &r->flow, .side = side, .data = {exact, piece.len}, .gap = gap, .end = last};
    struct hand_over next = {0};
    struct inspecting in = {&r->config, 0, take, r, &chunk, side == 0, &next};
    size_t used = 0;

    assert(exact);
    if (piece.len)
        memcpy(exact, piece.p, piece.len);
    r->fed += piece.len;
    r->over[side] =
        websocket_inspector.feed(r->state, &in, chunk.data, gap, last, &used) != PROGRESS_MORE || last;
    assert(used <= piece.len);
    free(exact);
}

static void run(struct run *r, struct bytes input, size_t step)
{
    struct chunk chunk = {.flow = &r->flow, .side = 1};
    struct inspecting in = {.config = &r->config, .fn = take, .arg = r, .chunk = &chunk};
    struct cursor c = cursor_over(input);

    r->config = (struct config){.raw = true,
                                .raw_depth = 100000,
                                .http_decompress_limit = 200000,
                                .http_decompress_ratio = 50,
                                .websocket_memcap = 1 << 20};
    r->state = calloc(1, websocket_inspector.state_size);
    assert(r->state);
    if (cursor_u8(&c) & 0x80)
        websocket_inspector.begin(r->state, &in, &(struct hand_over){0});
    while (cursor_ok(&c) && cursor_left(&c)) {
        uint8_t flags = cursor_u8(&c);
        size_t len = cursor_u16be(&c);
        struct bytes piece = cursor_take(&c, len < cursor_left(&c) ? len : cursor_left(&c));
        unsigned side = flags & 1;
        uint64_t gap = flags & 2 ? (unsigned)(flags >> 3) + 1 : 0;

        r->gaps |= gap != 0;
        for (size_t at = 0; at < piece.len && !r->over[side]; at += step, gap = 0)
            feed(r, side, bytes_slice(piece, at, at + step), gap, false);
    }
    for (unsigned side = 0; side < 2; side++)
        if (!r->over[side])
            feed(r, side, (struct bytes){NULL, 0}, 0, true);
    websocket_inspector.free_state(r->state);
    free(r->state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size};
    struct run whole = {0}, single = {0};

    if (size > 20000)
        return 0;
    count_reset();
    (void)websocket_inspector.recognise(input, PROTO_TCP, false);
    assert(websocket_inspector.recognise(input, PROTO_TCP, true) != RECOGNISE_MORE);
    run(&whole, input, 65536);
    run(&single, input, 1);
    /* What is found again behind a gap, and what broken compression or a ceiling lets through, depends on the
     * pieces. */
    if (!whole.gaps && counters[COUNT_WEBSOCKET_BOMB] == 0 && counters[COUNT_WEBSOCKET_BAD_CODING] == 0)
        assert(whole.given[0] == single.given[0] && whole.given[1] == single.given[1]);
    assert(holds_bytes() == 0);
    return 0;
}

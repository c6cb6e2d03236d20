/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the HTTP/1 inspector: both directions, in any order and pieces, with gaps; each input also byte
 * by byte, which must give the same fields. Records: flags (1 = server, 2 = a gap in front, 4 = the last),
 * length (2 bytes, big endian), bytes. */

#include <assert.h>
#include <stdlib.h>

#include "base/count.h"
#include "base/cursor.h"
#include "config/config.h"
#include "inspect/hold.h"
#include "inspect/http_tx.h"
#include "inspect/inspector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct config config;
    void *state;
    struct flow flow;
    bool over[2];
    uint64_t fed, raw_fresh, numbers;
    struct buf log[FIELD_N];
    bool open[FIELD_N];
};

static size_t take_part(void *arg, const struct field *f)
{
    struct run *r = arg;

    assert(field_rows[f->kind].shape == FIELD_SHAPE_TEXT && f->parts == NULL);
    buf_add(&r->log[f->kind], f->name);
    buf_add_byte(&r->log[f->kind], '=');
    buf_add(&r->log[f->kind], f->value);
    buf_add_byte(&r->log[f->kind], '\n');
    return 0;
}

static size_t take(void *arg, const struct field *f)
{
    struct run *r = arg;
    struct buf *log = &r->log[f->kind];

    assert(f->chunk && f->http && f->message <= r->fed);
    switch (field_rows[f->kind].shape) {
    case FIELD_SHAPE_HEAD:
        assert(f->value.len && f->value.len <= 65536);
        buf_addf(log, "%llu", (unsigned long long)f->message);
        buf_add(log, f->value);
        f->parts(f, take_part, r);
        break;
    case FIELD_SHAPE_WINDOW:
        assert(f->fresh <= f->value.len && f->value.len <= 65536);
        assert(f->first != r->open[f->kind] || f->kind == FIELD_RAW);
        r->open[f->kind] = !f->last;
        buf_add(log, bytes_from(f->value, f->fresh));
        if (f->last)
            buf_addf(log, "|%d", (int)f->coding);
        break;
    case FIELD_SHAPE_RECORD:
        break;
    case FIELD_SHAPE_FACT:
        for (unsigned i = 0; i < f->attrs->n; i++)
            buf_add(log, f->attrs->v[i].value);
        buf_add(log, f->value);
        break;
    case FIELD_SHAPE_TEXT:
    case FIELD_SHAPE_PIECE:
        assert(f->value.len);
        buf_add(log, f->value);
        buf_add_byte(log, '\n');
        break;
    }
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
    enum progress progress;

    assert(exact);
    if (piece.len)
        memcpy(exact, piece.p, piece.len);
    r->fed += piece.len;
    progress = http1_inspector.feed(r->state, &in, chunk.data, gap, last, &used);
    assert(used <= piece.len);
    assert(progress == PROGRESS_CHANGE || (!next.before.len && !next.tx));
    hold_drop(&next.before);
    http_tx_release(next.tx);
    r->over[side] = last || progress != PROGRESS_MORE;
    free(exact);
}

static void feed_steps(struct run *r, unsigned side, struct bytes piece, uint64_t gap, size_t step)
{
    for (size_t at = 0; at < piece.len && !r->over[side]; at += step) {
        feed(r, side, bytes_slice(piece, at, at + step), gap, false);
        gap = 0;
    }
}

static void run(struct run *r, struct bytes input, size_t step)
{
    struct cursor c = cursor_over(input);

    r->config.raw = true;
    r->config.raw_depth = 100000;
    r->config.http_request_body_limit = 1000;
    r->config.http_response_body_limit = 500;
    r->config.http_decompress_responses = true;
    r->config.app_max_inflated = 20000;
    r->config.http_decompress_limit = 200000;
    r->config.http_decompress_ratio = 50;
    r->config.http_decompress_layers = 4;
    r->config.http_decompress_memcap = 16 << 20;
    r->state = calloc(1, http1_inspector.state_size);
    assert(r->state);
    for (unsigned i = 0; i < FIELD_N; i++)
        r->log[i] = buf_within(4 << 20);
    while (cursor_ok(&c) && cursor_left(&c)) {
        uint8_t flags = cursor_u8(&c);
        size_t len = cursor_u16be(&c);
        struct bytes piece = cursor_take(&c, len < cursor_left(&c) ? len : cursor_left(&c));
        unsigned side = flags & 1;

        feed_steps(r, side, piece, flags & 2 ? (unsigned)(flags >> 3) + 1 : 0, step);
        if ((flags & 4) && !r->over[side])
            feed(r, side, (struct bytes){NULL, 0}, 0, true);
    }
    for (unsigned side = 0; side < 2; side++)
        if (!r->over[side])
            feed(r, side, (struct bytes){NULL, 0}, 0, true);
    http1_inspector.free_state(r->state);
    free(r->state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size};
    struct run whole = {0}, single = {0};
    bool comparable;

    if (size > 20000)
        return 0;
    count_reset();
    (void)http1_inspector.recognise(input, PROTO_TCP, false);
    (void)http1_inspector.recognise(input, PROTO_TCP, true);
    run(&whole, input, 65536);
    run(&single, input, 1);
    /* Where a decompression ceiling is noticed depends on the pieces, and so does what Zstandard gives of a
     * frame before it finds it broken; everything else does not. */
    comparable = counters[COUNT_HTTP_BOMB] == 0 && counters[COUNT_HTTP_BAD_CODING] == 0;
    for (unsigned i = 0; i < FIELD_N; i++) {
        if (comparable && i != FIELD_RAW)
            assert(bytes_eq(buf_bytes(&whole.log[i]), buf_bytes(&single.log[i])));
        buf_drop(&whole.log[i]);
        buf_drop(&single.log[i]);
    }
    assert(holds_bytes() == 0);
    return 0;
}

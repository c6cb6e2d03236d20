/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the HTTP/2 inspector: both directions, in any pieces, with gaps; whatever comes is read to its
 * end, in memory that is given back. Records: flags (1 = server, 2 = a gap in front, 4 = byte by byte),
 * length (2 bytes, big endian), bytes. */
#include <assert.h>
#include <stdlib.h>

#include "base/count.h"
#include "base/cursor.h"
#include "config/config.h"
#include "inspect/hold.h"
#include "inspect/http2_hpack.h"
#include "inspect/http_tx.h"
#include "inspect/inspector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct config config;
    void *state;
    struct flow flow;
    bool over[2];
    uint64_t fed, given;
};

static size_t take_part(void *arg, const struct field *f)
{
    struct run *r = arg;

    assert(field_rows[f->kind].shape == FIELD_SHAPE_TEXT && f->parts == NULL && f->http);
    r->given += f->name.len + f->value.len;
    return 0;
}

static size_t take(void *arg, const struct field *f)
{
    struct run *r = arg;

    assert(f->chunk && f->http && f->message <= r->fed && f->chunk->flow == &r->flow);
    switch (field_rows[f->kind].shape) {
    case FIELD_SHAPE_HEAD:
        assert(f->value.len);
        f->parts(f, take_part, r);
        break;
    case FIELD_SHAPE_WINDOW:
        assert(f->fresh <= f->value.len && f->value.len <= 65536);
        break;
    case FIELD_SHAPE_RECORD:
        break;
    case FIELD_SHAPE_FACT:
        assert(f->attrs->n);
        break;
    case FIELD_SHAPE_TEXT:
    case FIELD_SHAPE_PIECE:
        abort();
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
    progress = http2_inspector.feed(r->state, &in, chunk.data, gap, last, &used);
    assert(used <= piece.len && progress != PROGRESS_CHANGE);
    /* A direction that was given up may be found again later: as inspect.c does, it is fed on. */
    r->over[side] = last;
    free(exact);
}

static void records(struct run *r, struct bytes input)
{
    struct cursor c = cursor_over(input);

    while (cursor_ok(&c) && cursor_left(&c)) {
        uint8_t flags = cursor_u8(&c);
        size_t len = cursor_u16be(&c);
        struct bytes piece = cursor_take(&c, len < cursor_left(&c) ? len : cursor_left(&c));
        uint64_t gap = flags & 2 ? (unsigned)(flags >> 3) + 1 : 0;
        size_t step = flags & 4 ? 1 : piece.len + 1;

        for (size_t at = 0; at < piece.len; at += step, gap = 0)
            feed(r, flags & 1, bytes_slice(piece, at, at + step), gap, false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size};
    struct http_view asked = {.method = BYTES_LIT("GET"), .url = BYTES_LIT("/")};
    struct hand_over from = {.tx = http_tx_new(&asked, 0)};
    struct run r = {.config = {.raw = true,
                               .raw_depth = 100000,
                               .http_request_body_limit = 1000,
                               .http_response_body_limit = 500,
                               .http_decompress_responses = true,
                               .http_decompress_limit = 200000,
                               .http_decompress_ratio = 50,
                               .http_decompress_layers = 4,
                               .http_decompress_memcap = 10 << 20,
                               .http2_max_streams = 8,
                               .http2_max_table_size = 16384,
                               .http2_memcap = 1 << 20}};

    count_reset();
    (void)http2_inspector.recognise(input, PROTO_TCP, false);
    assert(http2_inspector.recognise(input, PROTO_TCP, true) != RECOGNISE_MORE);
    r.state = calloc(1, http2_inspector.state_size);
    assert(r.state && from.tx);
    if (size && (data[0] & 0x80)) {
        struct chunk chunk = {.flow = &r.flow, .side = 1};
        struct inspecting in = {.config = &r.config, .fn = take, .arg = &r, .chunk = &chunk};

        http2_inspector.begin(r.state, &in, &from);
        r.fed = 1; /* the request that asked */
    }
    http_tx_release(from.tx);
    records(&r, input);
    for (unsigned side = 0; side < 2; side++)
        if (!r.over[side])
            feed(&r, side, (struct bytes){NULL, 0}, 0, true);
    http2_inspector.free_state(r.state);
    free(r.state);
    /* No byte becomes more than a constant: EXPANSION in http2_block.c, and what decompression may do. */
    assert(r.given <= 65536 + 160 * r.fed);
    assert(holds_bytes() == 0 && http2_hpack_bytes() == 0);
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises inspect.c with every parser behind it: pieces, gaps, ends, datagrams; nothing is held after a
 * flow. */
#include "base/count.h"
#include "base/cursor.h"
#include "inspect/hold.h"
#include "inspect/inspect.h"

#include <assert.h>

/* A record of the input: flags, length, bytes. */
enum { FLAG_SIDE = 1, FLAG_GAP = 2, FLAG_NEW_FLOW = 4, FLAG_UDP = 8, FLAG_END = 16 };

static size_t hear(void *arg, const struct field *f)
{
    (void)arg;
    assert(f->chunk && f->app_proto && f->kind < FIELD_N);
    assert(f->fresh <= f->value.len);
    assert(f->kind != FIELD_FACT || f->attrs);
    return 48;
}

struct replay {
    struct inspect *inspect;
    struct flow flow;
    bool begun[2], done[2];
};

static void say(struct replay *r, unsigned side, struct bytes data, uint64_t gap, bool end)
{
    struct chunk c = {
        .flow = &r->flow, .side = side, .data = data, .gap = gap, .begin = !r->begun[side], .end = end};

    r->begun[side] = true;
    if (inspect_chunk(r->inspect, &c) == APPETITE_ENOUGH || (end && r->flow.proto == PROTO_TCP))
        r->done[side] = true;
}

static void finish(struct replay *r)
{
    for (unsigned side = 0; side < 2; side++)
        if (r->begun[side] && !r->done[side] && r->flow.proto == PROTO_TCP)
            say(r, side, (struct bytes){0}, 0, true);
    inspect_flow_end(r->inspect, &r->flow);
    assert(!r->flow.inspect_slot);
    assert(holds_bytes() == 0);
}

static void begin(struct replay *r, uint8_t flags)
{
    *r = (struct replay){.inspect = r->inspect,
                         .flow = {.id = 1, .proto = flags & FLAG_UDP ? PROTO_UDP : PROTO_TCP}};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config = {.stream_memcap = 64 * 1024,
                            .http = true,
                            .http2 = true,
                            .websocket = true,
                            .http2_max_streams = 128,
                            .http2_max_table_size = 65536,
                            .http2_memcap = 32 << 20,
                            .websocket_memcap = 32 << 20,
                            .dns = true,
                            .ldap = true,
                            .rmi = true,
                            .raw = true,
                            .http_request_body_limit = 8192,
                            .http_response_body_limit = 8192,
                            .http_decompress_responses = true,
                            .http_decompress_limit = 16384,
                            .http_decompress_ratio = 100,
                            .http_decompress_layers = 4,
                            .http_decompress_memcap = 1 << 20,
                            .ldap_max_pdu = 4096,
                            .rmi_max_object = 4096,
                            .raw_depth = 8192};
    struct cursor c = cursor_over(bytes_of(data, size));
    struct replay r = {.inspect = inspect_new(&config, hear, NULL)};

    assert(r.inspect);
    begin(&r, size ? data[0] : 0);
    while (cursor_left(&c) > 3) {
        uint8_t flags = cursor_u8(&c);
        size_t len = cursor_u16be(&c);
        struct bytes piece = cursor_take(&c, len < cursor_left(&c) ? len : cursor_left(&c));
        unsigned side = flags & FLAG_SIDE;

        if (flags & FLAG_NEW_FLOW) {
            finish(&r);
            begin(&r, flags);
        }
        if (!r.done[side])
            say(&r, side, piece, flags & FLAG_GAP ? 100 : 0, r.flow.proto == PROTO_UDP || flags & FLAG_END);
    }
    finish(&r);
    inspect_free(r.inspect);
    return 0;
}

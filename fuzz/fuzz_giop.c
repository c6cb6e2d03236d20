/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the GIOP inspector: framing, fragments, requests, replies, object references. */
#include "inspect/hold.h"
#include "inspect/inspector.h"

#include <assert.h>
#include <stdlib.h>

static size_t hear(void *arg, const struct field *f)
{
    size_t *n_bytes = arg;

    assert(f->kind == FIELD_FACT ? f->attrs && f->attrs->n <= ATTRS_MAX : f->value.len > 0);
    *n_bytes += f->kind == FIELD_FACT ? 0 : f->value.len;
    return 0;
}

/* One side, in pieces of that size. */
static void speak(struct bytes all, size_t piece, bool from_client)
{
    struct config config = {.giop = true, .giop_max_message = 4096};
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    struct hand_over next = {0};
    void *state = calloc(1, giop_inspector.state_size);
    enum progress progress = PROGRESS_MORE;
    size_t n_bytes = 0;

    assert(state);
    for (size_t at = 0; at < all.len && progress == PROGRESS_MORE; at += piece) {
        struct chunk chunk = {.flow = &flow, .data = bytes_slice(all, at, at + piece)};
        struct inspecting in = {.config = &config,
                                .fn = hear,
                                .arg = &n_bytes,
                                .chunk = &chunk,
                                .from_client = from_client,
                                .next = &next};
        size_t used = 0;

        progress = giop_inspector.feed(state, &in, chunk.data, 0, at + piece >= all.len, &used);
        assert(used <= chunk.data.len);
    }
    giop_inspector.free_state(state);
    free(state);
    assert(holds_bytes() == 0);
    assert(n_bytes <= 3 * all.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);

    assert(giop_inspector.recognise(all, PROTO_TCP, true) != RECOGNISE_MORE);
    for (size_t cut = 0; cut < size && cut < 12; cut++) {
        enum recognition part = giop_inspector.recognise(bytes_slice(all, 0, cut), PROTO_TCP, false);

        /* What a prefix decides, more bytes do not take back. */
        if (part != RECOGNISE_MORE)
            assert(giop_inspector.recognise(bytes_slice(all, 0, cut + 1), PROTO_TCP, false) == part);
    }
    speak(all, size ? 1u + data[size - 1] % 64 : 1, true);
    speak(all, size + 1, false);
    return 0;
}

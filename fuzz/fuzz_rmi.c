/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the RMI inspector: recognition, messages without a length, sides that interrupt each other. */
#include "inspect/hold.h"
#include "inspect/inspector.h"

#include <assert.h>
#include <stdlib.h>

static size_t hear(void *arg, const struct field *f)
{
    (void)arg;
    assert(f->kind == FIELD_RMI_NAME || f->kind == FIELD_RAW || f->kind == FIELD_FACT);
    assert(f->chunk->side == 0 || f->chunk->side == 1);
    return 0;
}

/* turn: the other side speaks every so many pieces; 0 = never. */
static void converse(struct bytes all, size_t piece, size_t turn)
{
    struct config config = {.rmi = true, .rmi_max_object = 4096};
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    void *state = calloc(1, rmi_inspector.state_size);
    size_t n = 0;

    assert(state);
    for (size_t at = 0; at < all.len; at += piece, n++) {
        bool client = turn && (n / turn) & 1;
        struct chunk chunk = {.flow = &flow, .side = client, .data = bytes_slice(all, at, at + piece)};
        struct inspecting in = {.config = &config, .fn = hear, .chunk = &chunk, .from_client = client};
        size_t used = 0;

        if (rmi_inspector.feed(state, &in, chunk.data, 0, at + piece >= all.len, &used) == PROGRESS_GIVE_UP)
            assert(used <= chunk.data.len);
    }
    rmi_inspector.free_state(state);
    free(state);
    assert(holds_bytes() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);

    assert(rmi_inspector.recognise(all, PROTO_TCP, true) != RECOGNISE_MORE);
    for (size_t cut = 0; cut < size && cut < 80; cut++) {
        enum recognition part = rmi_inspector.recognise(bytes_slice(all, 0, cut), PROTO_TCP, false);

        /* What a prefix decides, more bytes do not take back. */
        if (part != RECOGNISE_MORE)
            assert(rmi_inspector.recognise(bytes_slice(all, 0, cut + 1), PROTO_TCP, false) == part);
    }
    converse(all, size + 1, 0);
    converse(all, size ? 1u + data[size - 1] : 1, 1);
    converse(all, 7, 9);
    return 0;
}

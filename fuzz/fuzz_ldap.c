/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the LDAP inspector: recognition, framing in pieces, requests and entries, also too long ones, giving up. */
#include "inspect/hold.h"
#include "inspect/inspector.h"

#include <assert.h>
#include <stdlib.h>

static size_t hear(void *arg, const struct field *f)
{
    size_t *n_bytes = arg;

    assert(f->kind == FIELD_FACT ? f->attrs && f->attrs->n <= ATTRS_MAX : f->value.len > 0 || f->last);
    *n_bytes += f->kind == FIELD_FACT ? 0 : f->value.len;
    return 0;
}

/* From both sides in turn, in pieces whose size the first byte says. */
static void converse(struct bytes all, size_t piece, size_t *n_bytes)
{
    struct config config = {.ldap = true, .ldap_max_pdu = 1024};
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    void *state = calloc(1, ldap_inspector.state_size);
    struct hand_over next = {0};
    enum progress progress = PROGRESS_MORE;

    assert(state);
    for (size_t at = 0; at < all.len && progress == PROGRESS_MORE; at += piece) {
        struct chunk chunk = {.flow = &flow, .data = bytes_slice(all, at, at + piece)};
        struct inspecting in = {.config = &config,
                                .fn = hear,
                                .arg = n_bytes,
                                .chunk = &chunk,
                                .from_client = piece & 1,
                                .next = &next};
        size_t used = 0;

        progress = ldap_inspector.feed(state, &in, chunk.data, 0, at + piece >= all.len, &used);
        assert(used <= chunk.data.len);
        if (progress == PROGRESS_GIVE_UP)
            *n_bytes += next.before.len + chunk.data.len - used; /* inspect.c gives these */
    }
    hold_drop(&next.before);
    ldap_inspector.free_state(state);
    free(state);
    assert(holds_bytes() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);
    size_t n_bytes = 0;

    assert(ldap_inspector.recognise(all, PROTO_TCP, true) != RECOGNISE_MORE);
    for (size_t cut = 0; cut < size && cut < 40; cut++) {
        enum recognition part = ldap_inspector.recognise(bytes_slice(all, 0, cut), PROTO_TCP, false);

        /* What a prefix decides, more bytes do not take back. */
        if (part == RECOGNISE_REQUEST || part == RECOGNISE_RESPONSE)
            assert(ldap_inspector.recognise(bytes_slice(all, 0, cut + 1), PROTO_TCP, false) == part);
        else if (part == RECOGNISE_NO)
            assert(ldap_inspector.recognise(bytes_slice(all, 0, cut + 1), PROTO_TCP, false) == RECOGNISE_NO);
    }
    converse(all, size ? 1u + data[0] : 1, &n_bytes);
    converse(all, size + 2, &n_bytes);
    /* Each byte is given at most a few times, however filters nest. */
    assert(n_bytes <= 8 * size);
    return 0;
}

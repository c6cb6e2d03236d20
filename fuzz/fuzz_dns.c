/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the DNS inspector: recognition, one datagram, and the same bytes as a TCP stream in two pieces.
 */
#include "inspect/hold.h"
#include "inspect/inspector.h"

#include <assert.h>
#include <stdlib.h>

struct seen {
    size_t bytes;
};

static size_t hear(void *arg, const struct field *f)
{
    struct seen *seen = arg;

    if (f->kind == FIELD_FACT)
        return 0;
    if (f->kind == FIELD_RECORD) {
        assert(f->dns && f->dns->n_answers <= DNS_VIEW_ANSWERS);
        return 0;
    }
    assert(f->kind == FIELD_DNS_RRNAME || f->kind == FIELD_DNS_RDATA || f->kind == FIELD_RAW);
    assert(f->value.len > 0);
    seen->bytes += f->value.len;
    return 0;
}

static enum progress feed(void *state, uint8_t proto, const struct config *config, struct seen *seen,
                          struct bytes data, bool last)
{
    struct flow flow = {.id = 1, .proto = proto};
    struct chunk chunk = {.flow = &flow, .data = data};
    struct inspecting in = {.config = config, .fn = hear, .arg = seen, .chunk = &chunk, .from_client = true};
    size_t used = 0;
    enum progress p = dns_inspector.feed(state, &in, data, 0, last, &used);

    assert(used <= data.len);
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config = {.dns = true, .eve_dns = true};
    struct bytes all = bytes_of(data, size);
    struct seen seen = {0};
    void *state = calloc(1, dns_inspector.state_size);
    size_t cut = size ? data[size - 1] % (size + 1) : 0;

    assert(state);
    assert(dns_inspector.recognise(all, PROTO_UDP, true) != RECOGNISE_MORE);
    assert(dns_inspector.recognise(all, PROTO_TCP, true) != RECOGNISE_MORE);
    if (size)
        (void)feed(state, PROTO_UDP, &config, &seen, all, true);
    /* However names point at each other, what is given stays in proportion. */
    assert(seen.bytes <= 4096 + 5 * size);
    if (feed(state, PROTO_TCP, &config, &seen, bytes_slice(all, 0, cut), false) == PROGRESS_MORE)
        (void)feed(state, PROTO_TCP, &config, &seen, bytes_from(all, cut), true);
    dns_inspector.free_state(state);
    free(state);
    assert(holds_bytes() == 0);
    return 0;
}

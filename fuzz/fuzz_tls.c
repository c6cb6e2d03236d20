/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the TLS handshake reader, in two pieces, and the certificate reader behind it. */
#include "inspect/hold.h"
#include "inspect/tls.h"
#include "inspect/x509.h"

#include <assert.h>
#include <stdlib.h>

static size_t hear(void *arg, const struct field *f)
{
    if (f->kind == FIELD_FACT || f->kind == FIELD_RECORD)
        return 0;
    assert(f->value.len > 0);
    *(size_t *)arg += f->value.len;
    return 0;
}

static void on_name(void *arg, enum field_kind kind, struct bytes value)
{
    assert(kind == FIELD_TLS_ISSUER || kind == FIELD_TLS_SUBJECT || kind == FIELD_TLS_SAN);
    assert(value.len > 0);
    ++*(unsigned *)arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config = {.tls_max_handshake = 8192, .eve_tls = true};
    struct bytes all = bytes_of(data, size);
    size_t clear, heard = 0, cut = size ? data[size - 1] % (size + 1) : 0;
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    struct chunk chunk = {.flow = &flow};
    struct inspecting in = {.config = &config, .fn = hear, .arg = &heard, .chunk = &chunk};
    struct tls_side *t = tls_side_new();
    enum tls_state state;
    unsigned n = 0;

    assert(t);
    (void)tls_recognise(all);
    state = tls_side_feed(t, &in, bytes_slice(all, 0, cut), &clear);
    if (state == TLS_CLEAR)
        state = tls_side_feed(t, &in, bytes_from(all, cut), &clear);
    assert(clear <= size);
    /* Names are views into what came: none can be given twice. */
    assert(heard <= size);
    assert(state == TLS_CLEAR || holds_bytes() == 0);
    tls_side_free(t);
    assert(holds_bytes() == 0);
    (void)x509_names(all, on_name, &n);
    assert(n <= X509_NAMES_MAX);
    return 0;
}

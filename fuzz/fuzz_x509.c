/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the names of a certificate: views into it, no more than are promised. */
#include "inspect/x509.h"

#include <assert.h>

struct given {
    struct bytes certificate;
    unsigned n;
};

static void on_name(void *arg, enum field_kind kind, struct bytes value)
{
    struct given *g = arg;

    assert(kind == FIELD_TLS_ISSUER || kind == FIELD_TLS_SUBJECT || kind == FIELD_TLS_SAN);
    assert(value.len > 0 && value.p >= g->certificate.p &&
           value.p + value.len <= g->certificate.p + g->certificate.len);
    g->n++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct given g = {.certificate = bytes_of(data, size)};

    (void)x509_names(g.certificate, on_name, &g);
    assert(g.n <= X509_NAMES_MAX);
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the names of a certificate: views into it, no more than are promised; and its texts, within their
 * ceiling. */
#include "inspect/x509.h"
#include "inspect/x509_text.h"

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
    struct bytes listed;
    struct x509_text t;

    assert(x509_text_read(g.certificate, &t) || !t.serial.len);
    assert(t.subject.len <= X509_TEXT_MAX && t.issuer.len <= X509_TEXT_MAX && t.fingerprint.len == 59);
    x509_text_drop(&t);
    for (unsigned i = 0; x509_of_list(g.certificate, i, &listed); i++)
        assert(listed.p + listed.len <= data + size);
    (void)x509_names(g.certificate, on_name, &g);
    assert(g.n <= X509_NAMES_MAX);
    return 0;
}

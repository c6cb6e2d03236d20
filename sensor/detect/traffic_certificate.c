/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_tx.h"
#include "inspect/x509_text.h"

/* The certificates that a TLS server (or client) shows, up to version 1.2: tls.certs has all of them, the
 * other buffers speak of the first, whose owner answers. */

struct shown {
    struct bytes list;
    struct x509_text first;
};

static bool get(void *arg, enum buffer_id id, unsigned i, struct bytes *out)
{
    const struct shown *s = arg;
    const struct buf *text = id == BUFFER_TLS_CERT_SUBJECT  ? &s->first.subject
                             : id == BUFFER_TLS_CERT_ISSUER ? &s->first.issuer
                             : id == BUFFER_TLS_CERT_SERIAL ? &s->first.serial
                                                            : &s->first.fingerprint;

    if (id == BUFFER_TLS_CERTS)
        return x509_of_list(s->list, i, out);
    *out = buf_bytes(text);
    return i == 0 && out->len;
}

void traffic_certificates(struct traffic *t, struct situation *at, const struct field *f)
{
    struct shown shown = {.list = f->value};
    struct transaction tx = {.has = TRAFFIC_CERTIFICATE_BUFFERS, .get = get, .arg = &shown};
    struct tls_view view = {.server = true};
    struct bytes first;

    if (f->tls)
        view = *f->tls;
    view.certificate = &shown.first;
    at->tls = &view;
    /* What is no certificate has a fingerprint still, as there. */
    if (x509_of_list(f->value, 0, &first))
        (void)x509_text_read(first, &shown.first);
    traffic_ask_transaction(t, at, &tx);
    at->tls = NULL;
    x509_text_drop(&shown.first);
}

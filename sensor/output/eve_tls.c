/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/x509_text.h"
#include "output/eve_record.h"
#include "output/text.h"

const char *eve_tls_version(uint16_t version)
{
    switch (version) {
    case 0x0304:
        return "TLS 1.3";
    case 0x0303:
        return "TLS 1.2";
    case 0x0302:
        return "TLS 1.1";
    case 0x0301:
        return "TLSv1";
    case 0x0300:
        return "SSLv3";
    default:
        return "UNDETERMINED";
    }
}

static void put(struct jsonw *w, const char *key, const struct buf *text)
{
    if (text->len)
        jsonw_bytes(w, key, text_cut(buf_bytes(text), EVE_RECORD_TEXT));
}

static void put_certificate(struct jsonw *w, const struct x509_text *text)
{
    put(w, "subject", &text->subject);
    put(w, "issuerdn", &text->issuer);
    put(w, "serial", &text->serial);
    put(w, "fingerprint", &text->fingerprint);
    if (text->not_before[0])
        jsonw_str(w, "notbefore", text->not_before);
    if (text->not_after[0])
        jsonw_str(w, "notafter", text->not_after);
}

/* One line for each hello: the client's has the version that it would like best, the server's the one that it
 * chose; and one for a certificate in clear. What a client shows of itself stands where Suricata has it. */
void eve_tls(struct jsonw *w, const struct tls_view *tls)
{
    jsonw_object(w, "tls");
    if (tls->sni.len)
        jsonw_bytes(w, "sni", text_cut(tls->sni, 255));
    jsonw_str(w, "version", eve_tls_version(tls->version));
    if (tls->certificate && !tls->server) {
        jsonw_object(w, "client");
        put_certificate(w, tls->certificate);
        jsonw_end_object(w);
    } else if (tls->certificate) {
        put_certificate(w, tls->certificate);
    } else if (tls->ja3[0]) {
        jsonw_object(w, tls->server ? "ja3s" : "ja3");
        jsonw_str(w, "hash", tls->ja3);
        jsonw_end_object(w);
    }
    if (tls->ja4[0])
        jsonw_str(w, "ja4", tls->ja4);
    jsonw_end_object(w);
}

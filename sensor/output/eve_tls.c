/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_record.h"
#include "output/text.h"

static const char *version_name(uint16_t version)
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

/* One line for each hello: the client's has the version that it would like best, the server's the one that it
 * chose. */
void eve_tls(struct jsonw *w, const struct tls_view *tls)
{
    jsonw_object(w, "tls");
    if (tls->sni.len)
        jsonw_bytes(w, "sni", text_cut(tls->sni, 255));
    jsonw_str(w, "version", version_name(tls->version));
    jsonw_object(w, tls->server ? "ja3s" : "ja3");
    jsonw_str(w, "hash", tls->ja3);
    jsonw_end_object(w);
    if (tls->ja4[0])
        jsonw_str(w, "ja4", tls->ja4);
    jsonw_end_object(w);
}

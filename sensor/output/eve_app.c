/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_record.h"
#include "output/text.h"

/* What an alert says of the transaction that it is about, in the objects that Suricata has for it. */

/* Where the port of "name:port" begins, or BYTES_NONE. Text that is no host name is left as it is: it may be
 * the lookup itself. */
static size_t host_port_at(struct bytes host, uint64_t *port)
{
    size_t colon = bytes_find_byte(host, ':'), after_bracket = bytes_find(host, BYTES_LIT("]:"));

    if (host.len > 0 && host.p[0] == '[' && after_bracket != BYTES_NONE)
        colon = after_bracket + 1;
    for (size_t i = 0; colon != BYTES_NONE && i < colon; i++)
        if (host.p[i] == '$' || host.p[i] == '{' || host.p[i] == '/')
            return BYTES_NONE;
    if (colon == BYTES_NONE || !bytes_to_u64(bytes_from(host, colon + 1), UINT16_MAX, port))
        return BYTES_NONE;
    return colon;
}

void eve_http_host(struct jsonw *w, struct bytes host, size_t max)
{
    uint64_t port;
    size_t at = host_port_at(host, &port);

    if (host.len == 0)
        return;
    jsonw_bytes(w, "hostname", text_cut(bytes_slice(host, 0, at), max));
    if (at != BYTES_NONE)
        jsonw_u64(w, "http_port", port);
}

static void put_http(struct jsonw *w, const struct record *r, size_t max)
{
    static const struct {
        enum record_tag tag;
        const char *key;
    } rows[] = {
        {RECORD_HTTP_URL, "url"},
        {RECORD_HTTP_USER_AGENT, "http_user_agent"},
        {RECORD_HTTP_CONTENT_TYPE, "http_content_type"},
        {RECORD_HTTP_REFERER, "http_refer"},
        {RECORD_HTTP_METHOD, "http_method"},
        {RECORD_HTTP_PROTOCOL, "protocol"},
    };

    jsonw_object(w, "http");
    eve_http_host(w, r->item[RECORD_HTTP_HOST], max);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (r->item[rows[i].tag].len > 0)
            jsonw_bytes(w, rows[i].key, text_cut(r->item[rows[i].tag], max));
    if (r->head.http_status > 0)
        jsonw_u64(w, "status", r->head.http_status);
    jsonw_u64(w, "length", r->head.http_length);
    if (r->head.http_stream > 0) {
        jsonw_str(w, "version", "2");
        jsonw_object(w, "http2");
        jsonw_u64(w, "stream_id", r->head.http_stream);
        jsonw_end_object(w);
    }
    jsonw_end_object(w);
}

/* An alert has the older form: an array of the one query, an object of the answer. */
static void put_dns(struct jsonw *w, const struct record *r, size_t max)
{
    const struct record_head *h = &r->head;
    struct dns_view view = {.response = h->has_dns == 2,
                            .id = h->dns_id,
                            .flags = h->dns_flags,
                            .type = h->dns_type,
                            .rcode = h->dns_rcode,
                            .opcode = h->dns_opcode,
                            .name = text_cut(r->item[RECORD_DNS_NAME], max)};

    jsonw_object(w, "dns");
    jsonw_u64(w, "version", 2);
    eve_dns_message(w, &view, h->message);
    jsonw_end_object(w);
}

static void put_tls(struct jsonw *w, const struct record *r, size_t max)
{
    static const struct {
        enum record_tag tag;
        const char *key;
    } rows[] = {
        {RECORD_TLS_SUBJECT, "subject"},      {RECORD_TLS_ISSUER, "issuerdn"},
        {RECORD_TLS_SERIAL, "serial"},        {RECORD_TLS_FINGERPRINT, "fingerprint"},
        {RECORD_TLS_NOT_BEFORE, "notbefore"}, {RECORD_TLS_NOT_AFTER, "notafter"},
    };
    bool inside = r->head.has_tls == RECORD_TLS_OF_CLIENT && r->item[RECORD_TLS_FINGERPRINT].len > 0;

    jsonw_object(w, "tls");
    if (r->item[RECORD_TLS_SNI].len)
        jsonw_bytes(w, "sni", text_cut(r->item[RECORD_TLS_SNI], max));
    jsonw_str(w, "version", eve_tls_version(r->head.tls_version));
    if (inside)
        jsonw_object(w, "client");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (r->item[rows[i].tag].len > 0)
            jsonw_bytes(w, rows[i].key, text_cut(r->item[rows[i].tag], max));
    if (inside)
        jsonw_end_object(w);
    if (r->item[RECORD_TLS_JA3].len) {
        jsonw_object(w, "ja3");
        jsonw_bytes(w, "hash", r->item[RECORD_TLS_JA3]);
        jsonw_end_object(w);
    }
    if (r->item[RECORD_TLS_JA4].len)
        jsonw_bytes(w, "ja4", r->item[RECORD_TLS_JA4]);
    jsonw_end_object(w);
}

void eve_app(struct jsonw *w, const struct record *r, size_t max)
{
    if (r->head.has_http)
        put_http(w, r, max);
    if (r->head.has_dns)
        put_dns(w, r, max);
    if (r->head.has_tls)
        put_tls(w, r, max);
}

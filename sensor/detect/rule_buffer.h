/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_BUFFER_H
#define DETECT_RULE_BUFFER_H

#include "base/bytes.h"

/* The sticky buffers of traffic rules: what Suricata 7 offers under the same name, holding the same bytes
 * (Suricata's rules/http-keywords, dns-keywords, tls-keywords, file-keywords; ldap.* is Suricata 8's). The
 * buffers of sighting rules are inspect/attr.h's. A name may be in both: the rest of the rule decides which
 * is meant.
 *
 * symbol, name, older names (sticky), content modifier of the same buffer, app protocol that naming it
 * implies ("" = none), directions that have it, traits, what it holds */
#define BUFFER_TS   1 /* to server */
#define BUFFER_TC   2 /* to client */
#define BUFFER_BOTH 3

#define BUFFER_MANY \
    1 /* several values per transaction: each is asked alone, and naming it twice asks twice */
#define BUFFER_STREAM 2 /* given in pieces as it grows: rule_confirm's confirm_value.before counts */

#define TRAFFIC_BUFFERS(X) \
    X(PAYLOAD, "pkt_data", "", "", "", BUFFER_BOTH, BUFFER_STREAM, \
      "the packet's payload and the reassembled stream: what is asked without any buffer") \
    X(FILE_DATA, "file.data", "file_data", "http_server_body", "", BUFFER_BOTH, BUFFER_STREAM, \
      "what is transferred: an HTTP body after its encodings, a mail's attachment") \
    X(HTTP_METHOD, "http.method", "", "http_method", "http", BUFFER_TS, 0, "request method") \
    X(HTTP_URI, "http.uri", "", "http_uri", "http", BUFFER_TS, 0, \
      "request target without scheme and host, percent-encoding undone, path made plain") \
    X(HTTP_URI_RAW, "http.uri.raw", "", "http_raw_uri", "http", BUFFER_TS, 0, "request target as sent") \
    X(HTTP_PROTOCOL, "http.protocol", "", "", "http", BUFFER_BOTH, 0, "HTTP/1.1") \
    X(HTTP_REQUEST_LINE, "http.request_line", "http_request_line", "", "http", BUFFER_TS, 0, \
      "first line of a request") \
    X(HTTP_RESPONSE_LINE, "http.response_line", "http_response_line", "", "http", BUFFER_TC, 0, \
      "first line of a response") \
    X(HTTP_HEADER, "http.header", "", "http_header", "http", BUFFER_BOTH, 0, \
      "all headers but cookies, \"Name: value\\r\\n\" each, blanks and folds made plain") \
    X(HTTP_HEADER_RAW, "http.header.raw", "", "http_raw_header", "http", BUFFER_BOTH, 0, \
      "all headers as sent, with the empty line after them") \
    X(HTTP_HEADER_NAMES, "http.header_names", "http_header_names", "", "http", BUFFER_BOTH, 0, \
      "\\r\\nName\\r\\nName\\r\\n\\r\\n") \
    X(HTTP_REQUEST_HEADER, "http.request_header", "", "", "http", BUFFER_TS, BUFFER_MANY, \
      "one value per header: \"Name: value\"") \
    X(HTTP_RESPONSE_HEADER, "http.response_header", "", "", "http", BUFFER_TC, BUFFER_MANY, \
      "one value per header: \"Name: value\"") \
    X(HTTP_COOKIE, "http.cookie", "", "http_cookie", "http", BUFFER_BOTH, 0, "Cookie; Set-Cookie") \
    X(HTTP_USER_AGENT, "http.user_agent", "", "http_user_agent", "http", BUFFER_TS, 0, "User-Agent") \
    X(HTTP_HOST, "http.host", "", "http_host", "http", BUFFER_TS, 0, \
      "host of the request in lower case, without its port") \
    X(HTTP_HOST_RAW, "http.host.raw", "", "http_raw_host", "http", BUFFER_TS, 0, \
      "host of the request as sent") \
    X(HTTP_REFERER, "http.referer", "http_referer", "", "http", BUFFER_TS, 0, "Referer") \
    X(HTTP_ACCEPT, "http.accept", "http_accept", "", "http", BUFFER_TS, 0, "Accept") \
    X(HTTP_ACCEPT_LANG, "http.accept_lang", "http_accept_lang", "", "http", BUFFER_TS, 0, "Accept-Language") \
    X(HTTP_ACCEPT_ENC, "http.accept_enc", "http_accept_enc", "", "http", BUFFER_TS, 0, "Accept-Encoding") \
    X(HTTP_CONNECTION, "http.connection", "http_connection", "", "http", BUFFER_BOTH, 0, "Connection") \
    X(HTTP_CONTENT_TYPE, "http.content_type", "http_content_type", "", "http", BUFFER_BOTH, 0, \
      "Content-Type") \
    X(HTTP_CONTENT_LEN, "http.content_len", "http_content_len", "", "http", BUFFER_BOTH, 0, \
      "Content-Length, as text") \
    X(HTTP_START, "http.start", "http_start", "", "http", BUFFER_BOTH, 0, \
      "first line and headers as sent, with the empty line after them") \
    X(HTTP_LOCATION, "http.location", "", "", "http", BUFFER_TC, 0, "Location") \
    X(HTTP_SERVER, "http.server", "", "", "http", BUFFER_TC, 0, "Server") \
    X(HTTP_STAT_CODE, "http.stat_code", "", "http_stat_code", "http", BUFFER_TC, 0, "response status: 200") \
    X(HTTP_STAT_MSG, "http.stat_msg", "", "http_stat_msg", "http", BUFFER_TC, 0, \
      "what the response says beside its status: OK") \
    X(HTTP_REQUEST_BODY, "http.request_body", "", "http_client_body", "http", BUFFER_TS, BUFFER_STREAM, \
      "body of a request") \
    X(HTTP_RESPONSE_BODY, "http.response_body", "", "", "http", BUFFER_TC, BUFFER_STREAM, \
      "body of a response after its encodings: what file.data holds of it") \
    X(DNS_QUERY, "dns.query", "dns_query", "", "dns", BUFFER_TS, BUFFER_MANY, \
      "one value per question: its name with dots, without the last one") \
    X(TLS_SNI, "tls.sni", "tls_sni", "", "tls", BUFFER_TS, 0, "server name of a TLS hello") \
    X(TLS_CERT_SUBJECT, "tls.cert_subject", "tls_cert_subject", "", "tls", BUFFER_BOTH, 0, \
      "subject of the first certificate") \
    X(TLS_CERT_ISSUER, "tls.cert_issuer", "tls_cert_issuer", "", "tls", BUFFER_BOTH, 0, \
      "issuer of the first certificate") \
    X(TLS_CERT_SERIAL, "tls.cert_serial", "tls_cert_serial", "", "tls", BUFFER_BOTH, 0, \
      "its serial number: 01:0A:...") \
    X(TLS_CERT_FINGERPRINT, "tls.cert_fingerprint", "tls_cert_fingerprint", "", "tls", BUFFER_BOTH, 0, \
      "its SHA-1: 01:0a:...") \
    X(TLS_CERTS, "tls.certs", "", "", "tls", BUFFER_BOTH, BUFFER_MANY, "one value per certificate, DER") \
    X(JA3_HASH, "ja3.hash", "ja3_hash", "", "tls", BUFFER_TS, 0, "JA3 of a TLS hello") \
    X(LDAP_REQUEST_OPERATION, "ldap.request.operation", "", "", "ldap", BUFFER_TS, 0, \
      "search_request, bind_request ...; ldap.request.operation:search_request; asks for equality") \
    X(LDAP_REQUEST_DN, "ldap.request.dn", "", "", "ldap", BUFFER_TS, 0, "bind name or search base") \
    X(LDAP_REQUEST_ATTRIBUTE_TYPE, "ldap.request.attribute_type", "", "", "ldap", BUFFER_TS, BUFFER_MANY, \
      "one value per attribute asked for") \
    X(LDAP_RESPONSES_OPERATION, "ldap.responses.operation", "", "", "ldap", BUFFER_TC, BUFFER_MANY, \
      "search_result_entry, search_result_done ...") \
    X(LDAP_RESPONSES_DN, "ldap.responses.dn", "", "", "ldap", BUFFER_TC, BUFFER_MANY, \
      "object name of an entry") \
    X(LDAP_RESPONSES_RESULT_CODE, "ldap.responses.result_code", "", "", "ldap", BUFFER_TC, BUFFER_MANY, \
      "success, no_such_object ...") \
    X(LDAP_RESPONSES_MESSAGE, "ldap.responses.message", "", "", "ldap", BUFFER_TC, BUFFER_MANY, \
      "diagnostic message of a result") \
    X(LDAP_RESPONSES_ATTRIBUTE_TYPE, "ldap.responses.attribute_type", "", "", "ldap", BUFFER_TC, \
      BUFFER_MANY, "one value per attribute of an entry")

enum buffer_id {
#define X(symbol, name, older, modifier, app, directions, traits, help) BUFFER_##symbol,
    TRAFFIC_BUFFERS(X)
#undef X
        BUFFER_N
};

struct buffer_row {
    const char *name, *older, *modifier, *app_proto;
    unsigned directions, traits;
    const char *help;
};

extern const struct buffer_row buffer_rows[BUFFER_N];

/* The buffer of that name or older name; BUFFER_N when there is none. */
enum buffer_id buffer_named(struct bytes name);

/* The buffer that an old content modifier (http_uri;) moves the content before it to; BUFFER_N. */
enum buffer_id buffer_modified(struct bytes name);

#endif

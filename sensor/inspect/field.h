/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_FIELD_H
#define INSPECT_FIELD_H

#include "inspect/attr.h"
#include "inspect/view.h"
#include "stream/stream.h"

/* A named piece of a protocol, in clear.
 *
 *  TEXT    whole, in one piece: a name, a DN. May hold a lookup.
 *  HEAD    whole, in one piece, made of parts: scanned in one go, taken apart only when something is found.
 *  WINDOW  the last bytes of something longer (a body, a raw stream), given again and again as it grows.
 *  PIECE   what follows such a window, each byte once; for rules that were written for it, and nobody else.
 *  FACT    not text at all: something the inspector understood, told by its attrs (an LDAP search, a
 *          Java class).
 *  RECORD  not text, and nothing for rules: what a transaction was, for the outputs that were asked for (dns,
 *          tls, file), or what the client of a TCP flow has begun to speak. Given only when the settings want
 *          it, or correlation.
 *
 * symbol, EVE location, shape */
#define FIELDS(X) \
    X(HTTP_REQUEST_HEAD, "http.request_head", HEAD) \
    X(HTTP_METHOD, "http.method", TEXT) \
    X(HTTP_URI, "http.uri", TEXT) \
    X(HTTP_PROTOCOL, "http.protocol", TEXT) \
    X(HTTP_REQUEST_HEADER, "http.request_header", TEXT) \
    X(HTTP_REQUEST_BODY, "http.request_body", WINDOW) \
    X(HTTP_CHUNK_EXTENSION, "http.chunk_extension", TEXT) \
    X(HTTP_RESPONSE_HEAD, "http.response_head", HEAD) \
    X(HTTP_RESPONSE_LINE, "http.response_line", TEXT) \
    X(HTTP_RESPONSE_HEADER, "http.response_header", TEXT) \
    X(HTTP_RESPONSE_BODY, "http.response_body", WINDOW) \
    X(HTTP_RESPONSE_REST, "http.response_body", PIECE) \
    X(WEBSOCKET_PAYLOAD, "websocket.payload", WINDOW) \
    X(DNS_RRNAME, "dns.rrname", TEXT) \
    X(DNS_RDATA, "dns.rdata", TEXT) \
    X(LDAP_BIND_DN, "ldap.bind_dn", TEXT) \
    X(LDAP_BIND_PASSWORD, "ldap.bind_password", TEXT) \
    X(LDAP_SEARCH_BASE, "ldap.search_base", TEXT) \
    X(LDAP_SEARCH_FILTER, "ldap.search_filter", TEXT) \
    X(RMI_NAME, "rmi.name", TEXT) \
    X(GIOP_NAME, "giop.name", TEXT) \
    X(TLS_SNI, "tls.sni", TEXT) \
    X(TLS_ALPN, "tls.alpn", TEXT) \
    X(TLS_ISSUER, "tls.issuerdn", TEXT) \
    X(TLS_SUBJECT, "tls.subject", TEXT) \
    X(TLS_SAN, "tls.subjectaltname", TEXT) \
    X(TLS_CERTIFICATES, "tls.certs", PIECE) \
    X(SYSLOG_MESSAGE, "syslog.message", TEXT) \
    X(GELF_MESSAGE, "gelf.message", TEXT) \
    X(SMTP_HELO, "smtp.helo", TEXT) \
    X(SMTP_MAIL_FROM, "smtp.mail_from", TEXT) \
    X(SMTP_RCPT_TO, "smtp.rcpt_to", TEXT) \
    X(SMTP_AUTH, "smtp.auth", TEXT) \
    X(SMTP_COMMAND, "smtp.command", TEXT) \
    X(EMAIL_HEADER, "email.header", TEXT) \
    X(EMAIL_BODY, "email.body", WINDOW) \
    X(SIP_REQUEST_LINE, "sip.request_line", TEXT) \
    X(SIP_RESPONSE_LINE, "sip.response_line", TEXT) \
    X(SIP_HEADER, "sip.header", TEXT) \
    X(SIP_BODY, "sip.body", TEXT) \
    X(MQTT_CLIENT_ID, "mqtt.connect.clientid", TEXT) \
    X(MQTT_USERNAME, "mqtt.connect.username", TEXT) \
    X(MQTT_PASSWORD, "mqtt.connect.password", TEXT) \
    X(MQTT_WILL_TOPIC, "mqtt.connect.willtopic", TEXT) \
    X(MQTT_WILL_MESSAGE, "mqtt.connect.willmessage", TEXT) \
    X(MQTT_TOPIC, "mqtt.publish.topic", TEXT) \
    X(MQTT_MESSAGE, "mqtt.publish.message", TEXT) \
    X(MQTT_FILTER, "mqtt.subscribe.topic", TEXT) \
    X(REDIS_ARGUMENT, "redis.argument", TEXT) \
    X(MINECRAFT_PACKET, "minecraft.packet", TEXT) \
    X(RAW, "raw", WINDOW) \
    X(FACT, "fact", FACT) \
    X(RECORD, "record", RECORD)

enum field_kind {
#define X(symbol, name, shape) FIELD_##symbol,
    FIELDS(X)
#undef X
        FIELD_N
};

enum field_shape {
    FIELD_SHAPE_TEXT,
    FIELD_SHAPE_HEAD,
    FIELD_SHAPE_WINDOW,
    FIELD_SHAPE_PIECE,
    FIELD_SHAPE_FACT,
    FIELD_SHAPE_RECORD
};

struct field_row {
    const char *name;
    enum field_shape shape;
};

extern const struct field_row field_rows[FIELD_N];

/* How the sender would have encoded text in this place: the encoding that the application undoes as a matter
 * of course. The resolver takes it off first. */
enum field_coding {
    FIELD_PLAIN,
    FIELD_URI,  /* percent-encoding */
    FIELD_FORM, /* application/x-www-form-urlencoded */
    FIELD_JSON,
    FIELD_XML,    /* and HTML */
    FIELD_COOKIE, /* RFC 6265 pairs, percent-encoded where a separator would stand */
};

/* What an alert says of the HTTP transaction. Views; p is NULL where nothing was seen. */
struct http_view {
    struct bytes method, url, protocol, host, user_agent, referer;
    struct bytes response_content_type;
    unsigned status;          /* 0 = no response seen */
    uint32_t stream;          /* HTTP/2's number of it; 0 = HTTP/1 */
    uint64_t response_length; /* body bytes seen so far */
};

struct field;

/* The return value: how many bytes of a WINDOW's tail the receiver wants to see again in front of the next
 * piece. Ignored for other shapes. */
typedef size_t field_fn(void *arg, const struct field *f);

struct field {
    enum field_kind kind;
    enum field_coding coding;
    struct bytes name;         /* header name; empty otherwise */
    struct bytes value;        /* borrowed for the call */
    const struct chunk *chunk; /* flow, side, time, packet */
    const char *app_proto;     /* EVE's app_proto: an inspector's name, "tls", or "failed" */
    uint64_t message; /* number of this request (or response, PDU) in the flow, from 0: EVE's tx_id */
    const struct http_view *http; /* NULL outside HTTP */

    /* WINDOW and PIECE only. */
    size_t fresh;     /* value before this offset has been given before */
    bool first, last; /* first, last piece of this body or stream */
    uint64_t wire;    /* so many bytes were sent for all of it so far; 0: as many as it has */
    uint64_t at; /* RAW: where value begins in its stream; with wire: where the text begins that became it */
    bool packed; /* compressed, and given unpacked before as the body of the same message */

    /* FACT only. */
    const struct attrs *attrs;

    /* RECORD: one of them, the others are NULL; or words: app_proto is known from here on, and all else that
     * there is to say. Once for each flow whose client spoke, or whose server gave the protocol away.
     * Elsewhere dns and tls are what an alert says of the message, as far as it has been read. */
    bool words;
    const struct file_view *file;
    const struct dns_view *dns;
    const struct tls_view *tls;

    /* HEAD only: gives the parts as TEXT fields to fn, each a view into value. */
    void (*parts)(const struct field *head, field_fn *fn, void *arg);
};

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/tls.h"

#include "base/count.h"
#include "base/cursor.h"
#include "inspect/hold.h"
#include "inspect/tls_print.h"
#include "inspect/x509.h"
#include "inspect/x509_text.h"

#include <stdlib.h>

/*  record     type(1)  version(2)  length(2)  fragment ...
 *  handshake  type(1)  length(3)   body ...               in one or more fragments */
#define RECORD_HEADER 5
#define RECORD_MAX    (16384 + 2048) /* RFC 5246 section 6.2.3; in clear no fragment is longer */
#define MESSAGE_HEAD  4

enum { RECORD_CHANGE_CIPHER = 20, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_DATA = 23 };
enum { HELLO_CLIENT = 1, HELLO_SERVER = 2, CERTIFICATE = 11 };
enum { EXTENSION_SERVER_NAME = 0, EXTENSION_ALPN = 16, EXTENSION_STATUS_V2 = 17, EXTENSION_VERSIONS = 43 };

#define MAX_NAMES        64 /* of one list in a hello: clients send one name and a handful of protocols */
#define MAX_CERTIFICATES 16

struct tls_side {
    uint16_t version;           /* that the server has chosen */
    struct buf record, message; /* holds: what is not whole yet */
    enum tls_state state;
};

enum recognition tls_recognise(struct bytes first)
{
    static const uint8_t magic[] = {RECORD_HANDSHAKE, 0x03};
    struct cursor c = cursor_over(first);
    uint8_t minor, kind;

    if (first.len < 2)
        return bytes_starts(bytes_of(magic, 2), first) ? RECOGNISE_MORE : RECOGNISE_NO;
    if (!bytes_starts(first, bytes_of(magic, 2)))
        return RECOGNISE_NO;
    cursor_skip(&c, 2);
    minor = cursor_u8(&c);
    cursor_skip(&c, 2);
    kind = cursor_u8(&c);
    if (!cursor_ok(&c))
        return RECOGNISE_MORE;
    if (minor > 4)
        return RECOGNISE_NO;
    return kind == HELLO_CLIENT   ? RECOGNISE_REQUEST
           : kind == HELLO_SERVER ? RECOGNISE_RESPONSE
                                  : RECOGNISE_NO;
}

struct tls_side *tls_side_new(void)
{
    struct tls_side *t = calloc(1, sizeof *t);

    if (!t)
        count(COUNT_INSPECT_MEMORY);
    return t;
}

void tls_side_free(struct tls_side *t)
{
    if (!t)
        return;
    hold_drop(&t->record);
    hold_drop(&t->message);
    free(t);
}

bool tls_side_idle(const struct tls_side *t)
{
    return t->record.len == 0 && t->message.len == 0;
}

static void give(const struct inspecting *in, enum field_kind kind, struct bytes value)
{
    if (value.len)
        inspecting_give_text(in, "tls", 0, kind, value);
}

/* What is kept of a client's hello while it is read. */
struct hello {
    struct bytes sni;
    bool status_v2;
};

static void give_server_name(const struct inspecting *in, struct bytes name)
{
    struct tls_view view = {.sni = name};
    struct field f = {
        .kind = FIELD_TLS_SNI, .value = name, .chunk = in->chunk, .app_proto = "tls", .tls = &view};

    if (name.len)
        (void)in->fn(in->arg, &f);
}

/* ServerNameList (RFC 6066 section 3): length(2), then type(1) length(2) name for each. The last one is
 * returned. */
static struct bytes read_server_names(const struct inspecting *in, struct bytes extension)
{
    struct cursor c = cursor_over(extension);
    struct bytes last = {NULL, 0};

    cursor_skip(&c, 2);
    for (unsigned n = 0; n < MAX_NAMES && cursor_left(&c); n++) {
        struct bytes name;

        cursor_skip(&c, 1);
        name = cursor_take(&c, cursor_u16be(&c));
        if (!cursor_ok(&c))
            break;
        give_server_name(in, name);
        last = name;
    }
    return last;
}

/* ProtocolNameList (RFC 7301 section 3.1): length(2), then length(1) name for each. */
static void read_protocols(const struct inspecting *in, struct bytes extension)
{
    struct cursor c = cursor_over(extension);

    cursor_skip(&c, 2);
    for (unsigned n = 0; n < MAX_NAMES && cursor_left(&c); n++) {
        struct bytes name = cursor_take(&c, cursor_u8(&c));

        if (!cursor_ok(&c))
            return;
        give(in, FIELD_TLS_ALPN, name);
    }
}

/* The extensions of a hello. True when the server has chosen TLS 1.3: all that follows is encrypted. */
static bool read_extensions(const struct inspecting *in, struct cursor *c, bool server, struct hello *hello)
{
    struct cursor list = cursor_sub(c, cursor_u16be(c));
    bool modern = false;

    while (cursor_left(&list)) {
        uint16_t type = cursor_u16be(&list);
        struct bytes extension = cursor_take(&list, cursor_u16be(&list));

        if (!cursor_ok(&list))
            break;
        if (type == EXTENSION_SERVER_NAME)
            hello->sni = read_server_names(in, extension);
        else if (type == EXTENSION_STATUS_V2)
            hello->status_v2 = true;
        else if (type == EXTENSION_ALPN)
            read_protocols(in, extension);
        else if (type == EXTENSION_VERSIONS && server)
            modern = bytes_eq(extension, BYTES_LIT("\x03\x04"));
    }
    return modern;
}

static void give_view(const struct inspecting *in, const struct tls_view *view)
{
    struct field f = {.kind = FIELD_RECORD, .chunk = in->chunk, .app_proto = "tls", .tls = view};

    if (in->config->eve_tls || in->wants & INSPECT_HELLOS)
        (void)in->fn(in->arg, &f);
}

/* A hello is hashed when a record of it is wanted, or when it may be a JDK's: since JDK 9 those, and hardly
 * anybody else's, ask for status_request_v2 (RFC 6961). Hashing costs as much as twenty packets. */
static void give_print(const struct inspecting *in, struct bytes body, const struct hello *hello)
{
    struct tls_view view = {.sni = hello->sni};
    struct attrs a = {.n = 0};

    if (!hello->status_v2 && !in->config->eve_tls && !(in->wants & INSPECT_PRINTS)) {
        give_view(in, &view);
        return;
    }
    if (!tls_print_client(body, &view))
        return;
    if (!view.client && hello->status_v2)
        view.client = "Java";
    if (view.client) {
        attrs_add(&a, ATTR_TLS_CLIENT, bytes_str(view.client));
        attrs_add(&a, ATTR_JA3_HASH, bytes_str(view.ja3));
        attrs_add(&a, ATTR_JA4_HASH, bytes_str(view.ja4));
        (void)in->fn(in->arg, &(struct field){.kind = FIELD_FACT,
                                              .value = hello->sni,
                                              .chunk = in->chunk,
                                              .app_proto = "tls",
                                              .attrs = &a,
                                              .tls = &view});
    }
    give_view(in, &view);
}

/* version(2) random(32) session(1+) ciphers(2+) compression(1+) extensions(2+) */
static void read_client_hello(const struct inspecting *in, struct bytes body)
{
    struct cursor c = cursor_over(body);
    struct hello hello = {.status_v2 = false};

    cursor_skip(&c, 2 + 32);
    cursor_skip(&c, cursor_u8(&c));
    cursor_skip(&c, cursor_u16be(&c));
    cursor_skip(&c, cursor_u8(&c));
    (void)read_extensions(in, &c, false, &hello);
    give_print(in, body, &hello);
}

/* version(2) random(32) session(1+) cipher(2) compression(1) extensions(2+) */
static bool read_server_hello(struct tls_side *t, const struct inspecting *in, struct bytes body)
{
    struct cursor c = cursor_over(body), front = c;
    struct tls_view view = {.server = true};
    struct hello hello;

    t->version = cursor_u16be(&front); /* of 1.3, which says otherwise, no certificate is seen */
    cursor_skip(&c, 2 + 32);
    cursor_skip(&c, cursor_u8(&c));
    cursor_skip(&c, 2 + 1);
    if (in->config->eve_tls && tls_print_server(body, &view))
        give_view(in, &view);
    return read_extensions(in, &c, true, &hello);
}

static void on_name(void *arg, enum field_kind kind, struct bytes value)
{
    give(arg, kind, value);
}

static uint32_t cursor_u24be(struct cursor *c)
{
    uint32_t high = cursor_u8(c);

    return high << 16 | cursor_u16be(c);
}

/* A record of the first certificate of the list: its owner answers. */
static void give_certificate(const struct tls_side *t, const struct inspecting *in, struct bytes list)
{
    struct tls_view view = {.server = !in->from_client, .version = t->version};
    struct x509_text text;
    struct bytes first;

    if (!in->config->eve_tls || !x509_of_list(list, 0, &first))
        return;
    if (x509_text_read(first, &text)) {
        view.certificate = &text;
        give_view(in, &view);
    }
    x509_text_drop(&text);
}

/* For rules: all of it, and what was agreed on before. */
static void give_list(const struct tls_side *t, const struct inspecting *in, struct bytes body)
{
    struct tls_view view = {.server = !in->from_client, .version = t->version};
    struct field f = {
        .kind = FIELD_TLS_CERTIFICATES, .chunk = in->chunk, .app_proto = "tls", .value = body, .tls = &view};

    (void)in->fn(in->arg, &f);
}

/* certificate_list (RFC 5246 section 7.4.2): length(3), then length(3) certificate for each. */
static void read_certificates(const struct tls_side *t, const struct inspecting *in, struct bytes body)
{
    struct cursor c = cursor_over(body);
    struct inspecting names = *in;

    if (in->wants & INSPECT_CERTIFICATES)
        give_list(t, in, body);
    cursor_skip(&c, 3);
    for (unsigned n = 0; n < MAX_CERTIFICATES && cursor_left(&c); n++) {
        struct bytes certificate = cursor_take(&c, cursor_u24be(&c));

        if (!cursor_ok(&c) || !x509_names(certificate, on_name, &names)) {
            count(COUNT_TLS_MALFORMED);
            return;
        }
    }
}

static void read_message(struct tls_side *t, const struct inspecting *in, struct bytes message)
{
    struct bytes body = bytes_from(message, MESSAGE_HEAD);

    switch (message.p[0]) {
    case HELLO_CLIENT:
        read_client_hello(in, body);
        break;
    case HELLO_SERVER:
        if (read_server_hello(t, in, body))
            t->state = TLS_ENCRYPTED;
        break;
    case CERTIFICATE:
        read_certificates(t, in, body);
        give_certificate(t, in, body);
        break;
    default:
        break; /* keys and signatures: the raw window has them */
    }
}

static size_t message_size(struct bytes start)
{
    struct cursor c = cursor_over(start);
    size_t len;

    cursor_skip(&c, 1);
    len = cursor_u24be(&c);
    return cursor_ok(&c) ? MESSAGE_HEAD + len : 0;
}

static void read_fragment(struct tls_side *t, const struct inspecting *in, struct bytes fragment)
{
    while (t->state == TLS_CLEAR && fragment.len) {
        struct bytes message;

        switch (hold_next(&t->message, in->config->tls_max_handshake, message_size, &fragment, &message)) {
        case HOLD_MESSAGE:
            read_message(t, in, message);
            hold_drop(&t->message);
            break;
        case HOLD_WAIT:
            return;
        case HOLD_BAD:
        case HOLD_TOO_LONG:
            t->state = TLS_NONSENSE;
            break;
        }
    }
}

static size_t record_size(struct bytes start)
{
    struct cursor c = cursor_over(start);
    uint8_t type = cursor_u8(&c), major = cursor_u8(&c);
    size_t len;

    cursor_skip(&c, 1);
    len = cursor_u16be(&c);
    if ((start.len > 0 && (type < RECORD_CHANGE_CIPHER || type > RECORD_DATA)) ||
        (start.len > 1 && major != 3))
        return HOLD_NONSENSE;
    if (!cursor_ok(&c))
        return 0;
    return len > RECORD_MAX ? HOLD_NONSENSE : RECORD_HEADER + len;
}

static bool is_clear(struct bytes record)
{
    return record.p[0] == RECORD_HANDSHAKE || record.p[0] == RECORD_ALERT;
}

static void read_record(struct tls_side *t, const struct inspecting *in, struct bytes record)
{
    if (record.p[0] == RECORD_HANDSHAKE)
        read_fragment(t, in, bytes_from(record, RECORD_HEADER));
    else if (!is_clear(record)) /* a warning may stand between messages, two bytes of it */
        t->state = TLS_ENCRYPTED;
}

enum tls_state tls_side_feed(struct tls_side *t, const struct inspecting *in, struct bytes data,
                             size_t *clear)
{
    struct bytes rest = data;

    *clear = 0;
    while (t->state == TLS_CLEAR && rest.len) {
        struct bytes record;

        switch (hold_next(&t->record, RECORD_HEADER + RECORD_MAX, record_size, &rest, &record)) {
        case HOLD_MESSAGE:
            read_record(t, in, record);
            if (is_clear(record))
                *clear = data.len - rest.len;
            hold_drop(&t->record);
            break;
        case HOLD_WAIT:
            *clear = data.len;
            return t->state;
        case HOLD_BAD:
        case HOLD_TOO_LONG:
            t->state = TLS_NONSENSE;
            break;
        }
    }
    if (t->state == TLS_NONSENSE)
        count(COUNT_TLS_MALFORMED);
    if (t->state != TLS_CLEAR) {
        hold_drop(&t->record);
        hold_drop(&t->message);
    }
    return t->state;
}

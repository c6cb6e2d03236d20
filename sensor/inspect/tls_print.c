/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/tls_print.h"

#include <md5.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>

/* Longer lists than any client sends are cut: a fingerprint of such a hello means nothing. */
#define LIST_MAX 128
#define TEXT_MAX (5 * (6 * LIST_MAX))

enum {
    EXT_SERVER_NAME = 0,
    EXT_GROUPS = 10,
    EXT_POINT_FORMATS = 11,
    EXT_SIGNATURES = 13,
    EXT_ALPN = 16,
    EXT_VERSIONS = 43,
};

struct list {
    unsigned n;
    uint16_t v[LIST_MAX];
};

struct hello {
    uint16_t version, best; /* of the body; the highest of supported_versions, or version */
    struct list ciphers, extensions, groups, formats, signatures;
    unsigned n_ciphers, n_extensions; /* without GREASE, as many as there were */
    bool sni;
    struct bytes alpn; /* the first protocol */
};

/* RFC 8701: values that mean nothing, drawn anew each time. */
static bool is_grease(uint16_t v)
{
    return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

static void add(struct list *l, uint16_t v)
{
    if (!is_grease(v) && l->n < LIST_MAX)
        l->v[l->n++] = v;
}

/* A list of 16-bit numbers behind its length in bytes. */
static void read_list(struct list *l, struct bytes data)
{
    struct cursor c = cursor_over(data), in = cursor_sub(&c, cursor_u16be(&c));

    while (cursor_left(&in) >= 2)
        add(l, cursor_u16be(&in));
}

static void read_formats(struct list *l, struct bytes data)
{
    struct cursor c = cursor_over(data), in = cursor_sub(&c, cursor_u8(&c));

    while (cursor_left(&in) && l->n < LIST_MAX)
        l->v[l->n++] = cursor_u8(&in);
}

static void read_versions(struct hello *h, struct bytes data)
{
    struct cursor c = cursor_over(data), in = cursor_sub(&c, cursor_u8(&c));

    while (cursor_left(&in) >= 2) {
        uint16_t v = cursor_u16be(&in);

        if (!is_grease(v) && v > h->best)
            h->best = v;
    }
}

static void read_alpn(struct hello *h, struct bytes data)
{
    struct cursor c = cursor_over(data);

    cursor_skip(&c, 2);
    h->alpn = cursor_take(&c, cursor_u8(&c));
}

static void read_extension(struct hello *h, uint16_t type, struct bytes data)
{
    switch (type) {
    case EXT_SERVER_NAME:
        h->sni = true;
        break;
    case EXT_GROUPS:
        read_list(&h->groups, data);
        break;
    case EXT_POINT_FORMATS:
        read_formats(&h->formats, data);
        break;
    case EXT_SIGNATURES:
        read_list(&h->signatures, data);
        break;
    case EXT_ALPN:
        read_alpn(h, data);
        break;
    case EXT_VERSIONS:
        read_versions(h, data);
        break;
    default:
        break;
    }
}

/* False when they do not end where they say. None at all is fine. */
static bool read_extensions(struct hello *h, struct cursor *c)
{
    struct cursor in;

    if (cursor_left(c) == 0)
        return true;
    in = cursor_sub(c, cursor_u16be(c));
    while (cursor_ok(&in) && cursor_left(&in)) {
        uint16_t type = cursor_u16be(&in);
        struct bytes data = cursor_take(&in, cursor_u16be(&in));

        if (!cursor_ok(&in))
            break;
        if (!is_grease(type))
            h->n_extensions++;
        add(&h->extensions, type);
        read_extension(h, type, data);
    }
    return cursor_ok(&in);
}

/* version(2) random(32) session(1+) ciphers(2+) compression(1+) extensions(2+) */
static bool read_client(struct hello *h, struct bytes body)
{
    struct cursor c = cursor_over(body), ciphers;

    h->version = h->best = cursor_u16be(&c);
    cursor_skip(&c, 32);
    cursor_skip(&c, cursor_u8(&c));
    ciphers = cursor_sub(&c, cursor_u16be(&c));
    while (cursor_left(&ciphers) >= 2) {
        uint16_t v = cursor_u16be(&ciphers);

        if (!is_grease(v))
            h->n_ciphers++;
        add(&h->ciphers, v);
    }
    cursor_skip(&c, cursor_u8(&c));
    return cursor_ok(&c) && cursor_left(&ciphers) == 0 && read_extensions(h, &c);
}

struct text {
    size_t len;
    char s[TEXT_MAX];
};

static void put_char(struct text *t, char c)
{
    if (t->len < sizeof t->s)
        t->s[t->len++] = c;
}

static void put_decimal(struct text *t, unsigned v)
{
    if (v >= 10)
        put_decimal(t, v / 10);
    put_char(t, (char)('0' + v % 10));
}

/* Hundreds of numbers per hello: printf would be most of the work. */
static void put_decimals(struct text *t, const struct list *l)
{
    for (unsigned i = 0; i < l->n; i++) {
        if (i)
            put_char(t, '-');
        put_decimal(t, l->v[i]);
    }
}

static void put_hex(struct text *t, const struct list *l)
{
    for (unsigned i = 0; i < l->n; i++) {
        if (i)
            put_char(t, ',');
        for (int shift = 12; shift >= 0; shift -= 4)
            put_char(t, "0123456789abcdef"[l->v[i] >> shift & 15]);
    }
}

static void md5_hex(const struct text *t, char out[TLS_JA3_TEXT])
{
    MD5Data((const uint8_t *)t->s, t->len, out);
}

/* version,ciphers,extensions,groups,formats */
static void print_ja3(const struct hello *h, char out[TLS_JA3_TEXT])
{
    struct text t;

    t.len = 0;
    put_decimal(&t, h->version);
    put_char(&t, ',');
    put_decimals(&t, &h->ciphers);
    put_char(&t, ',');
    put_decimals(&t, &h->extensions);
    put_char(&t, ',');
    put_decimals(&t, &h->groups);
    put_char(&t, ',');
    put_decimals(&t, &h->formats);
    md5_hex(&t, out);
}

static int by_value(const void *left, const void *right)
{
    uint16_t a = *(const uint16_t *)left, b = *(const uint16_t *)right;

    return a < b ? -1 : a > b;
}

static void sort(struct list *l)
{
    qsort(l->v, l->n, sizeof l->v[0], by_value);
}

/* The first twelve digits; zeros for nothing at all. */
static void sha256_short(const struct text *t, char out[13])
{
    char hex[SHA256_DIGEST_STRING_LENGTH];

    SHA256Data((const uint8_t *)t->s, t->len, hex);
    memcpy(out, t->len ? hex : "000000000000", 12);
    out[12] = 0;
}

static const char *version_name(uint16_t version)
{
    switch (version) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    default:
        return "00";
    }
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* First and last character of the first protocol; of its bytes in hex when they are no characters; "00" for
 * none. */
static void alpn_ends(struct bytes alpn, char out[3])
{
    char hex[5];

    memcpy(out, "00", 3);
    if (alpn.len == 0)
        return;
    out[0] = (char)alpn.p[0];
    out[1] = (char)alpn.p[alpn.len - 1];
    if (is_alnum(alpn.p[0]) && is_alnum(alpn.p[alpn.len - 1]))
        return;
    (void)snprintf(hex, sizeof hex, "%02x%02x", alpn.p[0], alpn.p[alpn.len - 1]);
    out[0] = hex[0];
    out[1] = hex[3];
}

/* t13d0303h2_ciphers_extensions: TCP, version, name or none, how many of each, protocol; then the sorted
 * ciphers, and the sorted extensions (without name and protocol, which depend on the server) with the
 * signature algorithms in their order. */
static void print_ja4(const struct hello *h, char out[TLS_JA4_TEXT])
{
    struct list ciphers = h->ciphers, extensions = {.n = 0};
    struct text t;
    char alpn[3], first[13], second[13];

    t.len = 0;
    sort(&ciphers);
    put_hex(&t, &ciphers);
    sha256_short(&t, first);
    for (unsigned i = 0; i < h->extensions.n; i++)
        if (h->extensions.v[i] != EXT_SERVER_NAME && h->extensions.v[i] != EXT_ALPN)
            add(&extensions, h->extensions.v[i]);
    sort(&extensions);
    t.len = 0;
    put_hex(&t, &extensions);
    if (h->signatures.n)
        put_char(&t, '_');
    put_hex(&t, &h->signatures);
    sha256_short(&t, second);
    alpn_ends(h->alpn, alpn);
    (void)snprintf(out, TLS_JA4_TEXT, "t%s%c%02u%02u%s_%s_%s", version_name(h->best), h->sni ? 'd' : 'i',
                   h->n_ciphers < 99 ? h->n_ciphers : 99, h->n_extensions < 99 ? h->n_extensions : 99, alpn,
                   first, second);
}

/* What JDKs send with their default settings, measured with Debian's OpenJDK 17.0.15 and Temurin 25.0.3, for
 * a name and for an address. The counts in front of a JA4 vary with that, so only what follows them is
 * compared. */
static const struct {
    const char *ja3, *ja4; /* ja4: the ciphers and all that follows; either may be NULL */
    const char *client;
} clients[] = {
    {"0a0d72200639a7a39887b9d81a247310", "_db35923f8641_7c76daad20ec", "Java 17"},
    {"795a08fe385896aee616d3b7236502da", NULL, "Java 17"},
    {"c6a1ca2ec5e244dddcac555d1bbb3700", "_0ca14b6c4d46_1f7ae294493e", "Java 17, TLS 1.2"},
    {"fbeb627023e77632329dcabe907afd45", NULL, "Java 17, TLS 1.2"},
    {"adbab9d5752f7c834ec405ec92e46415", "_1d947a95fc68_7e1102d2036b", "Java 25"},
    {"ea0154154790b24e85b5cc9676622c9c", NULL, "Java 25"},
    {"e91a667db6105d9ca11ecc980cd8ff6e", "_0df5e5c63df4_f30da352415d", "Java 25, TLS 1.2"},
    {"4b87071f1e281a29892a3ed863c6cff5", NULL, "Java 25, TLS 1.2"},
};

const char *tls_client_by(const char *ja3, const char *ja4)
{
    const char *tail = strchr(ja4, '_');

    for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++)
        if ((clients[i].ja3 && strcmp(ja3, clients[i].ja3) == 0) ||
            (clients[i].ja4 && tail && strcmp(tail, clients[i].ja4) == 0))
            return clients[i].client;
    return NULL;
}

bool tls_print_client(struct bytes body, struct tls_view *out)
{
    struct hello h; /* lists are valid up to their n: not zeroed */

    h.ciphers.n = h.extensions.n = h.groups.n = h.formats.n = h.signatures.n = 0;
    h.n_ciphers = h.n_extensions = 0;
    h.sni = false;
    h.alpn = (struct bytes){NULL, 0};
    out->ja3[0] = out->ja4[0] = 0;
    out->client = NULL;
    if (!read_client(&h, body))
        return false;
    out->version = h.best;
    print_ja3(&h, out->ja3);
    print_ja4(&h, out->ja4);
    out->client = tls_client_by(out->ja3, out->ja4);
    return true;
}

/* version(2) random(32) session(1+) cipher(2) compression(1) extensions(2+); JA3S: version,cipher,extensions
 */
bool tls_print_server(struct bytes body, struct tls_view *out)
{
    struct cursor c = cursor_over(body), in;
    struct list extensions = {.n = 0};
    struct text t;
    uint16_t version = cursor_u16be(&c), cipher;

    out->ja3[0] = out->ja4[0] = 0;
    out->version = version;
    cursor_skip(&c, 32);
    cursor_skip(&c, cursor_u8(&c));
    cipher = cursor_u16be(&c);
    cursor_skip(&c, 1);
    if (!cursor_ok(&c))
        return false;
    in = cursor_left(&c) ? cursor_sub(&c, cursor_u16be(&c)) : c;
    while (cursor_ok(&in) && cursor_left(&in)) {
        uint16_t type = cursor_u16be(&in);
        struct bytes data = cursor_take(&in, cursor_u16be(&in));

        if (!cursor_ok(&in))
            return false;
        if (extensions.n < LIST_MAX)
            extensions.v[extensions.n++] = type;
        if (type == EXT_VERSIONS && data.len == 2)
            out->version = (uint16_t)(data.p[0] << 8 | data.p[1]);
    }
    t.len = 0;
    put_decimal(&t, version);
    put_char(&t, ',');
    put_decimal(&t, cipher);
    put_char(&t, ',');
    put_decimals(&t, &extensions);
    md5_hex(&t, out->ja3);
    return cursor_ok(&in);
}

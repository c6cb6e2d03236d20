/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/ioc_key.h"

#include <stdio.h>
#include <xxhash.h>

#define DOMAIN_MAX 253 /* RFC 1035 2.3.4, as text without the dot at its end */
#define LABEL_MAX  63

uint64_t ioc_key_hash(const struct ioc_key *k, uint64_t seed)
{
    return XXH3_64bits_withSeed(k->bytes, k->len, seed + k->kind);
}

void ioc_key_net(struct ioc_key *k, const struct addr *a, unsigned prefix_bits)
{
    size_t len = addr_len(a);

    k->kind = IOC_NETWORK;
    k->bytes[0] = a->version;
    k->bytes[1] = (uint8_t)prefix_bits;
    for (size_t i = 0; i < len; i++) {
        unsigned kept = prefix_bits > i * 8 ? prefix_bits - (unsigned)i * 8 : 0;

        k->bytes[2 + i] = (uint8_t)(kept >= 8 ? a->b[i] : a->b[i] & (0xff00u >> kept));
    }
    k->len = (uint16_t)(2 + len);
}

static void key_text(struct ioc_key *k, enum ioc_kind kind, struct bytes text)
{
    k->kind = (uint8_t)kind;
    k->len = (uint16_t)text.len;
    for (size_t i = 0; i < text.len; i++)
        k->bytes[i] = ascii_lower(text.p[i]);
}

static struct bytes without_dot(struct bytes name)
{
    while (name.len > 0 && name.p[name.len - 1] == '.')
        name.len--;
    return name;
}

static bool is_label_byte(uint8_t c)
{
    c = ascii_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool ioc_key_domain(struct ioc_key *k, struct bytes text)
{
    size_t label = 0, n_labels = 1;
    bool digits = true; /* of the last label: then it would be half an address */

    text = without_dot(text);
    if (text.len == 0 || text.len > DOMAIN_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
            digits = true;
            n_labels++;
            continue;
        }
        if (!is_label_byte(text.p[i]) || ++label > LABEL_MAX)
            return false;
        digits = digits && text.p[i] >= '0' && text.p[i] <= '9';
    }
    if (label == 0 || digits || n_labels < 2)
        return false;
    key_text(k, IOC_DOMAIN, text);
    return true;
}

static bool key_print(struct ioc_key *k, enum ioc_kind kind, const char *text)
{
    key_text(k, kind, bytes_str(text));
    return true;
}

bool ioc_key_server(struct ioc_key *k, struct bytes host, uint16_t port)
{
    char text[DOMAIN_MAX + 16], address[ADDR_TEXT];
    struct addr a;

    if (port == 0)
        return false;
    if (addr_parse(host, &a)) {
        addr_print(&a, address);
        snprintf(text, sizeof text, a.version == 6 ? "[%s]:%u" : "%s:%u", address, port);
        return key_print(k, IOC_SERVER, text);
    }
    if (!ioc_key_domain(k, host))
        return false;
    snprintf(text, sizeof text, "%.*s:%u", (int)k->len, (const char *)k->bytes, port);
    return key_print(k, IOC_SERVER, text);
}

bool ioc_server_split(struct bytes text, struct bytes *host, uint16_t *port)
{
    size_t colon = text.len;
    uint64_t n;

    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    if (colon == 0 || !bytes_to_u64(bytes_from(text, colon), UINT16_MAX, &n))
        return false;
    *host = bytes_slice(text, 0, colon - 1);
    if (host->len > 2 && host->p[0] == '[' && host->p[host->len - 1] == ']')
        *host = bytes_slice(*host, 1, host->len - 1);
    else if (bytes_find_byte(*host, ':') != BYTES_NONE) /* the last group of an IPv6 address */
        return false;
    *port = (uint16_t)n;
    return host->len > 0;
}

/* Ports that stand for none: IANA's, and JNDI's own for rmi and the rest. */
static uint16_t default_port(struct bytes scheme)
{
    static const struct {
        struct bytes scheme;
        uint16_t port;
    } rows[] = {{BYTES_LIT("http"), 80},  {BYTES_LIT("https"), 443}, {BYTES_LIT("ftp"), 21},
                {BYTES_LIT("ldap"), 389}, {BYTES_LIT("ldaps"), 636}, {BYTES_LIT("dns"), 53},
                {BYTES_LIT("rmi"), 1099}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (bytes_eq_nocase(scheme, rows[i].scheme))
            return rows[i].port;
    return 0;
}

static bool is_scheme(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.p[i] == '.' || b.p[i] == '_' || !(is_label_byte(b.p[i]) || b.p[i] == '+'))
            return false;
    return b.len > 0 && b.len <= 16;
}

/* The authority of a URL without its user. */
static bool split_authority(struct bytes authority, struct ioc_url *out)
{
    size_t at = authority.len, colon;
    struct bytes rest;
    uint64_t port = 0;

    while (at > 0 && authority.p[at - 1] != '@')
        at--;
    rest = authority = bytes_from(authority, at);
    out->host = authority;
    if (authority.len > 0 && authority.p[0] == '[') {
        size_t end = bytes_find_byte(authority, ']');

        if (end == BYTES_NONE)
            return false;
        out->host = bytes_slice(authority, 1, end);
        rest = bytes_from(authority, end + 1);
    }
    colon = bytes_find_byte(rest, ':');
    if (rest.p == authority.p)
        out->host = bytes_slice(authority, 0, colon);
    out->port = default_port(out->scheme);
    out->port_default = true;
    if (colon != BYTES_NONE && colon + 1 < rest.len) {
        if (!bytes_to_u64(bytes_from(rest, colon + 1), UINT16_MAX, &port) || port == 0)
            return false;
        out->port_default = port == out->port;
        out->port = (uint16_t)port;
    }
    out->host = without_dot(out->host);
    return out->host.len > 0;
}

bool ioc_url_split(struct bytes text, struct ioc_url *out)
{
    size_t colon = bytes_find(text, BYTES_LIT("://")), end = 0;
    struct bytes rest;

    if (colon == BYTES_NONE)
        return false;
    out->scheme = bytes_slice(text, 0, colon);
    rest = bytes_from(text, colon + 3);
    while (end < rest.len && !memchr("/?#", rest.p[end], 3))
        end++;
    out->path = bytes_from(rest, end);
    out->path = bytes_slice(out->path, 0, bytes_find_byte(out->path, '#'));
    return is_scheme(out->scheme) && split_authority(bytes_slice(rest, 0, end), out);
}

static bool key_add(struct ioc_key *k, struct bytes b, bool lower)
{
    if (b.len > sizeof k->bytes - k->len)
        return false;
    for (size_t i = 0; i < b.len; i++)
        k->bytes[k->len + i] = lower ? ascii_lower(b.p[i]) : b.p[i];
    k->len = (uint16_t)(k->len + b.len);
    return true;
}

bool ioc_key_url(struct ioc_key *k, struct bytes text)
{
    char address[ADDR_TEXT], port[8] = "";
    struct ioc_url url;
    struct addr a;
    bool v6;

    if (!ioc_url_split(text, &url))
        return false;
    v6 = addr_parse(url.host, &a) && a.version == 6;
    if (v6) {
        addr_print(&a, address);
        url.host = bytes_str(address);
    } else if (bytes_find_byte(url.host, ':') != BYTES_NONE || bytes_find_byte(url.host, '[') != BYTES_NONE ||
               bytes_find_byte(url.host, ']') != BYTES_NONE) {
        return false; /* brackets around something that is no address */
    }
    if (!url.port_default)
        snprintf(port, sizeof port, ":%u", url.port);
    k->kind = IOC_URL;
    k->len = 0;
    return key_add(k, url.scheme, true) && key_add(k, BYTES_LIT("://"), false) &&
           key_add(k, v6 ? BYTES_LIT("[") : BYTES_LIT(""), false) && key_add(k, url.host, true) &&
           key_add(k, v6 ? BYTES_LIT("]") : BYTES_LIT(""), false) && key_add(k, bytes_str(port), false) &&
           (url.path.len > 0 && url.path.p[0] == '/' ? true : key_add(k, BYTES_LIT("/"), false)) &&
           key_add(k, url.path, false);
}

bool ioc_key_sha256(struct ioc_key *k, struct bytes text)
{
    if (text.len != 64)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (hex_value(text.p[i]) < 0)
            return false;
    key_text(k, IOC_SHA256, text);
    return true;
}

bool ioc_walk_domains(struct bytes host, size_t *at, struct ioc_key *k)
{
    struct bytes rest;

    host = without_dot(host);
    if (host.len > DOMAIN_MAX) { /* what is in front can be no listed name */
        host = bytes_from(host, host.len - DOMAIN_MAX);
        if (*at == 0)
            *at = 1;
    }
    for (; *at < host.len; ++*at)
        if (*at == 0 || host.p[*at - 1] == '.')
            break;
    rest = bytes_from(host, *at);
    if (bytes_find_byte(rest, '.') == BYTES_NONE)
        return false;
    key_text(k, IOC_DOMAIN, rest);
    ++*at;
    return true;
}

void ioc_lengths_add(struct ioc_lengths *l, unsigned version, unsigned bits)
{
    if (version == 4)
        l->v4 |= UINT64_C(1) << bits;
    else
        l->v6[bits / 64] |= UINT64_C(1) << bits % 64;
}

bool ioc_lengths_next(const struct ioc_lengths *l, unsigned version, unsigned *bits)
{
    unsigned longest = version == 4 ? 32 : 128;

    if (*bits > longest + 1)
        *bits = longest + 1;
    while (*bits > 0) {
        uint64_t word = version == 4 ? l->v4 : l->v6[--*bits / 64];

        if (version == 4)
            --*bits;
        if (word >> *bits % 64 & 1)
            return true;
    }
    return false;
}

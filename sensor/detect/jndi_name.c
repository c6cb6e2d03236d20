/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/jndi_name.h"
#include "base/addr.h"

#include <stdio.h>

/* Schemes that some JDK has (or had) a URL context for, with the port it uses when the name has none. */
static const struct {
    const char *scheme;
    uint16_t port;
} providers[] = {
    {"ldap", 389},       {"ldaps", 636}, {"rmi", 1099},
    {"dns", 53},         {"iiop", 900},  {"iiopname", 2809}, /* CORBA: up to JDK 10 */
    {"corbaname", 2809},
};

static int provider_of(struct bytes scheme, bool caseless)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        struct bytes word = bytes_str(providers[i].scheme);

        if (caseless ? bytes_eq_nocase(scheme, word) : bytes_eq(scheme, word))
            return (int)i;
    }
    return -1;
}

static void write_dotted(struct jndi_name *n, const uint8_t b[4])
{
    snprintf(n->dotted, sizeof n->dotted, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    n->host = bytes_str(n->dotted);
}

/* "3325256770", "198.3344770", "198.51.2434" and "198.051.009.130" are IPv4 addresses for
 * java.net.InetAddress (sun.net.util.IPAddressUtil): up to four decimal numbers, of which the last fills what
 * is left. */
static void write_decimal_host(struct jndi_name *n)
{
    struct bytes rest = n->host;
    uint8_t b[4] = {0};
    uint64_t v;

    if (rest.len == 0 || rest.len > 15)
        return;
    for (unsigned k = 0; k < 4; k++) {
        size_t dot = bytes_find_byte(rest, '.');
        bool last = dot == BYTES_NONE;

        if (!bytes_to_u64(bytes_slice(rest, 0, last ? rest.len : dot), last ? UINT32_MAX >> 8 * k : 255, &v))
            return;
        for (unsigned left = k; last && left < 4; left++)
            b[left] = (uint8_t)(v >> 8 * (3 - left));
        if (last) {
            write_dotted(n, b);
            return;
        }
        b[k] = (uint8_t)v;
        rest = bytes_from(rest, dot + 1);
    }
}

/* java.net.InetAddress makes an IPv4 address of ::ffff:203.0.113.9 (RFC 4291 section 2.5.5.2). */
static void write_mapped_host(struct jndi_name *n)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    struct addr a;

    if (addr_parse(n->host, &a) && a.version == 6 && memcmp(a.b, prefix, sizeof prefix) == 0)
        write_dotted(n, a.b + sizeof prefix);
}

/* An unresolved "${..}" keeps its own colons, slashes and at-signs: steps over it. */
static size_t authority_find(struct bytes b, size_t from, const char *stops)
{
    unsigned open = 0;

    for (size_t i = from; i < b.len; i++) {
        if (b.p[i] == '$' && i + 1 < b.len && b.p[i + 1] == '{') {
            open++;
            i++;
        } else if (open && b.p[i] == '}') {
            open--;
        } else if (!open && b.p[i] && strchr(stops, b.p[i])) {
            return i;
        }
    }
    return b.len;
}

/* java.net.URI refuses these, and with them 2.15.0 the name. */
static bool is_uri(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.p[i];

        if (c <= ' ' || c == 0x7f || strchr("\"<>\\^`{|}", c))
            return false;
        if (c == '%' && (i + 2 >= name.len || hex_value(name.p[i + 1]) < 0 || hex_value(name.p[i + 2]) < 0))
            return false;
    }
    return true;
}

/* CVE-2021-45046: "ldap://127.0.0.1#evil.example/a". 2.15.0 asks java.net.URI for the host, for which the "#"
 * ends the authority, and lets its own host pass; JDKs of the time then resolved all of
 * "127.0.0.1#evil.example". */
static bool passes_for_local(struct bytes name, struct bytes scheme, struct bytes rest)
{
    size_t fragment = bytes_find_byte(rest, '#'), end;
    struct bytes host;

    if (!bytes_eq_nocase(scheme, BYTES_LIT("ldap")) && !bytes_eq_nocase(scheme, BYTES_LIT("ldaps")))
        return false;
    if (fragment == BYTES_NONE || fragment + 1 >= rest.len || !is_uri(name) ||
        bytes_find_byte(bytes_from(rest, fragment + 1), '#') != BYTES_NONE)
        return false;
    host = bytes_slice(rest, 2, fragment);
    end = authority_find(host, 0, "/?");
    if (end < host.len)
        return false; /* the path has begun: old and new parsers agree */
    end = authority_find(host, 0, "@");
    if (end < host.len)
        host = bytes_from(host, end + 1);
    host = bytes_slice(host, 0, bytes_find_byte(host, ':'));
    return bytes_eq(host, BYTES_LIT("127.0.0.1")) || bytes_eq(host, BYTES_LIT("localhost"));
}

static void parse_authority(struct bytes authority, struct jndi_name *n)
{
    size_t at = authority_find(authority, 0, "@"), end;
    uint64_t port;

    if (at < authority.len) {
        n->user = bytes_slice(authority, 0, at);
        authority = bytes_from(authority, at + 1);
    }
    /* What stands behind a "#" is the attacker's own name: see passes_for_local. */
    at = bytes_find_byte(authority, '#');
    if (at != BYTES_NONE && at + 1 < authority.len)
        authority = bytes_from(authority, at + 1);
    if (authority.len && authority.p[0] == '[') {
        end = bytes_find_byte(authority, ']');
        n->host = bytes_slice(authority, 1, end);
        write_mapped_host(n);
        authority = end == BYTES_NONE ? bytes_of(NULL, 0) : bytes_from(authority, end + 1);
        end = authority.len && authority.p[0] == ':' ? 0 : authority.len;
    } else {
        end = authority_find(authority, 0, ":");
        n->host = bytes_slice(authority, 0, end);
        write_decimal_host(n);
    }
    if (end < authority.len && bytes_to_u64(bytes_from(authority, end + 1), 65535, &port) && port > 0)
        n->port = (uint16_t)port;
}

void jndi_name_parse(struct bytes name, struct jndi_name *out)
{
    size_t colon = bytes_find_byte(name, ':'), end;
    struct bytes rest;
    int provider;
    bool is_dns;

    memset(out, 0, sizeof *out);
    if (colon == BYTES_NONE) {
        out->scheme = BYTES_LIT("java");
        out->path = name;
        out->ineffective = "a name without a scheme stays in the container (java:comp/env)";
        return;
    }
    out->scheme = bytes_slice(name, 0, colon);
    rest = bytes_from(name, colon + 1);
    provider = provider_of(out->scheme, true);
    is_dns = provider >= 0 && strcmp(providers[provider].scheme, "dns") == 0;
    out->port = provider >= 0 ? providers[provider].port : 0;
    if (bytes_starts(rest, BYTES_LIT("//"))) {
        end = authority_find(rest, 2, "/?");
        parse_authority(bytes_slice(rest, 2, end), out);
        out->local_bypass = passes_for_local(name, out->scheme, rest);
        out->path = bytes_from(rest, end < rest.len && rest.p[end] == '/' ? end + 1 : end);
    } else {
        out->path = bytes_from(rest, rest.len && rest.p[0] == '/');
    }

    if (provider < 0)
        out->ineffective = "no JDK has a provider for this scheme";
    else if (provider_of(out->scheme, false) < 0)
        out->ineffective = "the scheme is case-sensitive: no provider has this spelling";
    else if (out->host.len == 0 && !is_dns)
        out->ineffective = "no host: the JDK asks its own machine";
    else if (bytes_starts_nocase(out->scheme, BYTES_LIT("ldap")) &&
             bytes_find_byte(out->path, '?') != BYTES_NONE)
        out->ineffective = "a query in an LDAP URL is refused before anything is sent";
    else if (bytes_find_byte(out->host, ' ') != BYTES_NONE)
        out->ineffective = "a blank in the host is refused";
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_uri.h"

#define REPLACEMENT '?' /* for a character that has no byte of its own */

/* The first of some bytes, or the end. */
static size_t find_any(struct bytes b, size_t from, const char *set)
{
    size_t at = b.len;

    for (; *set; set++) {
        size_t found = bytes_find_byte(bytes_slice(b, from, at), (uint8_t)*set);

        if (found != BYTES_NONE)
            at = from + found;
    }
    return at;
}

/* The host of "user:password@host:port". */
static struct bytes host_of(struct bytes authority)
{
    size_t at = bytes_find_byte(authority, '@'), end;

    if (at != BYTES_NONE)
        authority = bytes_from(authority, at + 1);
    if (authority.len && authority.p[0] == '[') {
        end = bytes_find_byte(authority, ']');
        return bytes_slice(authority, 0, end == BYTES_NONE ? end : end + 1);
    }
    return bytes_slice(authority, 0, bytes_find_byte(authority, ':'));
}

void uri_split(struct bytes target, struct uri_parts *out)
{
    size_t at = 0, end, colon = bytes_find_byte(target, ':');
    bool scheme = target.len && target.p[0] != '/' && colon != BYTES_NONE;

    *out = (struct uri_parts){0};
    if (scheme)
        at = colon + 1;
    /* Three slashes begin a path, two an authority, where a scheme stood before. */
    if (scheme && at + 2 < target.len && target.p[at] == '/' && target.p[at + 1] == '/' &&
        target.p[at + 2] != '/') {
        end = find_any(target, at + 2, "/?#");
        out->host = host_of(bytes_slice(target, at + 2, end));
        at = end;
    }
    end = find_any(target, at, "?#");
    if (end > at)
        out->path = bytes_slice(target, at, end);
    at = end;
    if (at < target.len && target.p[at] == '?') {
        end = find_any(target, at, "#");
        out->query = bytes_slice(target, at + 1, end);
        at = end;
    }
    if (at < target.len)
        out->fragment = bytes_from(target, at + 1);
}

/* n hex digits at offset at; -1 when they are not there. */
static int hex_at(struct bytes b, size_t at, unsigned n)
{
    int value = 0;

    if (at > b.len || n > b.len - at)
        return -1;
    for (unsigned i = 0; i < n; i++) {
        int digit = hex_value(b.p[at + i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The byte that stands for a character: itself, or what looks like it. */
static uint8_t best_fit(unsigned c)
{
    if (c < 0x100)
        return (uint8_t)c;
    return c >= 0xff01 && c <= 0xff5e ? (uint8_t)(c - 0xff00 + 0x20) : REPLACEMENT;
}

/* The next byte of a text in percent-encoding; an escape that is none stays as it is. */
static uint8_t unescape(struct bytes b, size_t *at, bool unicode)
{
    uint8_t c = b.p[*at];
    int value;

    if (c == '%' && unicode && *at + 1 < b.len && ascii_lower(b.p[*at + 1]) == 'u') {
        value = hex_at(b, *at + 2, 4);
        *at += value < 0 ? 1 : 6;
        return value < 0 ? c : best_fit((unsigned)value);
    }
    value = c == '%' ? hex_at(b, *at + 1, 2) : -1;
    *at += value < 0 ? 1 : 3;
    return value < 0 ? c : (uint8_t)value;
}

static size_t decode(struct bytes b, uint8_t *out)
{
    size_t n = 0, plain;

    for (size_t at = 0; at < b.len;) {
        plain = find_any(b, at, "%") - at;
        if (plain)
            memcpy(out + n, b.p + at, plain);
        n += plain;
        at += plain;
        if (at < b.len)
            out[n++] = unescape(b, &at, false);
    }
    return n;
}

/* Backslashes are slashes, and several are one. */
static size_t decode_path(struct bytes b, uint8_t *out)
{
    size_t n = 0;

    for (size_t at = 0; at < b.len;) {
        uint8_t c = unescape(b, &at, true);

        if (c == '\\')
            c = '/';
        if (c != '/' || n == 0 || out[n - 1] != '/')
            out[n++] = c;
    }
    return n;
}

/* Bytes that follow the first of a character (RFC 3629, overlong forms included); -1: none begins so. */
static int followers(uint8_t c)
{
    if (c < 0x80)
        return 0;
    if (c >= 0xc0 && c < 0xe0)
        return 1;
    if (c >= 0xe0 && c < 0xf0)
        return 2;
    return c >= 0xf0 && c < 0xf8 ? 3 : -1;
}

/* In place. A character cut at the end is lost, what is no UTF-8 is replaced. */
static size_t flatten_utf8(uint8_t *p, size_t len)
{
    size_t n = 0;

    for (size_t at = 0; at < len;) {
        int more = followers(p[at]);
        unsigned c = more > 0 ? p[at] & (0x3fu >> more) : p[at];
        size_t next = at + 1;

        if (more <= 0) {
            p[n++] = more < 0 ? REPLACEMENT : p[at];
            at = next;
            continue;
        }
        for (; more && next < len && (p[next] & 0xc0) == 0x80; more--, next++)
            c = c << 6 | (p[next] & 0x3fu);
        if (more && next == len)
            return n;
        p[n++] = more ? REPLACEMENT : best_fit(c);
        at = next;
    }
    return n;
}

static size_t drop_segment(const uint8_t *p, size_t n)
{
    while (n > 0 && p[n - 1] != '/')
        n--;
    return n > 0 ? n - 1 : 0;
}

static bool is_dots(const uint8_t *p, size_t len, unsigned n)
{
    return len == n && memcmp(p, "..", n) == 0;
}

/* Dot segments go (RFC 3986 5.2.4, but a path that ends in one keeps no slash for it). In place. */
static size_t drop_dots(uint8_t *p, size_t len)
{
    size_t n = 0, at = 0, end;

    while (at + 1 < len && (memcmp(p + at, "./", 2) == 0 || (at + 2 < len && memcmp(p + at, "../", 3) == 0)))
        at += p[at + 1] == '/' ? 2 : 3;
    if (is_dots(p + at, len - at, 1) || is_dots(p + at, len - at, 2))
        return 0;
    for (; at < len; at = end) {
        bool slash = p[at] == '/';

        for (end = at + 1; end < len && p[end] != '/';)
            end++;
        if (slash && is_dots(p + at + 1, end - at - 1, 1))
            continue;
        if (slash && is_dots(p + at + 1, end - at - 1, 2)) {
            n = drop_segment(p, n);
            continue;
        }
        memmove(p + n, p + at, end - at);
        n += end - at;
    }
    return n;
}

/* A path that is written as it is meant. Slashes and dots side by side are left to who knows them. */
static bool is_plain(struct bytes path)
{
    uint8_t before = 0;

    for (size_t i = 0; i < path.len; i++) {
        uint8_t c = path.p[i];

        if (c == '%' || c == '\\' || c >= 0x80 ||
            ((c == '/' || c == '.') && (before == '/' || before == '.')))
            return false;
        before = c;
    }
    return path.len > 0 && path.p[0] == '/';
}

static size_t normal_path(struct bytes path, uint8_t *out)
{
    if (!is_plain(path))
        return drop_dots(out, flatten_utf8(out, decode_path(path, out)));
    memcpy(out, path.p, path.len);
    return path.len;
}

size_t uri_normal(struct bytes target, uint8_t *out)
{
    struct uri_parts parts;
    size_t n = 0;

    uri_split(target, &parts);
    if (!parts.path.p && !parts.query.p && !parts.fragment.p)
        return BYTES_NONE;
    if (parts.path.p)
        n = normal_path(parts.path, out);
    if (parts.query.p) {
        out[n++] = '?';
        n += decode(parts.query, out + n);
    }
    if (parts.fragment.p) {
        out[n++] = '#';
        n += decode(parts.fragment, out + n);
    }
    return n;
}

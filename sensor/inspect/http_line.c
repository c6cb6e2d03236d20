/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_line.h"

/* Methods that may stand before a path without a version: RFC 9110, RFC 5789, RFC 4918 and kin. Case matters,
 * as it does to servers. */
static const char *const known_methods[] = {
    "GET",  "HEAD", "POST", "PUT",    "DELETE",   "CONNECT",   "OPTIONS", "TRACE",  "PATCH",
    "COPY", "MOVE", "LOCK", "UNLOCK", "PROPFIND", "PROPPATCH", "MKCOL",   "REPORT", "SEARCH",
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool is_token(uint8_t c)
{
    static const char others[] = "!#$%&'*+-.^_`|~"; /* RFC 9110 5.6.2 */

    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           (c && strchr(others, c) != NULL);
}

static size_t blank_find(struct bytes b)
{
    size_t at = 0;

    while (at < b.len && !is_blank(b.p[at]))
        at++;
    return at;
}

/* Offset of the last blank with HTTP/ behind it, or BYTES_NONE. */
static size_t protocol_find(struct bytes line)
{
    for (size_t at = line.len; at-- > 0;)
        if (is_blank(line.p[at]) && bytes_starts_nocase(bytes_from(line, at + 1), BYTES_LIT("HTTP/")))
            return at;
    return BYTES_NONE;
}

static bool is_known_method(struct bytes method)
{
    for (size_t i = 0; i < sizeof known_methods / sizeof *known_methods; i++)
        if (bytes_eq(method, bytes_str(known_methods[i])))
            return true;
    return false;
}

/* A known method before a path or a URL. */
static bool begins_known(struct bytes line)
{
    size_t blank = blank_find(line);
    struct bytes target = bytes_trim(bytes_from(line, blank));

    return blank < line.len && is_known_method(bytes_slice(line, 0, blank)) &&
           (bytes_starts(target, BYTES_LIT("/")) || bytes_starts_nocase(target, BYTES_LIT("http://")) ||
            bytes_starts_nocase(target, BYTES_LIT("https://")));
}

static bool has_control(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.p[i] < 0x20 || b.p[i] == 0x7f)
            return true;
    return false;
}

bool http_line_is_request(struct bytes line)
{
    struct bytes word;
    size_t blank, protocol;

    line = bytes_trim(line);
    blank = blank_find(line);
    /* A syslog line (RFC 5424) may well end in a request that it reports. */
    if (blank == line.len || line.p[0] == '<' || has_control(bytes_slice(line, 0, blank)))
        return false;
    word = line;
    for (size_t i = blank; i < line.len; i++)
        if (is_blank(line.p[i]))
            word = bytes_from(line, i + 1);
    if (bytes_starts_nocase(word, BYTES_LIT("SIP/")) || bytes_starts_nocase(word, BYTES_LIT("RTSP/")) ||
        bytes_starts(line, BYTES_LIT("PRI * HTTP/2")))
        return false;
    protocol = protocol_find(line);
    return (protocol != BYTES_NONE && protocol + 1 == line.len - word.len) || begins_known(line);
}

bool http_line_is_common(struct bytes line)
{
    size_t version = line.len - (line.len < 9 ? line.len : 9);

    return (bytes_starts(line, BYTES_LIT("GET /")) || bytes_starts(line, BYTES_LIT("POST /"))) &&
           bytes_starts(bytes_from(line, version), BYTES_LIT(" HTTP/1.")) && line.p[line.len - 1] >= '0' &&
           line.p[line.len - 1] <= '9';
}

bool http_line_may_be_request(struct bytes start)
{
    size_t at = 0;

    while (at < start.len && at <= HTTP_METHOD_MAX && is_token(start.p[at]))
        at++;
    return at == start.len ? at <= HTTP_METHOD_MAX : at > 0 && is_blank(start.p[at]);
}

bool http_line_begins_request(struct bytes start)
{
    return begins_known(bytes_trim(start));
}

bool http_line_may_be_response(struct bytes start)
{
    struct bytes word = BYTES_LIT("HTTP/");

    return bytes_eq(bytes_slice(start, 0, word.len), bytes_slice(word, 0, start.len));
}

/* The first line as far as it is there: up to LF, or up to a CR without LF behind it when there is no LF yet
 * (clients that end lines so). *whole when its end was seen. */
static struct bytes first_line(struct bytes text, bool *whole)
{
    size_t lf = bytes_find_byte(text, '\n'), cr;

    *whole = true;
    if (lf != BYTES_NONE)
        return bytes_slice(text, 0, lf);
    cr = bytes_find_byte(text, '\r');
    if (cr != BYTES_NONE && cr + 1 < text.len)
        return bytes_slice(text, 0, cr);
    *whole = false;
    return text;
}

enum recognition http_recognise(struct bytes first, uint8_t proto, bool whole)
{
    enum recognition unsure = whole ? RECOGNISE_NO : RECOGNISE_MORE;
    struct bytes line;
    bool ended;

    if (proto != PROTO_TCP)
        return RECOGNISE_NO;
    while (first.len && (first.p[0] == '\r' || first.p[0] == '\n'))
        first = bytes_from(first, 1);
    if (first.len == 0)
        return unsure;
    if (http_line_may_be_response(first)) {
        if (first.len < 5)
            return unsure;
        line = first_line(first, &ended);
        if (!ended && !whole && line.len < HTTP_LINE_MAX)
            return RECOGNISE_MORE;
        /* A client may call its method what it likes; no server ends its first line in a version. */
        return http_line_is_request(line) ? RECOGNISE_REQUEST : RECOGNISE_RESPONSE;
    }
    if (first.p[0] < 0x20 || first.p[0] >= 0x7f)
        return RECOGNISE_NO; /* no method begins so, many a binary protocol does */
    /* Nor with what begins a syslog line, its octet count, JSON or XML: those must not wait for a line end
     * that may be long in coming. */
    if (strchr("<{[\"0123456789", first.p[0]))
        return RECOGNISE_NO;
    line = first_line(first, &ended);
    if (ended || whole)
        return http_line_is_request(line) ? RECOGNISE_REQUEST : RECOGNISE_NO;
    if (has_control(bytes_slice(line, 0, blank_find(line))) && line.p[line.len - 1] != '\r')
        return RECOGNISE_NO;
    if (line.len >= HTTP_LINE_MAX)
        return http_line_begins_request(line) ? RECOGNISE_REQUEST : RECOGNISE_NO;
    return RECOGNISE_MORE;
}

struct http_request_line http_request_line(struct bytes line)
{
    struct http_request_line r = {0};
    size_t blank, protocol;
    bool version_plain;

    line = bytes_trim(line);
    blank = blank_find(line);
    r.method = bytes_slice(line, 0, blank);
    protocol = protocol_find(bytes_from(line, blank));
    if (protocol != BYTES_NONE)
        r.protocol = bytes_from(line, blank + protocol + 1);
    r.target = bytes_trim(bytes_slice(line, blank, line.len - r.protocol.len));
    version_plain = r.protocol.len == 8 && r.protocol.p[5] >= '0' && r.protocol.p[5] <= '9' &&
                    r.protocol.p[6] == '.' && r.protocol.p[7] >= '0' && r.protocol.p[7] <= '9';
    r.plain = version_plain;
    for (size_t i = 0; i < r.method.len && r.plain; i++)
        r.plain = is_token(r.method.p[i]) && r.method.p[i] != '$' && r.method.p[i] != '%';
    return r;
}

unsigned http_status(struct bytes line)
{
    struct bytes rest = bytes_trim(bytes_from(line, blank_find(line)));
    uint64_t status;

    return bytes_to_u64(bytes_slice(rest, 0, 3), 999, &status) && rest.len >= 3 ? (unsigned)status : 0;
}

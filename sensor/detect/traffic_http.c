/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_http.h"
#include "detect/traffic_uri.h"

#include <stdlib.h>

#define HEAD_MAX \
    139264 /* inspect/ gives no longer ones: HTTP/1 64 KB, HTTP/2 twice that with one long header */
#define ROOM    (6 * HEAD_MAX)
#define BUCKETS 256
#define NONE    UINT16_MAX

struct header {
    struct bytes name, value;
    uint16_t next_same; /* the next one of that name; NONE */
    uint16_t last_same; /* the last one, in the first of them */
    bool repeats;       /* an earlier one has that name */
};

struct http_buffers {
    struct bytes head, line, rest; /* rest: behind the first line */
    struct bytes method, target, protocol, status, message;
    struct header header[HTTP_BUFFER_HEADERS];
    unsigned n;
    uint16_t bucket[BUCKETS]; /* the first header of each name is in the chain of its bucket */
    uint16_t chain[HTTP_BUFFER_HEADERS];
    bool request, http2, headers_read;
    uint64_t made, there; /* one bit for each buffer */
    struct bytes buffer[BUFFER_N];
    size_t used;
    uint8_t room[ROOM];
};

struct http_buffers *http_buffers_new(void)
{
    return malloc(sizeof(struct http_buffers));
}

void http_buffers_free(struct http_buffers *h)
{
    free(h);
}

/* --- room: values that do not stand in the head as they are --- */

static bool add(struct http_buffers *h, struct bytes b)
{
    if (b.len > sizeof h->room - h->used)
        return false;
    if (b.len)
        memcpy(h->room + h->used, b.p, b.len);
    h->used += b.len;
    return true;
}

static struct bytes since(const struct http_buffers *h, size_t from)
{
    return bytes_of(h->room + from, h->used - from);
}

/* --- lines --- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == '\n';
}

static struct bytes trim(struct bytes b)
{
    while (b.len && is_blank(b.p[0]))
        b = bytes_from(b, 1);
    while (b.len && is_blank(b.p[b.len - 1]))
        b.len--;
    return b;
}

static struct bytes chomp(struct bytes line)
{
    while (line.len && (line.p[line.len - 1] == '\n' || line.p[line.len - 1] == '\r'))
        line.len--;
    return line;
}

static struct bytes take_line(struct bytes *rest)
{
    size_t lf = bytes_find_byte(*rest, '\n');
    struct bytes line = bytes_slice(*rest, 0, lf == BYTES_NONE ? rest->len : lf + 1);

    *rest = bytes_from(*rest, line.len);
    return line;
}

static unsigned bucket_of(struct bytes name)
{
    unsigned hash = (unsigned)name.len;

    for (size_t i = 0; i < name.len; i++)
        hash = hash * 31 + ascii_lower(name.p[i]);
    return hash % BUCKETS;
}

/* Behind the last one of that name, or first of it. */
static void link_same(struct http_buffers *h, uint16_t at)
{
    struct header *now = &h->header[at];
    unsigned bucket = bucket_of(now->name);

    for (uint16_t i = h->bucket[bucket]; i != NONE; i = h->chain[i]) {
        struct header *first = &h->header[i];

        if (!bytes_eq_nocase(first->name, now->name))
            continue;
        now->repeats = true;
        h->header[first->last_same].next_same = at;
        first->last_same = at;
        return;
    }
    h->chain[at] = h->bucket[bucket];
    h->bucket[bucket] = at;
}

static void put_header(struct http_buffers *h, struct bytes line)
{
    size_t colon = bytes_find_byte(bytes_from(line, h->http2 && line.len && line.p[0] == ':'), ':');
    struct header *now;

    if (h->n == HTTP_BUFFER_HEADERS)
        return;
    if (h->http2 && colon != BYTES_NONE && line.p[0] == ':')
        colon++;
    now = &h->header[h->n];
    *now = (struct header){.next_same = NONE, .last_same = (uint16_t)h->n};
    now->name = colon == BYTES_NONE ? bytes_of(line.p, 0) : trim(bytes_slice(line, 0, colon));
    now->value = trim(colon == BYTES_NONE ? line : bytes_from(line, colon + 1));
    link_same(h, (uint16_t)h->n);
    h->n++;
}

/* A line and those that go on with it: joined as they stand, without their ends. */
static struct bytes unfold(struct http_buffers *h, struct bytes line, struct bytes *rest)
{
    size_t from = h->used;

    if (!add(h, chomp(line)))
        return chomp(line);
    while (rest->len && (rest->p[0] == ' ' || rest->p[0] == '\t'))
        if (!add(h, chomp(take_line(rest))))
            break;
    return since(h, from);
}

static void read_headers(struct http_buffers *h)
{
    struct bytes rest = h->rest;

    h->headers_read = true;
    memset(h->bucket, 0xff, sizeof h->bucket);
    while (rest.len) {
        struct bytes line = take_line(&rest);
        bool folds = !h->http2 && rest.len && (rest.p[0] == ' ' || rest.p[0] == '\t');

        if (chomp(line).len == 0)
            return;
        line = folds ? unfold(h, line, &rest) : chomp(line);
        put_header(h, line);
    }
}

/* --- first lines --- */

static struct bytes take_word(struct bytes *rest, bool any_blank)
{
    size_t n = 0;
    struct bytes word;

    while (n < rest->len && rest->p[n] != ' ' && !(any_blank && is_blank(rest->p[n])))
        n++;
    word = bytes_slice(*rest, 0, n);
    while (n < rest->len && is_blank(rest->p[n]))
        n++;
    *rest = bytes_from(*rest, n);
    return word;
}

static void read_request_line(struct http_buffers *h)
{
    struct bytes rest = h->line;

    h->method = take_word(&rest, true);
    h->target = take_word(&rest, false);
    h->protocol = trim(rest);
}

static void read_response_line(struct http_buffers *h)
{
    struct bytes rest = h->line;

    h->protocol = take_word(&rest, true);
    h->status = take_word(&rest, true);
    h->message = trim(rest);
}

static const struct header *header_named(const struct http_buffers *h, struct bytes name)
{
    for (uint16_t i = h->bucket[bucket_of(name)]; i != NONE; i = h->chain[i])
        if (bytes_eq_nocase(h->header[i].name, name))
            return &h->header[i];
    return NULL;
}

static struct bytes value_named(const struct http_buffers *h, const char *name)
{
    const struct header *header = header_named(h, bytes_str(name));

    return header ? header->value : bytes_of(NULL, 0);
}

static bool read_http2(struct http_buffers *h)
{
    read_headers(h);
    h->method = value_named(h, ":method");
    h->target = value_named(h, ":path");
    h->status = value_named(h, ":status");
    h->protocol = BYTES_LIT("HTTP/2");
    return h->request ? h->method.p || h->target.p : h->status.p != NULL;
}

bool http_buffers_read(struct http_buffers *h, struct bytes head, bool request, bool http2)
{
    h->head = bytes_slice(head, 0, HEAD_MAX);
    h->request = request;
    h->http2 = http2;
    h->headers_read = false;
    h->n = 0;
    h->used = 0;
    h->made = h->there = 0;
    h->line = h->method = h->target = h->protocol = h->status = h->message = bytes_of(NULL, 0);
    h->rest = h->head;
    if (!http2) {
        h->line = chomp(take_line(&h->rest));
        if (request)
            read_request_line(h);
        else
            read_response_line(h);
    }
    return !http2 || read_http2(h);
}

/* --- buffers --- */

static bool is_cookie(const struct http_buffers *h, const struct header *header)
{
    return bytes_eq_nocase(header->name, h->request ? BYTES_LIT("cookie") : BYTES_LIT("set-cookie"));
}

/* The values of all headers of that name: ", " between them. */
static bool add_values(struct http_buffers *h, const struct header *header)
{
    bool good = add(h, header->value);

    for (uint16_t i = header->next_same; good && i != NONE; i = h->header[i].next_same)
        good = add(h, BYTES_LIT(", ")) && add(h, h->header[i].value);
    return good;
}

static struct bytes values_of(struct http_buffers *h, const struct header *header)
{
    size_t from = h->used;

    if (header->next_same == NONE)
        return header->value;
    return add_values(h, header) ? since(h, from) : header->value;
}

static bool add_header(struct http_buffers *h, const struct header *header)
{
    return add(h, header->name) && add(h, BYTES_LIT(": ")) &&
           (h->http2 ? add(h, header->value) : add_values(h, header)) && add(h, BYTES_LIT("\r\n"));
}

/* All headers, each name once; HTTP/2's as they came. */
static bool add_headers(struct http_buffers *h, bool cookies)
{
    bool good = true;

    for (unsigned i = 0; good && i < h->n; i++) {
        const struct header *header = &h->header[i];

        if ((header->repeats && !h->http2) || (!cookies && is_cookie(h, header)))
            continue;
        good = add_header(h, header);
    }
    return good;
}

static bool add_names(struct http_buffers *h)
{
    bool good = add(h, BYTES_LIT("\r\n"));

    for (unsigned i = 0; good && i < h->n; i++)
        if (!h->header[i].repeats || h->http2)
            good = add(h, h->header[i].name) && add(h, BYTES_LIT("\r\n"));
    return good && add(h, BYTES_LIT("\r\n"));
}

static bool add_start(struct http_buffers *h)
{
    return add(h, h->line) && add(h, BYTES_LIT("\r\n")) && add_headers(h, true) && add(h, BYTES_LIT("\r\n"));
}

/* Of the target when it names one, else of the Host header. */
static struct bytes host_as_sent(struct http_buffers *h, bool *from_target)
{
    const struct header *header;
    struct uri_parts parts;

    uri_split(h->target, &parts);
    *from_target = parts.host.p != NULL;
    if (*from_target)
        return parts.host;
    header = h->http2 ? header_named(h, BYTES_LIT(":authority")) : NULL;
    if (!header)
        header = header_named(h, BYTES_LIT("host"));
    return header ? values_of(h, header) : bytes_of(NULL, 0);
}

/* Without port and the dots at its end, in lower case. */
static struct bytes plain_host(struct http_buffers *h)
{
    bool from_target;
    struct bytes host = host_as_sent(h, &from_target);
    size_t from = h->used, end;

    if (!host.p)
        return host;
    if (host.len && host.p[0] == '[') {
        end = bytes_find_byte(host, ']');
        end = end == BYTES_NONE ? host.len : end + 1;
    } else {
        end = bytes_find_byte(host, ':');
    }
    host = trim(bytes_slice(host, 0, end));
    while (host.len && host.p[host.len - 1] == '.')
        host.len--;
    if (!add(h, host))
        return host;
    for (size_t i = from; i < h->used; i++)
        h->room[i] = ascii_lower(h->room[i]);
    return since(h, from);
}

static struct bytes normal_target(struct http_buffers *h)
{
    size_t n, from = h->used;

    if (h->http2)
        return h->target;
    if (bytes_eq(h->method, BYTES_LIT("CONNECT")) || h->target.len > sizeof h->room - h->used)
        return bytes_of(NULL, 0);
    n = uri_normal(h->target, h->room + h->used);
    if (n == BYTES_NONE)
        return bytes_of(NULL, 0);
    h->used += n;
    return since(h, from);
}

static const struct {
    enum buffer_id id;
    const char *name;
} of_header[] = {
    {BUFFER_HTTP_USER_AGENT, "user-agent"},
    {BUFFER_HTTP_REFERER, "referer"},
    {BUFFER_HTTP_ACCEPT, "accept"},
    {BUFFER_HTTP_ACCEPT_LANG, "accept-language"},
    {BUFFER_HTTP_ACCEPT_ENC, "accept-encoding"},
    {BUFFER_HTTP_CONNECTION, "connection"},
    {BUFFER_HTTP_CONTENT_TYPE, "content-type"},
    {BUFFER_HTTP_CONTENT_LEN, "content-length"},
    {BUFFER_HTTP_LOCATION, "location"},
    {BUFFER_HTTP_SERVER, "server"},
};

static struct bytes header_buffer(struct http_buffers *h, enum buffer_id id)
{
    const struct header *header = NULL;

    if (id == BUFFER_HTTP_COOKIE)
        header = header_named(h, h->request ? BYTES_LIT("cookie") : BYTES_LIT("set-cookie"));
    for (size_t i = 0; i < sizeof of_header / sizeof *of_header; i++)
        if (of_header[i].id == id)
            header = header_named(h, bytes_str(of_header[i].name));
    return header ? values_of(h, header) : bytes_of(NULL, 0);
}

static struct bytes made_by(struct http_buffers *h, bool (*make)(struct http_buffers *h))
{
    size_t from = h->used;

    return make(h) ? since(h, from) : bytes_of(NULL, 0);
}

static bool add_plain_headers(struct http_buffers *h)
{
    return add_headers(h, false);
}

static bool add_all_headers(struct http_buffers *h)
{
    return add_headers(h, true);
}

static struct bytes make(struct http_buffers *h, enum buffer_id id)
{
    bool ignored;

    switch (id) {
    case BUFFER_HTTP_METHOD:
        return h->method;
    case BUFFER_HTTP_URI:
        return normal_target(h);
    case BUFFER_HTTP_URI_RAW:
        return h->target;
    case BUFFER_HTTP_PROTOCOL:
        return h->protocol;
    case BUFFER_HTTP_REQUEST_LINE:
    case BUFFER_HTTP_RESPONSE_LINE:
        return h->line;
    case BUFFER_HTTP_HEADER:
        return made_by(h, add_plain_headers);
    case BUFFER_HTTP_HEADER_RAW:
        return h->http2 ? made_by(h, add_all_headers) : h->rest;
    case BUFFER_HTTP_HEADER_NAMES:
        return made_by(h, add_names);
    case BUFFER_HTTP_START:
        return h->http2 ? bytes_of(NULL, 0) : made_by(h, add_start);
    case BUFFER_HTTP_HOST:
        return plain_host(h);
    case BUFFER_HTTP_HOST_RAW:
        return host_as_sent(h, &ignored);
    case BUFFER_HTTP_STAT_CODE:
        return h->status;
    case BUFFER_HTTP_STAT_MSG:
        return h->message;
    default:
        return header_buffer(h, id);
    }
}

/* "Name: value" of each header. */
static bool one_header(struct http_buffers *h, unsigned i, struct bytes *out)
{
    size_t before = h->used;
    unsigned at = 0;

    for (; at < h->n; at++)
        if ((!h->header[at].repeats || h->http2) && i-- == 0)
            break;
    if (at >= h->n)
        return false;
    if (!add(h, h->header[at].name) || !add(h, BYTES_LIT(": ")) || !add_values(h, &h->header[at]))
        return false;
    *out = since(h, before);
    h->used = before; /* good until the next value */
    return true;
}

#define BIT(id) (UINT64_C(1) << BUFFER_##id)
#define FIRST_LINE_BUFFERS \
    (BIT(HTTP_METHOD) | BIT(HTTP_URI) | BIT(HTTP_URI_RAW) | BIT(HTTP_PROTOCOL) | BIT(HTTP_REQUEST_LINE) | \
     BIT(HTTP_RESPONSE_LINE) | BIT(HTTP_STAT_CODE) | BIT(HTTP_STAT_MSG))

bool http_buffers_get(struct http_buffers *h, enum buffer_id id, unsigned i, struct bytes *out)
{
    uint64_t bit = UINT64_C(1) << id;

    /* Most rules look at the first line, and go no further. */
    if (!h->headers_read && !(bit & FIRST_LINE_BUFFERS))
        read_headers(h);
    if (id == BUFFER_HTTP_REQUEST_HEADER || id == BUFFER_HTTP_RESPONSE_HEADER)
        return one_header(h, i, out);
    if (i > 0)
        return false;
    if (!(h->made & bit)) {
        h->buffer[id] = make(h, id);
        h->made |= bit;
        if (h->buffer[id].len || (id == BUFFER_HTTP_HOST_RAW && h->buffer[id].p))
            h->there |= bit;
    }
    *out = h->buffer[id];
    return (h->there & bit) != 0;
}

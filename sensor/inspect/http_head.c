/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_head.h"

#include "inspect/hold.h"

/* CR CR with something else than a line end behind it, before any LF. Servers that know LF take "\r\r\n" for
 * one odd line end, so the byte behind it decides. */
static size_t cr_end_find(struct bytes text, size_t from, size_t to)
{
    for (size_t at = from; at + 2 < text.len && at < to; at++) {
        size_t skip = bytes_find_byte(bytes_slice(text, at, to), '\r');

        if (skip == BYTES_NONE)
            return BYTES_NONE;
        at += skip;
        if (at + 2 < text.len && text.p[at + 1] == '\r' && text.p[at + 2] != '\r' && text.p[at + 2] != '\n')
            return at + 2;
    }
    return BYTES_NONE;
}

/* True when a name of n bytes may end there: a colon, or what lenient servers let stand before it. */
static bool name_ends(struct bytes line, size_t n)
{
    return n < line.len && (line.p[n] == ':' || line.p[n] == ' ' || line.p[n] == '\t' || line.p[n] == '\r');
}

/* False for most headers at the price of two comparisons: when the first letter and the length of the name
 * are those of no header that header_read knows. */
static bool may_matter(struct bytes line)
{
    switch (line.len ? ascii_lower(line.p[0]) : 0) {
    case 'c': /* Content-Type, -Length, -Encoding */
        return name_ends(line, 12) || name_ends(line, 14) || name_ends(line, 16);
    case 'h':
        return name_ends(line, 4);
    case 'r':
        return name_ends(line, 7);
    case 't': /* Transfer-Encoding */
        return name_ends(line, 17);
    case 'u':
        return name_ends(line, 10);
    default:
        return false;
    }
}

static void mark(struct http_scan *scan, size_t line)
{
    if (scan->n_marks < HTTP_MARKS)
        scan->marks[scan->n_marks] = (uint16_t)line;
    if (scan->n_marks <= HTTP_MARKS)
        scan->n_marks++;
}

/* A whole line, its LF included. A fold is marked by the line that it belongs to; right behind the first line
 * it is a header of its own. */
static void line_seen(struct http_scan *scan, struct bytes text, size_t line, size_t next)
{
    bool fold = text.p[line] == ' ' || text.p[line] == '\t';

    if (scan->first == 0)
        scan->first = next;
    else if (fold ? line == scan->first : may_matter(bytes_slice(text, line, next)))
        mark(scan, line);
}

/* True when the line [line, lf) is empty, or a CR alone. */
static bool is_blank_line(struct bytes text, size_t line, size_t lf)
{
    return lf == line || (lf == line + 1 && text.p[line] == '\r');
}

enum http_end http_head_end(struct bytes text, struct http_scan *scan, size_t *end)
{
    size_t line = scan->line, seen = scan->seen, lf;
    const uint8_t *at;

    if (scan->first == 0 && !scan->inside) {
        size_t cr;

        lf = bytes_find_byte(bytes_from(text, seen), '\n');
        cr = cr_end_find(text, seen > 2 ? seen - 2 : 0, lf == BYTES_NONE ? text.len : seen + lf);
        if (cr != BYTES_NONE) {
            *end = cr;
            return HTTP_END_CR;
        }
    }
    while (seen < text.len && (at = memchr(text.p + seen, '\n', text.len - seen)) != NULL) {
        lf = (size_t)(at - text.p);
        seen = lf + 1;
        line_seen(scan, text, line, seen);
        if (is_blank_line(text, line, lf) && !(scan->inside && line == 0)) {
            scan->seen = scan->line = *end = seen;
            return HTTP_END_BLANK;
        }
        line = seen;
    }
    scan->line = line;
    scan->seen = text.len;
    return HTTP_END_NOT_YET;
}

/* Walks the lines of a head. A logical line includes its folds. */
struct lines {
    struct bytes rest;
    uint8_t end; /* LF, or CR in a head without LF */
};

static struct lines lines_of(struct bytes head)
{
    return (struct lines){head, bytes_find_byte(head, '\n') == BYTES_NONE ? '\r' : '\n'};
}

/* The next physical line, with its end. */
static size_t line_len(const struct lines *l, size_t from)
{
    const uint8_t *at = from < l->rest.len ? memchr(l->rest.p + from, l->end, l->rest.len - from) : NULL;

    return at ? (size_t)(at - l->rest.p) + 1 : l->rest.len;
}

static bool folds(const struct lines *l, size_t at)
{
    return at < l->rest.len && (l->rest.p[at] == ' ' || l->rest.p[at] == '\t');
}

/* False at the end. *folded when the line goes on over its end. */
static bool lines_next(struct lines *l, struct bytes *line, bool *folded)
{
    size_t len;

    if (l->rest.len == 0)
        return false;
    len = line_len(l, 0);
    *folded = folds(l, len);
    while (folds(l, len))
        len = line_len(l, len);
    *line = bytes_slice(l->rest, 0, len);
    l->rest = bytes_from(l->rest, len);
    return true;
}

/* Each line end with the blanks round it becomes one blank. The result is good until the next call: heads are
 * judged one after the other, and no longer than this. */
static struct bytes unfold(struct bytes line, uint8_t end)
{
    static uint8_t room[HTTP_HEAD_MAX];
    struct lines l = {line, end};
    size_t len = 0;

    while (l.rest.len) {
        size_t n = line_len(&l, 0);
        struct bytes part = bytes_trim(bytes_slice(l.rest, 0, n));

        l.rest = bytes_from(l.rest, n);
        if (part.len == 0 || len + 1 + part.len > sizeof room)
            continue;
        if (len)
            room[len++] = ' ';
        memcpy(room + len, part.p, part.len);
        len += part.len;
    }
    return bytes_of(room, len);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Mostly there is nothing to trim. */
static struct bytes trim(struct bytes b)
{
    return b.len && !is_space(b.p[0]) && !is_space(b.p[b.len - 1]) ? b : bytes_trim(b);
}

/* A line without its end. */
static struct bytes line_text(struct bytes line)
{
    for (int i = 0; i < 2 && line.len && is_space(line.p[line.len - 1]); i++)
        line.len--;
    return trim(line);
}

struct header {
    struct bytes line, name, value; /* trimmed; line is the whole */
    bool colon, blank_name, folded; /* blank_name: blanks before the colon */
};

static bool header_next(struct lines *l, struct header *h)
{
    struct bytes line;
    size_t colon;

    do {
        if (!lines_next(l, &line, &h->folded))
            return false;
        line = h->folded ? unfold(line, l->end) : line_text(line);
    } while (line.len == 0);
    colon = bytes_find_byte(line, ':');
    h->colon = colon != BYTES_NONE;
    h->line = line;
    h->name = trim(bytes_slice(line, 0, h->colon ? colon : 0));
    h->blank_name = h->colon && h->name.len != colon;
    h->value = bytes_from(line, h->colon ? colon + 1 : 0);
    if (h->value.len && h->value.p[0] == ' ')
        h->value = bytes_from(h->value, 1);
    h->value = trim(h->value);
    return true;
}

/* Reads "23", and with *plain false "+23" and "23abc" as far as a lenient server would. */
static bool length_read(struct bytes value, uint64_t *length, bool *plain)
{
    size_t n = 0;

    *plain = bytes_to_u64(value, INT64_MAX, length);
    if (*plain)
        return true;
    if (bytes_starts(value, BYTES_LIT("+")))
        value = bytes_from(value, 1);
    while (n < value.len && value.p[n] >= '0' && value.p[n] <= '9')
        n++;
    return bytes_to_u64(bytes_slice(value, 0, n), INT64_MAX, length);
}

static void said_odd(struct http_said *said, enum anomaly_kind kind)
{
    said->odd |= anomaly_bit(kind);
}

static void said_length(struct http_said *said, const struct header *h)
{
    uint64_t length = 0;
    bool plain, good = length_read(h->value, &length, &plain);

    if (!plain || h->blank_name || h->folded)
        said_odd(said, ANOMALY_HTTP_LENGTH);
    if (said->has_length && length != said->length)
        said_odd(said, ANOMALY_HTTP_LENGTHS);
    if (!good)
        said->bad_length = true;
    if (good && length > said->longest)
        said->longest = length;
    if (good && !said->has_length) {
        said->length = length;
        said->has_length = true;
    }
}

/* What a coding's name makes of it; false for identity and the like. Names that nobody knows are tried by
 * what the bytes look like. */
static bool coding_named(struct bytes name, enum coding_label *label, bool *known)
{
    static const struct {
        const char *name;
        enum coding_label label;
    } names[] = {{"gzip", CODING_DEFLATE},      {"x-gzip", CODING_DEFLATE}, {"deflate", CODING_DEFLATE},
                 {"x-deflate", CODING_DEFLATE}, {"br", CODING_BROTLI},      {"zstd", CODING_DEFLATE}};

    *known = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (bytes_eq_nocase(name, bytes_str(names[i].name))) {
            *label = names[i].label;
            return true;
        }
    *label = CODING_UNLABELLED;
    if (name.len == 0 || bytes_eq_nocase(name, BYTES_LIT("identity")) ||
        bytes_find_nocase(name, BYTES_LIT("chunked")) != BYTES_NONE)
        return false;
    *known = false;
    return true;
}

/* A list with commas (RFC 9110 5.6.1). */
static void said_codings(struct http_said *said, struct http_codings *codings, struct bytes list)
{
    while (list.len) {
        size_t comma = bytes_find_byte(list, ',');
        struct bytes name = bytes_trim(bytes_slice(list, 0, comma));
        enum coding_label label;
        bool known;

        list = bytes_from(list, comma == BYTES_NONE ? list.len : comma + 1);
        if (!coding_named(name, &label, &known))
            continue;
        said->bad_coding |= !known;
        if (codings->n == HTTP_CODINGS_MAX)
            codings->too_many = true;
        else
            codings->label[codings->n++] = (uint8_t)label;
    }
}

static void said_transfer(struct http_said *said, const struct header *h)
{
    bool chunked = bytes_eq_nocase(h->value, BYTES_LIT("chunked"));

    if (said->has_transfer || h->blank_name || h->folded ||
        (!chunked && !bytes_eq_nocase(h->value, BYTES_LIT("identity"))))
        said_odd(said, ANOMALY_HTTP_TRANSFER);
    said->has_transfer = true;
    if (bytes_find_nocase(h->value, BYTES_LIT("chunked")) != BYTES_NONE)
        said->chunked = true;
    said_codings(said, &said->transfer, h->value);
}

static void said_type(struct http_said *said, struct bytes type)
{
    uint8_t lower[128];
    struct bytes text = {lower, type.len < sizeof lower ? type.len : sizeof lower};

    for (size_t i = 0; i < text.len; i++)
        lower[i] = ascii_lower(type.p[i]);
    said->has_type = true;
    said->framed = bytes_starts(text, BYTES_LIT("application/grpc"));
    if (bytes_starts(text, BYTES_LIT("text/html")))
        said->coding = FIELD_XML;
    else if (bytes_starts(text, BYTES_LIT("application/x-www-form-urlencoded")))
        said->coding = FIELD_FORM;
    else if (bytes_find(text, BYTES_LIT("json")) != BYTES_NONE)
        said->coding = FIELD_JSON;
    else if (bytes_find(text, BYTES_LIT("xml")) != BYTES_NONE ||
             bytes_find(text, BYTES_LIT("html")) != BYTES_NONE)
        said->coding = FIELD_XML;
}

/* Nearly always in the case that we write. */
static bool is_named(const struct header *h, struct bytes name)
{
    return bytes_eq(h->name, name) || bytes_eq_nocase(h->name, name);
}

static void view_set(struct bytes *at, struct bytes value)
{
    if (!at->p)
        *at = value;
}

/* The headers that matter; a folded value of the view's would not outlive the next fold, and is left out. */
static void header_read(const struct header *h, struct http_said *said, struct http_view *view)
{
    switch (h->name.len) {
    case 4:
        if (view && !h->folded && is_named(h, BYTES_LIT("Host")))
            view_set(&view->host, h->value);
        break;
    case 7:
        if (view && !h->folded && is_named(h, BYTES_LIT("Referer")))
            view_set(&view->referer, h->value);
        break;
    case 10:
        if (view && !h->folded && is_named(h, BYTES_LIT("User-Agent")))
            view_set(&view->user_agent, h->value);
        break;
    case 12:
        if (!is_named(h, BYTES_LIT("Content-Type")))
            break;
        said_type(said, h->value);
        if (view && !h->folded)
            view_set(&view->response_content_type, h->value);
        break;
    case 14:
        if (is_named(h, BYTES_LIT("Content-Length")))
            said_length(said, h);
        break;
    case 16:
        if (is_named(h, BYTES_LIT("Content-Encoding")))
            said_codings(said, &said->content, h->value);
        break;
    case 17:
        if (is_named(h, BYTES_LIT("Transfer-Encoding")))
            said_transfer(said, h);
        break;
    default:
        break;
    }
}

void http_header_read(struct bytes name, struct bytes value, struct http_said *said, struct http_view *view)
{
    const struct header h = {.name = name, .value = trim(value), .colon = true};

    header_read(&h, said, view);
}

void http_head_read(struct bytes piece, size_t from, const struct http_scan *scan, struct http_said *said,
                    struct http_view *view)
{
    struct lines l = {piece, '\n'};
    struct header h;

    if (scan->first == 0 || scan->n_marks > HTTP_MARKS) {
        l = lines_of(bytes_from(piece, from));
        while (header_next(&l, &h))
            header_read(&h, said, view);
    } else {
        for (unsigned i = 0; i < scan->n_marks && scan->marks[i] < piece.len; i++) {
            l.rest = bytes_from(piece, scan->marks[i]);
            if (header_next(&l, &h))
                header_read(&h, said, view);
        }
    }
    if (said->chunked && (said->has_length || said->bad_length))
        said_odd(said, ANOMALY_HTTP_FRAMINGS);
    if (said->chunked && said->old)
        said_odd(said, ANOMALY_HTTP_TRANSFER);
}

void http_head_values(struct bytes head, struct bytes name, struct buf *values, size_t ceiling)
{
    struct lines l = lines_of(head);
    struct header h;

    l.rest = bytes_from(head, line_len(&l, 0));
    while (header_next(&l, &h)) {
        if (!bytes_eq_nocase(h.name, name))
            continue;
        if (values->len && !hold_add(values, ceiling, BYTES_LIT(",")))
            return;
        if (!hold_add(values, ceiling, h.value))
            return;
    }
}

struct bytes http_head_last_value(struct bytes head, struct bytes name)
{
    struct lines l = lines_of(head);
    struct bytes value = {NULL, 0};
    struct header h;

    l.rest = bytes_from(head, line_len(&l, 0));
    while (header_next(&l, &h))
        if (bytes_eq_nocase(h.name, name))
            value = h.value;
    return value;
}

bool http_name_is_odd(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.p[i] >= 0x80 || (name.p[i] && strchr("$%\\&", name.p[i])))
            return true;
    return false;
}

void http_part_give(struct field *part, enum field_kind kind, struct bytes name, struct bytes value,
                    field_fn *fn, void *arg)
{
    part->kind = kind;
    part->coding = FIELD_PLAIN;
    if (kind == FIELD_HTTP_URI)
        part->coding = FIELD_URI;
    else if (kind == FIELD_HTTP_REQUEST_HEADER && bytes_eq_nocase(name, BYTES_LIT("Cookie")))
        part->coding = FIELD_COOKIE;
    part->name = name;
    part->value = value;
    (void)fn(arg, part);
}

static void headers_give(const struct field *head, struct lines *l, enum field_kind kind, field_fn *fn,
                         void *arg)
{
    const struct bytes none = {NULL, 0};
    struct field part = *head;
    struct header h;

    part.parts = NULL;
    while (header_next(l, &h)) {
        if (!h.colon || http_name_is_odd(h.name))
            http_part_give(&part, kind, none, h.line, fn, arg);
        else
            http_part_give(&part, kind, h.name, h.value, fn, arg);
    }
}

struct bytes http_first_line(struct bytes head)
{
    struct lines l = lines_of(head);

    return line_text(bytes_slice(head, 0, line_len(&l, 0)));
}

void http_request_more_parts(const struct field *head, field_fn *fn, void *arg)
{
    struct lines l = lines_of(head->value);

    headers_give(head, &l, FIELD_HTTP_REQUEST_HEADER, fn, arg);
}

void http_response_more_parts(const struct field *head, field_fn *fn, void *arg)
{
    struct lines l = lines_of(head->value);

    headers_give(head, &l, FIELD_HTTP_RESPONSE_HEADER, fn, arg);
}

void http_request_parts(const struct field *head, field_fn *fn, void *arg)
{
    const struct bytes none = {NULL, 0};
    struct lines l = lines_of(head->value);
    size_t len = line_len(&l, 0);
    struct bytes line = bytes_trim(bytes_slice(head->value, 0, len));
    struct http_request_line r = http_request_line(line);
    struct field part = *head;

    part.parts = NULL;
    http_part_give(&part, FIELD_HTTP_METHOD, none, r.method, fn, arg);
    http_part_give(&part, FIELD_HTTP_URI, none, r.target, fn, arg);
    if (r.protocol.len)
        http_part_give(&part, FIELD_HTTP_PROTOCOL, none, r.protocol, fn, arg);
    /* A lookup with a blank in it, in the method or the version, is whole in the line only. */
    if (!r.plain)
        http_part_give(&part, FIELD_HTTP_REQUEST_HEADER, none, line, fn, arg);
    l.rest = bytes_from(head->value, len);
    headers_give(head, &l, FIELD_HTTP_REQUEST_HEADER, fn, arg);
}

void http_response_parts(const struct field *head, field_fn *fn, void *arg)
{
    const struct bytes none = {NULL, 0};
    struct lines l = lines_of(head->value);
    size_t len = line_len(&l, 0);
    struct field part = *head;

    part.parts = NULL;
    http_part_give(&part, FIELD_HTTP_RESPONSE_LINE, none, bytes_trim(bytes_slice(head->value, 0, len)), fn,
                   arg);
    l.rest = bytes_from(head->value, len);
    headers_give(head, &l, FIELD_HTTP_RESPONSE_HEADER, fn, arg);
}

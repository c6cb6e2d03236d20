/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_list.h"

#include "inspect/hold.h"

#include <assert.h>

struct part {
    uint32_t at, name_len, value_len; /* "name: value\r\n" at at */
    uint32_t joined;                  /* a crumb: what it says is in another part */
};

/* HPACK's longest strings are 64 KB each, for one name and one value. */
#define TEXT_ROOM (2 * 65536 + 4 + HTTP2_LIST_TEXT)

static struct {
    struct part part[HTTP2_LIST_MAX + 1]; /* one more for the joined cookie */
    unsigned n;
    size_t len;
    uint8_t text[TEXT_ROOM];
} list;

void http2_list_clear(void)
{
    list.n = 0;
    list.len = 0;
}

bool http2_list_is_empty(void)
{
    return list.n == 0;
}

static void put(struct bytes b)
{
    if (b.len)
        memcpy(list.text + list.len, b.p, b.len);
    list.len += b.len;
}

bool http2_list_add(struct bytes name, struct bytes value)
{
    size_t len = name.len + 2 + value.len + 2;

    if (list.n == HTTP2_LIST_MAX || (list.n && list.len + len > HTTP2_LIST_TEXT) ||
        list.len + len > sizeof list.text)
        return false;
    list.part[list.n++] = (struct part){
        .at = (uint32_t)list.len, .name_len = (uint32_t)name.len, .value_len = (uint32_t)value.len};
    put(name);
    put(BYTES_LIT(": "));
    put(value);
    put(BYTES_LIT("\r\n"));
    return true;
}

bool http2_list_put_aside(struct http2_aside *a)
{
    if (list.n == 0)
        return true;
    if (hold_add(&a->text, sizeof list.text, bytes_of(list.text, list.len)) &&
        hold_add(&a->parts, sizeof list.part, bytes_of(list.part, list.n * sizeof list.part[0]))) {
        http2_list_clear();
        return true;
    }
    http2_aside_drop(a);
    return false;
}

void http2_list_take_back(struct http2_aside *a)
{
    list.n = (unsigned)(a->parts.len / sizeof list.part[0]);
    list.len = a->text.len;
    if (list.n) {
        memcpy(list.part, a->parts.p, a->parts.len);
        memcpy(list.text, a->text.p, a->text.len);
    }
    http2_aside_drop(a);
}

void http2_aside_drop(struct http2_aside *a)
{
    hold_drop(&a->text);
    hold_drop(&a->parts);
}

static struct bytes name_of(const struct part *p)
{
    return bytes_of(list.text + p->at, p->name_len);
}

static struct bytes value_of(const struct part *p)
{
    return bytes_of(list.text + p->at + p->name_len + 2, p->value_len);
}

static bool is_cookie(const struct part *p)
{
    return p->name_len == 6 && bytes_eq(name_of(p), BYTES_LIT("cookie"));
}

/* One more line with all crumbs, "; " between them, in their order. */
static void join_cookies(void)
{
    unsigned n = 0, first = 0;
    size_t len = 0, at = list.len;
    struct part *joined = &list.part[list.n];

    for (unsigned i = 0; i < list.n; i++)
        if (is_cookie(&list.part[i])) {
            first = n++ ? first : i;
            len += list.part[i].value_len + 2;
        }
    if (n < 2 || list.len + len + 16 > sizeof list.text)
        return;
    put(BYTES_LIT("cookie: "));
    for (unsigned i = first; i < list.n; i++) {
        if (!is_cookie(&list.part[i]))
            continue;
        if (i > first)
            put(BYTES_LIT("; "));
        put(value_of(&list.part[i]));
        list.part[i].joined = true;
    }
    *joined = (struct part){
        .at = (uint32_t)at, .name_len = 6, .value_len = (uint32_t)(list.len - at - sizeof "cookie: " + 1)};
    put(BYTES_LIT("\r\n"));
    list.n++;
}

static void read_pseudo(struct bytes name, struct bytes value, struct http2_said *out)
{
    uint64_t status;

    if (bytes_eq(name, BYTES_LIT(":method")))
        out->view.method = value;
    else if (bytes_eq(name, BYTES_LIT(":path")))
        out->view.url = value;
    else if (bytes_eq(name, BYTES_LIT(":authority")))
        out->view.host = value;
    else if (bytes_eq(name, BYTES_LIT(":protocol")))
        out->websocket = bytes_eq_nocase(value, BYTES_LIT("websocket"));
    else if (bytes_eq(name, BYTES_LIT(":status")) && bytes_to_u64(value, 999, &status))
        out->view.status = (unsigned)status;
    if (bytes_eq(name, BYTES_LIT(":status")))
        out->is_response = true;
    else
        out->is_request = true;
}

void http2_list_read(struct http2_said *out)
{
    unsigned n = list.n;

    *out = (struct http2_said){0};
    join_cookies();
    for (unsigned i = 0; i < n; i++) {
        struct bytes name = name_of(&list.part[i]), value = value_of(&list.part[i]);

        if (name.len && name.p[0] == ':')
            read_pseudo(name, value, out);
        else
            http_header_read(name, value, &out->said, &out->view);
        if (bytes_eq_nocase(name, BYTES_LIT("location")))
            out->location = value;
    }
    if (out->is_request || out->is_response)
        out->view.protocol = BYTES_LIT("HTTP/2");
}

struct bytes http2_list_text(void)
{
    return bytes_of(list.text, list.len);
}

static void parts_give(const struct field *head, enum field_kind kind, field_fn *fn, void *arg)
{
    struct field part = *head;

    assert(head->value.p == list.text);
    part.parts = NULL;
    for (unsigned i = 0; i < list.n; i++) {
        const struct part *p = &list.part[i];
        struct bytes name = name_of(p);

        if (p->joined)
            continue;
        if (kind == FIELD_HTTP_REQUEST_HEADER && bytes_eq(name, BYTES_LIT(":method")))
            http_part_give(&part, FIELD_HTTP_METHOD, bytes_of(NULL, 0), value_of(p), fn, arg);
        else if (kind == FIELD_HTTP_REQUEST_HEADER && bytes_eq(name, BYTES_LIT(":path")))
            http_part_give(&part, FIELD_HTTP_URI, bytes_of(NULL, 0), value_of(p), fn, arg);
        else if (http_name_is_odd(name))
            http_part_give(&part, kind, bytes_of(NULL, 0), bytes_of(name.p, p->name_len + 2 + p->value_len),
                           fn, arg);
        else
            http_part_give(&part, kind, name, value_of(p), fn, arg);
    }
}

void http2_request_parts(const struct field *head, field_fn *fn, void *arg)
{
    parts_give(head, FIELD_HTTP_REQUEST_HEADER, fn, arg);
}

void http2_response_parts(const struct field *head, field_fn *fn, void *arg)
{
    parts_give(head, FIELD_HTTP_RESPONSE_HEADER, fn, arg);
}

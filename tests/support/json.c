/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/json.h"
#include "base/jsonw.h"

#define KEYS_MAX  100
#define DEPTH_MAX 32

struct reader {
    const uint8_t *p, *end;
    unsigned depth;
};

static bool read_value(struct reader *r);

static bool take(struct reader *r, char c)
{
    if (r->p == r->end || *r->p != (uint8_t)c)
        return false;
    r->p++;
    return true;
}

static bool read_escape(struct reader *r)
{
    if (r->p == r->end)
        return false;
    if (strchr("\"\\/bfnrt", *r->p) && *r->p) {
        r->p++;
        return true;
    }
    if (!take(r, 'u') || r->end - r->p < 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (hex_value(*r->p++) < 0)
            return false;
    return true;
}

static bool read_string(struct reader *r, struct bytes *text)
{
    const uint8_t *start;

    if (!take(r, '"'))
        return false;
    start = r->p;
    while (r->p < r->end && *r->p != '"') {
        if (*r->p < 0x20)
            return false;
        if (*r->p++ == '\\' && !read_escape(r))
            return false;
    }
    *text = bytes_of(start, (size_t)(r->p - start));
    return take(r, '"') && utf8_valid(*text);
}

static bool read_number(struct reader *r)
{
    const uint8_t *start = r->p;

    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > start && (*start != '0' || r->p == start + 1); /* EVE knows whole numbers only */
}

static bool read_word(struct reader *r, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
        return false;
    r->p += len;
    return true;
}

static bool read_object(struct reader *r)
{
    struct bytes keys[KEYS_MAX];
    unsigned n = 0;

    if (take(r, '}'))
        return true;
    do {
        if (n == KEYS_MAX || !read_string(r, &keys[n]) || !take(r, ':') || !read_value(r))
            return false;
        for (unsigned i = 0; i < n; i++)
            if (bytes_eq(keys[i], keys[n]))
                return false;
        n++;
    } while (take(r, ','));
    return take(r, '}');
}

static bool read_array(struct reader *r)
{
    if (take(r, ']'))
        return true;
    do
        if (!read_value(r))
            return false;
    while (take(r, ','));
    return take(r, ']');
}

static bool read_value(struct reader *r)
{
    struct bytes text;
    bool ok;

    if (r->p == r->end || r->depth == DEPTH_MAX)
        return false;
    r->depth++;
    if (*r->p == '"')
        ok = read_string(r, &text);
    else if (take(r, '{'))
        ok = read_object(r);
    else if (take(r, '['))
        ok = read_array(r);
    else if (*r->p == 't' || *r->p == 'f')
        ok = read_word(r, *r->p == 't' ? "true" : "false");
    else
        ok = read_number(r);
    r->depth--;
    return ok;
}

bool json_valid(struct bytes doc)
{
    struct reader r = {doc.p, doc.p + doc.len, 0};

    return read_value(&r) && r.p == r.end;
}

/* The value of key in the object that stands at r. */
static bool enter(struct reader *r, struct bytes key)
{
    struct bytes name;

    if (!take(r, '{') || take(r, '}'))
        return false;
    do {
        if (!read_string(r, &name) || !take(r, ':'))
            return false;
        if (bytes_eq(name, key))
            return true;
        if (!read_value(r))
            return false;
    } while (take(r, ','));
    return false;
}

struct bytes json_get(struct bytes doc, const char *path)
{
    struct reader r = {doc.p, doc.p + doc.len, 0};
    struct bytes left = bytes_str(path);
    const uint8_t *start;

    while (left.len > 0) {
        size_t dot = bytes_find_byte(left, '.');

        if (!enter(&r, bytes_slice(left, 0, dot)))
            return (struct bytes){NULL, 0};
        left = dot == BYTES_NONE ? (struct bytes){NULL, 0} : bytes_from(left, dot + 1);
    }
    start = r.p;
    return read_value(&r) ? bytes_of(start, (size_t)(r.p - start)) : (struct bytes){NULL, 0};
}

bool json_is(struct bytes doc, const char *path, const char *text)
{
    return bytes_eq(json_get(doc, path), bytes_str(text));
}

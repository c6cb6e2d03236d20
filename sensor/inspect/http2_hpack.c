/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http2_hpack.h"

#include "base/count.h"

#include <malloc.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

struct http2_hpack {
    nghttp2_hd_inflater *inflater;
    nghttp2_mem mem; /* the inflater keeps a pointer to it */
    uint64_t memcap;
    size_t wire_len; /* taken since the last header */
};

/* A table of the usual 4096 bytes has no more entries: each counts 32 bytes above its text (RFC 7541 4.1). */
#define PLACEHOLDERS 128

static uint64_t bytes_now;

static bool has_room(size_t size, const void *memcap)
{
    if (bytes_now + size <= *(const uint64_t *)memcap)
        return true;
    count(COUNT_INSPECT_MEMORY);
    return false;
}

static void *counted(void *p)
{
    bytes_now += malloc_usable_size(p);
    return p;
}

static void *hpack_malloc(size_t size, void *user)
{
    return has_room(size, user) ? counted(malloc(size)) : NULL;
}

static void *hpack_calloc(size_t n, size_t size, void *user)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return has_room(n * size, user) ? counted(calloc(n, size)) : NULL;
}

static void hpack_free(void *p, void *user)
{
    (void)user;
    bytes_now -= malloc_usable_size(p);
    free(p);
}

static void *hpack_realloc(void *p, size_t size, void *user)
{
    size_t before = malloc_usable_size(p);
    void *grown;

    if (!has_room(size, user))
        return NULL;
    grown = realloc(p, size);
    if (!grown)
        return NULL;
    bytes_now -= before;
    return counted(grown);
}

uint64_t http2_hpack_bytes(void)
{
    return bytes_now;
}

/* Lets the table be as large as can be, and fills it: 001 and the size in a 5-bit prefix (RFC 7541 5.1 and
 * 6.3), then new names and values, all empty (6.2.1). */
static bool fill(struct http2_hpack *p, uint32_t max_table)
{
    uint8_t block[8 + 3 * PLACEHOLDERS];
    size_t n = 0;
    struct bytes in;
    struct http2_header ignored;
    enum http2_hpack_next next;

    if (max_table >= 31) {
        uint32_t rest = max_table - 31;

        block[n++] = 0x3f;
        for (; rest >= 0x80; rest >>= 7)
            block[n++] = (uint8_t)(0x80 | (rest & 0x7f));
        block[n++] = (uint8_t)rest;
    } else {
        block[n++] = (uint8_t)(0x20 | max_table);
    }
    for (unsigned i = 0; i < PLACEHOLDERS; i++) {
        block[n++] = 0x40;
        block[n++] = 0;
        block[n++] = 0;
    }
    in = bytes_of(block, n);
    while ((next = http2_hpack_next(p, &in, &ignored)) == HTTP2_HPACK_HEADER)
        ;
    return next == HTTP2_HPACK_MORE && http2_hpack_end(p);
}

struct http2_hpack *http2_hpack_new(uint32_t max_table, uint64_t memcap, bool partial)
{
    struct http2_hpack *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->memcap = memcap;
    p->mem = (nghttp2_mem){&p->memcap, hpack_malloc, hpack_free, hpack_calloc, hpack_realloc};
    if (nghttp2_hd_inflate_new2(&p->inflater, &p->mem) == 0 &&
        nghttp2_hd_inflate_change_table_size(p->inflater, max_table) == 0 && (!partial || fill(p, max_table)))
        return p;
    http2_hpack_free(p);
    return NULL;
}

void http2_hpack_free(struct http2_hpack *p)
{
    if (!p)
        return;
    if (p->inflater)
        nghttp2_hd_inflate_del(p->inflater);
    free(p);
}

enum http2_hpack_next http2_hpack_next(struct http2_hpack *p, struct bytes *in, struct http2_header *header)
{
    nghttp2_nv nv;
    int flags = 0;
    ssize_t used;

    if (in->len == 0)
        return HTTP2_HPACK_MORE;
    used = nghttp2_hd_inflate_hd2(p->inflater, &nv, &flags, in->p, in->len, 0);
    if (used < 0)
        return HTTP2_HPACK_BAD;
    *in = bytes_from(*in, (size_t)used);
    p->wire_len += (size_t)used;
    if (!(flags & NGHTTP2_HD_INFLATE_EMIT))
        return in->len ? HTTP2_HPACK_BAD : HTTP2_HPACK_MORE;
    header->name = bytes_of(nv.name, nv.namelen);
    header->value = bytes_of(nv.value, nv.valuelen);
    header->wire_len = p->wire_len;
    p->wire_len = 0;
    return HTTP2_HPACK_HEADER;
}

bool http2_hpack_end(struct http2_hpack *p)
{
    static const uint8_t nothing[1];
    nghttp2_nv nv;
    int flags = 0;

    p->wire_len = 0;
    return nghttp2_hd_inflate_hd2(p->inflater, &nv, &flags, nothing, 0, 1) == 0 &&
           (flags & NGHTTP2_HD_INFLATE_FINAL) && nghttp2_hd_inflate_end_headers(p->inflater) == 0;
}

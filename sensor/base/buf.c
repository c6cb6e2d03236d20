/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool buf_grow(struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : 64;
    uint8_t *p;

    if (need <= b->cap)
        return true;
    if (need > b->ceiling)
        return false;
    while (cap < need)
        cap *= 2;
    if (cap > b->ceiling)
        cap = b->ceiling;
    p = realloc(b->p, cap);
    if (!p)
        return false;
    b->p = p;
    b->cap = cap;
    return true;
}

bool buf_add(struct buf *b, struct bytes piece)
{
    bool whole = piece.len <= b->ceiling - b->len;

    if (piece.len == 1 && whole && b->len < b->cap) { /* who sends byte by byte pays for no more than that */
        b->p[b->len++] = *piece.p;
        return true;
    }
    if (!whole)
        piece.len = b->ceiling - b->len;
    if (piece.len == 0)
        return whole;
    if (!buf_grow(b, b->len + piece.len))
        return false;
    memcpy(b->p + b->len, piece.p, piece.len);
    b->len += piece.len;
    return whole;
}

bool buf_add_byte(struct buf *b, uint8_t c)
{
    if (b->len == b->cap && (b->len == b->ceiling || !buf_grow(b, b->len + 1)))
        return false;
    b->p[b->len++] = c;
    return true;
}

bool buf_add_str(struct buf *b, const char *s)
{
    return buf_add(b, bytes_str(s));
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
    char small[256], *text = small;
    va_list args;
    int n;
    bool whole;

    va_start(args, fmt);
    n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (n < 0)
        return false;
    if ((size_t)n >= sizeof small) {
        text = malloc((size_t)n + 1);
        if (!text)
            return false;
        va_start(args, fmt);
        (void)vsnprintf(text, (size_t)n + 1, fmt, args);
        va_end(args);
    }
    whole = buf_add(b, bytes_of(text, (size_t)n));
    if (text != small)
        free(text);
    return whole;
}

uint8_t *buf_room(struct buf *b, size_t n)
{
    if (n > b->ceiling - b->len || !buf_grow(b, b->len + n))
        return NULL;
    return b->p + b->len;
}

void buf_wrote(struct buf *b, size_t n)
{
    assert(n <= b->cap - b->len);
    b->len += n;
}

void buf_cut_front(struct buf *b, size_t n)
{
    if (n >= b->len) {
        b->len = 0;
        return;
    }
    if (n == 0)
        return;
    memmove(b->p, b->p + n, b->len - n);
    b->len -= n;
}

void buf_drop(struct buf *b)
{
    free(b->p);
    b->p = NULL;
    b->len = b->cap = 0;
}
